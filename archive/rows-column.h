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
 * A column that is being gathered.
 */

#ifndef ROWS_COLUMN_H
#define ROWS_COLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/intern.h"
#include "archive/rows-state.h"

/* For so many rows.  NULL for want of memory. */
struct rows_column *column_new(unsigned int id, enum rows_kind, uint8_t width,
    uint32_t rows, uint64_t seed);
void column_free(struct rows_column *);
void column_clear(struct rows_column *);

/* RUNS: the number is another from that row on. */
void column_run(struct rows_column *, uint64_t, uint32_t row);
/* Rows up to that one have no such field. */
void column_fill(struct rows_column *, uint32_t row);
/* Rows from that one on have none, until column_fill. */
void column_leave(struct rows_column *, uint32_t row);
/* NUMBERS: more bytes for one, for the first rows are there. */
void column_widen(struct rows_column *, uint32_t rows, uint8_t width);
/* The addresses get codes, for the next is no IPv4 address. */
void column_codes(struct rows_column *, uint32_t row);

/* All that there is, up to a row; live: it has all rows. */
void column_settle(struct rows_column *, uint32_t row, bool live);

#endif /* ROWS_COLUMN_H */
