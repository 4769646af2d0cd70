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

#include <string.h>

#include "piece.h"

/*
 * What is wanted differs from block to block: of few sizes, most that were used
 * before fit again.  Memory that is not touched costs nothing.
 */
#define ROUND ((size_t)1024 * 1024)

void
pieces_init(struct pieces *m, size_t most)
{
	memset(m, 0, sizeof(*m));
	m->most = most;
}

void
pieces_clear(struct pieces *m)
{
	struct piece *c;

	while ((c = m->spare) != NULL) {
		m->spare = c->next;
		munmap(c, c->mapped);
	}
	memset(m, 0, sizeof(*m));
}

bool
pieces_full(const struct pieces *m)
{
	return (m->waiting >= m->most);
}

static size_t
align(size_t n, size_t to)
{
	return ((n + to - 1) / to * to);
}

/* One that was used before has its pages already. */
static struct piece *
take_spare(struct pieces *m, size_t size, size_t owners)
{
	struct piece **at, *c;

	for (at = &m->spare; (c = *at) != NULL; at = &c->next)
		if (c->size >= size && c->maxowners >= owners) {
			*at = c->next;
			m->nspare--;
			return (c);
		}
	return (NULL);
}

/*
 * Whose it is comes behind the bytes: pages that nobody touches are not there.
 */
static struct piece *
make(size_t size, size_t owners)
{
	const size_t head = align(sizeof(struct piece), 64);
	size_t mapped;
	struct piece *c;
	void *p;

	size = align(head + size, ROUND) - head;
	mapped = head + size + owners * sizeof(struct piece_owner);
	p = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON,
	    -1, 0);
	if (p == MAP_FAILED)
		return (NULL);
	c = p;
	c->mapped = mapped;
	c->p = (uint8_t *)p + head;
	c->size = size;
	c->owner = (struct piece_owner *)(void *)(c->p + size);
	c->maxowners = owners;
	return (c);
}

struct piece *
piece_new(struct pieces *m, size_t size, size_t owners)
{
	struct piece *c = take_spare(m, size, owners);

	if (c == NULL && (c = make(size, owners)) == NULL)
		return (NULL);
	c->next = NULL;
	c->len = c->written = 0;
	c->flows = 0;
	c->nowners = c->settled = 0;
	return (c);
}

void
piece_free(struct pieces *m, struct piece *c)
{
	m->waiting -= c->len + c->nowners * sizeof(*c->owner);
	if (m->nspare == PIECE_SPARES) {
		munmap(c, c->mapped);
		return;
	}
	c->next = m->spare;
	m->spare = c;
	m->nspare++;
}

void
piece_took(struct pieces *m, struct piece *c, size_t len)
{
	c->len += len;
	m->waiting += len;
}

void
piece_owe(struct pieces *m, struct piece *c, void *who, uint64_t flows)
{
	struct piece_owner *last = c->owner + c->nowners - 1;

	c->flows += flows;
	if (c->nowners > 0 && last->who == who) {
		last->flows += flows;
		return;
	}
	if (c->nowners == c->maxowners)
		return; /* cannot be: then only the totals know of them */
	c->owner[c->nowners++] =
	    (struct piece_owner){.who = who, .flows = flows};
	m->waiting += sizeof(*c->owner);
}

void
piece_settle(struct pieces *m, struct piece *c, uint64_t flows, bool stored)
{
	struct piece_owner *o;
	uint64_t n;

	c->flows -= flows;
	while (flows > 0 && c->settled < c->nowners) {
		o = &c->owner[c->settled];
		n = o->flows < flows ? o->flows : flows;
		if (m->settle != NULL)
			m->settle(m->arg, o->who, n, stored);
		flows -= n;
		o->flows -= n;
		if (o->flows == 0)
			c->settled++;
	}
}
