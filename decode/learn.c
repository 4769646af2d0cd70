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
 * Sets of templates and of options templates, NetFlow 9 and IPFIX.
 */

#include "decode/state.h"

/* What the four kinds of set have for themselves. */
struct kind {
	uint16_t version;
	uint16_t set;
	bool options;
	uint8_t hdrlen; /* what a template begins with */
	int (*fields)(struct rd *, struct specs *); /* behind its id */
};

/* Templates come again and again: a few steps a field, none of v9. */
int
specs_cut(struct rd *rd, uint16_t version, uint16_t n, struct specs *specs)
{
	size_t len = 0;

	if (version != NF_IPFIX)
		len = (size_t)n * NF_SPEC_LEN;
	else
		for (; n > 0 && len < rd->left; n--)
			len += rd->p[len] & NF_ENTERPRISE >> 8 ? NF_SPEC_LEN + 4
							       : NF_SPEC_LEN;
	*specs = (struct specs){.version = version};
	if (version == NF_IPFIX && n > 0)
		return (-1);
	return (rd_sub(rd, len, &specs->rd));
}

static int
v9_fields(struct rd *set, struct specs *specs)
{
	uint16_t n;

	return (rd_u16(set, &n) == -1 ? -1 : specs_cut(set, NF_V9, n, specs));
}

static int
ipfix_fields(struct rd *set, struct specs *specs)
{
	uint16_t n;

	return (
	    rd_u16(set, &n) == -1 ? -1 : specs_cut(set, NF_IPFIX, n, specs));
}

/* RFC 3954 6.1: the lengths of two lists of fields, in bytes. */
static int
v9_options(struct rd *set, struct specs *specs)
{
	uint16_t scope, option;

	if (rd_u16(set, &scope) == -1 || rd_u16(set, &option) == -1 ||
	    scope % NF_SPEC_LEN != 0 || option % NF_SPEC_LEN != 0 ||
	    (uint32_t)scope + option > set->left ||
	    specs_cut(set, NF_V9, (uint16_t)((scope + option) / NF_SPEC_LEN),
		specs) == -1)
		return (-1);
	specs->nscope = scope / NF_SPEC_LEN;
	return (0);
}

/*
 * RFC 7011 3.4.2.2: how many fields, and how many of them are scopes.  None
 * is forbidden, and sent (OpenIMP): let it be.
 */
static int
ipfix_options(struct rd *set, struct specs *specs)
{
	uint16_t n, scope;

	if (rd_u16(set, &n) == -1 || rd_u16(set, &scope) == -1 || scope > n ||
	    specs_cut(set, NF_IPFIX, n, specs) == -1)
		return (-1);
	specs->nscope = scope;
	return (0);
}

/* clang-format off */
static const struct kind kinds[] = {
	{ NF_V9, NF_V9_SET_TEMPLATE, false, NF_TEMPLATE_HDRLEN, v9_fields },
	{ NF_V9, NF_V9_SET_OPTIONS, true, NF_V9_OPTIONS_HDRLEN, v9_options },
	{ NF_IPFIX, NF_IPFIX_SET_TEMPLATE, false, NF_TEMPLATE_HDRLEN,
	    ipfix_fields },
	{ NF_IPFIX, NF_IPFIX_SET_OPTIONS, true, NF_TEMPLATE_HDRLEN,
	    ipfix_options },
};
/* clang-format on */

/* From here on the set cannot be understood. */
static void
failed(struct ctx *x, enum dec_result r, const uint8_t *at)
{
	x->unknown = true;
	ctx_fail(x, r, at);
}

/* A template was read, or cut: what that makes of the datagram. */
static void
seen(struct ctx *x, enum template_fate fate, const uint8_t *at)
{
	if (fate == TEMPLATE_LEARNED)
		x->report->templates++;
	else
		x->report->templates_refused++;
	if (fate == TEMPLATE_BAD)
		failed(x, DEC_BADTEMPLATE, at);
}

/* RFC 7011 8.1: one, or every one of its kind if id is the set's own. */
static bool
withdrawal(struct ctx *x, const struct kind *k, uint16_t id, struct rd *set)
{
	if (k->version != NF_IPFIX || be16(set->p) != 0 ||
	    (id < NF_SET_DATA_MIN && id != k->set))
		return (false);
	/* It ends after the field count. */
	rd_skip(set, 2);
	x->report->templates_withdrawn += id == k->set
	    ? template_forget_all(x->d, x->dom, k->options)
	    : template_forget(x->d, x->dom, id);
	return (true);
}

static void
learn(struct ctx *x, const struct kind *k, struct rd *set)
{
	const uint8_t *at = set->p;
	struct specs specs;
	uint16_t id;

	if (set->left < k->hdrlen && !all_zero(set))
		failed(x, DEC_SHORT, at);
	while (set->left >= k->hdrlen) {
		at = set->p;
		if (rd_u16(set, &id) == -1)
			return;
		if (id == 0 && all_zero(set))
			break; /* padding */
		if (withdrawal(x, k, id, set))
			continue;
		if (id < NF_SET_DATA_MIN || k->fields(set, &specs) == -1) {
			/* What follows cannot be trusted either. */
			template_forget(x->d, x->dom, id);
			seen(x, TEMPLATE_BAD, at);
			return;
		}
		seen(x, template_learn(x->d, x->dom, &specs, id, k->options),
		    at);
	}
}

bool
learn_set(struct ctx *x, uint16_t id, struct rd *set)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].version != x->version || kinds[i].set != id)
			continue;
		learn(x, &kinds[i], set);
		return (true);
	}
	return (false);
}
