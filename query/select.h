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
 * Which rows a question is about: the times, and the rule language of
 * filter.h, evaluated on columns.  On dictionaries first, once for each value.
 */

#ifndef SELECT_H
#define SELECT_H

#include <stdbool.h>

#include "query/consumer.h"

/* One for each worker.  Borrows the question.  NULL for want of memory. */
struct select;
struct select *select_new(const struct question *);
void select_free(struct select *);

/* The fields that it asks for. */
void select_needs(const struct select *, struct flow_set *);

/*
 * False if the header alone shows that no row is: its columns need not be
 * touched.
 */
bool select_block(const struct select *, const struct block *);

/*
 * The rows.  Tags that rules give, and scaled counters, take the place of the
 * batch's columns.  The same rows as filter_match() takes of the same flows,
 * and rules count likewise.  *sel is good until the next call.
 */
enum block_err select_rows(struct select *, struct batch *, struct sel *);

/* What rules counted, of all workers, goes to the question's own (-d). */
void select_merge(struct select *);

#endif /* SELECT_H */
