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
 * How real exporters frame what they send, where a reader of the RFCs would
 * not think of it.  docs/wire-cases.md has all of it, and its other tests.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire.h"

#define SECS 1700000000

static struct msg m;

static void
begin(uint16_t version)
{
	if (version == NF_V9)
		v9_begin(&m, 100000, SECS, 0, 7);
	else
		ipfix_begin(&m, SECS, 0, 7);
}

/* A template of that many fields; id and length of each follow. */
static void
template_begin(uint16_t version, uint16_t id, uint16_t n)
{
	set_begin(&m,
	    version == NF_V9 ? NF_V9_SET_TEMPLATE : NF_IPFIX_SET_TEMPLATE);
	put(&m, id, 2);
	put(&m, n, 2);
}

static void
v9_count_of_records_is_not_believed(void **state)
{
	static const uint16_t specs[][2] = {{4, 1}};
	static const uint16_t counts[] = {0, 1, 2, 5, 6, 65535};
	struct rx *rx = rx_new(NULL);
	size_t i, n;

	(void)state;
	for (i = 0; i < NSPECS(counts); i++) {
		begin(NF_V9);
		poke16(&m, 2, counts[i]);
		template_set(&m, 0, 256, specs, 1);
		for (n = 0; n < 4; n++) {
			set_begin(&m, 256);
			put(&m, 6, 1);
			set_end(&m);
		}
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->n, 4);
	}
	rx_free(rx);
}

static void
sets_may_begin_at_any_byte(void **state)
{
	static const uint16_t specs[][2] = {{4, 1}, {7, 2}};
	static const uint16_t versions[] = {NF_V9, NF_IPFIX};
	struct rx *rx = rx_new(NULL);
	size_t i, n;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin(versions[i]);
		template_set(&m, versions[i] == NF_V9 ? 0 : 2, 256, specs, 2);
		for (n = 1; n <= 5; n++) {
			set_begin(&m, 256);
			put(&m, 0x060000 | n, 3);
			set_end(&m);
		}
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->n, 5);
		for (n = 1; n <= 5; n++)
			assert_int_equal(rx->f[n - 1].src_port, n);
	}
	rx_free(rx);
}

static void
fields_of_no_bytes_beside_others_say_nothing(void **state)
{
	static const uint16_t specs[][2] = {{8, 0}, {4, 1}, {7, 0}, {11, 2},
	    {1, 0}, {152, 0}};
	static const uint16_t versions[] = {NF_V9, NF_IPFIX};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin(versions[i]);
		template_set(&m, versions[i] == NF_V9 ? 0 : 2, 256, specs, 6);
		set_begin(&m, 256);
		put(&m, 0x060050, 3);
		put(&m, 0x110051, 3);
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->n, 2);
		assert_int_equal(rx->f[1].protocol, 17);
		assert_int_equal(rx->f[1].dst_port, 0x51);
		assert_false(flow_has(&rx->f[1], FLOW_SRC_ADDR));
		assert_false(flow_has(&rx->f[1], FLOW_SRC_PORT));
		assert_false(flow_has(&rx->f[1], FLOW_OCTETS));
		assert_false(flow_has(&rx->f[1], FLOW_START));
	}
	rx_free(rx);
}

static void
padding_may_be_a_field(void **state)
{
	static const uint16_t specs[][2] = {{210, 3}, {4, 1}, {210, NF_VARLEN},
	    {7, 2}, {210, 1}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(NF_IPFIX);
	template_set(&m, 2, 256, specs, 5);
	set_begin(&m, 256);
	put(&m, 0xffffff06, 4);
	put(&m, 0x02ffff, 3);
	put(&m, 0x0050ff, 3);
	put(&m, 0x00000011, 4);
	put(&m, 0, 1);
	put(&m, 0x005100, 3);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx->f[0].protocol, 6);
	assert_int_equal(rx->f[0].src_port, 0x50);
	assert_int_equal(rx->f[1].protocol, 17);
	assert_int_equal(rx->f[1].src_port, 0x51);
	rx_free(rx);
}

static void
template_may_have_variable_fields_only(void **state)
{
	static const uint16_t specs[][2] = {{82, NF_VARLEN}, {1, NF_VARLEN},
	    {95, NF_VARLEN}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(NF_IPFIX);
	template_set(&m, 2, 256, specs, 3);
	set_begin(&m, 256);
	put(&m, 0x03657468, 4);
	put(&m, 0x021234, 3);
	put(&m, 0x0403000050, 5);
	put(&m, 0, 1); /* all empty but one */
	put(&m, 0x0109, 2);
	put(&m, 0, 1);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 2);
	assert_int_equal(rx->f[0].octets, 0x1234);
	assert_int_equal(rx->f[0].application_id[0], 4);
	assert_int_equal(rx->f[1].octets, 9);
	assert_false(flow_has(&rx->f[1], FLOW_APPLICATION_ID));
	rx_free(rx);
}

static void
template_may_have_hundreds_of_fields(void **state)
{
	static const uint16_t versions[] = {NF_V9, NF_IPFIX};
	struct rx *rx = rx_new(NULL);
	size_t i, n;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin(versions[i]);
		template_begin(versions[i], 256, 502);
		put(&m, 0x00080004, 4);
		for (n = 0; n < 500; n++)
			put(&m, 0x50000002, 4); /* nobody knows it */
		put(&m, 0x000b0002, 4);
		set_end(&m);
		set_begin(&m, 256);
		put(&m, 0x0a000001, 4);
		memset(m.b + m.len, 0xee, 1000);
		m.len += 1000;
		put(&m, 443, 2);
		set_end(&m);
		assert_int_equal(rx_msg(rx, &m), DEC_OK);
		assert_int_equal(rx->n, 1);
		assert_int_equal(rx->f[0].src_addr.b[3], 1);
		assert_int_equal(rx->f[0].dst_port, 443);
	}
	rx_free(rx);
}

/* The packet outside stands first, the one in its tunnel behind it. */
static void
keys_of_a_tunnel_are_those_of_the_packet_outside(void **state)
{
	static const uint16_t specs[][2] = {{27, 16}, {28, 16}, {4, 1}, {5, 1},
	    {6, 1}, {7, 2}, {11, 2}, {8, 4}, {12, 4}, {4, 1}, {5, 1}, {6, 1},
	    {7, 2}, {11, 2}};
	struct rx *rx = rx_new(NULL);
	const struct flow *f = &rx->f[0];

	(void)state;
	begin(NF_IPFIX);
	template_set(&m, 2, 256, specs, NSPECS(specs));
	set_begin(&m, 256);
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, 1, 8);
	put(&m, UINT64_C(0x20010db800000000), 8);
	put(&m, 2, 8);
	put(&m, 0x04b800, 3);
	put(&m, 0, 4);
	put(&m, 0x0a000001, 4);
	put(&m, 0x0a000002, 4);
	put(&m, 0x06001b, 3);
	put(&m, 0x040101bb, 4);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(f->src_addr.family, ADDR_V6);
	assert_int_equal(f->dst_addr.family, ADDR_V6);
	assert_int_equal(f->dst_addr.b[15], 2);
	assert_int_equal(f->protocol, 4);
	assert_int_equal(f->tos, 0xb8);
	assert_int_equal(f->tcp_flags, 0);
	assert_int_equal(f->src_port, 0);
	assert_int_equal(f->dst_port, 0);
	rx_free(rx);
}

static void
elements_of_any_enterprise_are_stepped_over(void **state)
{
	static const uint32_t pens[] = {9, 213, 637, 2011, 2636, 3054, 5951,
	    6871, 6876, 10704, 11256, 12325, 15397, 16982, 26866, 35632, 41916,
	    56506, 0x7fffffff, 0x80000000, UINT32_MAX};
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	begin(NF_IPFIX);
	template_begin(NF_IPFIX, 256, 1 + NSPECS(pens));
	for (i = 0; i < NSPECS(pens); i++) {
		/* The id of octets is not theirs. */
		put(&m, 0x80010003, 4);
		put(&m, pens[i], 4);
	}
	put(&m, 0x00070002, 4);
	set_end(&m);
	set_begin(&m, 256);
	memset(m.b + m.len, 0xee, 3 * NSPECS(pens));
	m.len += 3 * NSPECS(pens);
	put(&m, 80, 2);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	assert_int_equal(rx->f[0].src_port, 80);
	assert_false(flow_has(&rx->f[0], FLOW_OCTETS));
	rx_free(rx);
}

static void
message_without_sets_is_decoded(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(NF_IPFIX);
	assert_int_equal(m.len, 16);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 0);
	begin(NF_V9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	rx_free(rx);
}

static void
what_is_behind_the_message_is_not_of_it(void **state)
{
	static const uint16_t specs[][2] = {{4, 1}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	begin(NF_IPFIX);
	template_set(&m, 2, 256, specs, 1);
	set_begin(&m, 256);
	put(&m, 0x0611, 2);
	set_end(&m);
	poke16(&m, 2, m.len);
	put(&m, 0x0100, 2);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->n, 2);
	/* A set that the message cuts in two is one that cannot be. */
	poke16(&m, 2, m.len - 4);
	assert_int_not_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->n, 0);
	rx_free(rx);
}

/* softflowd has room for 29, the format of the original for 24. */
static void
v1_takes_as_many_records_as_there_are(void **state)
{
	struct rx *rx = rx_new(NULL);
	size_t i;

	(void)state;
	m.len = 0;
	put(&m, 0x0001001d, 4);
	put(&m, 100000, 4);
	put(&m, SECS, 4);
	put(&m, 0, 4);
	for (i = 1; i <= 29; i++) {
		put(&m, i, 4);
		put(&m, 0, 44);
	}
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->n, 29);
	assert_int_equal(rx->f[28].src_addr.b[3], 29);
	rx_free(rx);
}

/* Nobody asks which port it came by. */
static void
protocols_are_told_apart_on_one_port(void **state)
{
	struct rx *rx = rx_new(NULL);
	struct dec_usage u;

	(void)state;
	m.len = 0;
	put(&m, 5, 4); /* sFlow: no sample of an agent at 192.0.2.1 */
	put(&m, 1, 4);
	put(&m, 0xc0000201, 4);
	put(&m, 0, 4);
	put(&m, 1, 4);
	put(&m, 100000, 4);
	put(&m, 0, 4);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->report.version, NF_SFLOW5);
	m.len = 0;
	put(&m, 0x00050001, 4);
	put(&m, 0, 20);
	put(&m, 0x0a000001, 4);
	put(&m, 0, 44);
	assert_int_equal(rx_feed(rx, m.b, m.len), DEC_OK);
	assert_int_equal(rx->report.version, NF_V5);
	assert_int_equal(rx->f[0].src_addr.b[3], 1);
	begin(NF_IPFIX);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	begin(NF_V9);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->report.version, NF_V9);
	decode_usage(rx->d, &u);
	assert_int_equal(u.domains, 4);
	rx_free(rx);
}

static void
templates_of_a_port_are_those_of_the_exporter_unless_ports_are_apart(
    void **state)
{
	static const uint16_t specs[][2] = {{4, 1}};
	struct rx *rx = rx_new(NULL);

	(void)state;
	/* Whoever calls gives no port unless it is to count. */
	begin(NF_IPFIX);
	template_set(&m, 2, 256, specs, 1);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	begin(NF_IPFIX);
	set_begin(&m, 256);
	put(&m, 6, 1);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	rx->src.port = 50001;
	assert_int_equal(rx_msg(rx, &m), DEC_NOTEMPLATE);
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(v9_count_of_records_is_not_believed),
	    cmocka_unit_test(sets_may_begin_at_any_byte),
	    cmocka_unit_test(fields_of_no_bytes_beside_others_say_nothing),
	    cmocka_unit_test(padding_may_be_a_field),
	    cmocka_unit_test(template_may_have_variable_fields_only),
	    cmocka_unit_test(template_may_have_hundreds_of_fields),
	    cmocka_unit_test(keys_of_a_tunnel_are_those_of_the_packet_outside),
	    cmocka_unit_test(elements_of_any_enterprise_are_stepped_over),
	    cmocka_unit_test(message_without_sets_is_decoded),
	    cmocka_unit_test(what_is_behind_the_message_is_not_of_it),
	    cmocka_unit_test(v1_takes_as_many_records_as_there_are),
	    cmocka_unit_test(protocols_are_told_apart_on_one_port),
	    cmocka_unit_test(
		templates_of_a_port_are_those_of_the_exporter_unless_ports_are_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
