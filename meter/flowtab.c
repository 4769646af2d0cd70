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

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/compat.h"
#include "meter/flowlook.h"

#define INDEX_BITS 10 /* of the smallest index: 1024 slots */
#define INDEX_MOVE 16 /* slots of an old index that each new flow moves */
/* Memory for entries comes in such steps; the first few are of small pages. */
#define STEP ((uint32_t)(((size_t)2 << 20) / sizeof(struct entry)))
#define SMALL (4 * STEP)
#define HUGE_FROM ((size_t)4 << 20) /* an index of that size, in huge pages */

static size_t
index_bytes(const struct flowlook_index *x)
{
	return (x->slot == NULL ? 0 : ((size_t)x->mask + 1) * sizeof(uint64_t));
}

static int
index_init(struct flowlook_index *x, uint32_t bits)
{
	size_t bytes = sizeof(uint64_t) << bits;
	uint64_t *slot;

	if ((slot = pages_reserve(bytes)) == NULL)
		return (-1);
	if (pages_use(slot, bytes, bytes >= HUGE_FROM) == -1) {
		pages_free(slot, bytes);
		return (-1);
	}
	x->slot = slot;
	x->mask = (uint32_t)((UINT64_C(1) << bits) - 1);
	x->shift = 64 - bits;
	x->used = 0;
	return (0);
}

static void
index_clear(struct flowlook_index *x)
{
	pages_free(x->slot, index_bytes(x));
	memset(x, 0, sizeof(*x));
}

static void
index_put(struct flowlook_index *x, uint64_t slot)
{
	size_t i = flowlook_home(x, slot);

	while (x->slot[i] != 0)
		i = (i + 1) & x->mask;
	x->slot[i] = slot;
	x->used++;
}

/*
 * Empty a slot, and fill the gap from behind, so that every slot can still be
 * reached from its home without a gap between.
 */
static void
index_cut(struct flowlook_index *x, size_t gap)
{
	size_t i = gap;

	for (;;) {
		i = (i + 1) & x->mask;
		if (x->slot[i] == 0)
			break;
		if (((i - flowlook_home(x, x->slot[i])) & x->mask) <
		    ((i - gap) & x->mask))
			continue;
		x->slot[gap] = x->slot[i];
		gap = i;
	}
	x->slot[gap] = 0;
	x->used--;
}

static bool
index_remove(struct flowlook_index *x, uint64_t slot)
{
	size_t i;

	if (x->slot == NULL)
		return (false);
	for (i = flowlook_home(x, slot); x->slot[i] != 0; i = (i + 1) & x->mask)
		if (x->slot[i] == slot) {
			index_cut(x, i);
			return (true);
		}
	return (false);
}

/* One to one, and each bit of the result depends on all of x. */
static uint64_t
scramble(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	x ^= x >> 29;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return (x ^ x >> 32);
}

/*
 * The secret that the hash needs, from the half that the caller has; a word of
 * zero in it would make the hash blind for half of a key.
 */
static void
stretch(struct flowtab *t, const uint8_t secret[32])
{
	uint64_t half[4];
	uint32_t i;

	memcpy(half, secret, sizeof(half));
	for (i = 0; i < 8; i++) {
		t->secret[i] = scramble(half[i % 4] + i + 1);
		if (i >= 4)
			t->secret[i] =
			    scramble(t->secret[i] ^ half[(i + 1) % 4]);
	}
	explicit_bzero(half, sizeof(half));
}

/* Memory for the numbers of one more step. */
static int
grow_entries(struct flowtab *t)
{
	uint32_t n = t->max + 1 - t->ready;

	if (n > STEP)
		n = STEP;
	if (pages_use(t->entries + t->ready, n * sizeof(*t->entries),
		t->ready >= SMALL) == -1 ||
	    (t->hashes != NULL &&
		pages_use(t->hashes + t->ready, n * sizeof(*t->hashes),
		    false) == -1))
		return (-1);
	t->ready += n;
	return (0);
}

struct flowtab *
flowtab_new(uint32_t max, bool more, const uint8_t secret[32])
{
	struct flowtab *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	if (max == 0)
		max = 1;
	t->max = max < UINT32_MAX / 4 ? max : UINT32_MAX / 4;
	stretch(t, secret);
	t->entries = pages_reserve(((size_t)t->max + 1) * sizeof(*t->entries));
	if (more)
		t->hashes =
		    pages_reserve(((size_t)t->max + 1) * sizeof(*t->hashes));
	if (t->entries == NULL || (more && t->hashes == NULL) ||
	    grow_entries(t) == -1 || index_init(&t->index, INDEX_BITS) == -1) {
		flowtab_free(t);
		errno = ENOMEM;
		return (NULL);
	}
	return (t);
}

void
flowtab_free(struct flowtab *t)
{
	if (t == NULL)
		return;
	index_clear(&t->index);
	index_clear(&t->old);
	pages_free(t->hashes, ((size_t)t->max + 1) * sizeof(*t->hashes));
	pages_free(t->entries, ((size_t)t->max + 1) * sizeof(*t->entries));
	explicit_bzero(t->secret, sizeof(t->secret));
	free(t);
}

uint64_t
flowtab_hash(const struct flowtab *t, const struct flow_key *key, uint64_t more)
{
	return (flowhash(t->secret, key, more));
}

const uint64_t *
flowtab_secret(const struct flowtab *t)
{
	return (t->secret);
}

void
flowtab_prefetch(const struct flowtab *t, uint64_t hash)
{
	flowlook_prefetch(t, hash);
}

uint32_t
flowtab_prefetch_entry(const struct flowtab *t, uint64_t hash)
{
	return (flowlook_guess(t, hash));
}

static struct entry *
index_find(const struct flowtab *t, const struct flowlook_index *x,
    const struct flow_key *key, uint64_t hash)
{
	size_t i = flowlook_home(x, hash);
	uint64_t slot;

	for (; (slot = x->slot[i]) != 0; i = (i + 1) & x->mask)
		if ((slot ^ hash) >> 32 == 0 &&
		    flowlook_is(t, (uint32_t)slot, key, hash))
			return (t->entries + (uint32_t)slot);
	return (NULL);
}

struct entry *
flowtab_find(const struct flowtab *t, const struct flow_key *key, uint64_t hash,
    uint32_t guess)
{
	struct entry *e = flowlook_try(t, key, hash, guess);

	/* Its number may have changed hands. */
	if (e != NULL)
		return (e);
	e = index_find(t, &t->index, key, hash);
	if (e == NULL && t->old.slot != NULL)
		e = index_find(t, &t->old, key, hash);
	return (e);
}

/*
 * Some slots go to the larger index, and always a whole row of them up to a
 * gap: so what is left in the old one can still be found there.
 */
static void
move(struct flowtab *t, uint32_t slots)
{
	struct flowlook_index *old = &t->old;
	uint64_t slot;

	for (; t->old_left > 0 && old->used > 0; t->old_left--) {
		if ((slot = old->slot[t->old_hand]) != 0) {
			index_put(&t->index, slot);
			old->slot[t->old_hand] = 0;
			old->used--;
		} else if (slots == 0)
			return;
		if (slots > 0)
			slots--;
		t->old_hand = (t->old_hand + 1) & old->mask;
	}
	index_clear(old);
}

/* Longer rows than 13 of 16 slots make cost too many steps each. */
static bool
index_full(const struct flowlook_index *x)
{
	return (x->used >= (x->mask + 1) / 16 * 13);
}

static void
grow_index(struct flowtab *t)
{
	struct flowlook_index x;

	if (t->old.slot != NULL)
		move(t, UINT32_MAX);
	if (t->index.shift == 33 || index_init(&x, 65 - t->index.shift) == -1)
		return;
	t->old = t->index;
	t->index = x;
	/* From behind a gap: there is one. */
	for (t->old_hand = 0; t->old.slot[t->old_hand] != 0; t->old_hand++)
		;
	t->old_left = t->old.mask + 1;
}

/* Room for one more slot.  Without memory for more, rows get longer. */
static bool
index_room(struct flowtab *t)
{
	if (t->old.slot != NULL)
		move(t, INDEX_MOVE);
	if (index_full(&t->index))
		grow_index(t);
	return (t->index.used < t->index.mask - t->index.mask / 16);
}

static uint32_t
number_get(struct flowtab *t)
{
	uint32_t number = t->free;

	if (number != ENTRY_NONE) {
		t->free = t->entries[number].next;
		return (number);
	}
	if (t->top + 1 >= t->ready && grow_entries(t) == -1)
		return (ENTRY_NONE);
	if (++t->top > t->most)
		t->most = t->top;
	return (t->top);
}

struct entry *
flowtab_add(struct flowtab *t, const struct flow_key *key, uint64_t hash)
{
	struct entry *e;
	uint32_t number;

	if (t->count >= t->max || !index_room(t) ||
	    (number = number_get(t)) == ENTRY_NONE)
		return (NULL);
	index_put(&t->index, (hash & ~(uint64_t)UINT32_MAX) | number);
	e = t->entries + number;
	memset(e, 0, sizeof(*e));
	e->key = *key;
	e->bits = ENTRY_LIVE;
	if (t->hashes != NULL)
		t->hashes[number] = hash;
	t->count++;
	return (e);
}

void
flowtab_remove(struct flowtab *t, struct entry *e)
{
	uint32_t number = flowtab_number(t, e);
	uint64_t hash =
	    t->hashes != NULL ? t->hashes[number] : flowtab_hash(t, &e->key, 0);
	uint64_t slot = (hash & ~(uint64_t)UINT32_MAX) | number;

	if (!index_remove(&t->index, slot))
		(void)index_remove(&t->old, slot);
	e->bits = 0;
	e->key.version = 0;
	e->next = t->free;
	t->free = number;
	t->count--;
}

void
flowtab_clear(struct flowtab *t)
{
	index_clear(&t->old);
	memset(t->index.slot, 0, index_bytes(&t->index));
	t->index.used = 0;
	t->count = 0;
	t->top = 0;
	t->free = ENTRY_NONE;
}

uint32_t
flowtab_count(const struct flowtab *t)
{
	return (t->count);
}

uint32_t
flowtab_max(const struct flowtab *t)
{
	return (t->max);
}

size_t
flowtab_bytes(const struct flowtab *t)
{
	size_t each = sizeof(*t->entries);

	if (t->hashes != NULL)
		each += sizeof(*t->hashes);
	/* Small pages are there from their first touch on, huge ones whole. */
	return (sizeof(*t) + index_bytes(&t->index) + index_bytes(&t->old) +
	    each * (t->most < SMALL ? t->most + 1 : t->ready));
}

uint32_t
flowtab_number(const struct flowtab *t, const struct entry *e)
{
	return ((uint32_t)(e - t->entries));
}

struct entry *
flowtab_at(const struct flowtab *t, uint32_t number)
{
	if (number == ENTRY_NONE || number > t->top)
		return (NULL);
	return (t->entries + number);
}

uint32_t
flowtab_top(const struct flowtab *t)
{
	return (t->top);
}

struct entry *
flowtab_next(const struct flowtab *t, uint32_t number)
{
	while (number++ < t->top)
		if ((t->entries[number].bits & ENTRY_LIVE) != 0)
			return (t->entries + number);
	return (NULL);
}
