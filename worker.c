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

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/compat.h"
#include "log.h"
#include "worker.h"

#define BACKOFF_MAX 60 /* seconds between two starts of a collector */
#define GOOD_RUN 60    /* seconds that make up for earlier deaths */

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (ts.tv_sec);
}

int
worker_init(struct worker *w, uint32_t number, uint32_t workers)
{
	*w = (struct worker){.number = number,
	    .name = "collector",
	    .proc = {.sock = -1},
	    .page_fd = -1,
	    .state = {.worker = number, .kept = -1, .next = -1}};
	if (workers > 1)
		snprintf(w->name, sizeof(w->name), "collector %u", number);
	w->page_fd = shm_anon("flowd ledger", sizeof(*w->page));
	if (w->page_fd == -1) {
		log_warn("memory for the ledger");
		return (-1);
	}
	w->page = mmap(NULL, sizeof(*w->page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, w->page_fd, 0);
	if (w->page == MAP_FAILED) {
		log_warn("memory for the ledger");
		return (-1);
	}
	return (0);
}

bool
worker_start(struct worker *w, const struct options *o, int cpu)
{
	struct proc proc = {.name = w->name};

	w->since = now();
	if (proc_start(&proc, o->self, o->verbose, w->page_fd, cpu) == -1) {
		log_warn("%s: cannot be started", w->name);
		w->since += w->backoff = BACKOFF_MAX;
		return (false);
	}
	w->proc = proc;
	return (true);
}

void
worker_back_off(struct worker *w)
{
	int64_t t = now();

	if (t - w->since >= GOOD_RUN)
		w->backoff = 0;
	w->backoff = w->backoff == 0 ? 1 : w->backoff * 2;
	if (w->backoff > BACKOFF_MAX)
		w->backoff = BACKOFF_MAX;
	w->since = t + w->backoff;
	log_warnx("%s: another one starts in %d s", w->name, w->backoff);
}

bool
worker_is_there(const struct worker *w)
{
	return (w->proc.pid != 0 && w->proc.state != ST_DEAD);
}

void
worker_tell_log(struct worker *w, const struct logopen *log, bool shared)
{
	struct ipc_out out;

	ipc_new(&out, M_LOG_FD);
	(void)wr_u32(&out.data, log->number);
	(void)wr_u8(&out.data, shared);
	(void)proc_tell(&w->proc, &out, log->fd);
}

void
worker_tell_logsock(struct worker *w, const struct conf *conf)
{
	struct ipc_out out;
	int fd;

	w->logsock_wanted = false;
	if (conf->logsock == NULL ||
	    (fd = sockets_unix(conf->logsock, conf->logsock_bufsize)) == -1)
		return; /* nobody listens yet; it will ask again */
	ipc_new(&out, M_LOGSOCK_FD);
	(void)proc_tell(&w->proc, &out, fd);
	close(fd);
}

void
worker_tell_states(struct worker *w, const char *statefile, uint64_t others)
{
	struct ipc_out out;
	int fd[STATEFILES];
	size_t i, n;

	w->state_wanted = false;
	statefile_abandon(&w->state);
	n = statefile_open(&w->state, statefile, others, fd);
	for (i = 0; i < n; i++) {
		ipc_new(&out, M_STATE);
		(void)proc_tell(&w->proc, &out, fd[i]);
		close(fd[i]);
	}
}

int
worker_tell_state_fd(struct worker *w, const char *statefile)
{
	struct ipc_out out;

	w->state_wanted = false;
	ipc_new(&out, M_STATE_FD);
	return (
	    proc_tell(&w->proc, &out, statefile_begin(&w->state, statefile)));
}

int
worker_tell_conf(struct worker *w, const struct conf *conf,
    const struct sockets *s)
{
	w->told = now();
	return (proc_tell_conf(&w->proc, w->number, ++w->generation, conf, s));
}
