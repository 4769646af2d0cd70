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
 * The keeper under a clock of the test's own.  Its directory is looked at with
 * the file system's eyes only.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "archive/block.h"
#include "keeper.h"
#include "log.h"
#include "segdir.h"
#include "tests/unit/kept.h"

#define DAY "2026/11/21/"

static char listing[4096];

/* Expect a segment from a time on. */
static int
given(struct keeper *k, int64_t from)
{
	struct keeper_gift g;

	assert_true(keeper_give(k, 0, &now, ++number, &g));
	assert_int_equal(g.from, from * 1000000000);
	assert_int_equal(g.number, number);
	return (g.fd);
}

static void
nothing_given(struct keeper *k)
{
	struct keeper_gift g;

	assert_false(keeper_give(k, 0, &now, number + 1, &g));
}

static char names[256][96];
static int nnames;

static int
note(const char *name, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (flag != FTW_D && flag != FTW_DP)
		snprintf(names[nnames++], sizeof(names[0]), "%s",
		    name + strlen(path) + 1);
	return (0);
}

static int
by_name(const void *a, const void *b)
{
	return (strcmp(a, b));
}

/* All files, in order, with a blank between. */
static const char *
files(void)
{
	int i;

	nnames = 0;
	assert_int_equal(nftw(path, note, 8, FTW_PHYS), 0);
	qsort(names, (size_t)nnames, sizeof(names[0]), by_name);
	listing[0] = '\0';
	for (i = 0; i < nnames; i++) {
		strlcat(listing, i == 0 ? "" : " ", sizeof(listing));
		strlcat(listing, names[i], sizeof(listing));
	}
	return (listing);
}

static void
put(const char *name, size_t size)
{
	char full[256], *slash;
	int fd;

	snprintf(full, sizeof(full), "%s/%s", path, name);
	for (slash = full + strlen(top) + 1;
	     (slash = strchr(slash, '/')) != NULL; *slash++ = '/') {
		*slash = '\0';
		(void)mkdir(full, 0755);
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

/* What it says to the end of a job. */
static struct sealing_done
saying(const struct sealing_job *job)
{
	struct sealing_done done = {.end = SEAL_DONE, .what = "done"};
	struct stat st;
	size_t i;

	for (i = 0; i < job->ninputs; i++) {
		assert_int_equal(fstat(job->inputs[i], &st), 0);
		done.totals.bytes_in += (uint64_t)st.st_size;
	}
	return (done);
}

/*
 * What the sealing process would do: here, all of the inputs in a row, with
 * as much of the beginning as a segment has.
 */
static bool
sealed(struct keeper *k)
{
	struct sealing_job job;
	struct sealing_done done;
	char buf[4096];
	static const char magic[] = BLOCK_MAGIC;
	ssize_t len;
	size_t i, j;

	if (!keeper_seal(k, &now, &job))
		return (false);
	done = saying(&job);
	for (i = 0; i < job.ninputs; i++)
		while ((len = read(job.inputs[i], buf, sizeof(buf))) > 0) {
			for (j = 0; j < (size_t)len; j++)
				if (done.totals.bytes_out + j < BLOCK_MAGICLEN)
					buf[j] =
					    magic[done.totals.bytes_out + j];
			assert_int_equal(write(job.output, buf, (size_t)len),
			    len);
			done.totals.bytes_out += (uint64_t)len;
		}
	done.totals.flows_in = done.totals.flows_out = done.totals.bytes_out;
	keeper_seal_started(k);
	keeper_seal_ended(k, &now, &done);
	return (true);
}

/* A sealing process that writes this, and says what it likes. */
static void
lies(struct keeper *k, const char *what, const struct reseal_totals *t)
{
	struct sealing_job job;
	struct sealing_done done;

	pass(4000);
	assert_true(keeper_seal(k, &now, &job));
	done = saying(&job);
	assert_int_equal(write(job.output, what, strlen(what)), strlen(what));
	done.totals.flows_in = t->flows_in;
	done.totals.flows_out = t->flows_out;
	done.totals.bytes_in += t->bytes_in;
	done.totals.bytes_out = strlen(what);
	done.totals.damaged = t->damaged;
	keeper_seal_started(k);
	keeper_seal_ended(k, &now, &done);
}

static void
segments_are_handed_over_before_their_time(void **state)
{
	struct keeper *k = keep();

	(void)state;
	pass(7);
	given(k, NOON);
	assert_string_equal(files(), DAY "20261121T120000Z-5m.live");
	nothing_given(k);
	pass(300 - 7 - 31);
	nothing_given(k);
	pass(1);
	given(k, NOON + 300);
	assert_string_equal(files(),
	    DAY "20261121T120000Z-5m.live " DAY "20261121T120500Z-5m.live");
	pass(30);
	nothing_given(k);
	keeper_left(k, 0, 2);
	nothing_given(k);
	/* Nothing was written to the first. */
	assert_string_equal(files(), DAY "20261121T120500Z-5m.live");
	pass(270);
	given(k, NOON + 600);
	keeper_close(k);
}

static void
no_time_is_missed_and_no_file_met_twice(void **state)
{
	struct keeper *k = keep();

	(void)state;
	assert_int_equal(write(given(k, NOON), "x", 1), 1);
	/* A jump ahead: at once. */
	pass(3601);
	assert_int_equal(write(given(k, NOON + 3600), "xx", 2), 2);
	keeper_left(k, 0, number);
	/* Back: a copy, for the name is taken. */
	now.wall -= 3601;
	assert_int_equal(write(given(k, NOON), "xxx", 3), 3);
	keeper_left(k, 0, number);
	assert_string_equal(files(),
	    DAY "20261121T120000Z-5m-2.live " DAY
		"20261121T120000Z-5m.live " DAY "20261121T130000Z-5m.live");
	/* That one is in the future and complete. */
	assert_true(sealed(k));
	assert_false(sealed(k));
	keeper_close(k);
	/* A restart: another copy. */
	k = keep();
	assert_int_equal(write(given(k, NOON), "xxxx", 4), 4);
	assert_string_equal(files(),
	    DAY "20261121T120000Z-5m-2.live " DAY
		"20261121T120000Z-5m-3.live " DAY
		"20261121T120000Z-5m.live " DAY "20261121T130000Z-5m.flow");
	keeper_abandon(k, 0);
	pass(3601);
	given(k, NOON + 3600);
	assert_true(sealed(k));
	assert_string_equal(files(),
	    DAY "20261121T120000Z-5m.flow " DAY
		"20261121T130000Z-5m-2.live " DAY "20261121T130000Z-5m.flow");
	assert_int_equal(stats.sealed, 4);
	assert_int_equal(stats.sealed_flows, 1 + 2 + 3 + 4);
	keeper_close(k);
}

static void
what_a_crash_left_is_finished(void **state)
{
	struct keeper *k;

	(void)state;
	put(DAY "20261121T100000Z-1h.seal", 100);
	put(DAY "20261121T100000Z-5m.flow", 10);
	put(DAY "20261121T105500Z-5m-2.live", 10);
	put(DAY "20261121T110000Z-5m.flow", 10);
	put(DAY "20261121T110500Z-5m.tmp", 10);
	put(DAY "20261121T110500Z-5m.live", 10);
	put(DAY "20261121T111000Z-5m.seal", 10);
	put(DAY "20261121T111000Z-5m.flow", 20);
	k = keep();
	assert_string_equal(files(),
	    DAY "20261121T100000Z-1h.flow " DAY "20261121T110000Z-5m.flow " DAY
		"20261121T110500Z-5m.live " DAY "20261121T111000Z-5m.flow");
	assert_true(sealed(k));
	assert_false(sealed(k));
	assert_string_equal(files(),
	    DAY "20261121T100000Z-1h.flow " DAY "20261121T110000Z-5m.flow " DAY
		"20261121T110500Z-5m.flow " DAY "20261121T111000Z-5m.flow");
	keeper_tick(k, &now);
	assert_int_equal(stats.bytes, 100 + 10 + 10 + 10);
	keeper_close(k);
}

static void
what_is_not_ours_is_left_alone(void **state)
{
	char target[256], link[256];
	struct keeper *k;

	(void)state;
	put("2026/11/21/notes", 10);
	put("2026/11/20/20261121T100000Z-5m.tmp", 10); /* another day's */
	put("2026/11/21/20261121T100000Z-5m.tmp.old", 10);
	put("lost+found/20261121T100000Z-5m.tmp", 10);
	snprintf(target, sizeof(target), "%s/elsewhere", top);
	assert_int_equal(mkdir(target, 0755), 0);
	snprintf(link, sizeof(link), "%s/2025", path);
	assert_int_equal(symlink(target, link), 0);
	snprintf(link, sizeof(link), "%s/" DAY "20261121T090000Z-5m.live",
	    path);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	conf.keep = 1;
	conf.maxsize = 1;
	k = keep();
	keeper_tick(k, &now);
	assert_false(sealed(k));
	assert_string_equal(files(),
	    "2025 2026/11/20/20261121T100000Z-5m.tmp " DAY
	    "20261121T090000Z-5m.live " DAY "20261121T100000Z-5m.tmp.old " DAY
	    "notes lost+found/20261121T100000Z-5m.tmp");
	assert_int_equal(stats.expired, 0);
	/* Nor is a name that is taken used, whoever has it. */
	now.wall = NOON - 3 * 3600;
	given(k, NOON - 3 * 3600);
	assert_non_null(strstr(files(), "20261121T090000Z-5m-2.live"));
	keeper_close(k);
}

static void
the_oldest_go_and_never_the_open_one(void **state)
{
	struct keeper *k;

	(void)state;
	put("2026/11/19/20261119T235500Z-5m.flow", 100);
	put("2026/11/20/20261120T110000Z-1h.flow", 100);
	put("2026/11/20/20261120T120000Z-1h.flow", 100);
	put("2026/11/21/20261121T110000Z-1h.flow", 100);
	conf.keep = 86400;
	k = keep();
	assert_int_equal(write(given(k, NOON), "x", 1), 1);
	keeper_tick(k, &now);
	/* To the second: 11:00 to 12:00 of yesterday is over, 24 h ago. */
	assert_string_equal(files(),
	    "2026/11/20/20261120T120000Z-1h.flow " DAY
	    "20261121T110000Z-1h.flow " DAY "20261121T120000Z-5m.live");
	snprintf(listing, sizeof(listing), "%s/2026/11/19", path);
	assert_int_equal(access(listing, F_OK), -1);
	assert_int_equal(stats.expired, 2);
	assert_int_equal(stats.expired_bytes, 200);
	conf.keep = 0;
	conf.maxsize = 101;
	assert_int_equal(keeper_configure(k, &conf), 0);
	keeper_tick(k, &now);
	assert_string_equal(files(),
	    DAY "20261121T110000Z-1h.flow " DAY "20261121T120000Z-5m.live");
	conf.maxsize = 0;
	conf.minfree = UINT64_MAX / 2;
	assert_int_equal(keeper_configure(k, &conf), 0);
	keeper_tick(k, &now);
	assert_string_equal(files(), DAY "20261121T120000Z-5m.live");
	assert_true(stats.low);
	assert_false(keeper_held(k));
	conf.minfree_action = MINFREE_STOP;
	assert_int_equal(keeper_configure(k, &conf), 0);
	keeper_tick(k, &now);
	assert_true(keeper_held(k));
	conf.minfree = 1;
	assert_int_equal(keeper_configure(k, &conf), 0);
	keeper_tick(k, &now);
	assert_false(keeper_held(k));
	keeper_close(k);
}

static void
a_clock_set_ahead_by_mistake_costs_nothing(void **state)
{
	struct keeper *k;

	(void)state;
	put(DAY "20261121T110000Z-1h.flow", 100);
	conf.keep = 86400;
	k = keep();
	keeper_tick(k, &now);
	now.wall += 400 * 86400;
	keeper_tick(k, &now);
	assert_string_equal(files(), DAY "20261121T110000Z-1h.flow");
	pass(3599);
	keeper_tick(k, &now);
	assert_string_equal(files(), DAY "20261121T110000Z-1h.flow");
	/* But if it stays so, that is the time. */
	pass(1);
	keeper_tick(k, &now);
	assert_string_equal(files(), "");
	keeper_close(k);
}

static void
complete_spans_are_merged(void **state)
{
	struct keeper *k;
	char name[64];
	int i;

	(void)state;
	conf.merge = 3600;
	for (i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), DAY "20261121T10%02d00Z-5m.flow",
		    i * 5);
		put(name, 10);
	}
	put(DAY "20261121T110000Z-5m.flow", 10);
	put(DAY "20261121T115500Z-5m.live", 10);
	put(DAY "20261121T120000Z-5m.flow", 10);
	put(DAY "20261121T120500Z-5m.flow", 10);
	k = keep();
	/* What is not sealed yet comes first. */
	assert_true(sealed(k));
	assert_non_null(strstr(files(), "T115500Z-5m.flow"));
	assert_true(sealed(k));
	assert_true(sealed(k));
	assert_false(sealed(k));
	/* The hour of noon is not over. */
	assert_string_equal(files(),
	    DAY "20261121T100000Z-1h.flow " DAY "20261121T110000Z-1h.flow " DAY
		"20261121T120000Z-5m.flow " DAY "20261121T120500Z-5m.flow");
	assert_int_equal(stats.merged, 12 + 2);
	pass(3600);
	assert_true(sealed(k));
	assert_string_equal(files(),
	    DAY "20261121T100000Z-1h.flow " DAY "20261121T110000Z-1h.flow " DAY
		"20261121T120000Z-1h.flow");
	keeper_close(k);
}

static void
many_are_merged_in_steps(void **state)
{
	struct keeper *k;
	char name[64];
	int i, steps = 0;

	(void)state;
	conf.rotate = 60;
	conf.merge = 86400;
	for (i = 0; i < 1440; i++) {
		snprintf(name, sizeof(name),
		    "2026/11/20/20261120T%02d%02d00Z-1m.flow", i / 60, i % 60);
		put(name, 1);
	}
	k = keep();
	while (sealed(k))
		steps++;
	assert_string_equal(files(), "2026/11/20/20261120T000000Z-1d.flow");
	keeper_tick(k, &now);
	assert_int_equal(stats.bytes, 1440);
	assert_in_range(steps, 2, 10);
	keeper_close(k);
}

static void
what_cannot_be_sealed_stays_and_is_tried_again(void **state)
{
	struct sealing_done done = {.end = SEAL_WRITE, .what = "no room"};
	struct sealing_job job;
	struct keeper *k;
	int i;

	(void)state;
	put(DAY "20261121T110000Z-5m.live", 10);
	k = keep();
	for (i = 0; i < 3; i++) {
		assert_true(keeper_seal(k, &now, &job));
		keeper_seal_started(k);
		keeper_seal_ended(k, &now, &done);
		assert_string_equal(files(), DAY "20261121T110000Z-5m.live");
		assert_false(keeper_seal(k, &now, &job));
		pass(29 << i);
		assert_false(keeper_seal(k, &now, &job));
		pass(5 << i);
	}
	/* One that says it is done and is not: likewise. */
	done.end = SEAL_DONE;
	done.totals.flows_in = done.totals.flows_out = 1;
	done.totals.bytes_out = 7;
	assert_true(keeper_seal(k, &now, &job));
	keeper_seal_started(k);
	keeper_seal_ended(k, &now, &done);
	assert_string_equal(files(), DAY "20261121T110000Z-5m.live");
	assert_int_equal(stats.seal_failed, 4);
	pass(3600);
	assert_true(sealed(k));
	assert_string_equal(files(), DAY "20261121T110000Z-5m.flow");
	keeper_close(k);
}

static void
what_somebody_writes_to_is_not_sealed(void **state)
{
	struct keeper *k = keep();
	struct sealing_job job;
	int fd;

	(void)state;
	fd = given(k, NOON);
	assert_int_equal(write(fd, "x", 1), 1);
	fd = dup(fd); /* a collector that outlives the parent */
	keeper_close(k);
	k = keep();
	pass(600);
	assert_false(keeper_seal(k, &now, &job));
	assert_int_equal(write(fd, "y", 1), 1);
	close(fd);
	pass(10);
	assert_true(sealed(k));
	assert_int_equal(stats.sealed_flows, 2);
	assert_int_equal(stats.seal_failed, 0);
	keeper_close(k);
}

static void
a_writer_in_its_span_ends_a_sealing(void **state)
{
	struct sealing_done done = {.end = SEAL_ENDS, .what = "killed"};
	struct keeper *k;
	struct sealing_job job;

	(void)state;
	put(DAY "20261121T110000Z-1h.live", 10);
	k = keep();
	assert_true(keeper_seal(k, &now, &job));
	keeper_seal_started(k);
	assert_false(keeper_seal_cancelled(k));
	now.wall -= 1800;
	given(k, NOON - 1800);
	assert_true(keeper_seal_cancelled(k));
	keeper_seal_ended(k, &now, &done);
	assert_string_equal(files(),
	    DAY "20261121T110000Z-1h.live " DAY "20261121T113000Z-5m.live");
	assert_int_equal(stats.seal_failed, 0);
	keeper_close(k);
}

/* What stood there a second or two ago is out of a collector's reach. */
static void
a_cut_takes_back_a_block_and_no_more(void **state)
{
	struct ledger_segment counted[LEDGER_SEGMENTS] = {{1, 100, 0},
	    {2, 5, 0}};
	enum logopen_cut done;
	struct keeper *k = keep();
	struct stat st;
	int fd, next;

	(void)state;
	now.wall += 290;
	fd = given(k, NOON);
	assert_int_equal(ftruncate(fd, 100), 0);
	keeper_tick(k, &now);
	keeper_tick(k, &now);
	assert_int_equal(ftruncate(fd, 150), 0);
	assert_false(keeper_cut(k, 0, 2, 0, &done));
	assert_true(keeper_cut(k, 0, 1, 99, &done));
	assert_int_equal(done, CUT_FORBIDDEN);
	assert_true(keeper_cut(k, 0, 1, 151, &done));
	assert_int_equal(done, CUT_FORBIDDEN);
	assert_true(keeper_cut(k, 0, 1, 120, &done));
	assert_int_equal(done, CUT_DONE);
	/* A crash: of both that were written to. */
	next = given(k, NOON + 300);
	assert_int_equal(ftruncate(next, 7), 0);
	assert_true(keeper_crashed(k, 0, counted));
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 100);
	assert_int_equal(fstat(next, &st), 0);
	assert_int_equal(st.st_size, 5);
	keeper_close(k);
}

static void
one_directory_has_one_keeper(void **state)
{
	struct keeper *k = keep();

	(void)state;
	assert_null(keeper_open(&conf, &stats));
	keeper_close(k);
	k = keep();
	keeper_close(k);
	assert_int_equal(chmod(path, 0777), 0);
	assert_null(keeper_open(&conf, &stats));
}

static void
who_may_read_the_directory_may_read_the_files(void **state)
{
	struct keeper *k;
	struct stat st;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0755), 0);
	k = keep();
	given(k, NOON);
	snprintf(listing, sizeof(listing), "%s/2026/11", path);
	assert_int_equal(stat(listing, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	snprintf(listing, sizeof(listing), "%s/" DAY "%s", path,
	    "20261121T120000Z-5m.live");
	assert_int_equal(stat(listing, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	keeper_close(k);
}

/* Of ten bytes, or of flows that a collector counted. */
static void
a_sealer_that_lies_costs_no_segment(void **state)
{
	const char *good = BLOCK_MAGIC "and so on";
	struct ledger_segment counted[LEDGER_SEGMENTS] = {{1, 10, 8},
	    {0, 0, 0}};
	struct keeper *k = keep();
	int fd = given(k, NOON);

	(void)state;
	assert_int_equal(ftruncate(fd, 10), 0);
	keeper_counted(k, 0, counted);
	pass(600);
	given(k, NOON + 600);
	keeper_left(k, 0, 2);
	/* Nothing at all; no segment; other inputs; less than was counted. */
	lies(k, "", &(struct reseal_totals){0});
	lies(k, "", &(struct reseal_totals){.damaged = 1});
	lies(k, "root:x:0:0",
	    &(struct reseal_totals){.flows_in = 8, .flows_out = 8});
	lies(k, good, &(struct reseal_totals){.flows_in = 8, .flows_out = 7});
	lies(k, good,
	    &(struct reseal_totals){.flows_in = 8,
		.flows_out = 8,
		.bytes_in = 1});
	lies(k, good, &(struct reseal_totals){.flows_in = 7, .flows_out = 7});
	lies(k, good,
	    &(struct reseal_totals){.flows_in = 3,
		.flows_out = 3,
		.damaged = 1});
	assert_non_null(strstr(files(), "T120000Z-5m.live"));
	assert_null(strstr(files(), ".flow"));
	assert_null(strstr(files(), ".tmp"));
	assert_int_equal(stats.seal_failed, 7);
	/* Half of a damaged one is better than nothing of it. */
	lies(k, good,
	    &(struct reseal_totals){.flows_in = 4,
		.flows_out = 4,
		.damaged = 1});
	assert_non_null(strstr(files(), "T120000Z-5m.flow"));
	assert_null(strstr(files(), "T120000Z-5m.live"));
	keeper_close(k);
}

static void
a_sealer_that_does_not_end_is_overdue(void **state)
{
	struct sealing_done done = {.end = SEAL_ENDS, .what = "killed"};
	struct sealing_job job;
	struct keeper *k;

	(void)state;
	put(DAY "20261121T110000Z-5m.live", 1024 * 1024);
	k = keep();
	assert_false(keeper_seal_overdue(k, &now));
	assert_true(keeper_seal(k, &now, &job));
	/* What it may write is a multiple of what there is. */
	assert_int_equal(job.most, 20 * 1024 * 1024);
	keeper_seal_started(k);
	pass(3603);
	assert_false(keeper_seal_overdue(k, &now));
	pass(1);
	assert_true(keeper_seal_overdue(k, &now));
	keeper_seal_ended(k, &now, &done);
	assert_false(keeper_seal_overdue(k, &now));
	assert_int_equal(stats.seal_failed, 1);
	assert_string_equal(files(), DAY "20261121T110000Z-5m.live");
	keeper_close(k);
}

/* Each with a byte, so that it stays. */
static void
whoever_asks_for_segments_gets_few(void **state)
{
	struct keeper_gift g;
	struct keeper *k = keep();
	int i, n = 0;

	(void)state;
	for (i = 0; i < 1000; i++) {
		if (keeper_give(k, 0, &now, number + 1, &g)) {
			assert_int_equal(write(g.fd, "x", 1), 1);
			number++;
			n++;
		}
		keeper_renew(k, 0, number);
		keeper_left(k, 0, number);
		if (i % 100 == 99)
			pass(1);
	}
	assert_in_range(n, 10, 20);
	keeper_close(k);
}

static void
a_stranger_s_directory_is_not_used(void **state)
{
	struct keeper *k;
	char day[160];

	(void)state;
	put("2026/11/20/20261120T100000Z-5m.tmp", 10);
	snprintf(day, sizeof(day), "%s/2026/11/20", path);
	assert_int_equal(chmod(day, 0777), 0);
	conf.keep = 1;
	k = keep();
	keeper_tick(k, &now);
	assert_string_equal(files(), "2026/11/20/20261120T100000Z-5m.tmp");
	now.wall = NOON - 86400;
	nothing_given(k);
	assert_int_equal(stats.open_failed, 1);
	keeper_close(k);
}

/* Moved, or hidden behind a mount. */
static void
another_directory_of_its_name_is_noticed(void **state)
{
	struct segdir d;
	char away[128];

	(void)state;
	assert_int_equal(segdir_open(&d, path), 0);
	assert_true(segdir_is_there(&d));
	snprintf(away, sizeof(away), "%s/b", top);
	assert_int_equal(rename(path, away), 0);
	assert_false(segdir_is_there(&d));
	assert_int_equal(mkdir(path, 0755), 0);
	assert_false(segdir_is_there(&d));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rename(away, path), 0);
	assert_true(segdir_is_there(&d));
	segdir_close(&d);
}

/* Whatever has that name: it was on disk before it got it. */
static void
an_empty_seal_stands_for_nothing(void **state)
{
	struct keeper *k;

	(void)state;
	put(DAY "20261121T000000Z-1d.seal", 0);
	put(DAY "20261121T100000Z-5m.flow", 10);
	k = keep();
	assert_string_equal(files(), DAY "20261121T100000Z-5m.flow");
	keeper_close(k);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(segments_are_handed_over_before_their_time),
	    TEST(no_time_is_missed_and_no_file_met_twice),
	    TEST(what_a_crash_left_is_finished),
	    TEST(what_is_not_ours_is_left_alone),
	    TEST(the_oldest_go_and_never_the_open_one),
	    TEST(a_clock_set_ahead_by_mistake_costs_nothing),
	    TEST(complete_spans_are_merged),
	    TEST(many_are_merged_in_steps),
	    TEST(what_cannot_be_sealed_stays_and_is_tried_again),
	    TEST(what_somebody_writes_to_is_not_sealed),
	    TEST(a_writer_in_its_span_ends_a_sealing),
	    TEST(a_cut_takes_back_a_block_and_no_more),
	    TEST(one_directory_has_one_keeper),
	    TEST(who_may_read_the_directory_may_read_the_files),
	    TEST(a_sealer_that_lies_costs_no_segment),
	    TEST(a_sealer_that_does_not_end_is_overdue),
	    TEST(whoever_asks_for_segments_gets_few),
	    TEST(a_stranger_s_directory_is_not_used),
	    TEST(another_directory_of_its_name_is_noticed),
	    TEST(an_empty_seal_stands_for_nothing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
