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
 * Flows put into order: kept as holds, sorted at the end; what is too much for
 * memory is sorted and goes to files before.
 */

#ifndef SORTER_H
#define SORTER_H

#include <stdbool.h>

#include "query/hold.h"
#include "query/question.h"

#define SORTER_WORDS 256

/* A word to sort by. */
struct sorter_word {
	enum {
		SORT_NUMBER,
		SORT_SIGNED,
		SORT_HAS,
		SORT_FAMILY,
		SORT_HI,
		SORT_LO,
		SORT_BYTES,
		SORT_PAIR, /* of a conversation: pair.c */
	} by;
	bool descending;
	int column;
	enum flow_field field;
	unsigned int word;
};

struct sorter {
	const struct question *q;
	struct hold_spec spec;
	struct sorter_word word[SORTER_WORDS];
	struct ranking ranking;		/* of refs to rows of holds */
	uint64_t top;			/* so many are wanted, 0: all */
	size_t budget;			/* bytes of a worker */
	struct sorter_worker **workers; /* that are done */
	size_t nworkers;
	/* Of SORT_PAIR: a word of a row. */
	uint64_t (*pair)(const struct sorter *, const struct hold *,
	    uint32_t row, unsigned int word);
	int pair_col[5];	   /* pair.c: its columns */
	unsigned int words;	   /* the last depth but that of seq */
	struct hold *const *holds; /* refs are of these */
};

/* The fields of a set are kept. */
void sorter_init(struct sorter *, const struct question *,
    const struct flow_set *);
void sorter_clear(struct sorter *);

/* What to sort by, the most important first; -1: too many. */
int sorter_quantity(struct sorter *, enum quantity, bool descending);
int sorter_field(struct sorter *, const struct field *, bool descending);
int sorter_pair(struct sorter *, unsigned int words);
/* No more: equal ones stay in the order of the scan. */
void sorter_ready(struct sorter *);

struct sorter_worker;
struct sorter_worker *sorter_begin(const struct sorter *);
const char *sorter_take(struct sorter_worker *, struct batch *,
    const struct sel *);
/* Owns the worker from now on. */
const char *sorter_merge(struct sorter *, struct sorter_worker *);
/* All rows in order, hold by hold, borrowed; NULL, or an error to stop with. */
struct sorter_sink {
	const char *(*emit)(void *arg, struct hold *);
	void *arg;
};
const char *sorter_finish(struct sorter *, const struct sorter_sink *);

/* sorter-run.c: inside. */
struct sorter_run {
	uint64_t *off; /* of its holds in the file */
	size_t n;
};

struct sorter_worker {
	const struct sorter *s;
	struct hold **hold;
	size_t n;
	uint64_t rows;
	struct hold_map map;
	struct spill *spill;
	struct sorter_run *run;
	size_t nruns;
	bool bounded; /* rows that come behind bound are not wanted */
	uint64_t bound;
	uint16_t *some; /* rows */
};

void sorter_worker_free(struct sorter_worker *);
void sorter_drop(struct sorter_worker *); /* its holds */
/* Refs of all rows in order; NULL: no memory. */
struct rank_item *sorter_order(const struct sorter *, struct hold *const *,
    size_t n, size_t *rows);
const char *sorter_spill(struct sorter_worker *);
const char *sorter_merge_runs(struct sorter *, const struct sorter_sink *);

#endif /* SORTER_H */
