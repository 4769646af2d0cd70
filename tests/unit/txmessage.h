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
 * Messages of flows as tests look at them: behind cmocka's headers.
 */

#ifndef TXMESSAGE_H
#define TXMESSAGE_H

#include <stdio.h>

#include "tx.h"

/* Of either family, a little. */
static const struct enc_field few[] = {{0, 8, 4}, {0, 12, 4}, {0, 1, 8},
    {0, 7, 2}, {0, 60, 1}};
static const struct enc_field few6[] = {{0, 27, 16}, {0, 60, 1}};

/* Is the message these bytes, in hex with blanks where they help? */
static inline void
bytes_are(const struct tx_message *m, const char *hex)
{
	uint8_t want[2048];
	size_t n = 0;
	unsigned int v;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex++, "%2x", &v), 1);
		want[n++] = (uint8_t)v;
	}
	assert_memory_equal(m->b, want, n < m->len ? n : m->len);
	assert_int_equal(m->len, n);
}

static inline void
add(struct tx *tx, int tmpl, const struct flow *f, size_t n)
{
	while (n-- > 0)
		assert_int_equal(encoder_flow(tx->e, tmpl, f, TX_T0), ENC_OK);
}

#endif /* TXMESSAGE_H */
