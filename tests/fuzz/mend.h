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
 * Checksums made right, so that what lies behind them is reached.
 */

#ifndef FUZZ_MEND_H
#define FUZZ_MEND_H

#include <stdint.h>
#include <string.h>

#include "archive/block.h"
#include "archive/le.h"

/* Where an entry's parts begin there is a checksum to be made. */
static inline void
mend_columns(uint8_t *p, size_t size)
{
	const size_t entry = le16(p + 46);
	size_t at = BLOCK_HDRLEN + (size_t)le16(p + 42) * p[44] * 8;
	size_t part = le32(p + 12), dict, data;
	uint32_t i, crc;

	for (i = 0; i < le16(p + 40) && at + BLOCK_COLUMNLEN <= size;
	     i++, at += entry) {
		dict = le32(p + at + 16);
		data = le32(p + at + 24);
		if (part > size || dict > size - part || data > size - part ||
		    (dict + 7) / 8 * 8 + data > size - part)
			return;
		crc = block_crc(0, p + part, dict);
		part += (dict + 7) / 8 * 8;
		crc = block_crc(crc, p + part, data);
		part += (data + 7) / 8 * 8;
		le32_put(p + at + 32, crc);
	}
}

/* A block that takes all of the bytes. */
static inline void
mend_block(uint8_t *p, size_t size)
{
	const uint32_t hdrlen = le32(p + 12);

	memcpy(p, BLOCK_MAGIC, BLOCK_MAGICLEN);
	le32_put(p + 16, (uint32_t)size);
	if (hdrlen < BLOCK_HDRLEN || hdrlen > size)
		return;
	mend_columns(p, size);
	le32_put(p + 8, block_crc(0, p + 12, hdrlen - 12));
}

#endif /* FUZZ_MEND_H */
