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
 * For the tests of decode/: datagrams made by hand, fed to a decoder, and
 * the flows that come out.
 */

#ifndef WIRE_H
#define WIRE_H

#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "field.h"
#include "netflow.h"

struct msg {
	uint8_t b[70000];
	size_t len;
	size_t set; /* where the open set begins */
};

struct rx {
	struct decoder *d;
	struct dec_source src;
	struct flow f[512]; /* of the last datagram */
	size_t n;
	struct dec_report report;
	uint8_t *last; /* the last datagram: texts of flows point into it */
};

static inline void
put(struct msg *m, uint64_t v, size_t len)
{
	while (len-- > 0)
		m->b[m->len++] = (uint8_t)(len < 8 ? v >> 8 * len : 0);
}

static inline void
put_bytes(struct msg *m, const void *p, size_t len)
{
	memcpy(m->b + m->len, p, len);
	m->len += len;
}

static inline void
poke16(struct msg *m, size_t at, size_t v)
{
	m->b[at] = (uint8_t)(v >> 8);
	m->b[at + 1] = (uint8_t)v;
}

static inline void
v9_begin(struct msg *m, uint32_t uptime, uint32_t secs, uint32_t seq,
    uint32_t source_id)
{
	m->len = 0;
	put(m, 9, 2);
	put(m, 1, 2); /* the count: not believed */
	put(m, uptime, 4);
	put(m, secs, 4);
	put(m, seq, 4);
	put(m, source_id, 4);
}

static inline void
ipfix_begin(struct msg *m, uint32_t secs, uint32_t seq, uint32_t domain)
{
	m->len = 0;
	put(m, 10, 2);
	put(m, 0, 2);
	put(m, secs, 4);
	put(m, seq, 4);
	put(m, domain, 4);
}

static inline void
set_begin(struct msg *m, uint16_t id)
{
	m->set = m->len;
	put(m, id, 2);
	put(m, 0, 2);
}

static inline void
set_end(struct msg *m)
{
	poke16(m, m->set + 2, m->len - m->set);
}

/* A set of one template: id and length by turns, ended by length 0. */
static inline void
template_set(struct msg *m, uint16_t setid, uint16_t id,
    const uint16_t (*specs)[2], size_t n)
{
	size_t i;

	set_begin(m, setid);
	put(m, id, 2);
	put(m, n, 2);
	for (i = 0; i < n; i++) {
		put(m, specs[i][0], 2);
		put(m, specs[i][1], 2);
	}
	set_end(m);
}
#define NSPECS(s) (sizeof(s) / sizeof((s)[0]))

static inline void
rx_flow(void *arg, struct flow *f)
{
	struct rx *rx = arg;

	if (rx->n < NSPECS(rx->f))
		rx->f[rx->n] = *f;
	rx->n++;
	/* What the callback does to a flow is nothing to the next one. */
	f->tag = UINT32_MAX;
	flow_set(f, FLOW_TAG);
}

static inline struct rx *
rx_new(const struct dec_limits *limits)
{
	struct rx *rx = calloc(1, sizeof(*rx));

	if (rx == NULL || (rx->d = decode_new(limits, rx_flow, rx)) == NULL)
		abort();
	rx->src.agent.family = ADDR_V4;
	rx->src.agent.b[0] = 192;
	rx->src.agent.b[3] = 1;
	rx->src.recv_time = INT64_C(1700000000) * NSEC_PER_SEC;
	return (rx);
}

static inline void
rx_free(struct rx *rx)
{
	decode_free(rx->d);
	free(rx->last);
	free(rx);
}

/* An exact copy, so that a sanitizer sees each byte that is read too far. */
static inline enum dec_result
rx_feed(struct rx *rx, const void *p, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);

	if (copy == NULL)
		abort();
	memcpy(copy, p, len);
	free(rx->last);
	rx->last = copy;
	rx->n = 0;
	return (
	    decode_packet(rx->d, &rx->src, rd_init(copy, len), &rx->report));
}

/* Also fills in the length of an IPFIX message. */
static inline enum dec_result
rx_msg(struct rx *rx, struct msg *m)
{
	if (m->b[1] == 10)
		poke16(m, 2, m->len);
	return (rx_feed(rx, m->b, m->len));
}

#endif /* WIRE_H */
