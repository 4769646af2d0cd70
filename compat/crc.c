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

#include "config.h"

#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#else
#include <zlib.h>
#endif

#include "compat/crc.h"

/* Both libraries invert on the way in and on the way out; undo both. */
#ifdef HAVE_LIBDEFLATE
uint32_t
crc_update(uint32_t crc, const void *p, size_t len)
{
	/* It takes NULL for a wish for the initial value. */
	return (len == 0 ? crc : ~libdeflate_crc32(~crc, p, len));
}
#else
uint32_t
crc_update(uint32_t crc, const void *p, size_t len)
{
	uLong c = ~crc & 0xffffffffUL;
	const Bytef *b = p;
	uInt n;

	while (len > 0) {
		n = len > 0x40000000 ? 0x40000000 : (uInt)len;
		c = crc32(c, b, n);
		b += n;
		len -= n;
	}
	return (~(uint32_t)c);
}
#endif
