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
 * that it was given itself: what another was given it cannot name.  Whatever
 * else it says, it is killed for, and another one is started.
 */

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "ipc.h"
#include "log.h"
#include "logfile.h"
#include "privsep.h"
#include "reload.h"

#define SAY_MAX 1024  /* bytes of a collector's message */
#define SAY_RATE 50   /* messages in a second; more are dropped, counted */
#define LAST_STATES 4 /* files that it may begin when it was stopped */

/* What a worker may ask for: 0, or -1 if not that. */

static int
op_ready(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	uint32_t generation;

	/* Each once, of those that it was handed. */
	if (rd_u32(&m->data, &generation) == -1 || generation <= w->ready ||
	    generation > w->generation)
		return (-1);
	w->ready = generation;
	if (w->proc.state == ST_STOPPING)
		return (0);
	if (generation == w->generation)
		reload_answered(p, w, true);
	if (w->proc.state == ST_STARTING)
		log_info("%s ready, pid %d%s", w->name, (int)w->proc.pid,
		    geteuid() == 0 ? ""
				   : "; without root: no chroot, no change "
				     "of user");
	w->proc.state = ST_RUNNING;
	p->was_ready = true;
	return (0);
}

static int
op_say(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	char text[sizeof(w->name) + 2 + SAY_MAX + 1];
	uint8_t level;
	size_t head, len;

	if (rd_u8(&m->data, &level) == -1 || level > LOG_DEBUG)
		return (-1);
	if (!p->options->verbose && w->said++ >= SAY_RATE) {
		w->page->ledger.n[L_LOG_LINES_DROPPED]++;
		return (rd_skip(&m->data, m->data.left));
	}
	head = (size_t)snprintf(text, sizeof(text), "%s: ", w->name);
	len = m->data.left;
	if (rd_bytes(&m->data, text + head, len) == -1)
		return (-1);
	text[head + len] = '\0';
	log_line(level, text);
	return (0);
}

static int
op_log_want(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	uint32_t number;

	(void)w;
	if (rd_u32(&m->data, &number) == -1)
		return (-1);
	/* One of an earlier log came too late to matter. */
	if (number == p->log.number)
		p->log.wanted = true; /* at the next second, not sooner */
	return (0);
}

static int
op_log_cut(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	struct ipc_out out;
	uint32_t number;
	uint64_t size;
	enum logopen_cut done = CUT_FAILED;

	/* Behind it may be what others wrote. */
	if (p->workers > 1 || rd_u32(&m->data, &number) == -1 ||
	    rd_u64(&m->data, &size) == -1)
		return (-1);
	if (number == p->log.number)
		done = logopen_cut(&p->log, size, LOGFILE_BUFFER);
	else
		done = oldlogs_cut(&p->oldlogs, number, size, LOGFILE_BUFFER);
	if (done == CUT_FORBIDDEN)
		return (-1);
	if (done == CUT_FAILED && w->said++ < SAY_RATE)
		log_warnx("logfile: an incomplete record could not be taken "
			  "back");
	ipc_new(&out, M_LOG_CUT_DONE);
	(void)wr_u32(&out.data, number);
	(void)wr_u8(&out.data, done == CUT_DONE);
	return (proc_tell(&w->proc, &out, -1));
}

static int
op_archive_want(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	return (archivist_want(&p->archive, w, m));
}

static int
op_archive_cut(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	return (archivist_cut(&p->archive, w, m));
}

static int
op_archive_left(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	return (archivist_left(&p->archive, w, m));
}

static int
op_logsock_want(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	(void)p;
	(void)m;
	w->logsock_wanted = true; /* likewise */
	return (0);
}

/* In the middle of a reload it may have more than before already. */
static size_t
exporters_most(const struct parent *p)
{
	uint64_t most = conf_limits(p->conf).exporters, next = 0;

	if (p->next != NULL)
		next = conf_limits(p->next).exporters;
	return ((size_t)(next > most ? next : most));
}

static int
op_exporter(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	return (report_exporter(&p->report, w->number, &m->data,
	    exporters_most(p)));
}

static int
op_ignored(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	return (report_ignored(&p->report, w->number, &m->data));
}

static int
op_stats_end(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	(void)m;
	if (report_told(&p->report, w->number) == -1)
		return (-1);
	parent_publish(p);
	return (0);
}

static int
op_state_want(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	(void)m;
	if (w->state_wanted || w->state.next != -1)
		return (-1);
	if (w->proc.state == ST_STOPPING)
		return (w->last_states++ < LAST_STATES
			? worker_tell_state_fd(w, p->conf->statefile)
			: -1);
	w->state_wanted = true; /* at the next second, not sooner */
	return (0);
}

static int
op_state_done(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	uint64_t bytes;
	uint32_t i;

	if (w->state.next == -1 || rd_u64(&m->data, &bytes) == -1)
		return (-1);
	statefile_end(&w->state, bytes);
	/* What all have saved is all that there was. */
	for (i = 0; i < p->workers && p->worker[i].state.saved; i++)
		;
	if (i == p->workers && p->conf->statefile != NULL)
		statefile_remove(p->conf->statefile, p->workers);
	return (0);
}

static int
op_stopped(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	(void)p;
	(void)w;
	(void)m;
	return (0); /* its exit status says the rest */
}

/* clang-format off */
static const struct op {
	enum ipc_type type;
	unsigned int legal;	/* enum proc_state, ORed */
	size_t least, most;	/* bytes behind the type */
	int (*handle)(struct parent *, struct worker *, struct ipc_msg *);
} ops[] = {
	{ M_READY, ST_STARTING | ST_RUNNING | ST_STOPPING, 4, 4, op_ready },
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
privsep_message(struct parent *p, struct worker *w, struct ipc_msg *m)
{
	const struct op *op = NULL;
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (ops[i].type == m->type)
			op = &ops[i];
	/* No descriptor of a collector's is ever wanted. */
	if (m->fd != -1)
		close(m->fd);
	if (op != NULL && m->fd == -1 && (op->legal & w->proc.state) != 0 &&
	    m->data.left >= op->least && m->data.left <= op->most &&
	    op->handle(p, w, m) == 0 && m->data.left == 0)
		return;
	if (w->proc.state == ST_DEAD)
		return;
	log_warnx("%s: message %u is not permitted now: killed", w->name,
	    m->type);
	proc_kill(&w->proc);
}

void
privsep_listen(struct parent *p, struct worker *w)
{
	static struct ipc_msg m;
	struct proc *proc = &w->proc;
	int n = 0, i;

	/* A few at a time: it must not keep us from everything else. */
	for (i = 0; i < 64 && proc->state != ST_DEAD; i++) {
		if ((n = ipc_recv(proc->sock, &m)) != 1)
			break;
		privsep_message(p, w, &m);
	}
	if (proc->state == ST_DEAD || n == 1 || (n == -1 && errno == EAGAIN))
		return;
	if (n == -1)
		log_warn("%s: broken message", w->name);
	/* Gone, or about to be: whichever, nothing it says counts. */
	if (n == -1 || proc->state != ST_STOPPING)
		proc_kill(proc);
	close(proc->sock);
	proc->sock = -1;
}
