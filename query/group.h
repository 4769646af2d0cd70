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
 * Groups of flows: by any fields, over steps of time, of both directions, and
 * how many there are.
 */

#ifndef GROUP_H
#define GROUP_H

#include "query/sheet.h"
#include "query/consumer.h"

/*
 * --group-by, --every, --bidirectional with keys, --distinct.  Keys and then
 * quantities, in the order of the question, or by value of the key.  What
 * does not fit into the question's memory goes to files in its tmpdir, and is
 * merged.  Borrows both.  NULL for want of memory.
 */
struct consumer *group_consumer(const struct question *, struct sheet *);

#endif /* GROUP_H */
