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
 * Columns as Arrow has them, made of a batch once: numbers in native order, a
 * bit for each value that is there (the first in the lowest bit), addresses of
 * 16 bytes with IPv4 mapped into ::ffff:0:0/96, texts behind offsets.  Pure C:
 * needs no GIL, knows no Python.
 */

#ifndef COLUMNS_H
#define COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "field.h"
#include "query/consumer.h"

enum column_kind {
	COLUMN_U8,
	COLUMN_U16,
	COLUMN_U32,
	COLUMN_U64,
	COLUMN_TIME,	 /* int64_t, ns since 1970 */
	COLUMN_ADDR,	 /* 16 bytes */
	COLUMN_MAC,	 /* 6 bytes */
	COLUMN_TEXT,	 /* UTF-8, whatever the exporter sent */
	COLUMN_BYTES,	 /* any bytes */
	COLUMN_LABELS,	 /* uint32_t, some each */
	COLUMN_DURATION, /* int64_t, ns: of answers */
	COLUMN_RATE,	 /* double: of answers */
	COLUMN_KINDS
};

/* Which columns, in that order; n is 0: those that some flow has. */
struct asked {
	uint16_t n;
	uint8_t field[FLOW_NFIELDS]; /* enum flow_field */
	bool text;		     /* addresses as text, COLUMN_TEXT */
};

/* Values that are not there are zeros, or have no bytes. */
struct column {
	const char *name;
	const struct field *field; /* or NULL: of answers */
	enum column_kind kind;
	uint32_t nulls;
	uint8_t *validity; /* NULL: all are there */
	/* one each, or what the offsets are into: bytes, uint32_t of labels */
	void *values;
	int32_t *offsets; /* rows + 1, of TEXT, BYTES and LABELS; else NULL */
};

struct columns {
	_Atomic uint32_t refs; /* of whoever shows them: any thread */
	uint32_t rows;
	uint16_t n;
	char *names; /* of answers, else NULL */
	struct column column[];
};

/*
 * Some rows of a batch.  NULL and BLOCK_NOMEM, or what is wrong with a column
 * of the batch.  The first reference is the caller's.
 */
struct columns *columns_build(struct batch *, const struct sel *,
    const struct asked *, enum block_err *);
struct columns *columns_hold(struct columns *);
void columns_drop(struct columns *); /* NULL is nothing */
/* n columns without anything in them. */
struct columns *columns_new(uint16_t n, uint32_t rows);

/* columns-row.c: a row as a flow; its texts are the columns'. */
void columns_addr(struct addr *, const uint8_t *); /* 16 bytes */
void columns_row(const struct columns *, uint32_t row, struct flow *);

/* The fields asked for, or that the batch has if none was, as a list. */
void asked_any(struct asked *, const struct flow_set *any);
struct flow_set asked_set(const struct asked *);

enum column_kind column_kind(const struct field *, bool text);
/* Bytes of a value; 0 for those with offsets. */
size_t column_size(enum column_kind);
/* Is the value there? */
static inline bool
column_has(const struct column *c, uint32_t row)
{
	return (c->validity == NULL || (c->validity[row / 8] >> row % 8 & 1));
}

/*
 * columns-text.c: bytes as UTF-8, with U+FFFD for each byte that is none.
 * Returns the length; to has room for 3 bytes each.  clean: are they?
 */
bool utf8_clean(const char *, size_t);
size_t utf8_mend(char *to, const char *, size_t);

/* Of columns.c and what it is made of: false for want of memory. */
struct gather {
	struct batch *batch;
	const struct sel *sel;
	enum block_err err;
	uint8_t *scratch; /* a dictionary as the column has it */
	/* The last validity, and by which shapes it came. */
	const uint8_t *bits;
	uint32_t nulls;
	uint8_t has[BATCH_SHAPES];
};
void *gather_room(struct gather *, size_t);
bool gather_numbers(struct gather *, const struct vec *, struct column *);
bool gather_addrs(struct gather *, const struct vec *, struct column *);
/* What lies there as it is (batch_plain), and is of the column's type. */
bool gather_plain(struct gather *, const void *, uint8_t width,
    struct column *);
bool gather_texts(struct gather *, const struct vec *, struct column *);
bool gather_text4(struct gather *, const uint8_t *, struct column *);

#endif /* COLUMNS_H */
