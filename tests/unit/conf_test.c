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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "store.h"

#define LISTEN "listen on 127.0.0.1:1\nlogfile \"/x\"\n"

/* What was said: lines. */
struct said {
	char text[8192];
	int errors, warnings;
};

static void
say(void *arg, bool error, const char *msg)
{
	struct said *s = arg;
	size_t n = strlen(s->text);

	snprintf(s->text + n, sizeof(s->text) - n, "%s\n", msg);
	if (error)
		s->errors++;
	else
		s->warnings++;
}

static struct conf *
parse(const char *text, struct said *s, unsigned int flags)
{
	const struct conf_input in = {.name = "test",
	    .text = text,
	    .textlen = strlen(text),
	    .flags = flags,
	    .say = say,
	    .arg = s};

	memset(s, 0, sizeof(*s));
	return (conf_parse(&in));
}

static struct conf *
good(const char *text)
{
	struct said s;
	struct conf *c = parse(text, &s, 0);

	if (c == NULL)
		fail_msg("%s", s.text);
	return (c);
}

static bool
allowed(const struct conf *c, const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return (conf_allowed(c, &a));
}

static bool
configured(const struct conf *c, const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return (conf_configured(c, &a));
}

static void
nothing_said_means_the_defaults(void **state)
{
	struct conf *c = good(LISTEN);

	(void)state;
	assert_int_equal(c->store_mask, STORE_ALL);
	assert_null(c->logsock);
	assert_null(c->pidfile);
	assert_null(c->statsfile);
	assert_true(filter_is_empty(c->filter));
	assert_int_equal(c->workers, 1);
	assert_null(c->cpus);
	assert_int_equal(c->busypoll, 0);
	assert_int_equal(c->buffer, CONF_BUFFER);
	assert_true(allowed(c, "192.0.2.1"));
	assert_false(configured(c, "192.0.2.1"));
	conf_free(c);
	conf_free(NULL);
}

static struct source_options
options(const struct conf *c, const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return (conf_options(c, &a));
}

static void
longest_prefix_decides_about_all_options(void **state)
{
	struct conf *c = good(LISTEN
	    "flow source any sampling 7\n"
	    "flow source { 10.0.0.0/8 !10.1.0.0/16 <r> } inner packets\n"
	    "flow source 10.2.0.0/16\n"
	    "flow source 10.2.3.4 separate ports trust exporter sampling 9\n"
	    "flow source 10.2.3.5 sampling 8\n"
	    "flow source 10.2.3.5 sampling 7\n"
	    "table <r> { 2001:db8::/32 }\n");

	(void)state;
	assert_int_equal(options(c, "192.0.2.1").sampling, 7);
	assert_int_equal(options(c, "fe80::1").sampling, 7);
	assert_true(options(c, "10.0.0.1").inner);
	assert_int_equal(options(c, "10.0.0.1").sampling, 0);
	assert_true(options(c, "2001:db8::1").inner);
	/* One without options takes those of a shorter prefix away. */
	assert_false(options(c, "10.2.0.1").inner);
	assert_int_equal(options(c, "10.2.0.1").sampling, 0);
	assert_int_equal(options(c, "10.2.3.4").sampling, 9);
	assert_true(options(c, "10.2.3.4").ports);
	assert_true(options(c, "10.2.3.4").trusted);
	assert_false(options(c, "10.2.3.4").inner);
	/* The last said of one prefix counts. */
	assert_int_equal(options(c, "10.2.3.5").sampling, 7);
	assert_int_equal(c->noptions, 4);
	conf_free(c);
}

static void
a_thousand_sources_have_a_rate_each(void **state)
{
	static char text[65536];
	char addr[32];
	struct conf *c;
	size_t n;
	int i;

	(void)state;
	n = (size_t)snprintf(text, sizeof(text), LISTEN);
	for (i = 0; i < 1000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "flow source 10.0.%d.%d sampling %d\n", i / 250, i % 250,
		    i + 1);
	c = good(text);
	for (i = 0; i < 1000; i++) {
		snprintf(addr, sizeof(addr), "10.0.%d.%d", i / 250, i % 250);
		assert_int_equal(options(c, addr).sampling, i + 1);
	}
	assert_int_equal(options(c, "10.1.0.0").sampling, 0);
	conf_free(c);
}

static void
sources_are_one_table(void **state)
{
	struct conf *c = good(LISTEN "flow source 10.0.0.0/8\n"
				     "flow source { !10.1.0.0/16 10.1.2.3 }\n"
				     "flow source 2001:db8::1\n");

	(void)state;
	assert_true(allowed(c, "10.0.0.1"));
	assert_false(allowed(c, "10.1.0.1"));
	assert_true(allowed(c, "10.1.2.3"));
	assert_true(allowed(c, "2001:db8::1"));
	assert_false(allowed(c, "2001:db8::2"));
	assert_false(allowed(c, "192.0.2.1"));
	assert_true(configured(c, "10.1.2.3"));
	assert_true(configured(c, "2001:db8::1"));
	assert_false(configured(c, "10.0.0.1"));
	conf_free(c);
}

static void
negated_sources_alone_leave_the_others(void **state)
{
	struct conf *c = good(LISTEN "flow source { !10.0.0.0/8 }\n");

	(void)state;
	assert_false(allowed(c, "10.0.0.1"));
	assert_true(allowed(c, "192.0.2.1"));
	assert_true(allowed(c, "::1"));
	conf_free(c);
	c = good(LISTEN "flow source any\nflow source { !::1 }\n");
	assert_true(allowed(c, "10.0.0.1"));
	assert_false(allowed(c, "::1"));
	conf_free(c);
}

static void
table_may_be_defined_after_its_use(void **state)
{
	struct conf *c = good(LISTEN "flow source <t>\naccept src <t>\n"
				     "table <t> { 10.0.0.1 }\n"
				     "table <t> { 10.0.0.2 }\n");

	(void)state;
	assert_true(allowed(c, "10.0.0.1"));
	assert_true(allowed(c, "10.0.0.2"));
	assert_false(allowed(c, "10.0.0.3"));
	conf_free(c);
}

static void
source_of_an_empty_table_is_an_error(void **state)
{
	struct said s;

	(void)state;
	/* Else it would print as no source, which means everybody. */
	assert_null(parse(LISTEN "table <t> { }\nflow source <t>\n", &s, 0));
	assert_string_equal(s.text, "test:4: flow source: nobody is in <t>\n");
}

static void
endpoints_split_at_the_last_colon(void **state)
{
	static const struct {
		const char *text, *want;
	} e[] = {
	    {"127.0.0.1:2055", "127.0.0.1:2055"},
	    {"[::1]:2055", "[::1]:2055"},
	    {"::1:2055", "[::1]:2055"},
	    {"[fe80::1%lo]:9", "[fe80::1%lo]:9"},
	    {"\"[fe80::1%eth-0]:9\"", "[fe80::1%eth-0]:9"},
	};
	char text[128], buf[ENDPOINT_STRLEN];
	struct conf *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(e) / sizeof(e[0]); i++) {
		snprintf(text, sizeof(text), "logfile \"/x\"\nlisten on %s\n",
		    e[i].text);
		c = good(text);
		assert_string_equal(
		    endpoint_format(&TAILQ_FIRST(&c->listens)->at, buf),
		    e[i].want);
		conf_free(c);
	}
}

static void
every_error_of_a_file_is_said(void **state)
{
	struct said s;

	(void)state;
	assert_null(parse("listen on x\nfoo\naccept src 1\n\naccept tag\n"
			  "logfile \"/x\"\nlisten on 127.0.0.1:1\n",
	    &s, 0));
	assert_int_equal(s.errors, 4);
	assert_non_null(strstr(s.text, "test:1: "));
	assert_non_null(strstr(s.text, "test:2: "));
	assert_non_null(strstr(s.text, "test:3: "));
	assert_non_null(strstr(s.text, "test:5: "));
}

static void
errors_do_not_flood(void **state)
{
	static char text[20000];
	struct said s;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		strlcat(text, "foo\n", sizeof(text));
	assert_null(parse(text, &s, 0));
	assert_int_equal(s.errors, 101);
	assert_non_null(strstr(s.text, "too many errors"));
}

static void
messages_hold_nothing_unprintable(void **state)
{
	struct said s;
	const char *p;

	(void)state;
	assert_null(
	    parse("accept src \"a\033[31m\001\nb\"\n", &s, CONF_FILTER_ONLY));
	for (p = s.text; *p != '\0'; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p < 0x7f));
}

static void
parser_starts_afresh_after_errors(void **state)
{
	static const char *const broken[] = {"accept src {", "accept src 1",
	    "x = \"$x\"\naccept $x\n", "\"", "table <t> {", "accept foo",
	    "include \"/nonexistent\"", "{{{{", "accept days mon-"};
	struct said s;
	struct conf *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		assert_null(parse(broken[i], &s, 0));
		assert_true(s.errors > 0);
		c = good(LISTEN "discard all\n");
		assert_int_equal(filter_count(c->filter), 1);
		conf_free(c);
	}
}

static void
command_line_macros_stand_above_the_file(void **state)
{
	static const struct conf_macro macros[] = {{"p", "81"}, {"p", "82"},
	    {"q", "{ 1 2 }"}};
	static const char text[] = "p = 80\naccept dst port $p src port $q\n";
	const struct conf_input in = {.name = "test",
	    .text = text,
	    .textlen = sizeof(text) - 1,
	    .macros = macros,
	    .nmacros = 3,
	    .flags = CONF_FILTER_ONLY};
	char buf[256] = "";
	struct conf *c = conf_parse(&in);
	FILE *fp;

	(void)state;
	assert_non_null(c);
	assert_non_null(fp = fmemopen(buf, sizeof(buf), "w"));
	filter_print(c->filter, fp, false);
	fclose(fp);
	assert_string_equal(buf, "accept src port 1:2 dst port 81\n");
	conf_free(c);
}

static void
files_are_refused_where_they_must_be(void **state)
{
	struct said s;

	(void)state;
	assert_null(parse("include \"/etc/passwd\"\n", &s,
	    CONF_FILTER_ONLY | CONF_NOFILES));
	assert_string_equal(s.text,
	    "test:1: \"/etc/passwd\": files are not read from here\n");
	assert_null(parse("table <t> file \"/etc/passwd\"\n", &s,
	    CONF_FILTER_ONLY | CONF_NOFILES));
	assert_int_equal(s.errors, 1);
	assert_null(conf_parse_clauses("src <t>", say, &s));
}

static void
missing_file_is_named(void **state)
{
	const struct conf_input in = {.name = "/nonexistent/flowd.conf",
	    .say = say,
	    .arg = *state};
	struct said *s = *state;

	memset(s, 0, sizeof(*s));
	assert_null(conf_parse(&in));
	assert_string_equal(s->text,
	    "/nonexistent/flowd.conf: No such file or directory\n");
}

static void
given_twice_is_a_warning_where_the_original_took_it(void **state)
{
	struct said s;
	struct conf *c = parse(LISTEN "logfile \"/y\"\n", &s, 0);

	(void)state;
	assert_non_null(c);
	assert_int_equal(s.warnings, 1);
	assert_string_equal(c->logfile, "/y");
	conf_free(c);
}

static void
macros_that_explode_are_stopped(void **state)
{
	char text[2048];
	struct said s;
	size_t n;
	int i;

	(void)state;
	n = (size_t)snprintf(text, sizeof(text),
	    "m0 = \"10.0.0.1 10.0.0.2\"\n");
	for (i = 1; i < 16; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "m%d = \"$m%d $m%d $m%d $m%d\"\n", i, i - 1, i - 1, i - 1,
		    i - 1);
	snprintf(text + n, sizeof(text) - n, "accept src { $m15 }\n");
	assert_null(parse(text, &s, CONF_FILTER_ONLY));
	assert_non_null(strstr(s.text, "test:17: macro"));
}

static void
each_worker_has_the_processor_of_its_place(void **state)
{
	static const int want[] = {7, 2, 3, 4, 0, -1};
	struct conf *c = good(LISTEN "workers 5 cpu 7,2-4,0\n");
	uint32_t i;

	(void)state;
	for (i = 0; i < 6; i++)
		assert_int_equal(conf_cpu(c, i), want[i]);
	conf_free(c);
	c = good(LISTEN "workers 5\n");
	assert_int_equal(conf_cpu(c, 0), -1);
	conf_free(c);
}

int
main(void)
{
	static struct said said;
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_said_means_the_defaults),
	    cmocka_unit_test(sources_are_one_table),
	    cmocka_unit_test(longest_prefix_decides_about_all_options),
	    cmocka_unit_test(a_thousand_sources_have_a_rate_each),
	    cmocka_unit_test(negated_sources_alone_leave_the_others),
	    cmocka_unit_test(table_may_be_defined_after_its_use),
	    cmocka_unit_test(source_of_an_empty_table_is_an_error),
	    cmocka_unit_test(endpoints_split_at_the_last_colon),
	    cmocka_unit_test(every_error_of_a_file_is_said),
	    cmocka_unit_test(errors_do_not_flood),
	    cmocka_unit_test(messages_hold_nothing_unprintable),
	    cmocka_unit_test(parser_starts_afresh_after_errors),
	    cmocka_unit_test(command_line_macros_stand_above_the_file),
	    cmocka_unit_test(files_are_refused_where_they_must_be),
	    cmocka_unit_test_prestate(missing_file_is_named, &said),
	    cmocka_unit_test(
		given_twice_is_a_warning_where_the_original_took_it),
	    cmocka_unit_test(macros_that_explode_are_stopped),
	    cmocka_unit_test(each_worker_has_the_processor_of_its_place),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
