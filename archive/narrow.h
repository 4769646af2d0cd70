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
 * Numbers in as few bytes as they need.
 */

#ifndef NARROW_H
#define NARROW_H

#include <stdint.h>

#define NARROW_SLACK 8 /* bytes that may be written behind the last number */

/*
 * n numbers of so many bytes each (width: 1, 2, 4 or 8), less base, in others
 * (1 to 8, no more than width), little endian.
 */
void narrow_put(uint8_t *restrict to, unsigned int bytes,
    const void *restrict v, unsigned int width, uint32_t n, uint64_t base);

#endif /* NARROW_H */
