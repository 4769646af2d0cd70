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
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/compat.h"
#include "log.h"
#include "meter/control.h"
#include "meter/flush.h"
#include "meter/gear.h"
#include "meter/monitor.h"
#include "meter/pidlock.h"
#include "meter/single.h"
#include "meter/statistics.h"
#include "meter/user.h"
#include "sandbox/sandbox.h"
#include "signals.h"

#define STOP_GRACE 10 /* seconds beyond the patience of a meter */
#define READY 'r'

struct child {
	pid_t pid; /* 0: none */
	struct counters *counters;
	int reader; /* of them, until the control process has it */
};

static struct {
	const struct settings *s;
	struct user user;
	struct child meter[METERS_MAX];
	pid_t control;
	int listener;	     /* of the control socket, or -1 */
	int ctl[METERS_MAX]; /* its ends of the channels */
	int alive[2];	     /* whose other end ends with us */
	int null;	     /* /dev/null, for daemons */
	int shell;	     /* to who waits for a daemon to be ready, or -1 */
	int pidfd;
	bool started; /* all of them */
	bool stopping;
	time_t stop_by;
	int status;
} m = {.listener = -1, .alive = {-1, -1}, .null = -1, .shell = -1, .pidfd = -1};

static time_t
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec);
}

/* Statistics. */

static void
log_lines(char *text)
{
	char *line, *next = text;

	while ((line = strsep(&next, "\n")) != NULL)
		if (*line != '\0')
			log_info("%s", line);
}

static void
log_statistics(void)
{
	static struct counters sum;
	struct statistics_config c;
	char *text = NULL;
	size_t len = 0;
	uint32_t i;
	FILE *fp;

	memset(&sum, 0, sizeof(sum));
	for (i = 0; i < m.s->meters; i++)
		counters_add(&sum, m.meter[i].counters);
	if ((fp = open_memstream(&text, &len)) == NULL)
		return;
	gear_describe(m.s, &c);
	statistics_text(fp, &sum, &c);
	if (fclose(fp) == 0)
		log_lines(text);
	free(text);
}

/* Children. */

/* From the terminal to the log, for good. */
static void
to_background(void)
{
	int fd;

	if (m.s->foreground)
		return;
	log_init("softflowd", 0, m.s->debug);
	for (fd = 0; fd <= 2; fd++)
		(void)dup2(m.null, fd);
}

static void
say_ready(int fd)
{
	const char c = READY;

	to_background();
	if (write(fd, &c, 1) != 1)
		exit(1);
	close(fd);
}

/* To look a name up can take long: ^C is to end that. */
static void
be_mortal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void __attribute__((__noreturn__))
meter_child(uint32_t i, int channel, int ready)
{
	static struct gear gear;
	struct meter_config mc;
	char err[GEAR_ERRLEN];
	struct meter *meter;
	sigset_t blocked;
	uint32_t j;
	int status;

	title_set("meter");
	close(m.alive[1]);
	if (m.shell != -1)
		close(m.shell);
	if (m.listener != -1)
		close(m.listener);
	for (j = 0; j <= i; j++) {
		close(m.meter[j].reader);
		if (m.listener != -1)
			close(m.ctl[j]);
	}
	be_mortal();
	if (gear_open(&gear, m.s, i, m.meter[i].counters, err) == -1) {
		log_warnx("%s", err);
		exit(1);
	}
	signals_catch(&blocked);
	/* One of them is enough to say so. */
	if (err[0] != '\0' && i == 0)
		log_warnx("%s", err);
	mc = (struct meter_config){.settings = &gear.settings,
	    .source = gear.source,
	    .dest = gear.dest,
	    .counters = m.meter[i].counters,
	    .channel = channel,
	    .alive = m.alive[0]};
	if ((meter = meter_new(&mc)) == NULL)
		fatal("memory for flows");
	gear_tell(&gear, meter);
	user_lock_in(&m.user, "meter", sandbox_meter);
	say_ready(ready);
	status = meter_main(meter);
	meter_free(meter);
	gear_close(&gear);
	exit(status);
}

/* In place of what the monitor can write to. */
static const struct counters *
counters_of(struct child *c)
{
	const struct counters *page;

	(void)munmap(c->counters, sizeof(*page));
	page = mmap(NULL, sizeof(*page), PROT_READ, MAP_SHARED, c->reader, 0);
	if (page == MAP_FAILED)
		fatal("control: counters");
	close(c->reader);
	return (page);
}

static void __attribute__((__noreturn__)) control_child(int ready)
{
	const struct counters *pages[METERS_MAX];
	struct control_config c = {.listener = m.listener,
	    .nmeters = m.s->meters,
	    .counters = pages,
	    .channels = m.ctl,
	    .timeouts = m.s->timeouts};
	uint32_t i;

	title_set("control");
	close(m.alive[0]);
	close(m.alive[1]);
	if (m.shell != -1)
		close(m.shell);
	gear_describe(m.s, &c.statistics);
	for (i = 0; i < m.s->meters; i++)
		pages[i] = counters_of(&m.meter[i]);
	user_lock_in(&m.user, "control", sandbox_control);
	say_ready(ready);
	exit(control_main(&c));
}

/* Wait for the word of a child.  -1: it died. */
static int
is_ready(int fd)
{
	char c;
	ssize_t n;

	do
		n = read(fd, &c, 1);
	while (n == -1 && errno == EINTR);
	close(fd);
	return (n == 1 && c == READY ? 0 : -1);
}

static int
make_counters(struct child *c)
{
	const size_t size = sizeof(*c->counters);
	int fd = shm_shared("softflowd counters", size, &c->reader);

	if (fd == -1)
		return (-1);
	c->counters =
	    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return (c->counters == MAP_FAILED ? -1 : 0);
}

static int
start_meter(uint32_t i)
{
	struct child *c = &m.meter[i];
	int sv[2] = {-1, -1}, ready[2];

	if (make_counters(c) == -1 || pipe(ready) == -1 ||
	    (m.listener != -1 &&
		socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)) {
		log_warn("meter");
		return (-1);
	}
	m.ctl[i] = sv[0];
	if ((c->pid = fork()) == 0) {
		close(ready[0]);
		meter_child(i, sv[1], ready[1]);
	}
	close(ready[1]);
	if (sv[1] != -1)
		close(sv[1]);
	if (c->pid == -1) {
		c->pid = 0;
		log_warn("fork");
	}
	return (is_ready(ready[0]));
}

static int
start_control(void)
{
	uint32_t i;
	int ready[2], result;

	if (m.listener == -1)
		return (0);
	if (pipe(ready) == -1) {
		log_warn("control");
		return (-1);
	}
	if ((m.control = fork()) == 0) {
		close(ready[0]);
		control_child(ready[1]);
	}
	close(ready[1]);
	if (m.control == -1) {
		m.control = 0;
		log_warn("fork");
	}
	result = is_ready(ready[0]);
	close(m.listener);
	for (i = 0; i < m.s->meters; i++) {
		close(m.ctl[i]);
		close(m.meter[i].reader);
	}
	return (result);
}

static void
signal_children(int sig)
{
	uint32_t i;

	for (i = 0; i < m.s->meters; i++)
		if (m.meter[i].pid != 0)
			kill(m.meter[i].pid, sig);
}

static bool
any_meter(void)
{
	uint32_t i;

	for (i = 0; i < m.s->meters; i++)
		if (m.meter[i].pid != 0)
			return (true);
	return (false);
}

/* For what the slowest of them has to send. */
static time_t
patience(void)
{
	uint32_t i, most = 0, each;

	for (i = 0; i < m.s->meters; i++) {
		if (m.meter[i].pid == 0)
			continue;
		each = flush_patience(m.s, m.s->meters, m.meter[i].counters);
		if (each > most)
			most = each;
	}
	return (most + STOP_GRACE);
}

static void
begin_stop(int status)
{
	if (status > m.status)
		m.status = status;
	if (m.stopping)
		return;
	m.stopping = true;
	m.stop_by = seconds() + patience();
	signal_children(SIGTERM);
}

/* "exit status 1", "signal 9 (Killed)" */
static void
tell_end(const char *who, int status)
{
	if (WIFSIGNALED(status))
		log_warnx("%s: ended by signal %d (%s)", who, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_warnx("%s: ended with exit status %d", who,
		    WEXITSTATUS(status));
}

static void
meter_ended(uint32_t i, int status)
{
	const struct counters *c = m.meter[i].counters;
	bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	m.meter[i].pid = 0;
	/* What went wrong at first has been said. */
	if (m.started || !WIFEXITED(status))
		tell_end("meter", status);
	if (!clean && c->active > 0)
		log_warnx("meter: %ju flows are lost", (uintmax_t)c->active);
	/* Without a signal, somebody asked by softflowctl(8). */
	begin_stop(clean ? 0 : 1);
}

static void
reap(void)
{
	int status;
	uint32_t i;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == m.control) {
			m.control = 0;
			tell_end("control", status);
		}
		for (i = 0; i < m.s->meters; i++)
			if (pid == m.meter[i].pid)
				meter_ended(i, status);
	}
}

static void
answer_signals(void)
{
	if (signals_take(SIGCHLD))
		reap();
	if (signals_take(SIGTERM) && !m.stopping) {
		log_debug("stopping");
		begin_stop(0);
	}
	if (signals_take(SIGHUP))
		log_info("SIGHUP: nothing is read again, restart for that");
	if (signals_take(SIGUSR1) || signals_take(SIGUSR2))
		log_statistics();
}

/* Until no meter is left. */
static void
watch(void)
{
	const struct timespec second = {1, 0};
	sigset_t none;

	sigemptyset(&none);
	answer_signals();
	while (any_meter()) {
		(void)ppoll(NULL, 0, m.stopping ? &second : NULL, &none);
		answer_signals();
		if (m.stopping && any_meter() && seconds() >= m.stop_by) {
			log_warnx("a meter does not stop: killed");
			m.status = 1;
			signal_children(SIGKILL);
		}
	}
	if (m.control != 0) {
		kill(m.control, SIGTERM);
		while (waitpid(m.control, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
}

/* A path that is good after chdir(2). */
static const char *
absolute(const char *path)
{
	char cwd[4096], *full;
	size_t len;

	if (path == NULL || *path == '/' || getcwd(cwd, sizeof(cwd)) == NULL)
		return (path);
	len = strlen(cwd) + strlen(path) + 2;
	if ((full = malloc(len)) == NULL)
		return (path);
	snprintf(full, len, "%s/%s", cwd, path);
	return (full);
}

static int
make_control(void)
{
	char err[256] = "";

	if (m.s->ctlsock == NULL)
		return (0);
	m.listener = control_listen(m.s->ctlsock, m.s->ctl_owner, m.s->ctl_mode,
	    err, sizeof(err));
	if (m.listener != -1)
		return (0);
	if (!m.s->ctlsock_given && geteuid() != 0) {
		log_info("no control socket: %s", err);
		return (0);
	}
	log_warnx("%s", err);
	return (-1);
}

static int
start_all(void)
{
	uint32_t i;

	if (pipe(m.alive) == -1) {
		log_warn("pipe");
		return (-1);
	}
	for (i = 0; i < m.s->meters; i++)
		if (start_meter(i) == -1)
			return (-1);
	return (start_control());
}

static void
tell_running(const char *pidfile, long pid)
{
	log_warnx("pid file %s: softflowd runs already, as process %ld",
	    pidfile, pid);
}

/* -1: another one was faster.  Without a file there is only less comfort. */
static int
take_pidfile(const char *pidfile)
{
	long pid;

	if (pidfile == NULL || (pid = pidlock_take(pidfile, &m.pidfd)) == 0)
		return (0);
	if (pid == -1) {
		log_warn("pid file %s", pidfile);
		return (errno == EWOULDBLOCK ? -1 : 0);
	}
	tell_running(pidfile, pid);
	return (-1);
}

static int
run(const char *pidfile)
{
	if (start_all() == -1 || take_pidfile(pidfile) == -1)
		begin_stop(1);
	if (m.stopping)
		return (-1);
	m.started = true;
	to_background();
	return (0);
}

/* The parent that the shell waits for ends when all is well, or nothing. */
static int
daemonise(void)
{
	int ready[2];
	pid_t pid;

	if ((m.null = open("/dev/null", O_RDWR)) == -1 || pipe(ready) == -1 ||
	    (pid = fork()) == -1) {
		log_warn("daemon");
		exit(1);
	}
	if (pid != 0) {
		close(ready[1]);
		_exit(is_ready(ready[0]) == 0 ? 0 : 1);
	}
	close(ready[0]);
	(void)setsid();
	if (chdir("/") == -1)
		log_warn("chdir");
	/* Connected now: children cannot from where they are. */
	log_init("softflowd", 0, m.s->debug);
	log_init("softflowd", 1, m.s->debug);
	return (ready[1]);
}

static int
live(struct settings *s)
{
	const char *pidfile = NULL;
	sigset_t blocked;
	long pid;

	s->ctlsock = absolute(s->ctlsock);
	/* Whatever it is, it is not for those who handle packets. */
	closefrom(STDERR_FILENO + 1);
	if (!s->foreground)
		pidfile = absolute(s->pidfile);
	if (pidfile != NULL && (pid = pidlock_check(pidfile)) > 0) {
		tell_running(pidfile, pid);
		return (1);
	}
	if (user_find(&m.user, s->user, s->chroot) == -1 ||
	    make_control() == -1)
		return (1);
	if (s->meters > 1)
		s->source.fanout = getpid() & 0xffff;
	title_set("monitor [priv]");
	signals_catch(&blocked);
	if (!s->foreground)
		m.shell = daemonise();
	if (run(pidfile) == 0 && m.shell != -1)
		say_ready(m.shell);
	watch();
	if (m.listener != -1)
		(void)unlink(s->ctlsock);
	pidlock_release(pidfile, m.pidfd);
	return (m.status);
}

int
monitor_main(struct settings *s)
{
	m.s = s;
	log_init("softflowd", 1, s->debug);
	tzset();
	statistics_init();
	return (s->source.file != NULL ? single_main(s) : live(s));
}
