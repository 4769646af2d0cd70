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
 * One worker of the pool (reader-scan.c), and what it tells on the way.
 */

#ifndef READER_WORKER_H
#define READER_WORKER_H

#include <pthread.h>

#include "query/anonymize.h"
#include "query/select.h"
#include "reader-scan.h"

/*
 * reader-span.c: between which times the rows of a block are, and what it takes
 * to know better.  Of ends the complement is kept.
 */
struct span {
	struct span_side {
		bool known; /* it is lo */
		bool open;  /* it is not less than lo, nor, if all rows */
		bool all;   /* have it, more than hi */
		int64_t lo, hi;
	} side[2];
	const char *path;
	uint64_t offset;
	const uint8_t *p; /* the block */
	size_t len;
	struct segment *map; /* held: whose it is */
	uint32_t n;	     /* rows */
	bool listed;	     /* in row; else the first ones */
	uint16_t *row;
	uint32_t size;
};

/* whole: all rows of the block are selected.  False for want of memory. */
bool span_set(struct span *, const struct block *, const struct sel *,
    bool whole);
bool span_open(const struct span *);
/* Of no rows. */
void span_reset(struct span *);
/* What is open needs its block, whose hold it gets from the job. */
void span_take(struct span *, struct job *);
void span_clear(struct span *);

/* The lock is that of segments. */
struct spans;
struct spans *spans_new(struct reader *, pthread_mutex_t *lock);
/* In the order of the blocks.  Takes what is in it, and leaves it empty. */
void spans_add(struct spans *, struct span *);
/* First and last; frees it.  False: there was not memory enough. */
bool spans_end(struct spans *, struct totals *);

/* What a job gave. */
struct outcome {
	struct span span;
	struct outbuf out;
	const char *error;
	char damage[256]; /* a line, or "" */
};

struct worker {
	const struct question *q;
	const struct scan_options *o;
	struct consumer *c;
	void *state; /* the consumer's */
	struct select *select;
	struct batch *batch;
	struct anonymize *anonymize;
	struct rows *masked; /* what -f lets be seen */
	struct batch *masked_batch;
	struct flow_set asked; /* columns that tell which rows */
	struct flow_set needs; /* all that the question looks at */
	struct totals totals;
	bool spans; /* times of blocks are for reader-span.c */
	struct job job;
};

/* NULL for want of memory. */
struct worker *scan_worker_new(const struct question *,
    const struct scan_options *, struct consumer *);
/* Its job. */
void scan_worker_do(struct worker *, struct outcome *);
/* Its state goes to the consumer.  NULL, or what is wrong; frees it. */
const char *scan_worker_end(struct worker *, struct consumer *);

/* reader-gauge.c: how far it is, on a terminal, after a second. */
struct gauge;
struct gauge *gauge_begin(bool wanted, uint64_t bytes);
void gauge_show(struct gauge *, uint64_t bytes, uint64_t flows);
void gauge_end(struct gauge *);
/* -v: what was read, and what not. */
void reader_tell_totals(const struct reader *, const struct totals *);

#endif /* READER_WORKER_H */
