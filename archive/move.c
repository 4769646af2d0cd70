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

#include <string.h>

#include "archive/move.h"
#include "bytes.h"

static inline uint32_t
raw4(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return (v);
}

static inline uint8_t
be8(const uint8_t *p)
{
	return (*p);
}

/* One column, two, and four: what drives the loop is shared. */
#define MOVE_FN(name, type, get)                                         \
	static void name##_1(const struct move *m, const struct span *s) \
	{                                                                \
		type *a = (type *)m->to[0] + s->row, *end = a + s->n;    \
		const uint8_t *p = s->p + m->src[0];                     \
		const size_t len = s->len;                               \
                                                                         \
		for (; a < end; a++, p += len)                           \
			*a = get(p);                                     \
	}                                                                \
                                                                         \
	static void name##_2(const struct move *m, const struct span *s) \
	{                                                                \
		type *a = (type *)m->to[0] + s->row, *end = a + s->n;    \
		type *b = (type *)m->to[1] + s->row;                     \
		const uint8_t *p = s->p + m->src[0];                     \
		const ptrdiff_t q = m->src[1] - m->src[0];               \
		const size_t len = s->len;                               \
                                                                         \
		for (; a < end; p += len) {                              \
			*a++ = get(p);                                   \
			*b++ = get(p + q);                               \
		}                                                        \
	}                                                                \
                                                                         \
	static void name##_4(const struct move *m, const struct span *s) \
	{                                                                \
		type *a = (type *)m->to[0] + s->row;                     \
		type *b = (type *)m->to[1] + s->row;                     \
		type *c = (type *)m->to[2] + s->row;                     \
		type *d = (type *)m->to[3] + s->row;                     \
		const uint8_t *p = s->p + m->src[0];                     \
		const ptrdiff_t q = m->src[1] - m->src[0];               \
		const ptrdiff_t r = m->src[2] - m->src[0];               \
		const ptrdiff_t t = m->src[3] - m->src[0];               \
		const size_t len = s->len, n = s->n;                     \
		size_t i;                                                \
                                                                         \
		for (i = 0; i < n; i++, p += len) {                      \
			a[i] = get(p);                                   \
			b[i] = get(p + q);                               \
			c[i] = get(p + r);                               \
			d[i] = get(p + t);                               \
		}                                                        \
	}

MOVE_FN(bytes4, uint32_t, raw4)
MOVE_FN(n1_8, uint8_t, be8)
MOVE_FN(n1_16, uint16_t, be8)
MOVE_FN(n1_32, uint32_t, be8)
MOVE_FN(n1_64, uint64_t, be8)
MOVE_FN(n2_16, uint16_t, be16)
MOVE_FN(n2_32, uint32_t, be16)
MOVE_FN(n2_64, uint64_t, be16)
MOVE_FN(n4_32, uint32_t, be32)
MOVE_FN(n4_64, uint64_t, be32)
MOVE_FN(n8_64, uint64_t, be64)

uint64_t
move_number(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	while (len-- > 0)
		v = v << 8 | *p++;
	return (v);
}

/* Widths that hardly anybody sends. */
#define ANY_FN(bits)                                                       \
	static void any_##bits(const struct move *m, const struct span *s) \
	{                                                                  \
		uint##bits##_t *to = (uint##bits##_t *)m->to[0] + s->row;  \
		const uint8_t *p = s->p + m->src[0];                       \
		uint32_t i;                                                \
                                                                           \
		for (i = 0; i < s->n; i++, p += s->len)                    \
			to[i] = (uint##bits##_t)move_number(p, m->len);    \
	}

ANY_FN(8)
ANY_FN(16)
ANY_FN(32)
ANY_FN(64)

static void
seconds(const struct move *m, const struct span *s)
{
	uint64_t *to = (uint64_t *)m->to[0] + s->row;
	const uint8_t *p = s->p + m->src[0];
	uint32_t i;

	for (i = 0; i < s->n; i++, p += s->len)
		to[i] = move_number(p, m->len) * (uint64_t)NSEC_PER_SEC;
}

static void
mseconds(const struct move *m, const struct span *s)
{
	uint64_t *to = (uint64_t *)m->to[0] + s->row, *end = to + s->n;
	const uint8_t *p = s->p + m->src[0];
	const size_t len = s->len;

	for (; to < end; p += len)
		*to++ = be64(p) * (uint64_t)NSEC_PER_MSEC;
}

static void
uptimes(const struct move *m, const struct span *s)
{
	uint64_t *to = (uint64_t *)m->to[0] + s->row;
	const uint8_t *p = s->p + m->src[0];
	const uint64_t export = (uint64_t)s->first->export_time;
	const uint32_t uptime = s->first->sys_uptime;
	uint32_t i;

	for (i = 0; i < s->n; i++, p += s->len)
		to[i] = export +
		    (uint64_t)flow_uptime_to_time(0, uptime,
			(uint32_t)move_number(p, m->len));
}

struct way_to {
	uint8_t kind; /* enum move_kind */
	uint8_t len;  /* in the record; 0: any */
	uint8_t width;
	void (*one)(const struct move *, const struct span *);
	void (*two)(const struct move *, const struct span *);
	void (*four)(const struct move *, const struct span *);
};

/* clang-format off */
#define NUMBERS(len, bits) \
	{ MOVE_NUMBER, len, bits / 8, n##len##_##bits##_1, \
	    n##len##_##bits##_2, n##len##_##bits##_4 }

static const struct way_to table[] = {
	{ MOVE_BYTES, 4, 4, bytes4_1, bytes4_2, bytes4_4 },
	NUMBERS(1, 8),
	NUMBERS(1, 16),
	NUMBERS(1, 32),
	NUMBERS(1, 64),
	NUMBERS(2, 16),
	NUMBERS(2, 32),
	NUMBERS(2, 64),
	NUMBERS(4, 32),
	NUMBERS(4, 64),
	NUMBERS(8, 64),
	{ MOVE_NUMBER, 0, 1, any_8, NULL, NULL },
	{ MOVE_NUMBER, 0, 2, any_16, NULL, NULL },
	{ MOVE_NUMBER, 0, 4, any_32, NULL, NULL },
	{ MOVE_NUMBER, 0, 8, any_64, NULL, NULL },
	{ MOVE_SECONDS, 0, 8, seconds, NULL, NULL },
	{ MOVE_MSECONDS, 8, 8, mseconds, NULL, NULL },
	{ MOVE_UPTIME, 0, 8, uptimes, NULL, NULL },
};
/* clang-format on */

unsigned int
move_find(struct move *m, enum move_kind kind, uint8_t width, unsigned int many)
{
	const struct way_to *w;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		w = &table[i];
		if (w->kind != kind || w->width != width ||
		    (w->len != 0 && w->len != m->len))
			continue;
		if (many >= 4 && w->four != NULL) {
			m->fn = w->four;
			return (4);
		}
		if (many >= 2 && w->two != NULL) {
			m->fn = w->two;
			return (2);
		}
		m->fn = w->one;
		return (1);
	}
	return (0);
}
