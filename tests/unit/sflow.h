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
 * For the tests of sflow.c: datagrams made by hand, for cmocka programs.
 */

#ifndef SFLOW_H
#define SFLOW_H

#include "wire.h"

#define LOCAL 0x3fffffff

static struct msg m;
static size_t sample_at; /* where the length of the open sample is */
static size_t count_at;	 /* and its count of records */
static size_t record_at;
static uint32_t nsamples, nrecords;

static inline void
poke32(size_t at, uint32_t v)
{
	poke16(&m, at, v >> 16);
	poke16(&m, at + 2, v & 0xffff);
}

static inline void
addr4(uint32_t a)
{
	put(&m, 1, 4);
	put(&m, a, 4);
}

static inline void
addr6(uint8_t last)
{
	put(&m, 2, 4);
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, last, 8);
}

static inline void
begin(uint32_t subagent, uint32_t seq, uint32_t uptime)
{
	m.len = 0;
	nsamples = 0;
	put(&m, 5, 4);
	addr4(0xc6336401); /* 198.51.100.1 */
	put(&m, subagent, 4);
	put(&m, seq, 4);
	put(&m, uptime, 4);
	put(&m, 0, 4);
}

static inline void
end(void)
{
	size_t at = m.b[7] == 1 ? 24 : 36;

	poke32(at, nsamples);
}

static inline void
sample_begin(uint32_t format)
{
	put(&m, format, 4);
	sample_at = m.len;
	put(&m, 0, 4);
	nsamples++;
	nrecords = 0;
}

/* Source 7, one in 400, and so many drops. */
static inline void
flow_sample(uint32_t in, uint32_t out, uint32_t drops)
{
	sample_begin(1);
	put(&m, 1, 4);
	put(&m, 7, 4);
	put(&m, 400, 4);
	put(&m, 4000, 4);
	put(&m, drops, 4);
	put(&m, in, 4);
	put(&m, out, 4);
	count_at = m.len;
	put(&m, 0, 4);
}

static inline void
expanded_sample(uint32_t in, uint32_t out_format, uint32_t out)
{
	sample_begin(3);
	put(&m, 1, 4);
	put(&m, 0, 4);
	put(&m, 70000, 4);
	put(&m, 500, 4);
	put(&m, 4000, 4);
	put(&m, 0, 4);
	put(&m, 0, 4);
	put(&m, in, 4);
	put(&m, out_format, 4);
	put(&m, out, 4);
	count_at = m.len;
	put(&m, 0, 4);
}

static inline void
discarded_sample(uint32_t reason)
{
	sample_begin(5);
	put(&m, 1, 4);
	put(&m, 0, 4);
	put(&m, 7, 4);
	put(&m, 0, 4);
	put(&m, 3, 4);
	put(&m, 0, 4);
	put(&m, reason, 4);
	count_at = m.len;
	put(&m, 0, 4);
}

static inline void
sample_end(void)
{
	poke32(count_at, nrecords);
	poke32(sample_at, (uint32_t)(m.len - sample_at - 4));
}

static inline void
record_begin(uint32_t format)
{
	put(&m, format, 4);
	record_at = m.len;
	put(&m, 0, 4);
	nrecords++;
}

static inline void
record_end(void)
{
	poke32(record_at, (uint32_t)(m.len - record_at - 4));
}

/* 10.0.0.1 to 10.0.0.2 */
static inline void
ip_packet(void)
{
	put(&m, UINT64_C(0x4500002800000000), 8);
	put(&m, UINT64_C(0x4006000000000000) | 0x0a000001, 8);
	put(&m, UINT64_C(0x0a000002c00001bb), 8);
	put(&m, 0, 8);
	put(&m, UINT64_C(0x5018000000000000), 8);
}

static inline void
raw_header(uint32_t protocol, uint32_t octets)
{
	size_t at;

	record_begin(1);
	put(&m, protocol, 4);
	put(&m, octets, 4);
	put(&m, 4, 4);
	at = m.len;
	put(&m, 0, 4);
	if (protocol == 1) {
		put(&m, UINT64_C(0x021122334455), 6);
		put(&m, UINT64_C(0x0266778899aa), 6);
		put(&m, 0x0800, 2);
	}
	ip_packet();
	poke32(at, (uint32_t)(m.len - at - 4));
	put(&m, 0, -(m.len - at) & 3);
	record_end();
}

static inline void
simple_sample(void)
{
	flow_sample(1, 2, 0);
	raw_header(1, 64);
	sample_end();
}

static inline void
check_packet(const struct flow *f)
{
	assert_int_equal(be32(f->src_addr.b), 0x0a000001);
	assert_int_equal(be32(f->dst_addr.b), 0x0a000002);
	assert_int_equal(f->protocol, 6);
	assert_int_equal(f->src_port, 49152);
	assert_int_equal(f->dst_port, 443);
	assert_int_equal(f->tcp_flags, 0x18);
	assert_true(flow_has(f, FLOW_PACKETS));
	assert_int_equal(f->packets, 1);
}

#endif /* SFLOW_H */
