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
 * Flows that are kept to be put into another order: in columns as in a batch,
 * but only those that somebody wants, and of rows out of many batches.
 */

#ifndef HOLD_H
#define HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "query/consumer.h"
#include "query/derive.h"
#include "query/rank.h"
#include "query/spill.h"

#define HOLD_QUANTITY 0xa000 /* a column that is worked out: this + which */
/* Each may have a value of its own, and none is one, too. */
#define HOLD_ROWS (BLOCK_FLOWS - 1)
#define HOLD_COLUMNS (FLOW_NFIELDS + 2 + Q_MAX)

struct hold_column {
	unsigned int id; /* of a field, COL_x or HOLD_QUANTITY + q */
	enum column_type type;
	uint8_t width; /* bytes of a number */
};

struct hold_spec {
	struct hold_column col[HOLD_COLUMNS];
	unsigned int n;
	struct flow_set fields;
};

void hold_spec_fields(struct hold_spec *, const struct flow_set *);
void hold_spec_quantity(struct hold_spec *, enum quantity);
/* The place of a column, or -1. */
int hold_spec_find(const struct hold_spec *, unsigned int id);

/* Texts are in one piece of memory, that moves. */
struct hold_text {
	uint32_t off;
	uint16_t len;
};

struct hold_data {
	uint8_t *num;	/* NULL as long as no row has one */
	uint16_t *code; /* of addr or text, likewise */
	struct addr *addr;
	struct hold_text *text;
	uint32_t ndict, size;
	char *bytes;
	uint32_t nbytes, room;
};

struct hold {
	const struct hold_spec *spec;
	bool bare;	  /* gathers no quantities: it is only to be seen */
	uint32_t n, size; /* rows: HOLD_ROWS at most */
	uint64_t *seq;	  /* of the batch, and the row in it */
	uint16_t *shape;
	struct flow_set *shapes;
	uint32_t nshapes;
	struct hold_data *data;
};

/* NULL: no memory. */
struct hold *hold_new(const struct hold_spec *, uint32_t size);
void hold_free(struct hold *);
size_t hold_bytes(const struct hold *);

/* What an append needs, from one batch to the next. */
struct hold_map {
	uint32_t *code; /* of the batch's dictionary to the hold's */
	struct derive *derive;
};

/*
 * Rows of a batch, from *at on, as many as there is room for: *at is where to
 * go on.  NULL, or what is wrong.
 */
const char *hold_append(struct hold *, struct hold_map *, struct batch *,
    const struct sel *, uint32_t *at);

/* A row of many holds: ref >> 16 says which, and the rest the row. */
static inline uint64_t
hold_ref(size_t which, uint32_t row)
{
	return ((uint64_t)which << 16 | row);
}
/*
 * So many of such rows, in that order; there is room.  How many were taken:
 * less if they have more shapes than a hold can have; 0: no memory.
 */
uint32_t hold_gather(struct hold *, struct hold *const *,
    const struct rank_item *, uint32_t n);

/* A number of a row; of times as they are. */
uint64_t hold_number(const struct hold *, unsigned int column, uint32_t row);
/* NULL: it has none. */
const struct addr *hold_addr(const struct hold *, unsigned int column,
    uint32_t row);
struct flow_text hold_text(const struct hold *, unsigned int column,
    uint32_t row);
bool hold_has(const struct hold *, enum flow_field, uint32_t row);

/* To a file, and out of it: NULL with *err. */
const char *hold_write(const struct hold *, struct spill *, uint64_t *off);
struct hold *hold_read(const struct hold_spec *, struct spill *, uint64_t off,
    const char **err);

/* A hold as a batch; both are borrowed as long as it is used. */
struct hold_view;
struct hold_view *hold_view_new(const struct hold_spec *);
void hold_view_free(struct hold_view *);
/* 0 or -1: no memory */
int hold_view(struct hold_view *, const struct hold *, struct batch *);

#endif /* HOLD_H */
