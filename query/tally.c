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

#include "bytes.h"
#include "query/tally.h"

#define FIRST_SIZE 64

void
tally_clear(struct tally *t)
{
	free(t->entry);
	*t = (struct tally){0};
}

struct addr
tally_number(uint64_t v)
{
	struct addr a = {.family = ADDR_V6};

	be64_put(a.b + 8, v);
	return (a);
}

uint64_t
tally_number_of(const struct addr *a)
{
	return (be64(a->b + 8));
}

/* Where a key is, or would be.  There are always free entries. */
static struct tally_entry *
find(struct tally *t, const struct addr *key)
{
	/* Where the table lies is a seed that no exporter knows. */
	uint64_t seed = (uintptr_t)t->entry;
	size_t i = addr_hash(key, seed) & (t->size - 1);

	while (
	    t->entry[i].sums.records != 0 && !addr_equal(&t->entry[i].key, key))
		i = (i + 1) & (t->size - 1);
	return (&t->entry[i]);
}

static const char *
grow(struct tally *t)
{
	struct tally more = {.size = t->size == 0 ? FIRST_SIZE : 2 * t->size,
	    .used = t->used};
	size_t i;

	if ((more.entry = calloc(more.size, sizeof(*more.entry))) == NULL)
		return ("out of memory");
	for (i = 0; i < t->size; i++)
		if (t->entry[i].sums.records != 0)
			*find(&more, &t->entry[i].key) = t->entry[i];
	free(t->entry);
	*t = more;
	return (NULL);
}

const char *
tally_add(struct tally *t, const struct addr *key, const struct sums *sums)
{
	struct tally_entry *e;
	const char *error;

	if (t->used >= t->size / 2 && (error = grow(t)) != NULL)
		return (error);
	e = find(t, key);
	if (e->sums.records == 0) {
		if (t->used == TALLY_MAX)
			return ("more than a million different exporters or "
				"sampling rates: choose some with --filter");
		e->key = *key;
		t->used++;
	}
	sums_add(&e->sums, sums);
	return (NULL);
}

const char *
tally_merge(struct tally *t, const struct tally *other)
{
	const char *error = NULL;
	size_t i;

	for (i = 0; i < other->size && error == NULL; i++)
		if (other->entry[i].sums.records != 0)
			error = tally_add(t, &other->entry[i].key,
			    &other->entry[i].sums);
	return (error);
}

static int
compare(const void *a, const void *b)
{
	const struct tally_entry *x = a, *y = b;

	if ((x->sums.records == 0) != (y->sums.records == 0))
		return (x->sums.records == 0 ? 1 : -1);
	if (x->sums.octets != y->sums.octets)
		return (x->sums.octets < y->sums.octets ? 1 : -1);
	return (addr_cmp(&x->key, &y->key));
}

void
tally_sort(struct tally *t)
{
	if (t->size > 0)
		qsort(t->entry, t->size, sizeof(*t->entry), compare);
}
