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
#include <sys/queue.h>

#include <stdlib.h>

#include "peer.h"

TAILQ_HEAD(peer_list, peer);

struct peers {
	struct peer_list by_age;
	struct peer_list dirty;
	struct peer **hash;
	uint32_t mask;
	uint32_t count;
	uint32_t max;
	uint64_t evicted;
	uint64_t seed;
	peer_evict_fn evict;
	void *arg;
};

struct peers *
peers_new(uint32_t max, peer_evict_fn evict, void *arg)
{
	struct peers *ps;
	uint32_t size = 1;

	if ((ps = calloc(1, sizeof(*ps))) == NULL)
		return (NULL);
	while (size < max)
		size *= 2;
	if ((ps->hash = calloc(size, sizeof(*ps->hash))) == NULL) {
		free(ps);
		return (NULL);
	}
	TAILQ_INIT(&ps->by_age);
	TAILQ_INIT(&ps->dirty);
	ps->mask = size - 1;
	ps->max = max;
	arc4random_buf(&ps->seed, sizeof(ps->seed));
	ps->evict = evict;
	ps->arg = arg;
	return (ps);
}

static struct peer **
slot(const struct peers *ps, const struct addr *a)
{
	return (&ps->hash[addr_hash(a, ps->seed) & ps->mask]);
}

static void
forget(struct peers *ps, struct peer *p)
{
	struct peer **pp = slot(ps, &p->addr);

	while (*pp != p)
		pp = &(*pp)->next;
	*pp = p->next;
	TAILQ_REMOVE(&ps->by_age, p, age);
	if (p->ledger.n[L_PENDING] > 0)
		TAILQ_REMOVE(&ps->dirty, p, dirty);
	ps->count--;
	ps->evict(ps->arg, p);
	free(p);
}

void
peers_free(struct peers *ps)
{
	struct peer *p;

	if (ps == NULL)
		return;
	while ((p = TAILQ_FIRST(&ps->by_age)) != NULL)
		forget(ps, p);
	free(ps->hash);
	free(ps);
}

struct peer *
peer_find(struct peers *ps, const struct addr *a)
{
	struct peer *p;

	for (p = *slot(ps, a); p != NULL; p = p->next)
		if (addr_equal(&p->addr, a))
			break;
	if (p != NULL && TAILQ_NEXT(p, age) != NULL) {
		TAILQ_REMOVE(&ps->by_age, p, age);
		TAILQ_INSERT_TAIL(&ps->by_age, p, age);
	}
	return (p);
}

/*
 * Those that must stay are passed over once and then count as just heard, so
 * that a flood of newcomers does not walk past them again and again.
 */
static bool
make_room(struct peers *ps)
{
	struct peer *p;
	int tries = 16;

	while (ps->count >= ps->max) {
		p = TAILQ_FIRST(&ps->by_age);
		if (p == NULL || tries-- == 0)
			return (false);
		if (p->configured || p->ledger.n[L_PENDING] > 0) {
			TAILQ_REMOVE(&ps->by_age, p, age);
			TAILQ_INSERT_TAIL(&ps->by_age, p, age);
			continue;
		}
		forget(ps, p);
		ps->evicted++;
	}
	return (true);
}

struct peer *
peer_add(struct peers *ps, const struct addr *a, bool configured)
{
	struct peer **pp, *p;

	if (!make_room(ps) || (p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	p->addr = *a;
	p->configured = configured;
	pp = slot(ps, a);
	p->next = *pp;
	*pp = p;
	TAILQ_INSERT_TAIL(&ps->by_age, p, age);
	ps->count++;
	return (p);
}

void
peer_pending(struct peers *ps, struct peer *p, uint64_t n)
{
	if (p->ledger.n[L_PENDING] == 0)
		TAILQ_INSERT_TAIL(&ps->dirty, p, dirty);
	p->ledger.n[L_PENDING] += n;
}

void
peers_settled(struct peers *ps, enum ledger_counter c)
{
	struct peer *p;

	while ((p = TAILQ_FIRST(&ps->dirty)) != NULL) {
		p->ledger.n[c] += p->ledger.n[L_PENDING];
		p->ledger.n[L_PENDING] = 0;
		TAILQ_REMOVE(&ps->dirty, p, dirty);
	}
}

uint32_t
peers_count(const struct peers *ps)
{
	return (ps->count);
}

uint64_t
peers_evicted(const struct peers *ps)
{
	return (ps->evicted);
}

void
peers_review(struct peers *ps, bool (*keep)(void *, struct peer *), void *arg)
{
	struct peer *p, *next;

	TAILQ_FOREACH_SAFE(p, &ps->by_age, age, next)
		if (!keep(arg, p))
			forget(ps, p);
}

void
peers_walk(const struct peers *ps, bool (*fn)(void *, const struct peer *),
    void *arg)
{
	const struct peer *p;

	TAILQ_FOREACH_REVERSE(p, &ps->by_age, peer_list, age)
	if (!fn(arg, p))
		break;
}
