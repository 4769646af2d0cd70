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
 * What is not as this writer makes it: damage, other versions, by hand.
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
checksum_covers_every_bit(void **state)
{
	struct flow f = full_flow(false);
	struct store_record rec;
	uint8_t buf[STORE_WRITEMAX];
	size_t i, len = write_flow(buf, sizeof(buf), &f, STORE_ALL);
	enum store_err e;

	(void)state;
	for (i = 0; i < len * 8; i++) {
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
		e = read_flow(buf, len, &rec);
		/* Without the bit of the checksum there is none to compare. */
		if (i / 8 == 4 && i % 8 == 6)
			assert_int_equal(e, STORE_OK);
		else if (e == STORE_OK)
			fail_msg("bit %zu was not noticed", i);
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
}

static void
cut_record_is_short_at_every_byte(void **state)
{
	struct flow f = full_flow(true);
	struct store_record rec, before;
	uint8_t buf[STORE_WRITEMAX], *cut;
	size_t i, len = write_flow(buf, sizeof(buf), &f, STORE_ALL);

	(void)state;
	memset(&before, 0xa5, sizeof(before));
	for (i = 0; i < len; i++) {
		/* Behind its end is nothing of ours. */
		cut = malloc(i == 0 ? 1 : i);
		assert_non_null(cut);
		memcpy(cut, buf, i);
		memcpy(&rec, &before, sizeof(rec));
		assert_int_equal(read_flow(cut, i, &rec),
		    i == 0 ? STORE_EOF : STORE_SHORT);
		assert_memory_equal(&rec, &before, sizeof(rec));
		free(cut);
	}
}

/* A record by hand: header, and then words. */
static size_t
by_hand(uint8_t *buf, uint8_t version, uint32_t has, const uint32_t *words,
    size_t n)
{
	struct wr wr = wr_init(buf, STORE_RECMAX + 8);
	size_t i;

	wr_u8(&wr, version);
	wr_u8(&wr, (uint8_t)n);
	wr_u16(&wr, 0);
	wr_u32(&wr, has);
	for (i = 0; i < n; i++)
		wr_u32(&wr, words == NULL ? 0 : words[i]);
	return ((size_t)(wr.p - buf));
}

static void
other_majors_are_refused(void **state)
{
	struct store_record rec;
	uint8_t buf[STORE_RECMAX + 8];
	unsigned int v;
	size_t len;

	(void)state;
	for (v = 0; v < 256; v++) {
		len = by_hand(buf, (uint8_t)v, 0, NULL, 0);
		assert_int_equal(read_flow(buf, len, &rec),
		    v >> 5 == 3 ? STORE_OK : STORE_VERSION_BAD);
	}
}

static void
records_over_512_bytes_are_refused(void **state)
{
	struct store_record rec;
	uint8_t buf[STORE_RECMAX + 8];
	size_t len;

	(void)state;
	len = by_hand(buf, 0x61, 0x00080000, NULL, 126);
	assert_int_equal(len, STORE_RECMAX);
	assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
	len = by_hand(buf, 0x61, 0x00080000, NULL, 127);
	assert_int_equal(read_flow(buf, len, &rec), STORE_TOOLONG);
}

static void
unknown_fields_are_refused_at_minor_0(void **state)
{
	struct store_record rec;
	uint8_t buf[STORE_RECMAX + 8];
	unsigned int bit;
	size_t len;

	(void)state;
	for (bit = 19; bit < 32; bit++) {
		if (bit == 30)
			continue;
		len = by_hand(buf, 0x60, 1U << bit, NULL, 4);
		assert_int_equal(read_flow(buf, len, &rec), STORE_UNKNOWN);
		len = by_hand(buf, 0x61, 1U << bit, NULL, 4);
		assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
		assert_int_equal(rec.fields, 0);
	}
}

static void
both_families_of_an_address_are_refused(void **state)
{
	static const struct {
		uint32_t both;
		enum store_err err;
	} cases[] = {{STORE_AGENT_ADDR, STORE_BOTH_AGENT},
	    {STORE_SRC_ADDR, STORE_BOTH_SRC}, {STORE_DST_ADDR, STORE_BOTH_DST},
	    {STORE_GATEWAY_ADDR, STORE_BOTH_GATEWAY}};
	struct store_record rec;
	uint8_t buf[STORE_RECMAX + 8];
	size_t i, len;

	(void)state;
	for (i = 0; i < 4; i++) {
		len = by_hand(buf, 0x60, cases[i].both, NULL, 5);
		assert_int_equal(read_flow(buf, len, &rec), cases[i].err);
		len = by_hand(buf, 0x65, cases[i].both | 0x00100000, NULL, 9);
		assert_int_equal(read_flow(buf, len, &rec), cases[i].err);
	}
	assert_string_equal(store_strerror(STORE_BOTH_SRC),
	    "Flow has both v4/v6 src addrs");
}

static void
length_is_compared_with_the_fields(void **state)
{
	uint32_t words[] = {0x0a000001, 0xdeadbeef, 0xdeadbeef};
	struct store_record rec;
	uint8_t buf[STORE_RECMAX + 8];
	size_t len;

	(void)state;
	/* The original read on behind the record. */
	len = by_hand(buf, 0x60, STORE_SRC_ADDR4 | STORE_DST_ADDR4, words, 1);
	assert_int_equal(read_flow(buf, len, &rec), STORE_LENGTH);
	len = by_hand(buf, 0x60, STORE_SRC_ADDR4 | STORE_CRC32, words, 1);
	assert_int_equal(read_flow(buf, len, &rec), STORE_LENGTH);
	len = by_hand(buf, 0x61, 0x00080000 | STORE_CRC32, words, 0);
	assert_int_equal(read_flow(buf, len, &rec), STORE_LENGTH);
	/* What is too much is skipped, behind the checksum too. */
	by_hand(buf, 0x60, STORE_SRC_ADDR4 | STORE_CRC32, words, 3);
	words[1] = crc_update(0, buf, 12);
	len = by_hand(buf, 0x60, STORE_SRC_ADDR4 | STORE_CRC32, words, 3);
	assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
	assert_int_equal(rec.crc, words[1]);
	len = by_hand(buf, 0x60, STORE_SRC_ADDR4, words, 3);
	assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
	assert_int_equal(rec.fields, STORE_SRC_ADDR4);
	assert_int_equal(rec.flow.src_addr.b[0], 10);
}

/* docs/store.md, "Room for extension". */
static void
later_minor_versions_are_read_as_far_as_known(void **state)
{
	uint32_t words[] = {0x0a000001, 0x11223344, 0x55667788, 0};
	struct store_record rec;
	uint8_t buf[STORE_RECMAX + 8];
	size_t len;

	(void)state;
	len = by_hand(buf, 0x61, STORE_SRC_ADDR4 | 0x00080000, words, 2);
	assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
	assert_int_equal(rec.fields, STORE_SRC_ADDR4);
	assert_int_equal(rec.version, 0x61);

	/* The checksum is the last word and covers what is known. */
	len = by_hand(buf, 0x61, STORE_SRC_ADDR4 | 0x00080000 | STORE_CRC32,
	    words, 4);
	assert_int_equal(read_flow(buf, len, &rec), STORE_CRC);
	words[3] = crc_update(0, buf, 12);
	len = by_hand(buf, 0x61, STORE_SRC_ADDR4 | 0x00080000 | STORE_CRC32,
	    words, 4);
	assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
	assert_int_equal(rec.crc, words[3]);
	words[3] = crc_update(0, buf, 20);
	len = by_hand(buf, 0x61, STORE_SRC_ADDR4 | 0x00080000 | STORE_CRC32,
	    words, 4);
	assert_int_equal(read_flow(buf, len, &rec), STORE_CRC);

	/* Nothing unknown: as in 3.0. */
	by_hand(buf, 0x61, STORE_SRC_ADDR4 | STORE_CRC32, words, 2);
	words[1] = crc_update(0, buf, 12);
	len = by_hand(buf, 0x61, STORE_SRC_ADDR4 | STORE_CRC32, words, 2);
	assert_int_equal(read_flow(buf, len, &rec), STORE_OK);
}

static void
v2_header_is_checked(void **state)
{
	uint8_t buf[16] = {1, 0x2c, 0xf0, 0x47, 0, 0, 0, 2, 0x41, 0x90, 0xab,
	    0x00, 0, 0, 0, 0};
	struct rd rd;
	uint32_t start = 1;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(buf); i++) {
		rd = rd_init(buf, i);
		assert_int_equal(store_v2_header(&rd, &start),
		    i == 0 ? STORE_EOF : STORE_SHORT);
		assert_int_equal(rd.left, i);
	}
	assert_int_equal(start, 1);
	rd = rd_init(buf, sizeof(buf));
	assert_int_equal(store_v2_header(&rd, &start), STORE_OK);
	assert_int_equal(rd.left, 0);
	assert_int_equal(start, 0x4190ab00);
	buf[7] = 3;
	rd = rd_init(buf, sizeof(buf));
	assert_int_equal(store_v2_header(&rd, &start), STORE_VERSION_BAD);
	buf[0] = 0x60;
	assert_int_equal(store_v2_header(&rd, &start), STORE_MAGIC);
}

/* All of its groups but those that are as in version 3. */
static size_t
v2_record(uint8_t *buf)
{
	struct wr wr = wr_init(buf, 128);

	wr_u32(&wr,
	    STORE_RECV_TIME | STORE_DST_ADDR6 | STORE_IF_INDICES |
		STORE_AS_INFO | STORE_FLOW_ENGINE_INFO | STORE_CRC32);
	wr_u32(&wr, 1100000100);
	wr_bytes(&wr, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	wr_u16(&wr, 0xfffe);
	wr_u16(&wr, 0x0102);
	wr_u16(&wr, 0xfde8);
	wr_u16(&wr, 0x1234);
	wr_u32(&wr, 0x18130000);
	wr_u32(&wr, 0x01020000);
	wr_u32(&wr, 0x00c0ffee);
	wr_u32(&wr, crc_update(0, buf, (size_t)(wr.p - buf)));
	return ((size_t)(wr.p - buf));
}

static void
v2_records_are_read(void **state)
{
	struct store_record rec;
	uint8_t buf[128];
	size_t len = v2_record(buf), i;
	struct rd rd = rd_init(buf, len);

	(void)state;
	assert_int_equal(store_v2_read(&rd, &rec), STORE_OK);
	assert_int_equal(rd.left, 0);
	assert_int_equal(STORE_MAJOR(rec.version), 2);
	assert_int_equal(rec.flow.recv_time, 1100000100 * NSEC_PER_SEC);
	assert_int_equal(rec.flow.dst_addr.family, ADDR_V6);
	assert_int_equal(rec.flow.in_if, 0xfffe);
	assert_int_equal(rec.flow.out_if, 0x0102);
	assert_int_equal(rec.flow.src_as, 0xfde8);
	assert_int_equal(rec.flow.dst_as, 0x1234);
	assert_int_equal(rec.flow.src_mask, 24);
	assert_int_equal(rec.flow.dst_mask, 19);
	assert_int_equal(rec.flow.engine_type, 1);
	assert_int_equal(rec.flow.engine_id, 2);
	assert_int_equal(rec.flow.sequence, 0x00c0ffee);
	assert_int_equal(rec.crc, be32(buf + len - 4));
	for (i = 0; i < len; i++) {
		rd = rd_init(buf, i);
		assert_int_equal(store_v2_read(&rd, &rec),
		    i == 0 ? STORE_EOF : STORE_SHORT);
		assert_int_equal(rd.left, i);
	}
}

static void
v2_damage_is_noticed(void **state)
{
	struct store_record rec;
	uint8_t buf[128 + 256] = {0};
	size_t len = v2_record(buf), i;
	struct rd rd;

	(void)state;
	for (i = 0; i < len * 8; i++) {
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
		rd = rd_init(buf, sizeof(buf));
		if ((i != 6) == (store_v2_read(&rd, &rec) == STORE_OK))
			fail_msg("bit %zu", i);
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

/* Three records, damaged in every byte of the second one. */
static void
resync_finds_the_next_record(void **state)
{
	static const uint32_t masks[] = {STORE_ALL, STORE_ALL & ~STORE_CRC32};
	struct flow f = full_flow(false);
	uint8_t buf[3 * STORE_WRITEMAX];
	struct store_record rec;
	size_t i, len, m;
	struct wr wr;
	struct rd rd;

	(void)state;
	for (m = 0; m < 2; m++) {
		wr = wr_init(buf, sizeof(buf));
		for (i = 0; i < 3; i++)
			assert_int_equal(store_write(&wr, &f, masks[m]), 0);
		len = (size_t)(wr.p - buf) / 3;
		for (i = len; i < len + 2; i++) {
			buf[i] ^= 0xff;
			rd = rd_init(buf + len, 2 * len);
			assert_int_not_equal(store_read(&rd, &rec), STORE_OK);
			assert_int_equal(store_resync(&rd), len);
			buf[i] ^= 0xff;
		}
		/* A part is lost, and the rest is not aligned any more. */
		for (i = 1; i < len; i++) {
			rd = rd_init(buf + len + i, 2 * len - i);
			assert_int_equal(store_resync(&rd), len - i);
		}
	}
}

static void
resync_believes_a_checksum_alone(void **state)
{
	struct flow f = full_flow(false);
	uint8_t buf[3 * STORE_WRITEMAX];
	struct rd rd = rd_init(buf, sizeof(buf));
	size_t len;

	(void)state;
	/* Between two heaps of garbage: without one it would prove nothing. */
	memset(buf, 0xff, sizeof(buf));
	len = write_flow(buf + 50, 200, &f, STORE_ALL);
	assert_int_equal(store_resync(&rd), 50);
	memset(buf, 0xff, sizeof(buf));
	len = write_flow(buf + 50, 200, &f, STORE_ALL & ~STORE_CRC32);
	assert_int_equal(store_resync(&rd), sizeof(buf));
	/* But the end of the bytes is as good as a head. */
	rd = rd_init(buf, 50 + len);
	assert_int_equal(store_resync(&rd), 50);
	rd = rd_init(buf, 50 + len - 1);
	assert_int_equal(store_resync(&rd), 50 + len - 1);
}

static void
resync_of_garbage_skips_it_all(void **state)
{
	static uint8_t buf[1 << 16];
	struct rd rd = rd_init(buf, sizeof(buf));
	unsigned int byte, i;
	uint32_t x = 1;

	(void)state;
	for (byte = 0; byte < 256; byte++) {
		memset(buf, (int)byte, sizeof(buf));
		assert_int_equal(store_resync(&rd), sizeof(buf));
	}
	for (i = 0; i < sizeof(buf); i++) {
		x = x * 1664525 + 1013904223;
		buf[i] = (uint8_t)(x >> 24);
	}
	assert_int_equal(store_resync(&rd), sizeof(buf));
	rd.left = 0;
	assert_int_equal(store_resync(&rd), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(checksum_covers_every_bit),
	    cmocka_unit_test(cut_record_is_short_at_every_byte),
	    cmocka_unit_test(other_majors_are_refused),
	    cmocka_unit_test(records_over_512_bytes_are_refused),
	    cmocka_unit_test(unknown_fields_are_refused_at_minor_0),
	    cmocka_unit_test(both_families_of_an_address_are_refused),
	    cmocka_unit_test(length_is_compared_with_the_fields),
	    cmocka_unit_test(later_minor_versions_are_read_as_far_as_known),
	    cmocka_unit_test(v2_header_is_checked),
	    cmocka_unit_test(v2_records_are_read),
	    cmocka_unit_test(v2_damage_is_noticed),
	    cmocka_unit_test(resync_finds_the_next_record),
	    cmocka_unit_test(resync_believes_a_checksum_alone),
	    cmocka_unit_test(resync_of_garbage_skips_it_all),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
