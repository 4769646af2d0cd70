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
 * The parent goes forward through its states with each collector, and every
 * state permits less than the one before.  What a collector may ask for, when,
 * and in how many bytes, is the table `ops`.  It names things by the numbers
 * that it was given.  Whatever else it says, it is killed for, and another
 * one is started.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "archivist.h"
#include "compat/compat.h"
#include "ipc.h"
#include "ledger.h"
#include "log.h"
#include "logfile.h"
#include "logopen.h"
#include "privsep.h"
#include "proc.h"
#include "report.h"
#include "sandbox/sandbox.h"
#include "signals.h"
#include "sockets.h"
#include "statefile.h"

#define BACKOFF_MAX 60	 /* seconds between two starts of a collector */
#define GOOD_RUN 60	 /* seconds that make up for earlier deaths */
#define STOP_PATIENCE 10 /* seconds for a collector to drain and flush */
#define SAY_MAX 1024	 /* bytes of a collector's message */
#define SAY_RATE 50	 /* messages in a second; more are dropped, counted */

static struct {
	const struct options *options;
	struct conf *conf;
	struct conf *next; /* handed over, not yet in force */
	struct sockets sockets;
	struct sockets next_sockets;
	uint32_t generation; /* of the configuration handed over last */

	struct proc proc;
	int64_t since;	 /* second of its start, or when the next one is due */
	int64_t stop_by; /* second of the end of our patience */
	int backoff;
	bool was_ready; /* some collector has been */
	int said;	/* messages in this second */

	struct logopen log;
	bool log_retry;	 /* the log could not be opened anew */
	bool log_wanted; /* the collector cannot go on without */
	bool logsock_wanted;

	struct archivist archive;

	struct statefile state;
	bool state_wanted;

	struct ledger_page *page;
	int page_fd;
	struct report report;
	int64_t second;

	bool stopping;
	int status;
} p = {.proc = {.sock = -1},
    .page_fd = -1,
    .log = {.fd = -1},
    .state = {.kept = -1, .next = -1}};

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec);
}

static void
tell_log(void)
{
	struct ipc_out out;

	ipc_new(&out, M_LOG_FD);
	(void)wr_u32(&out.data, p.log.number);
	(void)wr_u8(&out.data, p.conf->workers > 1);
	(void)proc_tell(&p.proc, &out, p.log.fd);
}

static void
tell_logsock(void)
{
	struct ipc_out out;
	int fd;

	if (p.conf->logsock == NULL ||
	    (fd = sockets_unix(p.conf->logsock, p.conf->logsock_bufsize)) == -1)
		return; /* nobody listens yet; it will ask again */
	ipc_new(&out, M_LOGSOCK_FD);
	(void)proc_tell(&p.proc, &out, fd);
	close(fd);
}

/* What the exporters taught the last collector. */
static void
tell_state(void)
{
	struct ipc_out out;
	int fd;

	if ((fd = statefile_open(&p.state, p.conf->statefile)) == -1)
		return;
	ipc_new(&out, M_STATE);
	(void)proc_tell(&p.proc, &out, fd);
	close(fd);
}

/* Where to write what they taught this one. */
static int
tell_state_fd(void)
{
	struct ipc_out out;

	p.state_wanted = false;
	ipc_new(&out, M_STATE_FD);
	return (proc_tell(&p.proc, &out,
	    statefile_begin(&p.state, p.conf->statefile)));
}

void
privsep_adopt(const struct proc *proc)
{
	p.proc = *proc;
	p.report.stats.collector_starts++;
	/* The log first: nothing is received before the configuration. */
	tell_log();
	archivist_adopt(&p.archive, &p.proc);
	tell_logsock();
	p.state_wanted = false;
	statefile_abandon(&p.state);
	tell_state();
	(void)proc_tell_conf(&p.proc, 0, ++p.generation, p.conf, &p.sockets);
}

static void
start_collector(void)
{
	struct proc proc;

	p.since = now();
	if (proc_start(&proc, p.options->self, p.options->verbose, p.page_fd) ==
	    -1) {
		log_warn("collector: cannot be started");
		p.since += p.backoff = BACKOFF_MAX;
		return;
	}
	privsep_adopt(&proc);
}

/* Reload: the new ones stand beside the old ones until the swap. */

static void
drop_next(void)
{
	conf_free(p.next);
	p.next = NULL;
	sockets_close(&p.next_sockets);
}

static void
take_next(void)
{
	archivist_settle(&p.archive, &p.next->archive, &p.proc);
	sockets_settle(&p.next_sockets, p.next, p.conf);
	sockets_close(&p.sockets);
	conf_free(p.conf);
	p.sockets = p.next_sockets;
	p.conf = p.next;
	p.next = NULL;
	memset(&p.next_sockets, 0, sizeof(p.next_sockets));
}

static void
set_log(int fd)
{
	logopen_set(&p.log, fd);
	p.log_retry = p.log_wanted = false;
	tell_log();
}

/* The log by its name, anew.  What is open stays until that works. */
static void
reopen_log(void)
{
	int fd;

	if (p.conf->logfile == NULL)
		return;
	if ((fd = logopen_open(p.conf->logfile, !p.log_retry)) == -1) {
		p.report.stats.log_opens_failed++;
		if (!p.log_retry && !p.log_wanted)
			log_warnx("the log that is open stays in use");
		p.log_retry = true;
		return;
	}
	p.report.stats.log_opens++;
	if (p.log_retry || p.log_wanted)
		log_info("logfile %s: opened anew", p.conf->logfile);
	set_log(fd);
}

static void
refuse_reload(void)
{
	p.report.stats.reloads_refused++;
	log_warnx("not reloaded: everything stays as it was");
}

/* All that a configuration needs opened; the log last, for it makes a file. */
static int
open_next(const struct conf *conf, int *fd)
{
	*fd = -1;
	if (sockets_open(&p.next_sockets, conf, &p.sockets, p.conf) == -1)
		return (-1);
	if (conf->logfile == NULL ||
	    (*fd = logopen_open(conf->logfile, true)) != -1) {
		if (archivist_offer(&p.archive, &conf->archive, &p.proc) == 0)
			return (0);
		if (*fd != -1)
			close(*fd);
	}
	sockets_abandon(&p.next_sockets, conf, p.conf);
	return (-1);
}

static void
reload(void)
{
	struct conf *conf;
	size_t i;
	int fd;

	if ((conf = options_load(p.options)) == NULL ||
	    open_next(conf, &fd) == -1) {
		conf_free(conf);
		refuse_reload();
		return;
	}
	p.next = conf;
	for (i = 0; i < p.next_sockets.nlisten; i++)
		if (!p.next_sockets.listen[i].kept)
			p.page->drops[p.next_sockets.listen[i].number] = 0;
	p.report.stats.reloads++;
	p.report.stats.log_opens += fd != -1;
	if (fd != -1)
		set_log(fd); /* none at all only after the swap */
	if (p.proc.pid == 0)
		take_next(); /* the next collector starts with it */
	else if (proc_tell_conf(&p.proc, 0, ++p.generation, p.next,
		     &p.next_sockets) == 0)
		log_debug("configuration %u handed over", p.generation);
}

/* What the collector may ask for. */

static int
op_ready(struct ipc_msg *m)
{
	uint32_t generation;

	if (rd_u32(&m->data, &generation) == -1 || generation != p.generation ||
	    (p.proc.state == ST_RUNNING && p.next == NULL))
		return (-1);
	if (p.next != NULL) {
		take_next();
		log_info("configuration reloaded");
		if (p.conf->logfile == NULL)
			set_log(-1);
		tell_logsock();
	}
	if (p.proc.state == ST_STARTING)
		log_info("collector ready, pid %d%s", (int)p.proc.pid,
		    geteuid() == 0 ? ""
				   : "; without root: no chroot, no change "
				     "of user");
	p.proc.state = ST_RUNNING;
	p.was_ready = true;
	return (0);
}

static int
op_say(struct ipc_msg *m)
{
	char text[SAY_MAX + 16];
	uint8_t level;
	size_t len;

	if (rd_u8(&m->data, &level) == -1 || level > LOG_DEBUG)
		return (-1);
	if (!p.options->verbose && p.said++ >= SAY_RATE) {
		p.page->ledger.n[L_LOG_LINES_DROPPED]++;
		return (rd_skip(&m->data, m->data.left));
	}
	memcpy(text, "collector: ", 11);
	len = m->data.left;
	if (rd_bytes(&m->data, text + 11, len) == -1)
		return (-1);
	text[11 + len] = '\0';
	log_line(level, text);
	return (0);
}

static int
op_log_want(struct ipc_msg *m)
{
	uint32_t number;

	if (rd_u32(&m->data, &number) == -1)
		return (-1);
	/* One of an earlier log came too late to matter. */
	if (number == p.log.number)
		p.log_wanted = true; /* at the next second, not sooner */
	return (0);
}

static int
op_log_cut(struct ipc_msg *m)
{
	struct ipc_out out;
	uint32_t number;
	uint64_t size;
	enum logopen_cut done = CUT_FAILED;

	if (rd_u32(&m->data, &number) == -1 || rd_u64(&m->data, &size) == -1)
		return (-1);
	if (number == p.log.number)
		done = logopen_cut(&p.log, size, LOGFILE_BUFFER);
	if (done == CUT_FORBIDDEN)
		return (-1);
	if (done == CUT_FAILED && p.said++ < SAY_RATE)
		log_warnx("logfile: an incomplete record could not be taken "
			  "back");
	ipc_new(&out, M_LOG_CUT_DONE);
	(void)wr_u32(&out.data, number);
	(void)wr_u8(&out.data, done == CUT_DONE);
	return (proc_tell(&p.proc, &out, -1));
}

static int
op_archive_want(struct ipc_msg *m)
{
	return (archivist_want(&p.archive, m));
}

static int
op_archive_cut(struct ipc_msg *m)
{
	return (archivist_cut(&p.archive, m, &p.proc));
}

static int
op_archive_left(struct ipc_msg *m)
{
	return (archivist_left(&p.archive, m, &p.proc));
}

static int
op_logsock_want(struct ipc_msg *m)
{
	(void)m;
	p.logsock_wanted = true; /* likewise */
	return (0);
}

static int
op_exporter(struct ipc_msg *m)
{
	/* At its end a collector tells unasked. */
	if (!p.report.asked && p.proc.state != ST_STOPPING)
		return (-1);
	return (report_exporter(&p.report, &m->data,
	    (size_t)conf_limits(p.conf).exporters));
}

static int
op_ignored(struct ipc_msg *m)
{
	if (!p.report.asked && p.proc.state != ST_STOPPING)
		return (-1);
	return (report_ignored(&p.report, &m->data));
}

static void
publish(const struct ledger *ledger)
{
	report_listeners(&p.report, &p.sockets, p.page->drops);
	report_publish(&p.report, ledger, p.conf->statsfile);
}

static int
op_stats_end(struct ipc_msg *m)
{
	(void)m;
	if (!p.report.asked && p.proc.state != ST_STOPPING)
		return (-1);
	p.report.final = p.proc.state == ST_STOPPING;
	p.report.to_log = p.report.to_log || p.report.final;
	publish(&p.page->told);
	return (0);
}

static int
op_state_want(struct ipc_msg *m)
{
	(void)m;
	if (p.state_wanted || p.state.next != -1)
		return (-1);
	if (p.proc.state == ST_STOPPING)
		return (tell_state_fd());
	p.state_wanted = true; /* at the next second, not sooner */
	return (0);
}

static int
op_state_done(struct ipc_msg *m)
{
	uint64_t bytes;

	if (p.state.next == -1 || rd_u64(&m->data, &bytes) == -1)
		return (-1);
	statefile_end(&p.state, bytes);
	return (0);
}

static int
op_stopped(struct ipc_msg *m)
{
	(void)m;
	return (0); /* its exit status says the rest */
}

/* clang-format off */
static const struct op {
	enum ipc_type type;
	unsigned int legal;	/* enum proc_state, ORed */
	size_t least, most;	/* bytes behind the type */
	int (*handle)(struct ipc_msg *);
} ops[] = {
	{ M_READY, ST_STARTING | ST_RUNNING, 4, 4, op_ready },
	{ M_SAY, ST_STARTING | ST_RUNNING | ST_STOPPING, 1, 1 + SAY_MAX,
	    op_say },
	{ M_LOG_WANT, ST_RUNNING | ST_STOPPING, 4, 4, op_log_want },
	{ M_LOG_CUT, ST_RUNNING | ST_STOPPING, 12, 12, op_log_cut },
	{ M_LOGSOCK_WANT, ST_RUNNING | ST_STOPPING, 0, 0, op_logsock_want },
	{ M_EXPORTER, ST_RUNNING | ST_STOPPING, REPORT_EXPORTER,
	    REPORT_EXPORTER, op_exporter },
	{ M_IGNORED, ST_RUNNING | ST_STOPPING, 8, REPORT_IGNORED_MAX,
	    op_ignored },
	{ M_STATS_END, ST_RUNNING | ST_STOPPING, 0, 0, op_stats_end },
	{ M_STATE_WANT, ST_RUNNING | ST_STOPPING, 0, 0, op_state_want },
	{ M_STATE_DONE, ST_RUNNING | ST_STOPPING, 8, 8, op_state_done },
	{ M_STOPPED, ST_STOPPING, 0, 0, op_stopped },
	{ M_ARCHIVE_WANT, ST_RUNNING | ST_STOPPING, 4, 4, op_archive_want },
	{ M_ARCHIVE_CUT, ST_RUNNING | ST_STOPPING, 12, 12, op_archive_cut },
	{ M_ARCHIVE_LEFT, ST_STARTING | ST_RUNNING | ST_STOPPING, 4, 4,
	    op_archive_left },
};
/* clang-format on */

void
privsep_message(struct ipc_msg *m)
{
	const struct op *op = NULL;
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (ops[i].type == m->type)
			op = &ops[i];
	/* No descriptor of a collector's is ever wanted. */
	if (m->fd != -1)
		close(m->fd);
	if (op != NULL && m->fd == -1 && (op->legal & p.proc.state) != 0 &&
	    m->data.left >= op->least && m->data.left <= op->most &&
	    op->handle(m) == 0 && m->data.left == 0)
		return;
	if (p.proc.state == ST_DEAD)
		return;
	log_warnx("collector: message %u is not permitted now: killed",
	    m->type);
	proc_kill(&p.proc);
}

static void
listen_to_collector(void)
{
	static struct ipc_msg m;
	int n = 0, i;

	/* A few at a time: it must not keep us from everything else. */
	for (i = 0; i < 64 && p.proc.state != ST_DEAD; i++) {
		if ((n = ipc_recv(p.proc.sock, &m)) != 1)
			break;
		privsep_message(&m);
	}
	if (p.proc.state == ST_DEAD || n == 1 || (n == -1 && errno == EAGAIN))
		return;
	if (n == -1)
		log_warn("collector: broken message");
	/* Gone, or about to be: whichever, nothing it says counts. */
	if (n == -1 || p.proc.state != ST_STOPPING)
		proc_kill(&p.proc);
	close(p.proc.sock);
	p.proc.sock = -1;
}

/* The end of a collector. */

/*
 * A write that was under way may have left a part of itself, or all of it
 * uncounted.  The ledger says where the last counted flow ends.
 */
static void
cut_crashed(void)
{
	if (p.page->log_number != p.log.number || p.log.fd == -1)
		return;
	if (logopen_cut(&p.log, p.page->log_end, LOGFILE_BUFFER) ==
	    CUT_FORBIDDEN)
		log_warnx("logfile: may end in an incomplete record");
}

static void
schedule_restart(void)
{
	if (now() - p.since >= GOOD_RUN)
		p.backoff = 0;
	p.backoff = p.backoff == 0 ? 1 : p.backoff * 2;
	if (p.backoff > BACKOFF_MAX)
		p.backoff = BACKOFF_MAX;
	p.since = now() + p.backoff;
	log_warnx("collector: another one starts in %d s", p.backoff);
}

static void
collector_ended(int status)
{
	char how[64];
	bool clean = p.proc.state == ST_STOPPING && status == 0;
	bool blamed;

	p.proc.pid = 0;
	if (p.proc.sock != -1)
		close(p.proc.sock);
	p.proc.sock = -1;
	statefile_abandon(&p.state);
	archivist_bereft(&p.archive, clean ? NULL : p.page);
	if (clean)
		return;
	log_warnx("collector: ended with %s",
	    proc_describe(status, how, sizeof(how)));
	cut_crashed();
	ledger_close_crash(&p.page->ledger);
	if (p.report.asked)
		publish(&p.page->ledger);
	/* It may have died of the new configuration: the old one ran. */
	if (p.next != NULL) {
		log_warnx("the reload did not take effect");
		archivist_withdraw(&p.archive);
		drop_next();
		reopen_log();
	}
	blamed = statefile_blame(&p.state, now() - p.since);
	if (!p.was_ready && !blamed) {
		p.stopping = true;
		p.status = 1;
	} else if (!p.stopping)
		schedule_restart();
	else
		p.status = 1;
}

static uint64_t
milliseconds(const struct rusage *ru)
{
	return ((uint64_t)(ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000 +
	    (uint64_t)(ru->ru_utime.tv_usec + ru->ru_stime.tv_usec) / 1000);
}

static void
reap(void)
{
	struct rusage ru;
	pid_t pid;
	int status, i;

	while ((pid = wait4(-1, &status, WNOHANG, &ru)) > 0)
		if (!archivist_reap(&p.archive, pid, status,
			milliseconds(&ru)) &&
		    pid == p.proc.pid) {
			/* Its last words are in the socket. */
			for (i = 0; i < 64 && p.proc.sock != -1; i++)
				listen_to_collector();
			collector_ended(status);
		}
}

/* Signals and time. */

static void
ask_stats(bool to_log)
{
	if (!report_begin(&p.report, to_log))
		return;
	if (p.proc.pid == 0 || p.proc.state != ST_RUNNING)
		publish(&p.page->ledger);
	else
		(void)proc_tell_short(&p.proc, M_STATS);
}

static void
begin_stop(void)
{
	p.stopping = true;
	p.stop_by = now() + STOP_PATIENCE;
	if (p.proc.pid == 0 || p.proc.state == ST_DEAD)
		return;
	log_info("stopping");
	(void)proc_tell_short(&p.proc, M_STOP);
	if (p.proc.state != ST_DEAD)
		p.proc.state = ST_STOPPING;
}

static void
answer_signals(void)
{
	if (signals_take(SIGCHLD))
		reap();
	if (signals_take(SIGTERM) && !p.stopping)
		begin_stop();
	if (p.stopping)
		return;
	if (p.next == NULL && signals_take(SIGHUP)) /* one after the other */
		reload();
	if (signals_take(SIGUSR1)) {
		reopen_log();
		archivist_refresh(&p.archive, &p.proc);
	}
	if (signals_take(SIGUSR2))
		ask_stats(true);
}

static void
each_second(void)
{
	int64_t t = now();

	if (!p.stopping)
		archivist_tick(&p.archive, &p.proc, t != p.second);
	if (t == p.second)
		return;
	p.second = t;
	p.said = 0;
	logopen_mark(&p.log);
	if (p.log_retry || p.log_wanted)
		reopen_log();
	if (p.logsock_wanted)
		tell_logsock();
	p.logsock_wanted = false;
	if (p.state_wanted)
		(void)tell_state_fd();
	if (p.proc.pid == 0 && !p.stopping && t >= p.since)
		start_collector();
	if (p.stopping && p.proc.pid != 0 && t >= p.stop_by) {
		log_warnx("collector: does not stop: killed");
		proc_kill(&p.proc);
	}
	if (p.conf->statsfile != NULL && t >= p.report.due) {
		p.report.due = t + CONF_STATS_INTERVAL;
		ask_stats(false);
	}
}

static int
make_page(void)
{
	if ((p.page_fd = shm_anon("flowd ledger", sizeof(*p.page))) == -1) {
		log_warn("memory for the ledger");
		return (-1);
	}
	p.page = mmap(NULL, sizeof(*p.page), PROT_READ | PROT_WRITE, MAP_SHARED,
	    p.page_fd, 0);
	if (p.page == MAP_FAILED) {
		log_warn("memory for the ledger");
		return (-1);
	}
	return (0);
}

int
privsep_prepare(const struct options *options, struct conf *conf)
{
	int fd = -1;

	p.options = options;
	p.conf = conf;
	p.archive = (struct archivist){.self = options->self,
	    .verbose = options->verbose,
	    .stats = &p.report.stats.archive};
	if (make_page() == -1)
		return (-1);
	p.archive.page = p.page;
	if (sockets_open(&p.sockets, conf, NULL, NULL) == -1)
		return (-1);
	if (conf->logfile != NULL) {
		if ((fd = logopen_open(conf->logfile, true)) == -1)
			return (-1);
		p.report.stats.log_opens++;
	}
	logopen_set(&p.log, fd);
	return (archivist_open(&p.archive, &conf->archive));
}

int
privsep_run(void)
{
	struct timespec tick;
	struct pollfd pfd;
	sigset_t blocked, none;

	title_set("parent [priv]");
	sigemptyset(&none);
	signals_catch(&blocked);
	if (sandbox_parent() == NULL)
		fatal("sandbox");
	p.report.stats.started = time(NULL);
	p.report.due = now() + CONF_STATS_INTERVAL;
	start_collector();
	while (!p.stopping || p.proc.pid != 0) {
		/* What a dead one still had to say does not matter. */
		pfd =
		    (struct pollfd){.fd = p.proc.state == ST_DEAD ? -1
								  : p.proc.sock,
			.events = POLLIN};
		tick = (struct timespec){
		    .tv_nsec = archivist_patience(&p.archive) * 999999L};
		if (ppoll(&pfd, 1, &tick, &none) == -1 && errno != EINTR)
			fatal("ppoll");
		if (pfd.fd != -1 && pfd.revents != 0)
			listen_to_collector();
		signals_let_in(&blocked);
		answer_signals();
		each_second();
	}
	archivist_close(&p.archive);
	if (!p.report.final) {
		p.report.to_log = true;
		publish(&p.page->ledger);
	}
	return (p.status);
}
