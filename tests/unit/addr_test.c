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

#include <netinet/in.h>

#include <string.h>

#include "addr.h"

static struct addr
addr(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return (a);
}

static void
addresses_survive_text_and_back(void **state)
{
	static const char *const text[] = {"0.0.0.0", "255.255.255.255",
	    "10.0.0.1", "::", "::1", "2001:db8::ff00:42:8329",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
	char buf[ADDR_STRLEN];
	struct addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		a = addr(text[i]);
		assert_string_equal(addr_format(&a, buf), text[i]);
	}
	memset(&a, 0, sizeof(a));
	assert_string_equal(addr_format(&a, buf), "none");
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const text[] = {"", "1.2.3", "1.2.3.256",
	    "1.2.3.4.5", "localhost", ":::", "2001:db8::1%lo", "1.2.3.4 ",
	    "12345::"};
	struct addr a = {.family = 99};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		assert_int_equal(addr_parse(text[i], &a), -1);
	assert_int_equal(a.family, 99);
}

static void
prefixes_survive_text_and_back(void **state)
{
	static const char *const text[] = {"0.0.0.0/0", "10.0.0.0/8",
	    "10.1.2.3/32", "::/0", "2001:db8::/32", "::1/128"};
	char buf[PREFIX_STRLEN];
	struct prefix p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		assert_int_equal(prefix_parse(text[i], &p), 0);
		assert_string_equal(prefix_format(&p, buf), text[i]);
	}
	assert_int_equal(prefix_parse("10.1.2.3", &p), 0);
	assert_int_equal(p.len, 32);
	assert_int_equal(prefix_parse("::1", &p), 0);
	assert_int_equal(p.len, 128);
}

static void
what_is_no_prefix_is_refused(void **state)
{
	static const char *const text[] = {"10.0.0.0/33", "::/129", "/8",
	    "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/ 8",
	    "10.0.0.0/+8", "10.0.0.0/99999999999999999999",
	    "10.0.0.0/4294967296",
	    "1111111111111111111111111111111111111111111111111111/8"};
	struct prefix p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		assert_int_equal(prefix_parse(text[i], &p), -1);
}

static void
prefix_matches_to_the_bit(void **state)
{
	struct prefix p;
	struct addr a;
	unsigned int len, bit;

	(void)state;
	for (len = 0; len <= 128; len++) {
		memset(&p, 0, sizeof(p));
		p.addr.family = ADDR_V6;
		p.len = (uint8_t)len;
		for (bit = 0; bit < 128; bit++) {
			a = p.addr;
			a.b[bit / 8] ^= 0x80 >> bit % 8;
			assert_int_equal(prefix_match(&p, &a), bit >= len);
		}
	}
	prefix_parse("0.0.0.0/0", &p);
	a = addr("::");
	assert_false(prefix_match(&p, &a));
}

static void
clean_prefix_has_no_bits_behind_its_length(void **state)
{
	struct prefix p;

	(void)state;
	prefix_parse("10.0.0.0/8", &p);
	assert_true(prefix_is_clean(&p));
	prefix_parse("10.0.0.1/31", &p);
	assert_false(prefix_is_clean(&p));
	prefix_parse("10.128.0.0/8", &p);
	assert_false(prefix_is_clean(&p));
	prefix_parse("10.0.0.1/32", &p);
	assert_true(prefix_is_clean(&p));
	prefix_parse("2001:db8::/29", &p);
	assert_true(prefix_is_clean(&p));
	prefix_parse("2001:db8::/28", &p);
	assert_false(prefix_is_clean(&p));
}

static void
mapped_addresses_become_ipv4(void **state)
{
	struct sockaddr_storage ss;
	struct addr a, mapped = addr("::ffff:192.0.2.1");
	uint16_t port;

	(void)state;
	assert_int_equal(addr_to_sockaddr(&mapped, 2055, 0, &ss),
	    sizeof(struct sockaddr_in6));
	assert_int_equal(addr_from_sockaddr((struct sockaddr *)&ss, &a, &port),
	    0);
	assert_int_equal(a.family, ADDR_V4);
	assert_int_equal(port, 2055);
	mapped = addr("192.0.2.1");
	assert_true(addr_equal(&a, &mapped));
}

static void
sockaddrs_survive_both_ways(void **state)
{
	static const char *const text[] = {"192.0.2.1", "2001:db8::1"};
	struct sockaddr_storage ss;
	struct addr a, b;
	uint16_t port;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		a = addr(text[i]);
		assert_true(addr_to_sockaddr(&a, 4739, 3, &ss) > 0);
		assert_int_equal(addr_from_sockaddr((struct sockaddr *)&ss, &b,
				     &port),
		    0);
		assert_true(addr_equal(&a, &b));
		assert_int_equal(port, 4739);
		assert_int_equal(addr_from_sockaddr((struct sockaddr *)&ss, &b,
				     NULL),
		    0);
	}
	assert_int_equal(((struct sockaddr_in6 *)&ss)->sin6_scope_id, 3);
	memset(&a, 0, sizeof(a));
	assert_int_equal(addr_to_sockaddr(&a, 1, 0, &ss), 0);
	ss.ss_family = AF_UNIX;
	assert_int_equal(addr_from_sockaddr((struct sockaddr *)&ss, &b, NULL),
	    -1);
}

static void
order_is_by_family_then_bytes(void **state)
{
	static const char *const text[] = {"0.0.0.0", "10.0.0.1", "10.0.0.2",
	    "255.0.0.0", "::", "::1", "2001::", "ff02::1"};
	struct addr a, b;
	size_t i, j;
	int c;

	(void)state;
	for (i = 0; i < 8; i++)
		for (j = 0; j < 8; j++) {
			a = addr(text[i]);
			b = addr(text[j]);
			c = addr_cmp(&a, &b);
			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
			assert_int_equal(addr_equal(&a, &b), i == j);
		}
}

static void
multicast_is_told(void **state)
{
	static const struct {
		const char *text;
		bool multicast;
	} a[] = {{"224.0.0.1", true}, {"239.255.255.255", true},
	    {"240.0.0.1", false}, {"223.255.255.255", false}, {"ff02::1", true},
	    {"fe80::1", false}};
	struct addr x;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(a) / sizeof(a[0]); i++) {
		x = addr(a[i].text);
		assert_int_equal(addr_is_multicast(&x), a[i].multicast);
	}
}

static void
hash_depends_on_the_seed_and_on_all_of_the_address(void **state)
{
	struct addr a = addr("2001:db8::1"), b;
	uint64_t h = addr_hash(&a, 42);
	unsigned int bit;

	(void)state;
	assert_true(h == addr_hash(&a, 42));
	assert_true(h != addr_hash(&a, 43));
	for (bit = 0; bit < 128; bit++) {
		b = a;
		b.b[bit / 8] ^= 0x80 >> bit % 8;
		assert_true(addr_hash(&b, 42) != h);
	}
	a = addr("192.0.2.1");
	h = addr_hash(&a, 42);
	for (bit = 0; bit < 32; bit++) {
		b = a;
		b.b[bit / 8] ^= 0x80 >> bit % 8;
		assert_true(addr_hash(&b, 42) != h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_survive_text_and_back),
	    cmocka_unit_test(what_is_no_address_is_refused),
	    cmocka_unit_test(prefixes_survive_text_and_back),
	    cmocka_unit_test(what_is_no_prefix_is_refused),
	    cmocka_unit_test(prefix_matches_to_the_bit),
	    cmocka_unit_test(clean_prefix_has_no_bits_behind_its_length),
	    cmocka_unit_test(mapped_addresses_become_ipv4),
	    cmocka_unit_test(sockaddrs_survive_both_ways),
	    cmocka_unit_test(order_is_by_family_then_bytes),
	    cmocka_unit_test(multicast_is_told),
	    cmocka_unit_test(
		hash_depends_on_the_seed_and_on_all_of_the_address),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
