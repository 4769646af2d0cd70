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

#include <sys/types.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "intake.h"

static char path[] = "/tmp/flowd-intake.XXXXXX";

/* What a crash leaves of the first write is found by this. */
static void
end_of_a_log_is_noted_before_the_first_write(void **state)
{
	static struct ledger_page page;
	struct intake in;
	int fd;

	(void)state;
	assert_true((fd = mkstemp(path)) != -1);
	unlink(path);
	assert_int_equal(write(fd, "what was there", 14), 14);
	assert_int_equal(intake_init(&in, &page), 0);
	intake_set_log(&in, fd, 7, false);
	assert_int_equal(page.log[0].number, 7);
	assert_int_equal(page.log[0].end, 14);
	intake_set_log(&in, -1, 8, false);
	assert_int_equal(page.log[0].number, 0);
	intake_clear(&in);
}

static void
silent(void *arg, bool error, const char *msg)
{
	(void)arg;
	(void)error;
	(void)msg;
}

static struct conf *
parse(const char *text)
{
	const struct conf_input input = {.name = "test",
	    .text = text,
	    .textlen = strlen(text),
	    .say = silent};

	return (conf_parse(&input));
}

/* A datagram of version 5 with so many flows. */
static void
receive(struct intake *in, uint16_t flows, int64_t when)
{
	static uint8_t buf[24 + 30 * 48];
	struct udp_datagram d = {.data = buf,
	    .len = 24 + flows * 48UL,
	    .time = when,
	    .from = {.family = ADDR_V4, .b = {192, 0, 2, 1}}};

	memset(buf, 0, sizeof(buf));
	buf[1] = 5;
	buf[3] = (uint8_t)flows;
	in->ledger->n[L_RECEIVED]++;
	intake_datagram(in, &d);
}

/* The totals and the exporter's: both add up, and have that many. */
static void
expect(const struct intake *in, enum ledger_counter c, uint64_t n)
{
	const struct addr from = {.family = ADDR_V4, .b = {192, 0, 2, 1}};
	const struct peer *p = peer_find(in->peers, &from, 0);

	assert_non_null(p);
	assert_null(ledger_check(in->ledger));
	assert_null(ledger_check(&p->ledger));
	assert_int_equal(in->ledger->n[c], n);
	assert_int_equal(p->ledger.n[c], n);
}

#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)

static void
every_accepted_flow_has_a_fate_in_log_and_archive(void **state)
{
	static struct ledger_page page;
	char name[] = "/tmp/flowd-intake.XXXXXX";
	struct conf *conf =
	    parse("listen on 127.0.0.1:2055\narchive \"/a\"\naccept all\n");
	struct conf *none =
	    parse("listen on 127.0.0.1:2055\nlogfile \"/l\"\naccept all\n");
	struct intake in;
	int fd = mkstemp(name);

	(void)state;
	assert_true(conf != NULL && none != NULL && fd != -1);
	assert_int_equal(intake_init(&in, &page), 0);
	intake_configure(&in, conf);
	receive(&in, 3, T0);
	expect(&in, L_ARCHIVE_LOST_NOLOG, 3);
	expect(&in, L_UNLOGGED, 3);
	intake_set_archive(&in, dup(fd), 7, 0);
	assert_int_equal(page.archive[0].number, 7);
	assert_int_equal(page.archive[0].end, 0);
	receive(&in, 30, T0);
	expect(&in, L_ARCHIVE_PENDING, 30);
	assert_int_equal(intake_waiting(&in), 30);
	intake_flush(&in);
	expect(&in, L_ARCHIVE_PENDING, 0);
	expect(&in, L_ARCHIVED, 30);
	assert_int_equal(page.archive[0].end, lseek(fd, 0, SEEK_END));
	assert_int_equal(page.archive[0].end, page.ledger.n[L_ARCHIVED_BYTES]);
	arcfile_hold(&in.archive, true);
	receive(&in, 5, T0);
	intake_flush(&in);
	expect(&in, L_ARCHIVE_PENDING, 5);
	intake_give_up(&in);
	expect(&in, L_ARCHIVE_LOST_SPACE, 5);
	intake_configure(&in, none);
	receive(&in, 2, T0);
	expect(&in, L_UNARCHIVED, 2);
	expect(&in, L_PENDING, 2);
	expect(&in, L_ACCEPTED, 40);
	intake_clear(&in);
	conf_free(conf);
	conf_free(none);
	unlink(name);
	close(fd);
}

static void
both_segments_are_noted_around_their_change(void **state)
{
	static struct ledger_page page;
	char name[2][26] = {"/tmp/flowd-intake.XXXXXX",
	    "/tmp/flowd-intake.XXXXXX"};
	struct conf *conf =
	    parse("listen on 127.0.0.1:2055\narchive \"/a\"\naccept all\n");
	struct intake in;
	int fd[2] = {mkstemp(name[0]), mkstemp(name[1])};

	(void)state;
	assert_true(conf != NULL && fd[0] != -1 && fd[1] != -1);
	assert_int_equal(intake_init(&in, &page), 0);
	intake_configure(&in, conf);
	intake_set_archive(&in, dup(fd[0]), 1, 0);
	intake_set_archive(&in, dup(fd[1]), 2, T0 + 5);
	receive(&in, 2, T0 + 4);
	receive(&in, 3, T0 + 5);
	intake_flush(&in);
	expect(&in, L_ARCHIVED, 5);
	assert_int_equal(page.archive[0].number, 1);
	assert_int_equal(page.archive[0].end, lseek(fd[0], 0, SEEK_END));
	assert_int_equal(page.archive[1].number, 2);
	assert_int_equal(page.archive[1].end, lseek(fd[1], 0, SEEK_END));
	intake_pass(&in, T0 + 5);
	assert_true(in.archive.left);
	assert_int_equal(page.archive[0].number, 2);
	assert_int_equal(page.archive[1].number, 0);
	intake_clear(&in);
	conf_free(conf);
	unlink(name[0]);
	unlink(name[1]);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(end_of_a_log_is_noted_before_the_first_write),
	    cmocka_unit_test(every_accepted_flow_has_a_fate_in_log_and_archive),
	    cmocka_unit_test(both_segments_are_noted_around_their_change),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
