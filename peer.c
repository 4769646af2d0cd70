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

#define PEER_BYTES (sizeof(struct peer) + 16) /* with what malloc needs */
#define LOOKS 16

TAILQ_HEAD(peer_list, peer);

struct peers {
	struct peer_list by_age[PEER_RANKS];
	uint32_t of_rank[PEER_RANKS];
	struct peer_list gone; /* in the hash no more */
	struct htable hash;
	size_t bytes; /* of the hash */
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
	int i;

	if ((ps = calloc(1, sizeof(*ps))) == NULL)
		return (NULL);
	for (i = 0; i < PEER_RANKS; i++)
		TAILQ_INIT(&ps->by_age[i]);
	TAILQ_INIT(&ps->gone);
	ps->max = max;
	arc4random_buf(&ps->seed, sizeof(ps->seed));
	ps->evict = evict;
	ps->arg = arg;
	return (ps);
}

static void
list(struct peers *ps, struct peer *p, enum peer_rank rank)
{
	p->rank = rank;
	TAILQ_INSERT_TAIL(&ps->by_age[rank], p, age);
	ps->of_rank[rank]++;
}

static void
unlist(struct peers *ps, struct peer *p)
{
	TAILQ_REMOVE(&ps->by_age[p->rank], p, age);
	ps->of_rank[p->rank]--;
}

static uint64_t
waiting(const struct peer *p)
{
	return (p->ledger.n[L_PENDING] + p->ledger.n[L_ARCHIVE_PENDING]);
}

static void
forget(struct peers *ps, struct peer *p)
{
	htable_remove(&ps->hash, &p->node);
	unlist(ps, p);
	ps->evict(ps->arg, p);
	if (waiting(p) == 0) {
		free(p);
		return;
	}
	p->gone = true;
	TAILQ_INSERT_TAIL(&ps->gone, p, age);
}

void
peers_free(struct peers *ps)
{
	struct peer *p;
	int i;

	if (ps == NULL)
		return;
	for (i = 0; i < PEER_RANKS; i++)
		while ((p = TAILQ_FIRST(&ps->by_age[i])) != NULL)
			forget(ps, p);
	while ((p = TAILQ_FIRST(&ps->gone)) != NULL) {
		TAILQ_REMOVE(&ps->gone, p, age);
		free(p);
	}
	free(ps->hash.slot);
	free(ps);
}

static uint64_t
hash(const struct peers *ps, const struct addr *a, uint16_t port)
{
	return (addr_hash(a, ps->seed + port));
}

/* As just heard of. */
static void
touch(struct peers *ps, struct peer *p)
{
	if (TAILQ_NEXT(p, age) == NULL)
		return;
	TAILQ_REMOVE(&ps->by_age[p->rank], p, age);
	TAILQ_INSERT_TAIL(&ps->by_age[p->rank], p, age);
}

struct peer *
peer_find(struct peers *ps, const struct addr *a, uint16_t port)
{
	struct hnode *n = htable_first(&ps->hash, hash(ps, a, port));
	struct peer *p;

	for (; n != NULL; n = hnode_next(n)) {
		p = (struct peer *)n;
		if (p->port == port && addr_equal(&p->addr, a)) {
			touch(ps, p);
			return (p);
		}
	}
	return (NULL);
}

/*
 * Those with flows under way are passed over once and then count as just
 * heard, so that a flood of newcomers does not walk past them again and again.
 */
static bool
evict(struct peers *ps, enum peer_rank rank)
{
	struct peer *p;
	int looks;

	for (looks = 0; looks < LOOKS; looks++) {
		if ((p = TAILQ_FIRST(&ps->by_age[rank])) == NULL)
			return (false);
		if (waiting(p) == 0) {
			forget(ps, p);
			ps->evicted++;
			return (true);
		}
		touch(ps, p);
	}
	return (false);
}

bool
peers_evict(struct peers *ps)
{
	return (evict(ps, PEER_STRANGER));
}

static bool
make_room(struct peers *ps, enum peer_rank rank)
{
	/* Made up ports are at the expense of each other. */
	while (rank == PEER_PORT && ps->of_rank[rank] > ps->max / 4)
		if (!evict(ps, rank))
			return (false);
	while (ps->hash.count >= ps->max)
		if (!evict(ps, PEER_STRANGER) &&
		    (rank != PEER_NAMED || !evict(ps, PEER_PORT)))
			return (false);
	return (true);
}

struct peer *
peer_add(struct peers *ps, const struct addr *a, uint16_t port,
    enum peer_rank rank)
{
	struct peer *p;

	if (!make_room(ps, rank) || (p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	p->addr = *a;
	p->port = port;
	p->node.hash = hash(ps, a, port);
	if (htable_add(&ps->hash, &p->node, &ps->bytes) == -1) {
		free(p);
		return (NULL);
	}
	list(ps, p, rank);
	return (p);
}

void
peers_limit(struct peers *ps, uint32_t max)
{
	ps->max = max;
	while (ps->hash.count > max)
		if (!evict(ps, PEER_STRANGER) && !evict(ps, PEER_PORT))
			break;
	htable_shrink(&ps->hash, &ps->bytes);
}

void
peer_pending(struct peers *ps, struct peer *p, enum ledger_sink sink,
    uint64_t n)
{
	(void)ps;
	p->ledger.n[ledger_of(sink, FATE_PENDING)] += n;
}

void
peer_settle(struct peers *ps, struct peer *p, enum ledger_sink sink,
    enum ledger_fate fate, uint64_t n)
{
	p->ledger.n[ledger_of(sink, FATE_PENDING)] -= n;
	p->ledger.n[ledger_of(sink, fate)] += n;
	if (!p->gone || waiting(p) > 0)
		return;
	TAILQ_REMOVE(&ps->gone, p, age);
	free(p);
}

uint32_t
peers_count(const struct peers *ps)
{
	return (ps->hash.count);
}

uint64_t
peers_evicted(const struct peers *ps)
{
	return (ps->evicted);
}

size_t
peers_bytes(const struct peers *ps, size_t named)
{
	if (named < ps->of_rank[PEER_NAMED])
		named = ps->of_rank[PEER_NAMED];
	return (ps->bytes +
	    (named + ps->of_rank[PEER_STRANGER] + ps->of_rank[PEER_PORT]) *
		PEER_BYTES);
}

void
peers_review(struct peers *ps, bool (*keep)(void *, struct peer *), void *arg)
{
	struct peer_list all = TAILQ_HEAD_INITIALIZER(all);
	struct peer *p;
	int i;

	for (i = 0; i < PEER_RANKS; i++) {
		TAILQ_CONCAT(&all, &ps->by_age[i], age);
		ps->of_rank[i] = 0;
	}
	while ((p = TAILQ_FIRST(&all)) != NULL) {
		bool wanted = keep(arg, p);

		TAILQ_REMOVE(&all, p, age);
		list(ps, p, p->rank);
		if (!wanted)
			forget(ps, p);
	}
}

void
peers_walk(const struct peers *ps, bool (*fn)(void *, const struct peer *),
    void *arg)
{
	const struct peer *p;
	uint32_t n = 0;
	int i;

	for (i = PEER_RANKS - 1; i >= 0; i--)
		TAILQ_FOREACH_REVERSE(p, &ps->by_age[i], peer_list, age)
	if (n++ == ps->max || !fn(arg, p))
		return;
}
