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

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector.h"
#include "compat/compat.h"
#include "log.h"
#include "proc.h"

#define PATIENCE 5000 /* ms for a collector to read what it is sent, ... */
#define FORGIVEN 50   /* ... and what comes back of them in a second */

/* Who the collector will be, and where: said now, not by a dying child. */
int
proc_check(void)
{
	struct passwd *pw;
	struct stat st;

	if (geteuid() != 0)
		return (0);
	if ((pw = getpwnam(PRIVSEP_USER)) == NULL || pw->pw_uid == 0) {
		log_warnx("user %s %s: make it, or start flowd as another "
			  "user than root",
		    PRIVSEP_USER, pw == NULL ? "does not exist" : "is root");
		return (-1);
	}
	if (stat(CHROOT_DIR, &st) == -1) {
		log_warn("chroot directory %s", CHROOT_DIR);
		return (-1);
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		log_warnx("chroot directory %s: must be root's and nobody "
			  "else's to write",
		    CHROOT_DIR);
		return (-1);
	}
	return (0);
}

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

int
proc_start(struct proc *p, const char *self, bool verbose, int page_fd, int cpu)
{
	pid_t pid;
	int sv[2], saved;

	if (ipc_pair(sv) == -1)
		return (-1);
	if ((pid = fork()) == 0) {
		if (cpu != -1 && cpu_pin((unsigned int)cpu) == -1)
			log_warn("%s: not kept on cpu %d", p->name, cpu);
		become(self, verbose, sv[1], page_fd);
	}
	saved = errno;
	close(sv[1]);
	if (pid == -1) {
		close(sv[0]);
		errno = saved;
		return (-1);
	}
	p->pid = pid;
	p->sock = sv[0];
	p->state = ST_STARTING;
	p->patience = PATIENCE;
	return (0);
}

void
proc_kill(struct proc *p)
{
	if (p->pid != 0 && p->state != ST_DEAD)
		kill(p->pid, SIGKILL);
	p->state = ST_DEAD;
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

static int64_t
milliseconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

/* It reads one message when our patience is about to end, and so each. */
static int
send_in_time(struct proc *p, const struct ipc_out *out, int fd)
{
	int64_t began;
	int done;

	if ((done = ipc_send(p->sock, out, fd, 0)) == 0 || errno != EAGAIN)
		return (done);
	began = milliseconds();
	done = ipc_send(p->sock, out, fd, p->patience);
	p->patience -= (int)(milliseconds() - began);
	if (p->patience < 0)
		p->patience = 0;
	return (done);
}

void
proc_forgive(struct proc *p)
{
	p->patience += FORGIVEN;
	if (p->patience > PATIENCE)
		p->patience = PATIENCE;
}

int
proc_tell(struct proc *p, const struct ipc_out *out, int fd)
{
	if (p->pid == 0 || p->sock == -1 || p->state == ST_DEAD)
		return (-1);
	if (send_in_time(p, out, fd) == 0)
		return (0);
	log_warn("%s: does not listen", p->name);
	proc_kill(p);
	return (-1);
}

int
proc_tell_short(struct proc *p, enum ipc_type type)
{
	struct ipc_out out;

	ipc_new(&out, type);
	return (proc_tell(p, &out, -1));
}

static int
tell_text(struct proc *p, uint32_t worker, uint32_t generation,
    const struct conf *conf)
{
	struct ipc_out out;
	char *text = NULL;
	size_t len = 0, off, n;
	FILE *fp;
	int failed;

	if ((fp = open_memstream(&text, &len)) == NULL)
		return (-1);
	conf_print(conf, fp);
	if (fclose(fp) != 0) {
		free(text);
		return (-1);
	}
	ipc_new(&out, M_CONF_BEGIN);
	(void)wr_u32(&out.data, generation);
	(void)wr_u32(&out.data, (uint32_t)len);
	(void)wr_u32(&out.data, worker);
	(void)wr_u32(&out.data, conf->workers);
	failed = proc_tell(p, &out, -1);
	for (off = 0; failed == 0 && off < len; off += n) {
		n = len - off < IPC_MAX ? len - off : IPC_MAX;
		ipc_new(&out, M_CONF_TEXT);
		(void)wr_bytes(&out.data, text + off, n);
		failed = proc_tell(p, &out, -1);
	}
	free(text);
	return (failed);
}

int
proc_tell_conf(struct proc *p, uint32_t worker, uint32_t generation,
    const struct conf *conf, const struct sockets *s)
{
	struct ipc_out out;
	size_t i;

	if (tell_text(p, worker, generation, conf) == -1)
		return (-1);
	for (i = 0; i < s->nlisten; i++) {
		if (worker >= s->listen[i].nfd)
			continue;
		ipc_new(&out, M_CONF_LISTEN);
		(void)wr_u32(&out.data, s->listen[i].number);
		(void)wr_u32(&out.data, s->listen[i].room);
		if (proc_tell(p, &out, s->listen[i].fd[worker]) == -1)
			return (-1);
	}
	for (i = 0; i < s->nforward; i++) {
		ipc_new(&out, M_CONF_FORWARD);
		(void)wr_u32(&out.data, (uint32_t)i);
		if (proc_tell(p, &out, s->forward[i]) == -1)
			return (-1);
	}
	ipc_new(&out, M_CONF_COMMIT);
	(void)wr_u32(&out.data, generation);
	return (proc_tell(p, &out, -1));
}
