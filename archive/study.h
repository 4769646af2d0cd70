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
 * Gathered columns on their way into a small block: what is known of each, and
 * how it will be written.  Of the sealer.
 */

#ifndef STUDY_H
#define STUDY_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/block.h"
#include "archive/gather.h"

#define STUDY_DICT 4096 /* distinct numbers of a dictionary, at most */
#define STUDY_SAMPLE 4096

struct draft {
	const struct gather_column *col; /* NULL: no flow has it */
	bool partial;			 /* not all flows have it */
	bool has[BLOCK_SHAPES];		 /* then: flows of which shapes */
	struct block_column c; /* the entry: all but its parts and checksum */
	uint32_t runs; /* of equal numbers behind one another, or the rows */
	uint64_t cost; /* bytes that it is thought to take */
	/* Schemes dictionary and runs: which value each row has. */
	uint16_t *code;
	uint64_t *dict; /* numbers: these values */
	uint16_t *pick; /* addresses: number of the gathered one */
};

struct study {
	uint32_t n; /* rows */
	uint32_t nshapes;
	const struct gather_column *shape;
	bool squeezed; /* costs are those of bytes that are compressed, too */
	struct draft draft[BATCH_COLUMNS]; /* by gather_slot() */
	uint16_t order[BATCH_COLUMNS];	   /* slots of those that are decided */
	uint16_t decided;
	/* Costs are estimated of some rows, every step-th of them. */
	uint32_t step;
	uint32_t samples;
	uint64_t sample[STUDY_SAMPLE];
	uint64_t *u;	 /* room for BLOCK_FLOWS */
	uint64_t *value; /* likewise */
	uint16_t *code;	 /* likewise: scratch, as u and value */
	uint32_t *row;	 /* likewise: of a parent's value the first row */
	uint32_t *best;	 /* the same, of the parent that is gone by */
};

/* 0, or -1 for want of memory. */
int study_init(struct study *);
void study_clear(struct study *);

/* What can be told of each column alone. */
void study_begin(struct study *, const struct gather *, bool squeezed);

/* The number of a row: of a column that no flow has, 0. */
static inline uint64_t
draft_number(const struct draft *d, uint32_t i)
{
	if (d->col == NULL)
		return (0);
	return (d->col->num[d->col->same ? 0 : i]);
}

/* Does a row have it?  If not, its value is as good as any. */
static inline bool
draft_has(const struct study *s, const struct draft *d, uint32_t i)
{
	return (!d->partial || d->has[s->shape->num[s->shape->same ? 0 : i]]);
}

/* The greatest unit of 1, 10^3, 10^6 and 10^9 that divides all. */
unsigned int common_unit(const uint64_t *, uint32_t n);
/* Divide them by it. */
void divide_by_unit(uint64_t *, uint32_t n, unsigned int exponent);

/* What integers take as data, in bytes: some of them are in s->sample. */
uint64_t study_cost(const struct study *, unsigned int bits);
/* Bits that a value of a row takes in a dictionary of numbers. */
unsigned int study_series(const struct study *, const uint64_t *, uint32_t n);

/*
 * Decide how a column is written, all alone: at first by what is told at a
 * glance, then by all there is.  0, or -1: no memory.
 */
int choose_first(struct study *, struct draft *);
int choose_alone(struct study *, struct draft *);
/* Make u of a column, as its scheme has it, and settle the unit: how many. */
uint32_t choose_integers(struct study *, struct draft *);

/* Codes of addresses: the popular ones first.  0, or -1 for want of memory. */
int popular_order(struct study *, struct draft *);

/*
 * Better ways by a column that is decided; it stays if there is none.  Of one
 * that depends the row of each value of the parent is in s->best.
 */
void relate_depends(struct study *, struct draft *);
void relate_uptime(struct study *, struct draft *);
void relate_times(struct study *, struct draft *);
#endif /* STUDY_H */
