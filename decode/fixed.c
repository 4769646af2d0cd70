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
 * NetFlow 1, 5 and 7: records of a fixed form.  It is written down as a
 * template, and compiled like one.
 */

#include <stdlib.h>

#include "decode/state.h"

#define V1 0x01
#define V5 0x02
#define V7 0x04
#define VALL (V1 | V5 | V7)
#define PAD 0 /* no element */

/* clang-format off */
static const struct fixed_field {
	uint8_t versions;	/* that have it */
	uint8_t element;
	uint8_t len;
} layout[] = {
	{ VALL,	   8, 4 },	/* source address */
	{ VALL,	  12, 4 },	/* destination address */
	{ VALL,	  15, 4 },	/* next hop */
	{ VALL,	  10, 2 },	/* input interface */
	{ VALL,	  14, 2 },	/* output interface */
	{ VALL,	   2, 4 },	/* packets */
	{ VALL,	   1, 4 },	/* octets */
	{ VALL,	  22, 4 },	/* uptime at the first packet */
	{ VALL,	  21, 4 },	/* uptime at the last packet */
	{ VALL,	   7, 2 },	/* source port */
	{ VALL,	  11, 2 },	/* destination port */
	{ V1,	 PAD, 2 },
	{ V5|V7, PAD, 1 },	/* v7: which fields are valid */
	{ V5|V7,   6, 1 },	/* TCP flags */
	{ VALL,	   4, 1 },	/* protocol */
	{ VALL,	   5, 1 },	/* type of service */
	{ V1,	   6, 1 },	/* TCP flags */
	{ V1,	 PAD, 7 },
	{ V5|V7,  16, 2 },	/* source AS */
	{ V5|V7,  17, 2 },	/* destination AS */
	{ V5|V7,   9, 1 },	/* source prefix length */
	{ V5|V7,  13, 1 },	/* destination prefix length */
	{ V5|V7, PAD, 2 },
	{ V7,	 PAD, 4 },	/* the router whose shortcut it is */
};

static const struct fixed_version {
	uint16_t version;
	uint8_t bit;
	uint8_t reclen;
} versions[] = {
	{ NF_V1, V1, NF_V1_RECLEN },
	{ NF_V5, V5, NF_V5_RECLEN },
	{ NF_V7, V7, NF_V7_RECLEN },
};
/* clang-format on */

#define NVERSIONS (sizeof(versions) / sizeof(versions[0]))
#define NLAYOUT (sizeof(layout) / sizeof(layout[0]))

/* The header behind the version field.  v1 ends after nsecs. */
struct fixed_header {
	uint16_t count;
	uint32_t uptime;
	uint32_t secs;
	uint32_t nsecs;
	uint32_t sequence;
	uint8_t engine_type;
	uint8_t engine_id;
	uint16_t sampling;
};

static int
compile(struct program *pg, const struct fixed_version *v)
{
	uint8_t raw[NLAYOUT * NF_SPEC_LEN];
	struct wr wr = wr_init(raw, sizeof(raw));
	struct specs specs = {.version = NF_V9};
	struct op *op;
	size_t i;
	int n;

	for (i = 0; i < NLAYOUT; i++) {
		if (!(layout[i].versions & v->bit))
			continue;
		if (wr_u16(&wr, layout[i].element) == -1 ||
		    wr_u16(&wr, layout[i].len) == -1)
			return (-1);
	}
	specs.rd = rd_init(raw, sizeof(raw) - wr.left);
	if ((n = program_measure(&specs, pg)) == -1 ||
	    pg->minlen != v->reclen ||
	    (op = calloc((size_t)n, sizeof(*op))) == NULL)
		return (-1);
	program_compile(&specs, pg, op);
	return (0);
}

int
fixed_init(struct decoder *d)
{
	size_t i;

	for (i = 0; i < NVERSIONS; i++)
		if (compile(&d->fixed[i], &versions[i]) == -1)
			return (-1);
	return (0);
}

void
fixed_free(struct decoder *d)
{
	size_t i;

	for (i = 0; i < NVERSIONS; i++)
		free(d->fixed[i].op);
}

static int
header(struct ctx *x, struct rd *pkt, struct fixed_header *h)
{
	memset(h, 0, sizeof(*h));
	if (rd_u16(pkt, &h->count) == -1 || rd_u32(pkt, &h->uptime) == -1 ||
	    rd_u32(pkt, &h->secs) == -1 || rd_u32(pkt, &h->nsecs) == -1)
		return (-1);
	if (x->version == NF_V1)
		return (0);
	if (rd_u32(pkt, &h->sequence) == -1)
		return (-1);
	if (x->version == NF_V7) /* reserved */
		return (rd_skip(pkt, 4));
	if (rd_u8(pkt, &h->engine_type) == -1 ||
	    rd_u8(pkt, &h->engine_id) == -1 || rd_u16(pkt, &h->sampling) == -1)
		return (-1);
	return (0);
}

static void
base(struct ctx *x, const struct fixed_header *h)
{
	struct flow *f = &x->base;

	ctx_export_time(x, h->secs, h->nsecs);
	f->sys_uptime = h->uptime;
	flow_set(f, FLOW_SYS_UPTIME);
	if (x->version == NF_V1)
		return;
	ctx_sequence(x, h->sequence);
	f->engine_type = h->engine_type;
	f->engine_id = h->engine_id;
	flow_set(f, FLOW_ENGINE_TYPE);
	flow_set(f, FLOW_ENGINE_ID);
	if (h->sampling & NF_V5_RATE_MASK) {
		f->sampling_rate = h->sampling & NF_V5_RATE_MASK;
		f->sampling = SAMPLING_HEADER;
		flow_set(f, FLOW_SAMPLING_RATE);
	}
	if (h->sampling >> NF_V5_MODE_SHIFT) {
		f->sampling_algorithm =
		    (uint8_t)(h->sampling >> NF_V5_MODE_SHIFT);
		flow_set(f, FLOW_SAMPLING_ALGORITHM);
	}
}

/*
 * All or nothing: a count that does not fit says that the header and the
 * records are not of one piece.  Bytes behind the last record are padding.
 */
static int
check_count(struct ctx *x, const struct rd *pkt, uint16_t count, size_t *reclen)
{
	if (count == 0)
		return (-1);
	if (x->version == NF_V1 && pkt->left / count == NF_V1_RECLEN_LONG)
		*reclen = NF_V1_RECLEN_LONG;
	if (pkt->left / *reclen < count) {
		x->report->records_short =
		    (uint32_t)(count - pkt->left / *reclen);
		return (-1);
	}
	return (0);
}

enum dec_result
fixed_decode(struct ctx *x, struct rd *pkt)
{
	const struct program *pg;
	struct fixed_header h;
	struct aux aux;
	struct rd rec;
	size_t i, reclen;

	for (i = 0; versions[i].version != x->version; i++)
		continue;
	pg = &x->d->fixed[i];
	reclen = versions[i].reclen;
	if (header(x, pkt, &h) == -1)
		return (DEC_SHORT);
	if (check_count(x, pkt, h.count, &reclen) == -1)
		return (DEC_BADCOUNT);
	base(x, &h);
	if (x->version != NF_V1)
		ctx_domain(x, (uint32_t)h.engine_type << 8 | h.engine_id);
	for (i = 0; i < h.count; i++) {
		if (rd_sub(pkt, reclen, &rec) == -1 ||
		    ctx_record(x, pg, &rec, &aux) == -1)
			return (DEC_BADCOUNT);
		ctx_flow(x);
	}
	if (x->version != NF_V1)
		sequence_check(x, h.sequence, h.count);
	return (DEC_OK);
}
