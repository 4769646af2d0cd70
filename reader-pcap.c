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
 * Recorded export packets, decoded by the collector's own decoder.
 */

#include <pcap/pcap.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "reader.h"

/* Packets at a time, where batches are made of their flows. */
#define PIECE 256

struct capture {
	struct reader *r;
	const char *path;
	struct decoder *decoder;
	struct frags *frags;
	int link;
	int64_t now;   /* ns since 1970, of the packet */
	uint64_t read; /* flows, for -H */
	uint64_t frames;
	uint64_t datagrams; /* to one of the ports, whole */
	uint64_t flows;
	uint64_t options;
	uint64_t unknown_sets; /* without a template, beside known ones */
	uint64_t cut;	       /* frames, by DATAGRAM_x */
	uint64_t bad;
	uint64_t results[DEC_MAX];
	uint64_t lost, recovered, late, twice, anew; /* by sequence numbers */
};

/* As the log would have it, for the formats that are made from records. */
static bool
as_record(const struct flow *f, struct store_record *rec)
{
	uint8_t buf[STORE_WRITEMAX];
	struct wr wr = wr_init(buf, sizeof(buf));
	struct rd rd;

	if (store_write(&wr, f, STORE_ALL) != STORE_OK)
		return (false);
	rd = rd_init(buf, sizeof(buf) - wr.left);
	return (store_read(&rd, rec) == STORE_OK);
}

static void
take_flow(void *arg, struct flow *f)
{
	struct capture *c = arg;
	struct reader *r = c->r;
	struct store_record rec;

	c->flows++;
	if (r->scan.head != 0 && c->read >= r->scan.head)
		return;
	c->read++;
	memset(&rec, 0, sizeof(rec));
	if (r->format == READER_FLOWTOOLS && r->plain && !as_record(f, &rec))
		return;
	rec.flow = *f;
	r->scan.take(r->scan.taker, &rec);
}

static void
take_datagram(struct capture *c, const struct datagram *dg)
{
	struct dec_source from = {.agent = dg->src, .recv_time = c->now};
	struct dec_report report;
	enum dec_result result;

	if (c->r->ports != NULL && !c->r->ports[dg->dst_port])
		return;
	c->datagrams++;
	memset(&report, 0, sizeof(report));
	result = decode_packet(c->decoder, &from, dg->payload, &report);
	c->results[result]++;
	c->options += report.options;
	c->lost += report.seq_lost;
	c->recovered += report.seq_recovered;
	c->late += report.seq_reordered;
	c->twice += report.seq_duplicates;
	c->anew += report.seq_reset;
	if (result != DEC_NOTEMPLATE)
		c->unknown_sets += report.sets_no_template;
	if (!c->r->verbose || result == DEC_OK)
		return;
	if (result == DEC_NOTEMPLATE)
		warnx("%s: packet %" PRIu64 ": %s", c->path, c->frames,
		    dec_strerror(result));
	else
		warnx("%s: packet %" PRIu64 ": %s at byte %u", c->path,
		    c->frames, dec_strerror(result), report.error_at);
}

static void
take_frame(struct capture *c, struct rd frame)
{
	struct datagram dg;
	enum datagram_result result = datagram_parse(c->link, frame, &dg);

	c->frames++;
	if (result == DATAGRAM_FRAGMENT) {
		if (!frags_add(c->frags, &dg, c->now))
			return;
		result = datagram_udp(&dg);
	}
	switch (result) {
	case DATAGRAM_UDP:
		take_datagram(c, &dg);
		break;
	case DATAGRAM_SHORT:
		c->cut++;
		break;
	case DATAGRAM_BAD:
		c->bad++;
		break;
	default:
		break;
	}
}

static void
complain(const struct capture *c, uint64_t n, const char *what)
{
	if (n > 0)
		warnx("%s: %" PRIu64 " %s", c->path, n, what);
}

/* With -v everything, else what was not decoded. */
static void
summary(struct capture *c)
{
	char what[128];
	int i;

	if (c->r->verbose)
		warnx("%s: %" PRIu64 " packets, %" PRIu64 " datagrams, %" PRIu64
		      " flows, %" PRIu64 " option records",
		    c->path, c->frames, c->datagrams, c->flows, c->options);
	if (c->r->verbose)
		warnx("%s: by sequence numbers %" PRIu64 " lost; datagrams: "
		      "%" PRIu64 " late, %" PRIu64 " twice, %" PRIu64 " anew",
		    c->path, c->lost - c->recovered, c->late, c->twice,
		    c->anew);
	for (i = 0; i < DEC_MAX; i++) {
		if (i == DEC_OK && !c->r->verbose)
			continue;
		(void)snprintf(what, sizeof(what), "datagrams: %s",
		    dec_strerror((enum dec_result)i));
		complain(c, c->results[i], what);
		if (i > DEC_VERSION && c->results[i] > 0)
			reader_note(c->r, READER_DAMAGED);
	}
	complain(c, c->unknown_sets, "data sets without a template");
	complain(c, frags_lost(c->frags), "fragments of incomplete datagrams");
	complain(c, c->cut, "packets cut short");
	complain(c, c->bad, "packets with a malformed header");
}

/* So many packets.  False: there are no more. */
static bool
read_frames(struct capture *c, pcap_t *pcap, int most)
{
	struct pcap_pkthdr *hdr;
	const u_char *bytes;
	int n = 1;

	while (most-- > 0 && !reader_stop &&
	    (n = pcap_next_ex(pcap, &hdr, &bytes)) == 1) {
		/* Opened for nanoseconds: that is what tv_usec holds. */
		c->now =
		    (int64_t)hdr->ts.tv_sec * NSEC_PER_SEC + hdr->ts.tv_usec;
		take_frame(c, rd_init(bytes, hdr->caplen));
		if (c->r->scan.head != 0 && c->read >= c->r->scan.head)
			return (false);
		out_visible(c->r);
	}
	if (n == PCAP_ERROR) {
		warnx("%s: %s", c->path, pcap_geterr(pcap));
		reader_note(c->r, READER_DAMAGED);
	}
	return (n == 1 && !reader_stop);
}

static int
stream_read(void *arg, char *buf, int len)
{
	return ((int)input_read(arg, buf, (size_t)len));
}

static int
input_end(void *arg)
{
	input_close(arg);
	return (0);
}

/* Standard input and inflated captures, too, as libpcap wants them. */
static pcap_t *
open_capture(struct reader *r, const char *path, struct input **inp)
{
	char why[PCAP_ERRBUF_SIZE];
	struct input *in;
	pcap_t *pcap;
	FILE *fp;

	if ((in = input_open(&r->scan, path)) == NULL) {
		warn("%s", path);
		return (NULL);
	}
	if ((fp = funopen(in, stream_read, NULL, NULL, input_end)) == NULL)
		err(READER_FAILED, NULL);
	pcap = pcap_fopen_offline_with_tstamp_precision(fp,
	    PCAP_TSTAMP_PRECISION_NANO, why);
	if (pcap == NULL) {
		warnx("%s: %s", path, why);
		(void)fclose(fp);
		return (NULL);
	}
	*inp = in;
	return (pcap);
}

static void
say_ignored(void *arg, const struct dec_ignored *e)
{
	(void)arg;
	warnx("ignored: element %" PRIu32 ".%u in %" PRIu64 " records", e->pen,
	    e->id, e->records);
}

/* All of them: one decoder, because captures are cut and templates go on. */
struct captures {
	struct capture now;
	struct decoder *decoder;
	pcap_t *pcap; /* NULL: none is open */
	struct input *in;
};

static void *
captures_open(void *arg)
{
	struct reader *r = arg;
	struct captures *cs;

	if ((cs = calloc(1, sizeof(*cs))) == NULL ||
	    (cs->decoder = decode_new(NULL, take_flow, &cs->now)) == NULL)
		err(READER_FAILED, NULL);
	cs->now.r = r;
	decode_names(cs->decoder, true);
	return (cs);
}

/* What there is to say of one, and its end. */
static void
end_capture(struct captures *cs)
{
	struct capture *c = &cs->now;
	const char *damage;

	if (cs->pcap == NULL)
		return;
	summary(c);
	if ((damage = input_damage(cs->in)) != NULL &&
	    (c->r->scan.head == 0 || c->read < c->r->scan.head)) {
		warnx("%s: %s", c->path, damage);
		reader_note(c->r, READER_DAMAGED);
	}
	c->r->scan.log_bytes += input_taken(cs->in);
	pcap_close(cs->pcap);
	frags_free(c->frags);
	cs->pcap = NULL;
	c->frags = NULL;
}

static void
captures_next(void *source, const char *path)
{
	struct captures *cs = source;
	struct reader *r = cs->now.r;
	const char *name;
	int link;

	end_capture(cs);
	memset(&cs->now, 0, sizeof(cs->now));
	cs->now.r = r;
	cs->now.path = path;
	cs->now.decoder = cs->decoder;
	if ((cs->pcap = open_capture(r, path, &cs->in)) == NULL) {
		reader_note(r, READER_FAILED);
		return;
	}
	link = cs->now.link = pcap_datalink(cs->pcap);
	if (datagram_link_known(link)) {
		if ((cs->now.frags = frags_new()) == NULL)
			err(READER_FAILED, NULL);
		return;
	}
	name = pcap_datalink_val_to_name(link);
	warnx("%s: link type %s (%d) is not supported", path,
	    name == NULL ? "unknown" : name, link);
	reader_note(r, READER_FAILED);
	pcap_close(cs->pcap);
	cs->pcap = NULL;
}

static bool
captures_more(void *source)
{
	struct captures *cs = source;

	if (cs->pcap == NULL)
		return (false);
	if (read_frames(&cs->now, cs->pcap, PIECE))
		return (true);
	end_capture(cs);
	return (false);
}

static uint64_t
captures_taken(const void *source)
{
	const struct captures *cs = source;

	return (cs->pcap == NULL ? 0 : input_taken(cs->in));
}

static void
captures_close(void *source)
{
	struct captures *cs = source;

	if (cs == NULL)
		return;
	end_capture(cs);
	if (cs->now.r->verbose)
		(void)decode_ignored(cs->decoder, say_ignored, NULL);
	decode_free(cs->decoder);
	free(cs);
}

const struct scan_source captures = {.open = captures_open,
    .next = captures_next,
    .more = captures_more,
    .taken = captures_taken,
    .close = captures_close};

void
pcap_read_all(struct reader *r, struct files *files)
{
	struct captures *cs = captures_open(r);
	size_t i;

	out_header(r);
	for (i = 0; i < files->n && !reader_stop; i++) {
		captures_next(cs, files->all[i].path);
		while (captures_more(cs))
			continue;
	}
	captures_close(cs);
}
