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

#include "shelf.h"

void
shelf_clear(struct shelf *s)
{
	free(s->seg);
	*s = (struct shelf){.seg = NULL};
}

size_t
shelf_find(const struct shelf *s, const struct segname *name)
{
	size_t lo = 0, hi = s->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (segname_cmp(&s->seg[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

struct kept *
shelf_get(const struct shelf *s, const struct segname *name)
{
	size_t at = shelf_find(s, name);

	if (at == s->n || segname_cmp(&s->seg[at].name, name) != 0)
		return (NULL);
	return (&s->seg[at]);
}

static int
grow(struct shelf *s)
{
	size_t room = s->room == 0 ? 512 : s->room * 2;
	struct kept *seg = reallocarray(s->seg, room, sizeof(*seg));

	if (seg == NULL)
		return (-1);
	s->seg = seg;
	s->room = room;
	return (0);
}

int
shelf_add(struct shelf *s, const struct kept *k)
{
	size_t at = shelf_find(s, &k->name);

	if (at < s->n && segname_cmp(&s->seg[at].name, &k->name) == 0)
		shelf_drop(s, at);
	if (s->n == s->room && grow(s) == -1)
		return (-1);
	memmove(&s->seg[at + 1], &s->seg[at], (s->n - at) * sizeof(*k));
	s->seg[at] = *k;
	s->n++;
	s->bytes += k->size;
	return (0);
}

int
shelf_append(struct shelf *s, const struct kept *k)
{
	if (s->n == s->room && grow(s) == -1)
		return (-1);
	s->seg[s->n++] = *k;
	s->bytes += k->size;
	return (0);
}

static int
by_name(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return (segname_cmp(&x->name, &y->name));
}

void
shelf_sort(struct shelf *s)
{
	if (s->n > 0)
		qsort(s->seg, s->n, sizeof(*s->seg), by_name);
}

void
shelf_drop(struct shelf *s, size_t at)
{
	s->bytes -= s->seg[at].size;
	s->n--;
	memmove(&s->seg[at], &s->seg[at + 1], (s->n - at) * sizeof(*s->seg));
}

void
shelf_resize(struct shelf *s, struct kept *k, uint64_t size)
{
	s->bytes += size - k->size;
	k->size = size;
}

struct shelf_range
shelf_range(const struct shelf *s, int64_t start, uint32_t span)
{
	const struct segname first = {.start = start, .span = UINT32_MAX};
	const struct segname last = {.start = start + span, .span = UINT32_MAX};

	return ((struct shelf_range){.from = shelf_find(s, &first),
	    .to = shelf_find(s, &last)});
}

bool
shelf_within(const struct kept *k, int64_t start, uint32_t span)
{
	return (k->name.start >= start &&
	    k->name.start + k->name.span <= start + span);
}
