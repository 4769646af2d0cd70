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
 * Who takes the flows that a question is about.  Each worker, a thread or the
 * only one, has a state of its own.  At the end they are merged; which batch
 * went to which worker must not be seen in the answer.
 */

#ifndef CONSUMER_H
#define CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "query/question.h"

/* Rows of a batch. */
struct sel {
	uint32_t n;
	const uint16_t *row; /* ascending; NULL: rows 0 to n - 1 */
	/*
	 * Of the batch, in the order of the scan: who hands batches to workers
	 * sets it, behind select_rows, and gives each worker ascending ones.
	 * Sorting keeps equal flows in this order.
	 */
	uint64_t number;
};

static inline uint32_t
sel_row(const struct sel *s, uint32_t i)
{
	return (s->row == NULL ? i : s->row[i]);
}

/* Text that grows. */
struct outbuf {
	char *p;
	size_t len, size;
};
/* Room for so many bytes behind len; NULL for want of memory. */
char *outbuf_room(struct outbuf *, size_t);
/* Frees it; all zeros is an empty one. */
void outbuf_clear(struct outbuf *);

/* What was looked at: the scan counts, and who answers may tell. */
struct totals {
	uint64_t records; /* read */
	uint64_t matched;
	uint64_t flows, packets, octets; /* of those that matched */
	int64_t first, last; /* their start and end; first > last: none */
	uint64_t blocks, blocks_skipped;
	uint64_t bytes, bytes_read; /* of logs, and of columns decoded */
	uint64_t damaged;	    /* places */
	uint64_t damaged_bytes, damaged_records;
	bool interrupted;
	bool told; /* the answer is flows, packets, octets and times */
};

/* Errors are texts, good until the end; NULL if there is none. */
struct consumer {
	void *arg;
	void *(*begin)(void *arg); /* a worker's state; NULL: no memory */
	const char *(*take)(void *worker, struct batch *, const struct sel *,
	    struct outbuf *);
	/*
	 * What take wrote to out, in the order of the batches, by one thread
	 * at a time.  A first line and the like come from here.  NULL: take
	 * writes nothing.  Who gives batches to another consumer does this,
	 * too.
	 */
	const char *(*put)(void *arg, const char *, size_t);
	/* all workers, one after the other; frees the worker */
	const char *(*merge)(void *arg, void *worker);
	/* and then once: the answer */
	const char *(*finish)(void *arg, const struct totals *);
	void (*free)(struct consumer *);
	struct flow_set needs; /* fields that it asks for */
	/* only some rows are wanted: true when no more need to come */
	bool (*enough)(void *arg);
};

#endif /* CONSUMER_H */
