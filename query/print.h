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
 * Flows as lines of text, CSV or JSON, straight from columns: byte for byte
 * what format.h makes of the same flows, but many at a time.
 */

#ifndef PRINT_H
#define PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "query/sheet.h"
#include "query/consumer.h"

/* A column of a listing: a field, or a quantity that is computed. */
struct print_column {
	const struct field *field; /* or NULL */
	enum quantity quantity;	   /* or Q_MAX */
};

#define PRINT_COLUMNS (FLOW_NFIELDS + Q_MAX)

enum print_format {
	PRINT_TABLE, /* aligned, for people */
	PRINT_TEXT,  /* "src_addr 10.0.0.1 ..." as format_text */
	PRINT_CSV,
	PRINT_JSON,   /* one array */
	PRINT_NDJSON, /* an object a line */
	PRINT_NONE,   /* nothing: everything is done but the text */
};

struct print {
	enum print_format format;
	struct print_column columns[PRINT_COLUMNS];
	size_t ncolumns;
	bool human;   /* of tables: 1.5M, 1m02.003s, tcp */
	bool utc;     /* of tables and text; others have UTC always */
	bool summary; /* totals below a table */
};

/*
 * "src_addr,dst_addr,octets,bps": 0, or -1 and the name in bad[64].  A name of
 * both a field and a quantity is the field's.
 */
int print_columns(struct print *, const char *, char *bad);
/*
 * Those of PRINT_TABLE if none are chosen: start duration protocol ...  There,
 * a port stands behind the address before it.
 */
void print_columns_table(struct print *);
/* All fields. */
void print_columns_all(struct print *);

/*
 * A consumer that prints each flow.  The text goes to write.  Durations are
 * seconds but in tables.  Borrows the print.
 */
struct consumer *print_consumer(const struct print *, sheet_write *, void *arg);

#endif /* PRINT_H */
