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
 * A keeper with segments of several workers, of whom one lies.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <unistd.h>

#include "keeper.h"
#include "tests/unit/kept.h"

/* Who it is given to, and from when. */
static int
given_to(struct keeper *k, uint32_t worker, uint32_t nth, int64_t from)
{
	struct keeper_gift g;

	assert_true(keeper_give(k, worker, &now, nth, &g));
	assert_int_equal(g.from, from * 1000000000);
	return (g.fd);
}

static off_t
length(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (st.st_size);
}

static void
each_worker_has_its_own_segments(void **state)
{
	/* The second one lies: it names the first one's, and ends it at 0. */
	const struct ledger_segment lies[LEDGER_SEGMENTS] = {
	    {.number = 1, .end = 0, .flows = 4711}};
	struct keeper *k = keep();
	struct sealing_job job;
	struct keeper_gift g;
	enum logopen_cut done;
	int a, b, mine;

	(void)state;
	a = given_to(k, 0, 1, NOON);
	b = given_to(k, 1, 2, NOON);
	assert_false(keeper_give(k, 0, &now, 3, &g));
	assert_false(keeper_give(k, 1, &now, 4, &g));
	assert_int_equal(write(a, "12345", 5), 5);
	assert_int_equal(write(b, "123", 3), 3);
	mine = dup(a);
	/* It cannot cut, leave, or ask for what is not its own. */
	assert_false(keeper_cut(k, 1, 1, 0, &done));
	assert_true(keeper_cut(k, 1, 2, 1, &done));
	assert_int_equal(done, CUT_DONE);
	assert_int_equal(length(b), 1);
	keeper_renew(k, 1, 1);
	assert_false(keeper_give(k, 0, &now, 3, &g));
	keeper_counted(k, 1, lies);
	/* It crashes: what is its own alone is cut, and left. */
	assert_true(keeper_crashed(k, 1, lies));
	keeper_abandon(k, 1);
	assert_int_equal(length(mine), 5);
	close(mine);
	pass(300);
	/* The span has a writer yet. */
	given_to(k, 0, 3, NOON + 300);
	keeper_tick(k, &now);
	assert_false(keeper_seal(k, &now, &job));
	keeper_left(k, 0, 3);
	assert_true(keeper_seal(k, &now, &job));
	assert_int_equal(job.ninputs, 1);
	keeper_seal_ended(k, &now, NULL);
	keeper_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_worker_has_its_own_segments,
		setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
