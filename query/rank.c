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

#include "compat/compat.h"
#include "query/rank.h"

#define FEW 48 /* are sorted by insertion */
#define DIGITS 8
#define MANY 65536 /* are dealt into pieces first; their pages are large */
#define PIECES_BITS 10
#define PIECES (1u << PIECES_BITS)

struct rank_item *
rank_new(size_t n)
{
	struct rank_item *v;

	if (n < MANY)
		return (reallocarray(NULL, n + 1, 2 * sizeof(*v)));
	if (n > SIZE_MAX / (2 * sizeof(*v)) ||
	    (v = pages_reserve(n * 2 * sizeof(*v))) == NULL)
		return (NULL);
	if (pages_use(v, n * 2 * sizeof(*v), true) == 0)
		return (v);
	pages_free(v, n * 2 * sizeof(*v));
	return (NULL);
}

void
rank_free(struct rank_item *v, size_t n)
{
	if (n < MANY)
		free(v);
	else
		pages_free(v, n * 2 * sizeof(*v));
}

static void
insert(struct rank_item *v, size_t n)
{
	struct rank_item x;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = v[i];
		for (j = i; j > 0 && v[j - 1].key > x.key; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

/* One digit of all; returns false if it is the same in all. */
static int
deal(const struct rank_item *from, struct rank_item *to, size_t n,
    unsigned int shift, const uint32_t *count)
{
	uint32_t at[256], sum = 0;
	unsigned int d;
	size_t i;

	if (count[from[0].key >> shift & 0xff] == n)
		return (0);
	for (d = 0; d < 256; d++) {
		at[d] = sum;
		sum += count[d];
	}
	for (i = 0; i < n; i++)
		to[at[from[i].key >> shift & 0xff]++] = from[i];
	return (1);
}

/* Bits of a number up to the highest that is set. */
static unsigned int
width_of(uint64_t n)
{
	unsigned int bits = 0;

	for (; n != 0; n >>= 1)
		bits++;
	return (bits);
}

static unsigned int
digits_of(const struct rank_item *v, size_t n)
{
	uint64_t differ = 0;
	size_t i;

	for (i = 1; i < n; i++)
		differ |= v[0].key ^ v[i].key;
	return ((width_of(differ) + 7) / 8);
}

/* Sorts what is in from, by way of to; home is one of them. */
static void
radix(struct rank_item *from, struct rank_item *to, size_t n,
    struct rank_item *home)
{
	const unsigned int digits = digits_of(from, n);
	uint32_t count[DIGITS][256];
	struct rank_item *other;
	unsigned int d;
	uint64_t key;
	size_t i;

	memset(count, 0, digits * sizeof(count[0]));
	for (i = 0; i < n; i++)
		for (d = 0, key = from[i].key; d < digits; d++, key >>= 8)
			count[d][key & 0xff]++;
	for (d = 0; d < digits; d++)
		if (deal(from, to, n, d * 8, count[d])) {
			other = from;
			from = to;
			to = other;
		}
	if (from != home)
		memcpy(home, from, n * sizeof(*home));
}

/* As many pieces as stay in the cache while they are sorted. */
static void
pieces(struct rank_item *v, size_t n, struct rank_item *tmp, uint64_t least,
    unsigned int shift)
{
	uint32_t end[PIECES + 1] = {0};
	size_t i, begin, some;

	for (i = 0; i < n; i++)
		end[((v[i].key - least) >> shift) + 1]++;
	for (i = 1; i < PIECES; i++)
		end[i + 1] += end[i];
	for (i = 0; i < n; i++)
		tmp[end[(v[i].key - least) >> shift]++] = v[i];
	for (i = 0, begin = 0; i < PIECES; begin = end[i++]) {
		if ((some = end[i] - begin) > FEW) {
			radix(tmp + begin, v + begin, some, v + begin);
			continue;
		}
		memcpy(v + begin, tmp + begin, some * sizeof(*v));
		insert(v + begin, some);
	}
}

static void
sort_keys(struct rank_item *v, size_t n, struct rank_item *tmp)
{
	uint64_t least = v[0].key, most = v[0].key;
	unsigned int bits;
	size_t i;

	if (n <= FEW) {
		insert(v, n);
		return;
	}
	for (i = 1; i < n; i++) {
		least = v[i].key < least ? v[i].key : least;
		most = v[i].key > most ? v[i].key : most;
	}
	bits = width_of(most - least);
	if (n < MANY || bits <= PIECES_BITS)
		radix(v, tmp, n, v);
	else
		pieces(v, n, tmp, least, bits - PIECES_BITS);
}

static int
sorted(const struct rank_item *v, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (v[i - 1].key > v[i].key)
			return (0);
	return (1);
}

static void
sort_from(const struct ranking *r, unsigned int depth, struct rank_item *v,
    size_t n, struct rank_item *tmp)
{
	size_t i, end;

	/* A loop where all are equal: a common case, and texts are deep. */
	for (;; depth++) {
		if (n < 2 || depth == r->depths)
			return;
		r->load(r->arg, depth, v, n);
		if (!sorted(v, n))
			sort_keys(v, n, tmp);
		if (v[0].key != v[n - 1].key)
			break;
	}
	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && v[end].key == v[i].key; end++)
			;
		if (end - i > 1)
			sort_from(r, depth + 1, v + i, end - i, tmp);
	}
}

void
rank_sort(const struct ranking *r, struct rank_item *v, size_t n,
    struct rank_item *tmp)
{
	sort_from(r, 0, v, n, tmp);
}

static int
cmp_from(const struct ranking *r, unsigned int depth, uint64_t a, uint64_t b)
{
	struct rank_item v[2];

	for (; depth < r->depths; depth++) {
		v[0].ref = a;
		v[1].ref = b;
		r->load(r->arg, depth, v, 2);
		if (v[0].key != v[1].key)
			return (v[0].key < v[1].key ? -1 : 1);
	}
	return (0);
}

int
rank_cmp(const struct ranking *r, uint64_t a, uint64_t b)
{
	return (cmp_from(r, 0, a, b));
}

static int
item_cmp(const struct ranking *r, const struct rank_item *a,
    const struct rank_item *b)
{
	if (a->key != b->key)
		return (a->key < b->key ? -1 : 1);
	return (cmp_from(r, 1, a->ref, b->ref));
}

/* What stands at i moves down until nothing below it is worse. */
static void
sift_down(const struct ranking *r, struct rank_heap *h, size_t i)
{
	struct rank_item x = h->item[i];
	size_t child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n &&
		    item_cmp(r, &h->item[child + 1], &h->item[child]) > 0)
			child++;
		if (item_cmp(r, &h->item[child], &x) <= 0)
			break;
		h->item[i] = h->item[child];
		i = child;
	}
	h->item[i] = x;
}

static void
sift_up(const struct ranking *r, struct rank_heap *h, size_t i)
{
	struct rank_item x = h->item[i];
	size_t up;

	while (i > 0) {
		up = (i - 1) / 2;
		if (item_cmp(r, &h->item[up], &x) >= 0)
			break;
		h->item[i] = h->item[up];
		i = up;
	}
	h->item[i] = x;
}

void
rank_heap_add(const struct ranking *r, struct rank_heap *h, uint64_t key,
    uint64_t ref, uint64_t *out)
{
	struct rank_item x = {key, ref};

	*out = UINT64_MAX;
	if (h->n < h->size) {
		h->item[h->n++] = x;
		sift_up(r, h, h->n - 1);
		return;
	}
	*out = ref;
	if (h->size == 0 || item_cmp(r, &x, &h->item[0]) >= 0)
		return;
	*out = h->item[0].ref;
	h->item[0] = x;
	sift_down(r, h, 0);
}
