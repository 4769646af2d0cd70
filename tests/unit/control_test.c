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
 * control_main in a process of its own, with meters that have a table of flows
 * but no packets.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "log.h"
#include "meter/answer.h"
#include "meter/control.h"

#define METERS 2
#define WAIT_MS 20000 /* what takes longer has failed */

enum behaviour {
	METER_GOOD,
	METER_SILENT, /* reads nothing, says nothing */
	METER_DIES,   /* when it is asked */
	METER_LIES,   /* answers what nobody asked */
	METER_MAD,    /* answers what it is asked, almost */
};

/* Shared with the meters. */
static struct page {
	struct counters counters;
	volatile uint64_t turns; /* of its loop: packets would have come */
} * pages[METERS];

static struct {
	char dir[32];
	char path[64];
	pid_t meters[METERS];
	pid_t control;
	unsigned int seed;
	char *text; /* the last reply */
	size_t len;
} t;

static uint64_t
act(void *arg, enum request what)
{
	uint32_t *flows = arg;

	if (what == REQ_EXIT)
		_exit(0);
	return (what == REQ_EXPIRE_ALL ? *flows : 0);
}

static void
nothing(void *arg, struct entry *e, enum end_reason why)
{
	(void)arg;
	(void)e;
	(void)why;
}

static void
fill_table(struct flowtab *table, struct expire *expire, uint32_t flows)
{
	struct flow_key k = {.protocol = 6, .version = 6};
	struct entry *e;
	uint32_t i;

	for (i = 0; i < flows; i++) {
		memcpy(k.addr[1], &i, sizeof(i));
		k.addr[1][15] = 1;
		if ((e = flowtab_add(table, &k, flowtab_hash(table, &k, 0))) ==
		    NULL)
			_exit(3);
		expire_add(expire, e);
	}
}

/* An answer that is right but for some bits. */
static size_t
mad_answer(const uint8_t ask[12], uint8_t *out)
{
	static uint8_t text[50000];
	struct wr wr = wr_init(out, 65536);
	size_t len = (size_t)random() % 3 == 0 ? (size_t)random() % 50000 : 30;
	uint64_t number = (uint64_t)random() % 3;
	size_t i;

	memset(text, '\n', sizeof(text));
	if (random() % 2 == 0 &&
	    (wr_u32(&wr, ANS_TEXT) == -1 || wr_bytes(&wr, ask + 4, 4) == -1 ||
		wr_u64(&wr, 0) == -1 || wr_u32(&wr, (uint32_t)len) == -1 ||
		wr_bytes(&wr, text, len) == -1))
		_exit(3);
	if (wr_u32(&wr, ANS_NUMBER) == -1 || wr_bytes(&wr, ask + 4, 4) == -1 ||
	    wr_u64(&wr, number) == -1 || wr_u32(&wr, 0) == -1)
		_exit(3);
	for (i = (size_t)random() % 4; i > 0 && i < 3; i--)
		out[(size_t)random() % 24] ^= (uint8_t)(1 << random() % 8);
	return (65536 - wr.left);
}

static void __attribute__((__noreturn__)) mad_meter(int fd, struct page *page)
{
	static uint8_t out[65536];
	uint8_t ask[12];
	size_t len;

	srandom(t.seed);
	page->turns = 1;
	while (recv(fd, ask, sizeof(ask), MSG_WAITALL) == sizeof(ask)) {
		len = mad_answer(ask, out);
		if (send(fd, out, len, MSG_NOSIGNAL) == -1)
			break;
	}
	_exit(0);
}

static void __attribute__((__noreturn__))
meter_main(int fd, struct page *page, uint32_t flows, enum behaviour how)
{
	static const uint8_t secret[32] = {9};
	const struct timeouts timeouts = {.general = 3600};
	struct flowtab *table = flowtab_new(flows + 1, false, secret);
	struct expire *expire = expire_new(table, &timeouts, nothing, NULL);
	struct answers_config conf = {.table = table,
	    .expire = expire,
	    .act = act,
	    .arg = &flows};
	struct answers *a;
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	int more = 0;

	if (how == METER_MAD)
		mad_meter(fd, page);
	fill_table(table, expire, flows);
	if ((a = answers_new(fd, &conf)) == NULL)
		_exit(3);
	page->turns = 1;
	if (how == METER_LIES && write(fd, "this is no answer...", 20) != 20)
		_exit(3);
	while (how != METER_GOOD) {
		(void)poll(&pfd, 1, -1);
		if (how == METER_DIES)
			_exit(0);
		(void)poll(NULL, 0, -1);
	}
	while (more >= 0) {
		pfd.events = answers_events(a);
		(void)poll(&pfd, 1, more == 1 ? 0 : 1);
		page->turns++;
		more = answers_step(a, 0);
	}
	_exit(0);
}

static void
control_child(const struct control_config *conf)
{
	log_init("control_test", 1, 0);
	(void)alarm(120);
	_exit(control_main(conf));
}

static int
start(enum behaviour first, enum behaviour second, uint32_t flows)
{
	static struct control_config conf;
	const struct counters *counters[METERS];
	const enum behaviour how[METERS] = {first, second};
	int channels[METERS], sv[METERS][2];
	char err[256];
	size_t i;

	snprintf(t.dir, sizeof(t.dir), "/tmp/control-test.XXXXXX");
	if (mkdtemp(t.dir) == NULL)
		return (-1);
	snprintf(t.path, sizeof(t.path), "%s/ctl", t.dir);
	conf = (struct control_config){.pid = 4711,
	    .nmeters = METERS,
	    .counters = counters,
	    .channels = channels,
	    .client_ms = 1500,
	    .meter_ms = first == METER_MAD ? 100 : 700,
	    .timeouts = {.tcp = 3600}};
	if ((conf.listener =
		    control_listen(t.path, NULL, 0700, err, sizeof(err))) == -1)
		return (-1);
	for (i = 0; i < METERS; i++) {
		pages[i] = mmap(NULL, sizeof(*pages[i]), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANON, -1, 0);
		counters[i] = &pages[i]->counters;
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv[i]) == -1)
			return (-1);
		channels[i] = sv[i][0];
	}
	for (i = 0; i < METERS; i++)
		if ((t.meters[i] = fork()) == 0) {
			(void)alarm(120);
			close(conf.listener);
			close(sv[0][0]);
			close(sv[1][0]);
			close(sv[!i][1]);
			meter_main(sv[i][1], pages[i], flows, how[i]);
		}
	if ((t.control = fork()) == 0) {
		close(sv[0][1]);
		close(sv[1][1]);
		control_child(&conf);
	}
	close(conf.listener);
	for (i = 0; i < METERS; i++) {
		close(sv[i][0]);
		close(sv[i][1]);
		while (pages[i]->turns == 0)
			(void)poll(NULL, 0, 1);
	}
	return (0);
}

static void
end_one(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGKILL);
	(void)waitpid(*pid, NULL, 0);
	*pid = 0;
}

static int
teardown(void **state)
{
	size_t i;

	(void)state;
	end_one(&t.control);
	for (i = 0; i < METERS; i++) {
		end_one(&t.meters[i]);
		if (pages[i] != NULL)
			munmap(pages[i], sizeof(*pages[i]));
		pages[i] = NULL;
	}
	unlink(t.path);
	rmdir(t.dir);
	free(t.text);
	t.text = NULL;
	return (0);
}

/* The status of control_main, when it ends by itself. */
static int
control_status(void)
{
	int status, i;

	for (i = 0; i < WAIT_MS / 10; i++) {
		if (waitpid(t.control, &status, WNOHANG) == t.control) {
			t.control = 0;
			return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		}
		(void)poll(NULL, 0, 10);
	}
	return (-2);
}

static int
reach(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(sun.sun_path, t.path, strlen(t.path) + 1);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sun,
			     sizeof(sun)),
	    0);
	return (fd);
}

static void
say(int fd, const char *s)
{
	assert_int_equal(send(fd, s, strlen(s), MSG_NOSIGNAL), strlen(s));
}

/* All that comes, until the other end closes, which it must. */
static const char *
hear(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	size_t room = 0;
	ssize_t n;

	t.len = 0;
	do {
		if (t.len + 65536 > room) {
			room = 2 * (t.len + 65536);
			assert_non_null(t.text = realloc(t.text, room));
		}
		assert_int_equal(poll(&pfd, 1, WAIT_MS), 1);
		n = read(fd, t.text + t.len, room - t.len - 1);
		if (n > 0)
			t.len += (size_t)n;
	} while (n > 0);
	assert_true(n == 0 || errno == ECONNRESET);
	t.text[t.len] = '\0';
	close(fd);
	return (t.text);
}

static const char *
command(const char *line)
{
	int fd = reach();

	say(fd, line);
	return (hear(fd));
}

static bool
has(const char *part)
{
	if (strstr(t.text, part) != NULL)
		return (true);
	print_error("no \"%s\" in \"%.2000s\"\n", part, t.text);
	return (false);
}

static size_t
lines(const char *with)
{
	const char *p = t.text;
	size_t n = 0;

	while (p != NULL && *p != '\0') {
		n += strncmp(p, with, strlen(with)) == 0;
		if ((p = strchr(p, '\n')) != NULL)
			p++;
	}
	return (n);
}

static void
meters_make_one_sum(void **state)
{
	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 3), 0);
	pages[0]->counters.started = 1795249568 * UINT64_C(1000000000);
	pages[0]->counters.frames = pages[0]->counters.seen[SEEN_IP] = 10;
	pages[1]->counters.frames = pages[1]->counters.seen[SEEN_IP] = 20;
	command("statistics\n");
	assert_true(has("softflowd[4711]: Accumulated statistics since "
			"2026-11-21T08:26:08 UTC:\n"
			"Number of active flows: 0\n"
			"Packets processed: 30\n"));
	command("statistics --json\n");
	assert_int_equal(strncmp(t.text, "{\"frames\": 30, ", 15), 0);
	command("statistics-json\n");
	assert_int_equal(strncmp(t.text, "{\"frames\": 30, ", 15), 0);
	assert_string_equal(command("expire-all\n"),
	    "softflowd[4711]: Expired 6 flows.\n");
	assert_string_equal(command("delete-all\n"),
	    "softflowd[4711]: Deleted 0 flows.\n");
}

static void
replies_are_those_of_softflowd(void **state)
{
	static const char *const table[][2] = {
	    {"send-template\n",
		"softflowd[4711]: Template will be sent at next flow "
		"export\n"},
	    {"debug+\n", "softflowd[4711]: Debug level increased.\n"},
	    {"debug-\n", "softflowd[4711]: Debug level decreased.\n"},
	    {"stop-gather\n", "softflowd[4711]: Data collection stopped.\n"},
	    {"start-gather\n", "softflowd[4711]: Data collection resumed.\n"},
	    {"shutdown\n", "softflowd[4711]: Shutting down gracefully...\n"},
	    {"dump-flows\n", "softflowd[4711]: Dumping flow data:\n"},
	    {"bogus x\n", "Unknown control command \"bogus x\"\n"},
	    {"\n", "Unknown control command \"\"\n"},
	    {"\033[2J\377\n", "Unknown control command \"\\x1b[2J\\xff\"\n"},
	    {"version\n", "softflowd[4711]: version " VERSION "\n"},
	};
	size_t i;

	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 0), 0);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_string_equal(command(table[i][0]), table[i][1]);
	command("timeouts\n");
	assert_true(has("softflowd[4711]: Printing timeouts:\n"
			"           TCP timeout: 3600s\n"));
	command("help\n");
	assert_true(has("Valid control words are:\n"
			"\tdebug+ debug- delete-all dump-flows exit expire-all"
			"\n"));
}

static void
exit_is_answered_though_nobody_is_left(void **state)
{
	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 0), 0);
	assert_string_equal(command("exit\n"),
	    "softflowd[4711]: Exiting now...\n");
	assert_int_equal(control_status(), 0);
}

static void
a_line_may_come_in_any_pieces(void **state)
{
	static const char bytes[] = "  expire-all \r\n";
	size_t i;
	int fd;

	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 1), 0);
	fd = reach();
	for (i = 0; bytes[i] != '\0'; i++) {
		assert_int_equal(write(fd, &bytes[i], 1), 1);
		(void)poll(NULL, 0, 2);
	}
	assert_string_equal(hear(fd), "softflowd[4711]: Expired 2 flows.\n");
	/* The end of what a client says ends the line. */
	fd = reach();
	say(fd, "expire-all");
	shutdown(fd, SHUT_WR);
	assert_string_equal(hear(fd), "softflowd[4711]: Expired 2 flows.\n");
}

static void
a_line_has_its_limit(void **state)
{
	char line[300];
	int fd;

	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 0), 0);
	memset(line, 'x', sizeof(line));
	line[255] = '\n';
	line[256] = '\0';
	command(line);
	assert_true(has("Unknown control command \"xxxx"));
	assert_int_equal(t.len, 24 + 255 + 3);
	line[255] = 'x';
	fd = reach();
	say(fd, line);
	assert_string_equal(hear(fd), "Control command is too long\n");
}

static void
a_silent_client_is_cut_and_keeps_nobody_waiting(void **state)
{
	int silent[CONTROL_CLIENTS - 1];
	size_t i;

	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 1), 0);
	for (i = 0; i < CONTROL_CLIENTS - 1; i++)
		silent[i] = reach();
	assert_string_equal(command("expire-all\n"),
	    "softflowd[4711]: Expired 2 flows.\n");
	for (i = 0; i < CONTROL_CLIENTS - 1; i++)
		assert_string_equal(hear(silent[i]), "");
}

static void
a_hundred_clients_at_once_are_all_served(void **state)
{
	int fds[100];
	size_t i;

	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 1), 0);
	/* The kernel's queue is short: who says nothing yet fills it. */
	for (i = 0; i < 100; i++) {
		fds[i] = reach();
		say(fds[i], i % 2 ? "expire-all\n" : "top 5\n");
	}
	for (i = 0; i < 100; i++) {
		hear(fds[i]);
		assert_true(has(i % 2 ? "Expired 2 flows.\n" : "Largest"));
	}
}

static void
a_dump_leaves_nothing_out_and_the_meters_go_on(void **state)
{
	uint64_t turns;
	int fd;

	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 50000), 0);
	fd = reach();
	say(fd, "dump-flows\n");
	/* Nobody reads it yet, and the meters have nothing to do with that. */
	(void)poll(NULL, 0, 100);
	turns = pages[0]->turns;
	while (pages[0]->turns < turns + 10)
		(void)poll(NULL, 0, 1);
	assert_string_equal(command("expire-all\n"),
	    "softflowd[4711]: Expired 100000 flows.\n");
	hear(fd);
	assert_int_equal(lines("ACTIVE seq:"), 100000);
	assert_int_equal(lines("ACTIVE seq:50000 "), 2);
	assert_int_equal(lines("EXPIRY EVENT for flow "), 100000);
}

static void
who_does_not_read_is_cut(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 50000), 0);
	fd = reach();
	say(fd, "dump-flows\n");
	(void)poll(&(struct pollfd){.fd = fd}, 1, WAIT_MS); /* its end */
	hear(fd);
	assert_true(lines("ACTIVE seq:") < 50000);
	assert_true(lines("ACTIVE seq:") > 0);
}

static void
top_asks_each_meter(void **state)
{
	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 50), 0);
	command("top 7\n");
	assert_true(has("softflowd[4711]: Largest flows:\nclock "));
	assert_int_equal(lines("6 "), 14);
	command("top\n");
	assert_int_equal(lines("6 "), 40);
	assert_string_equal(command("top 0\n"),
	    "Unknown control command \"top 0\"\n");
}

static void
a_meter_that_does_not_answer_is_named(void **state)
{
	(void)state;
	assert_int_equal(start(METER_GOOD, METER_SILENT, 1), 0);
	assert_string_equal(command("debug+\n"),
	    "softflowd[4711]: meter 1 does not answer\n");
	command("dump-flows\n");
	assert_int_equal(lines("ACTIVE seq:1 "), 1);
	assert_true(has("softflowd[4711]: meter 1 does not answer\n"));
	/* What needs no meter is told. */
	command("statistics\n");
	assert_true(has("Packets processed: 0\n"));
}

static void
a_meter_that_dies_is_named_and_the_rest_serve(void **state)
{
	(void)state;
	assert_int_equal(start(METER_DIES, METER_GOOD, 1), 0);
	command("dump-flows\n");
	assert_true(has("softflowd[4711]: meter 0 is gone\n"));
	command("dump-flows\n");
	assert_int_equal(lines("ACTIVE seq:1 "), 1);
	assert_string_equal(command("expire-all\n"),
	    "softflowd[4711]: Expired 1 flows.\n");
	end_one(&t.meters[1]);
	assert_int_equal(control_status(), 0);
}

static void
a_meter_that_lies_is_not_believed(void **state)
{
	(void)state;
	assert_int_equal(start(METER_LIES, METER_GOOD, 1), 0);
	(void)poll(NULL, 0, 50);
	assert_string_equal(command("expire-all\n"),
	    "softflowd[4711]: Expired 1 flows.\n");
}

static void
a_meter_that_is_mad_harms_nobody_else(void **state)
{
	static const char *const said[] = {"dump-flows\n", "top\n",
	    "expire-all\n", "send-template\n", "statistics\n"};
	size_t i;

	for (t.seed = 1; t.seed <= 20; t.seed++) {
		assert_int_equal(start(METER_MAD, METER_GOOD, 5), 0);
		for (i = 0; i < 15; i++)
			assert_true(strlen(command(said[i % 5])) > 0);
		command("help\n");
		assert_true(has("Valid control words are:\n"));
		kill(t.control, SIGTERM);
		assert_int_equal(control_status(), 0);
		teardown(state);
	}
}

static void
a_signal_ends_it_in_the_middle_of_a_dump(void **state)
{
	char buf[65536];
	int fd, i;

	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 50000), 0);
	fd = reach();
	say(fd, "dump-flows\n");
	for (i = 0; i < 10; i++)
		assert_true(read(fd, buf, sizeof(buf)) > 0);
	kill(t.control, SIGTERM);
	assert_int_equal(control_status(), 0);
	close(fd);
}

static void
a_signal_ends_it(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(start(METER_GOOD, METER_GOOD, 1), 0);
	fd = reach();
	command("help\n");
	kill(t.control, SIGTERM);
	assert_int_equal(control_status(), 0);
	assert_string_equal(hear(fd), "");
}

int
main(void)
{
#define T(name) cmocka_unit_test_teardown(name, teardown)
	const struct CMUnitTest tests[] = {
	    T(meters_make_one_sum),
	    T(replies_are_those_of_softflowd),
	    T(exit_is_answered_though_nobody_is_left),
	    T(a_line_may_come_in_any_pieces),
	    T(a_line_has_its_limit),
	    T(a_silent_client_is_cut_and_keeps_nobody_waiting),
	    T(a_hundred_clients_at_once_are_all_served),
	    T(a_dump_leaves_nothing_out_and_the_meters_go_on),
	    T(who_does_not_read_is_cut),
	    T(top_asks_each_meter),
	    T(a_meter_that_does_not_answer_is_named),
	    T(a_meter_that_dies_is_named_and_the_rest_serve),
	    T(a_meter_that_lies_is_not_believed),
	    T(a_meter_that_is_mad_harms_nobody_else),
	    T(a_signal_ends_it),
	    T(a_signal_ends_it_in_the_middle_of_a_dump),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
