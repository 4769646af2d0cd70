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

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire.h"

static struct msg m;

struct value {
	uint32_t pen;
	uint16_t id;
	uint16_t len; /* in the template */
	const char *v;
	size_t vlen;
};
/* A string literal with its NULs, but without the last one. */
#define V(pen, id, v)                                    \
	{                                                \
		pen, id, sizeof(v) - 1, v, sizeof(v) - 1 \
	}
#define VARIABLE(pen, id, v)                         \
	{                                            \
		pen, id, NF_VARLEN, v, sizeof(v) - 1 \
	}

static void
put_value(const struct value *v)
{
	if (v->len == NF_VARLEN && v->vlen < 255)
		put(&m, v->vlen, 1);
	else if (v->len == NF_VARLEN) {
		put(&m, 255, 1);
		put(&m, v->vlen, 2);
	}
	put_bytes(&m, v->v, v->vlen);
}

static const struct flow *
record(struct rx *rx, uint16_t version, const struct value *v, size_t n)
{
	size_t i;

	if (version == NF_V9)
		v9_begin(&m, 100000, 1700000000, 0, 7);
	else
		ipfix_begin(&m, 1700000000, 0, 7);
	set_begin(&m, version == NF_V9 ? 0 : 2);
	put(&m, 256, 2);
	put(&m, n, 2);
	for (i = 0; i < n; i++) {
		put(&m, v[i].id | (v[i].pen != 0 ? NF_ENTERPRISE : 0), 2);
		put(&m, v[i].len, 2);
		if (v[i].pen != 0)
			put(&m, v[i].pen, 4);
	}
	set_end(&m);
	set_begin(&m, 256);
	for (i = 0; i < n; i++)
		put_value(&v[i]);
	set_end(&m);
	assert_int_equal(rx_msg(rx, &m), DEC_OK);
	assert_int_equal(rx->n, 1);
	return (&rx->f[0]);
}

#define RECORD(rx, version, ...)                                 \
	record(rx, version, (const struct value[]){__VA_ARGS__}, \
	    sizeof((const struct value[]){__VA_ARGS__}) /        \
		sizeof(struct value))

static void
text_is(const struct flow *f, enum flow_field bit, const char *want)
{
	const struct flow_text *t = field_cptr(f, &fields[bit]);

	assert_true(flow_has(f, bit));
	assert_int_equal(t->len, strlen(want));
	assert_memory_equal(t->p, want, t->len);
}

static void
texts_lose_their_padding(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, V(0, 371, "alice\0\0\0"), V(0, 82, "eth0    "),
	    V(0, 96, "http"));
	text_is(f, FLOW_USER_NAME, "alice");
	text_is(f, FLOW_IN_IF_NAME, "eth0");
	text_is(f, FLOW_APPLICATION_NAME, "http");
	f = RECORD(rx, 10, V(0, 371, "bob\0rest of a longer name"),
	    VARIABLE(0, 236, "red"));
	text_is(f, FLOW_USER_NAME, "bob");
	text_is(f, FLOW_IN_VRF_NAME, "red");
	rx_free(rx);
}

static void
text_of_nothing_is_absent(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, V(0, 371, "\0\0\0\0"), V(0, 82, "   "),
	    VARIABLE(0, 96, ""), VARIABLE(0, 236, "\0"));
	assert_false(flow_has(f, FLOW_USER_NAME));
	assert_false(flow_has(f, FLOW_IN_IF_NAME));
	assert_false(flow_has(f, FLOW_APPLICATION_NAME));
	assert_false(flow_has(f, FLOW_IN_VRF_NAME));
	/* Nor does it leave what the flow before it had. */
	f = RECORD(rx, 10, V(0, 371, "alice"));
	text_is(f, FLOW_USER_NAME, "alice");
	f = RECORD(rx, 10, V(0, 371, "\0\0\0\0\0"));
	assert_false(flow_has(f, FLOW_USER_NAME));
	assert_null(f->user_name.p);
	rx_free(rx);
}

static void
long_text_is_cut(void **state)
{
	static char longest[1000];
	const struct value fixed = {0, 371, sizeof(longest), longest,
	    sizeof(longest)};
	const struct value variable = {0, 371, NF_VARLEN, longest,
	    sizeof(longest)};
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	f = record(rx, 10, &fixed, 1);
	assert_int_equal(f->user_name.len, FLOW_TEXT_MAX);
	f = record(rx, 10, &variable, 1);
	assert_int_equal(f->user_name.len, FLOW_TEXT_MAX);
	rx_free(rx);
}

static void
v9_ids_above_32767_are_plain(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 9, V(0, 40000, "alice\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	    V(0, 56701, "ssl\0\0\0\0\0"), V(0, 33002, "\x07\xe9"),
	    V(0, 40005, "\x02"));
	text_is(f, FLOW_USER_NAME, "alice");
	text_is(f, FLOW_APPLICATION_NAME, "ssl");
	assert_int_equal(f->fw_ext_event, 2025);
	assert_int_equal(f->firewall_event, 2);
	f = RECORD(rx, 9, V(0, 56702, "dom\\bob\0\0"), V(0, 57591, "DNS"));
	text_is(f, FLOW_USER_NAME, "dom\\bob");
	text_is(f, FLOW_APPLICATION_NAME, "DNS");
	rx_free(rx);
}

static void
fields_that_have_numbers_are_filled(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 9, V(0, 148, "\x00\x00\x21\x34"),
	    V(0, 128, "\x00\x01\x00\x00"), V(0, 129, "\xfd\xe8"),
	    V(0, 58, "\x00\x64"), V(0, 245, "\x00\xc8"), V(0, 255, "\x01\x2c"),
	    V(0, 256, "\x86\xdd"), V(0, 55, "\x28"), V(0, 197, "\x40"));
	assert_int_equal(f->flow_id, 0x2134);
	assert_int_equal(f->dst_peer_as, 65536);
	assert_int_equal(f->src_peer_as, 65000);
	assert_int_equal(f->vlan, 100);
	assert_int_equal(f->customer_vlan, 200);
	assert_int_equal(f->post_customer_vlan, 300);
	assert_int_equal(f->ethertype, 0x86dd);
	assert_int_equal(f->post_tos, 0x28);
	assert_int_equal(f->fragment_flags, 0x40);
	f = RECORD(rx, 10, V(0, 361, "\x04\x00"), V(0, 362, "\x05\xff"),
	    V(637, 91, "\x00\x64"), V(637, 92, "\x00\x0f"));
	assert_int_equal(f->nat_port_first, 1024);
	assert_int_equal(f->nat_port_last, 1535);
	assert_int_equal(f->in_vrf, 100);
	assert_int_equal(f->out_vrf, 15);
	rx_free(rx);
}

static void
answers_have_fields_of_their_own(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, V(0, 6, "\x02"), V(0, 5, "\x00"),
	    V(PEN_REVERSE, 6, "\x01\x12"), V(PEN_REVERSE, 5, "\xb8"));
	assert_int_equal(f->tcp_flags, 0x02);
	assert_int_equal(f->tos, 0);
	assert_int_equal(f->reverse_tcp_flags, 0x112);
	assert_int_equal(f->reverse_tos, 0xb8);
	f = RECORD(rx, 10, V(0, 32, "\x08\x00"),
	    V(PEN_REVERSE, 32, "\x03\x0d"));
	assert_int_equal(f->icmp_type, 8);
	assert_int_equal(f->icmp_code, 0);
	assert_int_equal(f->reverse_icmp_type, 3);
	assert_int_equal(f->reverse_icmp_code, 13);
	assert_false(flow_has(f, FLOW_REVERSE_TOS));
	f = RECORD(rx, 10, V(PEN_REVERSE, 139, "\x81\x01"));
	assert_int_equal(f->reverse_icmp_type, 129);
	assert_int_equal(f->reverse_icmp_code, 1);
	assert_false(flow_has(f, FLOW_ICMP_TYPE));
	f = RECORD(rx, 10, V(PEN_REVERSE, 176, "\x0b"),
	    V(PEN_REVERSE, 177, "\x02"), V(PEN_REVERSE, 32, "\x03\x0d"));
	assert_int_equal(f->reverse_icmp_type, 11);
	assert_int_equal(f->reverse_icmp_code, 2);
	f = RECORD(rx, 10, V(PEN_CERT, 14, "\x02"), V(PEN_CERT, 15, "\x10"),
	    V(PEN_CERT, 16398, "\x12"), V(PEN_CERT, 16399, "\x01"));
	assert_int_equal(f->tcp_flags, 0x12);
	assert_int_equal(f->reverse_tcp_flags, 0x13);
	rx_free(rx);
}

static void
tcp_and_names_are_read(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, V(PEN_NTOP, 109, "\x00\x00\x01\x02"),
	    V(PEN_NTOP, 111, "\x03"), V(PEN_CERT, 21, "\x00\x00\x00\x2a"),
	    VARIABLE(PEN_NTOP, 205, "www.example.com"),
	    VARIABLE(PEN_NTOP, 188, "example.net"));
	assert_int_equal(f->tcp_retransmits, 258);
	assert_int_equal(f->tcp_out_of_order, 3);
	assert_int_equal(f->tcp_rtt, 42000);
	text_is(f, FLOW_DNS_NAME, "www.example.com");
	text_is(f, FLOW_TLS_SERVER_NAME, "example.net");
	f = RECORD(rx, 9, V(0, 57581, "\x00\x00\x00\x05"),
	    V(0, 57583, "\x00\x00\x00\x06"), V(0, 57677, "a.example\0\0"),
	    V(0, 57660, "b.example\0\0"));
	assert_int_equal(f->tcp_retransmits, 5);
	assert_int_equal(f->tcp_out_of_order, 6);
	text_is(f, FLOW_DNS_NAME, "a.example");
	text_is(f, FLOW_TLS_SERVER_NAME, "b.example");
	f = RECORD(rx, 10, V(PEN_CERT, 21, "\x00\x41\x89\x37"));
	assert_int_equal(f->tcp_rtt, 4294967000U);
	f = RECORD(rx, 10, V(PEN_CERT, 21, "\x00\x41\x89\x38"));
	assert_true(f->tcp_rtt == UINT32_MAX);
	rx_free(rx);
}

static void
second_best_element_stands_in(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, V(0, 252, "\x00\x05"), V(0, 253, "\x00\x06"),
	    V(0, 44, "\x0a\x01\x00\x00"), V(0, 45, "\x0a\x02\x00\x00"),
	    V(0, 195, "\x2e"), V(0, 98, "\x0a"), V(0, 353, "\x05\xdc"));
	assert_int_equal(f->in_if, 5);
	assert_int_equal(f->out_if, 6);
	assert_memory_equal(f->src_addr.b, "\x0a\x01\x00\x00", 4);
	assert_memory_equal(f->dst_addr.b, "\x0a\x02\x00\x00", 4);
	assert_int_equal(f->tos, 0xb8);
	assert_int_equal(f->post_tos, 0x28);
	assert_int_equal(f->octets, 1500);
	/* The best comes behind it here. */
	f = RECORD(rx, 10, V(0, 252, "\x00\x05"), V(0, 10, "\x00\x07"),
	    V(0, 195, "\x2e"), V(0, 5, "\xb9"), V(0, 352, "\x05\xdc"),
	    V(0, 1, "\x05\xce"));
	assert_int_equal(f->in_if, 7);
	assert_int_equal(f->tos, 0xb9);
	assert_int_equal(f->octets, 1486);
	rx_free(rx);
}

static void
flags_in_two_parts_are_one(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	assert_int_equal(RECORD(rx, 10, V(PEN_CERT, 14, "\x02"),
			     V(PEN_CERT, 15, "\x1b"))
			     ->tcp_flags,
	    0x1b);
	assert_int_equal(RECORD(rx, 10, V(PEN_CERT, 14, "\x42"))->tcp_flags,
	    0x42);
	/* Who has them whole needs no parts. */
	assert_int_equal(RECORD(rx, 10, V(PEN_CERT, 14, "\x42"),
			     V(0, 6, "\x01\x10"))
			     ->tcp_flags,
	    0x110);
	assert_int_equal(RECORD(rx, 10, V(0, 6, "\x12"))->tcp_flags, 0x12);
	/* Twice: the outer packet's. */
	assert_int_equal(
	    RECORD(rx, 10, V(0, 6, "\x12"), V(0, 6, "\x04"))->tcp_flags, 0x12);
	rx_free(rx);
}

static void
reverse_counters_have_several_names(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 10, V(PEN_REVERSE, 1, "\x10"),
	    V(PEN_REVERSE, 2, "\x02"));
	assert_int_equal(f->reverse_octets, 16);
	assert_int_equal(f->reverse_packets, 2);
	f = RECORD(rx, 10, V(PEN_REVERSE, 85, "\x11"),
	    V(PEN_REVERSE, 86, "\x03"));
	assert_int_equal(f->reverse_octets, 17);
	assert_int_equal(f->reverse_packets, 3);
	f = RECORD(rx, 10, V(0, 231, "\x20"), V(0, 232, "\x12"),
	    V(0, 298, "\x05"), V(0, 299, "\x04"));
	assert_int_equal(f->octets, 32);
	assert_int_equal(f->packets, 5);
	assert_int_equal(f->reverse_octets, 18);
	assert_int_equal(f->reverse_packets, 4);
	f = RECORD(rx, 10, V(PEN_IXIA, 176, "\x13"), V(PEN_IXIA, 177, "\x05"));
	assert_int_equal(f->reverse_octets, 19);
	assert_int_equal(f->reverse_packets, 5);
	rx_free(rx);
}

/* Fortinet: the enterprise number of who named it is in it (RFC 6759 4.1). */
static void
application_ids_of_any_engine_are_kept(void **state)
{
	struct rx *rx = rx_new(NULL);
	const struct flow *f;

	(void)state;
	f = RECORD(rx, 9, V(0, 95, "\x14\x00\x00\x30\x44\x00\x00\x3f\x2e"));
	assert_true(flow_has(f, FLOW_APPLICATION_ID));
	assert_memory_equal(f->application_id,
	    "\x09\x14\x00\x00\x30\x44\x00\x00\x3f\x2e", 10);
	f = RECORD(rx, 9, V(0, 95, "\x03\x00\x50"));
	assert_memory_equal(f->application_id, "\x03\x03\x00\x50", 4);
	/* Longer than any: not cut to another one. */
	f = RECORD(rx, 9, V(0, 95, "0123456789abcdef"));
	assert_false(flow_has(f, FLOW_APPLICATION_ID));
	rx_free(rx);
}

static void
vendors_names_are_taken(void **state)
{
	struct rx *rx = rx_new(NULL);

	(void)state;
	text_is(RECORD(rx, 10, VARIABLE(PEN_NTOP, 119, "TLS.Google")),
	    FLOW_APPLICATION_NAME, "TLS.Google");
	text_is(RECORD(rx, 10, VARIABLE(PEN_IXIA, 111, "netflix")),
	    FLOW_APPLICATION_NAME, "netflix");
	text_is(RECORD(rx, 10, VARIABLE(PEN_PROCERA, 1, "BitTorrent")),
	    FLOW_APPLICATION_NAME, "BitTorrent");
	text_is(RECORD(rx, 10, VARIABLE(PEN_NETSCALER, 205, "alice\0")),
	    FLOW_USER_NAME, "alice");
	text_is(RECORD(rx, 10, VARIABLE(PEN_NOKIA, 93, "USER1@10.10.0.1")),
	    FLOW_USER_NAME, "USER1@10.10.0.1");
	rx_free(rx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_lose_their_padding),
	    cmocka_unit_test(text_of_nothing_is_absent),
	    cmocka_unit_test(long_text_is_cut),
	    cmocka_unit_test(v9_ids_above_32767_are_plain),
	    cmocka_unit_test(fields_that_have_numbers_are_filled),
	    cmocka_unit_test(answers_have_fields_of_their_own),
	    cmocka_unit_test(tcp_and_names_are_read),
	    cmocka_unit_test(second_best_element_stands_in),
	    cmocka_unit_test(flags_in_two_parts_are_one),
	    cmocka_unit_test(reverse_counters_have_several_names),
	    cmocka_unit_test(application_ids_of_any_engine_are_kept),
	    cmocka_unit_test(vendors_names_are_taken),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
