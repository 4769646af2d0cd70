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

int
specs_cut(struct rd *rd, uint16_t version, uint16_t n, struct specs *specs)
{
	const struct rd start = *rd;
	uint16_t id;

	for (; n > 0; n--) {
		if (rd_u16(rd, &id) == -1 || rd_skip(rd, 2) == -1)
			return (-1);
		if (version == NF_IPFIX && id & NF_ENTERPRISE &&
		    rd_skip(rd, 4) == -1)
			return (-1);
	}
	*specs = (struct specs){.version = version};
	specs->rd = rd_init(start.p, start.left - rd->left);
	return (0);
}

enum dec_result
template_seen(struct ctx *x, enum template_fate fate)
{
	if (fate == TEMPLATE_LEARNED)
		x->report->templates++;
	else
		x->report->templates_refused++;
	return (fate == TEMPLATE_BAD ? DEC_BADTEMPLATE : DEC_OK);
}

bool
template_padding(const struct rd *rest, uint16_t id, uint16_t n)
{
	return (id == 0 && n == 0 && all_zero(rest));
}

bool
template_cut(const struct rd *set, size_t hdrlen)
{
	return (set->left < hdrlen && !all_zero(set));
}

enum dec_result
template_bad(struct ctx *x, uint16_t id)
{
	template_forget(x->d, x->dom, id);
	return (template_seen(x, TEMPLATE_BAD));
}

void
template_withdraw(struct ctx *x, uint16_t id, uint16_t all)
{
	unsigned int n;

	if (id == all)
		n = template_forget_all(x->d, x->dom,
		    all == NF_IPFIX_SET_OPTIONS);
	else
		n = template_forget(x->d, x->dom, id);
	x->report->templates_withdrawn += n;
}

/* RFC 7011 8.1.  RFC 3954 has no such thing: a template without fields. */
static enum dec_result
withdraw(struct ctx *x, uint16_t id)
{
	if (x->version != NF_IPFIX)
		return (template_bad(x, id));
	template_withdraw(x, id, NF_IPFIX_SET_TEMPLATE);
	return (DEC_OK);
}

static enum dec_result
templates(struct ctx *x, struct rd *set)
{
	struct specs specs;
	uint16_t id, n;
	enum dec_result r, err = DEC_OK;

	if (template_cut(set, NF_TEMPLATE_HDRLEN))
		return (DEC_SHORT);
	while (set->left >= NF_TEMPLATE_HDRLEN) {
		if (rd_u16(set, &id) == -1 || rd_u16(set, &n) == -1)
			return (DEC_SHORT);
		if (template_padding(set, id, n))
			break;
		if (id < NF_SET_DATA_MIN &&
		    (n != 0 || id != NF_IPFIX_SET_TEMPLATE)) {
			/* What follows cannot be trusted either. */
			template_seen(x, TEMPLATE_BAD);
			return (DEC_BADTEMPLATE);
		}
		if (n == 0)
			r = withdraw(x, id);
		else if (specs_cut(set, x->version, n, &specs) == -1)
			return (template_bad(x, id));
		else
			r = template_seen(x,
			    template_learn(x->d, x->dom, &specs, id, false));
		if (err == DEC_OK)
			err = r;
	}
	return (err);
}

static enum dec_result
records(struct ctx *x, const struct template *t, struct rd *set)
{
	struct aux aux;

	/* A rest that is shorter than any record is padding, zero or not. */
	while (set->left >= t->program.minlen) {
		struct rd rest = *set;

		if (ctx_record(x, &t->program, set, &aux) == -1)
			return (all_zero(&rest) ? DEC_OK : DEC_BADLEN);
		if (t->options)
			options_record(x, &aux);
		else
			ctx_flow(x);
	}
	return (DEC_OK);
}

static enum dec_result
data(struct ctx *x, uint16_t id, struct rd *set)
{
	struct template *t = template_find(x->d, x->dom, id);
	uint32_t before = x->records;
	enum dec_result r;

	if (t == NULL) {
		x->report->sets_no_template++;
		x->unknown = true;
		return (DEC_OK);
	}
	r = records(x, t, set);
	t->records += x->records - before;
	if (t->options)
		x->options += x->records - before;
	return (r);
}

static enum dec_result
set_decode(struct ctx *x, uint16_t id, struct rd *set)
{
	const bool ipfix = x->version == NF_IPFIX;

	if (id >= NF_SET_DATA_MIN)
		return (data(x, id, set));
	if (id == (ipfix ? NF_IPFIX_SET_TEMPLATE : NF_V9_SET_TEMPLATE))
		return (templates(x, set));
	if (id == (ipfix ? NF_IPFIX_SET_OPTIONS : NF_V9_SET_OPTIONS))
		return (options_templates(x, set));
	x->report->sets_skipped++;
	return (DEC_OK);
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
	enum dec_result r, err = DEC_OK;

	while (pkt->left > 0) {
		/* Padding to 600 bytes and more: Palo Alto, pynetflow. */
		if (pkt->p[0] == 0 && all_zero(pkt))
			break;
		if (rd_u16(pkt, &id) == -1 || rd_u16(pkt, &len) == -1)
			r = DEC_SHORT;
		else if (len < NF_SET_HDRLEN)
			r = DEC_BADLEN;
		else if (rd_sub(pkt, len - NF_SET_HDRLEN, &set) == -1)
			r = DEC_SHORT;
		else {
			if ((r = set_decode(x, id, &set)) != DEC_OK)
				x->unknown = true;
			if (err == DEC_OK)
				err = r;
			continue;
		}
		x->unknown = true;
		return (err == DEC_OK ? r : err);
	}
	return (err);
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
