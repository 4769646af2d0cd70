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

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "reload.h"

static void
drop_next(struct parent *p)
{
	conf_free(p->next);
	p->next = NULL;
	sockets_close(&p->next_sockets);
}

static void
take_next(struct parent *p)
{
	archivist_settle(&p->archive, &p->next->archive);
	sockets_settle(&p->next_sockets, p->next, p->conf);
	sockets_close(&p->sockets);
	conf_free(p->conf);
	p->sockets = p->next_sockets;
	p->conf = p->next;
	p->next = NULL;
	memset(&p->next_sockets, 0, sizeof(p->next_sockets));
}

static void
refuse(struct parent *p)
{
	p->report.stats.reloads_refused++;
	log_warnx("not reloaded: everything stays as it was");
}

/*
 * Another number of workers would move exporters to where nobody knows their
 * templates: it takes a start, at which each gets what all have learned.
 */
static int
keep_workers(const struct conf *now, struct conf *next)
{
	char *cpus = NULL;

	if (next->workers == now->workers &&
	    (next->cpus == NULL) == (now->cpus == NULL) &&
	    (now->cpus == NULL || strcmp(next->cpus, now->cpus) == 0))
		return (0);
	if (now->cpus != NULL && (cpus = strdup(now->cpus)) == NULL) {
		log_warn("workers");
		return (-1);
	}
	log_warnx("workers: as before until flowd is restarted");
	free(next->cpus);
	next->cpus = cpus;
	next->workers = now->workers;
	return (0);
}

/* All that a configuration needs opened; the log last, for it makes a file. */
static int
open_next(struct parent *p, struct conf *conf, int *fd)
{
	*fd = -1;
	if (keep_workers(p->conf, conf) == -1 ||
	    sockets_open(&p->next_sockets, conf, &p->sockets, p->conf) == -1)
		return (-1);
	if (conf->logfile == NULL ||
	    (*fd = logopen_open(conf->logfile, true)) != -1) {
		if (archivist_offer(&p->archive, &conf->archive) == 0)
			return (0);
		if (*fd != -1)
			close(*fd);
	}
	sockets_abandon(&p->next_sockets, conf, p->conf);
	return (-1);
}

/* What a socket that is closed dropped says nothing of one with its number. */
static void
forget_drops(struct parent *p)
{
	const struct listening *l = p->next_sockets.listen;
	uint32_t i;
	size_t n;

	for (n = 0; n < p->next_sockets.nlisten; n++)
		for (i = 0; !l[n].kept && i < p->workers; i++)
			p->worker[i].page->drops[l[n].number] = 0;
}

/* False if there is nobody to hand it to. */
static bool
hand_over(struct parent *p)
{
	struct worker *w;
	bool any = false;

	p->next_runs = false;
	for (w = p->worker; w < p->worker + p->workers; w++) {
		if (w->proc.pid == 0)
			continue; /* the next one starts with it */
		any = w->reloading = true;
		if (worker_tell_conf(w, p->next, &p->next_sockets) == 0)
			log_debug("configuration %u handed over",
			    w->generation);
	}
	return (any);
}

void
reload_begin(struct parent *p)
{
	struct conf *conf;
	int fd;

	if ((conf = options_load(p->options)) == NULL ||
	    open_next(p, conf, &fd) == -1) {
		conf_free(conf);
		refuse(p);
		return;
	}
	p->next = conf;
	forget_drops(p);
	p->report.stats.reloads++;
	p->report.stats.log_opens += fd != -1;
	if (fd != -1) { /* none at all only after the swap */
		parent_set_log(p, fd);
	}
	if (!hand_over(p))
		take_next(p);
}

static void
in_force(struct parent *p)
{
	uint32_t i;

	take_next(p);
	log_info("configuration reloaded");
	if (p->conf->logfile == NULL)
		parent_set_log(p, -1);
	for (i = 0; i < p->workers; i++)
		worker_tell_logsock(&p->worker[i], p->conf);
}

/* They may have died of it: the old one ran. */
static void
withdraw(struct parent *p)
{
	log_warnx("the reload did not take effect");
	archivist_withdraw(&p->archive);
	drop_next(p);
	parent_reopen_log(p);
}

void
reload_answered(struct parent *p, struct worker *w, bool ready)
{
	uint32_t i;

	if (!w->reloading)
		return;
	w->reloading = false;
	p->next_runs = p->next_runs || ready;
	for (i = 0; i < p->workers; i++)
		if (p->worker[i].reloading)
			return;
	if (p->next_runs)
		in_force(p);
	else
		withdraw(p);
}
