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
 * What is written, and that it comes back.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compat/crc.h"
#include "tests/unit/record.h"

static void
record_has_the_layout_of_the_original(void **state)
{
	/* clang-format off */
	static const uint8_t want[] = {
		0x60, 28, 0, 0, 0x40, 0x07, 0xfa, 0xaf,
		1, 2, 3, 4,					/* tag */
		0x65, 0x53, 0xf1, 0x00, 0x00, 0x01, 0xe2, 0x40,
		0x1b, 6, 0x28, 0,
		192, 0, 2, 1, 192, 0, 2, 2, 192, 0, 2, 3, 192, 0, 2, 4,
		0x31, 0x32, 0x33, 0x34,
		0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
		0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
		0x61, 0x62, 0x63, 0x64, 0x71, 0x72, 0x73, 0x74,
		0x0a, 0x0b, 0x0c, 0x0d, 0x5f, 0x5e, 0x10, 0x00,
		0, 0, 0, 7, 0, 9, 0, 0,				/* agent */
		0x0a, 0x0b, 0, 1, 0x0a, 0x0b, 0, 2,
		0x81, 0x82, 0x83, 0x84, 0x91, 0x92, 0x93, 0x94,
		24, 25, 0, 0,
		1, 2, 3, 4, 0x21, 0x22, 0x23, 0x24,
		0x11, 0x12, 0x13, 0x14,
	};
	/* clang-format on */
	struct flow f = full_flow(false);
	uint8_t buf[STORE_WRITEMAX];
	size_t len = write_flow(buf, sizeof(buf), &f, STORE_ALL);

	(void)state;
	assert_int_equal(len, sizeof(want) + 4);
	assert_memory_equal(buf, want, sizeof(want));
	assert_int_equal(be32(buf + sizeof(want)),
	    crc_update(0, want, sizeof(want)));
}

static void
every_field_comes_back(void **state)
{
	struct flow v4 = full_flow(false), v6 = full_flow(true);
	struct store_record rec;

	(void)state;
	rec = round_trip(&v4, STORE_ALL);
	assert_int_equal(rec.fields,
	    STORE_ALL &
		~(STORE_AGENT_ADDR6 | STORE_SRC_ADDR6 | STORE_DST_ADDR6 |
		    STORE_GATEWAY_ADDR6));
	assert_int_equal(rec.version, STORE_VERSION);
	assert_same_flow(&rec.flow, &v4);
	rec = round_trip(&v6, STORE_ALL);
	assert_same_flow(&rec.flow, &v6);
}

static void
longest_record_has_168_bytes(void **state)
{
	struct flow v4 = full_flow(false), v6 = full_flow(true);
	uint8_t buf[2 * STORE_WRITEMAX];

	(void)state;
	assert_int_equal(write_flow(buf, sizeof(buf), &v6, STORE_ALL),
	    STORE_WRITEMAX);
	assert_int_equal(write_flow(buf, sizeof(buf), &v4, STORE_ALL), 120);
	assert_int_equal(write_flow(buf, sizeof(buf), &v4, 0xffffffff), 120);
}

/* The record has no other place for it; its length is src_mask, dst_mask. */
static void
prefix_is_kept_as_an_address(void **state)
{
	struct flow f = full_flow(false);
	struct store_record rec;

	(void)state;
	flow_unset(&f, FLOW_SRC_ADDR);
	flow_unset(&f, FLOW_DST_ADDR);
	flow_set(&f, FLOW_SRC_PREFIX);
	flow_set(&f, FLOW_DST_PREFIX);
	rec = round_trip(&f, STORE_ALL);
	assert_true(flow_has(&rec.flow, FLOW_SRC_ADDR));
	assert_true(flow_has(&rec.flow, FLOW_DST_ADDR));
	assert_false(flow_has(&rec.flow, FLOW_SRC_PREFIX));
	assert_false(flow_has(&rec.flow, FLOW_DST_PREFIX));
	assert_memory_equal(rec.flow.src_addr.b, f.src_addr.b, 4);
	assert_memory_equal(rec.flow.dst_addr.b, f.dst_addr.b, 4);
}

/* Each group alone: its size, and nothing else comes back. */
static void
each_group_stands_alone(void **state)
{
	static const uint8_t sizes[] = {4, 8, 4, 4, 16, 4, 16, 4, 16, 4, 16, 4,
	    8, 8, 8, 16, 8, 12, 12};
	uint8_t buf[STORE_WRITEMAX];
	struct store_record rec;
	unsigned int bit;
	struct flow f;
	size_t len;

	(void)state;
	for (bit = 0; bit < sizeof(sizes); bit++) {
		f = full_flow(
		    (1U << bit &
			(STORE_AGENT_ADDR6 | STORE_SRC_ADDR6 | STORE_DST_ADDR6 |
			    STORE_GATEWAY_ADDR6)) != 0);
		len = write_flow(buf, sizeof(buf), &f, 1U << bit);
		assert_int_equal(len, STORE_HDRLEN + sizes[bit]);
		assert_int_equal(be32(buf + 4), 1U << bit);
		assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
		assert_int_equal(rec.fields, 1U << bit);
	}
}

/* The lists of store.c against the field table. */
static void
groups_are_those_of_the_field_table(void **state)
{
	const uint32_t six = STORE_AGENT_ADDR6 | STORE_SRC_ADDR6 |
	    STORE_DST_ADDR6 | STORE_GATEWAY_ADDR6;
	struct flow full = full_flow(false), f;
	struct store_record rec;
	uint32_t group;
	size_t i;

	(void)state;
	for (i = 0; i < FLOW_NFIELDS; i++) {
		f = full;
		memset(&f.has, 0, sizeof(f.has));
		flow_set(&f, fields[i].bit);
		rec = round_trip(&f, STORE_ALL);
		group = fields[i].store & ~six;
		/* They are written as uptimes. */
		if (fields[i].bit == FLOW_START || fields[i].bit == FLOW_END)
			group = STORE_FLOW_TIMES;
		/* And they as a port. */
		if (i == FLOW_ICMP_TYPE || i == FLOW_ICMP_CODE)
			group = STORE_SRCDST_PORT;
		if (rec.fields != (group | STORE_CRC32))
			fail_msg("%s is in %08x", fields[i].name, rec.fields);
		/* It comes back as an address. */
		if (i == FLOW_SRC_PREFIX || i == FLOW_DST_PREFIX)
			continue;
		if (fields[i].store != 0 && !flow_has(&rec.flow, fields[i].bit))
			fail_msg("%s is lost", fields[i].name);
	}
}

static void
mask_of_one_family_drops_the_other(void **state)
{
	struct flow f = full_flow(true);
	uint8_t buf[STORE_WRITEMAX];

	(void)state;
	/* The original wrote four bytes of its stack for this. */
	assert_int_equal(write_flow(buf, sizeof(buf), &f, STORE_AGENT_ADDR4),
	    STORE_HDRLEN);
	assert_int_equal(be32(buf + 4), 0);
	f.src_addr = address("192.0.2.2");
	assert_int_equal(write_flow(buf, sizeof(buf), &f, STORE_SRCDST_ADDR),
	    STORE_HDRLEN + 20);
	assert_int_equal(be32(buf + 4), STORE_SRC_ADDR4 | STORE_DST_ADDR6);
	memset(&f.agent, 0, sizeof(f.agent));
	assert_int_equal(write_flow(buf, sizeof(buf), &f, STORE_AGENT_ADDR),
	    STORE_HDRLEN);
}

static void
checksum_is_there_for_every_version(void **state)
{
	static const uint16_t versions[] = {1, 5, 7, 9, 10};
	struct flow f = full_flow(false);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		f.version = versions[i];
		assert_true(round_trip(&f, STORE_ALL).fields & STORE_CRC32);
		assert_false(round_trip(&f, STORE_ALL & ~STORE_CRC32).fields &
		    STORE_CRC32);
	}
}

static void
no_room_writes_nothing(void **state)
{
	struct flow f = full_flow(false);
	uint8_t buf[STORE_WRITEMAX], ref[STORE_WRITEMAX];
	size_t i, len = write_flow(ref, sizeof(ref), &f, STORE_ALL);
	struct wr wr;

	(void)state;
	for (i = 0; i < len; i++) {
		memset(buf, 0xee, sizeof(buf));
		wr = wr_init(buf, i);
		assert_int_equal(store_write(&wr, &f, STORE_ALL),
		    STORE_NOSPACE);
		assert_ptr_equal(wr.p, buf);
		assert_int_equal(wr.left, i);
		assert_int_equal(buf[0], 0xee);
		assert_int_equal(buf[i], 0xee);
	}
	wr = wr_init(buf, len);
	assert_int_equal(store_write(&wr, &f, STORE_ALL), STORE_OK);
	assert_int_equal(wr.left, 0);
	assert_memory_equal(buf, ref, len);
}

static void
appending_leaves_what_is_there(void **state)
{
	struct flow f = full_flow(false);
	uint8_t buf[3 * STORE_WRITEMAX], one[STORE_WRITEMAX];
	size_t len = write_flow(one, sizeof(one), &f, STORE_ALL);
	struct wr wr = wr_init(buf, sizeof(buf));

	(void)state;
	assert_int_equal(store_write(&wr, &f, STORE_ALL), STORE_OK);
	assert_int_equal(store_write(&wr, &f, STORE_ALL), STORE_OK);
	assert_int_equal(wr.p - buf, 2 * len);
	assert_memory_equal(buf, one, len);
	assert_memory_equal(buf + len, one, len);
}

static void
v5_engines_of_little_endian_writers_are_repaired(void **state)
{
	struct flow f = full_flow(false);
	struct store_record rec;

	(void)state;
	f.version = 5;
	f.engine_type = 0x0100;
	f.engine_id = 0xff00;
	rec = round_trip(&f, STORE_ALL);
	assert_int_equal(rec.flow.engine_type, 1);
	assert_int_equal(rec.flow.engine_id, 255);
	/* Of no writer at all. */
	f.engine_type = 0x0102;
	assert_int_equal(round_trip(&f, STORE_ALL).flow.engine_type, 0x0102);
	f.engine_type = 255;
	f.engine_id = 0;
	rec = round_trip(&f, STORE_ALL);
	assert_int_equal(rec.flow.engine_type, 255);
	assert_int_equal(rec.flow.engine_id, 0);
	/* Others have 16 bits, and without a version nothing is known. */
	f.version = 9;
	f.engine_type = 0x0100;
	assert_int_equal(round_trip(&f, STORE_ALL).flow.engine_type, 0x0100);
	f.version = 5;
	rec = round_trip(&f, STORE_FLOW_ENGINE_INFO);
	assert_int_equal(rec.flow.engine_type, 0x0100);
}

static void
ipfix_has_engine_info_only_with_an_engine(void **state)
{
	struct flow f = full_flow(false);

	(void)state;
	f.version = 10;
	assert_true(round_trip(&f, STORE_ALL).fields & STORE_FLOW_ENGINE_INFO);
	flow_unset(&f, FLOW_ENGINE_TYPE);
	assert_true(round_trip(&f, STORE_ALL).fields & STORE_FLOW_ENGINE_INFO);
	flow_unset(&f, FLOW_ENGINE_ID);
	assert_false(round_trip(&f, STORE_ALL).fields & STORE_FLOW_ENGINE_INFO);
	f.version = 9;
	assert_true(round_trip(&f, STORE_ALL).fields & STORE_FLOW_ENGINE_INFO);
}

static void
upper_tcp_flags_are_not_kept(void **state)
{
	struct flow f = full_flow(false);

	(void)state;
	f.tcp_flags = 0x01ff;
	assert_int_equal(round_trip(&f, STORE_ALL).flow.tcp_flags, 0xff);
}

static void
icmp_without_ports_is_kept_as_a_port(void **state)
{
	struct flow f = full_flow(false);

	(void)state;
	f.protocol = 1;
	f.icmp_type = 8;
	f.icmp_code = 1;
	f.dst_port = 0;
	flow_set(&f, FLOW_ICMP_TYPE);
	flow_set(&f, FLOW_ICMP_CODE);
	assert_int_equal(round_trip(&f, STORE_ALL).flow.dst_port, 0);
	flow_unset(&f, FLOW_DST_PORT);
	assert_int_equal(round_trip(&f, STORE_ALL).flow.dst_port, 8 * 256 + 1);
	flow_unset(&f, FLOW_SRC_PORT);
	f.src_port = 0;
	assert_int_equal(round_trip(&f, STORE_ALL).flow.dst_port, 8 * 256 + 1);
}

static void
receive_time_is_kept_to_the_microsecond(void **state)
{
	struct flow f = full_flow(false);

	(void)state;
	f.recv_time = 4294967295 * NSEC_PER_SEC + 999999999;
	assert_int_equal(round_trip(&f, STORE_ALL).flow.recv_time,
	    4294967295 * NSEC_PER_SEC + 999999000);
}

/* A flow with absolute times and nothing else of time. */
static struct flow
absolute(uint16_t version, int64_t start, int64_t end)
{
	struct flow f = full_flow(false);

	f.version = version;
	flow_unset(&f, FLOW_START_UPTIME);
	flow_unset(&f, FLOW_END_UPTIME);
	f.start_uptime = f.end_uptime = 0;
	if (version == 10) {
		flow_unset(&f, FLOW_SYS_UPTIME);
		f.sys_uptime = 0;
	}
	f.export_time = EXPORT;
	f.start = start;
	f.end = end;
	f.clock = CLOCK_ABSOLUTE;
	return (f);
}

static void
assert_times(const struct flow *f, uint32_t mask, int64_t start, int64_t end)
{
	struct store_record rec = round_trip(f, mask), again;

	assert_true(flow_has(&rec.flow, FLOW_START));
	assert_true(flow_has(&rec.flow, FLOW_END));
	assert_int_equal(rec.flow.start, start);
	assert_int_equal(rec.flow.end, end);
	again = round_trip(&rec.flow, mask);
	assert_same_flow(&again.flow, &rec.flow);
}

static void
absolute_times_come_back_to_the_millisecond(void **state)
{
	static const uint16_t versions[] = {9, 10};
	const int64_t day = 86400 * NSEC_PER_SEC;
	struct flow f;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		f = absolute(versions[i], EXPORT - 1234567891, EXPORT - 1);
		assert_times(&f, STORE_ALL, EXPORT - 1235 * MSEC,
		    EXPORT - 1 * MSEC);
		/* A long flow, and one that ends after the header's clock. */
		f = absolute(versions[i], EXPORT - 49 * day,
		    EXPORT + 59 * 60 * NSEC_PER_SEC);
		assert_times(&f, STORE_ALL, EXPORT - 49 * day,
		    EXPORT + 59 * 60 * NSEC_PER_SEC);
		f = absolute(versions[i], EXPORT, EXPORT);
		assert_times(&f, STORE_ALL, EXPORT, EXPORT);
	}
}

/* sFlow has an uptime, and no clock that it could be of. */
static void
times_of_arrival_come_back(void **state)
{
	struct flow f = absolute(105, EXPORT + 7 * MSEC, EXPORT + 7 * MSEC);
	struct store_record rec;

	(void)state;
	f.clock = CLOCK_RECEIVED;
	f.recv_time = f.start;
	f.export_time = 0;
	flow_unset(&f, FLOW_EXPORT_TIME);
	assert_times(&f, STORE_ALL, f.start, f.end);
	rec = round_trip(&f, STORE_ALL);
	assert_int_equal(rec.flow.start_uptime, f.sys_uptime);
	assert_int_equal(rec.flow.sys_uptime, f.sys_uptime);
}

static void
one_absolute_time_stands_for_both(void **state)
{
	struct flow f = absolute(10, EXPORT - 5 * MSEC, EXPORT - 2 * MSEC);

	(void)state;
	flow_unset(&f, FLOW_END);
	f.end = 0;
	assert_times(&f, STORE_ALL, EXPORT - 5 * MSEC, EXPORT - 5 * MSEC);
	f = absolute(10, 0, EXPORT - 2 * MSEC);
	flow_unset(&f, FLOW_START);
	assert_times(&f, STORE_ALL, EXPORT - 2 * MSEC, EXPORT - 2 * MSEC);
}

static void
ipfix_uptime_is_unix_time_modulo_2_32_ms(void **state)
{
	struct flow f = absolute(10, EXPORT - 5000 * MSEC, EXPORT - MSEC);
	uint8_t buf[STORE_WRITEMAX];
	const uint32_t ms = (uint32_t)(EXPORT / MSEC);
	size_t len;

	(void)state;
	len = write_flow(buf, sizeof(buf), &f,
	    STORE_AGENT_INFO | STORE_FLOW_TIMES);
	assert_int_equal(len, 32);
	assert_int_equal(be32(buf + 8), ms);
	assert_int_equal(be32(buf + 24), ms - 5000);
	assert_int_equal(be32(buf + 28), ms - 1);
	/* Alone, too: then the times stand for themselves. */
	len = write_flow(buf, sizeof(buf), &f, STORE_FLOW_TIMES);
	assert_int_equal(len, 16);
	assert_int_equal(be32(buf + 8), ms - 5000);
}

static void
ipfix_uptimes_with_a_base_give_the_agents_uptime(void **state)
{
	struct flow f = absolute(10, EXPORT - 5000 * MSEC, EXPORT - 10 * MSEC);
	struct store_record rec;

	(void)state;
	flow_set(&f, FLOW_START_UPTIME);
	flow_set(&f, FLOW_END_UPTIME);
	f.start_uptime = 100000;
	f.end_uptime = 104990;
	rec = round_trip(&f, STORE_ALL);
	assert_int_equal(rec.flow.sys_uptime, 105000);
	assert_int_equal(rec.flow.start_uptime, 100000);
	assert_times(&f, STORE_ALL, EXPORT - 5000 * MSEC, EXPORT - 10 * MSEC);
	flow_unset(&f, FLOW_START_UPTIME);
	flow_unset(&f, FLOW_START);
	assert_int_equal(round_trip(&f, STORE_ALL).flow.sys_uptime, 105000);
}

static void
ipfix_uptimes_without_a_base_stay_as_they_are(void **state)
{
	struct flow f = absolute(10, 0, 0);
	struct store_record rec;

	(void)state;
	flow_unset(&f, FLOW_START);
	flow_unset(&f, FLOW_END);
	flow_set(&f, FLOW_START_UPTIME);
	flow_set(&f, FLOW_END_UPTIME);
	f.start_uptime = 100000;
	f.end_uptime = 104990;
	rec = round_trip(&f, STORE_ALL);
	assert_int_equal(rec.flow.sys_uptime, 0);
	assert_int_equal(rec.flow.start_uptime, 100000);
	assert_int_equal(rec.flow.end_uptime, 104990);
	assert_false(flow_has(&rec.flow, FLOW_START));
	assert_false(flow_has(&rec.flow, FLOW_SYS_UPTIME));
}

static void
times_before_1970_round_towards_the_past(void **state)
{
	struct flow f = absolute(10, -1, 1);

	(void)state;
	f.export_time = 10 * NSEC_PER_SEC;
	assert_times(&f, STORE_ALL, -1 * MSEC, 0);
	/* The log has no sign: it is read as a time of 2106. */
	f.recv_time = -1;
	assert_int_equal(round_trip(&f, STORE_ALL).flow.recv_time,
	    4294967295 * NSEC_PER_SEC + 999999000);
}

/* An uptime of 0 would say that there is none. */
static void
made_up_uptime_is_never_zero(void **state)
{
	const int64_t wrap = ((int64_t)1 << 32) * 125 * MSEC;
	struct flow f = absolute(10, wrap - 5 * MSEC, wrap - 2 * MSEC);

	(void)state;
	f.export_time = wrap;
	assert_times(&f, STORE_ALL, wrap - 5 * MSEC, wrap - 2 * MSEC);
}

static void
extreme_times_do_no_harm(void **state)
{
	static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1,
	    INT64_MAX - 1, INT64_MAX};
	struct store_record rec, again;
	struct flow f;
	size_t i, j;

	(void)state;
	for (i = 0; i < 7; i++) {
		for (j = 0; j < 7; j++) {
			f = absolute(10, times[i], times[j]);
			f.recv_time = times[i];
			f.export_time = times[j];
			rec = round_trip(&f, STORE_ALL);
			again = round_trip(&rec.flow, STORE_ALL);
			assert_same_flow(&again.flow, &rec.flow);
		}
	}
}

static void
keywords_are_known_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(store_keyword("ALL"), STORE_ALL);
	assert_int_equal(store_keyword("all"), STORE_ALL);
	assert_int_equal(store_keyword("Src_Addr6"), STORE_SRC_ADDR6);
	assert_int_equal(store_keyword("SRCDST_ADDR"), STORE_SRCDST_ADDR);
	assert_int_equal(store_keyword("PACKETS_OCTETS"),
	    STORE_PACKETS | STORE_OCTETS);
	assert_int_equal(store_keyword("CRC32"), STORE_CRC32);
	assert_int_equal(store_keyword("NOTHING"), 0);
	assert_int_equal(store_keyword(""), 0);
}

static void
any_mask_can_be_named_and_read_again(void **state)
{
	uint32_t mask, left, again, i;
	const char *name;

	(void)state;
	for (i = 0; i < 1U << 20; i += 37) {
		mask = (i & 0x7ffff) | (i >> 19 << 30);
		left = mask;
		again = 0;
		while ((name = store_keyword_next(&left)) != NULL)
			again |= store_keyword(name);
		assert_int_equal(again, mask);
	}
	left = STORE_ALL;
	assert_string_equal(store_keyword_next(&left), "ALL");
	assert_int_equal(left, 0);
	left = 0x80000000;
	assert_null(store_keyword_next(&left));
	assert_int_equal(left, 0);
}

static void
every_error_has_a_text(void **state)
{
	int e;

	(void)state;
	for (e = STORE_OK; e < STORE_MAX; e++)
		assert_non_null(store_strerror((enum store_err)e));
	assert_string_equal(store_strerror(STORE_CRC),
	    "Flow checksum mismatch");
	assert_non_null(store_strerror(STORE_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(record_has_the_layout_of_the_original),
	    cmocka_unit_test(every_field_comes_back),
	    cmocka_unit_test(longest_record_has_168_bytes),
	    cmocka_unit_test(each_group_stands_alone),
	    cmocka_unit_test(groups_are_those_of_the_field_table),
	    cmocka_unit_test(mask_of_one_family_drops_the_other),
	    cmocka_unit_test(checksum_is_there_for_every_version),
	    cmocka_unit_test(no_room_writes_nothing),
	    cmocka_unit_test(appending_leaves_what_is_there),
	    cmocka_unit_test(v5_engines_of_little_endian_writers_are_repaired),
	    cmocka_unit_test(ipfix_has_engine_info_only_with_an_engine),
	    cmocka_unit_test(upper_tcp_flags_are_not_kept),
	    cmocka_unit_test(icmp_without_ports_is_kept_as_a_port),
	    cmocka_unit_test(receive_time_is_kept_to_the_microsecond),
	    cmocka_unit_test(absolute_times_come_back_to_the_millisecond),
	    cmocka_unit_test(times_of_arrival_come_back),
	    cmocka_unit_test(one_absolute_time_stands_for_both),
	    cmocka_unit_test(ipfix_uptime_is_unix_time_modulo_2_32_ms),
	    cmocka_unit_test(ipfix_uptimes_with_a_base_give_the_agents_uptime),
	    cmocka_unit_test(ipfix_uptimes_without_a_base_stay_as_they_are),
	    cmocka_unit_test(times_before_1970_round_towards_the_past),
	    cmocka_unit_test(made_up_uptime_is_never_zero),
	    cmocka_unit_test(extreme_times_do_no_harm),
	    cmocka_unit_test(keywords_are_known_in_any_case),
	    cmocka_unit_test(any_mask_can_be_named_and_read_again),
	    cmocka_unit_test(every_error_has_a_text),
	    cmocka_unit_test(prefix_is_kept_as_an_address),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
