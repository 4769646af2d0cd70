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
 * The bounds are found by a tree of indices.  A node takes the bounds of one
 * stretch of the array, drops the bits that they have in common, and spreads
 * them by their next bits over about as many slots as there are bounds.  A slot
 * says where its bounds begin, and they are at most LEAF_MAX, for a crowded
 * one has a node of its own: so as many keys are compared, always, because
 * those behind are of later slots and above.  Two or three reads answer for a
 * hundred thousand bounds, and nobody who chooses them can make it worse than
 * a search by halves.
 */

#include <stdlib.h>
#include <string.h>

#include "bounds.h"

#define LEAF_MAX 4   /* bounds that are counted one by one */
#define INDEX_MAX 22 /* bits of an index */
#define DEPTH_MAX 8

/* A slot is the node of its bounds, or where they begin, or would. */
#define SLOT_NODE 0x80000000U
#define SLOT_EMPTY 0x40000000U
#define SLOT_FROM 0x3fffffffU

struct bounds_node {
	uint64_t first, last; /* of its keys */
	uint32_t from, n;     /* its stretch of the bounds */
	uint32_t slots;	      /* where its index begins */
	uint8_t shift;	      /* of the bits that choose a slot */
	uint8_t bits;	      /* 0: it has no index */
};

int
u128_cmp(struct u128 a, struct u128 b)
{
	if (a.hi != b.hi)
		return (a.hi < b.hi ? -1 : 1);
	return (a.lo < b.lo ? -1 : a.lo > b.lo);
}

struct u128
u128_tail(unsigned int len)
{
	struct u128 v;

	v.hi = len >= 64 ? 0 : UINT64_MAX >> len;
	if (len >= 128)
		v.lo = 0;
	else
		v.lo = len <= 64 ? UINT64_MAX : UINT64_MAX >> (len - 64);
	return (v);
}

/* The 64 bits from bit skip (at most 64) on. */
static uint64_t
window(struct u128 v, unsigned int skip)
{
	if (skip == 0)
		return (v.hi);
	if (skip == 64)
		return (v.lo);
	return (v.hi << skip | v.lo >> (64 - skip));
}

static unsigned int
leading(uint64_t v)
{
	unsigned int n;

	for (n = 0; n < 64 && (v & UINT64_C(1) << 63) == 0; n++)
		v <<= 1;
	return (n);
}

void
bounds_clear(struct bounds *b)
{
	free(b->at);
	free(b->key);
	free(b->nodes);
	free(b->slots);
	memset(b, 0, sizeof(*b));
}

static int
new_node(struct bounds *b, struct bounds_node **np)
{
	struct bounds_node *n;
	size_t size;

	if (b->nnodes == b->nodesize) {
		size = b->nodesize == 0 ? 1 : b->nodesize * 2;
		if ((n = reallocarray(b->nodes, size, sizeof(*n))) == NULL)
			return (-1);
		b->nodes = n;
		b->nodesize = size;
	}
	*np = &b->nodes[b->nnodes++];
	memset(*np, 0, sizeof(**np));
	return (0);
}

static int
new_slots(struct bounds *b, size_t n)
{
	uint32_t *slots;
	size_t size = b->slotsize;

	if (size - b->nslots < n) {
		size = size == 0 ? n : size + size / 2 + n;
		slots = reallocarray(b->slots, size, sizeof(*slots));
		if (slots == NULL)
			return (-1);
		b->slots = slots;
		b->slotsize = size;
	}
	b->nslots += n;
	return (0);
}

/* About as many slots as bounds, and no bit that all of them share. */
static void
spread(struct bounds_node *n)
{
	unsigned int shared = leading(n->first ^ n->last), bits = 1;

	while (bits < INDEX_MAX && UINT64_C(1) << bits < n->n)
		bits++;
	if (bits > 64 - shared)
		bits = 64 - shared;
	n->bits = (uint8_t)bits;
	n->shift = (uint8_t)(64 - shared - bits);
}

static size_t
slot_of(const struct bounds_node *n, uint64_t key)
{
	return ((size_t)(key >> n->shift & ((UINT64_C(1) << n->bits) - 1)));
}

static int build(struct bounds *, uint32_t from, uint32_t n, int depth,
    uint32_t *);

/* An index over the bounds of node `id`; the arrays move under it. */
static int
build_index(struct bounds *b, uint32_t id, int depth)
{
	const struct bounds_node nd = b->nodes[id];
	uint32_t base = (uint32_t)b->nslots, i = nd.from, from, child;
	size_t slot, nslots = (size_t)1 << nd.bits;

	if (b->nslots + nslots > UINT32_MAX || new_slots(b, nslots) == -1)
		return (-1);
	b->nodes[id].slots = base;
	for (slot = 0; slot < nslots; slot++) {
		from = i;
		while (i < nd.from + nd.n && slot_of(&nd, b->key[i]) == slot)
			i++;
		if (build(b, from, i - from, depth + 1, &child) == -1)
			return (-1);
		b->slots[base + slot] = child;
	}
	return (0);
}

/* The slot of a stretch. */
static int
build(struct bounds *b, uint32_t from, uint32_t n, int depth, uint32_t *slot)
{
	struct bounds_node *nd;

	if (n <= LEAF_MAX) {
		*slot = n == 0 ? SLOT_EMPTY | from : from;
		return (0);
	}
	*slot = SLOT_NODE | (uint32_t)b->nnodes;
	if (new_node(b, &nd) == -1)
		return (-1);
	nd->from = from;
	nd->n = n;
	nd->first = b->key[from];
	nd->last = b->key[from + n - 1];
	if (depth == DEPTH_MAX || nd->first == nd->last)
		return (0);
	spread(nd);
	return (build_index(b, *slot & ~SLOT_NODE, depth));
}

/* The bits that first and last share, and with them all between. */
static void
make_keys(struct bounds *b)
{
	const struct u128 first = b->at[0], last = b->at[b->n - 1];
	bool whole = true;
	size_t i;

	b->skip = leading(first.hi ^ last.hi);
	b->mask = ~u128_tail(b->skip).hi;
	b->head = first.hi & b->mask;
	for (i = 0; i < b->n; i++) {
		b->key[i] = window(b->at[i], b->skip);
		if (b->skip < 64 && b->at[i].lo << b->skip != 0)
			whole = false;
	}
	for (i = b->n; i < b->n + LEAF_MAX; i++)
		b->key[i] = UINT64_MAX;
	if (whole) {
		free(b->at);
		b->at = NULL;
	}
}

int
bounds_make(struct bounds *b, struct u128 *at, size_t n)
{
	memset(b, 0, sizeof(*b));
	b->at = at;
	b->n = n;
	if (n == 0) {
		bounds_clear(b);
		return (0);
	}
	if (n >= BOUNDS_MAX ||
	    (b->key = reallocarray(NULL, n + LEAF_MAX, sizeof(*b->key))) ==
		NULL) {
		bounds_clear(b);
		return (-1);
	}
	make_keys(b);
	if (build(b, 0, (uint32_t)n, 0, &b->root) == -1) {
		bounds_clear(b);
		return (-1);
	}
	return (0);
}

/* How many of [from, from + n) are not above v, by halves. */
static size_t
halves(const struct bounds *b, size_t from, size_t n, struct u128 v)
{
	size_t lo = from, hi = from + n, mid;
	uint64_t key = window(v, b->skip);
	bool below;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (b->at == NULL)
			below = b->key[mid] <= key;
		else
			below = u128_cmp(b->at[mid], v) <= 0;
		if (below)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

/* The same at the end of the tree; keys decide unless they are equal. */
static size_t
count(const struct bounds *b, size_t from, uint64_t key, struct u128 v)
{
	const uint64_t *k = b->key + from;
	size_t i, n = from;
	bool same = false;

	if (b->at == NULL) {
		for (i = 0; i < LEAF_MAX; i++)
			n += k[i] <= key;
		/* The keys behind the last are as high as can be. */
		return (n > b->n ? b->n : n);
	}
	for (i = 0; i < LEAF_MAX; i++) {
		n += k[i] < key;
		same |= k[i] == key;
	}
	if (!same)
		return (n);
	n = b->n - from;
	return (halves(b, from, n < LEAF_MAX ? n : LEAF_MAX, v));
}

size_t
bounds_find(const struct bounds *b, struct u128 v)
{
	const struct bounds_node *nd;
	uint64_t key, head = v.hi & b->mask;
	uint32_t slot = b->root;

	if (b->n == 0)
		return (0);
	if (head != b->head)
		return (head < b->head ? 0 : b->n);
	key = window(v, b->skip);
	while (slot & SLOT_NODE) {
		nd = &b->nodes[slot & ~SLOT_NODE];
		if (key < nd->first)
			return (nd->from);
		if (key > nd->last)
			return (nd->from + nd->n);
		if (nd->bits == 0)
			return (halves(b, nd->from, nd->n, v));
		slot = b->slots[nd->slots + slot_of(nd, key)];
	}
	if (slot & SLOT_EMPTY)
		return (slot & SLOT_FROM);
	return (count(b, slot, key, v));
}
