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

/* The first error of the wire is that of the datagram. */
static void
failed(struct ctx *x, enum dec_result r, const uint8_t *at)
{
	if (r == DEC_OK)
		return;
	x->unknown = true;
	if (x->err != DEC_OK && x->err_at <= at)
		return;
	x->err = r;
	x->err_at = at;
}

/* All records of a set of data. */
static enum dec_result
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
	return (r == 0 || all_zero(&rest) ? DEC_OK : DEC_BADLEN);
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
			failed(x, records(x, h->t, &h->set), h->set.p);
	}
	for (h = x->d->held; h < end; h++) {
		if (h->t == NULL) {
			x->report->sets_no_template++;
			x->unknown = true;
		} else if (!h->t->options) {
			apply_begin(x, h->t);
			failed(x, records(x, h->t, &h->set), h->set.p);
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
static enum dec_result
data(struct ctx *x, uint16_t id, struct rd *set)
{
	struct template *t = template_find(x->d, x->dom, id);

	if (t != NULL)
		t->used = x->d->now;
	if (t != NULL && t->options)
		return (records(x, t, set));
	if (x->d->nheld == HELD_MAX)
		release(x);
	x->d->held[x->d->nheld++] = (struct held){.t = t, .id = id, *set};
	if (t != NULL)
		t->held = true;
	return (DEC_OK);
}

static void
set_decode(struct ctx *x, uint16_t id, struct rd *set)
{
	const uint8_t *at = set->p;
	enum dec_result r = DEC_OK;

	if (id >= NF_SET_DATA_MIN)
		r = data(x, id, set);
	else if (!learn_set(x, id, set, &r))
		x->report->sets_skipped++;
	failed(x, r, at);
}

/*
 * All sets of a message, by their lengths: the count in the header of v9 is
 * wrong too often.  An error inside a set does not keep the later ones from
 * being decoded; a length that cannot be ends it.
 */
static enum dec_result
sets_decode(struct ctx *x, struct rd *pkt)
{
	uint16_t id, len;
	struct rd set;
	enum dec_result r = DEC_OK;

	x->err = DEC_OK;
	/* Padding to 600 bytes and more: Palo Alto, pynetflow. */
	while (r == DEC_OK && pkt->left > 0 &&
	    !(pkt->p[0] == 0 && all_zero(pkt))) {
		if (rd_u16(pkt, &id) == -1 || rd_u16(pkt, &len) == -1)
			r = DEC_SHORT;
		else if (len < NF_SET_HDRLEN)
			r = DEC_BADLEN;
		else if (rd_sub(pkt, len - NF_SET_HDRLEN, &set) == -1)
			r = DEC_SHORT;
		else
			set_decode(x, id, &set);
	}
	failed(x, r, pkt->p);
	release(x);
	return (x->err);
}

enum dec_result
v9_decode(struct ctx *x, struct rd *pkt)
{
	uint16_t count;
	uint32_t secs, seq, source_id;
	enum dec_result r;

	if (rd_u16(pkt, &count) == -1 ||
	    rd_u32(pkt, &x->base.sys_uptime) == -1 ||
	    rd_u32(pkt, &secs) == -1 || rd_u32(pkt, &seq) == -1 ||
	    rd_u32(pkt, &source_id) == -1)
		return (DEC_SHORT);
	flow_set(&x->base, FLOW_SYS_UPTIME);
	ctx_export_time(x, secs, 0);
	ctx_sequence(x, seq);
	x->base.source_id = source_id;
	flow_set(&x->base, FLOW_SOURCE_ID);
	ctx_domain(x, source_id);
	r = sets_decode(x, pkt);
	sequence_check(x, seq, 1);
	return (r);
}

/* One message; the cursor is left behind it. */
static enum dec_result
message(struct ctx *x, struct rd *pkt)
{
	uint16_t len;
	uint32_t secs, seq, source_id;
	struct rd msg;
	enum dec_result r, err = DEC_OK;

	if (rd_u16(pkt, &len) == -1 || rd_u32(pkt, &secs) == -1 ||
	    rd_u32(pkt, &seq) == -1 || rd_u32(pkt, &source_id) == -1)
		return (DEC_SHORT);
	if (len < NF_IPFIX_HDRLEN)
		return (DEC_BADLEN);
	len -= NF_IPFIX_HDRLEN;
	if (len > pkt->left) {
		/* Whole sets are good nevertheless. */
		err = DEC_SHORT;
		len = (uint16_t)pkt->left;
	}
	rd_sub(pkt, len, &msg);
	ctx_export_time(x, secs, 0);
	ctx_sequence(x, seq);
	x->base.source_id = source_id;
	flow_set(&x->base, FLOW_SOURCE_ID);
	ctx_domain(x, source_id);
	r = sets_decode(x, &msg);
	sequence_check(x, seq, x->records);
	return (err == DEC_OK ? r : err);
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

enum dec_result
ipfix_decode(struct ctx *x, struct rd *pkt)
{
	enum dec_result r, err;

	err = message(x, pkt);
	while (message_next(pkt)) {
		r = message(x, pkt);
		if (err == DEC_OK)
			err = r;
	}
	return (err);
}
