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
 * For the tests of packet.c: packets made by hand, and what became of them.
 */

#ifndef FRAME_H
#define FRAME_H

#include "decode/packet.h"
#include "wire.h"

static struct msg m;
static struct flow f;
static struct packet pkt;

static inline void
decode_part(enum packet_link link, size_t len, bool inner)
{
	/* A copy of its own: a checker sees each byte read too far. */
	uint8_t *copy = malloc(len == 0 ? 1 : len);

	if (copy == NULL)
		abort();
	memcpy(copy, m.b, len);
	memset(&f, 0, sizeof(f));
	memset(&pkt, 0xff, sizeof(pkt));
	packet_decode(link, rd_init(copy, len), inner, &f, &pkt);
	free(copy);
}

static inline void
decode(enum packet_link link, bool inner)
{
	decode_part(link, m.len, inner);
}

/* A walk, over bytes that stay where they are until the next. */
static uint8_t *bytes;

static inline void
walk_part(enum packet_link link, size_t len, bool inner)
{
	free(bytes);
	if ((bytes = malloc(len == 0 ? 1 : len)) == NULL)
		abort();
	memcpy(bytes, m.b, len);
	memset(&pkt, 0xff, sizeof(pkt));
	packet_walk(link, rd_init(bytes, len), inner, &pkt);
}

static inline void
walk(enum packet_link link, bool inner)
{
	walk_part(link, m.len, inner);
}

static inline int
walk_end(void **state)
{
	(void)state;
	free(bytes);
	bytes = NULL;
	return (0);
}

static inline void
eight(uint64_t v)
{
	put(&m, v, 8);
}

static inline void
ethernet(uint16_t type)
{
	put(&m, UINT64_C(0x021122334455), 6);
	put(&m, UINT64_C(0x0266778899aa), 6);
	put(&m, type, 2);
}

/* 10.0.0.1 to 10.0.0.2, or 10.1.0.1 to 10.1.0.2, ... */
static inline void
ipv4(uint8_t proto, uint8_t net, uint16_t len)
{
	put(&m, 0x45b8, 2);
	put(&m, len, 2);
	put(&m, 0x1234, 2);
	put(&m, 0x4000, 2);
	put(&m, 63, 1);
	put(&m, proto, 1);
	put(&m, 0, 2);
	put(&m, 0x0a000001 | (uint32_t)net << 16, 4);
	put(&m, 0x0a000002 | (uint32_t)net << 16, 4);
}

/* 2001:db8::1 to 2001:db8::2 */
static inline void
ipv6(uint8_t next, uint16_t len)
{
	put(&m, 0x6b8abcde, 4);
	put(&m, len, 2);
	put(&m, next, 1);
	put(&m, 62, 1);
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, 1, 8);
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, 2, 8);
}

static inline void
tcp(uint16_t flags)
{
	put(&m, 51234, 2);
	put(&m, 443, 2);
	put(&m, 1, 4);
	put(&m, 2, 4);
	put(&m, 0xf000 | flags, 2);
	put(&m, 1024, 2);
	put(&m, 0, 4);
}

static inline void
udp(uint16_t port, uint16_t len)
{
	put(&m, 40000, 2);
	put(&m, port, 2);
	put(&m, len, 2);
	put(&m, 0, 2);
}

static inline void
check_v4(uint8_t net, uint8_t proto)
{
	assert_true(flow_has(&f, FLOW_SRC_ADDR) && flow_has(&f, FLOW_DST_ADDR));
	assert_int_equal(f.src_addr.family, ADDR_V4);
	assert_int_equal(be32(f.src_addr.b), 0x0a000001 | (uint32_t)net << 16);
	assert_int_equal(f.dst_addr.family, ADDR_V4);
	assert_int_equal(be32(f.dst_addr.b), 0x0a000002 | (uint32_t)net << 16);
	assert_true(flow_has(&f, FLOW_PROTOCOL));
	assert_int_equal(f.protocol, proto);
	assert_true(flow_has(&f, FLOW_TOS) && flow_has(&f, FLOW_TTL));
	assert_int_equal(f.tos, 0xb8);
	assert_int_equal(f.ttl, 63);
}

static inline void
check_v6(uint8_t proto)
{
	assert_int_equal(f.src_addr.family, ADDR_V6);
	assert_int_equal(be32(f.src_addr.b), 0x20010db8);
	assert_int_equal(f.src_addr.b[15], 1);
	assert_int_equal(f.dst_addr.b[15], 2);
	assert_int_equal(f.protocol, proto);
	assert_int_equal(f.tos, 0xb8);
	assert_int_equal(f.ttl, 62);
	assert_true(flow_has(&f, FLOW_FLOW_LABEL));
	assert_int_equal(f.flow_label, 0xabcde);
}

static inline void
check_tcp(uint16_t flags)
{
	assert_true(flow_has(&f, FLOW_SRC_PORT) && flow_has(&f, FLOW_DST_PORT));
	assert_int_equal(f.src_port, 51234);
	assert_int_equal(f.dst_port, 443);
	assert_true(flow_has(&f, FLOW_TCP_FLAGS));
	assert_int_equal(f.tcp_flags, flags);
}

/* What nobody put there: its bit is clear, and it reads as zero. */
static inline bool
has_none(const enum flow_field *bits, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (flow_has(&f, bits[i]))
			return (false);
	return (true);
}

#define HAS_NONE(...)                                        \
	has_none((const enum flow_field[]){__VA_ARGS__},     \
	    sizeof((const enum flow_field[]){__VA_ARGS__}) / \
		sizeof(enum flow_field))

#endif /* FRAME_H */
