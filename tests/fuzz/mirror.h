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
 * Whatever is encoded decodes to the same fields: bytes choose version,
 * templates and flows, and what the decoder makes of the messages is what a
 * model says.  Of the fuzzer, and of a test with random bytes.
 */

#ifndef FUZZ_MIRROR_H
#define FUZZ_MIRROR_H

#include "encode/encode.h"
#include "netflow.h"
#include "tests/fuzz/check.h"

#define MIRROR_T0 (INT64_C(1700000000) * NSEC_PER_SEC)
#define MIRROR_FLOWS 64
#define MIRROR_TEMPLATES 4
#define MIRROR_FIELDS 24
#define MIRROR_TEXT 300
#define MIRROR_ELEMENTS 400

struct mirror_template {
	struct enc_field field[MIRROR_FIELDS];
	size_t n;
};

struct mirror {
	struct rd rd; /* what is decided by */
	uint16_t version;
	struct enc_config config;
	struct encoder *e;
	struct decoder *d;
	struct mirror_template t[MIRROR_TEMPLATES];
	size_t nt;
	/* What has been encoded, and not been decoded. */
	struct flow f[MIRROR_FLOWS];
	size_t of[MIRROR_FLOWS]; /* which template */
	char text[MIRROR_FLOWS][MIRROR_TEXT];
	bool told[MIRROR_FLOWS];
	size_t n, seen;
	/* Templates of the records of a message, in order. */
	size_t record[MIRROR_FLOWS];
	size_t nrecords, at;
	int64_t now;
	uint64_t flows;
};

static struct enc_field mirror_elements[MIRROR_ELEMENTS];
static size_t mirror_nelements;

static inline uint32_t
mirror_take(struct mirror *m, size_t len)
{
	uint32_t v = 0;
	uint8_t b;

	while (len-- > 0)
		v = v << 8 | (rd_u8(&m->rd, &b) == 0 ? b : 0);
	return (v);
}

static inline uint64_t
mirror_take64(struct mirror *m)
{
	uint64_t v = mirror_take(m, 4);

	/* Small ones are as likely as large ones. */
	return ((v << 32 | mirror_take(m, 4)) >> mirror_take(m, 1) % 64);
}

/* All that a flow is made of, and some that it is not. */
static inline void
mirror_list(void)
{
	static const uint32_t pens[] = {0, PEN_NOKIA, PEN_IXIA, PEN_NETSCALER,
	    PEN_CERT, PEN_BARRACUDA, PEN_PROCERA, PEN_REVERSE, PEN_NTOP};
	const struct element *el;
	size_t i;
	uint32_t id;

	for (i = 0; i < sizeof(pens) / sizeof(pens[0]); i++)
		for (id = 1; id <= UINT16_MAX; id++) {
			el = element_find(pens[i], (uint16_t)id);
			if (el == NULL &&
			    (pens[i] != 0 || (id != 60 && id != 210)))
				continue;
			if (el != NULL &&
			    (el->conv == CONV_PART || el->conv == CONV_NOTE ||
				el->conv == CONV_BEFORE_US))
				continue;
			REQUIRE(mirror_nelements < MIRROR_ELEMENTS);
			mirror_elements[mirror_nelements++] =
			    (struct enc_field){pens[i], (uint16_t)id, 0};
		}
}

static inline uint8_t
mirror_rival(uint8_t field)
{
	if (field == FLOW_SRC_PREFIX)
		return (FLOW_SRC_ADDR);
	return (field == FLOW_DST_PREFIX ? FLOW_DST_ADDR : field);
}

/* Would two elements of a template fill one field? */
static inline bool
mirror_clash(const struct element *a, const struct element *b)
{
	if (a == NULL || b == NULL)
		return (false);
	if (a->conv == CONV_LABEL && b->conv == CONV_LABEL)
		return (a->index == b->index);
	/* Both families of an address, but of no prefix. */
	if (a->field == b->field &&
	    a->conv + b->conv == CONV_ADDR4 + CONV_ADDR6 &&
	    a->conv != b->conv && a->field == mirror_rival(a->field))
		return (a->field == FLOW_SRC_PREFIX);
	if (mirror_rival(a->field) == mirror_rival(b->field))
		return (true);
	return ((a->conv == CONV_ICMP && b->field == a->field + 1) ||
	    (b->conv == CONV_ICMP && a->field == b->field + 1));
}

static inline uint16_t
mirror_len(struct mirror *m, const struct element *el)
{
	uint16_t len;
	int tries;

	if (el == NULL)
		return ((uint16_t)(1 + mirror_take(m, 1) % 20));
	if (m->version == NF_IPFIX &&
	    (el->conv == CONV_TEXT || el->conv == CONV_APPID) &&
	    mirror_take(m, 1) % 2)
		return (ENC_VARIABLE);
	for (tries = 0; tries < 64; tries++) {
		len = (uint16_t)(1 + mirror_take(m, 1) % 40 + tries % 16);
		if (element_fits(el, len))
			return (len);
	}
	for (len = 1; !element_fits(el, len); len++)
		;
	return (len);
}

static inline void
mirror_field(struct mirror *m, struct mirror_template *t)
{
	struct enc_field *f = &t->field[t->n];
	const struct element *el;
	size_t i;

	*f = mirror_elements[mirror_take(m, 2) % mirror_nelements];
	if (m->version == NF_V9 ? f->pen != 0 : f->id >= NF_ENTERPRISE)
		return;
	el = element_find(f->pen, f->id);
	for (i = 0; i < t->n; i++)
		if (mirror_clash(el,
			element_find(t->field[i].pen, t->field[i].id)))
			return;
	f->len = mirror_len(m, el);
	t->n++;
}

static inline void
mirror_template(struct mirror *m)
{
	struct mirror_template *t = &m->t[m->nt];
	size_t n = 1 + mirror_take(m, 1) % MIRROR_FIELDS, i;
	int h;

	for (i = 0; i < n; i++)
		mirror_field(m, t);
	if (t->n == 0)
		return;
	h = encoder_template(m->e, (uint16_t)(256 + m->nt), t->field, t->n);
	/* No message may be long enough for it. */
	if (h != -1) {
		REQUIRE((size_t)h == m->nt);
		m->nt++;
	} else {
		REQUIRE(m->config.payload < 500);
		t->n = 0;
	}
}

static inline void
mirror_fixed(struct mirror *m)
{
	static const struct enc_field fields_of[] = {{0, 8, 4}, {0, 12, 4},
	    {0, 15, 4}, {0, 10, 2}, {0, 14, 2}, {0, 2, 4}, {0, 1, 4},
	    {0, 22, 4}, {0, 21, 4}, {0, 7, 2}, {0, 11, 2}, {0, 4, 1}, {0, 5, 1},
	    {0, 6, 1}, {0, 16, 2}, {0, 17, 2}, {0, 9, 1}, {0, 13, 1}};

	m->t[0].n = m->version == NF_V1 ? 14 : 18;
	memcpy(m->t[0].field, fields_of, sizeof(fields_of));
	m->nt = 1;
}

static inline struct addr
mirror_addr(struct mirror *m)
{
	static const uint8_t families[] = {ADDR_V4, ADDR_V4, ADDR_V6,
	    ADDR_NONE};
	struct addr a = {.family = families[mirror_take(m, 1) % 4]};
	size_t i;

	for (i = 0; i < addr_bits(&a) / 8; i++)
		a.b[i] = (uint8_t)(mirror_take(m, 1) | (i == 1));
	return (a);
}

static inline struct flow_text
mirror_text(struct mirror *m, char *p)
{
	struct flow_text t = {.p = p};
	size_t i, n = mirror_take(m, 1);

	t.len = (uint16_t)(n % 4 == 3 ? n : n % 32);
	for (i = 0; i < t.len; i++)
		p[i] = (char)('a' + (i + n) % 26);
	return (t);
}

/* A value for the member, of whatever type it is. */
static inline void
mirror_value(struct mirror *m, struct flow *f, const struct field *fd,
    char *text)
{
	void *p = field_ptr(f, fd);
	uint64_t v = mirror_take64(m);
	uint8_t *b = p;
	size_t i;

	flow_set(f, fd->bit);
	switch (fd->type) {
	case FT_U8:
		*(uint8_t *)p = (uint8_t)v;
		break;
	case FT_U16:
		*(uint16_t *)p = (uint16_t)v;
		break;
	case FT_U32:
		*(uint32_t *)p = (uint32_t)v;
		break;
	case FT_U64:
		*(uint64_t *)p = v;
		break;
	case FT_TIME: /* of the last 40 days, or none */
		*(int64_t *)p =
		    m->now - (int64_t)(v % (3456000 * (uint64_t)NSEC_PER_SEC));
		if (v % 16 == 0)
			*(int64_t *)p = 0;
		break;
	case FT_ADDR:
		*(struct addr *)p = mirror_addr(m);
		break;
	case FT_MAC:
		for (i = 0; i < 6; i++)
			b[i] = (uint8_t)(v >> 8 * i);
		break;
	case FT_APPID:
		b[0] = (uint8_t)(v % (FLOW_APPID_MAX + 1));
		for (i = 0; i < b[0]; i++)
			b[1 + i] = (uint8_t)(v >> i);
		break;
	case FT_LABELS:
		for (i = 0; i < v % (FLOW_MPLS_MAX + 1); i++)
			((uint32_t *)p)[i] = 1 + mirror_take(m, 2);
		break;
	default:
		*(struct flow_text *)p = mirror_text(m, text);
		break;
	}
}

/* Members that the template has; two texts share what is behind them. */
static inline void
mirror_flow(struct mirror *m, const struct mirror_template *t, struct flow *f,
    char *text)
{
	const struct element *el;
	uint8_t field;
	size_t i;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < t->n; i++) {
		el = element_find(t->field[i].pen, t->field[i].id);
		if (el == NULL)
			continue;
		field = el->field;
		if (field == FLOW_START_UPTIME)
			field = FLOW_START;
		else if (field == FLOW_END_UPTIME)
			field = FLOW_END;
		if (!flow_has(f, (enum flow_field)field))
			mirror_value(m, f, &fields[field], text);
		if (el->conv == CONV_ICMP)
			mirror_value(m, f, &fields[field + 1], text);
		if (el->conv == CONV_DURATION_MS ||
		    el->conv == CONV_DURATION_US)
			f->start = f->end;
	}
}

static inline const struct enc_field *
mirror_has(const struct mirror_template *t, uint8_t field, uint8_t conv)
{
	const struct element *el;
	size_t i;

	for (i = 0; i < t->n; i++) {
		el = element_find(t->field[i].pen, t->field[i].id);
		if (el != NULL && el->field == field && el->conv == conv)
			return (&t->field[i]);
	}
	return (NULL);
}

/* Has the template a place for this address? */
static inline bool
mirror_place(const struct mirror_template *t, uint8_t field,
    const struct addr *a)
{
	bool v4 = mirror_has(t, field, CONV_ADDR4) != NULL;
	bool v6 = mirror_has(t, field, CONV_ADDR6) != NULL;

	if (a->family == ADDR_NONE || (!v4 && !v6))
		return (true);
	return (a->family == ADDR_V4 ? v4 : v6);
}

#include "tests/fuzz/mirror-check.h"

static inline void
mirror_start(struct mirror *m)
{
	static const uint16_t versions[] = {9, 10, 9, 10, 5, 1, 7, 10};
	uint16_t most = 0;

	m->version = versions[mirror_take(m, 1) % 8];
	m->now = MIRROR_T0 + mirror_take(m, 4);
	m->config = (struct enc_config){.version = m->version,
	    .payload = (uint16_t)(80 + mirror_take(m, 2) % 1400),
	    .source_id = mirror_take(m, 1),
	    .engine_type = 1,
	    .boot = m->now - (int64_t)mirror_take(m, 4) * NSEC_PER_SEC / 1000,
	    .every_messages = mirror_take(m, 1) % 8,
	    .every_ns = mirror_take(m, 1) % 4 * NSEC_PER_SEC,
	    .gather = mirror_take(m, 1) % 20};
	m->e = encoder_new(&m->config, mirror_message, m);
	m->d = decode_new(NULL, mirror_decoded, m);
	REQUIRE(m->e != NULL && m->d != NULL);
	if (m->version < NF_V9)
		mirror_fixed(m);
	else
		most = (uint16_t)(1 + mirror_take(m, 1) % MIRROR_TEMPLATES);
	while (most-- > 0)
		mirror_template(m);
}

static inline void
mirror_step(struct mirror *m)
{
	size_t of = mirror_take(m, 1) % m->nt;
	struct flow *f = &m->f[m->n];
	enum enc_error err;
	bool fits;

	if (m->n == MIRROR_FLOWS || mirror_take(m, 1) % 16 == 0) {
		m->now += mirror_take(m, 3) * INT64_C(1000);
		encoder_flush(m->e, m->now);
		REQUIRE(m->seen == m->n);
		m->n = m->seen = 0;
		return;
	}
	if (mirror_take(m, 1) % 32 == 0)
		encoder_refresh(m->e);
	mirror_flow(m, &m->t[of], f, m->text[m->n]);
	fits = mirror_place(&m->t[of], FLOW_SRC_ADDR, &f->src_addr) &&
	    mirror_place(&m->t[of], FLOW_DST_ADDR, &f->dst_addr);
	m->told[m->n] = false;
	m->of[m->n++] = of;
	err = encoder_flow(m->e, (int)of, f, m->now);
	REQUIRE(err == ENC_OK || err == ENC_FAMILY || err == ENC_TOOLONG);
	REQUIRE(err != ENC_FAMILY || !fits);
	REQUIRE(err != ENC_OK || fits);
	if (err != ENC_OK)
		m->n--;
}

/* How many flows came back. */
static inline uint64_t
mirror_run(const uint8_t *data, size_t size)
{
	static struct mirror m;

	if (mirror_nelements == 0)
		mirror_list();
	memset(&m, 0, sizeof(m));
	m.rd = rd_init(data, size);
	mirror_start(&m);
	while (m.nt > 0 && m.rd.left > 0)
		mirror_step(&m);
	encoder_flush(m.e, m.now);
	REQUIRE(m.seen == m.n);
	encoder_withdraw(m.e, m.now);
	encoder_free(m.e);
	decode_free(m.d);
	return (m.flows);
}

#endif /* FUZZ_MIRROR_H */
