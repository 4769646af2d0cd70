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
 * Groups in the order of the answer, and their rows.
 */

#ifndef STANDING_H
#define STANDING_H

#include <stdbool.h>

#include "query/group-state.h"
#include "query/rank.h"

/* A group: words of its key and its measures. */
struct view {
	const uint64_t *k, *v;
	bool wide;
	bool flip; /* who began is the other end */
};

/* A word to sort by. */
struct standing_word {
	enum { BY_QUANTITY, BY_TAG, BY_HI, BY_LO, BY_BYTES } by;
	bool descending;
	enum quantity quantity;
	unsigned int part;
	unsigned int word; /* BY_BYTES */
};

struct standing {
	const struct group *g;
	struct standing_word *word;
	struct ranking ranking;
	size_t narrow; /* refs below this are rows of the narrow table */
	const struct gtable *table; /* NARROW and WIDE; NULL: see below */
	/* or refs are addresses of rows with a word before them: the width */
	unsigned int nk; /* the room for keys in these */
};

/* 0, or -1: no memory. */
int standing_init(struct standing *, const struct group *);
void standing_free(struct standing *);
void standing_view(const struct standing *, uint64_t ref, struct view *);
uint64_t standing_first(const struct standing *, uint64_t ref);

#endif /* STANDING_H */
