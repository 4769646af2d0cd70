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
 * Flows on their way into columns, however many: a batch of an archive holds
 * but BLOCK_FLOWS, and ends earlier with many shapes or texts, so there are
 * some of those.  Pure C: needs no GIL, knows no Python.
 */

#ifndef PILE_H
#define PILE_H

#include <stdint.h>

#include "bindings/python/core/columns.h"
#include "records.h"

struct pile;

/*
 * rows: how many are taken at once, as a hint; fields that will be asked for,
 * or NULL.  NULL: no memory.
 */
struct pile *pile_new(uint32_t rows, const struct flow_set *fields);
void pile_free(struct pile *);

/* The two of a struct sink. */
void pile_add(void *pile, const struct flow *);
uint32_t pile_records(void *pile, const struct records *);
uint64_t pile_count(const struct pile *); /* flows in it */
uint64_t pile_lost(const struct pile *);  /* ever, for want of memory */

/*
 * The first flows, so many at most: they are gone from it then, unless that
 * failed.  NULL: no memory.
 */
struct columns *pile_take(struct pile *, uint64_t most, const struct asked *);

/* columns-join.c: NULL for want of memory, or if texts are 2 GB in all. */
struct columns *columns_join(struct columns *const *, size_t n);

#endif /* PILE_H */
