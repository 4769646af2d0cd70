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
 * A flow that has all that the classic log can hold, and its way there and
 * back.  Of the tests of the store.
 */

#ifndef RECORD_H
#define RECORD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "field.h"
#include "store.h"

#define EXPORT (1600000000 * NSEC_PER_SEC)
#define MSEC NSEC_PER_MSEC

static inline struct addr
address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return (a);
}

static inline void
set_all(struct flow *f, const enum flow_field *bits, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		flow_set(f, bits[i]);
}

/* Every field that the log can hold, each with a value of its own. */
static inline struct flow
full_flow(bool v6)
{
	static const enum flow_field bits[] = {FLOW_TAG, FLOW_RECV_TIME,
	    FLOW_AGENT, FLOW_VERSION, FLOW_SOURCE_ID, FLOW_SEQUENCE,
	    FLOW_EXPORT_TIME, FLOW_SYS_UPTIME, FLOW_ENGINE_TYPE, FLOW_ENGINE_ID,
	    FLOW_START, FLOW_END, FLOW_START_UPTIME, FLOW_END_UPTIME,
	    FLOW_PROTOCOL, FLOW_TCP_FLAGS, FLOW_TOS, FLOW_SRC_ADDR,
	    FLOW_DST_ADDR, FLOW_NEXT_HOP, FLOW_SRC_PORT, FLOW_DST_PORT,
	    FLOW_PACKETS, FLOW_OCTETS, FLOW_IN_IF, FLOW_OUT_IF, FLOW_SRC_AS,
	    FLOW_DST_AS, FLOW_SRC_MASK, FLOW_DST_MASK};
	struct flow f;

	memset(&f, 0, sizeof(f));
	set_all(&f, bits, sizeof(bits) / sizeof(bits[0]));
	f.tag = 0x01020304;
	f.recv_time = 1700000000 * NSEC_PER_SEC + 123456000;
	f.agent = address(v6 ? "2001:db8::1" : "192.0.2.1");
	f.version = 9;
	f.source_id = 0x11121314;
	f.sequence = 0x21222324;
	f.export_time = EXPORT + 7;
	f.sys_uptime = 0x0a0b0c0d;
	f.engine_type = 0x0102;
	f.engine_id = 0x0304;
	f.start_uptime = 0x0a0b0001;
	f.end_uptime = 0x0a0b0002;
	f.start =
	    flow_uptime_to_time(f.export_time, f.sys_uptime, f.start_uptime);
	f.end = flow_uptime_to_time(f.export_time, f.sys_uptime, f.end_uptime);
	f.clock = CLOCK_UPTIME;
	f.protocol = 6;
	f.tcp_flags = 0x1b;
	f.tos = 0x28;
	f.src_addr = address(v6 ? "2001:db8::2" : "192.0.2.2");
	f.dst_addr = address(v6 ? "2001:db8::3" : "192.0.2.3");
	f.next_hop = address(v6 ? "2001:db8::4" : "192.0.2.4");
	f.src_port = 0x3132;
	f.dst_port = 0x3334;
	f.packets = 0x4142434445464748;
	f.octets = 0x5152535455565758;
	f.in_if = 0x61626364;
	f.out_if = 0x71727374;
	f.src_as = 0x81828384;
	f.dst_as = 0x91929394;
	f.src_mask = 24;
	f.dst_mask = 25;
	return (f);
}

static inline size_t
write_flow(uint8_t *buf, size_t size, const struct flow *f, uint32_t mask)
{
	struct wr wr = wr_init(buf, size);

	assert_int_equal(store_write(&wr, f, mask), STORE_OK);
	assert_int_equal(wr.p - buf, size - wr.left);
	return (size - wr.left);
}

static inline enum store_err
read_flow(const uint8_t *buf, size_t len, struct store_record *rec)
{
	struct rd rd = rd_init(buf, len);
	enum store_err e = store_read(&rd, rec);

	assert_int_equal(rd.p - buf, len - rd.left);
	if (e != STORE_OK)
		assert_int_equal(rd.left, len);
	return (e);
}

/* Write it, read it again. */
static inline struct store_record
round_trip(const struct flow *f, uint32_t mask)
{
	struct store_record rec;
	uint8_t buf[STORE_WRITEMAX];
	size_t len = write_flow(buf, sizeof(buf), f, mask);

	assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
	return (rec);
}

static inline void
assert_same_flow(const struct flow *a, const struct flow *b)
{
	static const size_t sizes[FT_MAX] = {1, 2, 4, 8, 8, sizeof(struct addr),
	    6, 1 + FLOW_APPID_MAX, FLOW_MPLS_MAX * 4};
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (flow_has(a, fields[i].bit) != flow_has(b, fields[i].bit))
			fail_msg("only one has %s", fields[i].name);
		if (memcmp(field_cptr(a, &fields[i]), field_cptr(b, &fields[i]),
			sizes[fields[i].type]) != 0)
			fail_msg("%s is not the same", fields[i].name);
	}
	assert_int_equal(a->clock, b->clock);
}

#endif /* RECORD_H */
