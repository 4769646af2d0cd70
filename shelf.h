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
 * What stands in an archive, in the order of time: so that nobody has to look
 * at its directories again.
 */

#ifndef SHELF_H
#define SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/segname.h"

struct kept {
	struct segname name;
	uint64_t size;
	int64_t retry; /* second: what failed is not tried before */
	unsigned int failures;
	uint64_t flows; /* at least so many are in it; 0: nobody knows */
	bool open;	/* a collector may write to it */
};

struct shelf {
	struct kept *seg;
	size_t n, room;
	uint64_t bytes; /* of all */
};

void shelf_clear(struct shelf *);
/* In its place; one of that name is replaced.  0, or -1 without memory. */
int shelf_add(struct shelf *, const struct kept *);
/* Many, in any order and each once: nothing else works until they are sorted.
 */
int shelf_append(struct shelf *, const struct kept *);
void shelf_sort(struct shelf *);
/* Its place, or that of the first behind where it would be. */
size_t shelf_find(const struct shelf *, const struct segname *);
/* NULL if it is not there; good until the next change. */
struct kept *shelf_get(const struct shelf *, const struct segname *);
void shelf_drop(struct shelf *, size_t at);
void shelf_resize(struct shelf *, struct kept *, uint64_t size);

/* The places that can have something within a span: from .. to - 1. */
struct shelf_range {
	size_t from, to;
};
struct shelf_range shelf_range(const struct shelf *, int64_t start,
    uint32_t span);
/* Is it wholly in that span? */
bool shelf_within(const struct kept *, int64_t start, uint32_t span);

#endif /* SHELF_H */
