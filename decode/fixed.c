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
 * NetFlow 1, 5, 7 and 8: records of a fixed form.  It is written down as a
 * template, and compiled like one.
 */

#include <stdlib.h>
#include <string.h>

#include "decode/state.h"

/* The longest list of a layout. */
#define FIELDS_MAX 24

/* Behind the version field of v8. */
#define AGGREGATION_AT 20

/* The header behind the version field.  v1 ends after nsecs. */
struct fixed_header {
	uint16_t count;
	uint32_t uptime;
	uint32_t secs;
	uint32_t nsecs;
	uint32_t sequence;
	uint8_t engine_type;
	uint8_t engine_id;
	uint16_t sampling;   /* v5 */
	uint8_t aggregation; /* v8 */
	uint8_t agg_version;
};

static int
compile(struct program *pg, const struct layout *l)
{
	uint8_t raw[FIELDS_MAX * NF_SPEC_LEN];
	struct wr wr = wr_init(raw, sizeof(raw));
	struct specs specs = {.version = NF_V9};
	const struct layout_field *f;
	struct op *op;
	int n;

	for (f = l->field; f->len > 0; f++)
		if (wr_u16(&wr, f->element) == -1 || wr_u16(&wr, f->len) == -1)
			return (-1);
	specs.rd = rd_init(raw, sizeof(raw) - wr.left);
	if ((n = program_measure(&specs, pg)) == -1 ||
	    pg->minlen != l->reclen ||
	    (op = calloc((size_t)n, sizeof(*op))) == NULL)
		return (-1);
	program_compile(&specs, pg, op);
	return (0);
}

static inline void
take_v4(struct addr *a, const uint8_t *p)
{
	a->family = ADDR_V4;
	memcpy(a->b, p, 4);
}

/*
 * What the program of v5 does, in a third of the steps, for what comes at the
 * highest rates.  A test compares them.
 */
static void
direct_v5(const uint8_t *p, struct flow *f)
{
	take_v4(&f->src_addr, p);
	take_v4(&f->dst_addr, p + 4);
	take_v4(&f->next_hop, p + 8);
	f->in_if = be16(p + 12);
	f->out_if = be16(p + 14);
	f->packets = be32(p + 16);
	f->octets = be32(p + 20);
	f->start_uptime = be32(p + 24);
	f->end_uptime = be32(p + 28);
	f->src_port = be16(p + 32);
	f->dst_port = be16(p + 34);
	f->tcp_flags = p[37];
	f->protocol = p[38];
	f->tos = p[39];
	f->src_as = be16(p + 40);
	f->dst_as = be16(p + 42);
	f->src_mask = p[44];
	f->dst_mask = p[45];
}

int
fixed_init(struct decoder *d)
{
	size_t i;

	for (i = 0; i < LAYOUTS; i++) {
		if (compile(&d->fixed[i], &layouts[i]) == -1)
			return (-1);
		d->fixed[i].formed = form_new(&d->forms, &d->fixed[i]);
	}
	d->fixed[layout_find(NF_V5, 0)].direct = direct_v5;
	return (0);
}

void
fixed_free(struct decoder *d)
{
	size_t i;

	for (i = 0; i < LAYOUTS; i++) {
		free(d->fixed[i].op);
		free(d->fixed[i].formed);
	}
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
	    rd_u8(pkt, &h->engine_id) == -1)
		return (-1);
	if (x->version == NF_V5)
		return (rd_u16(pkt, &h->sampling));
	if (rd_u8(pkt, &h->aggregation) == -1 ||
	    rd_u8(pkt, &h->agg_version) == -1)
		return (-1);
	return (rd_skip(pkt, 4));
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
	if (x->version == NF_V7) /* has no engine */
		return;
	f->engine_type = h->engine_type;
	f->engine_id = h->engine_id;
	flow_set(f, FLOW_ENGINE_TYPE);
	flow_set(f, FLOW_ENGINE_ID);
	if (x->version == NF_V8) {
		f->aggregation = h->aggregation;
		flow_set(f, FLOW_AGGREGATION);
	}
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

/*
 * Each v8 scheme has a cache of its own in the router, and that a numbering of
 * its own, so it is a domain of its own.
 */
static uint32_t
domain_of(const struct fixed_header *h)
{
	return ((uint32_t)h->aggregation << 16 | (uint32_t)h->engine_type << 8 |
	    h->engine_id);
}

/* The layout of the records; -1 for one that nobody knows. */
static int
layout_of(struct ctx *x, const struct fixed_header *h, const uint8_t *head)
{
	const int layout = layout_find(x->version, h->aggregation);

	if (layout == -1)
		ctx_fail(x, DEC_VERSION, head + AGGREGATION_AT);
	else if (x->version == NF_V8 && h->agg_version != NF_V8_AGG_VERSION) {
		ctx_fail(x, DEC_VERSION, head + AGGREGATION_AT + 1);
		return (-1);
	}
	return (layout);
}

void
fixed_decode(struct ctx *x, struct rd *pkt)
{
	const uint8_t *head = pkt->p; /* which begins with the count */
	const struct program *pg;
	struct fixed_header h;
	struct aux aux;
	struct rd all, rec;
	size_t reclen;
	int layout;

	if (header(x, pkt, &h) == -1) {
		ctx_fail(x, DEC_SHORT, pkt->p);
		return;
	}
	/* A layout nobody knows is like a version nobody knows. */
	if ((layout = layout_of(x, &h, head)) == -1)
		return;
	pg = &x->d->fixed[layout];
	reclen = layouts[layout].reclen;
	if (check_count(x, pkt, h.count, &reclen) == -1 ||
	    rd_sub(pkt, reclen * h.count, &all) == -1) {
		ctx_fail(x, DEC_BADCOUNT, head);
		return;
	}
	base(x, &h);
	if (x->version != NF_V1)
		ctx_domain(x, domain_of(&h));
	apply_begin(x, NULL);
	if (pg->formed != NULL)
		ctx_run(x, pg, &all, reclen);
	while (rd_sub(&all, reclen, &rec) == 0) {
		if (ctx_record(x, pg, &rec, &aux) == -1) {
			ctx_fail(x, DEC_BADCOUNT, head);
			return;
		}
		ctx_flow(x);
	}
	if (x->version != NF_V1)
		sequence_check(x, h.sequence, h.count);
}
