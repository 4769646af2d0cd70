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
 * Numbers as digits, quickly: no loop over digits, no branch on how many there
 * are.  Each writes up to 8 bytes more than it says.
 */

#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>
#include <string.h>

/* Digits of 64 bits, and what is written behind them. */
#define DIGITS_ROOM 32

/* The first byte lowest: compilers make one store of it. */
static inline void
digits_store(char *to, uint64_t v)
{
	to[0] = (char)v;
	to[1] = (char)(v >> 8);
	to[2] = (char)(v >> 16);
	to[3] = (char)(v >> 24);
	to[4] = (char)(v >> 32);
	to[5] = (char)(v >> 40);
	to[6] = (char)(v >> 48);
	to[7] = (char)(v >> 56);
}

/*
 * The eight digits of a number below 10^8, a byte each, the first lowest:
 * halves, quarters and then all digits are divided at once, in lanes of the
 * same word.  The factors are reciprocals, exact in their ranges.
 */
static inline uint64_t
digits_split(uint32_t v)
{
	uint64_t x = v / 10000 | (uint64_t)(v % 10000) << 32, high;

	high = (x * 10486 >> 20) & UINT64_C(0x0000007f0000007f); /* / 100 */
	x = high | (x - high * 100) << 16;
	high = (x * 103 >> 10) & UINT64_C(0x000f000f000f000f); /* / 10 */
	return (high | (x - high * 10) << 8);
}

#define DIGITS_ZEROS UINT64_C(0x3030303030303030)

/* Returns the end.  v is below 10^8. */
static inline char *
digits_small(char *to, uint32_t v)
{
	uint64_t x = digits_split(v);
	/* Zeros in front: of 0 itself, all but the last. */
	int skip = __builtin_ctzll(x | (uint64_t)1 << 56) & ~7;

	digits_store(to, (x | DIGITS_ZEROS) >> skip);
	return (to + 8 - skip / 8);
}

/* All eight of them. */
static inline char *
digits_eight(char *to, uint32_t v)
{
	digits_store(to, digits_split(v) | DIGITS_ZEROS);
	return (to + 8);
}

static inline char *
digits_put(char *to, uint64_t v)
{
	if (v < 100000000)
		return (digits_small(to, (uint32_t)v));
	if (v < UINT64_C(10000000000000000))
		to = digits_small(to, (uint32_t)(v / 100000000));
	else {
		to = digits_small(to,
		    (uint32_t)(v / UINT64_C(10000000000000000)));
		to = digits_eight(to, (uint32_t)(v / 100000000 % 100000000));
	}
	return (digits_eight(to, (uint32_t)(v % 100000000)));
}

/* Two digits of 0..99. */
static inline char *
digits_two(char *to, unsigned int v)
{
	unsigned int tens = v * 103 >> 10;

	to[0] = (char)('0' + tens);
	to[1] = (char)('0' + v - tens * 10);
	return (to + 2);
}

/* Three of 0..999. */
static inline char *
digits_three(char *to, unsigned int v)
{
	*to = (char)('0' + v / 100);
	return (digits_two(to + 1, v % 100));
}

#endif /* DIGITS_H */
