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

#define LOGGED_MAX 64 /* exporters; the file has them all */

static void
log_exporter(const struct exporter *e)
{
	const uint64_t *n = e->ledger.n;
	char addr[ADDR_STRLEN];

	log_info("exporter [%s]: received %" PRIu64 ", decoded %" PRIu64
		 ", malformed %" PRIu64 ", unsupported %" PRIu64
		 ", no_template %" PRIu64 ", records %" PRIu64
		 ", accepted %" PRIu64 ", stored %" PRIu64 ", seq_lost %" PRIu64
		 ", seq_recovered %" PRIu64 ", seq_reordered %" PRIu64
		 ", seq_duplicates %" PRIu64 ", seq_resets %" PRIu64,
	    addr_format(&e->addr, addr), n[L_RECEIVED], n[L_DECODED],
	    n[L_MALFORMED], n[L_UNSUPPORTED], n[L_NO_TEMPLATE], n[L_RECORDS],
	    n[L_ACCEPTED], n[L_STORED], n[L_SEQ_LOST], n[L_SEQ_RECOVERED],
	    n[L_SEQ_REORDERED], n[L_SEQ_DUPLICATES], n[L_SEQ_RESETS]);
}

void
stats_log(const struct stats *s)
{
	char line[1024];
	const char *bad;
	size_t i;

	log_info("statistics: up %" PRId64 " s, collector started %" PRIu64
		 " times, %" PRIu64 " reloads, %" PRIu64 " refused, log opened "
		 "%" PRIu64 " times, %" PRIu64 " failed",
	    (int64_t)time(NULL) - s->started, s->collector_starts, s->reloads,
	    s->reloads_refused, s->log_opens, s->log_opens_failed);
	for (i = 0; ledger_line(&s->ledger, i, line, sizeof(line)); i++)
		log_info("%s", line);
	if ((bad = ledger_check(&s->ledger)) != NULL)
		log_warnx("the ledger does not add up: %s", bad);
	for (i = 0; i < s->nexporter && i < LOGGED_MAX; i++)
		log_exporter(&s->exporter[i]);
	if (i < s->nexporter)
		log_info("and %zu more exporters: see the statsfile",
		    s->nexporter - i);
}

static void
write_json(const struct stats *s, FILE *fp)
{
	char addr[ADDR_STRLEN];
	const struct exporter *e;
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
	fprintf(fp, "\"balanced\": %s,\n\"totals\": {\n",
	    ledger_check(&s->ledger) == NULL ? "true" : "false");
	ledger_json(&s->ledger, fp, "\t");
	fprintf(fp, "},\n\"exporters\": [");
	for (i = 0; i < s->nexporter; i++) {
		e = &s->exporter[i];
		fprintf(fp,
		    "%s\n{\n\t\"agent\": \"%s\",\n\t\"last\": %" PRId64 ",\n",
		    i == 0 ? "" : ",", addr_format(&e->addr, addr),
		    e->last / 1000000000);
		ledger_json(&e->ledger, fp, "\t");
		fputs("}", fp);
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
