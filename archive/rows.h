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
 * Flows on their way into columns: the collector fills these while it
 * receives, and a log of another kind becomes a batch by them.
 */

#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"
#include "records.h"

struct rows;

/*
 * For so many flows, BLOCK_FLOWS at most, and the fields of a set, or NULL
 * for all.  NULL for want of memory.
 */
struct rows *rows_new(uint32_t size, const struct flow_set *fields);
void rows_free(struct rows *);

/*
 * Add a flow; its texts are copied.  False if there is no room for it (flows,
 * shapes, bytes of text, memory): nothing was added, nor will be until they
 * are cleared.
 */
bool rows_add(struct rows *, const struct flow *);
/*
 * Add records as far as there is room: how many, from the first on.  Fewer than
 * there are means what false does of rows_add.
 */
uint32_t rows_take(struct rows *, const struct records *);
uint32_t rows_count(const struct rows *);
void rows_clear(struct rows *);

#endif /* ROWS_H */
