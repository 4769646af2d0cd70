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
 * Rows of unsigned integers as they are stored: enum column_packing.
 */

#ifndef INTS_H
#define INTS_H

#include <stddef.h>
#include <stdint.h>

#include "archive/block.h"

/* Bytes of n integers of so many bits; of planes, bits are a multiple of 8. */
size_t ints_size(enum column_packing, unsigned int bits, uint32_t n);

/* Bits that are needed for a value. */
unsigned int ints_bits(uint64_t);

/* Each value is below 2^bits; there is room for ints_size() bytes. */
void ints_put16(uint8_t *to, enum column_packing, unsigned int bits,
    const uint16_t *, uint32_t n);
void ints_put32(uint8_t *to, enum column_packing, unsigned int bits,
    const uint32_t *, uint32_t n);
void ints_put64(uint8_t *to, enum column_packing, unsigned int bits,
    const uint64_t *, uint32_t n);

/* The bytes are there, and bits fit the type.  More than n are never read. */
void ints_get16(uint16_t *, const uint8_t *, enum column_packing,
    unsigned int bits, uint32_t n);
void ints_get32(uint32_t *, const uint8_t *, enum column_packing,
    unsigned int bits, uint32_t n);
void ints_get64(uint64_t *, const uint8_t *, enum column_packing,
    unsigned int bits, uint32_t n);

/*
 * Some of a row of bits: the bytes from p on are so many, of these and of what
 * follows, which makes the last ones as fast as the first.
 */
void ints_part64(uint64_t *, const uint8_t *p, size_t size, unsigned int bits,
    uint32_t n);
/* Some of planes, each of which begins so many bytes behind the one before. */
void ints_planes64(uint64_t *restrict, const uint8_t *restrict, size_t stride,
    unsigned int bits, uint32_t n);

#endif /* INTS_H */
