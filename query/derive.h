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
 * Columns that are not stored but worked out of others.
 */

#ifndef DERIVE_H
#define DERIVE_H

#include "archive/batch.h"
#include "query/question.h"

struct derive;

/* One for each worker. */
struct derive *derive_new(void);
void derive_free(struct derive *);

/*
 * A quantity of all rows, as numbers: rates are rounded down; 0 where it
 * cannot be told.  Good until the batch's next filling.
 */
enum block_err derive_quantity(struct derive *, struct batch *, enum quantity,
    const struct vec **);

/* --scale: counters times their flow's sampling rate, in the batch itself. */
enum block_err derive_scale(struct derive *, struct batch *);

#endif /* DERIVE_H */
