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
 * Options data: what an exporter says of itself.  Their templates become
 * lists of the fields that are of use here, by what they are of use for.
 */

#include "decode/state.h"

/* What a field is to whoever reads the record. */
enum role {
	ROLE_NONE,
	ROLE_SAMPLING, /* and so many: enum rate_part */
	ROLE_SAMPLER = ROLE_SAMPLING + RATE_PARTS,
	ROLE_IF,
	ROLE_TEMPLATE,
	ROLE_DOMAIN,
	ROLE_VRF,
	ROLE_APP,
	ROLE_IF_NAME,
	ROLE_IF_DESCRIPTION, /* for want of a name */
	ROLE_VRF_NAME,
	ROLE_APP_NAME,
	ROLE_APP_DESCRIPTION,
	ROLE_ORIGINAL, /* the exporter's address, told by a relay */
	ROLE_EXPORTER, /* or by itself */
	ROLE_SYSINIT,
	ROLE_MAX
};

/* RFC 3954 6.1.  System, line card and cache: all of the domain. */
static const uint8_t v9_scopes[] = {
    [2] = ROLE_IF,
    [5] = ROLE_TEMPLATE,
};

static const uint8_t elements[] = {
    [10] = ROLE_IF,
    [14] = ROLE_IF,
    [34] = ROLE_SAMPLING + RATE_INTERVAL,
    [35] = ROLE_SAMPLING + RATE_METHOD,
    [48] = ROLE_SAMPLER,
    [49] = ROLE_SAMPLING + RATE_METHOD,
    [50] = ROLE_SAMPLING + RATE_INTERVAL,
    [82] = ROLE_IF_NAME,
    [83] = ROLE_IF_DESCRIPTION,
    [94] = ROLE_APP_DESCRIPTION,
    [95] = ROLE_APP,
    [96] = ROLE_APP_NAME,
    [130] = ROLE_EXPORTER,
    [131] = ROLE_EXPORTER,
    [145] = ROLE_TEMPLATE,
    [149] = ROLE_DOMAIN,
    [160] = ROLE_SYSINIT,
    [234] = ROLE_VRF,
    [235] = ROLE_VRF,
    [236] = ROLE_VRF_NAME,
    [252] = ROLE_IF,
    [253] = ROLE_IF,
    [302] = ROLE_SAMPLER,
    [304] = ROLE_SAMPLING + RATE_SELECTOR,
    [305] = ROLE_SAMPLING + RATE_TAKEN,
    [306] = ROLE_SAMPLING + RATE_SPACE,
    [307] = ROLE_SAMPLING + RATE_TIME,
    [308] = ROLE_SAMPLING + RATE_TIME_SPACE,
    [309] = ROLE_SAMPLING + RATE_SIZE,
    [310] = ROLE_SAMPLING + RATE_POPULATION,
    [311] = ROLE_SAMPLING + RATE_PROBABILITY,
    [403] = ROLE_ORIGINAL,
    [404] = ROLE_ORIGINAL,
};

/* A record's fields by their roles; what is not there is empty. */
struct said {
	struct rd value[ROLE_MAX];
};

static uint8_t
role_of(const struct specs *specs, uint16_t n, uint16_t id)
{
	if (specs->version == NF_V9 && n < specs->nscope)
		return (id < sizeof(v9_scopes) ? v9_scopes[id] : ROLE_NONE);
	return (id < sizeof(elements) ? elements[id] : ROLE_NONE);
}

bool
options_reads(const struct specs *specs, uint16_t n, uint16_t id)
{
	return (role_of(specs, n, id) != ROLE_NONE);
}

/* Two runs of bytes of no use are one. */
static bool
merge(struct op *last, uint16_t nops, const struct op *op)
{
	if (nops == 0 || op->code != OP_SEGMENT || op->field != ROLE_NONE ||
	    last->code != OP_SEGMENT || last->field != ROLE_NONE)
		return (false);
	last->src = (uint16_t)(last->src + op->src);
	return (true);
}

uint16_t
options_compile(const struct specs *specs, struct op *ops)
{
	struct rd rd = specs->rd;
	struct op op, last = {0};
	uint16_t id, len, n, nops = 0;

	for (n = 0; rd_u16(&rd, &id) == 0 && rd_u16(&rd, &len) == 0; n++) {
		op = (struct op){.src = len, .code = OP_SEGMENT};
		if (len == NF_VARLEN)
			op.code = OP_VARIABLE;
		if (specs->version != NF_IPFIX || !(id & NF_ENTERPRISE))
			op.field = role_of(specs, n, id);
		else if (rd_skip(&rd, 4) == -1)
			break;
		/* Each step takes bytes: a record costs what it is long. */
		if (len == 0)
			continue;
		if (!merge(&last, nops, &op)) {
			last = op;
			nops++;
		}
		if (ops != NULL)
			ops[nops - 1] = last;
	}
	return (nops);
}

/* Given twice, the first that says something counts. */
static void
take(struct said *s, uint8_t role, const struct rd *value)
{
	struct rd *v = &s->value[role];

	if (role != ROLE_NONE && all_zero(v) &&
	    (v->left == 0 || !all_zero(value)))
		*v = *value;
}

static int
read_record(const struct program *pg, struct rd *rd, struct said *s)
{
	struct rd value;
	uint32_t i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < pg->nops; i++) {
		if ((pg->op[i].code == OP_SEGMENT
			    ? rd_sub(rd, pg->op[i].src, &value)
			    : rd_variable(rd, &value)) == -1)
			return (-1);
		take(s, pg->op[i].field, &value);
	}
	return (0);
}

static bool
number(const struct said *s, enum role role, uint64_t *n)
{
	struct rd v = s->value[role];

	if (v.left < 1 || v.left > 8)
		return (false);
	for (*n = 0; v.left > 0; rd_skip(&v, 1))
		*n = *n << 8 | *v.p;
	return (true);
}

/*
 * Whom it is about: the domain that says it, or another of the exporter's if
 * that is known; making new ones is for their own datagrams.
 */
static struct domain *
subject(struct ctx *x, const struct said *s)
{
	uint64_t id;

	if (x->dom == NULL || !number(s, ROLE_DOMAIN, &id) || id == 0 ||
	    id == x->dom->source_id)
		return (x->dom);
	if (id > UINT32_MAX)
		return (NULL);
	return (domain_known(x->d, x->src, x->version, (uint32_t)id));
}

static void
teach(struct ctx *x, struct domain *dom, const struct fact *fact,
    const char *text)
{
	if (fact_set(x->d, dom, fact, text))
		return;
	x->d->facts_refused++;
	x->report->facts_refused++;
}

/* A rate of 0 takes back what was said of the sampler. */
static void
teach_rate(struct ctx *x, struct domain *dom, struct fact *fact)
{
	if (fact->rate != 0)
		teach(x, dom, fact, "");
	else
		fact_forget(x->d, dom, fact);
}

static void
teach_sampling(struct ctx *x, struct domain *dom, const struct said *s)
{
	/* clang-format off */
	static const struct {
		uint8_t kind, role;
	} keys[] = {
		{ FACT_SAMPLER, ROLE_SAMPLER },
		{ FACT_SAMPLER_IF, ROLE_IF },
		{ FACT_SAMPLER_TEMPLATE, ROLE_TEMPLATE },
	};
	/* clang-format on */
	struct sampling sampling = {0};
	struct fact fact = {0};
	bool keyed = false;
	uint64_t n;
	size_t i;

	for (i = 0; i < RATE_PARTS; i++)
		if (number(s, (enum role)(ROLE_SAMPLING + i), &n))
			sampling_take(&sampling, (unsigned int)i, n,
			    s->value[ROLE_SAMPLING + i].left);
	if (!(sampling.has & RATE_TELLS))
		return;
	fact.rate = sampling_rate(&sampling);
	fact.algorithm = sampling_method(&sampling);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		/* Interface 0 and template 0: all (softflowd, Fritz). */
		if (!number(s, keys[i].role, &n) ||
		    (n == 0 && keys[i].role != ROLE_SAMPLER))
			continue;
		keyed = true;
		fact.kind = keys[i].kind;
		if (fact_key(&fact, n))
			teach_rate(x, dom, &fact);
	}
	if (keyed)
		return;
	fact.kind = FACT_SAMPLER_ALL;
	fact.keylen = 0;
	teach_rate(x, dom, &fact);
}

/* The text of the first role that has one. */
static const char *
text_of(const struct said *s, enum role role, enum role otherwise,
    struct fact *fact)
{
	const struct rd *v = &s->value[role], *w = &s->value[otherwise];
	struct flow_text text = {.p = ""};

	if (!text_take(&text, v->p, v->left))
		text_take(&text, w->p, w->left);
	fact->textlen = (uint8_t)text.len;
	return (text.p);
}

static void
teach_names(struct ctx *x, struct domain *dom, const struct said *s)
{
	/* clang-format off */
	static const struct {
		uint8_t kind, key, name, otherwise;
	} names[] = {
		{ FACT_IF_NAME, ROLE_IF, ROLE_IF_NAME, ROLE_IF_DESCRIPTION },
		{ FACT_VRF_NAME, ROLE_VRF, ROLE_VRF_NAME, ROLE_NONE },
	};
	/* clang-format on */
	struct fact fact;
	const char *text;
	uint64_t n;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fact = (struct fact){.kind = names[i].kind};
		text = text_of(s, names[i].name, names[i].otherwise, &fact);
		if (fact.textlen > 0 && number(s, names[i].key, &n) &&
		    fact_key(&fact, n))
			teach(x, dom, &fact, text);
	}
}

static void
teach_application(struct ctx *x, struct domain *dom, const struct said *s)
{
	struct fact fact = {.kind = FACT_APP_NAME};
	const struct rd *id = &s->value[ROLE_APP];
	const char *text =
	    text_of(s, ROLE_APP_NAME, ROLE_APP_DESCRIPTION, &fact);

	if (fact.textlen == 0 || id->left < 1 || id->left > FLOW_APPID_MAX)
		return;
	fact.keylen = (uint8_t)id->left;
	memcpy(fact.key, id->p, id->left);
	teach(x, dom, &fact, text);
}

static void
teach_exporter(struct domain *dom, const struct said *s)
{
	struct rd v = s->value[ROLE_ORIGINAL];

	if (all_zero(&v))
		v = s->value[ROLE_EXPORTER];
	if ((v.left != 4 && v.left != 16) || all_zero(&v))
		return;
	memset(&dom->named, 0, sizeof(dom->named));
	dom->named.family = v.left == 4 ? ADDR_V4 : ADDR_V6;
	memcpy(dom->named.b, v.p, v.left);
}

static void
teach_sysinit(struct domain *dom, const struct said *s)
{
	uint64_t ms;

	if (!number(s, ROLE_SYSINIT, &ms) || ms == 0 ||
	    ms > TIME_MAX / NSEC_PER_MSEC)
		return;
	dom->has_sysinit = true;
	dom->sysinit = (int64_t)ms * NSEC_PER_MSEC;
}

int
options_record(struct ctx *x, const struct template *t, struct rd *rd)
{
	struct said said;
	struct domain *dom;

	if (read_record(&t->program, rd, &said) == -1)
		return (-1);
	x->records++;
	x->report->options++;
	if ((dom = subject(x, &said)) == NULL)
		return (0);
	teach_sampling(x, dom, &said);
	teach_names(x, dom, &said);
	teach_application(x, dom, &said);
	teach_exporter(dom, &said);
	teach_sysinit(dom, &said);
	return (0);
}
