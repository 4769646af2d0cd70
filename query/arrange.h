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
 * Groups that come one by one, in the order of their keys, put into the order
 * of the answer: the best of them in a heap, or all, in files if need be.
 */

#ifndef ARRANGE_H
#define ARRANGE_H

#include "query/standing.h"

struct arrange;

/*
 * Of rows of a word that says which width, the key and the measures.  top: how
 * many are wanted, 0: all.  NULL: no memory.
 */
struct arrange *arrange_new(struct standing *, uint64_t top, size_t memory);
void arrange_free(struct arrange *);
/* NULL, or what is wrong. */
const char *arrange_put(struct arrange *, const uint64_t *row);
/* The next in order; NULL at the end, or with *err. */
const uint64_t *arrange_next(struct arrange *, const char **err);

#endif /* ARRANGE_H */
