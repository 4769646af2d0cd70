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
 * Values of one size, put side by side: numbers, times, addresses, MACs.  A
 * dictionary is made of what the column has first, so the loops only copy.
 */

#include <string.h>

#include "bindings/python/core/columns.h"

/* A vec's numbers as so many bits: from the rows of sel into an array. */
#define GATHER(bits)                                                           \
	static void gather_u##bits(const struct sel *sel, const struct vec *v, \
	    void *dict, void *values)                                          \
	{                                                                      \
		uint##bits##_t *to = values, *d = dict;                        \
		uint32_t i, n = sel->n;                                        \
                                                                               \
		for (i = 0; v->kind <= VEC_CODES && i < v->ndict; i++)         \
			d[i] = (uint##bits##_t)v->num[i];                      \
		for (i = 0; v->kind == VEC_CONST && i < n; i++)                \
			to[i] = d[0];                                          \
		for (i = 0; v->kind == VEC_CODES && i < n; i++)                \
			to[i] = d[v->codes[sel_row(sel, i)]];                  \
		for (i = 0; v->kind == VEC_U32 && i < n; i++)                  \
			to[i] = (uint##bits##_t)v->u32[sel_row(sel, i)];       \
		for (i = 0; v->kind == VEC_U64 && i < n; i++)                  \
			to[i] = (uint##bits##_t)v->u64[sel_row(sel, i)];       \
	}

GATHER(8)
GATHER(16)
GATHER(32)
GATHER(64)

static void *
room_for(struct gather *g, struct column *c)
{
	c->values = gather_room(g, column_size(c->kind) * g->sel->n);
	return (c->values);
}

bool
gather_numbers(struct gather *g, const struct vec *v, struct column *c)
{
	void *to = room_for(g, c);

	if (to == NULL)
		return (false);
	switch (column_size(c->kind)) {
	case 1:
		gather_u8(g->sel, v, g->scratch, to);
		return (true);
	case 2:
		gather_u16(g->sel, v, g->scratch, to);
		return (true);
	case 4:
		gather_u32(g->sel, v, g->scratch, to);
		return (true);
	default:
		gather_u64(g->sel, v, g->scratch, to);
		return (true);
	}
}

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static void
map_addr(uint8_t *to, const struct addr *a)
{
	if (a->family == ADDR_V4) {
		memcpy(to, mapped, 12);
		memcpy(to + 12, a->b, 4);
	} else if (a->family == ADDR_V6)
		memcpy(to, a->b, 16);
	else
		memset(to, 0, 16);
}

static void
map_mac(uint8_t *to, const struct flow_text *t)
{
	memset(to, 0, 6);
	if (t->len == 6)
		memcpy(to, t->p, 6);
}

/* Addresses and MACs: always of a dictionary. */
bool
gather_addrs(struct gather *g, const struct vec *v, struct column *c)
{
	bool mac = c->kind == COLUMN_MAC;
	const size_t size = column_size(c->kind);
	const struct sel *sel = g->sel;
	uint8_t *to = room_for(g, c);
	uint32_t i;

	if (to == NULL)
		return (false);
	for (i = 0; i < v->ndict; i++) {
		if (mac)
			map_mac(g->scratch + 6 * i, &v->bytes[i]);
		else
			map_addr(g->scratch + 16 * i, &v->addr[i]);
	}
	if (v->kind == VEC_CONST)
		for (i = 0; i < sel->n; i++)
			memcpy(to + size * i, g->scratch, size);
	else if (mac)
		for (i = 0; i < sel->n; i++)
			memcpy(to + 6 * (size_t)i,
			    g->scratch + 6 * v->codes[sel_row(sel, i)], 6);
	else
		for (i = 0; i < sel->n; i++)
			memcpy(to + 16 * (size_t)i,
			    g->scratch + 16 * v->codes[sel_row(sel, i)], 16);
	return (true);
}

/* As wide as the column, or narrower: of some rows, or of all. */
#define WIDEN(from, to)                                                       \
	static void widen_##from##_##to(const struct sel *sel, const void *p, \
	    void *values)                                                     \
	{                                                                     \
		const uint##from##_t *v = p;                                  \
		uint##to##_t *t = values;                                     \
		uint32_t i, n = sel->n;                                       \
                                                                              \
		for (i = 0; sel->row == NULL && i < n; i++)                   \
			t[i] = v[i];                                          \
		for (i = 0; sel->row != NULL && i < n; i++)                   \
			t[i] = v[sel->row[i]];                                \
	}

WIDEN(8, 8)
WIDEN(8, 16)
WIDEN(8, 32)
WIDEN(8, 64)
WIDEN(16, 16)
WIDEN(16, 32)
WIDEN(16, 64)
WIDEN(32, 32)
WIDEN(32, 64)
WIDEN(64, 64)

static void
copy_16(const struct sel *sel, const void *p, void *values)
{
	const uint8_t *from = p;
	uint8_t *to = values;
	uint32_t i;

	for (i = 0; i < sel->n; i++)
		memcpy(to + 16 * (size_t)i, from + 16 * (size_t)sel_row(sel, i),
		    16);
}

static void
map_4(const struct sel *sel, const void *p, void *values)
{
	const uint8_t *from = p;
	uint8_t *to = values;
	uint32_t i;

	for (i = 0; i < sel->n; i++, to += 16) {
		memcpy(to, mapped, 12);
		memcpy(to + 12, from + 4 * (size_t)sel_row(sel, i), 4);
	}
}

typedef void plain_fn(const struct sel *, const void *, void *);

/* Bytes of one that lies there, and of one of the column. */
static plain_fn *
plain_of(uint8_t from, size_t to)
{
	static const struct {
		uint8_t from, to;
		plain_fn *fn;
	} table[] = {
	    {1, 1, widen_8_8},
	    {1, 2, widen_8_16},
	    {1, 4, widen_8_32},
	    {1, 8, widen_8_64},
	    {2, 2, widen_16_16},
	    {2, 4, widen_16_32},
	    {2, 8, widen_16_64},
	    {4, 4, widen_32_32},
	    {4, 8, widen_32_64},
	    {8, 8, widen_64_64},
	    {4, 16, map_4},
	    {16, 16, copy_16},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].from == from && table[i].to == to)
			return (table[i].fn);
	return (NULL);
}

bool
gather_plain(struct gather *g, const void *p, uint8_t width, struct column *c)
{
	const size_t size = column_size(c->kind);
	plain_fn *fn = plain_of(width, size);
	void *to = room_for(g, c);

	if (to == NULL)
		return (false);
	if (g->sel->row == NULL && width == size)
		memcpy(to, p, size * g->sel->n);
	else if (fn != NULL)
		fn(g->sel, p, to);
	return (true);
}
