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

/*
 * Who exports to us: a ledger for each, bounded, the longest silent first out.
 */

#ifndef PEER_H
#define PEER_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "conf.h"
#include "decode/htable.h"
#include "ledger.h"

/* Those of a smaller rank make room for the others. */
enum peer_rank {
	PEER_STRANGER,
	PEER_PORT,  /* of a configured address; ports can be made up */
	PEER_NAMED, /* never evicted */
	PEER_RANKS
};

struct peer {
	struct hnode node;     /* first: by address and port */
	TAILQ_ENTRY(peer) age; /* of its rank, least recently heard first */
	struct addr addr;
	uint16_t port; /* 0: any */
	enum peer_rank rank;
	bool gone;		       /* forgotten, but for flows that wait */
	struct source_options options; /* by the configuration in force */
	int64_t last;		       /* ns since 1970 */
	int64_t complained;	/* when it was last logged for bad datagrams */
	int64_t clock_remarked; /* for its clock */
	int64_t unit_remarked;	/* for its sequence numbers */
	struct skew skew;
	struct ledger ledger;
};

struct peers;

/* Called before a peer is forgotten. */
typedef void (*peer_evict_fn)(void *arg, const struct peer *);

struct peers *peers_new(uint32_t max, peer_evict_fn, void *arg);
void peers_free(struct peers *);

/* At most so many from here on: the longest silent go at once. */
void peers_limit(struct peers *, uint32_t max);

/* NULL if it is not known.  What is found is the most recently heard. */
struct peer *peer_find(struct peers *, const struct addr *, uint16_t port);
/*
 * A new one, that peer_find did not find.  NULL when all the others must
 * stay, or for want of memory: then only the totals count it.
 */
struct peer *peer_add(struct peers *, const struct addr *, uint16_t port,
    enum peer_rank);
/* The stranger that was silent for the longest goes; false if none can. */
bool peers_evict(struct peers *);

/* n flows of it wait there to be written. */
void peer_pending(struct peers *, struct peer *, enum ledger_sink, uint64_t n);
/*
 * n of them were stored, or lost.  One that was forgotten meanwhile is no more
 * when none are left: to wait keeps a peer.
 */
void peer_settle(struct peers *, struct peer *, enum ledger_sink,
    enum ledger_fate, uint64_t n);

uint32_t peers_count(const struct peers *);
uint64_t peers_evicted(const struct peers *);
/* What they take; of the named ones, what `named` of them would. */
size_t peers_bytes(const struct peers *, size_t named);

/* After a reload: forget those that keep() does not want; it may set ranks. */
void peers_review(struct peers *, bool (*keep)(void *arg, struct peer *),
    void *arg);
/* By rank, the most recently heard first, no more than may be, until the
 * callback returns false. */
void peers_walk(const struct peers *, bool (*)(void *arg, const struct peer *),
    void *arg);

#endif /* PEER_H */
