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
 * Values as text: what listings and answers have in common.  Like text.h,
 * each is cut where the room ends, and knows nothing of locales.
 */

#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field.h"
#include "text.h"

/* Four digits as they are, more as 12.3K, 1.5M, 3.2G, ... of thousands. */
void value_human(struct text *, uint64_t);
/* Seconds of ns with as many threes of digits behind the point as needed. */
void value_seconds(struct text *, int64_t ns);
/* 3.456s, 2m03.456s, 1h02m03.456s, 3d01h02m03.456s: for people. */
void value_duration(struct text *, int64_t ns);
/* Up to three digits behind the point, as few as say the same. */
void value_rate(struct text *, double);
/* 12.3%, or nothing if there is no total. */
void value_percent(struct text *, uint64_t part, uint64_t total);
/* A time of milliseconds, always of the same length. */
void value_time_ms(struct text *, int64_t ns, bool utc);
/* tcp, udp, or the number. */
void value_protocol(struct text *, uint64_t);
/* CEUAPRSF, dots for those that are not set. */
void value_tcp_flags(struct text *, uint64_t);

enum value_style { VALUE_TEXT, VALUE_CSV, VALUE_JSON };

/* A field of column_type CT_BYTES: byte for byte what format.h makes of it. */
void value_bytes(struct text *, const struct field *, const struct flow_text *,
    enum value_style);

/* Cells on a terminal: characters, not bytes. */
size_t value_width(const char *, size_t);

#endif /* VALUE_H */
