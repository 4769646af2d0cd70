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
 * Flows of files, a batch at a time or as the answer to a question: what
 * programs in other languages read by.  Archives (directories), segments, logs
 * of version 3 and 2, compressed ones too.  Opens files; never logs, never
 * exits.  One thread at a time for each reading.
 */

#ifndef READING_H
#define READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "query/consumer.h"
#include "query/question.h"
#include "query/sheet.h"

enum scan_fault {
	SCAN_UNREAD,  /* a file, or the rest of it, could not be read */
	SCAN_DAMAGED, /* bytes or flows of it were skipped */
	SCAN_CUT,     /* it ends inside a record: it may be written just now */
	/* Only flowd-reader is told these: */
	SCAN_LEFT, /* files were left out, for their names */
	SCAN_NOTE, /* nothing is wrong */
};

/*
 * What is wrong is told as it is met: the text names no file and no place.
 * What is wrong with a file as a whole has offset 0.
 */
typedef void scan_tell(void *arg, enum scan_fault, const char *path,
    uint64_t offset, const char *what);

struct reading_options {
	int64_t since, until;	/* ns since 1970; INT64_MIN, INT64_MAX: any */
	struct filter *clauses; /* conf_parse_clauses(); borrowed; NULL: any */
	struct filter *rules;	/* likewise: flows have to pass both */
	bool scale;		/* counters times their sampling rate */
	bool strict;		/* what is not complete is damage */
	bool trust;		/* logs without their checksums */
	/* Of logs no flows, and no more than tells reading_store_fields(). */
	bool fields_only;
	/* Fields that will be asked for, no others; all zeros: any. */
	struct flow_set needs;
	scan_tell *tell; /* or NULL */
	/* Asked now and then: true ends the reading; or NULL. */
	bool (*stop)(void *arg);
	void *arg; /* of both */
};

struct reading;

/* Nothing is opened yet but directories.  NULL: no memory. */
struct reading *reading_new(char *const *paths, size_t n,
    const struct reading_options *);
/* The bytes of a log or a segment, borrowed.  name stands for the path. */
struct reading *reading_bytes(const void *, size_t, const char *name,
    const struct reading_options *);
void reading_free(struct reading *);

/*
 * The next batch that has flows of those asked for, and which rows; both good
 * until the next call.  1: there is one; 0: no more; -1: no memory.
 */
int reading_next(struct reading *, struct batch **, const struct sel **);
/* What was looked at so far. */
const struct totals *reading_totals(struct reading *);
/* Groups of classic logs seen so far (STORE_x), STORE_CRC32 too; else 0. */
uint32_t reading_store_fields(const struct reading *);

/*
 * The answer to a question, by question->threads threads, instead of batches:
 * groups, a time series, statistics (as several tables), or, of a question that
 * has neither, flows in the order that it asks for, with the fields of needs;
 * if it asks for no order, no top and no pairs, the sums of all flows.  Which
 * flows is the question's: its times, clauses and scale.
 *
 * Cells go to the taker, as texts and addresses that are good until it returns;
 * a function of it that returns a text ends it.  The taker, and tell, may be
 * called by another thread than this, but by one at a time; stop is called by
 * this one only.  NULL, or what is wrong.
 */
const char *reading_ask(struct reading *, const struct question *,
    const struct sheet_taker *);

#endif /* READING_H */
