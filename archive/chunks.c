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

#include "archive/chunks.h"

#define CHUNK (256 * 1024) /* bytes: more than any text has */

struct chunk {
	struct chunk *next;
	size_t used;
	char bytes[CHUNK];
};

static void
free_all(struct chunk *c)
{
	struct chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

void
chunks_free(struct chunks *k)
{
	free_all(k->now);
	free_all(k->spent);
	*k = (struct chunks){NULL, NULL};
}

void
chunks_clear(struct chunks *k)
{
	struct chunk *c;

	while ((c = k->spent) != NULL) {
		k->spent = c->next;
		c->next = k->now;
		k->now = c;
	}
	for (c = k->now; c != NULL; c = c->next)
		c->used = 0;
}

/* An empty one in front. */
static struct chunk *
next_chunk(struct chunks *k)
{
	struct chunk *c;

	if (k->now != NULL && k->now->next != NULL)
		c = k->now->next;
	else if ((c = malloc(sizeof(*c))) != NULL)
		c->next = NULL;
	if (c == NULL)
		return (NULL);
	if (k->now != NULL) {
		k->now->next = k->spent;
		k->spent = k->now;
	}
	c->used = 0;
	k->now = c;
	return (c);
}

const char *
chunks_keep(struct chunks *k, const struct flow_text *t)
{
	struct chunk *c = k->now;
	char *p;

	if ((c == NULL || CHUNK - c->used < t->len) &&
	    (c = next_chunk(k)) == NULL)
		return (NULL);
	p = c->bytes + c->used;
	memcpy(p, t->len == 0 ? "" : t->p, t->len);
	c->used += t->len;
	return (p);
}
