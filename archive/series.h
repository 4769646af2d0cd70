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
 * Rows of 64-bit numbers in dictionaries: docs/store.md has the bytes.
 */

#ifndef SERIES_H
#define SERIES_H

#include <stddef.h>
#include <stdint.h>

#include "archive/dict.h"
#include "bytes.h"

#define SERIES_HDRLEN 12
#define SERIES_GROUP 64 /* values of a group, whose width is its own */
#define SERIES_CHUNK 512

/* What a value is made of. */
enum series_form {
	SF_PLAIN, /* base + unit * u */
	SF_RISE,  /* the one before + unit * u */
	SF_DELTA, /* the one before + unit * zigzag(u) */
	SF_MAX
};

/* How the u are laid out: enum column_packing, and this. */
enum { SP_GROUPS = CP_MAX, SP_MAX };

/* Room for any n values. */
size_t series_bound(uint32_t n);
/* Write: the bytes used.  n > 0. */
size_t series_put(uint8_t *to, const uint64_t *, uint32_t n, enum dict_effort);

/* Reading, some at a time. */
struct series {
	uint32_t n, at;
	uint8_t form, packing, bits;
	uint64_t base; /* or the value before */
	uint64_t unit;
	const uint8_t *widths; /* of groups */
	const uint8_t *p;
	const uint8_t *end;
};

/* Cut a row of n values off: 0, or -1 if the bytes are not those. */
int series_open(struct series *, struct rd *, uint32_t n);
/* The next values, SERIES_CHUNK at most: how many; 0 at the end. */
uint32_t series_next(struct series *, uint64_t to[SERIES_CHUNK]);

#endif /* SERIES_H */
