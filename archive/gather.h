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
 * Flows of batches, behind one another, as whole columns: what the sealer
 * makes a block of.  Memory is kept from one block to the next.
 */

#ifndef GATHER_H
#define GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "archive/block.h"

struct gather_index;

/*
 * The values of all rows.  Where a flow does not have the field nobody looks at
 * it: that is what the row before has, or the first value that there is.
 */
struct gather_column {
	uint16_t id;
	uint8_t type; /* enum column_type */
	bool used;    /* some flow has it */
	bool same;    /* numbers: all rows have num[0], the rest is not set */
	uint64_t *num;
	/* addresses and bytes: distinct ones, in the order they came */
	uint16_t *code;
	uint32_t ndict;
	struct addr *addr;
	struct flow_text *text;
	struct gather_index *index;
};

struct gather;

/* NULL for want of memory. */
struct gather *gather_new(void);
void gather_free(struct gather *);
void gather_clear(struct gather *);

/*
 * Take rows of a batch, all of whose columns are good, as many as there is
 * room for: *took.  0 of them: it is full.  On an error nothing was taken.
 */
enum block_err gather_take(struct gather *, struct batch *, uint32_t from,
    uint32_t *took);

uint32_t gather_count(const struct gather *);
const struct flow_set *gather_shapes(const struct gather *, uint32_t *n);
/* For each shape, if it has the column.  True: all have. */
bool gather_present(const struct gather *, unsigned int id,
    bool has[BLOCK_SHAPES]);

/* Columns are numbered: fields as they are, then those behind COL_SHAPE. */
unsigned int gather_slot(unsigned int id);
const struct gather_column *gather_column(const struct gather *,
    unsigned int slot);

#endif /* GATHER_H */
