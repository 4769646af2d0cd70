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
 * NetFlow 9 (RFC 3954) and IPFIX (RFC 7011): sets of templates, of options
 * templates and of data.
 */

#include "decode/state.h"

/* All records of a set of data. */
static void
records(struct ctx *x, struct template *t, struct rd *set)
{
	const uint32_t before = x->records;
	struct aux aux;
	struct rd rest = *set;
	int r = 0;

	aux.sampling.has = 0;
	if (t->program.formed != NULL)
		ctx_run(x, &t->program, set, t->program.minlen);
	/* A rest that is shorter than any record is padding, zero or not. */
	while (r == 0 && set->left >= t->program.minlen) {
		rest = *set;
		if (t->options)
			r = options_record(x, t, set);
		else if ((r = ctx_record(x, &t->program, set, &aux)) == 0)
			ctx_flow(x);
	}
	t->records += x->records - before;
	if (t->options)
		x->options += x->records - before;
	if (r == 0 || all_zero(&rest))
		return;
	x->unknown = true;
	ctx_fail(x, DEC_BADLEN, rest.p);
}

/*
 * The sets that waited, in their order, except that options among them, of
 * which the template came only then, are first.
 */
static void
release(struct ctx *x)
{
	struct held *h, *end = x->d->held + x->d->nheld;

	for (h = x->d->held; h < end; h++) {
		if (h->t == NULL)
			h->t = template_find(x->d, x->dom, h->id);
		if (h->t != NULL && h->t->options)
			records(x, h->t, &h->set);
	}
	for (h = x->d->held; h < end; h++) {
		if (h->t == NULL) {
			x->report->sets_no_template++;
			x->unknown = true;
		} else if (!h->t->options) {
			apply_begin(x, h->t);
			records(x, h->t, &h->set);
			h->t->held = false;
		}
	}
	x->d->nheld = 0;
	templates_release(x->d);
}

/*
 * What an exporter says of itself counts for all flows of the message, and so
 * do its templates: flows wait for the end of it.
 */
static void
data(struct ctx *x, uint16_t id, struct rd *set)
{
	struct template *t = template_find(x->d, x->dom, id);

	if (t != NULL)
		t->used = x->d->now;
	if (t != NULL && t->options) {
		records(x, t, set);
		return;
	}
	if (x->d->nheld == HELD_MAX)
		release(x);
	x->d->held[x->d->nheld++] = (struct held){.t = t, .id = id, *set};
	if (t != NULL)
		t->held = true;
}

static void
set_decode(struct ctx *x, uint16_t id, struct rd *set)
{
	if (id >= NF_SET_DATA_MIN)
		data(x, id, set);
	else if (!learn_set(x, id, set))
		x->report->sets_skipped++;
}

/*
 * Cut the next set off.  If that cannot be, the cursor stays at the field of
 * its header that is not whole, or that says so.
 */
static enum dec_result
set_cut(struct rd *pkt, uint16_t *id, struct rd *set)
{
	struct rd rd;
	uint16_t len;

	if (rd_u16(pkt, id) == -1)
		return (DEC_SHORT);
	rd = *pkt;
	if (rd_u16(&rd, &len) == -1)
		return (DEC_SHORT);
	if (len < NF_SET_HDRLEN)
		return (DEC_BADLEN);
	if (rd_sub(&rd, len - NF_SET_HDRLEN, set) == -1)
		return (DEC_SHORT);
	*pkt = rd;
	return (DEC_OK);
}

/*
 * All sets of a message, by their lengths: the count in the header of v9 is
 * wrong too often.  An error inside a set does not keep the later ones from
 * being decoded; a length that cannot be ends it.
 */
static void
sets_decode(struct ctx *x, struct rd *pkt)
{
	uint16_t id;
	struct rd set;
	enum dec_result r;

	/* Padding to 600 bytes and more: Palo Alto, pynetflow. */
	while (pkt->left > 0 && !(pkt->p[0] == 0 && all_zero(pkt))) {
		if ((r = set_cut(pkt, &id, &set)) != DEC_OK) {
			x->unknown = true;
			ctx_fail(x, r, pkt->p);
			break;
		}
		set_decode(x, id, &set);
	}
	release(x);
}

void
v9_decode(struct ctx *x, struct rd *pkt)
{
	uint16_t count;
	uint32_t secs, seq, source_id;

	if (rd_u16(pkt, &count) == -1 ||
	    rd_u32(pkt, &x->base.sys_uptime) == -1 ||
	    rd_u32(pkt, &secs) == -1 || rd_u32(pkt, &seq) == -1 ||
	    rd_u32(pkt, &source_id) == -1) {
		ctx_fail(x, DEC_SHORT, pkt->p);
		return;
	}
	flow_set(&x->base, FLOW_SYS_UPTIME);
	ctx_export_time(x, secs, 0);
	ctx_sequence(x, seq);
	x->base.source_id = source_id;
	flow_set(&x->base, FLOW_SOURCE_ID);
	ctx_domain(x, source_id);
	sets_decode(x, pkt);
	sequence_check(x, seq, 1);
}

/* One message; the cursor is left behind it. */
static void
message(struct ctx *x, struct rd *pkt)
{
	const uint8_t *length = pkt->p;
	uint16_t len;
	uint32_t secs, seq, source_id;
	struct rd msg;

	if (rd_u16(pkt, &len) == -1 || rd_u32(pkt, &secs) == -1 ||
	    rd_u32(pkt, &seq) == -1 || rd_u32(pkt, &source_id) == -1) {
		ctx_fail(x, DEC_SHORT, pkt->p);
		return;
	}
	if (len < NF_IPFIX_HDRLEN) {
		ctx_fail(x, DEC_BADLEN, length);
		return;
	}
	len -= NF_IPFIX_HDRLEN;
	if (len > pkt->left) {
		/* Whole sets are good nevertheless. */
		ctx_fail(x, DEC_SHORT, length);
		len = (uint16_t)pkt->left;
	}
	rd_sub(pkt, len, &msg);
	ctx_export_time(x, secs, 0);
	ctx_sequence(x, seq);
	x->base.source_id = source_id;
	flow_set(&x->base, FLOW_SOURCE_ID);
	ctx_domain(x, source_id);
	sets_decode(x, &msg);
	sequence_check(x, seq, x->records);
}

/* Does another message follow in the datagram?  The version field goes. */
static bool
message_next(struct rd *pkt)
{
	if (pkt->left < NF_IPFIX_HDRLEN || be16(pkt->p) != NF_IPFIX)
		return (false);
	if (be16(pkt->p + 2) < NF_IPFIX_HDRLEN || be16(pkt->p + 2) > pkt->left)
		return (false);
	return (rd_skip(pkt, 2) == 0);
}

void
ipfix_decode(struct ctx *x, struct rd *pkt)
{
	message(x, pkt);
	while (message_next(pkt))
		message(x, pkt);
}
