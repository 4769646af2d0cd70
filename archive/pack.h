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
 * Rows and batches become blocks.  There are two ways: quick, for who
 * receives, and small, for who has time.
 */

#ifndef PACK_H
#define PACK_H

#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "archive/gather.h"
#include "archive/rows.h"

/* More than any block of that many flows takes: the room to give. */
size_t pack_bound(const struct rows *);

/*
 * Quick: constants, bit packing, runs.  Returns the block's length, a multiple
 * of 8; 0 if the room is too small or there are no rows.
 */
size_t pack_quick(const struct rows *, uint8_t *to, size_t room);

/*
 * Small: the encodings that take least, and zstd of a level where it pays (0:
 * none).  The memory is the sealer's, good until the next call.  NULL for
 * want of memory, or *err of a column that is damaged.
 */
struct sealer;
struct sealer *sealer_new(int level);
void sealer_free(struct sealer *);
const uint8_t *sealer_pack(struct sealer *, struct batch *, size_t *len,
    enum block_err *err);
/* Of flows that were gathered (gather.h).  NULL for want of memory. */
const uint8_t *sealer_pack_gather(struct sealer *, const struct gather *,
    size_t *len);

#endif /* PACK_H */
