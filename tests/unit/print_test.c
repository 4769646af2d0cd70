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

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "archive/member.h"
#include "archive/pack.h"
#include "archive/rows.h"
#include "format.h"
#include "query/digits.h"
#include "query/print.h"
#include "query/stamp.h"
#include "query/value.h"
#include "text.h"

#define FLOWS 700
#define OUTPUT (64 * 1024 * 1024)

static char *got;
static size_t len;

static const char *
keep(void *arg, const char *p, size_t n)
{
	(void)arg;
	assert_true(len + n < OUTPUT);
	memcpy(got + len, p, n);
	got[len += n] = '\0';
	return (NULL);
}

/* The same flows each time. */
static uint64_t seed;

static uint64_t
any(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return ((seed >> 20) % below);
}

static uint64_t
any_number(void)
{
	uint64_t v = seed;

	return (any(3) == 0 ? any(20) : (v ^ any(UINT32_MAX)) >> any(64));
}

static void
any_addr(struct addr *a)
{
	static const char *const texts[] = {"::", "::1", "::ffff:10.1.2.3",
	    "2001:db8::1", "fe80::a:b:c:d", "1:2:3:4:5:6:7:8", "0.0.0.0",
	    "255.255.255.255", "10.0.0.1", "::1.2.3.4", "2001:db8:0:0:1::"};
	size_t i;

	*a = (struct addr){0};
	if (any(2) == 0) {
		assert_int_equal(addr_parse(texts[any(11)], a), 0);
		return;
	}
	a->family = any(3) == 0 ? ADDR_V6 : ADDR_V4;
	for (i = 0; i < (a->family == ADDR_V6 ? 16 : 4); i++)
		a->b[i] = (uint8_t)any(256);
}

/* Texts that nobody should send. */
static struct flow_text
any_text(void)
{
	static const char *const texts[] = {"", "eth0", "=1+1", "\"quo\\ted\"",
	    "new\nline", "\x1b[31mred", "comma, here", "\xff\xfe",
	    "M\xc3\xbcnchen", "\xe2\x80\xae", "-cmd", "@x", "\xf0\x9f\x98\x80"};
	static char random[1024][FLOW_TEXT_MAX];
	static unsigned int turn;
	char *p;
	size_t i, n = any(FLOW_TEXT_MAX + 1);
	const char *s;

	if (any(24) != 0) {
		s = texts[any(13)];
		return ((struct flow_text){s, (uint16_t)strlen(s)});
	}
	p = random[turn++ % 1024];
	for (i = 0; i < n; i++)
		p[i] = (char)any(256);
	return ((struct flow_text){p, (uint16_t)n});
}

static int64_t
any_time(void)
{
	static const int64_t units[] = {1, 1000, 1000000, 1000000000};
	int64_t unit = units[any(4)];

	if (any(40) == 0)
		return ((int64_t)(any_number() ^ any_number() << 30));
	return (((int64_t)(1795255200 + any(100000)) * NSEC_PER_SEC +
		    (int64_t)any(NSEC_PER_SEC)) /
	    unit * unit);
}

static void
any_value(struct flow *f, const struct field *fd)
{
	char bytes[40];
	size_t i;

	flow_set(f, fd->bit);
	switch (fd->type) {
	case FT_TIME:
		member_set_number(f, fd, (uint64_t)any_time());
		break;
	case FT_ADDR:
		any_addr(field_ptr(f, fd));
		break;
	case FT_TEXT:
		member_set_bytes(f, fd, any_text());
		break;
	case FT_MAC:
	case FT_APPID:
	case FT_LABELS:
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (char)(1 + any(255) * (i % 4 != 3));
		member_set_bytes(f, fd,
		    (struct flow_text){bytes, (uint16_t)(4 * (1 + any(4)))});
		break;
	default:
		member_set_number(f, fd, any_number());
		break;
	}
}

/* Exporters of a few kinds, each with fields of its own. */
static void
any_flow(struct flow *f, unsigned int kind)
{
	uint64_t keep_seed = seed;
	bool has[FLOW_NFIELDS];
	size_t i;

	seed = kind * 7919 + 1;
	for (i = 0; i < FLOW_NFIELDS; i++)
		has[i] = kind == 0 || (kind != 1 && any(3) != 0);
	seed = keep_seed;
	*f = (struct flow){0};
	for (i = 0; i < FLOW_NFIELDS; i++) {
		/* The prefix has the member of the address. */
		if (!has[i] || i == FLOW_SRC_PREFIX || i == FLOW_DST_PREFIX)
			continue;
		any_value(f, &fields[i]);
	}
}

struct world {
	struct flow flows[FLOWS];
	struct rows *rows;
	struct batch *batch;
	uint8_t *packed;
	struct block block;
};

static struct world world;

/* Values that are often the same, never, and always. */
static void
make_world(unsigned int kinds, bool packed)
{
	struct world *x = &world;
	struct flow *f;
	struct rd rd;
	size_t i, n;

	x->rows = rows_new(FLOWS, NULL);
	x->batch = batch_new();
	assert_non_null(x->rows);
	assert_non_null(x->batch);
	for (i = 0; i < FLOWS; i++) {
		f = &x->flows[i];
		if (i > 0 && any(3) == 0)
			*f = x->flows[any(i)];
		else
			any_flow(f, (unsigned int)any(kinds));
		flow_set(f, FLOW_VERSION);
		f->version = 10;
		assert_true(rows_add(x->rows, f));
	}
	if (!packed) {
		batch_set_rows(x->batch, x->rows);
		return;
	}
	n = pack_bound(x->rows);
	x->packed = malloc(n);
	assert_non_null(x->packed);
	n = pack_quick(x->rows, x->packed, n);
	assert_int_not_equal(n, 0);
	rd = rd_init(x->packed, n);
	assert_int_equal(block_read(&rd, &x->block), BLOCK_OK);
	batch_set_block(x->batch, &x->block);
}

static void
free_world(void)
{
	rows_free(world.rows);
	batch_free(world.batch);
	free(world.packed);
	memset(&world, 0, sizeof(world));
}

static void
ask(const struct print *p, const struct sel *sel, size_t nsel,
    const struct totals *n)
{
	struct consumer *c = print_consumer(p, keep, NULL);
	struct outbuf out = {0};
	void *w;
	size_t i;

	assert_non_null(c);
	len = 0;
	got[0] = '\0';
	w = c->begin(c->arg);
	assert_non_null(w);
	for (i = 0; i < nsel; i++) {
		out.len = 0;
		assert_null(c->take(w, world.batch, &sel[i], &out));
		assert_null(c->put(c->arg, out.p, out.len));
	}
	assert_null(c->merge(c->arg, w));
	assert_null(c->finish(c->arg, n));
	c->free(c);
	outbuf_clear(&out);
}

/* What format.h makes of it. */
static size_t
truth(char *to, const struct print *p, const struct flow *f)
{
	struct format_columns cols = {0};
	size_t i;

	for (i = 0; i < p->ncolumns; i++)
		cols.col[cols.n++] = p->columns[i].field;
	switch (p->format) {
	case PRINT_CSV:
		return (format_csv(to, FORMAT_MAX, f, &cols));
	case PRINT_TEXT:
		return (format_text(to, FORMAT_MAX, f, &cols, p->utc));
	default:
		return (format_json(to, FORMAT_MAX, f, &cols));
	}
}

/* So many bytes are. */
static size_t
same(const char *a, const char *b)
{
	size_t n;

	for (n = 0; a[n] == b[n] && a[n] != '\0'; n++)
		;
	return (n < 20 ? 0 : n - 20);
}

static void
compare(const struct print *p, const struct sel *sel)
{
	const char *end, *at = got, *behind;
	char line[FORMAT_MAX];
	size_t i, n;

	ask(p, sel, 1, NULL);
	if (p->format == PRINT_CSV || p->format == PRINT_JSON)
		at = strchr(at, '\n') + 1;
	for (i = 0; i < sel->n; i++) {
		n = truth(line, p, &world.flows[sel_row(sel, (uint32_t)i)]);
		assert_non_null(end = strchr(at, '\n'));
		behind = p->format == PRINT_JSON && i + 1 < sel->n ? "," : "";
		if (end - at != (ptrdiff_t)(n + strlen(behind)) ||
		    memcmp(at, line, n) != 0)
			fail_msg("flow %zu: ...%.60s, not ...%.60s", i,
			    at + same(at, line), line + same(at, line));
		assert_memory_equal(at + n, behind, strlen(behind));
		at = end + 1;
	}
	assert_string_equal(at, p->format == PRINT_JSON ? "]\n" : "");
}

/* All fields, or some of them in any order. */
static void
choose_columns(struct print *p, bool all)
{
	struct print_column c;
	size_t i, k;

	print_columns_all(p);
	if (all)
		return;
	for (i = p->ncolumns - 1; i > 0; i--) {
		k = any(i + 1);
		c = p->columns[i];
		p->columns[i] = p->columns[k];
		p->columns[k] = c;
	}
	p->ncolumns = 1 + any(p->ncolumns);
}

static void
lines_are_those_of_format(unsigned int kinds, bool packed)
{
	static uint16_t some[FLOWS];
	struct print p = {.utc = false};
	struct sel sel;
	unsigned int turn;
	size_t i;

	make_world(kinds, packed);
	for (turn = 0; turn < 40; turn++) {
		p.format = PRINT_TEXT + turn % 4;
		p.utc = any(2) == 0;
		choose_columns(&p, turn < 8);
		sel = (struct sel){.n = FLOWS, .row = NULL};
		if (turn % 8 >= 4) {
			sel = (struct sel){.n = 0, .row = some};
			for (i = 0; i < FLOWS; i++)
				if (any(1 + turn) == 0)
					some[sel.n++] = (uint16_t)i;
		}
		if (sel.n > 0)
			compare(&p, &sel);
	}
	free_world();
}

static void
rows_are_printed_as_format_prints_flows(void **state)
{
	(void)state;
	lines_are_those_of_format(1, false);
	lines_are_those_of_format(6, false);
	lines_are_those_of_format(200, false);
}

static void
blocks_are_printed_as_format_prints_flows(void **state)
{
	(void)state;
	lines_are_those_of_format(1, true);
	lines_are_those_of_format(6, true);
	lines_are_those_of_format(200, true);
}

/* A flow that a person would meet. */
static void
one_flow(struct flow *f, const char *src, const char *dst)
{
	static const enum flow_field has[] = {FLOW_START, FLOW_END,
	    FLOW_PROTOCOL, FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_SRC_PORT,
	    FLOW_DST_PORT, FLOW_TCP_FLAGS, FLOW_PACKETS, FLOW_OCTETS};
	size_t i;

	*f = (struct flow){.protocol = 6,
	    .src_port = 50123,
	    .dst_port = 443,
	    .tcp_flags = 0x1b,
	    .packets = 12,
	    .octets = 1234567};
	f->start = 1795255200 * NSEC_PER_SEC + 123456789;
	f->end = f->start + 62 * NSEC_PER_SEC;
	for (i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		flow_set(f, has[i]);
	assert_int_equal(addr_parse(src, &f->src_addr), 0);
	assert_int_equal(addr_parse(dst, &f->dst_addr), 0);
}

static void
make_few(void)
{
	struct flow f;

	world.rows = rows_new(16, NULL);
	world.batch = batch_new();
	one_flow(&f, "10.0.0.1", "192.168.100.200");
	assert_true(rows_add(world.rows, &f));
	one_flow(&f, "2001:db8::1", "2001:db8:1234:5678:9abc:def0:1234:5678");
	f.protocol = 17;
	flow_unset(&f, FLOW_TCP_FLAGS);
	f.tcp_flags = 0;
	assert_true(rows_add(world.rows, &f));
	one_flow(&f, "10.0.0.2", "10.0.0.3");
	f.protocol = 1;
	flow_unset(&f, FLOW_SRC_PORT);
	flow_unset(&f, FLOW_DST_PORT);
	flow_unset(&f, FLOW_TCP_FLAGS);
	f.tcp_flags = f.src_port = f.dst_port = 0;
	f.end = f.start;
	f.packets = 1;
	f.octets = 84;
	assert_true(rows_add(world.rows, &f));
	batch_set_rows(world.batch, world.rows);
}

static void
a_table_is_for_people(void **state)
{
	static const struct sel all = {.n = 3, .row = NULL};
	struct print p = {.format = PRINT_TABLE, .human = true, .utc = true};

	(void)state;
	make_few();
	print_columns_table(&p);
	ask(&p, &all, 1, NULL);
	assert_string_equal(got,
	    "start                         duration  protocol  "
	    "src_addr:port          dst_addr:port          tcp_flags  "
	    "packets  octets\n"
	    "2026-11-21T10:00:00.123Z     1m02.000s  tcp       "
	    "10.0.0.1:50123         192.168.100.200:443    ...AP.SF   "
	    "     12    1.2M\n"
	    "2026-11-21T10:00:00.123Z     1m02.000s  udp       "
	    "[2001:db8::1]:50123    "
	    "[2001:db8:1234:5678:9abc:def0:1234:5678]:443 - 12 1.2M\n"
	    "2026-11-21T10:00:00.123Z        0.000s  icmp      "
	    "10.0.0.2               10.0.0.3               -          "
	    "      1      84\n");
	p.human = false;
	p.ncolumns = 0;
	assert_int_equal(print_columns(&p, "protocol,octets,duration", got), 0);
	ask(&p, &all, 1, NULL);
	assert_string_equal(got,
	    "protocol        octets      duration\n"
	    "       6       1234567            62\n"
	    "      17       1234567            62\n"
	    "       1            84             0\n");
	free_world();
}

static void
quantities_are_columns_too(void **state)
{
	static const struct sel all = {.n = 3, .row = NULL};
	struct print p = {.format = PRINT_NDJSON};
	char bad[64];

	(void)state;
	make_few();
	assert_int_equal(print_columns(&p, "bytes,duration,bpp,pps", bad), 0);
	ask(&p, &all, 1, NULL);
	assert_string_equal(got,
	    "{\"octets\":1234567,\"duration\":62,\"bpp\":102880,\"pps\":0}\n"
	    "{\"octets\":1234567,\"duration\":62,\"bpp\":102880,\"pps\":0}\n"
	    "{\"octets\":84,\"duration\":0,\"bpp\":84,\"pps\":0}\n");
	p.format = PRINT_CSV;
	ask(&p, &all, 1, NULL);
	assert_string_equal(got,
	    "octets,duration,bpp,pps\n"
	    "1234567,62,102880,0\n"
	    "1234567,62,102880,0\n"
	    "84,0,84,0\n");
	free_world();
}

static void
no_flows_are_whole_answers(void **state)
{
	static const struct {
		enum print_format format;
		const char *text;
	} all[] = {{PRINT_TEXT, ""}, {PRINT_CSV, "octets\n"},
	    {PRINT_JSON, "[]\n"}, {PRINT_NDJSON, ""}, {PRINT_NONE, ""},
	    {PRINT_TABLE, "octets\n"}};
	static const struct sel none = {.n = 0, .row = NULL};
	struct print p = {.human = true};
	size_t i;
	char bad[64];

	(void)state;
	make_few();
	assert_int_equal(print_columns(&p, "octets", bad), 0);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		p.format = all[i].format;
		ask(&p, &none, 1, NULL);
		assert_string_equal(got, all[i].text);
	}
	free_world();
}

static void
batches_are_one_listing(void **state)
{
	static const uint16_t rows[] = {0, 1, 2};
	static const struct sel each[] = {{.n = 1, .row = rows},
	    {.n = 0, .row = NULL}, {.n = 2, .row = rows + 1}};
	struct print p = {.format = PRINT_JSON};
	char bad[64];

	(void)state;
	make_few();
	assert_int_equal(print_columns(&p, "protocol", bad), 0);
	ask(&p, each, 3, NULL);
	assert_string_equal(got,
	    "[\n{\"protocol\":6},\n{\"protocol\":17},\n{\"protocol\":1}\n]\n");
	p.format = PRINT_CSV;
	ask(&p, each, 3, NULL);
	assert_string_equal(got, "protocol\n6\n17\n1\n");
	p.format = PRINT_NONE;
	ask(&p, each, 3, NULL);
	assert_string_equal(got, "");
	free_world();
}

static void
a_table_ends_with_what_was_looked_at(void **state)
{
	static const struct sel all = {.n = 3, .row = NULL};
	static const struct totals n = {.records = 3,
	    .matched = 3,
	    .flows = 3,
	    .packets = 25,
	    .octets = 2469218,
	    .first = 1,
	    .last = 0};
	struct print p = {.format = PRINT_TABLE, .human = true};
	char bad[64];

	(void)state;
	make_few();
	p.summary = true;
	assert_int_equal(print_columns(&p, "protocol", bad), 0);
	ask(&p, &all, 1, &n);
	assert_string_equal(got,
	    "protocol\ntcp\nudp\nicmp\n\n"
	    "3 flows, 25 packets, 2.5M octets\n"
	    "3 of 3 records selected\n");
	free_world();
}

static void
columns_that_are_none_are_named(void **state)
{
	struct print p = {.format = PRINT_CSV};
	char bad[64];

	(void)state;
	assert_int_equal(print_columns(&p, "src_addr,colour", bad), -1);
	assert_string_equal(bad, "colour");
	assert_int_equal(print_columns(&p, "octets,bytes", bad), -1);
	assert_string_equal(bad, "bytes");
	assert_int_equal(print_columns(&p, "", bad), -1);
	assert_string_equal(bad, "");
}

static void
digits_are_those_of_printf(void **state)
{
	char want[32], have[64];
	uint64_t i, v, ten;

	(void)state;
	seed = 4;
	for (i = 0; i < 300000; i++) {
		v = i < 100000 ? i : any_number();
		(void)snprintf(want, sizeof(want), "%llu",
		    (unsigned long long)v);
		*digits_put(have, v) = '\0';
		assert_string_equal(have, want);
	}
	for (ten = 1, i = 0; i < 20; i++, ten *= 10)
		for (v = ten - 1; v != ten + 2; v++) {
			(void)snprintf(want, sizeof(want), "%llu",
			    (unsigned long long)v);
			*digits_put(have, v) = '\0';
			assert_string_equal(have, want);
		}
	*digits_put(have, UINT64_MAX) = '\0';
	assert_string_equal(have, "18446744073709551615");
}

static void
stamps_are_times_in(const char *zone, bool utc)
{
	static const int64_t around[] = {0, 1774746000, 1792890000, -1830000000,
	    1795255200, 943920000, 1238340600, 68166000};
	static struct stamp s;
	char want[64], have[64];
	struct text t;
	int64_t ns;
	size_t i;

	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
	stamp_init(&s, utc);
	for (i = 0; i < 30000; i++) {
		ns = (around[any(8)] + (int64_t)any(10000) - 5000) *
		    NSEC_PER_SEC;
		ns += (int64_t)any(4) == 0 ? 0 : (int64_t)any(NSEC_PER_SEC);
		if (any(100) == 0)
			ns = (int64_t)any_number() * (any(2) == 0 ? 1 : -1);
		text_init(&t, want, sizeof(want));
		text_time(&t, ns, utc);
		text_done(&t);
		*stamp_put(&s, have, ns) = '\0';
		assert_string_equal(have, want);
	}
}

static void
quick_ways_say_the_same(void **state)
{
	static struct stamp s;
	char have[STAMP_ROOM], want[STAMP_ROOM], *end;
	unsigned int i, stamps = 0, seconds = 0;
	struct text t;
	int64_t ns;

	(void)state;
	stamp_init(&s, true);
	for (i = 0; i < 20000; i++) {
		ns = any_time();
		end = stamp_put(&s, have, ns);
		assert_true(end < have + sizeof(have));
		if ((end = stamp_quick(&s, have, (uint64_t)ns)) != NULL) {
			*end = '\0';
			text_init(&t, want, sizeof(want));
			text_time(&t, ns, true);
			text_done(&t);
			assert_string_equal(have, want);
			stamps++;
		}
		ns = i % 2 == 0 ? ns : (int64_t)any(70000) * NSEC_PER_MSEC;
		if ((end = stamp_seconds(&s, have, (uint64_t)ns)) != NULL) {
			*end = '\0';
			text_init(&t, want, sizeof(want));
			value_seconds(&t, ns);
			text_done(&t);
			assert_string_equal(have, want);
			seconds++;
		}
	}
	assert_in_range(stamps, 1000, 19000);
	assert_in_range(seconds, 1000, 19000);
}

static void
stamps_are_those_of_the_calendar(void **state)
{
	(void)state;
	seed = 5;
	stamps_are_times_in("UTC", true);
	/* Summer time, half hours, none of either, and a leap of seconds. */
	stamps_are_times_in("Europe/Berlin", false);
	stamps_are_times_in("Australia/Lord_Howe", false);
	stamps_are_times_in("Asia/Kathmandu", false);
	stamps_are_times_in("America/New_York", false);
	stamps_are_times_in("Africa/Monrovia", false);
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

static int
setup(void **state)
{
	(void)state;
	seed = 1;
	got = malloc(OUTPUT);
	return (got == NULL ? -1 : 0);
}

static int
teardown(void **state)
{
	(void)state;
	free(got);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_printed_as_format_prints_flows),
	    cmocka_unit_test(blocks_are_printed_as_format_prints_flows),
	    cmocka_unit_test(a_table_is_for_people),
	    cmocka_unit_test(quantities_are_columns_too),
	    cmocka_unit_test(no_flows_are_whole_answers),
	    cmocka_unit_test(batches_are_one_listing),
	    cmocka_unit_test(a_table_ends_with_what_was_looked_at),
	    cmocka_unit_test(columns_that_are_none_are_named),
	    cmocka_unit_test(digits_are_those_of_printf),
	    cmocka_unit_test(stamps_are_those_of_the_calendar),
	    cmocka_unit_test(quick_ways_say_the_same),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
