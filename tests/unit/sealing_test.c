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
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "bytes.h"
#include "sealing.h"

/*
 * In the place of flowd is a script: it gets the same arguments and
 * descriptors.
 */
static char dir[] = "/tmp/flowd-sealing.XXXXXX";
static char script[64], report[64], output[64], input[64];

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return (-1);
	(void)snprintf(script, sizeof(script), "%s/script", dir);
	(void)snprintf(report, sizeof(report), "%s/report", dir);
	(void)snprintf(output, sizeof(output), "%s/output", dir);
	(void)snprintf(input, sizeof(input), "%s/input", dir);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(script);
	(void)unlink(report);
	(void)unlink(output);
	(void)unlink(input);
	return (rmdir(dir));
}

static void
put_file(const char *path, const void *p, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd != -1);
	assert_int_equal(write(fd, p, len), len);
	assert_int_equal(close(fd), 0);
}

static void
put_script(const char *what)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", what);
	(void)unlink(script);
	put_file(script, text, strlen(text), 0700);
}

/* Says these, then all that a report has, 1, 2, 3 and so on. */
static void
put_report(uint32_t end, uint32_t error, size_t len)
{
	uint8_t buf[SEAL_REPORT_LEN + 8] = {0};
	struct wr wr = wr_init(buf, sizeof(buf));
	uint64_t i;

	(void)wr_u32(&wr, end);
	(void)wr_u32(&wr, error);
	for (i = 1; i <= 9; i++)
		(void)wr_u64(&wr, i);
	put_file(report, buf, len, 0600);
}

static bool
run(const int *inputs, size_t n, int out, struct sealing_done *done)
{
	const struct sealing_job job = {.self = script,
	    .level = 7,
	    .output = out,
	    .inputs = inputs,
	    .ninputs = n};
	struct sealing s;
	int status;
	bool ok;

	assert_int_equal(sealing_start(&s, &job), 0);
	assert_true(s.pid > 0);
	assert_int_equal(waitpid(s.pid, &status, 0), s.pid);
	ok = sealing_ended(&s, status, done);
	assert_int_equal(s.pid, 0);
	assert_int_equal(s.sock, -1);
	assert_non_null(done->what);
	return (ok);
}

static int
open_input(const char *text)
{
	int fd;

	put_file(input, text, strlen(text), 0600);
	fd = open(input, O_RDONLY | O_CLOEXEC);
	assert_true(fd != -1);
	(void)unlink(input);
	return (fd);
}

static int
open_output(void)
{
	int fd = open(output,
	    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd != -1);
	return (fd);
}

static void
output_is(const char *want)
{
	char got[256] = "";
	FILE *fp = fopen(output, "r");

	assert_non_null(fp);
	assert_true(fread(got, 1, sizeof(got) - 1, fp) > 0);
	fclose(fp);
	assert_string_equal(got, want);
}

static void
simple(const char *what, struct sealing_done *done, bool want)
{
	int in = open_input("x"), out = open_output();

	put_script(what);
	assert_int_equal(run(&in, 1, out, done), want);
	close(in);
	close(out);
}

static void
a_report_is_heard(void **state)
{
	char what[256];
	struct sealing_done done;

	(void)state;
	put_report(SEAL_DONE, 0, SEAL_REPORT_LEN);
	(void)snprintf(what, sizeof(what), "cat %s >&3", report);
	simple(what, &done, true);
	assert_int_equal(done.end, SEAL_DONE);
	assert_int_equal(done.totals.blocks_in, 1);
	assert_int_equal(done.totals.flows_in, 2);
	assert_int_equal(done.totals.bytes_in, 3);
	assert_int_equal(done.totals.blocks_out, 4);
	assert_int_equal(done.totals.flows_out, 5);
	assert_int_equal(done.totals.bytes_out, 6);
	assert_int_equal(done.totals.damaged, 7);
	assert_int_equal(done.totals.damaged_bytes, 8);
	assert_int_equal(done.totals.damaged_flows, 9);
}

static void
an_error_is_heard(void **state)
{
	char what[256];
	struct sealing_done done;

	(void)state;
	put_report(SEAL_WRITE, ENOSPC, SEAL_REPORT_LEN);
	(void)snprintf(what, sizeof(what), "cat %s >&3", report);
	simple(what, &done, false);
	assert_int_equal(done.end, SEAL_WRITE);
	assert_int_equal(done.error, ENOSPC);
}

static void
what_is_no_report_is_not_believed(void **state)
{
	char what[256];
	struct sealing_done done;

	(void)state;
	(void)snprintf(what, sizeof(what), "cat %s >&3", report);
	put_report(SEAL_DONE, 0, SEAL_REPORT_LEN - 1);
	simple(what, &done, false);
	put_report(SEAL_DONE, 0, SEAL_REPORT_LEN + 1);
	simple(what, &done, false);
	put_report(SEAL_ENDS, 0, SEAL_REPORT_LEN);
	simple(what, &done, false);
	simple("exit 0", &done, false);
}

static void
who_fails_behind_its_report_is_not_believed(void **state)
{
	char what[256];
	struct sealing_done done;

	(void)state;
	put_report(SEAL_DONE, 0, SEAL_REPORT_LEN);
	(void)snprintf(what, sizeof(what), "cat %s >&3; exit 1", report);
	simple(what, &done, false);
	(void)snprintf(what, sizeof(what), "cat %s >&3; kill -9 $$", report);
	simple(what, &done, false);
}

static void
who_is_killed_has_failed(void **state)
{
	const int in = open_input("x"), out = open_output();
	const struct sealing_job job = {.self = script,
	    .output = out,
	    .inputs = &in,
	    .ninputs = 1};
	struct sealing_done done;
	struct sealing s;
	int status;

	(void)state;
	put_script("exec sleep 100");
	assert_int_equal(sealing_start(&s, &job), 0);
	sealing_stop(&s);
	assert_int_equal(waitpid(s.pid, &status, 0), s.pid);
	assert_true(WIFSIGNALED(status));
	assert_false(sealing_ended(&s, status, &done));
	assert_string_equal(done.what, "its process was killed");
	close(in);
	close(out);
}

static void
a_program_that_is_not_there_has_failed(void **state)
{
	int in = open_input("x"), out = open_output();
	struct sealing_done done;

	(void)state;
	(void)unlink(script);
	assert_false(run(&in, 1, out, &done));
	close(in);
	close(out);
}

/* Wherever they were: also on each other's places. */
static void
descriptors_are_where_they_belong(void **state)
{
	static const int places[][3] = {{20, 21, 22}, {7, 6, 5}, {5, 6, 7},
	    {6, 7, 5}, {4, 3, 5}, {5, 4, 3}, {8, 3, 9}};
	static const int outs[] = {30, 4, 3, 8, 6, 7, 5};
	int saved[8], in[3], fd, out, i;
	struct sealing_done done;
	size_t k;

	(void)state;
	for (i = 3; i < 8; i++)
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 50);
	put_script("echo $@ >&4; cat <&5 >&4; cat <&6 >&4; cat <&7 >&4\n"
		   "( : >&8 ) 2>/dev/null && echo more >&4; exit 0");
	for (k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
		for (i = 0; i < 3; i++) {
			char text[] = {(char)('a' + i), '\n', '\0'};

			fd = open_input(text);
			in[i] = fcntl(fd, F_DUPFD_CLOEXEC, 60);
			close(fd);
		}
		fd = open_output();
		out = fcntl(fd, F_DUPFD_CLOEXEC, 70);
		close(fd);
		assert_int_equal(dup2(out, outs[k]), outs[k]);
		for (i = 0; i < 3; i++)
			assert_int_equal(dup2(in[i], places[k][i]),
			    places[k][i]);
		(void)run(places[k], 3, outs[k], &done);
		output_is("-Pseal 7 3\na\nb\nc\n");
		for (i = 0; i < 3; i++) {
			close(in[i]);
			close(places[k][i]);
		}
		close(outs[k]);
		close(out);
	}
	for (i = 3; i < 8; i++)
		if (saved[i] != -1) {
			(void)dup2(saved[i], i);
			close(saved[i]);
		}
}

static void
too_many_inputs_are_refused(void **state)
{
	static int inputs[SEAL_INPUTS + 1];
	struct sealing_job job = {.self = script,
	    .inputs = inputs,
	    .ninputs = SEAL_INPUTS + 1};
	struct sealing s = {.sock = -1};

	(void)state;
	assert_int_equal(sealing_start(&s, &job), -1);
	assert_int_equal(errno, EINVAL);
	job.ninputs = 0;
	assert_int_equal(sealing_start(&s, &job), -1);
	assert_int_equal(errno, EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_report_is_heard),
	    cmocka_unit_test(an_error_is_heard),
	    cmocka_unit_test(what_is_no_report_is_not_believed),
	    cmocka_unit_test(who_fails_behind_its_report_is_not_believed),
	    cmocka_unit_test(who_is_killed_has_failed),
	    cmocka_unit_test(a_program_that_is_not_there_has_failed),
	    cmocka_unit_test(descriptors_are_where_they_belong),
	    cmocka_unit_test(too_many_inputs_are_refused),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
