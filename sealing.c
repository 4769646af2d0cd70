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
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "ipc.h"
#include "sealing.h"

#define FDS_MAX (SEAL_INPUT_FD - SEAL_REPORT_FD + SEAL_INPUTS)

/*
 * Number i of the descriptors becomes SEAL_REPORT_FD + i; one of those behind
 * it that stands there goes elsewhere first.
 */
static int
place(int *fds, size_t n, size_t i)
{
	int want = SEAL_REPORT_FD + (int)i, away = -1;
	size_t k;

	if (fds[i] == want)
		return (fcntl(want, F_SETFD, 0));
	for (k = i + 1; k < n; k++) {
		if (fds[k] != want)
			continue;
		if (away == -1 &&
		    (away = fcntl(want, F_DUPFD, SEAL_REPORT_FD + (int)n)) ==
			-1)
			return (-1);
		fds[k] = away;
	}
	return (dup2(fds[i], want) == -1 ? -1 : 0);
}

/* In the child: only async-signal-safe things until the exec. */
static void
become(const struct sealing_job *job, char **argv, int *fds, size_t n)
{
	const struct rlimit most = {job->most, job->most};
	size_t i;

	if (job->most != 0 && setrlimit(RLIMIT_FSIZE, &most) == -1)
		_exit(126);
	for (i = 0; i < n; i++)
		if (place(fds, n, i) == -1)
			_exit(126);
	closefrom(SEAL_REPORT_FD + (int)n);
	execv(job->self, argv);
	_exit(127);
}

int
sealing_start(struct sealing *s, const struct sealing_job *job)
{
	char name[] = "flowd", role[] = "-Pseal", v[] = "-v", level[16], n[16];
	char *argv[] = {name, role, level, n, job->verbose ? v : NULL, NULL};
	int fds[FDS_MAX], sv[2], saved;
	size_t i, nfds = 0;

	if (job->ninputs == 0 || job->ninputs > SEAL_INPUTS) {
		errno = EINVAL;
		return (-1);
	}
	if (ipc_pair(sv) == -1)
		return (-1);
	(void)snprintf(level, sizeof(level), "%d", job->level);
	(void)snprintf(n, sizeof(n), "%zu", job->ninputs);
	fds[nfds++] = sv[1];
	fds[nfds++] = job->output;
	for (i = 0; i < job->ninputs; i++)
		fds[nfds++] = job->inputs[i];
	if ((s->pid = fork()) == 0)
		become(job, argv, fds, nfds);
	saved = errno;
	close(sv[1]);
	s->sock = sv[0];
	if (s->pid != -1)
		return (0);
	close(s->sock);
	*s = (struct sealing){.sock = -1};
	errno = saved;
	return (-1);
}

/* False if it said nothing, or no report. */
static bool
hear(int sock, struct sealing_done *done)
{
	uint8_t buf[SEAL_REPORT_LEN + 1];
	struct reseal_totals *t = &done->totals;
	uint64_t *const into[] = {&t->blocks_in, &t->flows_in, &t->bytes_in,
	    &t->blocks_out, &t->flows_out, &t->bytes_out, &t->damaged,
	    &t->damaged_bytes, &t->damaged_flows};
	uint32_t end = 0, error = 0;
	struct rd rd;
	size_t i;

	if (read(sock, buf, sizeof(buf)) != SEAL_REPORT_LEN)
		return (false);
	rd = rd_init(buf, SEAL_REPORT_LEN);
	(void)rd_u32(&rd, &end);
	(void)rd_u32(&rd, &error);
	for (i = 0; i < sizeof(into) / sizeof(into[0]); i++)
		(void)rd_u64(&rd, into[i]);
	if (end >= SEAL_ENDS)
		return (false);
	done->end = (enum seal_end)end;
	done->error = (int)error;
	return (true);
}

bool
sealing_ended(struct sealing *s, int status, struct sealing_done *done)
{
	static const char *const what[] = {
	    [SEAL_DONE] = "sealed",
	    [SEAL_MEMORY] = "out of memory",
	    [SEAL_READ] = "cannot be read",
	    [SEAL_WRITE] = "cannot be written",
	};

	*done = (struct sealing_done){.what = NULL};
	if (!hear(s->sock, done)) {
		done->end = SEAL_ENDS;
		done->what = WIFSIGNALED(status) ? "its process was killed"
						 : "its process failed";
	} else
		done->what = what[done->end];
	/* What a process says that then fails is not believed. */
	if (done->end == SEAL_DONE &&
	    (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		done->end = SEAL_ENDS;
		done->what = "its process failed";
	}
	close(s->sock);
	*s = (struct sealing){.sock = -1};
	return (done->end == SEAL_DONE);
}

void
sealing_stop(struct sealing *s)
{
	if (s->pid > 0)
		kill(s->pid, SIGKILL);
}
