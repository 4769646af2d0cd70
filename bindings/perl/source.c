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

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bindings/perl/source.h"
#include "conf.h"
#include "reader.h"
#include "scan/reading.h"

struct source {
	struct reading *reading;
	struct source_ask o;
	struct batch *batch;
	const struct sel *sel;
	uint32_t at; /* in sel */
	struct fault *faults;
	size_t kept;
	uint64_t nfaults;
	size_t bad; /* the first fault of a batch */
};

int
source_time(const char *text, int64_t *ns)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (reader_time(text,
	    (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec, false, ns));
}

struct why {
	char *text;
	size_t size;
};

/* The first message of the parser. */
static void
say(void *arg, bool error, const char *msg)
{
	struct why *why = arg;

	if (error && why->text[0] == '\0')
		(void)snprintf(why->text, why->size, "%s", msg);
}

struct filter *
source_clauses(const char *text, char *to, size_t size)
{
	/* The parser is one for all interpreters, which are threads. */
	static pthread_mutex_t parser = PTHREAD_MUTEX_INITIALIZER;
	struct why why = {to, size};
	struct filter *f;

	to[0] = '\0';
	(void)pthread_mutex_lock(&parser);
	f = conf_parse_clauses(text, say, &why);
	(void)pthread_mutex_unlock(&parser);
	return (f);
}

static void
keep(struct source *s, const struct fault *f)
{
	struct fault *all;

	all = realloc(s->faults, (s->kept + 1) * sizeof(*all));
	if (all == NULL)
		return;
	s->faults = all;
	all[s->kept] = *f;
	all[s->kept].path = strdup(f->path);
	all[s->kept].what = strdup(f->what);
	if (all[s->kept].path != NULL && all[s->kept].what != NULL) {
		s->kept++;
		return;
	}
	free(all[s->kept].path);
	free(all[s->kept].what);
}

static void
tell(void *arg, enum scan_fault kind, const char *path, uint64_t offset,
    const char *what)
{
	static const char *const kinds[] = {
	    [SCAN_UNREAD] = "unread",
	    [SCAN_DAMAGED] = "damaged",
	    [SCAN_CUT] = "cut",
	    [SCAN_LEFT] = "left",
	    [SCAN_NOTE] = "note",
	};
	const struct fault f = {kinds[kind], offset, (char *)(uintptr_t)path,
	    (char *)(uintptr_t)what};
	struct source *s = arg;

	s->nfaults++;
	/* The first one ends a strict reading, and is told. */
	if (s->kept < FAULTS_MAX)
		keep(s, &f);
}

struct source *
source_new(char *const *paths, size_t n, const struct source_ask *o)
{
	struct reading_options mine = {
	    .since = o->since,
	    .until = o->until,
	    .clauses = o->clauses,
	    .scale = o->scale,
	    .strict = o->strict,
	    .needs = o->columns,
	    .tell = tell,
	};
	struct source *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->o = *o;
	mine.arg = s;
	if ((s->reading = reading_new(paths, n, &mine)) != NULL)
		return (s);
	s->o.clauses = NULL;
	source_free(s);
	return (NULL);
}

void
source_free(struct source *s)
{
	size_t i;

	if (s == NULL)
		return;
	reading_free(s->reading);
	filter_free(s->o.clauses);
	for (i = 0; i < s->kept; i++) {
		free(s->faults[i].path);
		free(s->faults[i].what);
	}
	free(s->faults);
	free(s);
}

static enum source_result
next_batch(struct source *s)
{
	uint64_t before = s->nfaults;
	int more;

	s->batch = NULL;
	s->at = 0;
	s->bad = s->kept;
	more = reading_next(s->reading, &s->batch, &s->sel);
	if (more != 1)
		s->batch = NULL;
	if (more == -1)
		return (SOURCE_NOMEM);
	if (s->o.strict && s->nfaults != before) {
		s->batch = NULL;
		return (SOURCE_FAULT);
	}
	return (more == 1 ? SOURCE_FLOW : SOURCE_END);
}

enum source_result
source_next(struct source *s, struct flow *f)
{
	enum source_result r;

	if ((s->batch == NULL || s->at == s->sel->n) &&
	    (r = next_batch(s)) != SOURCE_FLOW)
		return (r);
	/* Its columns decode: the reading has seen to that. */
	if (batch_row(s->batch, sel_row(s->sel, s->at++), &s->o.columns, f) !=
	    BLOCK_OK)
		return (SOURCE_NOMEM);
	return (SOURCE_FLOW);
}

const struct fault *
source_bad(const struct source *s)
{
	return (source_fault(s, s->bad));
}

const struct fault *
source_fault(const struct source *s, size_t i)
{
	return (i < s->kept ? &s->faults[i] : NULL);
}

uint64_t
source_faults(const struct source *s)
{
	return (s->nfaults);
}

void
source_totals(struct source *s, struct source_total to[SOURCE_TOTALS])
{
	const struct totals *t = reading_totals(s->reading);
	const struct source_total all[SOURCE_TOTALS] = {
	    {"records", t->records},
	    {"matched", t->matched},
	    {"blocks", t->blocks},
	    {"blocks_skipped", t->blocks_skipped},
	    {"bytes", t->bytes},
	    {"bytes_read", t->bytes_read},
	    {"damaged", t->damaged},
	    {"damaged_bytes", t->damaged_bytes},
	};

	memcpy(to, all, sizeof(all));
}
