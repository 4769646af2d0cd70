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
 *
 * Flows that tell no start are taken to start when they end, else when their
 * event was, else when they were received; and they end when they start,
 * likewise.  A duration has who tells both.
 */
enum block_err derive_quantity(struct derive *, struct batch *, enum quantity,
    const struct vec **);

/*
 * --scale: counters times their flow's sampling rate, in the batch itself;
 * what does not fit becomes the greatest number.  The rate stays as it is.
 */
enum block_err derive_scale(struct derive *, struct batch *);

/* The fields that a quantity is worked out of. */
void derive_needs(enum quantity, struct flow_set *);
/* The fields that are scaled, and the rate. */
void derive_scale_needs(struct flow_set *);

/*
 * v * times / per, rounded down; as much as fits, and 0 if per is.  times is
 * not 0.
 */
uint64_t derive_divide(uint64_t v, uint64_t times, uint64_t per);

#endif /* DERIVE_H */
