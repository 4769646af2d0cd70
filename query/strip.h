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
 * A few hundred rows of a batch at a time, so that what is made of them stays
 * in the cache, and their numbers as 64 bits each.
 */

#ifndef STRIP_H
#define STRIP_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/batch.h"

#define STRIP 512

struct strip {
	uint32_t n;	     /* STRIP at most */
	const uint16_t *row; /* or NULL: from base on */
	uint32_t base;
};

/* A column, and which rows have it. */
struct strip_col {
	const struct vec *v; /* NULL: no row has it */
	bool all;	     /* every row of the batch has it */
	const struct vec *shape;
	uint8_t has[BATCH_SHAPES];
};

enum block_err strip_col(struct strip_col *, struct batch *, enum flow_field);

/* Numbers; 0 where there are none. */
void strip_numbers(const struct strip_col *, const struct strip *, uint64_t *);
/* Places in the dictionary, of CONST and CODES. */
void strip_codes(const struct vec *, const struct strip *, uint32_t *);
/* 1 for rows that have it, or 0. */
void strip_has(const struct strip_col *, const struct strip *, uint8_t *);

#endif /* STRIP_H */
