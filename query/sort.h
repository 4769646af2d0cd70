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
 * Flows in another order: --sort, --top, and --bidirectional without keys
 * goes before it.
 */

#ifndef SORT_H
#define SORT_H

#include "query/consumer.h"

/*
 * Takes all flows, and gives them to the next consumer in the order of the
 * question; equal ones stay in the order in which they are stored.  Keeps the
 * fields that next needs.  What does not fit into the question's memory goes
 * to files.  Borrows the question and owns next.  NULL for want of memory.
 */
struct consumer *sort_consumer(const struct question *, struct consumer *next);

/* The two directions of a conversation become one flow: --bidirectional. */
struct consumer *pair_consumer(const struct question *, struct consumer *next);

#endif /* SORT_H */
