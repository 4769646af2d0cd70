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
 * The parent against collectors that were taken over.  This program is both:
 * privsep.c runs it anew as the collector, and it does what the environment
 * says.  Whatever that is, the parent must kill it and live.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector.h"
#include "compat/compat.h"
#include "ipc.h"
#include "ledger.h"
#include "log.h"
#include "parent.h"
#include "report.h"

static char dir[] = "/tmp/flowd-privsep.XXXXXX";
static char logfile[64], said[64], archive[64];

/* Of a rogue: which of how many it is, as it was told. */
static uint32_t worker, workers;

/* What the parent is given, at a reload too. */
static char text[512];

static void
say(void *arg, bool error, const char *msg)
{
	(void)arg;
	if (error)
		fprintf(stderr, "%s\n", msg);
}

struct conf *
options_load(const struct options *o)
{
	const struct conf_input in = {.name = "test",
	    .text = text,
	    .textlen = strlen(text),
	    .say = say};

	(void)o;
	return (conf_parse(&in));
}

/* The rogues. */

static void
send_raw(const void *data, size_t len)
{
	(void)!write(COLLECTOR_IPC_FD, data, len);
}

static void
send_type(uint16_t type, size_t zeros)
{
	static uint8_t buf[2 + IPC_MAX];

	buf[0] = (uint8_t)(type >> 8);
	buf[1] = (uint8_t)type;
	send_raw(buf, 2 + zeros);
}

static void
say_ready(uint32_t generation)
{
	struct ipc_out out;

	ipc_new(&out, M_READY);
	(void)wr_u32(&out.data, generation);
	(void)ipc_send(COLLECTOR_IPC_FD, &out, -1, 1000);
}

/* Behave until the configuration is in force. */
static void
become_ready(void)
{
	static struct ipc_msg m;
	struct pollfd pfd = {.fd = COLLECTOR_IPC_FD, .events = POLLIN};
	uint32_t generation, len;

	do {
		poll(&pfd, 1, 5000);
		if (ipc_recv(COLLECTOR_IPC_FD, &m) != 1 ||
		    (m.type == M_CONF_BEGIN &&
			(rd_u32(&m.data, &generation) == -1 ||
			    rd_u32(&m.data, &len) == -1 ||
			    rd_u32(&m.data, &worker) == -1 ||
			    rd_u32(&m.data, &workers) == -1)))
			exit(9);
	} while (m.type != M_CONF_COMMIT);
	if (rd_u32(&m.data, &generation) == -1)
		exit(9);
	say_ready(generation);
}

static void
cut(uint32_t log, uint64_t size)
{
	struct ipc_out out;

	ipc_new(&out, M_LOG_CUT);
	(void)wr_u32(&out.data, log);
	(void)wr_u64(&out.data, size);
	(void)ipc_send(COLLECTOR_IPC_FD, &out, -1, 1000);
}

static void
r_unknown(void)
{
	send_type(4711, 0);
}

static void
r_parents_own(void)
{
	send_type(M_STOP, 0);
}

static void
r_no_type(void)
{
	send_raw("x", 1);
}

static void
r_empty(void)
{
	send_raw("", 0);
}

static void
r_ready_for_nothing(void)
{
	send_type(M_READY, 4); /* generation 0 was never handed over */
}

static void
r_ready_short(void)
{
	send_type(M_READY, 3);
}

static void
r_ready_long(void)
{
	send_type(M_READY, 5);
}

static void
r_cut_early(void)
{
	cut(1, 0);
}

static void
r_want_early(void)
{
	send_type(M_LOG_WANT, 4);
}

static void
r_ready_twice(void)
{
	struct ipc_out out;

	become_ready();
	ipc_new(&out, M_READY);
	(void)wr_u32(&out.data, 1);
	(void)ipc_send(COLLECTOR_IPC_FD, &out, -1, 1000);
}

static void
r_cut_history(void)
{
	become_ready();
	cut(1, 0);
}

static void
r_cut_beyond(void)
{
	become_ready();
	cut(1, UINT64_MAX);
}

static void
r_stats_unasked(void)
{
	become_ready();
	send_type(M_EXPORTER, REPORT_EXPORTER);
}

static void
r_stopped_unasked(void)
{
	become_ready();
	send_type(M_STOPPED, 0);
}

static void
r_too_long(void)
{
	become_ready();
	send_type(M_SAY, IPC_MAX);
}

static void
r_bad_level(void)
{
	uint8_t msg[] = {0, M_SAY, 200, 'x'};

	become_ready();
	send_raw(msg, sizeof(msg));
}

static void
r_descriptor(void)
{
	struct ipc_out out;
	int fd = open("/dev/null", O_RDONLY);

	become_ready();
	ipc_new(&out, M_LOGSOCK_WANT);
	(void)ipc_send(COLLECTOR_IPC_FD, &out, fd, 1000);
}

static void
r_noise(void)
{
	uint8_t buf[300];
	size_t i;

	become_ready();
	srandom(7);
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)random();
	send_raw(buf, sizeof(buf));
}

/* Does nothing forbidden, and never stops: the parent must stay its master. */
static void
r_babbles(void)
{
	become_ready();
	for (;;)
		send_type(M_LOGSOCK_WANT, 0);
}

static void
r_deaf(void)
{
	become_ready();
	pause();
}

static void
r_state_early(void)
{
	send_type(M_STATE_WANT, 0);
}

static void
r_state_twice(void)
{
	become_ready();
	send_type(M_STATE_WANT, 0);
	send_type(M_STATE_WANT, 0);
}

static void
r_state_unasked(void)
{
	become_ready();
	send_type(M_STATE_DONE, 8);
}

static void
r_state_long(void)
{
	become_ready();
	send_type(M_STATE_DONE, 9);
}

/* Numbers that were not given out. */
static void
r_archive_want(void)
{
	become_ready();
	send_type(M_ARCHIVE_WANT, 4); /* 0 is fine, if useless */
	send_type(M_ARCHIVE_WANT, 5);
}

static void
r_archive_left(void)
{
	uint8_t msg[] = {0, M_ARCHIVE_LEFT, 0, 0, 0, 1};

	become_ready();
	send_raw(msg, sizeof(msg));
}

static void
r_archive_cut(void)
{
	uint8_t msg[14] = {0, M_ARCHIVE_CUT, 0, 0, 0, 1};

	become_ready();
	send_raw(msg, sizeof(msg));
}

/* What a collector does that is asked for something. */
static void
behave(struct ipc_msg *m)
{
	uint32_t generation;

	if (m->fd != -1)
		close(m->fd);
	if (m->type == M_STOP)
		exit(0);
	if (m->type == M_STATS)
		send_type(M_STATS_END, 0);
	if (m->type == M_CONF_COMMIT && rd_u32(&m->data, &generation) == 0)
		say_ready(generation);
}

/* Of two, the first one behaves, to the end. */
static void
second_of_two(void)
{
	static struct ipc_msg m;
	struct pollfd pfd = {.fd = COLLECTOR_IPC_FD, .events = POLLIN};

	become_ready();
	if (workers != 2)
		exit(9);
	while (worker == 0) {
		poll(&pfd, 1, 5000);
		while (ipc_recv(COLLECTOR_IPC_FD, &m) == 1)
			behave(&m);
	}
}

/* It is there and does nothing that others wait for. */
static void
r_keeps_the_reload(void)
{
	second_of_two();
	kill(getppid(), SIGHUP);
	pause();
}

static void
r_keeps_the_statistics(void)
{
	second_of_two();
	kill(getppid(), SIGUSR2);
	pause();
}

static void
r_keeps_both(void)
{
	second_of_two();
	kill(getppid(), SIGUSR2);
	usleep(100000);
	kill(getppid(), SIGHUP);
	pause();
}

/* Each answer is read in time, and all of them in none. */
static void
r_slow_reader(void)
{
	static struct ipc_msg m;
	uint8_t msg[14] = {0, M_ARCHIVE_CUT};

	second_of_two();
	for (;;) {
		while (write(COLLECTOR_IPC_FD, msg, sizeof(msg)) != -1)
			;
		usleep(700000);
		(void)ipc_recv(COLLECTOR_IPC_FD, &m);
	}
}

/* Each is a file that the parent makes and syncs. */
static void
r_saves_for_ever(void)
{
	static struct ipc_msg m;
	struct pollfd pfd = {.fd = COLLECTOR_IPC_FD, .events = POLLIN};

	second_of_two();
	kill(getppid(), SIGTERM);
	for (m.type = 0; m.type != M_STOP;)
		if (ipc_recv(COLLECTOR_IPC_FD, &m) != 1)
			poll(&pfd, 1, 5000);
	for (;;) {
		send_type(M_STATE_WANT, 0);
		send_type(M_STATE_DONE, 8);
		usleep(10000);
	}
}

/* It was given 2 and what is even, the first one 1 and so on. */
static void
name_segment(enum ipc_type type, uint32_t number)
{
	struct ipc_out out;

	ipc_new(&out, type);
	(void)wr_u32(&out.data, number);
	if (type == M_ARCHIVE_CUT)
		(void)wr_u64(&out.data, 0);
	(void)ipc_send(COLLECTOR_IPC_FD, &out, -1, 1000);
}

static void
r_own_segments(void)
{
	second_of_two();
	name_segment(M_ARCHIVE_CUT, 2);
	name_segment(M_ARCHIVE_LEFT, 2);
	name_segment(M_ARCHIVE_WANT, 2);
	send_type(4711, 0);
}

static void
r_wants_anothers(void)
{
	second_of_two();
	name_segment(M_ARCHIVE_WANT, 1);
}

static void
r_leaves_anothers(void)
{
	second_of_two();
	name_segment(M_ARCHIVE_LEFT, 1);
}

static void
r_cuts_anothers(void)
{
	second_of_two();
	name_segment(M_ARCHIVE_CUT, 1);
}

static void
r_segment_to_come(void)
{
	second_of_two();
	name_segment(M_ARCHIVE_LEFT, 20000);
}

static void
r_cuts_shared_log(void)
{
	second_of_two();
	cut(1, 32); /* to where it ends: one alone may */
}

static void
r_lone_cut(void)
{
	become_ready();
	cut(1, 32);
	send_type(4711, 0);
}

/* Each is given the page that is its own. */
static void
r_lies(void)
{
	struct ledger_page *page;

	second_of_two();
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED,
	    COLLECTOR_LEDGER_FD, 0);
	if (page == MAP_FAILED)
		exit(9);
	memset(page, 0xff, sizeof(*page));
	page->archive[0].number = 1;
	page->archive[0].end = 0;
	abort();
}

static void
r_dies(void)
{
	become_ready();
	abort();
}

static void
r_escapes(void)
{
	uint8_t msg[] = {0, M_SAY, 4, '\n', 'f', 'a', 'k', 'e', 0x1b, '['};

	become_ready();
	send_raw(msg, sizeof(msg));
	send_type(4711, 0);
}

/* clang-format off */
static const struct rogue {
	const char *name;
	void (*act)(void);
	const char *says;	/* what the parent must log */
} rogues[] = {
	{ "unknown", r_unknown, "message 4711 is not permitted" },
	{ "parents-own", r_parents_own, "is not permitted" },
	{ "no-type", r_no_type, "broken message" },
	{ "empty", r_empty, "ended with signal 9" },
	{ "ready-for-nothing", r_ready_for_nothing, "message 64 is not" },
	{ "ready-short", r_ready_short, "message 64 is not permitted" },
	{ "ready-long", r_ready_long, "message 64 is not permitted" },
	{ "cut-early", r_cut_early, "message 67 is not permitted" },
	{ "want-early", r_want_early, "message 66 is not permitted" },
	{ "ready-twice", r_ready_twice, "message 64 is not permitted" },
	{ "cut-history", r_cut_history, "message 67 is not permitted" },
	{ "cut-beyond", r_cut_beyond, "message 67 is not permitted" },
	{ "stats-unasked", r_stats_unasked, "message 69 is not permitted" },
	{ "stopped-unasked", r_stopped_unasked, "message 71 is not" },
	{ "state-early", r_state_early, "message 73 is not permitted" },
	{ "state-twice", r_state_twice, "message 73 is not permitted" },
	{ "state-unasked", r_state_unasked, "message 74 is not permitted" },
	{ "state-long", r_state_long, "message 74 is not permitted" },
	{ "archive-want", r_archive_want, "message 75 is not permitted" },
	{ "archive-cut", r_archive_cut, "message 76 is not permitted" },
	{ "archive-left", r_archive_left, "message 77 is not permitted" },
	{ "too-long", r_too_long, "message 65 is not permitted" },
	{ "bad-level", r_bad_level, "message 65 is not permitted" },
	{ "descriptor", r_descriptor, "message 68 is not permitted" },
	{ "noise", r_noise, "is not permitted" },
	{ "dies", r_dies, "collector: ended with signal 6" },
	{ "lone-cut", r_lone_cut, "collector: message 4711 is not" },
	{ "escapes", r_escapes, "collector: \\x0afake\\x1b[" },
	{ "babbles", r_babbles, "collector ready" },
	{ "deaf", r_deaf, NULL },
}, of_two[] = {
	{ "own-segments", r_own_segments, "collector 1: message 4711" },
	{ "wants-anothers", r_wants_anothers, "collector 1: message 75" },
	{ "cuts-anothers", r_cuts_anothers, "collector 1: message 76" },
	{ "leaves-anothers", r_leaves_anothers, "collector 1: message 77" },
	{ "segment-to-come", r_segment_to_come, "collector 1: message 77" },
	{ "cuts-shared-log", r_cuts_shared_log, "collector 1: message 67" },
	{ "lies", r_lies, "collector 1: ended with signal 6" },
	{ "keeps-the-reload", r_keeps_the_reload,
	    "configuration reloaded" },
	{ "keeps-the-statistics", r_keeps_the_statistics,
	    "statistics: without what" },
	{ "keeps-both", r_keeps_both, "configuration reloaded" },
	{ "slow-reader", r_slow_reader, "collector 1: does not listen" },
	{ "saves-for-ever", r_saves_for_ever, "collector 1: message 73" },
};
/* clang-format on */

static int
play(void)
{
	const char *name = getenv("ROGUE");
	size_t i;

	for (i = 0; i < sizeof(rogues) / sizeof(rogues[0]); i++)
		if (strcmp(rogues[i].name, name) == 0)
			rogues[i].act();
	for (i = 0; i < sizeof(of_two) / sizeof(of_two[0]); i++)
		if (strcmp(of_two[i].name, name) == 0)
			of_two[i].act();
	/* Being killed is the parent's part. */
	pause();
	return (0);
}

/* The parent, in a process of its own. */

static void
run_parent(const char *self, const struct rogue *r, int n)
{
	static struct options o;
	static struct parent parent;
	struct conf *conf;
	size_t len;
	int fd;

	setenv("ROGUE", r->name, 1);
	if ((fd = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0600)) == -1 ||
	    dup2(fd, STDERR_FILENO) == -1)
		_exit(90);
	snprintf(text, sizeof(text), "logfile \"%s\"\nlisten on 127.0.0.1:%u\n",
	    logfile, 20000 + (unsigned int)getpid() % 20000);
	len = strlen(text);
	if (n > 1)
		snprintf(text + len, sizeof(text) - len,
		    "workers %d\narchive \"%s\"\n", n, archive);
	strlcpy(o.self, self, sizeof(o.self));
	log_init("flowd", 1, 0);
	if ((conf = options_load(&o)) == NULL ||
	    parent_prepare(&parent, &o, conf) == -1)
		_exit(91);
	parent.stop_patience = 2;
	parent.conf_patience = parent.stats_patience = 2;
	_exit(parent_run(&parent));
}

static int
parent_said(const char *what)
{
	static char buf[65536];
	ssize_t n;
	int fd;

	if ((fd = open(said, O_RDONLY)) == -1)
		return (0);
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return (strstr(buf, what) != NULL);
}

static char self[1024];

static bool
other_suffers(void)
{
	return (parent_said("collector 0: ended") ||
	    parent_said("collector 0: message"));
}

static void
against(const struct rogue *r, int n)
{
	pid_t pid;
	int status, tries;
	bool suffers;
	const char *want = r->says == NULL ? "collector ready" : r->says;

	if ((pid = fork()) == 0)
		run_parent(self, r, n);
	for (tries = 0; tries < 200 && !parent_said(want); tries++)
		usleep(50000);
	if (!parent_said(want))
		fail_msg("against %s the parent never said: %s", r->name, want);
	/* Not behind the stop: a busy machine's collectors may need killing. */
	suffers = other_suffers();
	/* It lives and listens; or it gave up, as it may before the start. */
	kill(pid, SIGTERM);
	for (tries = 0; tries < 500; tries++, usleep(50000))
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
	if (tries == 500) {
		kill(pid, SIGKILL);
		fail_msg("against %s the parent does not stop", r->name);
	}
	if (!WIFEXITED(status))
		fail_msg("%s killed the parent: signal %d", r->name,
		    WTERMSIG(status));
	if (suffers)
		fail_msg("%s: the other one suffers", r->name);
	unlink(said);
}

static void
no_rogue_collector_hurts_the_parent(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rogues) / sizeof(rogues[0]); i++)
		against(&rogues[i], 1);
}

static void
none_hurts_another_collector(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(of_two) / sizeof(of_two[0]); i++)
		against(&of_two[i], 2);
}

static void
none_of_them_shortened_the_log(void **state)
{
	char buf[64];
	int fd = open(logfile, O_RDONLY);

	(void)state;
	assert_int_equal(read(fd, buf, sizeof(buf)), 32);
	close(fd);
}

static int
setup(void **state)
{
	int fd;

	(void)state;
	if (mkdtemp(dir) == NULL)
		return (-1);
	snprintf(logfile, sizeof(logfile), "%s/log", dir);
	snprintf(said, sizeof(said), "%s/said", dir);
	snprintf(archive, sizeof(archive), "%s/archive", dir);
	fd = open(logfile, O_WRONLY | O_CREAT, 0600);
	return (
	    fd == -1 || ftruncate(fd, 32) == -1 || close(fd) == -1 ? -1 : 0);
}

static int
remove_one(const char *name, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return (remove(name));
}

static int
teardown(void **state)
{
	(void)state;
	return (nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_rogue_collector_hurts_the_parent),
	    cmocka_unit_test(none_hurts_another_collector),
	    cmocka_unit_test(none_of_them_shortened_the_log),
	};

	if (argc > 1 && strcmp(argv[1], "-Pcollector") == 0)
		return (play());
	if (self_path(argv[0], self, sizeof(self)) == -1)
		return (1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
