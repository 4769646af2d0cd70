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
 * Little endian numbers of a segment, where the bytes are known to be there:
 * their length is checked before.  One load or store each.
 */

#ifndef LE_H
#define LE_H

#include <stdint.h>
#include <string.h>

#define LE_SWAP (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)

static inline uint16_t
le16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return (LE_SWAP ? __builtin_bswap16(v) : v);
}

static inline uint32_t
le32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return (LE_SWAP ? __builtin_bswap32(v) : v);
}

static inline uint64_t
le64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return (LE_SWAP ? __builtin_bswap64(v) : v);
}

static inline void
le16_put(uint8_t *p, uint16_t v)
{
	if (LE_SWAP)
		v = __builtin_bswap16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void
le32_put(uint8_t *p, uint32_t v)
{
	if (LE_SWAP)
		v = __builtin_bswap32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void
le64_put(uint8_t *p, uint64_t v)
{
	if (LE_SWAP)
		v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof(v));
}

#endif /* LE_H */
