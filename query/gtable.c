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
#include "query/gtable.h"

#define FIRST_BITS 12
#define LARGE_BITS 18 /* 2 MB of slots */
#define AHEAD 64      /* what is fetched together stays in the first cache */
/* Words of a key, of sums and of all measures. */
struct widths {
	unsigned int key, sums, all;
};

#define MOST_ROWS ((size_t)UINT32_MAX - 2 * STRIP)

/* Three quarters of the slots are taken at most. */
static size_t
room(unsigned int bits)
{
	return (((size_t)1 << bits) / 4 * 3);
}

static inline uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (h ^ h >> 32);
}

/* The upper half goes into the index. */
static inline uint64_t
last(uint64_t h)
{
	return (
	    h * UINT64_C(0xd6e8feb86659fd93) & UINT64_C(0xffffffff00000000));
}

void
gtable_init(struct gtable *t, unsigned int nk, const struct measures *m)
{
	memset(t, 0, sizeof(*t));
	t->m = m;
	t->nk = nk;
	t->width = nk + m->n;
	/* Who sends flows shall not know who shares a slot. */
	t->seed = (uint64_t)(uintptr_t)t * UINT64_C(0xff51afd7ed558ccd);
}

/* Memory for an index: in pages of its own if it is large. */
static uint64_t *
new_slots(unsigned int bits)
{
	const size_t n = (size_t)1 << bits;
	uint64_t *slots;

	if (bits < LARGE_BITS)
		return (calloc(n, sizeof(*slots)));
	if ((slots = pages_reserve(n * sizeof(*slots))) == NULL)
		return (NULL);
	if (pages_use(slots, n * sizeof(*slots), true) == 0)
		return (slots);
	pages_free(slots, n * sizeof(*slots));
	return (NULL);
}

static void
free_slots(uint64_t *slots, unsigned int bits)
{
	if (bits < LARGE_BITS)
		free(slots);
	else
		pages_free(slots, ((size_t)1 << bits) * sizeof(*slots));
}

static size_t
chunk_bytes(const struct gtable *t)
{
	return (GTABLE_CHUNK * t->width * sizeof(**t->chunk));
}

void
gtable_close(struct gtable *t)
{
	free_slots(t->slots, t->bits);
	t->slots = NULL;
	t->bits = 0;
}

void
gtable_clear(struct gtable *t)
{
	size_t i;

	gtable_close(t);
	for (i = 0; i < t->nchunks; i++)
		pages_free(t->chunk[i], chunk_bytes(t));
	free(t->chunk);
	t->chunk = NULL;
	t->n = t->nchunks = 0;
}

size_t
gtable_bytes(const struct gtable *t, size_t more)
{
	unsigned int bits = t->bits == 0 ? FIRST_BITS : t->bits;
	size_t n = t->n + more;

	while (room(bits) < n)
		bits++;
	return (n * t->width * sizeof(**t->chunk) +
	    ((size_t)1 << bits) * sizeof(*t->slots));
}

static void
put_slot(uint64_t *slots, unsigned int bits, uint64_t slot)
{
	size_t mask = ((size_t)1 << bits) - 1, i = slot >> (64 - bits);

	while (slots[i] != 0)
		i = (i + 1) & mask;
	slots[i] = slot;
}

/* The hash is in the slots, and its upper bits are their order. */
static int
grow_slots(struct gtable *t, unsigned int bits)
{
	uint64_t *slots = new_slots(bits);
	size_t i, n = t->bits == 0 ? 0 : (size_t)1 << t->bits;

	if (slots == NULL)
		return (-1);
	for (i = 0; i < n; i++)
		if (t->slots[i] != 0)
			put_slot(slots, bits, t->slots[i]);
	free_slots(t->slots, t->bits);
	t->slots = slots;
	t->bits = bits;
	return (0);
}

static int
add_chunk(struct gtable *t)
{
	uint64_t **more, *rows;

	more = reallocarray(t->chunk, t->nchunks + 1, sizeof(*more));
	if (more == NULL)
		return (-1);
	t->chunk = more;
	if ((rows = pages_reserve(chunk_bytes(t))) == NULL)
		return (-1);
	if (pages_use(rows, chunk_bytes(t), true) == -1) {
		pages_free(rows, chunk_bytes(t));
		return (-1);
	}
	t->chunk[t->nchunks++] = rows;
	return (0);
}

static int
reserve(struct gtable *t, size_t more)
{
	unsigned int bits = t->bits == 0 ? FIRST_BITS : t->bits;
	size_t n = t->n + more;

	if (n > MOST_ROWS)
		return (-1);
	while (n > t->nchunks * GTABLE_CHUNK)
		if (add_chunk(t) == -1)
			return (-1);
	while (room(bits) < n)
		bits++;
	return (bits == t->bits ? 0 : grow_slots(t, bits));
}

static void
hash(const struct gtable *t, uint32_t n, uint64_t *const *k, uint64_t *h)
{
	unsigned int w;
	uint32_t i;

	for (i = 0; i < n; i++)
		h[i] = mix(t->seed, k[0][i]);
	for (w = 1; w < t->nk; w++)
		for (i = 0; i < n; i++)
			h[i] = mix(h[i], k[w][i]);
	for (i = 0; i < n; i++)
		h[i] = last(h[i]);
}

/*
 * Slots, and then the rows that will be looked at, come closer.  What is there
 * goes to slot: gcc takes a function that only prefetches for one that does
 * nothing.
 */
static inline void
approach(const struct gtable *t, uint32_t n, const uint64_t *h, uint64_t *slot)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		__builtin_prefetch(&t->slots[h[i] >> (64 - t->bits)]);
	for (i = 0; i < n; i++) {
		slot[i] = t->slots[h[i] >> (64 - t->bits)];
		if ((slot[i] ^ h[i]) >> 32 == 0 && (uint32_t)slot[i] != 0)
			__builtin_prefetch(
			    gtable_row(t, (uint32_t)slot[i] - 1));
	}
}

static inline int
same(const uint64_t *row, uint64_t *const *k, uint32_t i, unsigned int nk)
{
	unsigned int w;

	for (w = 0; w < nk; w++)
		if (row[w] != k[w][i])
			return (0);
	return (1);
}

static inline void
append(struct gtable *t, uint64_t *const *k, uint64_t *const *v, uint32_t i,
    struct widths is)
{
	uint64_t *row = gtable_row(t, t->n++);
	unsigned int w;

	for (w = 0; w < is.key; w++)
		row[w] = k[w][i];
	for (row += is.key, w = 0; w < is.all; w++)
		row[w] = v[w][i];
}

static inline void
fold(uint64_t *to, uint64_t *const *v, uint32_t i, struct widths is)
{
	unsigned int w;

	for (w = 0; w < is.sums; w++)
		to[w] = measure_add(to[w], v[w][i]);
	for (; w < is.all; w++)
		if (to[w] < v[w][i])
			to[w] = v[w][i];
}

/* The row of a key, or NULL: it was not there, and is. */
static inline uint64_t *
find(struct gtable *t, uint32_t i, uint64_t h, uint64_t *const *k,
    uint64_t *const *v, struct widths is)
{
	const size_t mask = ((size_t)1 << t->bits) - 1;
	uint64_t *const slots = t->slots;
	size_t at = h >> (64 - t->bits);
	uint64_t slot, *row;

	for (;; at = (at + 1) & mask) {
		if ((slot = slots[at]) == 0) {
			append(t, k, v, i, is);
			slots[at] = h | t->n;
			return (NULL);
		}
		if ((slot ^ h) >> 32 != 0)
			continue;
		row = gtable_row(t, (uint32_t)slot - 1);
		if (same(row, k, i, is.key))
			return (row);
	}
}

/* First all are found, then all are counted: none waits for another. */
static inline void
put_all(struct gtable *t, uint32_t n, const uint64_t *h, uint64_t *const *k,
    uint64_t *const *v, struct widths is)
{
	uint64_t slot[AHEAD], *row[AHEAD];
	uint32_t i = 0, at, end;

	for (at = 0; at < n; at = end) {
		end = n - at < AHEAD ? n : at + AHEAD;
		approach(t, end - at, h + at, slot);
		for (i = at; i < end; i++)
			row[i - at] = find(t, i, h[i], k, v, is);
		for (i = at; i < end; i++)
			if (row[i - at] != NULL)
				fold(row[i - at] + is.key, v, i, is);
	}
}

int
gtable_add(struct gtable *t, uint32_t n, uint64_t *const *k, uint64_t *const *v)
{
	const bool usual = t->m->nsums == 3 && t->m->n == 3;
	uint64_t h[STRIP];

	if (n == 0)
		return (0);
	if (reserve(t, n) == -1)
		return (-1);
	hash(t, n, k, h);
	/* The compiler unrolls the usual widths. */
	if (t->nk == 1 && usual)
		put_all(t, n, h, k, v, (struct widths){1, 3, 3});
	else if (t->nk == 2 && usual)
		put_all(t, n, h, k, v, (struct widths){2, 3, 3});
	else
		put_all(t, n, h, k, v,
		    (struct widths){t->nk, t->m->nsums, t->m->n});
	return (0);
}

int
gtable_merge(struct gtable *t, const struct gtable *from)
{
	uint64_t **col, *word;
	unsigned int w;
	size_t i, n, at;
	int err = 0;

	col = calloc(t->width, sizeof(*col));
	word = calloc(t->width, STRIP * sizeof(*word));
	for (w = 0; col != NULL && word != NULL && w < t->width; w++)
		col[w] = word + (size_t)w * STRIP;
	for (at = 0; at < from->n && err == 0; at += n) {
		n = from->n - at < STRIP ? from->n - at : STRIP;
		if (col == NULL || word == NULL) {
			err = -1;
			break;
		}
		for (i = 0; i < n; i++)
			for (w = 0; w < t->width; w++)
				col[w][i] = gtable_row(from, at + i)[w];
		err = gtable_add(t, (uint32_t)n, col, col + t->nk);
	}
	free(col);
	free(word);
	return (err);
}
