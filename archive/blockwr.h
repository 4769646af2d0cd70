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
 * A block being put together: columns one after the other, then the header.
 */

#ifndef BLOCKWR_H
#define BLOCKWR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/block.h"

struct blockwr {
	uint8_t *p; /* borrowed */
	size_t room;
	size_t at;	/* end of what is written */
	size_t used;	/* of the room behind it */
	size_t columns; /* where their entries begin */
	size_t parts;	/* where the parts begin */
	uint32_t flows;
	uint16_t ncolumns, most;
	uint16_t nshapes;
	bool failed; /* the room is too small */
};

/* Reserves the header for at most so many columns. */
void blockwr_begin(struct blockwr *, uint8_t *to, size_t room, uint32_t flows,
    const struct flow_set *shapes, uint16_t nshapes, uint16_t columns);

/*
 * Room for a part of the column that comes next, to be filled in place; NULL
 * if it is too small.  Less of it may be used.  If both parts are put there
 * the dictionary is the first.
 */
uint8_t *blockwr_room(struct blockwr *, size_t);

/*
 * The column whose parts are at c->dict.p and c->data.p: in the room, or
 * anywhere else, and then they are copied.  Its checksum is made here; the
 * rest of the entry is the caller's.
 */
void blockwr_column(struct blockwr *, const struct block_column *c);

/* The length, a multiple of 8; 0 if it failed. */
size_t blockwr_end(struct blockwr *, bool sealed, bool timed, int64_t first,
    int64_t last);

#endif /* BLOCKWR_H */
