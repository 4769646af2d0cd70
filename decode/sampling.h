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
 * How an exporter says which packets it looked at: the elements of a record,
 * of flows or of options, that together make a sampling rate.
 */

#ifndef DECODE_SAMPLING_H
#define DECODE_SAMPLING_H

#include <stddef.h>
#include <stdint.h>

#include "field.h"

/* Of sampling.has: what tells a rate, or takes part in it. */
#define RATE_TELLS ((1U << RATE_METHOD) - 1)

struct sampling {
	uint16_t has; /* bits 1 << part */
	uint64_t v[RATE_PARTS];
};

/* Note a part, a number that was of so many bytes. */
void sampling_take(struct sampling *, unsigned int part, uint64_t v,
    size_t len);

/*
 * One packet in so many, to the nearest, and never less than every packet;
 * 0: the parts do not tell.
 */
uint32_t sampling_rate(const struct sampling *);

/* 1 deterministic, 2 random, or what the exporter says; 0: unknown. */
uint8_t sampling_method(const struct sampling *);

#endif /* DECODE_SAMPLING_H */
