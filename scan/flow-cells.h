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
 * Who gives flows out as rows of cells.
 */

#ifndef FLOW_CELLS_H
#define FLOW_CELLS_H

#include "query/sheet.h"

/*
 * A column for each field of a set, all zeros: for every field; most rows, 0:
 * all of them.  Borrows the taker.  NULL for want of memory.
 */
struct consumer *flow_cells(const struct flow_set *, uint64_t most,
    const struct sheet_taker *);

/* The totals as an answer of one row.  Borrows the sheet. */
struct consumer *consumer_count(struct sheet *);
/* Nothing comes out. */
struct consumer *consumer_none(void);

#endif /* FLOW_CELLS_H */
