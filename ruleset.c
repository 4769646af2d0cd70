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

#include "ruleset.h"

static uint64_t
hash(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return (h ^ h >> 29);
}

/* Room for one more; the numbers find their places by the function. */
static int
hashed_grow(struct hashed *h, uint64_t (*of)(const void *, size_t),
    const void *arg)
{
	size_t size = h->size == 0 ? 64 : h->size * 2, i, at;
	uint32_t *slots;

	if (h->n * 2 < h->size)
		return (0);
	if ((slots = calloc(size, sizeof(*slots))) == NULL)
		return (-1);
	for (i = 0; i < h->n; i++) {
		at = of(arg, i) & (size - 1);
		while (slots[at] != 0)
			at = (at + 1) & (size - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(h->slots);
	h->slots = slots;
	h->size = size;
	return (0);
}

void
rulesets_init(struct rulesets *s, size_t n)
{
	memset(s, 0, sizeof(*s));
	s->n = n;
	s->words = (n + 63) / 64;
	s->nids = n <= 64 ? 0 : (n + CHUNK_BITS - 1) / CHUNK_BITS;
	s->nsums = n <= 64 ? 1 : (s->words + 63) / 64;
}

void
rulesets_clear(struct rulesets *s)
{
	free(s->chunks);
	free(s->hashed.slots);
	memset(s, 0, sizeof(*s));
}

void
rulerows_clear(struct rulesets *s, struct rulerows *r)
{
	s->total -= r->size * (s->nsums * 8 + s->nids * 4);
	free(r->sums);
	free(r->ids);
	free(r->hashed.slots);
	memset(r, 0, sizeof(*r));
}

static uint64_t
chunk_hash(const struct chunk *c)
{
	uint64_t h = 0;
	size_t i;

	for (i = 0; i < CHUNK_WORDS; i++)
		h = hash(h, c->w[i]);
	return (h);
}

static uint64_t
chunk_hash_at(const void *arg, size_t i)
{
	const struct rulesets *s = arg;

	return (chunk_hash(&s->chunks[i]));
}

static enum ruleset_err
chunk_new(struct rulesets *s, const struct chunk *c)
{
	struct chunk *chunks;
	size_t size;

	if (s->nchunks == s->size) {
		size = s->size == 0 ? 64 : s->size * 2;
		if (s->total + s->size * sizeof(*c) > RULESETS_SIZE_MAX)
			return (RULESET_LARGE);
		chunks = reallocarray(s->chunks, size, sizeof(*chunks));
		if (chunks == NULL)
			return (RULESET_NOMEM);
		s->total += (size - s->size) * sizeof(*c);
		s->chunks = chunks;
		s->size = size;
	}
	s->chunks[s->nchunks++] = *c;
	s->hashed.n = s->nchunks;
	return (RULESET_OK);
}

static enum ruleset_err
chunk_put(struct rulesets *s, const struct chunk *c, uint32_t *id)
{
	struct hashed *h = &s->hashed;
	enum ruleset_err err;
	size_t at;

	if (hashed_grow(h, chunk_hash_at, s) == -1)
		return (RULESET_NOMEM);
	at = chunk_hash(c) & (h->size - 1);
	for (; h->slots[at] != 0; at = (at + 1) & (h->size - 1)) {
		*id = h->slots[at] - 1;
		if (memcmp(&s->chunks[*id], c, sizeof(*c)) == 0)
			return (RULESET_OK);
	}
	*id = (uint32_t)s->nchunks;
	if ((err = chunk_new(s, c)) == RULESET_OK)
		h->slots[at] = *id + 1;
	return (err);
}

struct owner {
	const struct rulesets *s;
	const struct rulerows *r;
};

static uint64_t
row_hash(const struct rulesets *s, const struct rulerows *r, size_t row)
{
	uint64_t h = 0;
	size_t i;

	for (i = 0; i < s->nsums; i++)
		h = hash(h, r->sums[row * s->nsums + i]);
	for (i = 0; i < s->nids; i++)
		h = hash(h, r->ids[row * s->nids + i]);
	return (h);
}

static uint64_t
row_hash_at(const void *arg, size_t i)
{
	const struct owner *o = arg;

	return (row_hash(o->s, o->r, i));
}

static enum ruleset_err
grow(struct rulesets *s, struct rulerows *r)
{
	size_t size = r->size == 0 ? 16 : r->size * 2;
	size_t each = s->nsums * sizeof(*r->sums) + s->nids * sizeof(*r->ids);
	uint64_t *sums;
	uint32_t *ids;

	if (r->n < r->size)
		return (RULESET_OK);
	if (s->total + (size - r->size) * each > RULESETS_SIZE_MAX)
		return (RULESET_LARGE);
	sums = reallocarray(r->sums, size * s->nsums, sizeof(*sums));
	if (sums == NULL)
		return (RULESET_NOMEM);
	r->sums = sums;
	/* Some also where a row has none: who points to them, may. */
	ids = reallocarray(r->ids, size * s->nids + 1, sizeof(*ids));
	if (ids == NULL)
		return (RULESET_NOMEM);
	r->ids = ids;
	s->total += (size - r->size) * each;
	r->size = size;
	return (RULESET_OK);
}

/* The row behind the last, to be kept or not. */
static enum ruleset_err
row_write(struct rulesets *s, struct rulerows *r, const uint64_t *bits)
{
	uint64_t *sums = r->sums + r->n * s->nsums;
	struct chunk c, none;
	enum ruleset_err err;
	size_t i, n;

	memset(sums, 0, s->nsums * sizeof(*sums));
	if (s->nids == 0)
		sums[0] = bits[0];
	for (i = 0; s->nids > 0 && i < s->words; i++)
		if (bits[i] != 0)
			sums[i / 64] |= UINT64_C(1) << i % 64;
	memset(&none, 0, sizeof(none));
	for (i = 0; i < s->nids; i++) {
		n = s->words - i * CHUNK_WORDS;
		c = none;
		memcpy(c.w, bits + i * CHUNK_WORDS,
		    (n < CHUNK_WORDS ? n : CHUNK_WORDS) * sizeof(*bits));
		if ((err = chunk_put(s, &c, &r->ids[r->n * s->nids + i])) !=
		    RULESET_OK)
			return (err);
	}
	return (RULESET_OK);
}

enum ruleset_err
rulerows_put(struct rulesets *s, struct rulerows *r, const uint64_t *bits,
    uint32_t *id)
{
	const struct owner of = {.s = s, .r = r};
	struct hashed *h = &r->hashed;
	enum ruleset_err err;
	size_t at, row;

	if ((err = grow(s, r)) != RULESET_OK ||
	    (err = row_write(s, r, bits)) != RULESET_OK)
		return (err);
	if (hashed_grow(h, row_hash_at, &of) == -1)
		return (RULESET_NOMEM);
	at = row_hash(s, r, r->n) & (h->size - 1);
	for (; h->slots[at] != 0; at = (at + 1) & (h->size - 1)) {
		row = h->slots[at] - 1;
		if (memcmp(r->sums + row * s->nsums, r->sums + r->n * s->nsums,
			s->nsums * sizeof(*r->sums)) == 0 &&
		    (s->nids == 0 ||
			memcmp(r->ids + row * s->nids, r->ids + r->n * s->nids,
			    s->nids * sizeof(*r->ids)) == 0)) {
			*id = (uint32_t)row;
			return (RULESET_OK);
		}
	}
	*id = (uint32_t)r->n;
	h->slots[at] = *id + 1;
	h->n = ++r->n;
	return (RULESET_OK);
}
