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
	r->stats.nexporter = 0;
	r->stats.nignored = 0;
	return (true);
}

/* A place for one more, of at most that many; NULL if there is none. */
static struct exporter *
place(struct report *r, size_t max)
{
	struct exporter *e;
	size_t size = r->size == 0 ? 64 : r->size * 2;

	if (r->stats.nexporter >= max)
		return (NULL);
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
report_exporter(struct report *r, struct rd *rd, size_t max)
{
	struct exporter *e;
	uint64_t last, skew, least, most;
	uint8_t known;
	size_t i;

	if ((e = place(r, max)) == NULL)
		return (-1);
	memset(e, 0, sizeof(*e));
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
	r->stats.nexporter++;
	return (0);
}

static int
by_records(const void *a, const void *b)
{
	const struct stats_ignored *x = a, *y = b;

	if (x->records != y->records)
		return (x->records < y->records ? 1 : -1);
	if (x->pen != y->pen)
		return (x->pen < y->pen ? -1 : 1);
	return ((int)x->id - (int)y->id);
}

int
report_ignored(struct report *r, struct rd *rd)
{
	struct stats_ignored *e = r->stats.ignored;

	r->stats.nignored = 0;
	if (rd_u64(rd, &r->stats.ignored_more) == -1)
		return (-1);
	for (; rd->left > 0; e++)
		if (e == r->stats.ignored + STATS_IGNORED ||
		    rd_u32(rd, &e->pen) == -1 || rd_u16(rd, &e->id) == -1 ||
		    rd_u64(rd, &e->records) == -1)
			return (-1);
	r->stats.nignored = (size_t)(e - r->stats.ignored);
	qsort(r->stats.ignored, r->stats.nignored, sizeof(*e), by_records);
	return (0);
}

void
report_listeners(struct report *r, const struct sockets *s,
    const uint32_t *drops)
{
	struct stats_listener *l = r->stats.listener;
	size_t i;

	for (i = 0; i < s->nlisten; i++, l++) {
		endpoint_format(&s->listen[i].at, l->name);
		l->drops = drops[s->listen[i].number];
	}
	r->stats.nlistener = i;
}

void
report_publish(struct report *r, const struct ledger *ledger, const char *path)
{
	r->stats.ledger = *ledger;
	if (r->to_log)
		stats_log(&r->stats);
	if (path != NULL && stats_write(&r->stats, path) == -1)
		log_warn("statsfile %s", path);
	r->stats.nexporter = r->stats.nignored = 0;
	r->asked = r->to_log = false;
}
