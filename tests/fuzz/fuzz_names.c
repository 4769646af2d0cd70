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
 * Names of DNS and TLS: a byte that chooses, then the payload.
 */

#include <stdint.h>
#include <stdlib.h>

#include "meter/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
need(int holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rd rd = rd_init(p, n);
	char name[NAMES_MAX];
	uint8_t which;
	size_t len, i;

	if (rd_u8(&rd, &which) == -1)
		return (0);
	len = which & 1 ? names_tls(rd, name) : names_dns(rd, name);
	need(len <= NAMES_MAX);
	for (i = 0; i < len; i++)
		need(name[i] > ' ' && name[i] <= '~');
	return (0);
}
