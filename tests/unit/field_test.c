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

#include <string.h>

#include "field.h"

static void
every_field_stands_at_its_bit(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < FLOW_NFIELDS; i++) {
		assert_int_equal(fields[i].bit, i);
		assert_true(fields[i].type < FT_MAX);
		assert_non_null(fields[i].name);
		assert_true(strlen(fields[i].what) > 0);
	}
}

static void
names_are_found_and_are_unique(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < FLOW_NFIELDS; i++)
		assert_ptr_equal(field_by_name(fields[i].name), &fields[i]);
	assert_null(field_by_name(""));
	assert_null(field_by_name("src_add"));
	assert_null(field_by_name("src_addr "));
}

static void
members_do_not_overlap(void **state)
{
	uint8_t used[sizeof(struct flow)];
	size_t b;
	int i;

	(void)state;
	memset(used, 0, sizeof(used));
	for (i = 0; i < FLOW_NFIELDS; i++) {
		/* A flow has the address or the prefix. */
		if (i == FLOW_SRC_PREFIX || i == FLOW_DST_PREFIX)
			continue;
		for (b = 0; b < field_size(fields[i].type); b++) {
			assert_true(fields[i].off + b < sizeof(struct flow));
			assert_int_equal(used[fields[i].off + b]++, 0);
		}
	}
	assert_int_equal(fields[FLOW_SRC_PREFIX].off,
	    fields[FLOW_SRC_ADDR].off);
	assert_int_equal(fields[FLOW_DST_PREFIX].off,
	    fields[FLOW_DST_ADDR].off);
}

static void
members_have_the_size_of_their_type(void **state)
{
	struct flow f;

	(void)state;
#define SIZE(bit, member) \
	assert_int_equal(field_size(fields[FLOW_##bit].type), sizeof(f.member))
	SIZE(TAG, tag);
	SIZE(RECV_TIME, recv_time);
	SIZE(AGENT, agent);
	SIZE(VERSION, version);
	SIZE(TCP_FLAGS, tcp_flags);
	SIZE(PROTOCOL, protocol);
	SIZE(OCTETS, octets);
	SIZE(VLAN, vlan);
	SIZE(SRC_MASK, src_mask);
	SIZE(FRAGMENT_ID, fragment_id);
	SIZE(FRAGMENT_OFFSET, fragment_offset);
	SIZE(IN_SRC_MAC, in_src_mac);
	SIZE(FW_EXT_EVENT, fw_ext_event);
	SIZE(NAT_EVENT, nat_event);
	SIZE(ENGINE_TYPE, engine_type);
	SIZE(EVENT_TIME, event_time);
	SIZE(SAMPLING_ALGORITHM, sampling_algorithm);
	SIZE(APPLICATION_ID, application_id);
	SIZE(MPLS_LABELS, mpls_labels);
#undef SIZE
}

static void
numbers_are_read_by_their_type(void **state)
{
	struct flow f;

	(void)state;
	memset(&f, 0, sizeof(f));
	f.protocol = 200;
	f.src_port = 60000;
	f.in_if = 4000000000U;
	f.octets = UINT64_MAX;
	f.start = 7;
	assert_int_equal(field_number(&f, field_by_name("protocol")), 200);
	assert_int_equal(field_number(&f, field_by_name("src_port")), 60000);
	assert_true(field_number(&f, field_by_name("in_if")) == 4000000000U);
	assert_true(field_number(&f, field_by_name("octets")) == UINT64_MAX);
	assert_int_equal(field_number(&f, field_by_name("start")), 0);
	assert_int_equal(field_number(&f, field_by_name("src_addr")), 0);
}

/* Does this conversion make what the field holds? */
static int
conv_suits(const struct element *e)
{
	enum field_type type;

	if (e->field == FLOW_NFIELDS)
		return ((e->conv == CONV_PART && e->index < PART_MAX) ||
		    (e->conv == CONV_NOTE && e->index < NOTE_MAX));
	type = fields[e->field].type;
	switch (e->conv) {
	case CONV_UINT:
		return (type <= FT_U64);
	case CONV_ICMP:
		return (e->field == FLOW_ICMP_TYPE ||
		    e->field == FLOW_REVERSE_ICMP_TYPE);
	case CONV_MS_US:
		return (type == FT_U32);
	case CONV_ADDR4:
	case CONV_ADDR6:
		return (type == FT_ADDR);
	case CONV_MAC:
		return (type == FT_MAC);
	case CONV_LABEL:
		return (type == FT_LABELS && e->index < FLOW_MPLS_MAX);
	case CONV_APPID:
		return (type == FT_APPID);
	case CONV_SAMPLING:
		return (e->index < RATE_PARTS);
	case CONV_TEXT:
		return (type == FT_TEXT);
	case CONV_FLAGS:
		return (type == FT_U16 && e->index < 4);
	case CONV_DSCP:
		return (type == FT_U8);
	default:
		return (type == FT_TIME);
	}
}

static void
elements_fill_fields_of_their_kind(void **state)
{
	static const uint32_t pens[] = {0, PEN_CISCO, PEN_NOKIA, PEN_IXIA,
	    PEN_NETSCALER, PEN_CERT, PEN_BARRACUDA, PEN_PROCERA, PEN_REVERSE,
	    PEN_NTOP};
	const struct element *e;
	unsigned int found = 0;
	uint32_t id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pens) / sizeof(pens[0]); i++)
		for (id = 0; id <= UINT16_MAX; id++) {
			e = element_find(pens[i], (uint16_t)id);
			if (e == NULL)
				continue;
			found++;
			assert_int_equal(e->pen, pens[i]);
			assert_int_equal(e->id, id);
			assert_true(e->field <= FLOW_NFIELDS);
			assert_true(e->conv < CONV_MAX);
			assert_true(conv_suits(e));
		}
	/* The table is sorted: none was missed. */
	assert_true(found > 100);
	assert_non_null(element_find(0, 1));
	assert_non_null(element_find(0, 40005));
	assert_non_null(element_find(PEN_REVERSE, 86));
	assert_null(element_find(0, 0));
	assert_null(element_find(35632, 1));
	assert_int_equal(FLOW_ICMP_CODE, FLOW_ICMP_TYPE + 1);
	assert_int_equal(FLOW_REVERSE_ICMP_CODE, FLOW_REVERSE_ICMP_TYPE + 1);
}

/* RFC 7012 and RFC 5103, a few of each kind. */
static void
elements_are_those_of_the_registry(void **state)
{
	static const struct {
		uint16_t id;
		enum flow_field field;
	} some[] = {{1, FLOW_OCTETS}, {2, FLOW_PACKETS}, {4, FLOW_PROTOCOL},
	    {5, FLOW_TOS}, {6, FLOW_TCP_FLAGS}, {7, FLOW_SRC_PORT},
	    {8, FLOW_SRC_ADDR}, {9, FLOW_SRC_MASK}, {10, FLOW_IN_IF},
	    {11, FLOW_DST_PORT}, {12, FLOW_DST_ADDR}, {13, FLOW_DST_MASK},
	    {14, FLOW_OUT_IF}, {15, FLOW_NEXT_HOP}, {16, FLOW_SRC_AS},
	    {17, FLOW_DST_AS}, {18, FLOW_BGP_NEXT_HOP}, {21, FLOW_END_UPTIME},
	    {22, FLOW_START_UPTIME}, {27, FLOW_SRC_ADDR}, {28, FLOW_DST_ADDR},
	    {56, FLOW_IN_SRC_MAC}, {57, FLOW_OUT_DST_MAC},
	    {80, FLOW_IN_DST_MAC}, {81, FLOW_OUT_SRC_MAC},
	    {136, FLOW_END_REASON}, {225, FLOW_POST_NAT_SRC_ADDR},
	    {226, FLOW_POST_NAT_DST_ADDR}, {230, FLOW_NAT_EVENT},
	    {233, FLOW_FIREWALL_EVENT}, {128, FLOW_DST_PEER_AS},
	    {129, FLOW_SRC_PEER_AS}, {148, FLOW_FLOW_ID},
	    {245, FLOW_CUSTOMER_VLAN}, {252, FLOW_IN_IF}, {253, FLOW_OUT_IF},
	    {255, FLOW_POST_CUSTOMER_VLAN}, {256, FLOW_ETHERTYPE},
	    {361, FLOW_NAT_PORT_FIRST}, {362, FLOW_NAT_PORT_LAST},
	    {371, FLOW_USER_NAME}, {40000, FLOW_USER_NAME}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		assert_int_equal(element_find(0, some[i].id)->field,
		    some[i].field);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_field_stands_at_its_bit),
	    cmocka_unit_test(names_are_found_and_are_unique),
	    cmocka_unit_test(members_do_not_overlap),
	    cmocka_unit_test(members_have_the_size_of_their_type),
	    cmocka_unit_test(numbers_are_read_by_their_type),
	    cmocka_unit_test(elements_fill_fields_of_their_kind),
	    cmocka_unit_test(elements_are_those_of_the_registry),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
