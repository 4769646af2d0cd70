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
 * flowgen: a known load of flow export, for tests and measurements.
 *
 *	flowgen [-6 percent] [-a agents] [-c datagrams] [-f format] [-r rate]
 *	    [-S seed] [-s seconds] [-T every] address port
 *
 * -f is v1, v5, v7, v9 or ipfix.  -a sends in turn from 127.0.2.1 and up, as
 * many exporters.  -r is in datagrams a second, 0 for all at once; -s sets
 * the count from it.  -T: a template every so many datagrams of an exporter.
 * -6: that percentage of the datagrams of v9 and ipfix carries IPv6 flows.
 *
 * The same seed makes the same flows.  What was sent is told as one line of
 * JSON; "flows" counts records, "packets" and "octets" what the flows say.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"

#define AGENTS_MAX 200
#define DATAGRAM_MAX 1472
#define TEMPLATE_V4 256
#define TEMPLATE_V6 257
#define UPTIME_MS 3600000

struct agent {
	int fd;
	uint32_t seq;
	uint64_t datagrams;
};

/* One flow, before it is put in a format. */
struct gen_flow {
	uint32_t src, dst;
	uint16_t sport, dport;
	uint32_t packets, octets;
	uint32_t first, last; /* ms of uptime */
	uint8_t proto, flags, tos;
};

struct gen;

struct format {
	const char *name;
	uint16_t version;
	uint32_t records; /* of a datagram */
	void (*header)(struct gen *, struct agent *, struct wr *);
	void (*record)(struct gen *, struct wr *, const struct gen_flow *);
};

struct gen {
	const struct format *format;
	struct agent agents[AGENTS_MAX];
	uint64_t rng;
	uint64_t count;
	double rate;
	uint32_t nagents;
	uint32_t percent6;
	uint32_t template_every;
	uint32_t now; /* s since 1970 */
	uint64_t flows, packets, octets, bytes, datagrams;
};

/* A multiplicative congruential step with the high bits mixed down. */
static uint32_t
draw(struct gen *g)
{
	uint64_t x;

	g->rng = g->rng * 6364136223846793005ULL + 1442695040888963407ULL;
	x = g->rng;
	x ^= x >> 29;
	return ((uint32_t)(x >> 24));
}

/* The buffer is large enough for any datagram: sizes are fixed. */
static void
u8(struct wr *wr, uint32_t v)
{
	if (wr_u8(wr, (uint8_t)v) == -1)
		errx(1, "a datagram is too long");
}

static void
u16(struct wr *wr, uint32_t v)
{
	if (wr_u16(wr, (uint16_t)v) == -1)
		errx(1, "a datagram is too long");
}

static void
u32(struct wr *wr, uint32_t v)
{
	if (wr_u32(wr, v) == -1)
		errx(1, "a datagram is too long");
}

static void
draw_flow(struct gen *g, struct gen_flow *f)
{
	static const uint16_t services[] = {443, 80, 53, 22, 25, 123, 993,
	    8080};
	uint32_t r = draw(g);

	f->src = 0x0a000000 | (r & 0xffff);
	f->dst = 0xc6120000 | (draw(g) & 0x1ffff);
	f->sport = (uint16_t)(1024 + draw(g) % 64512);
	f->dport = services[r >> 29];
	f->proto = f->dport == 53 || f->dport == 123 ? 17 : 6;
	f->flags = f->proto == 6 ? 0x1b : 0;
	f->tos = (uint8_t)((r >> 20) & 0xfc);
	f->packets = 1 + draw(g) % 100;
	f->octets = f->packets * (40 + draw(g) % 1400);
	f->last = UPTIME_MS - draw(g) % 1000;
	f->first = f->last - draw(g) % 60000;
	g->packets += f->packets;
	g->octets += f->octets;
	g->flows++;
}

static void
header_fixed(struct gen *g, struct agent *a, struct wr *wr)
{
	u16(wr, g->format->version);
	u16(wr, g->format->records);
	u32(wr, UPTIME_MS);
	u32(wr, g->now);
	u32(wr, 0);
	if (g->format->version == 1)
		return;
	u32(wr, a->seq);
	u32(wr, 0); /* v5: engine, sampling; v7: reserved */
	a->seq += g->format->records;
}

/* The first 36 bytes of a record are the same in v1, v5 and v7. */
static void
record_start(struct wr *wr, const struct gen_flow *f)
{
	u32(wr, f->src);
	u32(wr, f->dst);
	u32(wr, 0);
	u16(wr, 1);
	u16(wr, 2);
	u32(wr, f->packets);
	u32(wr, f->octets);
	u32(wr, f->first);
	u32(wr, f->last);
	u16(wr, f->sport);
	u16(wr, f->dport);
}

static void
record_v1(struct gen *g, struct wr *wr, const struct gen_flow *f)
{
	(void)g;
	record_start(wr, f);
	u16(wr, 0);
	u8(wr, f->proto);
	u8(wr, f->tos);
	u8(wr, f->flags);
	u8(wr, 0);
	u16(wr, 0);
	u32(wr, 0);
}

static void
record_v5(struct gen *g, struct wr *wr, const struct gen_flow *f)
{
	(void)g;
	record_start(wr, f);
	u8(wr, 0);
	u8(wr, f->flags);
	u8(wr, f->proto);
	u8(wr, f->tos);
	u16(wr, 64500);
	u16(wr, 64501);
	u8(wr, 16);
	u8(wr, 15);
	u16(wr, 0);
}

static void
record_v7(struct gen *g, struct wr *wr, const struct gen_flow *f)
{
	record_v5(g, wr, f);
	u32(wr, 0xc0000201);
}

static void
header_v9(struct gen *g, struct agent *a, struct wr *wr)
{
	u16(wr, 9);
	u16(wr, 0); /* patched */
	u32(wr, UPTIME_MS);
	u32(wr, g->now);
	u32(wr, a->seq++);
	u32(wr, 0);
}

static void
header_ipfix(struct gen *g, struct agent *a, struct wr *wr)
{
	u16(wr, 10);
	u16(wr, 0); /* patched */
	u32(wr, g->now);
	u32(wr, a->seq);
	u32(wr, 0);
	a->seq += g->format->records;
}

/* What v9 and IPFIX records have in common, behind addresses and times. */
static void
record_templated(struct wr *wr, const struct gen_flow *f)
{
	u32(wr, f->packets);
	u32(wr, f->octets);
	u16(wr, f->sport);
	u16(wr, f->dport);
	u8(wr, f->proto);
	u8(wr, f->flags);
	u8(wr, f->tos);
	u8(wr, 0);
}

static void
record_v9(struct gen *g, struct wr *wr, const struct gen_flow *f)
{
	(void)g;
	u32(wr, f->first);
	u32(wr, f->last);
	record_templated(wr, f);
}

/* IPFIX knows no uptime: milliseconds since 1970. */
static void
record_ipfix(struct gen *g, struct wr *wr, const struct gen_flow *f)
{
	uint64_t boot = (uint64_t)g->now * 1000 - UPTIME_MS;

	if (wr_u64(wr, boot + f->first) == -1 ||
	    wr_u64(wr, boot + f->last) == -1)
		errx(1, "a datagram is too long");
	record_templated(wr, f);
}

/* clang-format off */
static const struct format formats[] = {
	{ "v1",    1,  24, header_fixed, record_v1 },
	{ "v5",    5,  30, header_fixed, record_v5 },
	{ "v7",    7,  27, header_fixed, record_v7 },
	{ "v9",    9,  22, header_v9,    record_v9 },
	{ "ipfix", 10, 22, header_ipfix, record_ipfix },
};

/* Elements behind the addresses: flow start and end, then the same. */
static const uint16_t times_v9[][2] = { { 22, 4 }, { 21, 4 } };
static const uint16_t times_ipfix[][2] = { { 152, 8 }, { 153, 8 } };
static const uint16_t elements[][2] = {
	{ 2, 4 }, { 1, 4 }, { 7, 2 }, { 11, 2 },
	{ 4, 1 }, { 6, 1 }, { 5, 1 }, { 210, 1 },
};
/* clang-format on */

#define NELEMENTS (sizeof(elements) / sizeof(elements[0]))
#define NFIELDS (NELEMENTS + 4) /* two addresses, two times */

/* Both templates in one set. */
static void
put_templates(struct gen *g, struct wr *wr)
{
	const uint16_t(*times)[2] =
	    g->format->version == 9 ? times_v9 : times_ipfix;
	size_t i;
	int v6;

	u16(wr, g->format->version == 9 ? 0 : 2);
	u16(wr, (uint32_t)(4 + 2 * (4 + NFIELDS * 4)));
	for (v6 = 0; v6 < 2; v6++) {
		u16(wr, v6 ? TEMPLATE_V6 : TEMPLATE_V4);
		u16(wr, NFIELDS);
		u16(wr, v6 ? 27 : 8);
		u16(wr, v6 ? 16 : 4);
		u16(wr, v6 ? 28 : 12);
		u16(wr, v6 ? 16 : 4);
		for (i = 0; i < 2; i++) {
			u16(wr, times[i][0]);
			u16(wr, times[i][1]);
		}
		for (i = 0; i < NELEMENTS; i++) {
			u16(wr, elements[i][0]);
			u16(wr, elements[i][1]);
		}
	}
}

static void
put_addr6(struct wr *wr, uint32_t low)
{
	u32(wr, 0x20010db8);
	u32(wr, 0);
	u32(wr, 0);
	u32(wr, low);
}

static uint32_t
record_length(const struct gen *g, bool v6)
{
	return ((v6 ? 32 : 8) + (g->format->version == 9 ? 8 : 16) + 16);
}

/* A data set; its records are multiples of 4 bytes, so it has no padding. */
static void
put_data(struct gen *g, struct wr *wr)
{
	struct gen_flow f;
	bool v6 = g->percent6 > 0 && draw(g) % 100 < g->percent6;
	uint32_t i;

	u16(wr, v6 ? TEMPLATE_V6 : TEMPLATE_V4);
	u16(wr, 4 + g->format->records * record_length(g, v6));
	for (i = 0; i < g->format->records; i++) {
		draw_flow(g, &f);
		if (v6) {
			put_addr6(wr, f.src);
			put_addr6(wr, f.dst);
		} else {
			u32(wr, f.src);
			u32(wr, f.dst);
		}
		g->format->record(g, wr, &f);
	}
}

static size_t
build(struct gen *g, struct agent *a, uint8_t *buf)
{
	struct wr wr = wr_init(buf, DATAGRAM_MAX), at;
	struct gen_flow f;
	bool template = false;
	uint32_t i;
	size_t len;

	g->format->header(g, a, &wr);
	if (g->format->version >= 9) {
		template = a->datagrams % g->template_every == 0;
		if (template)
			put_templates(g, &wr);
		put_data(g, &wr);
	} else {
		for (i = 0; i < g->format->records; i++) {
			draw_flow(g, &f);
			g->format->record(g, &wr, &f);
		}
	}
	a->datagrams++;
	len = DATAGRAM_MAX - wr.left;
	at = wr_init(buf + 2, 2);
	if (g->format->version == 9)
		u16(&at, g->format->records + (template ? 2 : 0));
	else if (g->format->version == 10)
		u16(&at, (uint32_t)len);
	return (len);
}

static void
open_agent(struct agent *a, uint32_t n, const struct addrinfo *to, bool alone)
{
	struct sockaddr_in sin;

	if ((a->fd = socket(to->ai_family, SOCK_DGRAM, 0)) == -1)
		err(1, "socket");
	if (!alone) {
		memset(&sin, 0, sizeof(sin));
		sin.sin_family = AF_INET;
		sin.sin_addr.s_addr = htonl(0x7f000201 + n);
		if (bind(a->fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
			err(1, "127.0.2.%u", n + 1);
	}
	if (connect(a->fd, to->ai_addr, to->ai_addrlen) == -1)
		err(1, "connect");
}

static double
seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((double)(now.tv_sec - start->tv_sec) +
	    (double)(now.tv_nsec - start->tv_nsec) / 1e9);
}

static void
pace(const struct gen *g, const struct timespec *start)
{
	struct timespec nap = {0, 0};
	double due;

	/* Naps are coarse: look at the clock every few datagrams. */
	if (g->rate <= 0 || (g->rate > 10000 && g->datagrams % 8 != 0))
		return;
	due = (double)g->datagrams / g->rate - seconds_since(start);
	if (due < 50e-6)
		return;
	nap.tv_sec = (time_t)due;
	nap.tv_nsec = (long)((due - (double)nap.tv_sec) * 1e9);
	nanosleep(&nap, NULL);
}

static void
send_all(struct gen *g, const struct timespec *start)
{
	uint8_t buf[DATAGRAM_MAX];
	struct agent *a;
	size_t len;

	while (g->datagrams < g->count) {
		a = &g->agents[g->datagrams % g->nagents];
		len = build(g, a, buf);
		while (send(a->fd, buf, len, 0) == -1) {
			if (errno != ENOBUFS && errno != ECONNREFUSED)
				err(1, "send");
			if (errno == ENOBUFS)
				usleep(100);
		}
		g->datagrams++;
		g->bytes += len;
		pace(g, start);
	}
}

static void
tell(const struct gen *g, double seconds)
{
	printf("{\"format\":\"%s\",\"datagrams\":%llu,\"bytes\":%llu,"
	       "\"flows\":%llu,\"packets\":%llu,\"octets\":%llu,"
	       "\"seconds\":%.6f,\"flows_per_second\":%.0f}\n",
	    g->format->name, (unsigned long long)g->datagrams,
	    (unsigned long long)g->bytes, (unsigned long long)g->flows,
	    (unsigned long long)g->packets, (unsigned long long)g->octets,
	    seconds, seconds > 0 ? (double)g->flows / seconds : 0);
}

static void __attribute__((__noreturn__)) usage(void)
{
	fprintf(stderr,
	    "usage: flowgen [-6 percent] [-a agents] [-c datagrams] "
	    "[-f v1|v5|v7|v9|ipfix]\n"
	    "               [-r rate] [-S seed] [-s seconds] [-T every] "
	    "address port\n");
	exit(2);
}

static const struct format *
format_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return (&formats[i]);
	usage();
}

static uint32_t
arg_u32(const char *s, uint32_t min, uint32_t max)
{
	char *end;
	unsigned long v;

	v = strtoul(s, &end, 10);
	if (end == s || *end != '\0' || v < min || v > max)
		errx(2, "%s: a number from %u to %u is wanted", s, min, max);
	return ((uint32_t)v);
}

static void
options(struct gen *g, int argc, char *argv[])
{
	double seconds = 0;
	int ch;

	while ((ch = getopt(argc, argv, "6:a:c:f:r:S:s:T:")) != -1) {
		switch (ch) {
		case '6':
			g->percent6 = arg_u32(optarg, 0, 100);
			break;
		case 'a':
			g->nagents = arg_u32(optarg, 1, AGENTS_MAX);
			break;
		case 'c':
			g->count = arg_u32(optarg, 1, UINT32_MAX);
			break;
		case 'f':
			g->format = format_find(optarg);
			break;
		case 'r':
			g->rate = strtod(optarg, NULL);
			break;
		case 'S':
			g->rng = arg_u32(optarg, 0, UINT32_MAX);
			break;
		case 's':
			seconds = strtod(optarg, NULL);
			break;
		case 'T':
			g->template_every = arg_u32(optarg, 1, UINT32_MAX);
			break;
		default:
			usage();
		}
	}
	if (seconds > 0 && g->rate > 0)
		g->count = (uint64_t)(seconds * g->rate);
}

int
main(int argc, char *argv[])
{
	static struct gen g;
	struct addrinfo hints, *to;
	struct format smaller;
	struct timespec start;
	uint32_t i;
	int e;

	g.format = format_find("v5");
	g.nagents = 1;
	g.count = 1000;
	g.rate = 1000;
	g.template_every = 1000;
	g.now = (uint32_t)time(NULL);
	options(&g, argc, argv);
	if (argc - optind != 2)
		usage();
	/* IPv6 records are longer: fewer fit. */
	if (g.percent6 > 0 && g.format->version >= 9) {
		smaller = *g.format;
		smaller.records = 16;
		g.format = &smaller;
	}
	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_DGRAM;
	hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	if ((e = getaddrinfo(argv[optind], argv[optind + 1], &hints, &to)) != 0)
		errx(1, "%s: %s", argv[optind], gai_strerror(e));
	for (i = 0; i < g.nagents; i++)
		open_agent(&g.agents[i], i, to, g.nagents == 1);
	clock_gettime(CLOCK_MONOTONIC, &start);
	send_all(&g, &start);
	tell(&g, seconds_since(&start));
	freeaddrinfo(to);
	return (0);
}
