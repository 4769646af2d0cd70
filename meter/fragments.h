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
 * Only the first fragment of a packet has ports: they are remembered for those
 * behind it.
 */

#ifndef METER_FRAGMENTS_H
#define METER_FRAGMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/packet.h"

struct fragments; /* of bounded size: the oldest go */

/* NULL with errno. */
struct fragments *fragments_new(void);
void fragments_free(struct fragments *);
/* What stands for the ports of a first fragment. */
void fragments_note(struct fragments *, const struct packet *, uint32_t ports,
    int64_t now);
/*
 * The same for a later one, and its protocol: IPv6 has extension headers that
 * only the first fragment has.  False: not known, or too old.
 */
bool fragments_find(struct fragments *, struct packet *, int64_t now,
    uint32_t *ports);

#endif /* METER_FRAGMENTS_H */
