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
 * Rows from the inside: of rows.c, of who packs them, and of batch.c.
 *
 * A column is as it was cheapest to gather.  Rows without the field have 0,
 * the address none, or no bytes, as in a batch.
 */

#ifndef ROWS_STATE_H
#define ROWS_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "archive/block.h"
#include "archive/rows.h"
#include "flow.h"

enum rows_kind {
	ROWS_NUMBERS, /* one a row, as wide as some of them were sent */
	ROWS_RUNS,    /* one for a row and all behind it, up to the next */
	ROWS_IPV4,    /* all are IPv4: 4 bytes a row, network order */
	ROWS_CODES,   /* a dictionary of addresses or bytes */
	/*
	 * START or END, of which nothing is stored: all rows have it from the
	 * uptime of the same end, the export time and the uptime in the header,
	 * as flow_uptime_to_time says.
	 */
	ROWS_UPTIMES,
};

struct rows_column {
	uint16_t id;	   /* of the field, or COL_x */
	uint8_t kind;	   /* enum rows_kind */
	uint8_t type;	   /* enum column_type */
	uint8_t width;	   /* NUMBERS: bytes of one: 1, 2, 4, 8; times: 8 */
	uint8_t full;	   /* bytes that the member of a flow has */
	uint8_t need;	   /* of width, for the rows that are there */
	uint16_t off;	   /* of the member */
	uint32_t n;	   /* RUNS: how many; of all others: the rows */
	uint64_t last;	   /* RUNS: the number of the last */
	uint32_t ndict;	   /* CODES: distinct ones, maybe some unused */
	void *v;	   /* NUMBERS, IPV4: these; CODES: uint16_t, which */
	uint64_t *run;	   /* RUNS: the numbers, times as int64_t */
	uint32_t *from;	   /* RUNS: the first row of each; of the first 0 */
	struct addr *addr; /* CODES of CT_ADDR */
	struct flow_text *bytes; /* CODES of CT_BYTES */
	struct rows_index *index;
};

/*
 * A column, complete up to the last row; NULL if no flow has it.  COL_SHAPE,
 * COL_CLOCK and COL_SAMPLING are RUNS and always there if there are rows.
 */
const struct rows_column *rows_column(const struct rows *, unsigned int id);

/* A column of RUNS, from the first row on: all 0 but c, then rows_walk_to. */
struct rows_walk {
	const struct rows_column *c;
	uint32_t next;	/* the run to come, ... */
	uint32_t until; /* ... and its first row */
	uint64_t value;
};

static inline void
rows_walk_to(struct rows_walk *x, uint32_t row)
{
	const struct rows_column *c = x->c;

	while (row >= x->until) {
		x->value = c->run[x->next++];
		x->until = x->next < c->n ? c->from[x->next] : UINT32_MAX;
	}
}

/* What a column of UPTIMES tells, of all rows. */
void rows_times(const struct rows *, const struct rows_column *, int64_t *);
/* Columns of UPTIMES become numbers. */
void rows_tell(const struct rows *);

/* The shapes, by the numbers that COL_SHAPE has; each has a row. */
const struct flow_set *rows_shapes(const struct rows *, uint32_t *n);

#endif /* ROWS_STATE_H */
