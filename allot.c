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

#include "allot.h"
#include "bytes.h"

uint32_t
allot_of(const struct addr *a, uint32_t n)
{
	static const uint32_t factors[] = {ALLOT_FACTORS};
	size_t i, words = addr_bits(a) / 32;
	struct rd rd = rd_init(a->b, sizeof(a->b));
	uint32_t word, h = 0;

	for (i = 0; i < words && rd_u32(&rd, &word) == 0; i++)
		h += word * factors[i];
	return ((h >> 16) * n >> 16);
}
