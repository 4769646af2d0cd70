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
 * Jobs: blocks of segments, and rows that flows of logs gather in.
 */

#ifndef JOB_H
#define JOB_H

#include "scan/scan.h"

/* filling.c: flows that come one by one, on their way into batches. */
struct filling;

/* NULL: no memory. */
struct filling *filling_new(struct scan *, const struct flow_set *needs);
void filling_free(struct filling *);
void filling_add(struct filling *, const struct flow *);
/*
 * Room for records of a log as columns: what was there before is kept, unless
 * it is full.  NULL: no memory.
 */
struct flat *filling_room(struct filling *, bool full);

/* Flows that came so: one of these. */
struct lot {
	struct rows *rows;
	struct flat *flat;
};
/* What is full or, for the rest, what there is.  False: nothing. */
bool filling_take(struct filling *, bool rest, struct lot *);
/* It may be filled again. */
void filling_back(struct filling *, const struct lot *);
uint32_t lot_count(const struct lot *);

/* A piece of work: a block, or a lot. */
struct job {
	uint64_t number;
	const char *path;
	uint64_t offset;    /* of the block */
	struct block block; /* if lot is empty */
	struct lot lot;
	uint8_t *copy;	     /* memory of the block, or NULL: it is mapped */
	struct segment *map; /* whose it is */
	uint32_t limit;	     /* rows of it that count (-H) */
	uint32_t flows;	     /* in it */
};

static inline bool
job_of_block(const struct job *job)
{
	return (job->lot.rows == NULL && job->lot.flat == NULL);
}
/* Its flows. */
void job_batch(const struct job *, struct batch *);

/* segment.c: blocks of a segment. */
/* A regular file, to be read.  -1 with errno. */
int segment_fd(const char *path);
/* NULL: told. */
struct segment *segment_open(struct scan *, struct file *);
/* 1: a block; 0: no more, for now. */
int segment_next(struct segment *, struct job *);
/* Has it grown?  No job of it may be under way. */
void segment_refresh(struct segment *);
void segment_hold(struct segment *);
/* By who opened it, and for each hold. */
void segment_release(struct segment *);
/* Where it is. */
uint64_t segment_offset(const struct segment *);
/* These columns will be wanted soon. */
void segment_want(const struct job *, const struct flow_set *);
/* For batch_set_fetch(), with the job. */
void segment_fetch(void *job, const struct block_column *);

/* maps.c: a slot for what is mapped, or -1. */
int maps_add(void *p, size_t len);
/* True if not all of it could be read. */
bool maps_drop(int slot);

/* blocks.c: the same of a stream. */
struct blocks;
struct blocks *blocks_open(struct scan *, struct file *);
int blocks_next(struct blocks *, struct job *);
void blocks_close(struct blocks *);
uint64_t blocks_taken(const struct blocks *);

/* feed.c: the jobs of all files, one after the other. */
struct feed;

/* NULL: no memory. */
struct feed *feed_new(struct scan *, struct files *,
    const struct flow_set *needs);
void feed_free(struct feed *);
/* False: no more, or scan->nomem. */
bool feed_next(struct feed *, struct job *);
void feed_done(struct feed *, struct job *);
/* Bytes of files that were gone through. */
uint64_t feed_bytes(const struct feed *);
/* Groups of the records of logs so far, STORE_x. */
uint32_t feed_fields(const struct feed *);

/* totals.c: the sums of some rows, and of all rows of a block. */
void totals_init(struct totals *);
void totals_merge(struct totals *, const struct totals *);
/* False if the header does not tell. */
bool totals_block(struct totals *, const struct block *);
/* All but times.  raw: counters are those of the block, not scaled. */
enum block_err totals_rows(struct totals *, struct batch *, const struct sel *,
    bool raw);
/* The least start and the greatest end, and one of these. */
enum block_err totals_times(struct totals *, struct batch *,
    const struct sel *);
enum block_err totals_time(struct totals *, struct batch *, enum flow_field,
    const struct sel *);

#endif /* JOB_H */
