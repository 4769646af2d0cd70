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
 * Things sorted by words of 64 bits: by the first, and where that is equal by
 * the next.  The things are somewhere else, and known by a number.
 */

#ifndef RANK_H
#define RANK_H

#include <stddef.h>
#include <stdint.h>

struct rank_item {
	uint64_t key;
	uint64_t ref;
};

struct ranking {
	unsigned int depths; /* words */
	/* Sets the keys of n items to their word at a depth. */
	void (
	    *load)(void *arg, unsigned int depth, struct rank_item *, size_t n);
	void *arg;
};

/* Room for n, and for as many behind them; NULL: no memory. */
struct rank_item *rank_new(size_t n);
void rank_free(struct rank_item *, size_t n);

/*
 * Sorts; keys are set here, and garbage afterwards.  Equal ones stay in order.
 * tmp has room for as many.
 */
void rank_sort(const struct ranking *, struct rank_item *, size_t n,
    struct rank_item *tmp);
/* Which comes first: <0, 0 or >0. */
int rank_cmp(const struct ranking *, uint64_t a, uint64_t b);

/* The best n of many: a heap, with the worst on top. */
struct rank_heap {
	struct rank_item *item; /* key: the first word */
	size_t n, size;
};

/*
 * Whether one whose first word is key may belong to the best; then
 * rank_heap_add finds out, and sets *out to the one that is not among them any
 * more: that may be ref itself, or UINT64_MAX if nobody had to leave.
 */
static inline int
rank_heap_wants(const struct rank_heap *h, uint64_t key)
{
	return (h->n < h->size || key <= h->item[0].key);
}
void rank_heap_add(const struct ranking *, struct rank_heap *, uint64_t key,
    uint64_t ref, uint64_t *out);

#endif /* RANK_H */
