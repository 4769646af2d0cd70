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
#include <sys/stat.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "learned.h"

#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)
#define EXPORTERS 60
#define CONF "listen on 127.0.0.1:2055\nlogfile \"/l\"\n"

static void
silent(void *arg, bool error, const char *msg)
{
	(void)arg;
	(void)error;
	(void)msg;
}

/* A collector, as far as it learns. */
struct one {
	struct intake in;
	struct ledger_page page;
	struct learned learned;
	struct conf *conf;
};

static struct one *
one_new(void)
{
	const struct conf_input input = {.name = "test",
	    .text = CONF,
	    .textlen = strlen(CONF),
	    .say = silent};
	struct one *o = calloc(1, sizeof(*o));

	assert_non_null(o);
	assert_int_equal(intake_init(&o->in, &o->page), 0);
	assert_non_null(o->conf = conf_parse(&input));
	intake_configure(&o->in, o->conf);
	return (o);
}

static void
one_free(struct one *o)
{
	intake_clear(&o->in);
	conf_free(o->conf);
	free(o);
}

static struct addr
exporter(uint32_t i)
{
	return ((struct addr){.family = ADDR_V4, .b = {10, 0, 0, (uint8_t)i}});
}

/* Version 9 from 10.0.0.i: one set of that id with these bytes. */
static void
receive(struct one *o, uint32_t i, uint16_t set, const uint16_t body[3])
{
	uint8_t buf[20 + 4 + 12] = {0, 9, 0, 1};
	struct udp_datagram d = {.data = buf,
	    .len = 20 + 4 + 8,
	    .time = T0,
	    .from = exporter(i)};
	int k;

	/* Its clock is right. */
	buf[8] = 0x65;
	buf[9] = 0x53;
	buf[10] = 0xf1;
	buf[20] = (uint8_t)(set >> 8);
	buf[21] = (uint8_t)set;
	buf[23] = 4 + 8;
	for (k = 0; k < 3; k++) {
		buf[24 + 2 * k] = (uint8_t)(body[k] >> 8);
		buf[25 + 2 * k] = (uint8_t)body[k];
	}
	/* One field, of four bytes. */
	if (set == 0)
		buf[31] = 4;
	else
		d.len = 20 + 4 + 4;
	if (set != 0)
		buf[23] = 4 + 4;
	o->page.ledger.n[L_RECEIVED]++;
	intake_datagram(&o->in, &d);
}

static void
teach(struct one *o, uint32_t i, uint16_t id)
{
	const uint16_t body[] = {id, 1, 8};

	receive(o, i, 0, body);
}

/* Is what it sends with that template understood? */
static bool
knows(struct one *o, uint32_t i, uint16_t id)
{
	const uint16_t body[] = {0x0a01, 0x0203, 0};
	uint64_t had = o->page.ledger.n[L_RECORDS];

	receive(o, i, id, body);
	return (o->page.ledger.n[L_RECORDS] == had + 1);
}

/* What it learned, as a file of that time. */
static int
file_of(struct one *o, time_t when)
{
	const struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};
	char name[] = "/tmp/flowd-learned.XXXXXX";
	uint64_t bytes;
	int fd = mkstemp(name);

	assert_int_not_equal(fd, -1);
	unlink(name);
	assert_int_equal(learned_save(&o->learned, &o->in, NULL, dup(fd)), 0);
	assert_true(learned_wrote(&o->learned, NULL, &o->learned.w, &bytes));
	assert_true(bytes > 0);
	assert_int_equal(futimens(fd, times), 0);
	return (fd);
}

static void
load(struct one *o, const struct share *s, const int *fd, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(lseek(fd[i], 0, SEEK_SET), 0);
	learned_load(&o->learned, &o->in, s, fd, n);
}

static void
each_worker_keeps_its_own_exporters(void **state)
{
	struct share s = {.workers = 3};
	struct one *o = one_new();
	struct addr a;
	uint32_t i;
	int fd;

	(void)state;
	for (i = 0; i < EXPORTERS; i++)
		teach(o, i, 256);
	assert_true(knows(o, 7, 256));
	fd = file_of(o, 1000);
	one_free(o);
	for (; s.worker < s.workers; s.worker++) {
		o = one_new();
		load(o, &s, &fd, 1);
		for (i = 0; i < EXPORTERS; i++) {
			a = exporter(i);
			assert_int_equal(knows(o, i, 256),
			    allot_of(&a, s.workers) == s.worker);
		}
		one_free(o);
	}
	close(fd);
}

static void
where_there_are_groups_the_first_keeps_all(void **state)
{
	struct share s = {.workers = 3, .groups = true};
	struct one *o = one_new();
	uint32_t i, n;
	int fd;

	(void)state;
	for (i = 0; i < EXPORTERS; i++)
		teach(o, i, 256);
	fd = file_of(o, 1000);
	one_free(o);
	for (; s.worker < s.workers; s.worker++) {
		o = one_new();
		load(o, &s, &fd, 1);
		for (i = 0, n = 0; i < EXPORTERS; i++)
			n += knows(o, i, 256);
		assert_true(s.worker == 0 ? n == EXPORTERS : n < EXPORTERS / 2);
		one_free(o);
	}
	close(fd);
}

/* As when there were other numbers of workers before. */
static void
of_several_files_the_latest_tells_of_an_exporter(void **state)
{
	const struct share s = {.workers = 1};
	struct one *old = one_new(), *now = one_new(), *o = one_new();
	int fd[2];

	(void)state;
	teach(old, 1, 256);
	teach(old, 2, 300);
	teach(now, 1, 257);
	teach(now, 3, 301);
	fd[0] = file_of(old, 1000);
	fd[1] = file_of(now, 2000);
	load(o, &s, fd, 2);
	assert_false(knows(o, 1, 256));
	assert_true(knows(o, 1, 257));
	assert_true(knows(o, 2, 300));
	assert_true(knows(o, 3, 301));
	one_free(old);
	one_free(now);
	one_free(o);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_worker_keeps_its_own_exporters),
	    cmocka_unit_test(where_there_are_groups_the_first_keeps_all),
	    cmocka_unit_test(of_several_files_the_latest_tells_of_an_exporter),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
