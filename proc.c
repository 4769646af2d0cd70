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
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector.h"
#include "ipc.h"
#include "proc.h"

/* In the child: only async-signal-safe things until the exec. */
static void
become(const char *self, bool verbose, int sock, int ledger_fd)
{
	char name[] = "flowd", role[] = "-Pcollector", v[] = "-v";
	char *argv[] = {name, role, verbose ? v : NULL, NULL};

	/* First out of the way of the numbers that are wanted. */
	sock = fcntl(sock, F_DUPFD, COLLECTOR_LEDGER_FD + 1);
	ledger_fd = fcntl(ledger_fd, F_DUPFD, COLLECTOR_LEDGER_FD + 1);
	if (sock == -1 || ledger_fd == -1 ||
	    dup2(sock, COLLECTOR_IPC_FD) == -1 ||
	    dup2(ledger_fd, COLLECTOR_LEDGER_FD) == -1)
		_exit(126);
	closefrom(COLLECTOR_LEDGER_FD + 1);
	execv(self, argv);
	_exit(127);
}

pid_t
proc_start(const char *self, bool verbose, int ledger_fd, int *sock)
{
	pid_t pid;
	int sv[2], saved;

	if (ipc_pair(sv) == -1)
		return (-1);
	if ((pid = fork()) == 0)
		become(self, verbose, sv[1], ledger_fd);
	saved = errno;
	close(sv[1]);
	if (pid == -1) {
		close(sv[0]);
		errno = saved;
		return (-1);
	}
	*sock = sv[0];
	return (pid);
}

const char *
proc_describe(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(buf, size, "exit status %d", WEXITSTATUS(status));
	return (buf);
}
