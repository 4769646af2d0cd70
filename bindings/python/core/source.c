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

/* Where flows are read from, and what a reading of them met. */

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bindings/python/core/run.h"

struct source *
source_new(void)
{
	struct source *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	atomic_init(&s->refs, 1);
	s->fd = -1;
	return (s);
}

struct source *
source_hold(struct source *s)
{
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return (s);
}

void
source_drop(struct source *s)
{
	size_t i;

	if (s == NULL ||
	    atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (i = 0; i < s->npaths; i++)
		free(s->paths[i]);
	free(s->paths);
	free(s->bytes);
	free(s->name);
	if (s->fd != -1)
		close(s->fd);
	free(s);
}

int
want_copy(struct want *w, const struct want *from, const char *filter,
    int64_t since, int64_t until)
{
	const char *one = from->filter == NULL ? filter : from->filter;
	const char *other =
	    from->filter == NULL || filter == NULL ? from->also : filter;

	*w = *from;
	w->filter = w->also = NULL;
	/* A filter each: side by side, the "or" of one would take the other. */
	if ((one != NULL && (w->filter = strdup(one)) == NULL) ||
	    (other != NULL && (w->also = strdup(other)) == NULL)) {
		free(w->filter);
		w->filter = NULL;
		(void)PyErr_NoMemory();
		return (-1);
	}
	if (since > w->since)
		w->since = since;
	if (until < w->until)
		w->until = until;
	(void)source_hold(w->source);
	return (0);
}

void
want_clear(struct want *w)
{
	source_drop(w->source);
	free(w->filter);
	free(w->also);
	*w = (struct want){0};
}

struct tally *
tally_new(void)
{
	struct tally *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	atomic_init(&t->refs, 1);
	if (pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t);
		return (NULL);
	}
	return (t);
}

struct tally *
tally_hold(struct tally *t)
{
	atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
	return (t);
}

void
tally_drop(struct tally *t)
{
	size_t i;

	if (t == NULL ||
	    atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (i = 0; i < t->nfaults; i++) {
		free(t->fault[i].path);
		free(t->fault[i].text);
	}
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

void
tally_fault(struct tally *t, enum scan_fault kind, const char *path,
    uint64_t offset, const char *text)
{
	(void)pthread_mutex_lock(&t->lock);
	t->faults_total++;
	if (t->nfaults < FAULTS_MAX)
		t->fault[t->nfaults++] = (struct fault){
		    .kind = kind,
		    .offset = offset,
		    .path = strdup(path),
		    .text = strdup(text),
		};
	(void)pthread_mutex_unlock(&t->lock);
}
