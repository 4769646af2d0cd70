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
 * Cursors over bytes.  Everything that came from a network, a file or
 * another process is read through struct rd, and all the bounds checks of
 * the project are the few below.  Numbers are big endian outside and host
 * order inside.  Every function returns 0, or -1 and leaves the cursor and
 * the result as they were.
 */

#ifndef BYTES_H
#define BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *p; /* borrowed */
	size_t left;
};

struct wr {
	uint8_t *p; /* borrowed */
	size_t left;
};

static inline struct rd
rd_init(const void *p, size_t len)
{
	return ((struct rd){.p = p, .left = len});
}

static inline int
rd_skip(struct rd *rd, size_t len)
{
	if (len > rd->left)
		return (-1);
	rd->p += len;
	rd->left -= len;
	return (0);
}

/* Cut the next len bytes off into a cursor of their own. */
static inline int
rd_sub(struct rd *rd, size_t len, struct rd *sub)
{
	const uint8_t *p = rd->p;

	if (rd_skip(rd, len) == -1)
		return (-1);
	*sub = rd_init(p, len);
	return (0);
}

static inline int
rd_bytes(struct rd *rd, void *to, size_t len)
{
	const uint8_t *p = rd->p;

	if (rd_skip(rd, len) == -1)
		return (-1);
	memcpy(to, p, len);
	return (0);
}

/* Big endian numbers at p, where the bytes are known to be. */
static inline uint16_t
be16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static inline uint32_t
be32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3]);
}

static inline uint64_t
be64(const uint8_t *p)
{
	return ((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* The same the other way: there is room. */
static inline void
be16_put(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
be32_put(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline void
be64_put(uint8_t *p, uint64_t v)
{
	p[0] = (uint8_t)(v >> 56);
	p[1] = (uint8_t)(v >> 48);
	p[2] = (uint8_t)(v >> 40);
	p[3] = (uint8_t)(v >> 32);
	p[4] = (uint8_t)(v >> 24);
	p[5] = (uint8_t)(v >> 16);
	p[6] = (uint8_t)(v >> 8);
	p[7] = (uint8_t)v;
}

static inline int
rd_u8(struct rd *rd, uint8_t *v)
{
	if (rd->left < 1)
		return (-1);
	*v = rd->p[0];
	return (rd_skip(rd, 1));
}

static inline int
rd_u16(struct rd *rd, uint16_t *v)
{
	if (rd->left < 2)
		return (-1);
	*v = be16(rd->p);
	return (rd_skip(rd, 2));
}

static inline int
rd_u32(struct rd *rd, uint32_t *v)
{
	if (rd->left < 4)
		return (-1);
	*v = be32(rd->p);
	return (rd_skip(rd, 4));
}

static inline int
rd_u64(struct rd *rd, uint64_t *v)
{
	if (rd->left < 8)
		return (-1);
	*v = be64(rd->p);
	return (rd_skip(rd, 8));
}

static inline struct wr
wr_init(void *p, size_t len)
{
	return ((struct wr){.p = p, .left = len});
}

static inline int
wr_bytes(struct wr *wr, const void *from, size_t len)
{
	if (len > wr->left)
		return (-1);
	memcpy(wr->p, from, len);
	wr->p += len;
	wr->left -= len;
	return (0);
}

static inline int
wr_u8(struct wr *wr, uint8_t v)
{
	return (wr_bytes(wr, &v, 1));
}

static inline int
wr_u16(struct wr *wr, uint16_t v)
{
	const uint8_t b[] = {(uint8_t)(v >> 8), (uint8_t)v};

	return (wr_bytes(wr, b, sizeof(b)));
}

static inline int
wr_u32(struct wr *wr, uint32_t v)
{
	const uint8_t b[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16),
	    (uint8_t)(v >> 8), (uint8_t)v};

	return (wr_bytes(wr, b, sizeof(b)));
}

static inline int
wr_u64(struct wr *wr, uint64_t v)
{
	const uint8_t b[] = {(uint8_t)(v >> 56), (uint8_t)(v >> 48),
	    (uint8_t)(v >> 40), (uint8_t)(v >> 32), (uint8_t)(v >> 24),
	    (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	return (wr_bytes(wr, b, sizeof(b)));
}

#endif /* BYTES_H */
