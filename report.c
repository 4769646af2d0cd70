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

#include "log.h"
#include "report.h"

bool
report_begin(struct report *r, bool to_log)
{
	r->to_log = r->to_log || to_log;
	if (r->asked)
		return (false);
	r->asked = true;
	return (true);
}

void
report_ask(struct report *r, uint32_t worker)
{
	r->part[worker].owes++;
}

bool
report_owes(const struct report *r, uint32_t worker)
{
	return (r->part[worker].owes > 0);
}

int
report_told(struct report *r, uint32_t worker)
{
	struct report_part *part = &r->part[worker];

	if (part->owes == 0)
		return (-1);
	part->owes--;
	part->told = true;
	return (0);
}

void
report_gone(struct report *r, uint32_t worker)
{
	r->part[worker].owes = 0;
}

bool
report_complete(const struct report *r)
{
	size_t i;

	for (i = 0; i < WORKERS_MAX; i++)
		if (r->part[i].owes > 0)
			return (false);
	return (r->asked);
}

/* Its exporters and elements of before are of no interest. */
static void
begin_anew(struct report *r, uint32_t worker)
{
	struct report_part *part = &r->part[worker];
	struct exporter *e = r->stats.exporter;
	size_t i, n = 0;

	if (!part->told)
		return;
	for (i = 0; i < r->stats.nexporter; i++)
		if (e[i].worker != worker)
			e[n++] = e[i];
	r->stats.nexporter = n;
	part->nexporter = part->nignored = 0;
	part->ignored_more = 0;
	part->told = false;
}

/* A place for one more; NULL if there is none. */
static struct exporter *
place(struct report *r)
{
	struct exporter *e;
	size_t size = r->size == 0 ? 64 : r->size * 2;

	if (r->stats.nexporter == r->size) {
		e = reallocarray(r->stats.exporter, size, sizeof(*e));
		if (e == NULL)
			return (NULL);
		r->stats.exporter = e;
		r->size = size;
	}
	return (&r->stats.exporter[r->stats.nexporter]);
}

int
report_exporter(struct report *r, uint32_t worker, struct rd *rd, size_t max)
{
	struct report_part *part = &r->part[worker];
	struct exporter *e;
	uint64_t last, skew, least, most;
	uint8_t known;
	size_t i;

	if (part->owes == 0)
		return (-1);
	begin_anew(r, worker);
	if (part->nexporter >= max || (e = place(r)) == NULL)
		return (-1);
	memset(e, 0, sizeof(*e));
	e->worker = worker;
	if (rd_u8(rd, &e->addr.family) == -1 ||
	    rd_bytes(rd, e->addr.b, sizeof(e->addr.b)) == -1 ||
	    rd_u16(rd, &e->port) == -1 || rd_u64(rd, &last) == -1 ||
	    rd_u8(rd, &known) == -1 || rd_u64(rd, &skew) == -1 ||
	    rd_u64(rd, &least) == -1 || rd_u64(rd, &most) == -1 ||
	    addr_bits(&e->addr) == 0)
		return (-1);
	e->last = (int64_t)last;
	e->skew = (struct skew){.known = known != 0,
	    .last = (int64_t)skew,
	    .least = (int64_t)least,
	    .most = (int64_t)most};
	for (i = 0; i < L_MAX; i++)
		if (rd_u64(rd, &e->ledger.n[i]) == -1)
			return (-1);
	part->nexporter++;
	r->stats.nexporter++;
	return (0);
}

int
report_ignored(struct report *r, uint32_t worker, struct rd *rd)
{
	struct report_part *part = &r->part[worker];
	struct stats_ignored *e;

	if (part->owes == 0)
		return (-1);
	begin_anew(r, worker);
	if (part->ignored == NULL)
		part->ignored = calloc(STATS_IGNORED, sizeof(*part->ignored));
	if (part->ignored == NULL || rd_u64(rd, &part->ignored_more) == -1)
		return (-1);
	part->nignored = 0;
	for (e = part->ignored; rd->left > 0; e++)
		if (e == part->ignored + STATS_IGNORED ||
		    rd_u32(rd, &e->pen) == -1 || rd_u16(rd, &e->id) == -1 ||
		    rd_u64(rd, &e->records) == -1)
			return (-1);
	part->nignored = (size_t)(e - part->ignored);
	return (0);
}

static int
by_element(const void *a, const void *b)
{
	const struct stats_ignored *x = a, *y = b;

	if (x->pen != y->pen)
		return (x->pen < y->pen ? -1 : 1);
	return ((int)x->id - (int)y->id);
}

static int
by_records(const void *a, const void *b)
{
	const struct stats_ignored *x = a, *y = b;

	if (x->records != y->records)
		return (x->records < y->records ? 1 : -1);
	return (by_element(a, b));
}

/* What all have told, one behind the other.  NULL: nothing, or no memory. */
static struct stats_ignored *
gather_ignored(const struct report *r, size_t *n)
{
	struct stats_ignored *all;
	size_t i, total = 0;

	for (i = 0; i < WORKERS_MAX; i++)
		total += r->part[i].nignored;
	*n = 0;
	if (total == 0 || (all = calloc(total, sizeof(*all))) == NULL)
		return (NULL);
	for (i = 0; i < WORKERS_MAX; i++) {
		if (r->part[i].nignored > 0)
			memcpy(all + *n, r->part[i].ignored,
			    r->part[i].nignored * sizeof(*all));
		*n += r->part[i].nignored;
	}
	return (all);
}

/* The same element is one: their number then. */
static size_t
fold_ignored(struct stats_ignored *all, size_t n)
{
	size_t i, folded = 0;

	qsort(all, n, sizeof(*all), by_element);
	for (i = 0; i < n; i++)
		if (folded > 0 && by_element(&all[folded - 1], &all[i]) == 0)
			all[folded - 1].records += all[i].records;
		else
			all[folded++] = all[i];
	return (folded);
}

static void
merge_ignored(struct report *r)
{
	struct stats *s = &r->stats;
	struct stats_ignored *all;
	size_t i, n;

	s->nignored = 0;
	for (i = 0, s->ignored_more = 0; i < WORKERS_MAX; i++)
		s->ignored_more += r->part[i].ignored_more;
	if ((all = gather_ignored(r, &n)) == NULL)
		return;
	n = fold_ignored(all, n);
	qsort(all, n, sizeof(*all), by_records);
	s->nignored = n < STATS_IGNORED ? n : STATS_IGNORED;
	s->ignored_more += n - s->nignored;
	memcpy(s->ignored, all, s->nignored * sizeof(*all));
	free(all);
}

void
report_listeners(struct report *r, const struct sockets *s,
    const uint64_t *drops)
{
	struct stats_listener *l = r->stats.listener;
	size_t i;

	for (i = 0; i < s->nlisten; i++, l++) {
		endpoint_format(&s->listen[i].at, l->name);
		l->drops = drops[s->listen[i].number];
	}
	r->stats.nlistener = i;
}

/* Each worker has told its own in that order. */
static int
last_first(const void *a, const void *b)
{
	const struct exporter *x = a, *y = b;

	return (x->last < y->last ? 1 : x->last > y->last ? -1 : 0);
}

static void
clear_part(struct report_part *part)
{
	part->told = false;
	part->nexporter = part->nignored = 0;
}

void
report_publish(struct report *r, const struct ledger *ledger, const char *path)
{
	size_t i;

	r->stats.ledger = *ledger;
	if (r->stats.nworker > 0 && r->stats.nexporter > 0)
		qsort(r->stats.exporter, r->stats.nexporter,
		    sizeof(*r->stats.exporter), last_first);
	merge_ignored(r);
	if (r->to_log)
		stats_log(&r->stats);
	if (path != NULL && stats_write(&r->stats, path) == -1)
		log_warn("statsfile %s", path);
	for (i = 0; i < WORKERS_MAX; i++)
		clear_part(&r->part[i]);
	r->stats.nexporter = r->stats.nignored = 0;
	r->asked = r->to_log = false;
}
