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
 * A batch from the inside: of batch.c and column.c.
 */

#ifndef BATCH_STATE_H
#define BATCH_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "archive/series.h"
#include "compat/squeeze.h"

/* Memory that grows and is kept. */
struct mem {
	void *p;
	size_t size;
};

/*
 * A column of the batch, and the memory of what it is decoded to.  What data
 * say of flows without the field is nobody's business but that of columns
 * which go by it.
 */
struct slot {
	uint32_t filling; /* of which vec is */
	uint32_t showing; /* of which shown is */
	uint32_t replacing;
	uint32_t whole;	    /* the filling whose checksum held */
	enum block_err err; /* of vec */
	enum block_err shown_err;
	struct vec vec;	  /* as the data say */
	struct vec shown; /* the same, 0 for flows without the field */
	const struct vec *replaced;
	struct mem values; /* u32, u64 */
	struct mem codes;
	struct mem dict; /* numbers, addresses, texts, and room for one more */
	struct mem mask; /* values or codes that are shown, if others */
	struct mem text; /* their bytes */
};

struct batch {
	const struct block *block; /* or */
	const struct rows *rows;   /* or */
	const struct flat *flat;
	uint32_t flows;
	uint32_t filling; /* counts them: what is of another is old */
	bool strict;	  /* believe no least and greatest value */
	const struct flow_set *shapes;
	uint32_t nshapes;
	struct flow_set any, all;
	uint64_t bytes_read;
	batch_fetch *fetch; /* or NULL */
	void *fetch_arg;
	struct expand *expand; /* NULL before it is needed */
	struct mem scratch;    /* what is expanded */
	struct mem shape;      /* uint8_t: of each row, column-mask.c */
	uint32_t shaping;      /* the filling it is of */
	struct mem table;      /* for addresses: column-addrs.c */
	uint16_t round;	       /* of the table */
	struct slot slots[BATCH_COLUMNS];
};

/* Room for n things of so many bytes; NULL for want of memory. */
void *mem_room(struct mem *, size_t n, size_t size);

/*
 * The column as it is in the block or the rows, not what replaced it: as its
 * data say, or with 0 for flows without the field.
 */
enum block_err batch_raw(struct batch *, unsigned int id, const struct vec **);
enum block_err batch_own(struct batch *, unsigned int id, const struct vec **);

/* Its checksum, once: column.c. */
enum block_err column_whole(struct batch *, struct slot *,
    const struct block_column *);
/* The data of a column of numbers, expanded if need be, as a row of them. */
enum block_err column_series(struct batch *, const struct block_column *,
    struct series *);

/* Decode it into its slot, as its data say: column.c. */
enum block_err column_decode(struct batch *, struct slot *,
    const struct block_column *);
/* Numbers fit the member of the flow. */
enum block_err column_fits(const struct batch *, const struct vec *,
    const struct block_column *);

/* What is shown of a column that is not of all flows: column-mask.c. */
enum block_err column_mask(struct batch *, struct slot *,
    const struct block_column *);
/* The shape of each row; NULL for want of memory, or as *err says. */
const uint8_t *column_shapes(struct batch *, enum block_err *);
/* Is it of all flows of the block?  What is no field is. */
bool column_of_all(const struct block *, unsigned int id);

/*
 * Its parts, column-part.c: the bytes of one, which has so many at most, in the
 * block or in memory; and its dictionary, which has a value at least.
 */
enum block_err column_part(struct batch *, struct mem *,
    const struct block_part *, size_t most, const uint8_t **);
enum block_err column_dict(struct batch *, struct slot *,
    const struct block_column *);

/* Take it from rows: column-rows.c. */
struct rows_column;
enum block_err column_from_rows(struct batch *, struct slot *,
    const struct rows_column *);

/* Likewise of a log: column-flat.c; *none if there is none. */
enum block_err column_from_flat(struct batch *, struct slot *, unsigned int id,
    bool *none);
/* Numbers of one byte or two become those of a vec. */
enum block_err column_widen_vec(struct batch *, struct slot *, const void *,
    uint8_t width);

/*
 * Addresses of 4 or 16 bytes a row become codes and a dictionary, in which
 * some may stand twice: column-addrs.c.
 */
enum block_err column_addrs(struct batch *, struct slot *, const uint8_t *,
    unsigned int bytes);
/* The same of 16 bytes each with IPv4 mapped, and their families. */
enum block_err column_mapped(struct batch *, struct slot *, const uint8_t *,
    const uint8_t *family);

/* So many numbers of it from a row on. */
void vec_numbers(const struct vec *, uint32_t from, uint32_t n, uint64_t *);

#endif /* BATCH_STATE_H */
