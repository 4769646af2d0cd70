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
 * Segments into one segment of full, well compressed blocks: sealing, merging,
 * repairing, and flowd-reader -o.  Pure: bytes come and go by callbacks.
 */

#ifndef RESEAL_H
#define RESEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/block.h"
#include "flow.h"

struct reseal;

struct reseal_totals {
	uint64_t blocks_in, flows_in, bytes_in;
	uint64_t blocks_out, flows_out, bytes_out;
	uint64_t damaged;	/* places */
	uint64_t damaged_bytes; /* skipped, torn tails too */
	uint64_t damaged_flows; /* of blocks whose header could be read */
};

/* write: 0, or -1 to stop.  level: of zstd, 0 for none.  NULL: no memory. */
struct reseal *reseal_new(int level,
    int (*write)(void *arg, const uint8_t *, size_t), void *arg);
void reseal_free(struct reseal *);

/* All of a segment, mapped.  0, or -1: write stopped it, or no memory. */
int reseal_segment(struct reseal *, const uint8_t *, size_t);
/* One flow more.  Likewise. */
int reseal_flow(struct reseal *, const struct flow *);
/* The last block.  Likewise. */
int reseal_end(struct reseal *);
const struct reseal_totals *reseal_totals(const struct reseal *);

#endif /* RESEAL_H */
