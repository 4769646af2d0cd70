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

#include <stdlib.h>
#include <unistd.h>

#include "decode/state.h"

#define DEFAULT_DOMAINS 16384
#define DEFAULT_DOMAINS_EXPORTER 256
#define DEFAULT_TEMPLATES 131072
#define DEFAULT_TEMPLATES_DOMAIN 4096
#define DEFAULT_FACTS 131072
#define DEFAULT_FACTS_DOMAIN 16384
#define DEFAULT_BYTES (64 * 1024 * 1024)

const char *
dec_strerror(enum dec_result r)
{
	static const char *const text[DEC_MAX] = {
	    [DEC_OK] = "decoded",
	    [DEC_NOTEMPLATE] = "template not known yet",
	    [DEC_VERSION] = "unsupported version",
	    [DEC_SHORT] = "truncated",
	    [DEC_BADLEN] = "impossible length",
	    [DEC_BADCOUNT] = "impossible record count",
	    [DEC_BADTEMPLATE] = "impossible template",
	    [DEC_NOMEM] = "out of memory",
	};

	if ((unsigned int)r >= DEC_MAX || text[r] == NULL)
		return ("unknown result");
	return (text[r]);
}

void
limits_default(struct dec_limits *l)
{
	if (l->domains == 0)
		l->domains = DEFAULT_DOMAINS;
	if (l->domains_exporter == 0)
		l->domains_exporter = DEFAULT_DOMAINS_EXPORTER;
	if (l->templates == 0)
		l->templates = DEFAULT_TEMPLATES;
	if (l->templates_domain == 0)
		l->templates_domain = DEFAULT_TEMPLATES_DOMAIN;
	if (l->facts == 0)
		l->facts = DEFAULT_FACTS;
	if (l->facts_domain == 0)
		l->facts_domain = DEFAULT_FACTS_DOMAIN;
	if (l->bytes == 0)
		l->bytes = DEFAULT_BYTES;
	if (l->templates_exporter == 0)
		l->templates_exporter = l->templates / 4;
	if (l->bytes_exporter == 0)
		l->bytes_exporter = l->bytes / 4;
}

static struct ctx *
ctx_new(struct decoder *d)
{
	struct ctx *x = aligned_alloc(_Alignof(struct ctx), sizeof(*x));

	if (x == NULL)
		return (NULL);
	memset(x, 0, sizeof(*x));
	x->d = d;
	x->flowlen = sizeof(x->flow);
	return (x);
}

struct decoder *
decode_new(const struct dec_limits *limits, dec_flow_fn fn, void *arg)
{
	struct decoder *d;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		return (NULL);
	if (limits != NULL)
		d->limits = *limits;
	limits_default(&d->limits);
	d->fn = fn;
	d->arg = arg;
	TAILQ_INIT(&d->lru);
	TAILQ_INIT(&d->retired);
	if ((d->ctx = ctx_new(d)) == NULL ||
	    getentropy(&d->seed, sizeof(d->seed)) == -1 ||
	    forms_init(&d->forms) == -1 || fixed_init(d) == -1) {
		decode_free(d);
		return (NULL);
	}
	return (d);
}

void
decode_free(struct decoder *d)
{
	if (d == NULL)
		return;
	domains_free(d);
	fixed_free(d);
	free(d->ctx);
	free(d);
}

void
decode_records(struct decoder *d, dec_records_fn fn)
{
	d->records = fn;
}

void
decode_names(struct decoder *d, bool names)
{
	d->names = names;
}

void
ctx_export_time(struct ctx *x, uint32_t sec, uint32_t nsec)
{
	x->base.export_time = sec * NSEC_PER_SEC + nsec;
	x->report->export_time = x->base.export_time;
	flow_set(&x->base, FLOW_EXPORT_TIME);
}

void
ctx_sequence(struct ctx *x, uint32_t seq)
{
	x->base.sequence = seq;
	flow_set(&x->base, FLOW_SEQUENCE);
}

void
ctx_domain(struct ctx *x, uint32_t source_id)
{
	x->report->source_id = source_id;
	x->d->current = NULL;
	x->d->current = x->dom =
	    domain_get(x->d, x->src, x->version, source_id);
	x->records = 0;
	x->options = 0;
	x->unknown = false;
}

/*
 * The flow becomes the base again, as far as the last record can have changed
 * it.  The base has nothing behind FLOW_RARE, and so has the flow until a
 * program with such a field ran.
 */
static inline void
ctx_clear(struct ctx *x, const struct program *pg)
{
	/* No assignment: gcc makes that a string instruction, 25 ns. */
	if (x->rare)
		memcpy(&x->flow, &x->base, x->flowlen);
	else
		memcpy(&x->flow, &x->base, FLOW_RARE);
	x->rare = pg->rare;
}

int
ctx_record(struct ctx *x, const struct program *pg, struct rd *rd,
    struct aux *aux)
{
	struct flow *f = &x->flow;
	size_t i;

	ctx_clear(x, pg);
	aux->has = aux->nparts = aux->noted = 0;
	aux->recv_time = x->src->recv_time;
	if (x->dom != NULL && x->dom->has_sysinit) {
		aux->has = AUX_SYSINIT;
		aux->sysinit = x->dom->sysinit;
	}
	if (program_run(pg, rd, f, aux) == -1)
		return (-1);
	for (i = 0; i < FLOW_WORDS; i++)
		f->has.w[i] |= pg->has.w[i];
	if (pg->times) {
		if (pg->parts)
			parts_decode(x, aux);
		if (pg->sampling)
			sampling_finish(f, &aux->sampling);
		times_finish(f, aux);
	}
	x->records++;
	return (0);
}

void
ctx_flow(struct ctx *x)
{
	if (x->apply)
		apply_flow(x);
	x->report->flows++;
	x->d->fn(x->d->arg, &x->flow);
}

/*
 * It was zero at first.  The base has nothing behind FLOW_RARE but of sFlow;
 * and what the flow has there, ctx_clear knows of, from one datagram to the
 * next.
 */
static void
ctx_init(struct ctx *x, const struct dec_source *src, struct dec_report *report)
{
	memset(&x->base, 0, FLOW_RARE);
	if (x->base_rare) {
		memset(&x->base, 0, sizeof(x->base));
		x->base_rare = false;
		x->rare = true;
	}
	memset(report, 0, sizeof(*report));
	x->d->current = NULL;
	x->d->nheld = 0;
	x->src = src;
	x->report = report;
	x->dom = NULL;
	x->records = x->options = 0;
	x->unknown = false;
	x->err = DEC_OK;
	x->apply = false;
	x->sampler_known = false;
	x->base.recv_time = src->recv_time;
	x->base.agent = src->agent;
	flow_set(&x->base, FLOW_RECV_TIME);
	flow_set(&x->base, FLOW_AGENT);
	flow_set(&x->base, FLOW_VERSION);
}

/* The first of the wire is the datagram's, whatever was found first. */
void
ctx_fail(struct ctx *x, enum dec_result r, const uint8_t *at)
{
	if (x->err != DEC_OK && x->err_at <= at)
		return;
	x->err = r;
	x->err_at = at;
}

/* sFlow has 32 bits of version, and the others never 0 in the first 16. */
static enum dec_result
read_version(struct rd *pkt, uint16_t *version)
{
	uint16_t low;

	if (rd_u16(pkt, version) == -1)
		return (DEC_SHORT);
	/* Our own name for sFlow is nobody's on the wire. */
	if (*version == NF_SFLOW5)
		return (DEC_VERSION);
	if (*version == 0 && rd_u16(pkt, &low) == 0 && low == SFLOW_V5)
		*version = NF_SFLOW5;
	return (DEC_OK);
}

enum dec_result
decode_packet(struct decoder *d, const struct dec_source *src, struct rd pkt,
    struct dec_report *report)
{
	/* clang-format off */
	static const struct {
		uint16_t version;
		void (*decode)(struct ctx *, struct rd *);
	} protocols[] = {
		{ NF_V5, fixed_decode },
		{ NF_V9, v9_decode },
		{ NF_IPFIX, ipfix_decode },
		{ NF_V1, fixed_decode },
		{ NF_V7, fixed_decode },
		{ NF_V8, fixed_decode },
		{ NF_SFLOW5, sflow_decode },
	};
	/* clang-format on */
	const uint8_t *start = pkt.p;
	struct ctx *x = d->ctx;
	enum dec_result r;
	size_t i;

	ctx_init(x, src, report);
	r = read_version(&pkt, &x->version);
	x->base.version = report->version = x->version;
	if (r != DEC_OK)
		return (r);
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].version == x->version)
			break;
	if (i == sizeof(protocols) / sizeof(protocols[0]))
		return (DEC_VERSION);
	d->now = src->recv_time;
	d->nexpired = 0;
	protocols[i].decode(x, &pkt);
	report->templates_expired = d->nexpired;
	if (x->err != DEC_OK)
		report->error_at = (uint32_t)(x->err_at - start);
	else if (report->sets_no_template > 0 && report->flows == 0 &&
	    report->options == 0 && report->templates == 0 &&
	    report->templates_withdrawn == 0)
		return (DEC_NOTEMPLATE);
	return (x->err);
}
