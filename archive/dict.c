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
#include <string.h>

#include "archive/dict.h"
#include "archive/le.h"
#include "archive/series.h"

#define ADDRS_HDRLEN 8 /* how many of IPv4, of IPv6 */

size_t
dict_bound(enum column_type type, uint32_t n, size_t text_bytes)
{
	switch (type) {
	case CT_BYTES:
		return (n + text_bytes);
	case CT_ADDR:
		return (ADDRS_HDRLEN + 2 * series_bound(n));
	default:
		return (series_bound(n));
	}
}

size_t
dict_put_numbers(uint8_t *to, const uint64_t *v, uint32_t n,
    enum dict_effort effort)
{
	return (series_put(to, v, n, effort));
}

static uint64_t
number4(const struct addr *a)
{
	return (be32(a->b));
}

static uint64_t
high6(const struct addr *a)
{
	return (be64(a->b));
}

static uint64_t
low6(const struct addr *a)
{
	return (be64(a->b + 8));
}

/* Plain, of as many bits as there can be: no memory, no second look. */
static size_t
put_wide(uint8_t *to, const struct addr *a, uint32_t n,
    uint64_t (*number)(const struct addr *))
{
	const unsigned int bytes = number == number4 ? 4 : 8;
	uint32_t i;

	memset(to, 0, SERIES_HDRLEN);
	to[0] = SF_PLAIN;
	to[1] = CP_BITS;
	to[2] = (uint8_t)(bytes * 8);
	to += SERIES_HDRLEN;
	for (i = 0; i < n; i++, to += bytes)
		if (bytes == 4)
			le32_put(to, be32(a[i].b));
		else
			le64_put(to, number(&a[i]));
	return (SERIES_HDRLEN + (size_t)n * bytes);
}

static size_t
put_part(uint8_t *to, const struct addr *a, uint32_t n, enum dict_effort effort,
    uint64_t (*number)(const struct addr *))
{
	uint64_t *v;
	uint32_t i;
	size_t len;

	if (effort == DICT_QUICK ||
	    (v = reallocarray(NULL, n, sizeof(*v))) == NULL)
		return (put_wide(to, a, n, number));
	for (i = 0; i < n; i++)
		v[i] = number(&a[i]);
	len = series_put(to, v, n, effort);
	free(v);
	return (len);
}

size_t
dict_put_addrs(uint8_t *to, const struct addr *a, uint32_t n,
    enum dict_effort effort)
{
	uint32_t n4 = 0, n6 = 0;
	size_t at = ADDRS_HDRLEN;

	while (n4 < n && a[n4].family == ADDR_V4)
		n4++;
	while (n4 + n6 < n && a[n4 + n6].family == ADDR_V6)
		n6++;
	le32_put(to, n4);
	le32_put(to + 4, n6);
	if (n4 > 0)
		at += put_part(to + at, a, n4, effort, number4);
	if (n6 > 0) {
		at += put_part(to + at, a + n4, n6, effort, high6);
		at += put_part(to + at, a + n4, n6, effort, low6);
	}
	return (at);
}

size_t
dict_put_bytes(uint8_t *to, const struct flow_text *v, uint32_t n)
{
	uint8_t *p = to + n;
	uint32_t i;

	for (i = 0; i < n; i++) {
		to[i] = (uint8_t)v[i].len;
		if (v[i].len > 0)
			memcpy(p, v[i].p, to[i]);
		p += to[i];
	}
	return ((size_t)(p - to));
}

int
dict_get_numbers(uint64_t *to, uint32_t n, const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len);
	uint64_t chunk[SERIES_CHUNK];
	struct series s;
	uint32_t k;

	if (series_open(&s, &rd, n) == -1 || rd.left > 0)
		return (-1);
	for (; (k = series_next(&s, chunk)) > 0; to += k)
		memcpy(to, chunk, k * sizeof(*to));
	return (0);
}

static int
get4(struct addr *to, uint32_t n, struct rd *rd)
{
	uint64_t v[SERIES_CHUNK];
	struct series s;
	uint32_t i, k;

	if (series_open(&s, rd, n) == -1)
		return (-1);
	for (; (k = series_next(&s, v)) > 0; to += k)
		for (i = 0; i < k; i++) {
			/* A number that is too large loses its upper half. */
			to[i] = (struct addr){.family = ADDR_V4};
			be32_put(to[i].b, (uint32_t)v[i]);
		}
	return (0);
}

static int
get6(struct addr *to, uint32_t n, struct rd *rd)
{
	uint64_t high[SERIES_CHUNK], low[SERIES_CHUNK];
	struct series hs, ls;
	uint32_t i, k;

	if (series_open(&hs, rd, n) == -1 || series_open(&ls, rd, n) == -1)
		return (-1);
	for (; (k = series_next(&hs, high)) > 0; to += k) {
		(void)series_next(&ls, low);
		for (i = 0; i < k; i++) {
			to[i].family = ADDR_V6;
			be64_put(to[i].b, high[i]);
			be64_put(to[i].b + 8, low[i]);
		}
	}
	return (0);
}

int
dict_get_addrs(struct addr *to, uint32_t n, const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len);
	uint32_t n4, n6;

	if (rd_skip(&rd, ADDRS_HDRLEN) == -1)
		return (-1);
	n4 = le32(p);
	n6 = le32(p + 4);
	if (n4 > n || n6 > n - n4 || n - n4 - n6 > 1 ||
	    (n4 > 0 && get4(to, n4, &rd) == -1) ||
	    (n6 > 0 && get6(to + n4, n6, &rd) == -1) || rd.left > 0)
		return (-1);
	if (n4 + n6 < n)
		to[n - 1] = (struct addr){.family = ADDR_NONE};
	return (0);
}

int
dict_get_bytes(struct flow_text *to, uint32_t n, const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len);
	uint32_t i;

	if (rd_skip(&rd, n) == -1)
		return (-1);
	for (i = 0; i < n; i++) {
		to[i] =
		    (struct flow_text){.p = (const char *)rd.p, .len = p[i]};
		if (rd_skip(&rd, p[i]) == -1)
			return (-1);
	}
	return (rd.left > 0 ? -1 : 0);
}

/* The bit of a network: IPv4 by 16 bits, IPv6 by 32 and one above. */
static unsigned int
sketch_bit(uint64_t network)
{
	return (network * UINT64_C(0x9e3779b97f4a7c15) >> 57);
}

static uint64_t
network_of(const struct addr *a)
{
	return (
	    a->family == ADDR_V4 ? be16(a->b) : UINT64_C(1) << 32 | be32(a->b));
}

void
sketch_add(uint64_t sketch[2], const struct addr *a)
{
	unsigned int bit;

	if (a->family == ADDR_NONE)
		return;
	bit = sketch_bit(network_of(a));
	sketch[bit / 64] |= UINT64_C(1) << bit % 64;
}

#define SKETCH_BITS 128
#define SKETCH_LOOK 256 /* addresses between two looks whether all are set */

/* A byte for each bit: no store waits for the one before. */
static bool
sketch_full(const uint8_t *seen)
{
	unsigned int i, all = 1;

	for (i = 0; i < SKETCH_BITS; i++)
		all &= seen[i];
	return (all == 1);
}

static void
sketch_set(uint64_t sketch[2], const uint8_t *seen)
{
	unsigned int i;

	sketch[0] = sketch[1] = 0;
	for (i = 0; i < SKETCH_BITS; i++)
		sketch[i / 64] |= (uint64_t)seen[i] << i % 64;
}

void
sketch_addrs(uint64_t sketch[2], const struct addr *a, uint32_t n)
{
	uint8_t seen[SKETCH_BITS] = {0};
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (a[i].family != ADDR_NONE)
			seen[sketch_bit(network_of(&a[i]))] = 1;
		if (i % SKETCH_LOOK == SKETCH_LOOK - 1 && sketch_full(seen))
			break;
	}
	sketch_set(sketch, seen);
}

void
sketch_ipv4(uint64_t sketch[2], const uint8_t *p, uint32_t n)
{
	uint8_t seen[SKETCH_BITS] = {0};
	uint32_t i, some;

	for (; n > 0 && !sketch_full(seen); n -= some, p += some * 4UL) {
		some = n < SKETCH_LOOK ? n : SKETCH_LOOK;
		for (i = 0; i < some; i++)
			seen[sketch_bit(be16(p + i * 4UL))] = 1;
	}
	sketch_set(sketch, seen);
}

/* A short prefix has so many networks that all bits are theirs. */
#define SPAN_MAX 8

bool
sketch_may_have(const uint64_t sketch[2], const struct prefix *p)
{
	const unsigned int whole = p->addr.family == ADDR_V4 ? 16 : 32;
	const unsigned int span = p->len < whole ? whole - p->len : 0;
	uint64_t network, i;
	unsigned int bit;

	if (p->addr.family == ADDR_NONE)
		return (true);
	if (span > SPAN_MAX)
		return ((sketch[0] | sketch[1]) != 0);
	network = p->addr.family == ADDR_V4
	    ? be16(p->addr.b)
	    : UINT64_C(1) << 32 | be32(p->addr.b);
	network &= ~((UINT64_C(1) << span) - 1);
	for (i = 0; i < UINT64_C(1) << span; i++) {
		bit = sketch_bit(network + i);
		if (sketch[bit / 64] >> bit % 64 & 1)
			return (true);
	}
	return (false);
}
