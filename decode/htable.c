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

#include "addr.h"
#include "decode/htable.h"

#define SLOTS_MIN 64

static int
resize(struct htable *t, uint32_t n, size_t *bytes)
{
	struct hnode **slot, *node, *next;
	uint32_t i;

	if ((slot = calloc(n, sizeof(*slot))) == NULL)
		return (-1);
	for (i = 0; i < t->nslots; i++) {
		for (node = t->slot[i]; node != NULL; node = next) {
			next = node->next;
			node->next = slot[node->hash & (n - 1)];
			slot[node->hash & (n - 1)] = node;
		}
	}
	free(t->slot);
	*bytes += n * sizeof(*slot);
	*bytes -= t->nslots * sizeof(*slot);
	t->slot = slot;
	t->nslots = n;
	return (0);
}

static int
grow(struct htable *t, size_t *bytes)
{
	return (resize(t, t->nslots == 0 ? SLOTS_MIN : t->nslots * 2, bytes));
}

void
htable_shrink(struct htable *t, size_t *bytes)
{
	uint32_t n = SLOTS_MIN;

	while (n < t->count)
		n *= 2;
	/* Without memory it stays as it is. */
	if (n < t->nslots)
		(void)resize(t, n, bytes);
}

int
htable_add(struct htable *t, struct hnode *node, size_t *bytes)
{
	struct hnode **slot;

	/* Longer chains are better than none. */
	if (t->count >= t->nslots && grow(t, bytes) == -1 && t->nslots == 0)
		return (-1);
	slot = &t->slot[node->hash & (t->nslots - 1)];
	node->next = *slot;
	*slot = node;
	t->count++;
	return (0);
}

void
htable_remove(struct htable *t, struct hnode *node)
{
	struct hnode **p = &t->slot[node->hash & (t->nslots - 1)];

	while (*p != node)
		p = &(*p)->next;
	*p = node->next;
	t->count--;
}

size_t
htable_growth(const struct htable *t)
{
	uint32_t n = t->nslots == 0 ? SLOTS_MIN : t->nslots;

	return (t->count >= t->nslots ? n * sizeof(*t->slot) : 0);
}

struct hnode *
htable_first(const struct htable *t, uint64_t hash)
{
	struct hnode *node;

	if (t->nslots == 0)
		return (NULL);
	node = t->slot[hash & (t->nslots - 1)];
	while (node != NULL && node->hash != hash)
		node = node->next;
	return (node);
}

struct hnode *
hnode_next(const struct hnode *node)
{
	struct hnode *n = node->next;

	while (n != NULL && n->hash != node->hash)
		n = n->next;
	return (n);
}

/* addr_hash has the mixer. */
uint64_t
hash_add(uint64_t hash, uint32_t n)
{
	const struct addr a = {.family = ADDR_V4,
	    .b = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
		(uint8_t)n}};

	return (addr_hash(&a, hash));
}
