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

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "stats.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))
#define LOGGED_IGNORED 10
#define LOGGED_MAX 64 /* exporters; the file has them all */

/* NULL if all sums hold, else what they are of. */
static const char *
unbalanced(const struct stats *s, const struct exporter **whose)
{
	const char *bad = ledger_check(&s->ledger);
	size_t i;

	*whose = NULL;
	for (i = 0; bad == NULL && i < s->nexporter; i++) {
		*whose = &s->exporter[i];
		bad = ledger_check(&(*whose)->ledger);
	}
	return (bad);
}

static void
log_balance(const struct stats *s)
{
	const struct exporter *whose;
	const char *bad = unbalanced(s, &whose);
	char addr[ADDR_STRLEN];

	if (bad != NULL)
		log_warnx("the ledger%s%s does not add up: %s",
		    whose == NULL ? "" : " of ",
		    whose == NULL ? "" : addr_format(&whose->addr, addr), bad);
}

static void
log_exporter(const struct exporter *e)
{
	static const enum ledger_counter told[] = {L_RECEIVED, L_DECODED,
	    L_MALFORMED, L_UNSUPPORTED, L_NO_TEMPLATE, L_RECORDS, L_ACCEPTED,
	    L_STORED, L_SEQ_LOST, L_SEQ_RECOVERED, L_SEQ_REORDERED,
	    L_SEQ_DUPLICATES, L_SEQ_RESETS};
	char addr[ADDR_STRLEN], line[1024], clock[64] = "";
	char port[8] = "";
	size_t i, len = 0;
	int n;

	for (i = 0; i < NELEM(told) && len < sizeof(line); i++) {
		n = snprintf(line + len, sizeof(line) - len, "%s %" PRIu64 ", ",
		    ledger_rows[told[i]].name, e->ledger.n[told[i]]);
		len += n < 0 ? 0 : (size_t)n;
	}
	if (e->skew.known)
		snprintf(clock, sizeof(clock), ", clock %+.3f s",
		    (double)e->skew.last / 1000);
	if (e->port != 0)
		snprintf(port, sizeof(port), ":%u", e->port);
	log_info("exporter [%s]%s: %sloss %.4f %%%s",
	    addr_format(&e->addr, addr), port, line,
	    ledger_loss(&e->ledger) * 100, clock);
}

static void
log_ignored(const struct stats *s)
{
	char line[1024] = "";
	size_t i, len = 0;
	int n;

	for (i = 0; i < s->nignored && i < LOGGED_IGNORED; i++) {
		n = snprintf(line + len, sizeof(line) - len,
		    " %" PRIu32 ".%u %" PRIu64 ",", s->ignored[i].pen,
		    s->ignored[i].id, s->ignored[i].records);
		len += n < 0 ? 0 : (size_t)n;
	}
	if (len > 0)
		log_info("elements ignored, enterprise.number and records:%s "
			 "%zu others",
		    line, s->nignored - i);
}

static void
log_archive(const struct stats_archive *a)
{
	if (a->opened == 0)
		return;
	log_info("archive: %" PRIu64 " segments of %" PRIu64 " bytes, %" PRIu64
		 " bytes free%s; opened %" PRIu64 ", failed %" PRIu64
		 "; expired %" PRIu64 " of %" PRIu64 " bytes",
	    a->segments, a->bytes, a->free,
	    a->held	 ? ": nothing is written"
		: a->low ? ": too little"
			 : "",
	    a->opened, a->open_failed, a->expired, a->expired_bytes);
	log_info("archive: sealed %" PRIu64 " segments, merged %" PRIu64
		 ", failed %" PRIu64 ": %" PRIu64 " flows, from %" PRIu64
		 " to %" PRIu64 " bytes in %" PRIu64 " ms; damaged %" PRIu64
		 " places, %" PRIu64 " bytes",
	    a->sealed, a->merged, a->seal_failed, a->sealed_flows,
	    a->sealed_from, a->sealed_to, a->seal_ms, a->damaged,
	    a->damaged_bytes);
}

static void
log_workers(const struct stats *s)
{
	const struct stats_worker *w = s->worker;
	size_t i;

	for (i = 0; i < s->nworker; i++, w++)
		log_info("collector %zu: pid %d, received %" PRIu64
			 ", records %" PRIu64 ", archived %" PRIu64
			 ", kernel_drops %" PRIu64 ", cpu %" PRIu64 ".%03u s",
		    i, (int)w->pid, w->received, w->records, w->archived,
		    w->kernel_drops, w->cpu_ms / 1000,
		    (unsigned int)(w->cpu_ms % 1000));
}

void
stats_log(const struct stats *s)
{
	char line[1024];
	size_t i;

	log_info("statistics: up %" PRId64 " s, collector started %" PRIu64
		 " times, %" PRIu64 " reloads, %" PRIu64 " refused, log opened "
		 "%" PRIu64 " times, %" PRIu64 " failed",
	    (int64_t)time(NULL) - s->started, s->collector_starts, s->reloads,
	    s->reloads_refused, s->log_opens, s->log_opens_failed);
	for (i = 0; ledger_line(&s->ledger, i, line, sizeof(line)); i++)
		log_info("%s", line);
	log_balance(s);
	log_archive(&s->archive);
	for (i = 0; i < s->nlistener; i++)
		log_info("listening on %s: kernel_drops %" PRIu64,
		    s->listener[i].name, s->listener[i].drops);
	log_workers(s);
	log_ignored(s);
	for (i = 0; i < s->nexporter && i < LOGGED_MAX; i++)
		log_exporter(&s->exporter[i]);
	if (i < s->nexporter)
		log_info("and %zu more exporters: see the statsfile",
		    s->nexporter - i);
}

static void
json_workers(const struct stats *s, FILE *fp)
{
	const struct stats_worker *w = s->worker;
	size_t i;

	if (s->nworker == 0)
		return;
	fputs("\"workers\": [", fp);
	for (i = 0; i < s->nworker; i++, w++)
		fprintf(fp,
		    "%s\n{\"number\": %zu, \"pid\": %d, "
		    "\"received\": %" PRIu64 ", \"records\": %" PRIu64
		    ", \"archived\": %" PRIu64 ", \"kernel_drops\": %" PRIu64
		    ", \"cpu_ms\": %" PRIu64 "}",
		    i == 0 ? "" : ",", i, (int)w->pid, w->received, w->records,
		    w->archived, w->kernel_drops, w->cpu_ms);
	fputs("\n],\n", fp);
}

static void
json_listeners(const struct stats *s, FILE *fp)
{
	size_t i;

	fputs("\"listeners\": [", fp);
	for (i = 0; i < s->nlistener; i++)
		fprintf(fp,
		    "%s\n{\n\t\"address\": \"%s\",\n"
		    "\t\"kernel_drops\": %" PRIu64 "\n}",
		    i == 0 ? "" : ",", s->listener[i].name,
		    s->listener[i].drops);
	fputs("\n],\n", fp);
}

static void
json_ignored(const struct stats *s, FILE *fp)
{
	size_t i;

	fputs("\"ignored\": [", fp);
	for (i = 0; i < s->nignored; i++)
		fprintf(fp,
		    "%s\n{\"pen\": %" PRIu32 ", \"id\": %u, "
		    "\"records\": %" PRIu64 "}",
		    i == 0 ? "" : ",", s->ignored[i].pen, s->ignored[i].id,
		    s->ignored[i].records);
	fprintf(fp, "\n],\n\"ignored_more\": %" PRIu64 ",\n", s->ignored_more);
}

static void
json_exporter(const struct exporter *e, bool several, FILE *fp)
{
	char addr[ADDR_STRLEN];

	fprintf(fp, "{\n\t\"agent\": \"%s\",\n\t\"last\": %" PRId64 ",\n",
	    addr_format(&e->addr, addr), e->last / 1000000000);
	if (e->port != 0)
		fprintf(fp, "\t\"port\": %u,\n", e->port);
	if (several)
		fprintf(fp, "\t\"worker\": %" PRIu32 ",\n", e->worker);
	if (e->skew.known)
		fprintf(fp,
		    "\t\"clock_ms\": %" PRId64 ",\n"
		    "\t\"clock_ms_least\": %" PRId64 ",\n"
		    "\t\"clock_ms_most\": %" PRId64 ",\n",
		    e->skew.last, e->skew.least, e->skew.most);
	fprintf(fp, "\t\"loss\": %.6f,\n", ledger_loss(&e->ledger));
	ledger_json(&e->ledger, fp, "\t");
	fputs("}", fp);
}

static void
json_archive(const struct stats_archive *a, FILE *fp)
{
	const struct {
		const char *name;
		uint64_t n;
	} rows[] = {{"segments", a->segments}, {"bytes", a->bytes},
	    {"oldest", (uint64_t)a->oldest}, {"free", a->free},
	    {"opened", a->opened}, {"open_failed", a->open_failed},
	    {"sealed", a->sealed}, {"merged", a->merged},
	    {"seal_failed", a->seal_failed}, {"sealed_flows", a->sealed_flows},
	    {"sealed_from_bytes", a->sealed_from},
	    {"sealed_to_bytes", a->sealed_to}, {"seal_ms", a->seal_ms},
	    {"damaged", a->damaged}, {"damaged_bytes", a->damaged_bytes},
	    {"expired", a->expired}, {"expired_bytes", a->expired_bytes}};
	size_t i;

	if (a->opened == 0)
		return;
	fputs("\"archive\": {\n", fp);
	for (i = 0; i < NELEM(rows); i++)
		fprintf(fp, "\t\"%s\": %" PRIu64 ",\n", rows[i].name,
		    rows[i].n);
	fprintf(fp, "\t\"low\": %s,\n\t\"held\": %s\n},\n",
	    a->low ? "true" : "false", a->held ? "true" : "false");
}

static void
write_json(const struct stats *s, FILE *fp)
{
	const struct exporter *whose;
	size_t i;

	fprintf(fp, "{\n\"version\": \"%s\",\n\"time\": %" PRId64 ",\n",
	    VERSION, (int64_t)time(NULL));
	fprintf(fp, "\"started\": %" PRId64 ",\n", s->started);
	fprintf(fp, "\"collector_starts\": %" PRIu64 ",\n",
	    s->collector_starts);
	fprintf(fp, "\"reloads\": %" PRIu64 ",\n", s->reloads);
	fprintf(fp, "\"reloads_refused\": %" PRIu64 ",\n", s->reloads_refused);
	fprintf(fp, "\"log_opens\": %" PRIu64 ",\n", s->log_opens);
	fprintf(fp, "\"log_opens_failed\": %" PRIu64 ",\n",
	    s->log_opens_failed);
	fprintf(fp, "\"balanced\": %s,\n",
	    unbalanced(s, &whose) == NULL ? "true" : "false");
	fprintf(fp, "\"loss\": %.6f,\n\"totals\": {\n",
	    ledger_loss(&s->ledger));
	ledger_json(&s->ledger, fp, "\t");
	fputs("},\n", fp);
	json_archive(&s->archive, fp);
	json_listeners(s, fp);
	json_workers(s, fp);
	json_ignored(s, fp);
	fputs("\"exporters\": [", fp);
	for (i = 0; i < s->nexporter; i++) {
		fputs(i == 0 ? "\n" : ",\n", fp);
		json_exporter(&s->exporter[i], s->nworker > 0, fp);
	}
	fputs("\n]\n}\n", fp);
}

int
stats_write(const struct stats *s, const char *path)
{
	char *tmp;
	FILE *fp = NULL;
	int fd, saved, bad;

	if (asprintf(&tmp, "%s.XXXXXXXXXX", path) == -1)
		return (-1);
	if ((fd = mkstemp(tmp)) == -1) {
		free(tmp);
		return (-1);
	}
	bad = fchmod(fd, 0644) == -1 || (fp = fdopen(fd, "w")) == NULL;
	if (fp != NULL) {
		write_json(s, fp);
		bad = ferror(fp) != 0 || bad;
		bad = fclose(fp) != 0 || bad;
	} else
		close(fd);
	bad = bad || rename(tmp, path) == -1;
	saved = errno;
	if (bad)
		unlink(tmp);
	free(tmp);
	errno = saved;
	return (bad ? -1 : 0);
}
