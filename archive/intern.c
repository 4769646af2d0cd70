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

#include "archive/intern.h"
#include "bytes.h"

#define CODE_BITS 17 /* of a slot: BLOCK_FLOWS codes, and 0 for free */
#define CODE_MASK ((UINT32_C(1) << CODE_BITS) - 1)

static uint32_t
table_size(uint32_t most)
{
	uint32_t n = 64;

	while (n < most * 2)
		n *= 2;
	return (n);
}

static int
make_values(struct rows_column *c, uint32_t most)
{
	if (c->type == CT_ADDR)
		return ((c->addr = calloc(most, sizeof(*c->addr))) == NULL ? -1
									   : 0);
	return ((c->bytes = calloc(most, sizeof(*c->bytes))) == NULL ? -1 : 0);
}

int
intern_init(struct rows_column *c, uint32_t rows, uint64_t seed)
{
	struct rows_index *x;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (-1);
	c->index = x;
	x->seed = seed;
	x->most = rows < BLOCK_FLOWS ? rows + 1 : BLOCK_FLOWS;
	x->mask = table_size(x->most) - 1;
	x->slot = calloc((size_t)x->mask + 1, sizeof(*x->slot));
	if (x->slot == NULL || make_values(c, x->most) == -1) {
		intern_free(c);
		return (-1);
	}
	if (c->bytes != NULL)
		c->bytes[0] = (struct flow_text){"", 0};
	c->ndict = 1;
	return (0);
}

void
intern_free(struct rows_column *c)
{
	if (c->index != NULL)
		free(c->index->slot);
	free(c->index);
	free(c->addr);
	free(c->bytes);
	c->index = NULL;
	c->addr = NULL;
	c->bytes = NULL;
}

void
intern_clear(struct rows_column *c)
{
	struct rows_index *x = c->index;

	if (c->ndict > 1)
		memset(x->slot, 0, ((size_t)x->mask + 1) * sizeof(*x->slot));
	c->ndict = 1;
	x->none = x->other = false;
	x->last = 0;
}

/* The next value's code, found not to be there at that slot. */
static uint32_t
assign(struct rows_column *c, uint32_t *slot, uint64_t hash)
{
	struct rows_index *x = c->index;

	if (c->ndict >= x->most)
		return (INTERN_FULL);
	*slot = (uint32_t)(hash >> 32) << CODE_BITS | (c->ndict + 1);
	x->last = (uint16_t)c->ndict;
	return (c->ndict++);
}

/* True if the slot is of the same 15 bits of the hash: worth a look. */
static bool
may_be(uint32_t slot, uint64_t hash)
{
	return (slot >> CODE_BITS ==
	    (uint32_t)(hash >> 32) << CODE_BITS >> CODE_BITS);
}

static uint32_t
none(struct rows_index *x)
{
	x->none = true;
	x->last = 0;
	return (0);
}

static uint32_t
find_addr(struct rows_column *c, const struct addr *a, uint64_t hash)
{
	struct rows_index *x = c->index;
	uint32_t i, code;

	for (i = (uint32_t)hash & x->mask; x->slot[i] != 0;
	     i = (i + 1) & x->mask) {
		code = (x->slot[i] & CODE_MASK) - 1;
		if (may_be(x->slot[i], hash) &&
		    intern_same_addr(&c->addr[code], a)) {
			x->last = (uint16_t)code;
			return (code);
		}
	}
	code = assign(c, &x->slot[i], hash);
	if (code != INTERN_FULL)
		c->addr[code] = *a;
	return (code);
}

uint32_t
intern_addr(struct rows_column *c, const struct addr *a)
{
	struct rows_index *x = c->index;

	if (a->family != ADDR_V4)
		x->other = true;
	if (a->family == ADDR_NONE)
		return (none(x));
	return (find_addr(c, a, addr_hash(a, x->seed)));
}

/* Where they will be looked for is fetched while others are. */
uint32_t
intern_addrs(struct rows_column *c, const struct addr *a, uint32_t n,
    uint16_t *to)
{
	struct rows_index *x = c->index;
	uint64_t hash[INTERN_MOST];
	uint32_t i, code;

	for (i = 0; i < n; i++) {
		hash[i] = addr_hash(&a[i], x->seed);
		__builtin_prefetch(&x->slot[(uint32_t)hash[i] & x->mask]);
		if (a[i].family != ADDR_V4)
			x->other = true;
	}
	for (i = 0; i < n; i++) {
		if ((code = find_addr(c, &a[i], hash[i])) == INTERN_FULL)
			break;
		to[i] = (uint16_t)code;
	}
	return (i);
}

static uint64_t
mix(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return (h ^ h >> 32);
}

static uint64_t
hash_bytes(struct flow_text t, uint64_t seed)
{
	uint64_t h = seed ^ t.len, w;
	size_t i;

	for (i = 0; i + 8 <= t.len; i += 8) {
		memcpy(&w, t.p + i, 8);
		h = mix(h ^ w);
	}
	w = 0;
	memcpy(&w, t.p + i, t.len - i);
	return (mix(h ^ w));
}

static bool
same_bytes(struct flow_text a, struct flow_text b)
{
	return (a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
}

uint32_t
intern_bytes(struct rows_column *c, struct arena *arena, struct flow_text t)
{
	struct rows_index *x = c->index;
	uint64_t hash;
	uint32_t i, code;

	if (t.len == 0)
		return (none(x));
	if (same_bytes(c->bytes[x->last], t))
		return (x->last);
	hash = hash_bytes(t, x->seed);
	for (i = (uint32_t)hash & x->mask; x->slot[i] != 0;
	     i = (i + 1) & x->mask) {
		code = (x->slot[i] & CODE_MASK) - 1;
		if (may_be(x->slot[i], hash) && same_bytes(c->bytes[code], t)) {
			x->last = (uint16_t)code;
			return (code);
		}
	}
	if (arena->size - arena->len < t.len ||
	    (code = assign(c, &x->slot[i], hash)) == INTERN_FULL)
		return (INTERN_FULL);
	c->bytes[code].p = memcpy(arena->p + arena->len, t.p, t.len);
	c->bytes[code].len = t.len;
	arena->len += t.len;
	return (code);
}
