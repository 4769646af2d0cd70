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
 * What a block's header tells of a clause: between select-block.c and
 * select.c.
 */

#ifndef HEAD_H
#define HEAD_H

#include "archive/block.h"
#include "rule.h"

/* How many of the block's rows match. */
enum head { HEAD_NONE, HEAD_SOME, HEAD_ALL };

/* Fields of `other` do not have the values that the header tells of. */
enum head head_clause(const struct block *, const struct flow_set *other,
    const struct clause *);
/* Received from first to last, both in; who does not know: started. */
enum head head_window(const struct block *, int64_t first, int64_t last);

#endif /* HEAD_H */
