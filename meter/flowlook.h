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
 * The look-up of a flow, inline, for where each packet passes; and what it has
 * to know of the table.  The rest is for flowtab.c.
 */

#ifndef METER_FLOWLOOK_H
#define METER_FLOWLOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "meter/flowhash.h"
#include "meter/flowtab.h"

/*
 * A slot is 0, or the upper half of a hash and the number of its entry.  The
 * uppermost bits of the half say where it belongs: a slot can be moved without
 * a look at its entry, and an index that is twice as large is filled in order.
 */
struct flowlook_index {
	uint64_t *slot;
	uint32_t mask;
	uint32_t shift; /* from a hash, or a slot, to where it belongs */
	uint32_t used;
};

struct flowtab {
	struct entry *entries; /* by number; that of ENTRY_NONE is zero */
	struct flowlook_index index;
	struct flowlook_index old; /* it is moved from; slot NULL: none */
	uint64_t *hashes;	   /* by number, or NULL */
	uint32_t top;		   /* numbers that were given out */
	uint32_t count;
	uint32_t max;
	uint32_t most;	   /* numbers that were given out, ever */
	uint32_t ready;	   /* numbers that have memory */
	uint32_t free;	   /* a list of them */
	uint32_t old_hand; /* its slot that is moved next */
	uint32_t old_left; /* slots until all were looked at */
	uint64_t secret[FLOWHASH_SECRET];
};

static inline size_t
flowlook_home(const struct flowlook_index *x, uint64_t hash)
{
	return ((size_t)(hash >> x->shift));
}

static inline void
flowlook_prefetch(const struct flowtab *t, uint64_t hash)
{
	__builtin_prefetch(t->index.slot + flowlook_home(&t->index, hash));
	if (t->old.slot != NULL)
		__builtin_prefetch(t->old.slot + flowlook_home(&t->old, hash));
}

/* The first entry whose half of the hash fits. */
static inline uint32_t
flowlook_fit(const struct flowlook_index *x, uint64_t hash)
{
	size_t i = flowlook_home(x, hash);
	uint64_t slot;

	for (; (slot = x->slot[i]) != 0; i = (i + 1) & x->mask)
		if ((slot ^ hash) >> 32 == 0)
			return ((uint32_t)slot);
	return (ENTRY_NONE);
}

static inline uint32_t
flowlook_guess(const struct flowtab *t, uint64_t hash)
{
	uint32_t number = flowlook_fit(&t->index, hash);
	const struct entry *e;

	if (number == ENTRY_NONE && t->old.slot != NULL)
		number = flowlook_fit(&t->old, hash);
	e = t->entries + number;
	__builtin_prefetch(e, 1);
	__builtin_prefetch((const uint8_t *)e + sizeof(*e) / 2, 1);
	return (number);
}

/*
 * Is it the entry of that key?  Those that do not live have no version, and no
 * key is like theirs.
 */
static inline bool
flowlook_is(const struct flowtab *t, uint32_t number,
    const struct flow_key *key, uint64_t hash)
{
	const struct flow_key *other = &t->entries[number].key;
	uint64_t differ;

	differ = flowhash_word(key, 0) ^ flowhash_word(other, 0);
	differ |= flowhash_word(key, 1) ^ flowhash_word(other, 1);
	differ |= flowhash_word(key, 2) ^ flowhash_word(other, 2);
	differ |= flowhash_word(key, 3) ^ flowhash_word(other, 3);
	differ |= flowhash_word(key, 4) ^ flowhash_word(other, 4);
	return (
	    differ == 0 && (t->hashes == NULL || t->hashes[number] == hash));
}

/* What a guess is of now, or NULL. */
static inline struct entry *
flowlook_try(const struct flowtab *t, const struct flow_key *key, uint64_t hash,
    uint32_t guess)
{
	if (guess > t->top || !flowlook_is(t, guess, key, hash))
		return (NULL);
	return (t->entries + guess);
}

#endif /* METER_FLOWLOOK_H */
