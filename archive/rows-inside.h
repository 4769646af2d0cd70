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
 * Rows from the inside: of rows.c and its siblings.
 */

#ifndef ROWS_INSIDE_H
#define ROWS_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/intern.h"
#include "archive/rows-state.h"
#include "archive/rows.h"
#include "flow.h"

#define ROWS_PROGRAMS BLOCK_SHAPES
#define ROWS_SLOTS (2 * ROWS_PROGRAMS)

/* What a member is gathered by. */
enum way {
	C_U8,
	C_U16,
	C_U32,
	C_U64,
	C_ENDS, /* start and end: maybe the uptimes tell */
	C_RUN8,
	C_RUN16,
	C_RUN32,
	C_RUN64,
	C_ADDR,	 /* of one end: there are many */
	C_AGENT, /* likely the one before */
	C_BYTES,
	C_MAX
};

struct step {
	struct rows_column *c;
	void *to;     /* numbers: all rows' */
	uint32_t off; /* of the member */
};

/* How the flows of a set of fields are gathered: made once, kept for long. */
struct program {
	struct flow_set has;
	struct flow_set shape; /* of these what is kept */
	uint32_t epoch;	       /* of the rows that have its shape */
	uint32_t number;       /* of the shape, there */
	/* The ends of its steps: a way behind the other. */
	const struct step *end[C_MAX];
	struct step step[];
};

/* From where the way before ended; what is stored is no step. */
#define STEPS(p, s, stop, way) for (stop = (p)->end[way]; s < stop; s++)

/* What is gathered as runs, of the last flow: equal in most. */
struct shared {
	int64_t recv_time, export_time;
	uint64_t sampler_id;
	uint32_t source_id, sequence, sys_uptime, sampling_rate;
	uint16_t version, engine_type, engine_id;
	uint8_t aggregation, sampling_algorithm, clock, sampling;
};

struct rows {
	uint32_t size;
	uint32_t n;
	bool full;
	struct program *now;	      /* the columns are ready for it */
	const struct program *wide;   /* and as wide as its members */
	const struct program *shaped; /* whose the last row is */
	struct flow_set live;	      /* the columns of now */
	struct flow_set any;
	struct flow_set keep;
	uint32_t epoch;	 /* they were cleared so often */
	uint32_t layout; /* columns became wider or of another kind so often */
	uint32_t nshapes;
	struct flow_set shapes[BLOCK_SHAPES];
	struct shared last;
	struct arena arena;
	uint64_t seed;
	struct rows_plans *plans;
	uint32_t nprograms;
	struct program *programs[ROWS_PROGRAMS];
	uint16_t slot[ROWS_SLOTS]; /* of programs: 0 free, else place + 1 */
	struct rows_column *column[BATCH_COLUMNS];
	uint8_t order[BATCH_COLUMNS]; /* places of columns, by way */
};

static inline bool
set_has(const struct flow_set *s, unsigned int bit)
{
	return (s->w[bit / 64] >> bit % 64 & 1);
}

static inline bool
set_equal(const struct flow_set *a, const struct flow_set *b)
{
	uint64_t differ = 0;
	size_t i;

	for (i = 0; i < FLOW_WORDS; i++)
		differ |= a->w[i] ^ b->w[i];
	return (differ == 0);
}

static inline unsigned int
rows_id(unsigned int place)
{
	return (
	    place < FLOW_NFIELDS ? place : COL_SHAPE + (place - FLOW_NFIELDS));
}

static inline unsigned int
rows_place(unsigned int id)
{
	return (id < COL_SHAPE ? id : FLOW_NFIELDS + (id - COL_SHAPE));
}

/* rows-program.c: the order of columns, once. */
void rows_sort(struct rows *);
/* The columns become ready for flows that have these.  NULL: no room. */
struct program *rows_ready(struct rows *, const struct flow_set *has);
/* Those of a program become as wide as its members. */
void rows_widen(struct rows *, const struct program *);
void rows_forget_programs(struct rows *);

/* rows-uptime.c: a column of UPTIMES gets the numbers of so many rows. */
void rows_reckon(const struct rows *, struct rows_column *, uint32_t n);

/* rows.c: a value of the next row.  False if there is no room for it. */
bool rows_put(struct rows *, const struct step *, enum way,
    const struct flow *);
/* The flow is the first of some that share what is gathered as runs. */
void rows_share(struct rows *, struct program *, const struct flow *);

/* rows-plan.c: how records are taken.  All of them have to be adapted. */
void rows_plans_stale(struct rows_plans *);
void rows_forget_plans(struct rows *);

#endif /* ROWS_INSIDE_H */
