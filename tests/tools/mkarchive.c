/*
 * Copyright (c) 2026 The flowd authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * mkarchive: archives and segments for tests and measurements.
 *
 *	mkarchive -g flows | -i log | -p pcap | -m segment...
 *	    [-6 percent] [-a directory] [-D damages] [-l level] [-q] [-R rate]
 *	    [-r seconds] [-S seed] [-T time]
 *
 * The flows are generated (-g: so many, -R a second, from -T on; -6 of a
 * hundred are IPv6), those of a log of version 3, or of recorded packets of
 * export; they come as they would to a collector: a block a second.  -q leaves
 * it so, else segments are sealed with zstd of a level (0: none).  -a makes an
 * archive of segments of -r seconds, else one segment goes to standard output.
 * -m makes one of segments.  -D flips so many bits of each.  The same options
 * make the same bytes.  What was made is told on standard error.
 */

#include <sys/types.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "archive/pack.h"
#include "archive/reseal.h"
#include "archive/rows.h"
#include "archive/segname.h"
#include "decode/decode.h"
#include "store.h"

#define INSIDE 30000  /* hosts */
#define OUTSIDE 70000 /* likewise */
#define DATAGRAM 30   /* flows */

struct buffer {
	uint8_t *p;
	size_t len, room;
};

static struct {
	const char *archive; /* NULL: standard output */
	bool quick;
	int level;
	uint32_t rotate;
	uint64_t rate;
	uint64_t seed;
	int64_t start;
	unsigned int ipv6;
	unsigned int damages;
} o = {.level = 1, .rotate = 300, .rate = 1000, .seed = 1, .start = 1700000100};

static struct {
	struct rows *rows;
	int64_t second; /* of the rows */
	int64_t slot;	/* of the segment */
	struct buffer segment;
	uint64_t flows, segments, quick_bytes, bytes;
	double pack_ns, seal_ns;
} made;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
grow(struct buffer *b, size_t more)
{
	if (b->room - b->len >= more)
		return;
	b->room = (b->len + more) * 2;
	if ((b->p = realloc(b->p, b->room)) == NULL)
		err(1, NULL);
}

static int
append(void *arg, const uint8_t *p, size_t len)
{
	struct buffer *b = arg;

	grow(b, len);
	memcpy(b->p + b->len, p, len);
	b->len += len;
	return (0);
}

/* Random numbers that are the same everywhere. */

static uint64_t
next_random(void)
{
	uint64_t z = (o.seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31);
}

static uint64_t
below(uint64_t n)
{
	return (next_random() % n);
}

/* Segments. */

static FILE *
segment_file(char *path, size_t size)
{
	struct segname name = {.start = made.slot * o.rotate,
	    .span = o.rotate,
	    .copy = 1,
	    .kind = o.quick ? SEG_LIVE : SEG_FLOW};
	char dir[SEGDIR_MAX], file[SEGNAME_MAX];
	FILE *fp;
	char *p;

	if (o.archive == NULL)
		return (stdout);
	(void)snprintf(path, size, "%s/%s/%s", o.archive,
	    segname_dir(&name, dir), segname_format(&name, file));
	for (p = path + 1; *p != '\0'; p++)
		if (*p == '/') {
			*p = '\0';
			if (mkdir(path, 0755) == -1 && errno != EEXIST)
				err(1, "%s", path);
			*p = '/';
		}
	if ((fp = fopen(path, "w")) == NULL)
		err(1, "%s", path);
	return (fp);
}

static void
write_segment(const struct buffer *b)
{
	char path[4096] = "standard output";
	unsigned int i;
	FILE *fp;

	for (i = 0; i < o.damages && b->len > 0; i++)
		b->p[below(b->len)] ^= (uint8_t)(1 << below(8));
	fp = segment_file(path, sizeof(path));
	if (fwrite(b->p, 1, b->len, fp) != b->len || fflush(fp) != 0)
		err(1, "%s", path);
	if (fp != stdout)
		fclose(fp);
	made.segments++;
	made.bytes += b->len;
}

static struct reseal *
begin_seal(struct buffer *to)
{
	struct reseal *r = reseal_new(o.level, append, to);

	if (r == NULL)
		errx(1, "no memory, or no zstd: try -l 0");
	return (r);
}

static void
end_seal(struct reseal *r)
{
	const struct reseal_totals *t = reseal_totals(r);

	if (reseal_end(r) == -1)
		errx(1, "cannot seal");
	if (t->damaged > 0)
		fprintf(stderr,
		    "damaged: %" PRIu64 " places, %" PRIu64 " bytes, %" PRIu64
		    " flows known to be lost\n",
		    t->damaged, t->damaged_bytes, t->damaged_flows);
	reseal_free(r);
}

static void
end_segment(void)
{
	struct buffer sealed = {NULL, 0, 0};
	struct reseal *r;
	double t = now();

	if (made.segment.len == 0)
		return;
	made.quick_bytes += made.segment.len;
	if (!o.quick) {
		r = begin_seal(&sealed);
		if (reseal_segment(r, made.segment.p, made.segment.len) == -1)
			errx(1, "cannot seal");
		end_seal(r);
		made.seal_ns += now() - t;
	}
	write_segment(o.quick ? &made.segment : &sealed);
	made.segment.len = 0;
	free(sealed.p);
}

static void
end_block(void)
{
	size_t len, room;
	double t = now();

	if (rows_count(made.rows) == 0)
		return;
	room = pack_bound(made.rows);
	grow(&made.segment, room);
	len = pack_quick(made.rows, made.segment.p + made.segment.len, room);
	if (len == 0)
		errx(1, "cannot pack");
	made.segment.len += len;
	rows_clear(made.rows);
	made.pack_ns += now() - t;
}

static void
take(const struct flow *f)
{
	const int64_t second = f->recv_time / NSEC_PER_SEC;
	const int64_t slot = o.archive == NULL ? 0 : second / (int64_t)o.rotate;

	if (second != made.second || slot != made.slot)
		end_block();
	if (slot != made.slot)
		end_segment();
	made.second = second;
	made.slot = slot;
	if (!rows_add(made.rows, f)) {
		end_block();
		if (!rows_add(made.rows, f))
			errx(1, "a flow that no rows take");
	}
	made.flows++;
}

/* Generated flows: as a router sees those of a site with some servers. */

static double popular[INSIDE + OUTSIDE]; /* sums of 1 / rank, of both */

static void
make_popular(void)
{
	double sum = 0;
	uint32_t i;

	for (i = 0; i < INSIDE + OUTSIDE; i++) {
		if (i == INSIDE)
			sum = 0;
		sum += 1.0 / (i < INSIDE ? i + 1 : i - INSIDE + 1);
		popular[i] = sum;
	}
}

/* One of n hosts, the first most often. */
static uint32_t
rank(const double *sums, uint32_t n)
{
	const double want =
	    (double)(next_random() >> 11) / 9007199254740992.0 * sums[n - 1];
	uint32_t low = 0, high = n - 1, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (sums[mid] < want)
			low = mid + 1;
		else
			high = mid;
	}
	return (low);
}

static uint32_t
scatter(uint32_t n)
{
	n = (n ^ n >> 16) * 0x7feb352dU;
	n = (n ^ n >> 15) * 0x846ca68bU;
	return (n ^ n >> 16);
}

static void
set_host(struct addr *a, bool inside, uint32_t n, bool ipv6)
{
	const uint32_t v = inside ? 0x0a000000 | (scatter(n) & 0x3ffff)
				  : 0x20000000 + (scatter(n) >> 1);

	*a = (struct addr){.family = ipv6 ? ADDR_V6 : ADDR_V4};
	if (ipv6) {
		memcpy(a->b, inside ? "\x20\x01\x0d\xb8" : "\x2a\x00\x14\x50",
		    4);
		be32_put(a->b + 4, inside ? n & 3 : scatter(n) >> 12);
		be32_put(a->b + 12, scatter(n + 1));
	} else
		be32_put(a->b, v);
}

static void
set_sizes(struct flow *f, bool answer)
{
	uint64_t spread = below(1 << 20) + 1;

	f->packets = f->protocol == 6 ? 1 + (1 << 19) / spread : 1;
	if (f->packets > 100000)
		f->packets = 100000;
	f->octets = f->packets *
	    (f->packets == 1 ? 40 + below(128)
			     : 60 + below(answer ? 1400 : 250));
	f->end = f->export_time - (int64_t)below(1024) * NSEC_PER_MSEC;
	f->start = f->packets == 1 ? f->end
				   : f->end -
		(int64_t)below(below(4) == 0 ? 60000 : 1000) * NSEC_PER_MSEC;
	f->start_uptime = (uint32_t)(f->sys_uptime +
	    (uint64_t)((f->start - f->export_time) / NSEC_PER_MSEC));
	f->end_uptime = (uint32_t)(f->sys_uptime +
	    (uint64_t)((f->end - f->export_time) / NSEC_PER_MSEC));
}

static void
set_hosts(struct flow *f, bool answer)
{
	static const uint16_t services[] = {443, 443, 443, 443, 80, 80, 53, 53,
	    53, 123, 22, 25, 993, 8080, 3389, 0};
	const uint32_t client = rank(popular, INSIDE);
	const uint32_t server = rank(popular + INSIDE, OUTSIDE);
	const bool ipv6 = below(100) < o.ipv6;
	uint16_t service = services[below(16)];
	uint16_t high = (uint16_t)(32768 + below(28232));

	if (service == 0)
		service = (uint16_t)(1024 + below(30000));
	set_host(answer ? &f->dst_addr : &f->src_addr, true, client, ipv6);
	set_host(answer ? &f->src_addr : &f->dst_addr, false, server, ipv6);
	f->protocol = service == 53 || service == 123 ? 17 : 6;
	f->src_port = answer ? service : high;
	f->dst_port = answer ? high : service;
	f->tcp_flags = f->protocol == 17 ? 0 : below(4) == 0 ? 0x02 : 0x1b;
	f->tos = below(16) == 0 ? 0xb8 : 0;
	f->in_if = (uint32_t)(answer ? 1 + below(4) : 10 + below(32));
	f->out_if = (uint32_t)(answer ? 10 + below(32) : 1 + below(4));
	f->next_hop = (struct addr){.family = ADDR_V4, .b = {192, 0, 2}};
	f->next_hop.b[3] = (uint8_t)(1 + (f->out_if & 7));
	f->src_as = answer ? 1 + scatter(server) % 4096 : 64512;
	f->dst_as = answer ? 64512 : 1 + scatter(server) % 4096;
	f->src_mask = (uint8_t)(answer ? 12 + scatter(server) % 13 : 24);
	f->dst_mask = (uint8_t)(answer ? 24 : 12 + scatter(server) % 13);
}

static void
generate(uint64_t n)
{
	static const enum flow_field has[] = {FLOW_RECV_TIME, FLOW_AGENT,
	    FLOW_VERSION, FLOW_SEQUENCE, FLOW_EXPORT_TIME, FLOW_SYS_UPTIME,
	    FLOW_ENGINE_TYPE, FLOW_ENGINE_ID, FLOW_START, FLOW_END,
	    FLOW_START_UPTIME, FLOW_END_UPTIME, FLOW_PROTOCOL, FLOW_TCP_FLAGS,
	    FLOW_TOS, FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_NEXT_HOP,
	    FLOW_SRC_PORT, FLOW_DST_PORT, FLOW_PACKETS, FLOW_OCTETS, FLOW_IN_IF,
	    FLOW_OUT_IF, FLOW_SRC_AS, FLOW_DST_AS, FLOW_SRC_MASK,
	    FLOW_DST_MASK};
	struct flow f = {.clock = CLOCK_UPTIME, .version = 5};
	uint64_t i, ms;
	size_t k;
	bool answer;

	make_popular();
	for (k = 0; k < sizeof(has) / sizeof(has[0]); k++)
		flow_set(&f, has[k]);
	f.agent = (struct addr){.family = ADDR_V4, .b = {192, 0, 2, 1}};
	for (i = 0; i < n; i++) {
		if (i % DATAGRAM == 0) {
			ms = i * 1000 / o.rate;
			f.export_time = o.start * NSEC_PER_SEC +
			    (int64_t)ms * NSEC_PER_MSEC;
			f.recv_time =
			    f.export_time + 50000 + (int64_t)below(1 << 17);
			f.sys_uptime = (uint32_t)(86400000 + ms);
			f.sequence = (uint32_t)i;
		}
		answer = below(2) == 1;
		set_hosts(&f, answer);
		set_sizes(&f, answer);
		take(&f);
	}
}

/* Flows of files. */

static struct buffer
read_file(const char *path)
{
	struct buffer b = {NULL, 0, 0};
	FILE *fp = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	size_t n;

	if (fp == NULL)
		err(1, "%s", path);
	do {
		grow(&b, 1 << 20);
		n = fread(b.p + b.len, 1, b.room - b.len, fp);
		b.len += n;
	} while (n > 0);
	if (ferror(fp))
		err(1, "%s", path);
	if (fp != stdin)
		fclose(fp);
	return (b);
}

static void
take_log(const char *path)
{
	struct buffer b = read_file(path);
	struct rd rd = rd_init(b.p, b.len);
	struct store_record rec;

	while (rd.left > 0) {
		if (store_read(&rd, &rec) == STORE_OK)
			take(&rec.flow);
		else if (rd_skip(&rd, store_resync(&rd)) == -1)
			break;
	}
	free(b.p);
}

static void
take_decoded(void *arg, struct flow *f)
{
	(void)arg;
	take(f);
}

static uint32_t
host32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return (v);
}

/* Ethernet, IPv4, UDP, all without options, as flowgen and mkpcap make it. */
static void
take_pcap(const char *path)
{
	struct buffer b = read_file(path);
	struct rd rd = rd_init(b.p, b.len), pkt;
	struct decoder *d = decode_new(NULL, take_decoded, NULL);
	struct dec_source src = {.port = 0};
	struct dec_report report;
	const uint8_t *h;

	if (d == NULL || rd_skip(&rd, 24) == -1 || host32(b.p) != 0xa1b2c3d4)
		errx(1, "%s: no pcap file of this machine", path);
	for (;;) {
		h = rd.p;
		if (rd_skip(&rd, 16) == -1 ||
		    rd_sub(&rd, host32(h + 8), &pkt) == -1)
			break;
		src.recv_time = (int64_t)host32(h) * NSEC_PER_SEC +
		    (int64_t)host32(h + 4) * 1000;
		h = pkt.p;
		if (rd_skip(&pkt, 14 + 20 + 8) == -1)
			continue;
		src.agent = (struct addr){.family = ADDR_V4};
		memcpy(src.agent.b, h + 26, 4);
		(void)decode_packet(d, &src, pkt, &report);
	}
	decode_free(d);
	free(b.p);
}

static void
merge(char **paths)
{
	struct buffer in, out = {NULL, 0, 0};
	struct reseal *r = begin_seal(&out);
	double t = now();

	for (; *paths != NULL; paths++) {
		in = read_file(*paths);
		made.quick_bytes += in.len;
		if (reseal_segment(r, in.p, in.len) == -1)
			errx(1, "cannot seal");
		free(in.p);
	}
	if (reseal_end(r) == -1)
		errx(1, "cannot seal");
	made.flows = reseal_totals(r)->flows_out;
	end_seal(r);
	made.seal_ns = now() - t;
	write_segment(&out);
	free(out.p);
}

static void
tell(void)
{
	const double n = made.flows > 0 ? (double)made.flows : 1;

	fprintf(stderr,
	    "flows %" PRIu64 " segments %" PRIu64 " bytes %" PRIu64
	    " a_flow %.2f quick %.2f pack_ns %.1f seal_ns %.1f\n",
	    made.flows, made.segments, made.bytes, (double)made.bytes / n,
	    (double)made.quick_bytes / n, made.pack_ns / n, made.seal_ns / n);
}

static __attribute__((__noreturn__)) void
usage(void)
{
	fputs("usage: mkarchive -g flows | -i log | -p pcap | -m segment...\n"
	      "    [-6 percent] [-a directory] [-D damages] [-l level] [-q] "
	      "[-R rate]\n    [-r seconds] [-S seed] [-T time]\n",
	    stderr);
	exit(1);
}

static uint64_t
number(const char *text)
{
	char *end;
	uint64_t v = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0')
		usage();
	return (v);
}

int
main(int argc, char **argv)
{
	const char *log = NULL, *pcap = NULL;
	uint64_t flows = 0;
	bool merging = false;
	int ch;

	while ((ch = getopt(argc, argv, "6:a:D:g:i:l:mp:qR:r:S:T:")) != -1)
		switch (ch) {
		case '6':
			o.ipv6 = (unsigned int)number(optarg);
			break;
		case 'a':
			o.archive = optarg;
			break;
		case 'D':
			o.damages = (unsigned int)number(optarg);
			break;
		case 'g':
			flows = number(optarg);
			break;
		case 'i':
			log = optarg;
			break;
		case 'l':
			o.level = (int)number(optarg);
			break;
		case 'm':
			merging = true;
			break;
		case 'p':
			pcap = optarg;
			break;
		case 'q':
			o.quick = true;
			break;
		case 'R':
			o.rate = number(optarg);
			break;
		case 'r':
			o.rotate = (uint32_t)number(optarg);
			break;
		case 'S':
			o.seed = number(optarg);
			break;
		case 'T':
			o.start = (int64_t)number(optarg);
			break;
		default:
			usage();
		}
	if (o.rate == 0 || o.rotate == 0 || (optind < argc) != merging)
		usage();
	if ((made.rows = rows_new(BLOCK_FLOWS, NULL)) == NULL)
		err(1, NULL);
	if (merging)
		merge(argv + optind);
	if (log != NULL)
		take_log(log);
	if (pcap != NULL)
		take_pcap(pcap);
	generate(flows);
	end_block();
	end_segment();
	rows_free(made.rows);
	free(made.segment.p);
	tell();
	return (0);
}
