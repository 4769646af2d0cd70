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
 * What rules do to records that come many at a time is what they do to flows
 * one by one: which are kept, with which tags, in which order, and the sums.
 */

#include <sys/types.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flows.h"
#include "intake.h"
#include "samerows.h"
#include "wire.h"

#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)
#define HEAD "listen on 127.0.0.1:2055\narchive \"/a\"\n"

static struct msg m;

/* The truth: each flow, and what becomes of it. */
struct truth {
	struct decoder *d;
	struct filter *filter;
	struct flow f[BLOCK_FLOWS];
	uint32_t kept, discarded;
};

static void
judge(void *arg, struct flow *f)
{
	struct truth *t = arg;

	if (filter_match(t->filter, f) == FILTER_DISCARD)
		t->discarded++;
	else
		t->f[t->kept++] = *f;
}

static struct conf *
parse(const char *text)
{
	const struct conf_input input = {.name = "test",
	    .text = text,
	    .textlen = strlen(text)};
	struct conf *c = conf_parse(&input);

	assert_non_null(c);
	return (c);
}

static void
v5(unsigned int n)
{
	m.len = 0;
	put(&m, 5, 2);
	put(&m, n, 2);
	put(&m, 10000000, 4);
	put(&m, 1700000000, 4);
	put(&m, 0, 12);
	while (n-- > 0) {
		put(&m, 0x0a000000 + flows_random() % 8, 4);
		put(&m, 0x0a000100 + flows_random() % 8, 4);
		put(&m, flows_random() % 3, 4);
		put(&m, flows_random(), 8);
		put(&m, flows_random(), 4);
		put(&m, 9000000 + flows_random() % 1000000, 4);
		put(&m, 9000000 + flows_random() % 1000000, 4);
		put(&m, flows_random() % 4, 2);
		put(&m, flows_random() % 4, 2);
		put(&m, 0x001b, 2);
		put(&m, flows_random() % 2 == 0 ? 6 : 17, 1);
		put(&m, flows_random() % 4, 1);
		put(&m, flows_random(), 8);
	}
}

static void
ipfix(unsigned int n)
{
	static const uint16_t specs[][2] = {{27, 16}, {28, 16}, {152, 8},
	    {153, 8}, {2, 8}, {1, 8}, {7, 2}, {11, 2}, {4, 1}, {32, 2}};
	size_t i;

	ipfix_begin(&m, 1700000000, 0, 7);
	template_set(&m, 2, 256, specs, NSPECS(specs));
	set_begin(&m, 256);
	while (n-- > 0)
		for (i = 0; i < NSPECS(specs); i++)
			switch (specs[i][0]) {
			case 27:
			case 28:
				put(&m, UINT64_C(0x20010db800000000), 8);
				put(&m, flows_random() % 8, 8);
				break;
			case 152:
			case 153:
				put(&m,
				    UINT64_C(1700000000000) -
					flows_random() % 1000000,
				    8);
				break;
			case 7:
			case 11:
				put(&m, flows_random() % 4, 2);
				break;
			default:
				put(&m, flows_random(), specs[i][1]);
			}
	set_end(&m);
	poke16(&m, 2, m.len);
}

static void
feed(struct intake *in, struct truth *t)
{
	const struct udp_datagram d = {.data = m.b,
	    .len = m.len,
	    .time = T0,
	    .from = {.family = ADDR_V4, .b = {192, 0, 2, 1}}};
	const struct dec_source src = {.agent = d.from, .recv_time = T0};
	struct dec_report report;

	in->ledger->n[L_RECEIVED]++;
	intake_datagram(in, &d);
	assert_int_equal(decode_packet(t->d, &src, rd_init(d.data, d.len),
			     &report),
	    DEC_OK);
}

static void
compare(const char *rules)
{
	static struct ledger_page page;
	char name[] = "/tmp/flowd-intake.XXXXXX";
	struct conf *conf = parse(rules), *other = parse(rules);
	struct truth *t = calloc(1, sizeof(*t));
	struct intake in;
	int i, fd = mkstemp(name);

	assert_true(t != NULL && fd != -1);
	unlink(name);
	memset(&page, 0, sizeof(page));
	t->filter = other->filter;
	assert_non_null(t->d = decode_new(NULL, judge, t));
	assert_int_equal(intake_init(&in, &page), 0);
	intake_configure(&in, conf);
	intake_set_archive(&in, fd, 1, 0);
	for (i = 0; i < 60; i++) {
		v5(1 + i % 30);
		feed(&in, t);
		ipfix(1 + i % 14);
		feed(&in, t);
	}
	if (t->kept > 0)
		same_rows(in.archive.now.rows, t->f, t->kept);
	else
		assert_int_equal(intake_waiting(&in), 0);
	assert_null(ledger_check(&page.ledger));
	assert_int_equal(page.ledger.n[L_ACCEPTED], t->kept);
	assert_int_equal(page.ledger.n[L_DISCARDED], t->discarded);
	assert_int_equal(page.ledger.n[L_RECORDS], t->kept + t->discarded);
	assert_int_equal(page.ledger.n[L_UNLOGGED], t->kept);
	assert_int_equal(page.ledger.n[L_ARCHIVE_PENDING], t->kept);
	intake_clear(&in);
	decode_free(t->d);
	free(t);
	conf_free(conf);
	conf_free(other);
}

static void
without_rules_all_are_kept(void **state)
{
	(void)state;
	compare(HEAD);
	compare(HEAD "accept all\n");
}

static void
what_rules_discard_is_cut_out(void **state)
{
	(void)state;
	compare(HEAD "discard all\n");
	compare(HEAD "discard src 10.0.0.0/31\n");
	compare(HEAD "discard src port 1\ndiscard dst port 2 proto tcp\n");
	compare(HEAD "discard all\naccept dst 10.0.1.3\n"
		     "accept dst 2001:db8::5\n");
	compare(HEAD "discard agent 192.0.2.0/24\naccept proto udp\n");
}

static void
tags_are_those_of_each_flow(void **state)
{
	(void)state;
	compare(HEAD "accept tag 7 all\n");
	compare(HEAD "accept tag 1 proto tcp\ndiscard src port 3\n"
		     "accept tag 0 dst port 0\n");
	compare(HEAD "accept all\naccept tag 3 src 10.0.0.0/30\n"
		     "discard quick dst 2001:db8::/127\n"
		     "accept tag 4 src 2001:db8::/126\n");
}

static void
more_than_a_block_is_flushed_and_counted(void **state)
{
	static struct ledger_page page;
	char name[] = "/tmp/flowd-intake.XXXXXX";
	struct conf *conf = parse(HEAD);
	struct udp_datagram d = {.data = m.b,
	    .time = T0,
	    .from = {.family = ADDR_V4, .b = {192, 0, 2, 1}}};
	struct intake in;
	int i, fd = mkstemp(name);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(intake_init(&in, &page), 0);
	intake_configure(&in, conf);
	/* There is none: all are lost for that. */
	v5(30);
	d.len = m.len;
	page.ledger.n[L_RECEIVED]++;
	intake_datagram(&in, &d);
	assert_int_equal(page.ledger.n[L_ARCHIVE_LOST_NOLOG], 30);
	assert_null(ledger_check(&page.ledger));
	intake_set_archive(&in, fd, 1, 0);
	for (i = 0; i < 1000; i++) {
		page.ledger.n[L_RECEIVED]++;
		intake_datagram(&in, &d);
		assert_null(ledger_check(&page.ledger));
	}
	intake_flush(&in);
	assert_null(ledger_check(&page.ledger));
	assert_int_equal(page.ledger.n[L_ACCEPTED], 30030);
	assert_int_equal(page.ledger.n[L_ARCHIVE_LOST_NOLOG], 30);
	assert_int_equal(page.ledger.n[L_ARCHIVED], 30000);
	intake_clear(&in);
	conf_free(conf);
	unlink(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_rules_all_are_kept),
	    cmocka_unit_test(what_rules_discard_is_cut_out),
	    cmocka_unit_test(tags_are_those_of_each_flow),
	    cmocka_unit_test(more_than_a_block_is_flushed_and_counted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
