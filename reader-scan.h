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
 * flowd-reader: a question to flows from anywhere.  Files give jobs, in their
 * order; workers put each through the question.
 */

#ifndef READER_SCAN_H
#define READER_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "archive/rows.h"
#include "archive/segname.h"
#include "query/consumer.h"
#include "reader.h"

/* reader-files.c: what there is to read. */
enum file_kind {
	FILE_LOG,
	FILE_SEGMENT, /* can be mapped */
	FILE_STREAM,  /* a segment that comes through a pipe or is compressed */
	FILE_CAPTURE,
};

struct file {
	char *path;
	enum file_kind kind;
	int fd;		  /* of a segment, open; -1 */
	struct input *in; /* open already: standard input and pipes; NULL */
	bool named;	  /* by the rules of segname.h */
	struct segname name;
	int64_t first;	/* ns, to sort by */
	uint64_t bytes; /* as stored; 0 if it is not known */
};

struct files {
	struct file *all;
	size_t n, size;
	bool archive; /* a directory with segments, or a segment */
	uint64_t bytes;
	char **dirs; /* borrowed: directories among the arguments */
	int ndirs;
};

/* All that the paths name; borrows them.  What is wrong is said, and noted. */
void files_find(struct files *, struct reader *, char **paths, int npaths);
void files_clear(struct files *);
/* One more, with its path copied. */
struct file *files_add(struct files *, const char *path);
/* Looks at its first bytes.  False if it cannot be read. */
bool file_look(struct file *);
/* Of a file in a directory: are there flows in it?  Sets first. */
bool file_has_flows(struct file *);

/*
 * reader-archive.c: the files below a directory that a question needs, in the
 * order of their times.  False if it cannot be read, or, when flows are
 * expected, has none; which was said.
 */
bool archive_find(struct files *, struct reader *, const char *dir,
    bool expected);

/* reader-rows.c: flows that come one by one, on their way into batches. */
struct filling;

struct filling *filling_new(const struct flow_set *needs);
void filling_free(struct filling *);
void filling_add(struct filling *, const struct flow *);
/* Rows that are full or, for the rest, what there is; NULL: none. */
struct rows *filling_take(struct filling *, bool rest);
/* They may be filled again. */
void filling_back(struct filling *, struct rows *);

/* A piece of work: a block, or rows. */
struct job {
	uint64_t number;
	const char *path;
	uint64_t offset;     /* of the block */
	struct block block;  /* if rows is NULL */
	struct rows *rows;   /* or these */
	uint8_t *copy;	     /* memory of the block, or NULL: it is mapped */
	struct segment *map; /* whose it is */
	uint32_t limit;	     /* rows of it that count (-H) */
	uint32_t flows;	     /* in it */
};

/* reader-segment.c: blocks of a segment. */
/* A regular file, to be read.  -1 with errno. */
int segment_fd(const char *path);
struct segment *segment_open(struct reader *, struct file *);
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

/* The same of a stream. */
struct blocks;
struct blocks *blocks_open(struct reader *, struct file *);
int blocks_next(struct blocks *, struct job *);
void blocks_close(struct blocks *);
uint64_t blocks_taken(const struct blocks *);

/* reader-feed.c: the jobs of all files, one after the other. */
struct feed;

struct feed *feed_new(struct reader *, struct files *,
    const struct flow_set *needs);
void feed_free(struct feed *);
/* False: no more. */
bool feed_next(struct feed *, struct job *);
void feed_done(struct feed *, struct job *);
/* Bytes of files that were gone through. */
uint64_t feed_bytes(const struct feed *);

/* reader-totals.c: the sums of some rows, and of all rows of a block. */
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

/* What of a batch is to be done beside the question. */
struct scan_options {
	bool totals;		  /* all of struct totals is wanted */
	bool headers;		  /* and nothing else */
	bool progress;		  /* on standard error */
	const uint8_t *anonymize; /* a key, or NULL */
	uint32_t store_mask;	  /* what -f lets be seen, STORE_x */
};

/* A consumer's error that is damage of the batch, and not the end. */
extern const char scan_damaged[];
/* That nobody reads standard output any more: an end without a word. */
extern const char scan_unread[];

/* Set by SIGINT: the answer is of what was read until then. */
const char *scan_run(struct reader *, const struct question *,
    const struct scan_options *, struct files *, struct consumer *);

#endif /* READER_SCAN_H */
