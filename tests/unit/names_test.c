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
 * Names out of DNS questions and TLS ClientHellos.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "meter/names.h"
#include "wire.h"

static struct msg m;
static char name[NAMES_MAX + 1];

typedef size_t names_fn(struct rd, char *);

/* Of the first len bytes, in a copy of their own. */
static const char *
name_of(names_fn *fn, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	size_t n;

	if (copy == NULL)
		abort();
	memcpy(copy, m.b, len);
	memset(name, '#', sizeof(name));
	n = fn(rd_init(copy, len), name);
	free(copy);
	assert_true(n <= NAMES_MAX);
	assert_true(name[n] == '#' && name[NAMES_MAX] == '#');
	name[n] = '\0';
	return (name);
}

static void
dns_header(uint16_t questions)
{
	m.len = 0;
	put(&m, 0xbeef, 2);
	put(&m, 0x0100, 2);
	put(&m, questions, 2);
	put(&m, 0, 6);
}

static void
label(const char *s)
{
	put(&m, strlen(s), 1);
	put_bytes(&m, s, strlen(s));
}

static void
question_end(void)
{
	put(&m, 0, 1);
	put(&m, 1, 2);
	put(&m, 1, 2);
}

static void
the_question_of_a_dns_message_is_named(void **state)
{
	(void)state;
	dns_header(1);
	label("www");
	label("Example");
	label("org");
	question_end();
	assert_string_equal(name_of(names_dns, m.len), "www.Example.org");
	/* The first of several. */
	m.b[5] = 2;
	label("second");
	question_end();
	assert_string_equal(name_of(names_dns, m.len), "www.Example.org");
}

static void
a_message_without_a_question_has_no_name(void **state)
{
	(void)state;
	dns_header(0);
	label("www");
	question_end();
	assert_string_equal(name_of(names_dns, m.len), "");
}

static void
the_root_is_a_dot(void **state)
{
	(void)state;
	dns_header(1);
	question_end();
	assert_string_equal(name_of(names_dns, m.len), ".");
}

static void
a_pointer_in_a_question_is_refused(void **state)
{
	(void)state;
	dns_header(1);
	label("a");
	put(&m, 0xc00c, 2);
	question_end();
	assert_string_equal(name_of(names_dns, m.len), "");
	/* Nor are there labels of other kinds. */
	m.b[14] = 0x40;
	assert_string_equal(name_of(names_dns, m.len), "");
}

static void
bytes_that_are_no_text_are_escaped(void **state)
{
	(void)state;
	dns_header(1);
	label("a.b\\c");
	put(&m, 4, 1);
	put(&m, 0x00200aff, 4);
	question_end();
	assert_string_equal(name_of(names_dns, m.len),
	    "a\\.b\\\\c.\\000\\032\\010\\255");
}

static void
a_long_name_loses_its_front(void **state)
{
	char l[64];

	(void)state;
	memset(l, 'x', 63);
	l[63] = '\0';
	dns_header(1);
	label(l);
	question_end();
	assert_string_equal(name_of(names_dns, m.len), l);
	dns_header(1);
	label(l);
	label("example");
	label("com");
	question_end();
	l[51] = '\0';
	assert_int_equal(strlen(name_of(names_dns, m.len)), 63);
	assert_memory_equal(name, l, 51);
	assert_string_equal(name + 51, ".example.com");
	/* Never in the middle of an escape. */
	dns_header(1);
	put(&m, 1, 1);
	put(&m, 0, 1);
	l[51] = 'x';
	l[60] = '\0';
	label(l);
	question_end();
	assert_int_equal(strlen(name_of(names_dns, m.len)), 61);
	assert_string_equal(name + 1, l);
}

static void
a_name_of_more_than_255_bytes_is_none(void **state)
{
	char l[64];
	int i;

	(void)state;
	memset(l, 'x', 63);
	l[61] = '\0';
	for (i = 0; i < 2; i++) {
		dns_header(1);
		label(l);
		label(l);
		label(l);
		label(l);
		label(i == 0 ? "abcde" : "abcdef");
		question_end();
		assert_int_equal(strlen(name_of(names_dns, m.len)),
		    i == 0 ? 63 : 0);
	}
}

static void
a_dns_message_that_is_cut_has_no_name(void **state)
{
	size_t len;

	(void)state;
	dns_header(1);
	label("www");
	label("example");
	put(&m, 0, 1);
	for (len = 0; len < m.len; len++)
		assert_string_equal(name_of(names_dns, len), "");
	assert_string_equal(name_of(names_dns, m.len), "www.example");
}

static size_t record_at, hello_at, extensions_at;

static void
hello_begin(void)
{
	m.len = 0;
	put(&m, 0x160301, 3);
	record_at = m.len;
	put(&m, 0, 2);
	put(&m, 0x0100, 2); /* the type, and the high byte of the length */
	hello_at = m.len;
	put(&m, 0, 2);
	put(&m, 0x0303, 2);
	m.len += 32;
	put(&m, 0x04deadbeef, 5);   /* session */
	put(&m, 0x000413011302, 6); /* two cipher suites */
	put(&m, 0x0100, 2);	    /* no compression */
	extensions_at = m.len;
	put(&m, 0, 2);
}

static void
hello_end(void)
{
	poke16(&m, record_at, m.len - record_at - 2);
	poke16(&m, hello_at, m.len - hello_at - 2);
	poke16(&m, extensions_at, m.len - extensions_at - 2);
}

static void
extension(uint16_t type, size_t len)
{
	put(&m, type, 2);
	put(&m, len, 2);
}

static void
server(uint8_t type, const char *s)
{
	extension(0, strlen(s) + 5);
	put(&m, strlen(s) + 3, 2);
	put(&m, type, 1);
	put(&m, strlen(s), 2);
	put_bytes(&m, s, strlen(s));
}

static void
the_server_of_a_client_hello_is_named(void **state)
{
	(void)state;
	hello_begin();
	extension(43, 3);
	put(&m, 0x020304, 3);
	server(0, "www.example.org");
	extension(16, 0);
	hello_end();
	assert_string_equal(name_of(names_tls, m.len), "www.example.org");
	/* The server's answer has none. */
	m.b[5] = 2;
	assert_string_equal(name_of(names_tls, m.len), "");
	m.b[5] = 1;
	m.b[0] = 23;
	assert_string_equal(name_of(names_tls, m.len), "");
}

static void
a_hello_without_a_name_has_none(void **state)
{
	(void)state;
	hello_begin();
	extension(16, 2);
	put(&m, 0, 2);
	hello_end();
	assert_string_equal(name_of(names_tls, m.len), "");
	hello_begin();
	server(1, "www.example.org");
	hello_end();
	assert_string_equal(name_of(names_tls, m.len), "");
	hello_begin();
	server(0, "");
	hello_end();
	assert_string_equal(name_of(names_tls, m.len), "");
}

static void
a_name_that_was_captured_counts_though_the_hello_is_cut(void **state)
{
	size_t len, name_end;

	(void)state;
	hello_begin();
	server(0, "a.example");
	name_end = m.len;
	extension(51, 1200);
	m.len += 1200;
	hello_end();
	for (len = 0; len < name_end; len++)
		assert_string_equal(name_of(names_tls, len), "");
	for (; len < m.len; len += 100)
		assert_string_equal(name_of(names_tls, len), "a.example");
}

static void
a_length_inside_bounds_what_is_inside(void **state)
{
	(void)state;
	hello_begin();
	server(0, "a.example");
	hello_end();
	/* The list ends before the name does, and so on outwards. */
	m.b[extensions_at + 2 + 5] -= 1;
	assert_string_equal(name_of(names_tls, m.len), "");
	m.b[extensions_at + 2 + 5] += 1;
	m.b[extensions_at + 2 + 3] -= 1;
	assert_string_equal(name_of(names_tls, m.len), "");
	m.b[extensions_at + 2 + 3] += 1;
	m.b[extensions_at + 1] -= 1;
	assert_string_equal(name_of(names_tls, m.len), "");
	m.b[extensions_at + 1] += 1;
	m.b[hello_at + 1] -= 1;
	assert_string_equal(name_of(names_tls, m.len), "");
	m.b[hello_at + 1] += 1;
	m.b[record_at + 1] -= 1;
	assert_string_equal(name_of(names_tls, m.len), "");
	m.b[record_at + 1] += 1;
	assert_string_equal(name_of(names_tls, m.len), "a.example");
}

static void
a_server_name_is_escaped_but_for_its_dots(void **state)
{
	(void)state;
	hello_begin();
	server(0, "a.b\xff\\c d");
	hello_end();
	assert_string_equal(name_of(names_tls, m.len), "a.b\\255\\\\c\\032d");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_question_of_a_dns_message_is_named),
	    cmocka_unit_test(a_message_without_a_question_has_no_name),
	    cmocka_unit_test(the_root_is_a_dot),
	    cmocka_unit_test(a_pointer_in_a_question_is_refused),
	    cmocka_unit_test(bytes_that_are_no_text_are_escaped),
	    cmocka_unit_test(a_long_name_loses_its_front),
	    cmocka_unit_test(a_name_of_more_than_255_bytes_is_none),
	    cmocka_unit_test(a_dns_message_that_is_cut_has_no_name),
	    cmocka_unit_test(the_server_of_a_client_hello_is_named),
	    cmocka_unit_test(a_hello_without_a_name_has_none),
	    cmocka_unit_test(
		a_name_that_was_captured_counts_though_the_hello_is_cut),
	    cmocka_unit_test(a_length_inside_bounds_what_is_inside),
	    cmocka_unit_test(a_server_name_is_escaped_but_for_its_dots),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
