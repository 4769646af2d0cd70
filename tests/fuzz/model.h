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
 * What has to come out of the sets of an exporter, as far as a simple model
 * knows it, and whether it does.
 */

#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "tests/fuzz/exporter.h"

/* Flows that came of a datagram, and whether they are those of the model. */
struct sink {
	const struct gen *g; /* NULL: nothing is expected */
	uint32_t flows;
	bool summed; /* all that they are: */
	uint64_t sum;
	unsigned int set; /* of the model, and where in it */
	unsigned int record;
	size_t at;
	const char *wrong;
};

enum kind { K_UINT, K_V4, K_V6, K_MAC, K_SEC, K_MS };

/* What the model knows of elements: nothing but what the RFCs say. */
static const struct {
	uint16_t id;
	uint8_t bit, kind;
} model[] = {
    {1, FLOW_OCTETS, K_UINT},
    {2, FLOW_PACKETS, K_UINT},
    {3, FLOW_FLOWS, K_UINT},
    {4, FLOW_PROTOCOL, K_UINT},
    {5, FLOW_TOS, K_UINT},
    {6, FLOW_TCP_FLAGS, K_UINT},
    {7, FLOW_SRC_PORT, K_UINT},
    {8, FLOW_SRC_ADDR, K_V4},
    {9, FLOW_SRC_MASK, K_UINT},
    {10, FLOW_IN_IF, K_UINT},
    {11, FLOW_DST_PORT, K_UINT},
    {12, FLOW_DST_ADDR, K_V4},
    {13, FLOW_DST_MASK, K_UINT},
    {14, FLOW_OUT_IF, K_UINT},
    {15, FLOW_NEXT_HOP, K_V4},
    {16, FLOW_SRC_AS, K_UINT},
    {17, FLOW_DST_AS, K_UINT},
    {18, FLOW_BGP_NEXT_HOP, K_V4},
    {21, FLOW_END_UPTIME, K_UINT},
    {22, FLOW_START_UPTIME, K_UINT},
    {23, FLOW_OUT_OCTETS, K_UINT},
    {24, FLOW_OUT_PACKETS, K_UINT},
    {27, FLOW_SRC_ADDR, K_V6},
    {28, FLOW_DST_ADDR, K_V6},
    {31, FLOW_FLOW_LABEL, K_UINT},
    {44, FLOW_SRC_PREFIX, K_V4},
    {45, FLOW_DST_PREFIX, K_V4},
    {52, FLOW_MIN_TTL, K_UINT},
    {54, FLOW_FRAGMENT_ID, K_UINT},
    {56, FLOW_IN_SRC_MAC, K_MAC},
    {58, FLOW_VLAN, K_UINT},
    {61, FLOW_DIRECTION, K_UINT},
    {62, FLOW_NEXT_HOP, K_V6},
    {80, FLOW_IN_DST_MAC, K_MAC},
    {136, FLOW_END_REASON, K_UINT},
    {148, FLOW_FLOW_ID, K_UINT},
    {150, FLOW_START, K_SEC},
    {152, FLOW_START, K_MS},
    {153, FLOW_END, K_MS},
    {192, FLOW_TTL, K_UINT},
    {225, FLOW_POST_NAT_SRC_ADDR, K_V4},
    {227, FLOW_POST_NAT_SRC_PORT, K_UINT},
    {230, FLOW_NAT_EVENT, K_UINT},
    {233, FLOW_FIREWALL_EVENT, K_UINT},
    {281, FLOW_POST_NAT_SRC_ADDR, K_V6},
    {323, FLOW_EVENT_TIME, K_MS},
};

static inline bool
fits(uint8_t kind, uint16_t len)
{
	switch (kind) {
	case K_V4:
		return (len == 4);
	case K_V6:
		return (len == 16);
	case K_MAC:
		return (len == 6);
	case K_UINT:
		return ((len >= 1 && len <= 8) || len == NF_VARLEN);
	default:
		return (len >= 1 && len <= 8);
	}
}

static inline unsigned int
place(unsigned int bit)
{
	if (bit == FLOW_SRC_PREFIX)
		return (FLOW_SRC_ADDR);
	return (bit == FLOW_DST_PREFIX ? FLOW_DST_ADDR : bit);
}

/* Can another field of the template be what the flow's is made of? */
static inline bool
has_rival(const struct xtemplate *t, unsigned int i, unsigned int bit)
{
	const struct element *e;
	unsigned int j;

	for (j = 0; j < t->n; j++) {
		/* Of two of the same, the first counts. */
		if (j == i ||
		    (j > i && t->f[j].id == t->f[i].id &&
			t->f[j].pen == t->f[i].pen))
			continue;
		e = element_find(t->f[j].pen, t->f[j].id);
		if (e == NULL || e->field == FLOW_NFIELDS)
			continue;
		if (place(e->field) == place(bit) ||
		    (e->conv == CONV_ICMP && bit == FLOW_ICMP_CODE))
			return (true);
	}
	return (false);
}

static inline bool
same_number(const struct flow *f, unsigned int bit, const struct rd *v)
{
	const struct field *fd = &fields[bit];
	const size_t size = field_size(fd->type);
	uint64_t n = 0, most = UINT64_MAX >> (8 - size) * 8;
	size_t i;

	if (v->left < 1 || v->left > 8)
		return (true); /* no number */
	for (i = 0; i < v->left; i++)
		n = n << 8 | v->p[i];
	return (
	    flow_has(f, bit) && field_number(f, fd) == (n > most ? most : n));
}

static inline bool
same_time(const struct flow *f, unsigned int bit, const struct rd *v,
    uint64_t unit)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < v->left; i++)
		n = n << 8 | v->p[i];
	if (n < UINT64_C(315532800) * NSEC_PER_SEC / unit ||
	    n > INT64_MAX / unit)
		return (true); /* none, or made of something else */
	return (flow_has(f, bit) &&
	    *(const int64_t *)field_cptr(f, &fields[bit]) ==
		(int64_t)(n * unit));
}

static inline bool
same_addr(const struct flow *f, unsigned int bit, const struct rd *v)
{
	const struct addr *a = field_cptr(f, &fields[bit]);

	return (flow_has(f, bit) &&
	    a->family == (v->left == 4 ? ADDR_V4 : ADDR_V6) &&
	    memcmp(a->b, v->p, v->left) == 0);
}

static inline bool
same(const struct flow *f, unsigned int bit, uint8_t kind, const struct rd *v)
{
	switch (kind) {
	case K_UINT:
		return (same_number(f, bit, v));
	case K_SEC:
		return (same_time(f, bit, v, NSEC_PER_SEC));
	case K_MS:
		return (same_time(f, bit, v, NSEC_PER_MSEC));
	case K_MAC:
		return (flow_has(f, bit) &&
		    memcmp(field_cptr(f, &fields[bit]), v->p, 6) == 0);
	default:
		return (same_addr(f, bit, v));
	}
}

/* One field of a record: is it in the flow? */
static inline const char *
compare_field(const struct xtemplate *t, unsigned int i, const struct rd *v,
    const struct flow *f)
{
	size_t row;

	if (t->f[i].pen != 0)
		return (NULL);
	for (row = 0; row < NELEM(model); row++)
		if (model[row].id == t->f[i].id)
			break;
	if (row == NELEM(model) || !fits(model[row].kind, t->f[i].len) ||
	    has_rival(t, i, model[row].bit) ||
	    same(f, model[row].bit, model[row].kind, v))
		return (NULL);
	return (fields[model[row].bit].name);
}

/* The record at the cursor, which goes on behind it. */
static inline const char *
compare(const struct xtemplate *t, struct rd *rd, const struct flow *f)
{
	const char *wrong = NULL, *w;
	unsigned int i;
	struct rd v;
	uint16_t len;
	uint8_t n;

	for (i = 0; i < t->n; i++) {
		len = t->f[i].len;
		if (len == NF_VARLEN) {
			if (rd_u8(rd, &n) == -1)
				return ("length");
			len = n;
			if (n == 255 && rd_u16(rd, &len) == -1)
				return ("length");
		}
		if (rd_sub(rd, len, &v) == -1)
			return ("record");
		if ((w = compare_field(t, i, &v, f)) != NULL)
			wrong = w;
	}
	return (wrong);
}

static inline void
sink_compare(struct sink *k, const struct flow *f)
{
	const struct gen *g = k->g;
	struct rd rd;
	const char *wrong;

	if (k->set == g->nsets) {
		k->wrong = "there are more flows";
		return;
	}
	if (k->record == 0)
		k->at = g->set[k->set].at;
	rd = rd_init(g->b + k->at, g->len - k->at);
	wrong = compare(&g->set[k->set].t, &rd, f);
	if (wrong != NULL)
		k->wrong = wrong;
	k->at = g->len - rd.left;
	if (++k->record == g->set[k->set].records) {
		k->record = 0;
		k->set++;
	}
}

static inline uint64_t
mix(uint64_t sum, const void *p, size_t len)
{
	const uint8_t *b = p;

	while (len-- > 0)
		sum = (sum ^ *b++) * UINT64_C(0x100000001b3);
	return (sum);
}

static inline uint64_t
flow_sum(const struct flow *f, uint64_t sum)
{
	const struct flow_text *t;
	const struct field *fd;
	size_t i;

	sum = mix(sum, &f->has, sizeof(f->has));
	sum = mix(sum, &f->clock, 1);
	sum = mix(sum, &f->sampling, 1);
	for (i = 0; i < FLOW_NFIELDS; i++) {
		fd = &fields[i];
		if (!flow_has(f, fd->bit))
			continue;
		if (fd->type == FT_TEXT) {
			t = field_cptr(f, fd);
			sum = mix(sum, t->p, t->len);
		} else
			sum = mix(sum, field_cptr(f, fd), field_size(fd->type));
	}
	return (sum);
}

static inline void
sink_flow(void *arg, struct flow *f)
{
	struct sink *k = arg;

	if (k->summed)
		k->sum = flow_sum(f, k->sum);
	k->flows++;
	if (k->g != NULL)
		sink_compare(k, f);
	check_flow(f);
}

static inline void
sink_begin(struct sink *k, const struct gen *g)
{
	memset(k, 0, sizeof(*k));
	k->g = g;
}

#endif /* FUZZ_MODEL_H */
