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
 */

#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "table.h"

struct member {
	struct prefix prefix;
	uint32_t order;
	bool negated;
};

struct table {
	struct member *members;
	size_t n, size;
	bool sealed;
	struct bounds v4, v6;
};

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
	bounds_clear(&t->v4);
	bounds_clear(&t->v6);
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
		if (size > BOUNDS_MAX / 2 ||
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
make(struct bounds *b, const struct member *m, size_t n)
{
	struct sweep s;
	struct u128 *at;

	memset(b, 0, sizeof(*b));
	if (n == 0)
		return (0);
	memset(&s, 0, sizeof(s));
	/* Each member has a beginning and an end. */
	s.at = reallocarray(NULL, n, 2 * sizeof(*s.at));
	s.yes = reallocarray(NULL, n, 2 * sizeof(*s.yes));
	if (s.at == NULL || s.yes == NULL) {
		free(s.at);
		free(s.yes);
		return (-1);
	}
	sweep(&s, m, n);
	free(s.yes);
	if (s.n > 0 && (at = realloc(s.at, s.n * sizeof(*at))) != NULL)
		s.at = at;
	return (bounds_make(b, s.at, s.n));
}

int
table_seal(struct table *t)
{
	struct bounds v4, v6;
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
	if (make(&v4, t->members, n4) == -1 ||
	    make(&v6, t->members + n4, t->n - n4) == -1) {
		bounds_clear(&v4);
		bounds_clear(&v6);
		return (-1);
	}
	bounds_clear(&t->v4);
	bounds_clear(&t->v6);
	t->v4 = v4;
	t->v6 = v6;
	t->sealed = true;
	return (0);
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
	const struct bounds *b = a->family == ADDR_V4 ? &t->v4 : &t->v6;

	if (!t->sealed)
		return (match_slowly(t, a));
	if (a->family == ADDR_NONE)
		return (false);
	return (bounds_find(b, u128_of(a)) & 1);
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
