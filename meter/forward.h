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
 * Packets go to the destinations as they are (PSAMP), instead of as flows.
 */

#ifndef METER_FORWARD_H
#define METER_FORWARD_H

#include "meter/counters.h"
#include "meter/dest.h"
#include "meter/option.h"

struct forward;

/* The destinations are those of the settings; all is borrowed.  NULL: errno. */
struct forward *forward_new(const struct settings *, struct dest **,
    struct counters *);
void forward_free(struct forward *);

void forward_frame(struct forward *, const struct frame *, int64_t now);
/* Templates go in front of the next packet: somebody connected, or asked. */
void forward_refresh(struct forward *);

#endif /* METER_FORWARD_H */
