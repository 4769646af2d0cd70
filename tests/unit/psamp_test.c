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
 * Packets as messages of PSAMP, and back.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "meter/psamp.h"
#include "wire.h"

#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)

static uint8_t buf[PSAMP_MESSAGE];
static uint8_t bytes[2000];
static struct frame got;

static struct frame
frame_of(uint32_t caplen, uint32_t len)
{
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + 1);
	return ((struct frame){.data = bytes,
	    .caplen = caplen,
	    .len = len,
	    .time = T0 + 123456789});
}

/* Of a copy that has no byte more.  What it points to is in buf. */
static int
take(size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	int result;

	if (copy == NULL)
		abort();
	memcpy(copy, buf, len);
	result = psamp_frame(copy, len, &got);
	if (result == 0)
		got.data = buf + (got.data - copy);
	free(copy);
	return (result);
}

static void
check_frame(uint32_t caplen, uint32_t len)
{
	assert_int_equal(take(sizeof(buf)), 0);
	assert_int_equal(got.caplen, caplen);
	assert_int_equal(got.len, len);
	assert_int_equal(got.time, T0 + 123456000);
	assert_memory_equal(got.data, bytes, caplen);
}

static void
a_frame_comes_back_with_its_length_and_time(void **state)
{
	struct psamp *p = psamp_new(7, 1);
	/* clang-format off */
	static const struct {
		uint32_t caplen, len, back, told;
	} cases[] = {
		{ 60, 60, 60, 60 },
		{ 1, 1, 1, 1 },
		{ 96, 1514, 96, 1514 },
		{ 1388, 1388, 1388, 1388 },
		{ 1389, 1389, 1388, 1389 },
		{ 1514, 1514, 1388, 1514 },
		{ 1600, 70000, 1388, 65535 },
	};
	/* clang-format on */
	struct frame f;
	size_t i;

	(void)state;
	for (i = 0; i < NSPECS(cases); i++) {
		f = frame_of(cases[i].caplen, cases[i].len);
		memset(buf, 0xee, sizeof(buf));
		assert_int_equal(psamp_packet(p, &f, buf), PSAMP_MESSAGE);
		check_frame(cases[i].back, cases[i].told);
	}
	psamp_free(p);
}

/* As softflowd 1.1 lays it out: fixed places, for its own receiver. */
static void
the_layout_is_that_of_softflowd(void **state)
{
	struct psamp *p = psamp_new(0, 1);
	const struct frame f = frame_of(60, 60);
	size_t i;

	(void)state;
	psamp_packet(p, &f, buf);
	assert_int_equal(be16(buf), 10);
	assert_int_equal(be16(buf + 2), 1428);
	assert_int_equal(be32(buf + 4), 1700000000);
	assert_int_equal(be32(buf + 8), 0);
	assert_int_equal(be32(buf + 12), 0);
	assert_int_equal(be16(buf + 16), 3072);
	assert_int_equal(be16(buf + 18), 1412);
	assert_int_equal(be32(buf + 28), 1700000000 + 2208988800U);
	/* Its receiver: fraction * 10^6 / 2^32 */
	assert_int_equal((uint64_t)be32(buf + 32) * 1000000 >> 32, 123456);
	assert_int_equal(be32(buf + 32) & 2047, 0);
	assert_int_equal(be16(buf + 36), 60);
	assert_memory_equal(buf + 38, bytes, 60);
	for (i = 38 + 60; i < 1426; i++)
		assert_int_equal(buf[i], 0);
	/* Data records are counted. */
	psamp_packet(p, &f, buf);
	assert_int_equal(be32(buf + 8), 1);
	psamp_free(p);
}

/* Recorded of softflowd 1.1.0: zeros behind the frame, 1390 bytes of it. */
static void
what_softflowd_sends_is_taken(void **state)
{
	struct frame f = frame_of(1390, 1390);
	struct wr wr = wr_init(buf, sizeof(buf));

	(void)state;
	memset(buf, 0, sizeof(buf));
	(void)wr_u16(&wr, 10);
	(void)wr_u16(&wr, 1428);
	(void)wr_u32(&wr, 0x6553f100);
	(void)wr_u32(&wr, 1);
	(void)wr_u32(&wr, 0);
	(void)wr_u32(&wr, 0x0c000584);
	(void)wr_u64(&wr, 1);
	(void)wr_u64(&wr, UINT64_C(0xe8fe6f801f9ae0c1));
	(void)wr_u16(&wr, 62);
	(void)wr_bytes(&wr, f.data, 62);
	check_frame(62, 62);
	buf[36] = 1390 >> 8;
	buf[37] = 1390 & 255;
	memcpy(buf + 38, f.data, 1390);
	check_frame(1390, 1390);
}

static void
a_message_that_is_cut_or_lies_has_no_frame(void **state)
{
	struct psamp *p = psamp_new(0, 1);
	const struct frame f = frame_of(60, 60);
	size_t len;

	(void)state;
	psamp_packet(p, &f, buf);
	for (len = 0; len < sizeof(buf); len++)
		assert_int_equal(take(len), -1);
	buf[37] = 0;
	assert_int_equal(take(sizeof(buf)), -1);
	buf[36] = 1391 >> 8;
	buf[37] = 1391 & 255;
	assert_int_equal(take(sizeof(buf)), -1);
	buf[36] = 0;
	buf[37] = 60;
	assert_int_equal(take(sizeof(buf)), 0);
	buf[19]--; /* a set that is too short, */
	assert_int_equal(take(sizeof(buf)), -1);
	buf[19] += 2; /* or longer than the message */
	assert_int_equal(take(sizeof(buf)), -1);
	buf[18] = buf[19] = 0;
	assert_int_equal(take(sizeof(buf)), -1);
	psamp_packet(p, &f, buf);
	buf[1] = 9;
	assert_int_equal(take(sizeof(buf)), -1);
	psamp_free(p);
}

static void
a_template_message_is_no_frame(void **state)
{
	struct psamp *p = psamp_new(0, 1);

	(void)state;
	assert_int_equal(take(psamp_template(p, T0, buf)), -1);
	psamp_free(p);
}

static void
templates_are_due_at_first_and_by_count_and_time(void **state)
{
	struct psamp *p = psamp_new(0, 1);
	const struct frame f = frame_of(60, 60);
	int i;

	(void)state;
	assert_true(psamp_due(p, T0));
	psamp_template(p, T0, buf);
	assert_false(psamp_due(p, T0));
	for (i = 0; i < 255; i++)
		psamp_packet(p, &f, buf);
	assert_false(psamp_due(p, T0));
	psamp_packet(p, &f, buf);
	assert_true(psamp_due(p, T0));
	psamp_template(p, T0, buf);
	assert_false(psamp_due(p, T0 + 59 * NSEC_PER_SEC));
	assert_true(psamp_due(p, T0 + 60 * NSEC_PER_SEC));
	/* A clock that was set back. */
	assert_true(psamp_due(p, T0 - 1));
	psamp_free(p);
}

/* An Ethernet frame of UDP, 10.0.0.1 to 10.0.0.2. */
static void
udp_frame(void)
{
	static const uint8_t head[] = {2, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0,
	    0x45, 0, 5, 0, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
	    0x10, 0, 0x20, 0, 4, 0xec, 0, 0};

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, head, sizeof(head));
}

static void
a_collector_of_ipfix_reads_it(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct psamp *p = psamp_new(7, 10);
	struct frame f = frame_of(1294, 1294);

	(void)state;
	udp_frame();
	assert_int_equal(rx_feed(rx, buf, psamp_template(p, T0, buf)), DEC_OK);
	assert_int_equal(rx->report.templates, 2);
	assert_int_equal(rx->report.options, 1);
	f.data = bytes;
	assert_int_equal(rx_feed(rx, buf, psamp_packet(p, &f, buf)), DEC_OK);
	assert_int_equal(rx->report.seq_lost, 0);
	assert_int_equal(rx->n, 1);
	assert_int_equal(rx->f[0].source_id, 7);
	assert_int_equal(be32(rx->f[0].src_addr.b), 0x0a000001);
	assert_int_equal(be32(rx->f[0].dst_addr.b), 0x0a000002);
	assert_int_equal(rx->f[0].src_port, 0x1000);
	assert_int_equal(rx->f[0].dst_port, 0x2000);
	assert_int_equal(rx->f[0].packets, 1);
	assert_int_equal(rx->f[0].octets, 1280);
	assert_int_equal(rx->f[0].sampling_rate, 10);
	psamp_free(p);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_frame_comes_back_with_its_length_and_time),
	    cmocka_unit_test(the_layout_is_that_of_softflowd),
	    cmocka_unit_test(what_softflowd_sends_is_taken),
	    cmocka_unit_test(a_message_that_is_cut_or_lies_has_no_frame),
	    cmocka_unit_test(a_template_message_is_no_frame),
	    cmocka_unit_test(templates_are_due_at_first_and_by_count_and_time),
	    cmocka_unit_test(a_collector_of_ipfix_reads_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
