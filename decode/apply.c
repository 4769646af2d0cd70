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
 * What is known of an exporter and not in its records: sampling rates, names,
 * its address.
 */

#include "decode/state.h"

/* What holds for all flows of a set that have nothing better. */
static const struct fact *
rate_of_set(const struct ctx *x, const struct template *t)
{
	const struct fact *fact = NULL;

	if (t != NULL)
		fact = fact_number(x->d, x->dom, FACT_SAMPLER_TEMPLATE, t->id);
	if (fact == NULL)
		fact = fact_find(x->d, x->dom, FACT_SAMPLER_ALL, "", 0);
	return (fact);
}

void
apply_begin(struct ctx *x, const struct template *t)
{
	const struct domain *dom = x->dom;
	uint32_t rates = 0, names = 0;

	x->rate = NULL;
	x->sampler_known = false;
	if (dom != NULL) {
		rates = dom->nfacts[FACT_SAMPLER] +
		    dom->nfacts[FACT_SAMPLER_IF] +
		    dom->nfacts[FACT_SAMPLER_TEMPLATE] +
		    dom->nfacts[FACT_SAMPLER_ALL];
		names = dom->nfacts[FACT_IF_NAME] + dom->nfacts[FACT_VRF_NAME] +
		    dom->nfacts[FACT_APP_NAME];
		if (rates != 0)
			x->rate = rate_of_set(x, t);
	}
	x->apply = rates != 0 || (names != 0 && x->d->names) ||
	    x->src->sampling != 0 || x->src->trusted ||
	    (dom != NULL && dom->named.family != ADDR_NONE);
}

/* Flows of one sampler come one after the other. */
static const struct fact *
sampler(struct ctx *x, uint64_t id)
{
	if (!x->sampler_known || x->sampler_id != id) {
		x->sampler = fact_number(x->d, x->dom, FACT_SAMPLER, id);
		x->sampler_id = id;
		x->sampler_known = true;
	}
	return (x->sampler);
}

static const struct fact *
rate_of_flow(struct ctx *x, const struct flow *f)
{
	const struct domain *dom = x->dom;
	const struct fact *fact = NULL;

	if (dom == NULL)
		return (NULL);
	if (flow_has(f, FLOW_SAMPLER_ID))
		fact = sampler(x, f->sampler_id);
	if (fact == NULL && dom->nfacts[FACT_SAMPLER_IF] != 0) {
		fact = fact_number(x->d, dom, FACT_SAMPLER_IF, f->in_if);
		if (fact == NULL)
			fact =
			    fact_number(x->d, dom, FACT_SAMPLER_IF, f->out_if);
	}
	if (fact == NULL)
		fact = x->rate;
	/* With one sampler there is no need to say which. */
	if (fact == NULL && dom->nfacts[FACT_SAMPLER] == 1 &&
	    !flow_has(f, FLOW_SAMPLER_ID))
		fact = TAILQ_FIRST(&dom->facts);
	return (fact);
}

static void
add_rate(struct ctx *x, struct flow *f)
{
	const struct fact *fact;

	/* Sampler 0, unless it is one: not sampled (Cisco). */
	if (flow_has(f, FLOW_SAMPLER_ID) && f->sampler_id == 0 &&
	    (x->dom == NULL || sampler(x, 0) == NULL))
		return;
	if ((fact = rate_of_flow(x, f)) != NULL) {
		f->sampling_rate = fact->rate;
		f->sampling = SAMPLING_OPTIONS;
		if (fact->algorithm != 0 &&
		    !flow_has(f, FLOW_SAMPLING_ALGORITHM)) {
			f->sampling_algorithm = fact->algorithm;
			flow_set(f, FLOW_SAMPLING_ALGORITHM);
		}
	} else if (x->src->sampling != 0) {
		f->sampling_rate = x->src->sampling;
		f->sampling = SAMPLING_CONFIG;
	} else
		return;
	flow_set(f, FLOW_SAMPLING_RATE);
}

/* Who it is by its own account, and whether that is believed. */
static void
add_exporter(struct ctx *x, struct flow *f)
{
	if (x->dom != NULL && x->dom->named.family != ADDR_NONE &&
	    addr_is_zero(&f->exporter)) {
		f->exporter = x->dom->named;
		flow_set(f, FLOW_EXPORTER);
		x->rare = true;
	}
	if (x->src->trusted && !addr_is_zero(&f->exporter))
		f->agent = f->exporter;
}

static void
add_text(struct ctx *x, enum flow_field bit, const struct fact *fact)
{
	struct flow_text *text = field_ptr(&x->flow, &fields[bit]);

	if (fact == NULL || flow_has(&x->flow, bit))
		return;
	text->p = fact->text;
	text->len = fact->textlen;
	flow_set(&x->flow, bit);
	x->rare = true;
}

static void
add_names(struct ctx *x)
{
	/* clang-format off */
	static const struct {
		uint8_t number, text;
		enum fact_kind kind;
	} names[] = {
		{ FLOW_IN_IF, FLOW_IN_IF_NAME, FACT_IF_NAME },
		{ FLOW_OUT_IF, FLOW_OUT_IF_NAME, FACT_IF_NAME },
		{ FLOW_IN_VRF, FLOW_IN_VRF_NAME, FACT_VRF_NAME },
		{ FLOW_OUT_VRF, FLOW_OUT_VRF_NAME, FACT_VRF_NAME },
	};
	/* clang-format on */
	const struct flow *f = &x->flow;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flow_has(f, names[i].number))
			add_text(x, names[i].text,
			    fact_number(x->d, x->dom, names[i].kind,
				field_number(f, &fields[names[i].number])));
	if (flow_has(f, FLOW_APPLICATION_ID))
		add_text(x, FLOW_APPLICATION_NAME,
		    fact_find(x->d, x->dom, FACT_APP_NAME,
			f->application_id + 1, f->application_id[0]));
}

void
apply_flow(struct ctx *x)
{
	struct flow *f = &x->flow;

	/* A rate of 0 is none. */
	if (f->sampling_rate == 0)
		add_rate(x, f);
	add_exporter(x, f);
	if (x->d->names)
		add_names(x);
}
