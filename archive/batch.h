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
 * Flows in columns, at most BLOCK_FLOWS of them: what questions are asked of.
 * They come from a block of an archive, whose columns are decoded when they
 * are asked for, or from rows (rows.h).  One thread at a time.
 */

#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/block.h"
#include "field.h"

struct flat;
struct rows;

/*
 * The values of a column.  A flow without the field has 0, the address none,
 * or no bytes; which flows have it only the shapes tell (batch_shapes).
 * Numbers fit the member of the flow, and so do bytes (a MAC address has 6, or
 * none), whoever wrote them; the numbers of shapes are below their count.
 */
enum vec_kind {
	VEC_CONST, /* all rows have value 0 of the dictionary */
	VEC_CODES, /* row i has value codes[i] of the dictionary */
	VEC_U32,   /* numbers that all fit */
	VEC_U64,   /* numbers; times are int64_t of the same bits */
};

struct vec {
	enum vec_kind kind;
	enum column_type type;
	uint32_t n;	       /* rows */
	const uint16_t *codes; /* CODES */
	const uint32_t *u32;
	const uint64_t *u64;
	/*
	 * CONST and CODES: values in any order.  Some may be unused, and one
	 * may stand more than once: two rows of different codes may have the
	 * same value.
	 */
	uint32_t ndict;		       /* 1..BLOCK_FLOWS */
	const uint64_t *num;	       /* CT_NUMBER, CT_TIME */
	const struct addr *addr;       /* CT_ADDR: always CONST or CODES */
	const struct flow_text *bytes; /* CT_BYTES: always CONST or CODES */
};

/* A number of row i: for the slow ways; hot loops look at the kind once. */
static inline uint64_t
vec_number(const struct vec *v, uint32_t i)
{
	switch (v->kind) {
	case VEC_U32:
		return (v->u32[i]);
	case VEC_U64:
		return (v->u64[i]);
	case VEC_CODES:
		return (v->num[v->codes[i]]);
	case VEC_CONST:
	default:
		return (v->num[0]);
	}
}

static inline const struct addr *
vec_addr(const struct vec *v, uint32_t i)
{
	return (&v->addr[v->kind == VEC_CODES ? v->codes[i] : 0]);
}

static inline const struct flow_text *
vec_bytes(const struct vec *v, uint32_t i)
{
	return (&v->bytes[v->kind == VEC_CODES ? v->codes[i] : 0]);
}

struct batch;

/* NULL for want of memory.  Memory is kept from one filling to the next. */
struct batch *batch_new(void);
void batch_free(struct batch *);

/*
 * Fill it from a block, from rows or from columns of a log (flat.h), borrowed
 * until the next filling.
 */
void batch_set_block(struct batch *, const struct block *);
void batch_set_rows(struct batch *, const struct rows *);
void batch_set_flat(struct batch *, const struct flat *);
/*
 * Who brings the bytes of a column to where its parts point, before they are
 * first looked at; NULL: those of blocks are there.  It stays from one filling
 * to the next.  What it cannot bring the checksum tells.
 */
typedef void batch_fetch(void *arg, const struct block_column *);
void batch_set_fetch(struct batch *, batch_fetch *, void *arg);
/* So many flows of no shape and no column: batch_reshape and batch_replace. */
void batch_set_empty(struct batch *, uint32_t flows);
/* The block it is of; NULL for others. */
const struct block *batch_block(const struct batch *);

uint32_t batch_flows(const struct batch *);
/* Does any flow have the field?  All of them? */
bool batch_any(const struct batch *, enum flow_field);
bool batch_all(const struct batch *, enum flow_field);

/*
 * A column: a field's number, or COL_SHAPE and the like.  It is decoded at the
 * first call.  *v is NULL if no flow has it.  BLOCK_OK, or what is wrong with
 * it; good until the next filling.
 */
enum block_err batch_column(struct batch *, unsigned int id,
    const struct vec **v);

/*
 * The sum, modulo 2^64, of numbers of some rows, ascending, or of the first n;
 * 0 if no flow has it.  Cheaper than batch_column() if nobody else asks for it.
 */
enum block_err batch_sum(struct batch *, unsigned int id, const uint16_t *row,
    uint32_t n, uint64_t *sum);
/*
 * A column of IPv4 addresses, 4 bytes each, if that is how they are and nobody
 * asked for a vec of them, which has to look for equal ones first; else *p is
 * NULL.
 */
enum block_err batch_addr4(struct batch *, unsigned int id, const uint8_t **p);

/*
 * A column as it lies there, for who wants it whole, if it does: numbers of 1,
 * 2, 4 or 8 bytes, no more than the member has; addresses of 16 bytes with
 * IPv4 mapped into ::ffff:0:0/96, and their families, or of 4 bytes if all are
 * IPv4.  A vec of it may cost more.
 */
struct plain {
	const void *p; /* NULL: it does not */
	const uint8_t *family;
	uint8_t width;
};
enum block_err batch_plain(struct batch *, unsigned int id, struct plain *);

/*
 * For each shape, 1 if flows of it have the field: batch_has[shape of a row].
 * COL_SHAPE's vec has the numbers of the shapes as its values.  n is at most
 * BATCH_SHAPES.
 */
const struct flow_set *batch_shapes(const struct batch *, uint32_t *n);

/*
 * One row as a flow, with all its fields or those of a set only (NULL: all).
 * Texts are borrowed from the batch.  Decodes what it needs.
 */
enum block_err batch_row(struct batch *, uint32_t row,
    const struct flow_set *fields, struct flow *);

/* As block_check() (block.h), and then it is filled from the block. */
enum block_err batch_check(struct batch *, const struct block *,
    unsigned int *id);

/* Bytes of columns decoded since batch_new: what a question had to read. */
uint64_t batch_bytes_read(const struct batch *);

/*
 * A computed column in the place of a field, for all rows, or of one that no
 * flow had; NULL: no flow has it.  Borrowed until the next filling, and seen by
 * batch_column and batch_row.  Who has the field still the shapes tell.
 * Sampling and anonymizing work so.
 */
void batch_replace(struct batch *, unsigned int id, const struct vec *);

/*
 * Other shapes in the place of those there were, likewise borrowed: fields
 * come to be there or to be absent, for batch_any, batch_all, batch_shapes and
 * batch_row.  of: the shape of each row, as COL_SHAPE's vec; NULL: as before.
 */
#define BATCH_SHAPES (2 * BLOCK_SHAPES) /* at most */
void batch_reshape(struct batch *, const struct flow_set *, uint32_t n,
    const struct vec *of);

#endif /* BATCH_H */
