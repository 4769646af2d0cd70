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
 * Sets of prefixes.  A thousand members cost about what one costs.
 */

#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

struct table;

/* NULL for want of memory. */
struct table *table_new(void);
void table_free(struct table *);
/*
 * 0, or -1 for want of memory.  A negated member (pf's "!") takes its prefix
 * out of a shorter one: the longest match decides.
 */
int table_add(struct table *, const struct prefix *, bool negated);
/*
 * Sort the members, keep the last said of each prefix, and build the tree.
 * Before it a match is a linear search.  0, or -1 for want of memory, and then
 * the table is as it was.
 */
int table_seal(struct table *);
bool table_match(const struct table *, const struct addr *);
size_t table_count(const struct table *);
/* Sealed: in order of address.  Stops when the callback returns non-zero. */
int table_walk(const struct table *,
    int (*)(void *arg, const struct prefix *, bool negated), void *arg);

#endif /* TABLE_H */
