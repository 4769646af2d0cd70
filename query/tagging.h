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
 * The tags that rules give, on their way into a batch.
 */

#ifndef TAGGING_H
#define TAGGING_H

#include <stdint.h>

#include "archive/batch.h"

struct tagging;

/* NULL for want of memory. */
struct tagging *tagging_new(void);
void tagging_free(struct tagging *);

/* No row has one. */
void tagging_begin(struct tagging *, struct batch *);
/* So the rows of a bitmap have, which had none. */
void tagging_add(struct tagging *, const uint64_t *rows, uint32_t tag);
/*
 * The batch gets them; of other rows than these nobody will ask.  The other
 * rows of these keep what they have.
 */
enum block_err tagging_end(struct tagging *, const uint64_t *rows);

#endif /* TAGGING_H */
