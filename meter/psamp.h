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
 * Packets instead of flows: each goes whole, or its front, in an IPFIX message
 * (RFC 5476), as softflowd 1.1 sends and takes them.
 */

#ifndef METER_PSAMP_H
#define METER_PSAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "meter/observe.h"

#define PSAMP_MESSAGE 1428
#define PSAMP_TEMPLATE 3072

struct psamp; /* a stream of them */

struct psamp *psamp_new(uint32_t domain, uint32_t sampling);
void psamp_free(struct psamp *);
/* Is it time for templates: at first, and again by count and time? */
bool psamp_due(const struct psamp *, int64_t now);
/* Templates, as a message.  Its length. */
size_t psamp_template(struct psamp *, int64_t now, uint8_t buf[PSAMP_MESSAGE]);
size_t psamp_packet(struct psamp *, const struct frame *,
    uint8_t buf[PSAMP_MESSAGE]);

/*
 * The frame of a message, at most one: data points into it.  0, or -1: it is
 * none, or holds none.
 */
int psamp_frame(const uint8_t *, size_t len, struct frame *);

#endif /* METER_PSAMP_H */
