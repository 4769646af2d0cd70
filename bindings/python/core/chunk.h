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
 * Rows of a batch as flows, some at a time: column after column, which costs
 * a fraction of batch_row() for one row after the other.  Pure C.
 */

#ifndef CHUNK_H
#define CHUNK_H

#include "archive/batch.h"
#include "query/consumer.h"

#define CHUNK_FLOWS 64

struct chunk {
	/* of the batch */
	struct batch *batch;
	struct sel sel;
	uint32_t done; /* rows of it */
	bool rare;     /* something behind FLOW_RARE */
	uint16_t nvecs;
	struct {
		const struct vec *vec; /* or */
		struct plain plain;
		const struct field *field;
	} vecs[FLOW_NFIELDS];
	const struct vec *shape, *clock, *sampling;
	const struct flow_set *shapes;
	/* texts are borrowed from the batch */
	uint32_t n;
	struct flow flow[CHUNK_FLOWS];
};

/* Another batch.  BLOCK_OK, or what is wrong with it. */
enum block_err chunk_begin(struct chunk *, struct batch *, const struct sel *);
void chunk_end(struct chunk *); /* no more of that batch */
/* The next flows of it; false: no more. */
bool chunk_next(struct chunk *);

#endif /* CHUNK_H */
