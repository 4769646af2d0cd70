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
 * A question to the flows of files: workers put the jobs through it.
 */

#ifndef POOL_H
#define POOL_H

#include <pthread.h>

#include "query/anonymize.h"
#include "query/select.h"
#include "scan/job.h"

/*
 * span.c: between which times the rows of a block are, and what it takes
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
/* NULL: no memory. */
struct spans *spans_new(struct scan *, pthread_mutex_t *lock);
/* In the order of the blocks.  Takes what is in it, and leaves it empty. */
void spans_add(struct spans *, struct span *);
/* First and last; frees it.  False: there was not memory enough. */
bool spans_end(struct spans *, struct totals *);

/* What a job gave. */
struct outcome {
	struct span span;
	struct outbuf out;
	const char *error;
	const char *path; /* of damage */
	uint64_t offset;
	char damage[128]; /* what it is, or "" */
};

/* What of a batch is to be done beside the question. */
struct scan_options {
	bool totals;		  /* all of struct totals is wanted */
	bool headers;		  /* and nothing else */
	const uint8_t *anonymize; /* a key, or NULL */
	uint32_t store_mask;	  /* what -f lets be seen, STORE_x */
	/* how far it is, by one thread at a time; or NULL */
	void (*progress)(void *arg, uint64_t bytes, uint64_t records);
	void *arg;
	struct totals *totalled; /* what it came to; or NULL */
};

/* What the store lines of -f leave out is not to be seen in any format. */
void scan_limit(struct flow *, uint32_t mask);

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
	bool spans; /* times of blocks are for span.c */
	struct job job;
};

/* NULL for want of memory. */
struct worker *scan_worker_new(const struct question *,
    const struct scan_options *, struct consumer *);
/* Its job. */
void scan_worker_do(struct worker *, struct outcome *);
/* Its state goes to the consumer.  NULL, or what is wrong; frees it. */
const char *scan_worker_end(struct worker *, struct consumer *);

/* pool.c: a consumer's error that is damage of the batch, and not the end. */
extern const char scan_damaged[];

/*
 * By q->threads workers.  Stopped, the answer is of what was read until then.
 * NULL, or what is wrong.
 */
const char *scan_run(struct scan *, const struct question *,
    const struct scan_options *, struct files *, struct consumer *);

#endif /* POOL_H */
