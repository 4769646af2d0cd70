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
 * Fields of many records into columns: one field, or some that are alike, in
 * one tight loop.
 */

#ifndef MOVE_H
#define MOVE_H

#include <stddef.h>
#include <stdint.h>

#include "flow.h"

#define MOVE_MOST 4 /* columns at once */

/* Records, and the row of the first. */
struct span {
	const uint8_t *p;
	size_t len;
	uint32_t row;
	uint32_t n;
	const struct flow *first;
};

struct move {
	void (*fn)(const struct move *, const struct span *);
	void *to[MOVE_MOST];	 /* all rows' */
	uint16_t src[MOVE_MOST]; /* where in the record */
	uint8_t len;		 /* bytes there */
};

enum move_kind {
	MOVE_NUMBER,
	MOVE_BYTES, /* 4, as they are */
	MOVE_SECONDS,
	MOVE_MSECONDS,
	MOVE_UPTIME, /* a time, from an uptime of 4 bytes */
};

/*
 * How many of so many that are alike (bytes of the record to bytes of the
 * column) go at once, and by what function; 0: there is none.
 */
unsigned int move_find(struct move *, enum move_kind, uint8_t width,
    unsigned int many);

/* The number in so many bytes, 8 at most. */
uint64_t move_number(const uint8_t *, size_t len);

#endif /* MOVE_H */
