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
 * The cells of an answer, put into columns as they come: pure C, whatever
 * thread they come from, one at a time.
 */

#ifndef TABULATE_H
#define TABULATE_H

#include "bindings/python/core/columns.h"
#include "query/sheet.h"

struct tabulate;

/* drop: leave out columns that have no value.  NULL: no memory. */
struct tabulate *tabulate_new(bool drop);
void tabulate_free(struct tabulate *);
/* Who takes the cells: good as long as it. */
const struct sheet_taker *tabulate_taker(const struct tabulate *);
/* What came, as columns, those asked for first; NULL: no memory.  Once. */
struct columns *tabulate_columns(struct tabulate *, const struct asked *);

#endif /* TABULATE_H */
