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
 * The life of the parent: it starts collectors and starts them again, answers
 * signals, does what is due each second, and ends when all of them have.
 */

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/compat.h"
#include "log.h"
#include "logfile.h"
#include "parent.h"
#include "privsep.h"
#include "reload.h"
#include "sandbox/sandbox.h"
#include "signals.h"

#define STOP_PATIENCE 10  /* seconds for a collector to drain and flush */
#define CONF_PATIENCE 300 /* and to have a million rules in force */
#define STATS_PATIENCE 20

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec);
}

/* Collectors begin. */

/*
 * Who has written theirs since we began: nothing in it is another's, unless
 * somebody who was taken over wants another to believe it.
 */
static uint64_t
have_saved(const struct parent *p)
{
	uint64_t saved = 0;
	uint32_t i;

	for (i = 0; i < p->workers; i++)
		saved |= (uint64_t)p->worker[i].state.saved << i;
	return (saved);
}

void
parent_adopt(struct parent *p, struct worker *w)
{
	p->report.stats.collector_starts++;
	w->ready = w->generation;
	/* The log first: nothing is received before the configuration. */
	worker_tell_log(w, &p->log, p->workers > 1);
	archivist_adopt(&p->archive, w);
	worker_tell_logsock(w, p->conf);
	worker_tell_states(w, p->conf->statefile, have_saved(p));
	(void)worker_tell_conf(w, p->conf, &p->sockets);
}

static void
start(struct parent *p, struct worker *w)
{
	if (worker_start(w, p->options, conf_cpu(p->conf, w->number)))
		parent_adopt(p, w);
}

static bool
any_runs(const struct parent *p)
{
	uint32_t i;

	for (i = 0; i < p->workers; i++)
		if (p->worker[i].proc.pid != 0)
			return (true);
	return (false);
}

/* The log. */

void
parent_set_log(struct parent *p, int fd)
{
	uint32_t i;

	if (p->workers == 1)
		oldlogs_add(&p->oldlogs, &p->log);
	logopen_set(&p->log, fd);
	for (i = 0; i < p->workers; i++)
		worker_tell_log(&p->worker[i], &p->log, p->workers > 1);
}

/* What is open stays until that works. */
void
parent_reopen_log(struct parent *p)
{
	int fd;

	if (p->conf->logfile == NULL)
		return;
	if ((fd = logopen_renew(&p->log, p->conf->logfile)) == -1) {
		p->report.stats.log_opens_failed++;
		return;
	}
	p->report.stats.log_opens++;
	parent_set_log(p, fd);
}

/* Statistics. */

/* What a worker has counted, as of when it told the rest, if it did. */
static const struct ledger *
counted(const struct parent *p, const struct worker *w)
{
	return (
	    p->report.part[w->number].told ? &w->page->told : &w->page->ledger);
}

static void
describe(struct stats_worker *s, const struct worker *w,
    const struct ledger *ledger)
{
	*s = (struct stats_worker){.pid = w->proc.pid,
	    .cpu_ms = w->page->cpu_ms,
	    .received = ledger->n[L_RECEIVED],
	    .records = ledger->n[L_RECORDS],
	    .archived = ledger->n[L_ARCHIVED],
	    .kernel_drops = ledger->n[L_KERNEL_DROPS]};
}

static void
publish(struct parent *p)
{
	static uint64_t drops[LEDGER_SOCKETS];
	struct ledger sum = {{0}};
	const struct worker *w;
	size_t i;

	memset(drops, 0, sizeof(drops));
	for (w = p->worker; w < p->worker + p->workers; w++) {
		ledger_add(&sum, counted(p, w));
		for (i = 0; i < LEDGER_SOCKETS; i++)
			drops[i] += w->page->drops[i];
		describe(&p->report.stats.worker[w->number], w, counted(p, w));
	}
	p->report.stats.nworker = p->workers > 1 ? p->workers : 0;
	report_listeners(&p->report, &p->sockets, drops);
	report_publish(&p->report, &sum, p->conf->statsfile);
}

void
parent_publish(struct parent *p)
{
	if (!report_complete(&p->report))
		return;
	p->report.final = p->stopping;
	publish(p);
}

/* Who has not told all since it was asked is not asked again. */
static void
ask_stats(struct parent *p, bool to_log)
{
	struct worker *w;

	if (!report_begin(&p->report, to_log))
		return;
	p->report.until = p->second + p->stats_patience;
	for (w = p->worker; w < p->worker + p->workers; w++)
		if (w->proc.pid != 0 && w->proc.state == ST_RUNNING &&
		    !report_owes(&p->report, w->number) &&
		    proc_tell_short(&w->proc, M_STATS) == 0)
			report_ask(&p->report, w->number);
	parent_publish(p);
}

/* Those of the others are not kept back by one that does not answer. */
static void
publish_late(struct parent *p)
{
	log_warnx("statistics: without what a collector did not tell");
	p->report.due = p->second + CONF_STATS_INTERVAL;
	publish(p);
}

/* The end. */

static void
begin_stop(struct parent *p)
{
	struct worker *w;
	bool told = false;

	p->stopping = true;
	p->stop_by = now() + p->stop_patience;
	for (w = p->worker; w < p->worker + p->workers; w++) {
		if (!worker_is_there(w))
			continue;
		if (!told) {
			log_info("stopping");
			(void)report_begin(&p->report, true);
		}
		told = true;
		(void)proc_tell_short(&w->proc, M_STOP);
		if (w->proc.state == ST_DEAD)
			continue;
		/* It tells unasked. */
		w->proc.state = ST_STOPPING;
		report_ask(&p->report, w->number);
	}
}

/*
 * A write that was under way may have left a part of itself, or all of it
 * uncounted.  The ledger says where the last counted flow ends; but behind that
 * may be what others wrote.
 */
static void
cut_crashed(struct parent *p, const struct worker *w)
{
	const struct ledger_segment *s;

	if (p->workers > 1 && p->log.fd != -1)
		log_warnx("logfile: may have an incomplete record");
	else if ((s = ledger_listed(w->page->log, LEDGER_LOGS,
		      p->log.number)) != NULL &&
	    logopen_cut(&p->log, s->end, LOGFILE_BUFFER) == CUT_FORBIDDEN)
		log_warnx("logfile: may end in an incomplete record");
	oldlogs_crashed(&p->oldlogs, w->page->log, LOGFILE_BUFFER);
}

static void
ended(struct parent *p, struct worker *w, int status)
{
	char how[64];
	bool clean = w->proc.state == ST_STOPPING && status == 0;
	bool blamed;

	w->proc.pid = 0;
	if (w->proc.sock != -1)
		close(w->proc.sock);
	w->proc.sock = -1;
	statefile_abandon(&w->state);
	archivist_bereft(&p->archive, w, !clean);
	report_gone(&p->report, w->number);
	if (clean) {
		parent_publish(p);
		return;
	}
	log_warnx("%s: ended with %s", w->name,
	    proc_describe(status, how, sizeof(how)));
	cut_crashed(p, w);
	ledger_close_crash(&w->page->ledger);
	parent_publish(p);
	reload_answered(p, w, false);
	blamed = statefile_blame(&w->state, now() - w->since);
	if (p->stopping || (!p->was_ready && !blamed)) {
		p->status = 1;
		if (!p->stopping)
			begin_stop(p);
	} else
		worker_back_off(w);
}

static struct worker *
worker_of(struct parent *p, pid_t pid)
{
	struct worker *w;

	for (w = p->worker; w < p->worker + p->workers; w++)
		if (w->proc.pid == pid)
			return (w);
	return (NULL);
}

static uint64_t
milliseconds(const struct rusage *ru)
{
	return ((uint64_t)(ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000 +
	    (uint64_t)(ru->ru_utime.tv_usec + ru->ru_stime.tv_usec) / 1000);
}

static void
reap(struct parent *p)
{
	struct worker *w;
	struct rusage ru;
	pid_t pid;
	int status, i;

	while ((pid = wait4(-1, &status, WNOHANG, &ru)) > 0) {
		if (archivist_reap(&p->archive, pid, status,
			milliseconds(&ru)) ||
		    (w = worker_of(p, pid)) == NULL)
			continue;
		/* Its last words are in the socket. */
		for (i = 0; i < 64 && w->proc.sock != -1; i++)
			privsep_listen(p, w);
		ended(p, w, status);
	}
}

/* Signals and time. */

static void
answer_signals(struct parent *p)
{
	if (signals_take(SIGCHLD))
		reap(p);
	if (signals_take(SIGTERM) && !p->stopping)
		begin_stop(p);
	if (p->stopping)
		return;
	/*
	 * One after the other.  And who tells of a thousand exporters does not
	 * read the while: neither would end.
	 */
	if (p->next == NULL && !p->report.asked && signals_take(SIGHUP))
		reload_begin(p);
	if (signals_take(SIGUSR1)) {
		parent_reopen_log(p);
		archivist_refresh(&p->archive);
	}
	if (signals_take(SIGUSR2))
		ask_stats(p, true);
}

/* For one that does not take it, a reload and with it all would wait. */
static void
insist(struct parent *p, struct worker *w)
{
	if (p->stopping || !worker_is_there(w) || w->ready == w->generation ||
	    p->second - w->told < p->conf_patience)
		return;
	log_warnx("%s: does not take its configuration: killed", w->name);
	proc_kill(&w->proc);
}

/* What a worker wished, and whether it is due to begin or to end. */
static void
attend(struct parent *p, struct worker *w)
{
	w->said = 0;
	proc_forgive(&w->proc);
	insist(p, w);
	if (w->logsock_wanted)
		worker_tell_logsock(w, p->conf);
	if (w->state_wanted)
		(void)worker_tell_state_fd(w, p->conf->statefile);
	/* Behind a reload that is under way: with what comes of it. */
	if (w->proc.pid == 0 && !p->stopping && p->next == NULL &&
	    p->second >= w->since)
		start(p, w);
	if (p->stopping && w->proc.pid != 0 && p->second >= p->stop_by) {
		log_warnx("%s: does not stop: killed", w->name);
		proc_kill(&w->proc);
	}
}

static uint64_t
counted_end(const struct parent *p)
{
	const struct ledger_segment *s =
	    ledger_listed(p->worker[0].page->log, LEDGER_LOGS, p->log.number);

	return (p->workers == 1 && s != NULL ? s->end : UINT64_MAX);
}

static void
each_second(struct parent *p)
{
	int64_t t = now();
	uint32_t i;

	if (!p->stopping)
		archivist_tick(&p->archive, t != p->second);
	if (t == p->second)
		return;
	p->second = t;
	logopen_mark(&p->log, counted_end(p));
	oldlogs_check(&p->oldlogs, p->worker[0].page->log);
	if (p->log.retry || p->log.wanted)
		parent_reopen_log(p);
	for (i = 0; i < p->workers; i++)
		attend(p, &p->worker[i]);
	if (p->report.asked && !p->stopping && t >= p->report.until)
		publish_late(p);
	if (p->conf->statsfile != NULL && t >= p->report.due) {
		p->report.due = t + CONF_STATS_INTERVAL;
		ask_stats(p, false);
	}
}

int
parent_prepare(struct parent *p, const struct options *options,
    struct conf *conf)
{
	uint32_t i;
	int fd = -1;

	*p = (struct parent){.options = options,
	    .conf = conf,
	    .stop_patience = STOP_PATIENCE,
	    .conf_patience = CONF_PATIENCE,
	    .stats_patience = STATS_PATIENCE,
	    .log = {.fd = -1}};
	if (sockets_open(&p->sockets, conf, NULL, NULL) == -1)
		return (-1);
	/* As many as can share a socket, wherever that is asked. */
	p->workers = conf->workers = p->sockets.workers;
	p->archive = (struct archivist){.self = options->self,
	    .verbose = options->verbose,
	    .stats = &p->report.stats.archive,
	    .worker = p->worker,
	    .workers = p->workers};
	for (i = 0; i < p->workers; i++)
		if (worker_init(&p->worker[i], i, p->workers) == -1)
			return (-1);
	if (conf->logfile != NULL) {
		if ((fd = logopen_open(conf->logfile, true)) == -1)
			return (-1);
		p->report.stats.log_opens++;
	}
	logopen_set(&p->log, fd);
	return (archivist_open(&p->archive, &conf->archive));
}

/* Wait for a message of a worker, a signal, or something that is due. */
static void
wait_for(struct parent *p, const sigset_t *none)
{
	struct pollfd pfd[WORKERS_MAX];
	struct timespec tick = {
	    .tv_nsec = archivist_patience(&p->archive) * 999999L};
	const struct proc *proc;
	uint32_t i;

	for (i = 0; i < p->workers; i++) {
		proc = &p->worker[i].proc;
		/* What a dead one still had to say does not matter. */
		pfd[i] = (struct pollfd){.events = POLLIN,
		    .fd = proc->state == ST_DEAD ? -1 : proc->sock};
	}
	if (ppoll(pfd, p->workers, &tick, none) == -1) {
		if (errno != EINTR)
			fatal("ppoll");
		return;
	}
	for (i = 0; i < p->workers; i++)
		if (pfd[i].fd != -1 && pfd[i].revents != 0)
			privsep_listen(p, &p->worker[i]);
}

int
parent_run(struct parent *p)
{
	sigset_t blocked, none;
	uint32_t i;

	title_set("parent [priv]");
	sigemptyset(&none);
	signals_catch(&blocked);
	if (sandbox_parent() == NULL)
		fatal("sandbox");
	p->report.stats.started = time(NULL);
	p->report.due = now() + CONF_STATS_INTERVAL;
	for (i = 0; i < p->workers; i++)
		start(p, &p->worker[i]);
	while (!p->stopping || any_runs(p)) {
		wait_for(p, &none);
		signals_let_in(&blocked);
		answer_signals(p);
		each_second(p);
	}
	archivist_close(&p->archive);
	if (!p->report.final) {
		p->report.to_log = true;
		publish(p);
	}
	return (p->status);
}
