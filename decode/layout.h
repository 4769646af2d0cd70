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
 * The records of NetFlow 1, 5, 7 and 8, which have no templates.
 */

#ifndef DECODE_LAYOUT_H
#define DECODE_LAYOUT_H

#include <stdint.h>

#include "netflow.h"

#define LAYOUT_PAD 0 /* no element */

struct layout_field {
	uint8_t element;
	uint8_t len; /* 0 ends the list */
};

struct layout {
	uint16_t version;
	uint8_t aggregation; /* of v8: what it sums up by; else 0 */
	uint8_t reclen;
	const struct layout_field *field;
};

#define LAYOUTS (3 + NF_V8_SCHEMES)
extern const struct layout layouts[LAYOUTS];

/* Its place in the table, or -1. */
int layout_find(uint16_t version, uint8_t aggregation);

#endif /* DECODE_LAYOUT_H */
