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
 * Bytes of texts, which stay where they are until all are forgotten.  Memory
 * is kept.
 */

#ifndef CHUNKS_H
#define CHUNKS_H

#include "flow.h"

struct chunk;

/* All 0: empty. */
struct chunks {
	struct chunk *now; /* the first is in use, then the free ones */
	struct chunk *spent;
};

/* A copy of its bytes; NULL for want of memory. */
const char *chunks_keep(struct chunks *, const struct flow_text *);
void chunks_clear(struct chunks *);
void chunks_free(struct chunks *);

#endif /* CHUNKS_H */
