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
 * Options: what an exporter says of itself.  Their templates share the ids of
 * the others, so they have to be known to tell their data from flows.
 */

#include "decode/state.h"

/* RFC 3954 6.1: the lengths of two lists of fields, in bytes. */
static int
v9_fields(struct rd *set, struct specs *specs)
{
	uint16_t scope, option;

	if (rd_u16(set, &scope) == -1 || rd_u16(set, &option) == -1 ||
	    scope % NF_SPEC_LEN != 0 || option % NF_SPEC_LEN != 0 ||
	    (uint32_t)scope + option > set->left)
		return (-1);
	if (specs_cut(set, NF_V9, (uint16_t)((scope + option) / NF_SPEC_LEN),
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
ipfix_fields(struct rd *set, uint16_t n, struct specs *specs)
{
	uint16_t scope;

	if (rd_u16(set, &scope) == -1 || scope > n ||
	    specs_cut(set, NF_IPFIX, n, specs) == -1)
		return (-1);
	specs->nscope = scope;
	return (0);
}

static enum dec_result
ipfix_templates(struct ctx *x, struct rd *set)
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
		if (n == 0 &&
		    (id >= NF_SET_DATA_MIN || id == NF_IPFIX_SET_OPTIONS)) {
			/* RFC 7011 8.1: it ends after the field count. */
			template_withdraw(x, id, NF_IPFIX_SET_OPTIONS);
			continue;
		}
		if (id < NF_SET_DATA_MIN || ipfix_fields(set, n, &specs) == -1)
			return (template_bad(x, id));
		r = template_seen(x,
		    template_learn(x->d, x->dom, &specs, id, true));
		if (err == DEC_OK)
			err = r;
	}
	return (err);
}

static enum dec_result
v9_templates(struct ctx *x, struct rd *set)
{
	struct specs specs;
	uint16_t id;
	enum dec_result r, err = DEC_OK;

	if (template_cut(set, NF_V9_OPTIONS_HDRLEN))
		return (DEC_SHORT);
	while (set->left >= NF_V9_OPTIONS_HDRLEN) {
		if (rd_u16(set, &id) == -1)
			return (DEC_SHORT);
		if (template_padding(set, id, 0))
			break;
		if (id < NF_SET_DATA_MIN || v9_fields(set, &specs) == -1)
			return (template_bad(x, id));
		r = template_seen(x,
		    template_learn(x->d, x->dom, &specs, id, true));
		if (err == DEC_OK)
			err = r;
	}
	return (err);
}

enum dec_result
options_templates(struct ctx *x, struct rd *set)
{
	if (x->version == NF_IPFIX)
		return (ipfix_templates(x, set));
	return (v9_templates(x, set));
}

/* A record of options data, run like that of a flow. */
void
options_record(struct ctx *x, const struct aux *aux)
{
	x->report->options++;
	if (aux->has & AUX_SYSINIT && x->dom != NULL) {
		x->dom->has_sysinit = true;
		x->dom->sysinit = aux->sysinit;
	}
}
