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
 * A sealed table is a sorted array of the addresses at which the answer
 * changes: below the first it is no, from there on yes, and so on in turn, so
 * that the answer for an address is whether the number of bounds that are not
 * above it is odd.  Nesting and negation are settled while it is built.
 *
 * The bounds are found by a tree of indices.  A node takes the bounds of one
 * stretch of the array, drops the bits that they have in common, and spreads
 * them by their next bits over about as many slots as there are bounds; a
 * crowded slot has a node of its own.  Two or three reads answer for a hundred
 * thousand prefixes, and nobody who chooses them can make it worse than a
 * search by halves.
 */

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "table.h"

#define LEAF_MAX 8   /* bounds that are counted one by one */
#define INDEX_MAX 18 /* bits of an index */
#define DEPTH_MAX 8
#define LEAF 0x80000000U

/* IPv4 addresses stand in the topmost 32 bits. */
struct u128 {
	uint64_t hi, lo;
};

struct node {
	uint64_t first, last; /* of its keys */
	uint32_t from, n;     /* its stretch of the bounds */
	uint32_t slots;	      /* where its index begins, or LEAF */
	uint8_t shift;	      /* of the bits that choose a slot */
	uint8_t bits;
};

struct tree {
	struct u128 *at; /* the bounds */
	uint64_t *key;	 /* 64 bits of each, from bit `skip` on */
	size_t n;
	unsigned int skip; /* bits that all of them share */
	struct u128 common;
	struct node *nodes;
	size_t nnodes, nodesize;
	uint32_t *slots; /* node that has the bounds of that slot */
	size_t nslots, slotsize;
};

struct member {
	struct prefix prefix;
	uint32_t order;
	bool negated;
};

struct table {
	struct member *members;
	size_t n, size;
	bool sealed;
	struct tree v4, v6;
};

static struct u128
u128_of(const struct addr *a)
{
	struct u128 v;

	v.hi = a->family == ADDR_V4 ? (uint64_t)be32(a->b) << 32 : be64(a->b);
	v.lo = a->family == ADDR_V4 ? 0 : be64(a->b + 8);
	return (v);
}

static int
u128_cmp(struct u128 a, struct u128 b)
{
	if (a.hi != b.hi)
		return (a.hi < b.hi ? -1 : 1);
	return (a.lo < b.lo ? -1 : a.lo > b.lo);
}

/* Ones in all but the first len bits. */
static struct u128
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
u128_window(struct u128 v, unsigned int skip)
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

static void
tree_clear(struct tree *t)
{
	free(t->at);
	free(t->key);
	free(t->nodes);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

struct table *
table_new(void)
{
	return (calloc(1, sizeof(struct table)));
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	tree_clear(&t->v4);
	tree_clear(&t->v6);
	free(t->members);
	free(t);
}

int
table_add(struct table *t, const struct prefix *p, bool negated)
{
	struct member *m;
	size_t size;

	if (t->n == t->size) {
		size = t->size == 0 ? 4 : t->size * 2;
		if (size > UINT32_MAX / 4 ||
		    (m = reallocarray(t->members, size, sizeof(*m))) == NULL)
			return (-1);
		t->members = m;
		t->size = size;
	}
	m = &t->members[t->n];
	m->prefix = *p;
	m->negated = negated;
	m->order = (uint32_t)t->n++;
	t->sealed = false;
	return (0);
}

static int
member_cmp(const void *va, const void *vb)
{
	const struct member *a = va, *b = vb;
	int c;

	if ((c = addr_cmp(&a->prefix.addr, &b->prefix.addr)) != 0)
		return (c);
	if (a->prefix.len != b->prefix.len)
		return (a->prefix.len < b->prefix.len ? -1 : 1);
	return (a->order < b->order ? -1 : 1);
}

/* Sort, and of several that say the same prefix keep the last said. */
static void
members_sort(struct table *t)
{
	struct member *m = t->members;
	size_t i, n = 0;

	if (t->n == 0)
		return;
	qsort(m, t->n, sizeof(*m), member_cmp);
	for (i = 0; i < t->n; i++) {
		if (n > 0 && m[n - 1].prefix.len == m[i].prefix.len &&
		    addr_equal(&m[n - 1].prefix.addr, &m[i].prefix.addr))
			n--;
		m[n++] = m[i];
	}
	for (i = 0; i < n; i++)
		m[i].order = (uint32_t)i;
	t->n = n;
}

/*
 * Bounds while they are made: the answer from `at` on.  Each comes at or above
 * the one before.
 */
struct sweep {
	struct u128 *at;
	bool *yes;
	size_t n;
	const struct member *open[130]; /* around this place, outermost first */
	size_t depth;
};

static void
sweep_put(struct sweep *s, struct u128 at, bool yes)
{
	if (s->n > 0 && u128_cmp(s->at[s->n - 1], at) == 0)
		s->n--;
	if (yes == (s->n > 0 && s->yes[s->n - 1]))
		return;
	s->at[s->n] = at;
	s->yes[s->n++] = yes;
}

static struct u128
last_of(const struct prefix *p)
{
	struct u128 v = u128_of(&p->addr), tail = u128_tail(p->len);

	v.hi |= tail.hi;
	v.lo |= tail.lo;
	return (v);
}

/* Close the innermost: behind it the answer is that of the one around it. */
static void
sweep_pop(struct sweep *s)
{
	struct u128 end = last_of(&s->open[--s->depth]->prefix);

	if (end.hi == UINT64_MAX && end.lo == UINT64_MAX)
		return;
	if (++end.lo == 0)
		end.hi++;
	sweep_put(s, end, s->depth > 0 && !s->open[s->depth - 1]->negated);
}

static void
sweep(struct sweep *s, const struct member *m, size_t n)
{
	struct u128 start, last;
	size_t i;

	for (i = 0; i < n; i++) {
		start = u128_of(&m[i].prefix.addr);
		while (s->depth > 0) {
			last = last_of(&s->open[s->depth - 1]->prefix);
			if (u128_cmp(last, start) >= 0)
				break;
			sweep_pop(s);
		}
		s->open[s->depth++] = &m[i];
		sweep_put(s, start, !m[i].negated);
	}
	while (s->depth > 0)
		sweep_pop(s);
}

static int
tree_node(struct tree *t, struct node **np)
{
	struct node *n;
	size_t size;

	if (t->nnodes == t->nodesize) {
		size = t->nodesize == 0 ? 16 : t->nodesize * 2;
		if ((n = reallocarray(t->nodes, size, sizeof(*n))) == NULL)
			return (-1);
		t->nodes = n;
		t->nodesize = size;
	}
	*np = &t->nodes[t->nnodes++];
	memset(*np, 0, sizeof(**np));
	return (0);
}

static int
tree_slots(struct tree *t, size_t n)
{
	uint32_t *slots;
	size_t size = t->slotsize == 0 ? 64 : t->slotsize;

	while (size - t->nslots < n)
		size *= 2;
	if (size != t->slotsize) {
		slots = reallocarray(t->slots, size, sizeof(*slots));
		if (slots == NULL)
			return (-1);
		t->slots = slots;
		t->slotsize = size;
	}
	t->nslots += n;
	return (0);
}

/* About as many slots as bounds, and no bit that all of them share. */
static void
node_spread(struct node *n)
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
node_slot(const struct node *n, uint64_t key)
{
	return ((size_t)(key >> n->shift & ((UINT64_C(1) << n->bits) - 1)));
}

static int tree_build(struct tree *, uint32_t from, uint32_t n, int depth,
    uint32_t *);

/* An index over the bounds of node `id`; the arrays move under it. */
static int
tree_index(struct tree *t, uint32_t id, int depth)
{
	const struct node nd = t->nodes[id];
	uint32_t base = (uint32_t)t->nslots, i = nd.from, from, child;
	size_t slot, nslots = (size_t)1 << nd.bits;

	if (t->nslots + nslots >= LEAF || tree_slots(t, nslots) == -1)
		return (-1);
	t->nodes[id].slots = base;
	for (slot = 0; slot < nslots; slot++) {
		from = i;
		while (i < nd.from + nd.n && node_slot(&nd, t->key[i]) == slot)
			i++;
		if (tree_build(t, from, i - from, depth + 1, &child) == -1)
			return (-1);
		t->slots[base + slot] = child;
	}
	return (0);
}

/*
 * What a slot says: the node of its bounds, or LEAF and the number of bounds
 * below it when it has none of its own.
 */
static int
tree_build(struct tree *t, uint32_t from, uint32_t n, int depth, uint32_t *id)
{
	struct node *nd;

	if (n == 0) {
		*id = LEAF | from;
		return (0);
	}
	*id = (uint32_t)t->nnodes;
	if (tree_node(t, &nd) == -1)
		return (-1);
	nd->from = from;
	nd->n = n;
	nd->first = t->key[from];
	nd->last = t->key[from + n - 1];
	nd->slots = LEAF;
	if (n <= LEAF_MAX || depth == DEPTH_MAX || nd->first == nd->last)
		return (0);
	node_spread(nd);
	return (tree_index(t, *id, depth));
}

/* The bits that first and last share, and with them all between. */
static void
tree_window(struct tree *t)
{
	const struct u128 first = t->at[0], last = t->at[t->n - 1];
	size_t i;

	t->skip = leading(first.hi ^ last.hi);
	t->common.hi = first.hi & ~u128_tail(t->skip).hi;
	for (i = 0; i < t->n; i++)
		t->key[i] = u128_window(t->at[i], t->skip);
}

static int
tree_make(struct tree *t, const struct member *m, size_t n)
{
	struct sweep s;
	uint32_t root;

	memset(t, 0, sizeof(*t));
	if (n == 0)
		return (0);
	memset(&s, 0, sizeof(s));
	/* Each member has a beginning and an end. */
	s.at = t->at = reallocarray(NULL, n, 2 * sizeof(*s.at));
	s.yes = reallocarray(NULL, n, 2 * sizeof(*s.yes));
	if (s.at != NULL && s.yes != NULL)
		sweep(&s, m, n);
	free(s.yes);
	if (s.at == NULL || s.yes == NULL)
		return (-1);
	if ((t->n = s.n) == 0)
		return (0);
	if ((t->key = reallocarray(NULL, t->n, sizeof(*t->key))) == NULL)
		return (-1);
	tree_window(t);
	return (tree_build(t, 0, (uint32_t)t->n, 0, &root));
}

int
table_seal(struct table *t)
{
	struct tree v4, v6;
	size_t n4;

	if (t->sealed)
		return (0);
	if (t->n == 0) {
		t->sealed = true;
		return (0);
	}
	members_sort(t);
	for (n4 = 0; n4 < t->n; n4++)
		if (t->members[n4].prefix.addr.family != ADDR_V4)
			break;
	memset(&v6, 0, sizeof(v6));
	if (tree_make(&v4, t->members, n4) == -1 ||
	    tree_make(&v6, t->members + n4, t->n - n4) == -1) {
		tree_clear(&v4);
		tree_clear(&v6);
		return (-1);
	}
	tree_clear(&t->v4);
	tree_clear(&t->v6);
	t->v4 = v4;
	t->v6 = v6;
	t->sealed = true;
	return (0);
}

/* How many bounds of [from, from + n) are not above v, by halves. */
static size_t
rank_halves(const struct tree *t, size_t from, size_t n, struct u128 v)
{
	size_t lo = from, hi = from + n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (u128_cmp(t->at[mid], v) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

/* The same in a node that has no index; keys decide unless they are equal. */
static size_t
rank_leaf(const struct tree *t, const struct node *nd, uint64_t key,
    struct u128 v)
{
	const uint64_t *k = t->key + nd->from;
	size_t i, below = 0;
	bool same = false;

	if (nd->n > LEAF_MAX)
		return (rank_halves(t, nd->from, nd->n, v));
	for (i = 0; i < nd->n; i++) {
		below += k[i] < key;
		same |= k[i] == key;
	}
	if (same)
		return (rank_halves(t, nd->from, nd->n, v));
	return (nd->from + below);
}

static size_t
tree_rank(const struct tree *t, struct u128 v)
{
	const struct node *nd = t->nodes;
	uint64_t key, head;
	uint32_t slot;

	head = v.hi & ~u128_tail(t->skip).hi;
	if (head != t->common.hi)
		return (head < t->common.hi ? 0 : t->n);
	key = u128_window(v, t->skip);
	for (;;) {
		if (key < nd->first)
			return (nd->from);
		if (key > nd->last)
			return (nd->from + nd->n);
		if (nd->slots == LEAF)
			return (rank_leaf(t, nd, key, v));
		slot = t->slots[nd->slots + node_slot(nd, key)];
		if (slot & LEAF)
			return (slot & ~LEAF);
		nd = &t->nodes[slot];
	}
}

/* Before sealing: the longest, and of equals the last said. */
static bool
match_slowly(const struct table *t, const struct addr *a)
{
	const struct member *m, *best = NULL;
	size_t i;

	for (i = 0; i < t->n; i++) {
		m = &t->members[i];
		if (prefix_match(&m->prefix, a) &&
		    (best == NULL || m->prefix.len >= best->prefix.len))
			best = m;
	}
	return (best != NULL && !best->negated);
}

bool
table_match(const struct table *t, const struct addr *a)
{
	const struct tree *tree = a->family == ADDR_V4 ? &t->v4 : &t->v6;

	if (!t->sealed)
		return (match_slowly(t, a));
	if (a->family == ADDR_NONE || tree->n == 0)
		return (false);
	return (tree_rank(tree, u128_of(a)) & 1);
}

size_t
table_count(const struct table *t)
{
	return (t->n);
}

int
table_walk(const struct table *t,
    int (*fn)(void *arg, const struct prefix *, bool negated), void *arg)
{
	size_t i;
	int r;

	for (i = 0; i < t->n; i++)
		if ((r = fn(arg, &t->members[i].prefix,
			 t->members[i].negated)) != 0)
			return (r);
	return (0);
}
