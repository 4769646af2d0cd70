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
 * For the tests of encode/: a stream whose messages are kept, and flows.
 */

#ifndef TX_H
#define TX_H

#include <stdlib.h>
#include <string.h>

#include "encode/encode.h"
#include "field.h"
#include "netflow.h"

#define TX_MAX 512
#define TX_T0 (INT64_C(1700000000) * NSEC_PER_SEC)

struct tx_message {
	uint8_t *b; /* as long as the message: a sanitizer sees the end */
	size_t len;
	uint32_t flows;
	bool templates;
};

struct tx {
	struct encoder *e;
	struct tx_message m[TX_MAX];
	size_t n;
};

static inline void
tx_take(void *arg, const struct enc_message *m)
{
	struct tx *tx = arg;
	struct tx_message *to = &tx->m[tx->n];

	if (tx->n == TX_MAX || (to->b = malloc(m->len)) == NULL)
		abort();
	memcpy(to->b, m->data, m->len);
	to->len = m->len;
	to->flows = m->flows;
	to->templates = m->templates;
	tx->n++;
}

static inline struct tx *
tx_new(const struct enc_config *config)
{
	struct tx *tx = calloc(1, sizeof(*tx));

	if (tx == NULL)
		abort();
	if ((tx->e = encoder_new(config, tx_take, tx)) == NULL) {
		free(tx);
		return (NULL);
	}
	return (tx);
}

static inline void
tx_forget(struct tx *tx)
{
	while (tx->n > 0)
		free(tx->m[--tx->n].b);
}

static inline void
tx_free(struct tx *tx)
{
	tx_forget(tx);
	encoder_free(tx->e);
	free(tx);
}

/* One hour of uptime at TX_T0. */
static inline struct enc_config
tx_config(uint16_t version)
{
	return ((struct enc_config){.version = version,
	    .payload = 1428,
	    .boot = TX_T0 - 3600 * NSEC_PER_SEC});
}

static inline struct addr
tx_v4(uint32_t a)
{
	return ((struct addr){.family = ADDR_V4,
	    .b = {(uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8),
		(uint8_t)a}});
}

static inline struct addr
tx_v6(uint8_t last)
{
	return ((struct addr){.family = ADDR_V6,
	    .b = {0x20, 0x01, 0x0d, 0xb8, [15] = last}});
}

/* 192.0.2.1:1025 to 198.51.100.2:443, 5.25 s until 250 ms ago. */
static inline struct flow
tx_flow(void)
{
	struct flow f;

	memset(&f, 0, sizeof(f));
	f.src_addr = tx_v4(0xc0000201);
	f.dst_addr = tx_v4(0xc6336402);
	f.src_port = 1025;
	f.dst_port = 443;
	f.protocol = 6;
	f.tcp_flags = 0x1b;
	f.tos = 0xb8;
	f.packets = 0x102;
	f.octets = 0x10203;
	f.start = TX_T0 - 5 * NSEC_PER_SEC - 500 * NSEC_PER_MSEC;
	f.end = TX_T0 - 250 * NSEC_PER_MSEC;
	f.in_if = 3;
	f.out_if = 4;
	return (f);
}

#endif /* TX_H */
