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

#include "query/group-state.h"
#include "query/rank.h"

static void
columns(uint64_t **col, unsigned int n, uint64_t **at)
{
	unsigned int i;

	for (i = 0; i < n; i++, *at += STRIP)
		col[i] = *at;
}

/* All the strips of a worker are one piece of memory. */
static int
make_strips(struct worker *w)
{
	const unsigned int nk = w->g->keys.wide > w->g->keys.narrow
	    ? w->g->keys.wide
	    : w->g->keys.narrow;
	const unsigned int nv = w->g->m.n;
	uint64_t *at;

	w->k = calloc(nk, sizeof(*w->k));
	w->k_turned = calloc(nk, sizeof(*w->k_turned));
	w->memory =
	    calloc((size_t)nk * 2 + (size_t)nv * 3, STRIP * sizeof(uint64_t));
	if (w->k == NULL || w->k_turned == NULL || w->memory == NULL)
		return (-1);
	at = w->memory;
	columns(w->k, nk, &at);
	columns(w->k_turned, nk, &at);
	columns(w->v, nv, &at);
	columns(w->v_some, nv, &at);
	columns(w->v_spread, nv, &at);
	return (0);
}

struct worker *
worker_new(const struct group *g)
{
	struct worker *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	w->g = g;
	w->keyer = keyer_new(&g->keys, g->q->every);
	if (w->keyer == NULL || make_strips(w) == -1 ||
	    keycols_init(&w->cols[0], &g->keys) == -1 ||
	    keycols_init(&w->cols[1], &g->keys) == -1 ||
	    keycols_init(&w->spread, &g->keys) == -1) {
		worker_free(w);
		return (NULL);
	}
	gtable_init(&w->table[NARROW], g->keys.narrow, &g->m);
	gtable_init(&w->table[WIDE], g->keys.wide, &g->m);
	return (w);
}

void
worker_free(struct worker *w)
{
	int i;

	if (w == NULL)
		return;
	keyer_free(w->keyer);
	keycols_free(&w->cols[0]);
	keycols_free(&w->cols[1]);
	keycols_free(&w->spread);
	for (i = 0; i < WIDTHS; i++) {
		gtable_clear(&w->table[i]);
		spill_free(w->spill[i]);
	}
	free(w->dense[0].acc);
	free(w->dense[1].acc);
	free(w->direct.acc);
	tight_free(w->tight);
	free(w->k);
	free(w->k_turned);
	free(w->memory);
	free(w);
}

size_t
worker_bytes(const struct worker *w)
{
	size_t bytes = 0;
	int i;

	for (i = 0; i < WIDTHS; i++)
		if (w->table[i].n > 0)
			bytes += gtable_bytes(&w->table[i], STRIP) +
			    w->table[i].n * 2 * sizeof(struct rank_item);
	return (bytes);
}

static void
load_key(void *arg, unsigned int depth, struct rank_item *v, size_t n)
{
	const struct gtable *t = arg;
	size_t i;

	for (i = 0; i < n; i++)
		v[i].key = gtable_row(t, v[i].ref)[depth];
}

static const char *
write_run(struct spill *s, const struct gtable *t, const struct rank_item *v)
{
	const char *err;
	size_t i;

	if ((err = spill_begin(s)) != NULL)
		return (err);
	for (i = 0; i < t->n; i++)
		if ((err = spill_put(s, gtable_row(t, v[i].ref))) != NULL)
			return (err);
	return (spill_end(s));
}

static const char *
spill_table(struct spill *s, struct gtable *t)
{
	struct ranking by_key = {t->nk, load_key, t};
	struct rank_item *v;
	const char *err;
	size_t i;

	/* The index is not needed any more, and makes room. */
	gtable_close(t);
	if ((v = reallocarray(NULL, t->n, 2 * sizeof(*v))) == NULL)
		return ("out of memory");
	for (i = 0; i < t->n; i++)
		v[i].ref = i;
	rank_sort(&by_key, v, t->n, v + t->n);
	err = write_run(s, t, v);
	free(v);
	gtable_clear(t);
	return (err);
}

const char *
worker_spill(struct worker *w)
{
	const char *err;
	int i;

	for (i = 0; i < WIDTHS; i++) {
		if (w->table[i].n == 0)
			continue;
		if (w->spill[i] == NULL)
			w->spill[i] =
			    spill_new(w->g->q->tmpdir, w->table[i].width);
		if (w->spill[i] == NULL)
			return ("out of memory");
		if ((err = spill_table(w->spill[i], &w->table[i])) != NULL)
			return (err);
	}
	return (NULL);
}
