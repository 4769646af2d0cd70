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
 * An answer: named columns, and rows of cells.  Who works it out gives it to a
 * printer, which knows the formats.
 */

#ifndef SHEET_H
#define SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "field.h"
#include "query/consumer.h"
#include "query/question.h"

enum cell_type {
	CELL_NONE, /* absent */
	CELL_NUMBER,
	CELL_TIME,     /* ns since 1970 */
	CELL_DURATION, /* ns */
	CELL_RATE,     /* a double */
	CELL_PREFIX,   /* of all bits: an address */
	CELL_BYTES,    /* of the column's field */
	CELL_TEXT,     /* a word of ours */
};

struct cell {
	enum cell_type type;
	union {
		uint64_t number;
		int64_t time;
		double rate;
		struct prefix prefix;
		struct flow_text bytes;
		const char *text;
	} u;
};

struct sheet_column {
	char name[48];		   /* "src_addr", "octets", "p95_octets" */
	const struct field *field; /* whose values these are, or NULL */
	bool share;	/* of the total: tables show it as a percentage, too */
	uint64_t total; /* of it */
};

enum sheet_format { SHEET_TABLE, SHEET_CSV, SHEET_JSON, SHEET_NDJSON };

struct sheet_style {
	enum sheet_format format;
	bool human; /* 1.5M, 3.2 G; only of SHEET_TABLE */
	bool utc;
	bool summary; /* totals below a table */
};

/* Where the text goes: NULL, or what is wrong. */
typedef const char *sheet_write(void *arg, const char *, size_t);

/*
 * An answer as a table has its widths from its first rows.  JSON is one array
 * of objects, which leave out what is absent; CSV leaves it empty.  In both,
 * times are ISO 8601 in UTC, durations seconds, and numbers are exact.
 */
struct sheet;
/* NULL for want of memory. */
struct sheet *sheet_new(const struct sheet_style *, sheet_write *, void *);
/*
 * Who takes the cells themselves instead of their text: columns, then rows of
 * them, and so on for each table.  NULL, or why no more can be taken.
 */
struct sheet_taker {
	const char *(*head)(void *arg, const struct sheet_column *, size_t);
	const char *(*row)(void *arg, const struct cell *, size_t);
	void *arg;
};
/* Borrows it.  NULL for want of memory. */
struct sheet *sheet_of_cells(const struct sheet_taker *);
void sheet_free(struct sheet *);
/*
 * NULL, or why no more can be taken.  Columns first, then rows, then the end.
 * Other columns may follow, and their rows: another table, in CSV with a head
 * of its own behind an empty line, in JSON other objects of the same array.
 */
const char *sheet_columns(struct sheet *, const struct sheet_column *, size_t);
const char *sheet_row(struct sheet *, const struct cell *, size_t);
const char *sheet_end(struct sheet *, const struct totals *);

/*
 * What was looked at, as lines for people: flows, times, what had to be read,
 * and what could not be.  Returns the length.
 */
#define SHEET_SUMMARY_MAX 1024
size_t sheet_summary(char *buf, size_t size, const struct sheet_style *,
    const struct totals *);

#endif /* SHEET_H */
