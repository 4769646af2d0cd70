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

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector.h"
#include "confine.h"
#include "intake.h"
#include "ipc.h"
#include "learned.h"
#include "log.h"
#include "pace.h"
#include "setup.h"
#include "upcall.h"
#include "writer.h"

#define TICK NSEC_PER_SEC
#define TICK_WAITING (NSEC_PER_SEC * 3 / 4)
#define TICK_IDLE (2 * NSEC_PER_SEC)
#define ROUNDS_MAX 16 /* batches of one socket before the next */
#define DRAIN_MAX (2 * NSEC_PER_SEC)
#define WRITE_MAX (3 * NSEC_PER_SEC)
#define SAVE_MAX (3 * NSEC_PER_SEC)

static struct {
	struct ledger_page *page;
	struct udp_batch *batch;
	struct writer *writer;
	struct intake in;
	struct learned learned;
	int state_fd[LEARNED_FILES]; /* to be loaded */
	size_t nstate;
	struct setup now;
	struct setup next;
	bool stop;
	int64_t second;	 /* ns of the monotonic clock: the last tick */
	uint64_t ticked; /* datagrams received by then */
	struct pace pace;
} co;

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ((int64_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec);
}

static int64_t
monotonic(void)
{
	return (read_clock(CLOCK_MONOTONIC));
}

static void
say(void *arg, int level, const char *line)
{
	(void)arg;
	if (!upcall_say(level, line) && co.page != NULL)
		co.page->ledger.n[L_LOG_LINES_DROPPED]++;
}

/* The messages of the parent.  One that cannot be ends the collector. */

static int
conf_begin(struct ipc_msg *m)
{
	char title[32];

	if (setup_begin(&co.next, &m->data) == -1)
		return (-1);
	snprintf(title, sizeof(title), "collector %u", co.next.worker);
	title_set(co.next.workers > 1 ? title : "collector");
	return (0);
}

static int
conf_text(struct ipc_msg *m)
{
	return (setup_text(&co.next, &m->data));
}

static int
conf_listen_fd(struct ipc_msg *m)
{
	return (setup_listen(&co.next, m));
}

static int
conf_forward_fd(struct ipc_msg *m)
{
	return (setup_forward(&co.next, m));
}

/*
 * The datagrams of a socket that the kernel had no room for.  One that waited
 * tells of fewer than the socket did itself meanwhile.
 */
static void
note_drops(const struct listener *l, uint32_t drops)
{
	uint32_t *seen = &co.page->drops[l->number];

	if ((int32_t)(drops - *seen) > 0) {
		co.page->ledger.n[L_KERNEL_DROPS] += drops - *seen;
		*seen = drops;
	}
}

/* Those behind the last datagram: no later one tells of them. */
static void
ask_drops(void)
{
	uint32_t drops;
	size_t i;

	for (i = 0; i < co.now.nlistener; i++)
		if (udp_drops(co.now.listener[i].fd, &drops))
			note_drops(&co.now.listener[i], drops);
}

/* Before the first datagram, and by the rules of the configuration. */
static void
load_state(void)
{
	const struct share share = {.worker = co.now.worker,
	    .workers = co.now.workers,
	    .groups = conf_has_groups(co.now.conf)};

	if (co.nstate == 0)
		return;
	learned_load(&co.learned, &co.in, &share, co.state_fd, co.nstate);
	while (co.nstate > 0)
		close(co.state_fd[--co.nstate]);
}

/* The swap: from one datagram to the next the new configuration is in force. */
static int
conf_commit(struct ipc_msg *m)
{
	struct setup old;

	if (setup_complete(&co.next, &m->data) == -1)
		return (-1);
	intake_flush(&co.in);
	ask_drops();
	old = co.now;
	co.now = co.next;
	memset(&co.next, 0, sizeof(co.next));
	intake_configure(&co.in, co.now.conf);
	memcpy(co.in.forward, co.now.forward, sizeof(co.in.forward));
	co.in.nforward = co.now.nforward;
	setup_clear(&old);
	load_state();
	/* It may have another name now, under which there is nothing. */
	co.learned.stale = true;
	upcall_ready(co.now.generation);
	return (0);
}

static int
log_fd(struct ipc_msg *m)
{
	uint32_t number;
	uint8_t shared;

	if (rd_u32(&m->data, &number) == -1 || rd_u8(&m->data, &shared) == -1)
		return (-1);
	intake_set_log(&co.in, m->fd, number, shared != 0);
	m->fd = -1;
	return (0);
}

static int
log_cut_done(struct ipc_msg *m)
{
	uint32_t number;
	uint8_t done;

	if (rd_u32(&m->data, &number) == -1 || rd_u8(&m->data, &done) == -1)
		return (-1);
	logfile_cut_done(&co.in.log, number, done != 0);
	logfiles_cut_done(&co.in.log_before, number);
	return (0);
}

static int
archive_fd(struct ipc_msg *m)
{
	uint32_t number;
	uint64_t from;

	if (rd_u32(&m->data, &number) == -1 || rd_u64(&m->data, &from) == -1)
		return (-1);
	intake_set_archive(&co.in, m->fd, number, (int64_t)from);
	m->fd = -1;
	return (0);
}

static int
archive_cut_done(struct ipc_msg *m)
{
	uint32_t number;
	uint8_t done;

	if (rd_u32(&m->data, &number) == -1 || rd_u8(&m->data, &done) == -1)
		return (-1);
	arcfile_cut_done(&co.in.archive, number, done != 0);
	return (0);
}

static int
archive_hold(struct ipc_msg *m)
{
	uint8_t held;

	if (rd_u8(&m->data, &held) == -1)
		return (-1);
	arcfile_hold(&co.in.archive, held != 0);
	return (0);
}

static int
logsock_fd(struct ipc_msg *m)
{
	relay_set(&co.in.relay, m->fd);
	m->fd = -1;
	return (0);
}

static int
state(struct ipc_msg *m)
{
	if (m->fd == -1 || co.nstate == LEARNED_FILES || co.now.generation != 0)
		return (-1);
	co.state_fd[co.nstate++] = m->fd;
	m->fd = -1;
	return (0);
}

/* Put together in one go: some milliseconds for ten thousand templates. */
static int
state_fd(struct ipc_msg *m)
{
	const int fd = m->fd;

	if (!co.learned.asked || co.learned.buf != NULL)
		return (-1);
	m->fd = -1;
	if (learned_save(&co.learned, &co.in, co.writer, fd) == -1 && fd != -1)
		upcall_saved(0);
	return (0);
}

/* What the disk has done. */
static void
take_writings(void)
{
	struct writing *w;
	uint64_t bytes;

	while ((w = writer_done(co.writer)) != NULL)
		if (!intake_wrote(&co.in, w) &&
		    learned_wrote(&co.learned, co.writer, w, &bytes))
			upcall_saved(bytes);
}

static void
want_state(void)
{
	upcall_want_state();
	co.learned.asked = true;
	co.learned.tried = monotonic();
}

static void
tell_stats(void)
{
	ask_drops();
	intake_tick(&co.in, monotonic());
	upcall_stats(&co.in);
}

static int
stats(struct ipc_msg *m)
{
	(void)m;
	tell_stats();
	return (0);
}

static int
stop(struct ipc_msg *m)
{
	(void)m;
	co.stop = true;
	return (0);
}

/* clang-format off */
static const struct {
	enum ipc_type type;
	int (*handle)(struct ipc_msg *);
} handlers[] = {
	{ M_CONF_BEGIN, conf_begin },
	{ M_CONF_TEXT, conf_text },
	{ M_CONF_LISTEN, conf_listen_fd },
	{ M_CONF_FORWARD, conf_forward_fd },
	{ M_CONF_COMMIT, conf_commit },
	{ M_LOG_FD, log_fd },
	{ M_LOG_CUT_DONE, log_cut_done },
	{ M_LOGSOCK_FD, logsock_fd },
	{ M_ARCHIVE_FD, archive_fd },
	{ M_ARCHIVE_CUT_DONE, archive_cut_done },
	{ M_ARCHIVE_HOLD, archive_hold },
	{ M_STATS, stats },
	{ M_STATE, state },
	{ M_STATE_FD, state_fd },
	{ M_STOP, stop },
};
/* clang-format on */

static void
handle(struct ipc_msg *m)
{
	size_t i;

	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == m->type)
			break;
	if (i == sizeof(handlers) / sizeof(handlers[0]) ||
	    handlers[i].handle(m) == -1 || m->data.left != 0)
		fatalx("message %u of the parent is broken", m->type);
	if (m->fd != -1)
		close(m->fd);
}

static void
listen_to_parent(void)
{
	static struct ipc_msg m;
	int n;

	while ((n = ipc_recv(COLLECTOR_IPC_FD, &m)) == 1)
		handle(&m);
	/* A parent that is gone wants what has come in to be on disk. */
	if (n == 0)
		co.stop = true;
	else if (errno != EAGAIN)
		fatal("messages of the parent");
}

static void
take_batch(const struct listener *l, int n)
{
	const struct udp_datagram *d;
	int i;

	/* All at once: of a crash it is known how many it took. */
	co.page->ledger.n[L_RECEIVED] += (uint64_t)n;
	for (i = 0; i < n; i++) {
		d = udp_get(co.batch, i);
		if (d->has_drops)
			note_drops(l, d->drops);
		intake_datagram(&co.in, d);
	}
}

/* All there is on a socket, or its share.  True if it may hold more. */
static bool
empty(const struct listener *l)
{
	int n, round;

	for (round = 0; round < ROUNDS_MAX; round++) {
		/* An error of an earlier send may stand here: not ours. */
		if ((n = udp_recv(l->fd, co.batch)) <= 0)
			return (false);
		take_batch(l, n);
		if (writer_ready(co.writer))
			take_writings();
		if (n < UDP_BATCH)
			return (false);
	}
	return (true);
}

/*
 * From one tick to the next: who receives nothing need not wake up, and what
 * came is in the file within a second, the writing of it included.
 */
static int64_t
tick_length(void)
{
	if (intake_waiting(&co.in) > 0)
		return (TICK_WAITING);
	return (co.page->ledger.n[L_RECEIVED] == co.ticked ? TICK_IDLE : TICK);
}

/* Milliseconds until then. */
static int
until_tick(void)
{
	int64_t ms = (co.second + tick_length() - monotonic()) / NSEC_PER_MSEC;

	return (ms < 1 ? 1 : (int)ms);
}

/*
 * About once a second: what waits is written, what failed is tried again.  What
 * was received before `seen` has been read, unless there is more to read.
 */
static void
tick(int64_t seen, bool more)
{
	int64_t t = monotonic();

	if (t - co.second < tick_length())
		return;
	co.second = t;
	co.ticked = co.page->ledger.n[L_RECEIVED];
	ask_drops();
	intake_tick(&co.in, t);
	if (!more)
		intake_pass(&co.in, seen - ARCFILE_GRACE);
	if (learned_due(&co.learned, &co.in, t))
		want_state();
}

/* The disk is not kept waiting: what comes next is written at once. */
static void
sleep_until(int64_t end)
{
	struct pollfd pfd = {.fd = writer_fd(co.writer), .events = POLLIN};
	struct timespec ts = {0};
	int64_t left;

	while ((left = end - monotonic()) > 0) {
		ts.tv_nsec = (long)left;
		if (ppoll(&pfd, 1, &ts, NULL) > 0)
			take_writings();
	}
}

static void
nap(void)
{
	int64_t now = monotonic(), length;

	pace_gauge(&co.pace, &co.page->ledger, now);
	if (co.stop || co.now.conf == NULL || co.now.conf->busypoll != 0)
		return;
	if ((length = pace_nap(&co.pace, co.now.room)) > 0)
		sleep_until(now + length);
}

/* Places in the array of poll(2). */
enum { POLL_PARENT, POLL_RELAY, POLL_WRITER, POLL_LISTENERS };

static size_t
prepare_poll(struct pollfd *pfd)
{
	size_t i;

	pfd[POLL_PARENT] =
	    (struct pollfd){.fd = COLLECTOR_IPC_FD, .events = POLLIN};
	/* -1 is passed over. */
	pfd[POLL_RELAY] =
	    (struct pollfd){.fd = co.in.relay.waiting > 0 ? co.in.relay.fd : -1,
		.events = POLLOUT};
	pfd[POLL_WRITER] =
	    (struct pollfd){.fd = writer_fd(co.writer), .events = POLLIN};
	for (i = 0; i < co.now.nlistener; i++)
		pfd[POLL_LISTENERS + i] =
		    (struct pollfd){.fd = co.now.listener[i].fd,
			.events = POLLIN};
	return (i);
}

static void
loop(void)
{
	struct pollfd pfd[POLL_LISTENERS + SETUP_LISTENERS];
	size_t i, n;
	int64_t seen;
	bool more;

	while (!co.stop) {
		n = prepare_poll(pfd);
		seen = read_clock(CLOCK_REALTIME);
		if (poll(pfd, POLL_LISTENERS + n, until_tick()) == -1 &&
		    errno != EINTR)
			fatal("poll");
		for (i = 0, more = false; i < n; i++)
			if (pfd[POLL_LISTENERS + i].revents != 0)
				more = empty(&co.now.listener[i]) || more;
		intake_relay(&co.in);
		if (pfd[POLL_WRITER].revents != 0)
			take_writings();
		if (pfd[POLL_PARENT].revents != 0)
			listen_to_parent();
		tick(seen, more);
		upcall_wants(&co.in);
		if (!more)
			nap();
	}
}

/* What the parent says and the disk does while the end is awaited. */
static void
await(void)
{
	struct pollfd pfd[] = {{.fd = COLLECTOR_IPC_FD, .events = POLLIN},
	    {.fd = writer_fd(co.writer), .events = POLLIN}};

	if (poll(pfd, 2, 100) <= 0)
		return;
	if (pfd[1].revents != 0)
		take_writings();
	if (pfd[0].revents != 0)
		listen_to_parent();
}

/* The last one, which tells that it is.  One of before may be under way. */
static void
save_state(void)
{
	int64_t end = monotonic() + SAVE_MAX;
	int tries;

	co.learned.complete = true;
	co.learned.now_clean = false;
	for (tries = 0; tries < 2 && !co.learned.now_clean; tries++) {
		if (!co.learned.asked)
			want_state();
		while (co.learned.asked && monotonic() < end)
			await();
	}
}

/* The end: what the kernel already has is still collected.  1: lost some. */
static int
drain(void)
{
	int64_t end = monotonic() + DRAIN_MAX;
	size_t i;
	bool lost, more = true;

	while (more && monotonic() < end)
		for (i = 0, more = false; i < co.now.nlistener; i++)
			more = empty(&co.now.listener[i]) || more;
	intake_flush(&co.in);
	intake_relay(&co.in);
	end = monotonic() + WRITE_MAX;
	while (intake_busy(&co.in) && monotonic() < end)
		await();
	lost = intake_waiting(&co.in) > 0;
	intake_give_up(&co.in);
	tell_stats();
	save_state();
	upcall_stopped();
	return (lost);
}

static int
make_writer(void *arg)
{
	(void)arg;
	return ((co.writer = writer_new()) == NULL ? -1 : 0);
}

int
collector_main(int verbose)
{
	log_init("collector", 1, verbose);
	log_redirect(say, NULL);
	confine_signals();
	title_set("collector");
	tzset(); /* reads files: now or never */
	co.page = mmap(NULL, sizeof(*co.page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, COLLECTOR_LEDGER_FD, 0);
	if (co.page == MAP_FAILED)
		fatal("mapping the ledger");
	close(COLLECTOR_LEDGER_FD);
	co.page->ledger.n[L_EXPORTERS] = 0;
	if ((co.batch = udp_batch_new()) == NULL ||
	    intake_init(&co.in, co.page) == -1)
		fatal("memory for datagrams");
	confine(64 + 2 * SETUP_LISTENERS + 2 * INTAKE_FORWARDS, make_writer,
	    NULL);
	intake_use(&co.in, co.writer);
	co.second = co.pace.gauged = monotonic();
	co.pace.received = co.page->ledger.n[L_RECEIVED];
	co.pace.bytes = co.page->ledger.n[L_RECEIVED_BYTES];
	loop();
	return (drain());
}
