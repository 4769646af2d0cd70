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
 * The rules of a filter in the order in which they are asked, the clauses of
 * each the cheap ones first: between plan.c and select.c.
 */

#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "query/look.h"
#include "query/tagging.h"

struct plan;

/* Borrows the filter.  NULL for want of memory. */
struct plan *plan_new(struct filter *);
void plan_free(struct plan *);
/* Does a rule give a tag? */
bool plan_tags(const struct plan *);
void plan_needs(const struct plan *, struct flow_set *);

/*
 * May a row of the block be accepted?  Fields of `other` do not have the values
 * that the header tells of.
 */
bool plan_block(const struct plan *, const struct block *,
    const struct flow_set *other);
/* Of the rows only those that are accepted stay. */
enum block_err plan_rows(struct plan *, struct look *,
    const struct flow_set *other, struct tagging *, uint64_t *rows);
/* What the rules counted goes to the filter. */
void plan_merge(struct plan *);

#endif /* PLAN_H */
