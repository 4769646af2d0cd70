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
 * Quick packing from the inside: pack.c and its sibling.
 */

#ifndef PACKER_H
#define PACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/blockwr.h"
#include "archive/ints.h"
#include "archive/range.h"
#include "archive/rows-state.h"

/*
 * A column of times as milliseconds after the export, of each row, plus zero:
 * so all are in order without a sign.
 */
struct pack_lags {
	uint32_t *v;
	uint32_t zero;
	uint32_t min, max;
	int64_t first, last;	 /* times */
	int64_t least, greatest; /* uptimes, if it is from these */
	bool known;
	bool all; /* of all rows */
};

struct packer {
	const struct rows *r;
	struct blockwr w;
	uint32_t n; /* rows */
	bool failed;
	uint64_t first, last;	  /* times of receipt */
	uint32_t *scratch;	  /* some numbers for each row */
	struct pack_lags lags[2]; /* of start and of end */
	/* Of the column that is being packed. */
	bool partial;		/* not all flows have it */
	bool has[BLOCK_SHAPES]; /* then: flows of which shapes */
};

/*
 * Memory for a number of each row: one of these, of which the last is for
 * whoever needs it for a moment.  NULL for want of memory.
 */
#define PACK_ROOMS 3
uint32_t *pack_scratch(struct packer *, unsigned int room);

/* Rows behind one another that have the column. */
struct stretch {
	uint32_t from;
	uint32_t until;
	uint32_t run; /* of the shapes: which comes next */
};

/* The next of them, of one that is all 0 at first; false: there is none. */
bool pack_stretch(const struct packer *, struct stretch *);
/* Has every flow with the column that field, too? */
bool pack_within(const struct packer *, enum flow_field);

/* A column of that kind into the room, and what its entry says. */
void pack_numbers(struct packer *, struct block_column *,
    const struct rows_column *);
void pack_runs(struct packer *, struct block_column *,
    const struct rows_column *);

/* Start or end; their uptimes, when that was packed. */
void pack_time(struct packer *, struct block_column *,
    const struct rows_column *);
void pack_uptime(struct packer *, struct block_column *,
    const struct rows_column *);

/* Addresses and texts. */
void pack_ipv4(struct packer *, struct block_column *,
    const struct rows_column *);
void pack_addrs(struct packer *, struct block_column *,
    const struct rows_column *);
void pack_texts(struct packer *, struct block_column *,
    const struct rows_column *);
size_t pack_text_bytes(const struct rows_column *);
#define PACK_FEW 256 /* addresses of IPV4 that get a dictionary */

/* Least, greatest and sum. */
void pack_range(struct block_column *, const struct range *);
/* Of a column of NUMBERS: of the flows that have it. */
struct range pack_range_numbers(const struct packer *,
    const struct rows_column *);
/* The numbers of all rows, of that width, less base, in so many bytes. */
void pack_narrow(struct packer *, struct block_column *, const void *,
    unsigned int width, unsigned int bytes, uint64_t base);

static inline unsigned int
pack_bytes(uint64_t v)
{
	return ((ints_bits(v) + 7) / 8);
}

static inline void
pack_data(struct block_column *b, const uint8_t *p, size_t len)
{
	b->data.p = p;
	b->data.stored = b->data.expanded = (uint32_t)len;
}

static inline void
pack_dict(struct block_column *b, const uint8_t *p, size_t len, uint32_t n)
{
	b->dict.p = p;
	b->dict.stored = b->dict.expanded = (uint32_t)len;
	b->ndict = n;
}

#endif /* PACKER_H */
