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
 * When flows end.  A wheel of slots, each a quarter of a second or so, has
 * every entry in the slot where it was last thought to be due.  A packet only
 * writes the time it was seen; when the slot comes up, what is not due goes to
 * its new slot.
 */

#ifndef METER_EXPIRE_H
#define METER_EXPIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "meter/flowtab.h"

/* Seconds; 0 switches a rule off, and the next one counts. */
struct timeouts {
	uint32_t tcp;
	uint32_t tcp_rst;
	uint32_t tcp_fin;
	uint32_t udp;
	uint32_t icmp;
	uint32_t general; /* never 0 */
	uint32_t maxlife;
	uint32_t expint; /* due times are rounded up to multiples of it */
	uint32_t active; /* a flow is exported so often while it goes on */
};

/* As many as the statistics have names for (meter/statistics.c). */
enum end_reason {
	END_GENERAL,
	END_TCP,
	END_TCP_RST,
	END_TCP_FIN,
	END_UDP,
	END_ICMP,
	END_MAXLIFE,
	END_OVERBYTES, /* of counters of 32 bits; kept for its line */
	END_MAXFLOWS,
	END_FLUSHED,
	END_ACTIVE, /* exported, but goes on */
	END_MAX,
	END_DELETED = END_MAX, /* dropped by an operator: no reason to export */
};

/* RFC 5102 5.11.3: what each is to a collector. */
uint8_t end_reason_wire(enum end_reason);

struct expire;

/*
 * Called for each flow that ended, or with END_ACTIVE for one that goes on; its
 * reason is set.  The entry is removed from the table behind it, except for
 * END_ACTIVE, where its counters begin anew.  A flow that said nothing more
 * since END_ACTIVE ends with counters of zero.  The function must not change
 * the table.
 */
typedef void expire_fn(void *arg, struct entry *, enum end_reason);

struct expire *expire_new(struct flowtab *, const struct timeouts *,
    expire_fn *, void *arg);
void expire_free(struct expire *);

/* An entry was added; its times and key are set. */
void expire_add(struct expire *, struct entry *);
/* It changed so that it may be due earlier: FIN or RST, or END_ACTIVE is past.
 */
void expire_hasten(struct expire *, struct entry *);

/*
 * Expire what is due before `now` (ns since 1970), at most `budget` entries
 * looked at; true if more waits.  Time may jump: forwards by years, then what
 * is due ends, once around the wheel; or backwards by more than EXPIRE_BACK, in
 * two runs in a row, then flows that were seen that long ahead of it end too.
 */
#define EXPIRE_BACK (INT64_C(60) * 1000000000)
bool expire_run(struct expire *, int64_t now, uint32_t budget);
/* Nothing is due before (ns since 1970); INT64_MAX: the table is empty. */
int64_t expire_next(const struct expire *);
/*
 * When one is due, by the rules: the first that fits it and is not zero, but
 * not later than maxlife, nor than active if it said something since its last
 * record.  *why is what decided.
 */
int64_t expire_due(const struct expire *, const struct entry *,
    enum end_reason *why);
/*
 * A packet of that time is about to be added, out of what expire_calm says:
 * what is due before it happens first.  True: the flow ended, and is gone.
 */
bool expire_check(struct expire *, struct entry *, int64_t time);

/*
 * No rule can have ended a flow that was silent for at most `idle` and began
 * at most `life` ago, both ns.
 */
struct expire_calm {
	int64_t idle;
	int64_t life;
};
struct expire_calm expire_calm(const struct expire *);

/* All of them, with that reason: END_FLUSHED, END_DELETED.  How many. */
uint32_t expire_all(struct expire *, enum end_reason);
/*
 * The same in pieces: of those behind number *at (0 at first), which goes on;
 * so many places are looked at.  False: there are no more.
 */
bool expire_piece(struct expire *, uint32_t *at, enum end_reason,
    uint32_t places);
/*
 * Room for one more: of 16 entries, four in a row at each of four places a
 * quarter of the table apart, the one that was silent for the longest goes
 * (END_MAXFLOWS); the next call looks at those behind.  Who speaks more often
 * than the table is filled anew stays, so a flood of new flows pushes out
 * itself.  It costs the reading of 16 entries.
 */
#define EXPIRE_PLACES 4
#define EXPIRE_ROW 4
void expire_victim(struct expire *);

#endif /* METER_EXPIRE_H */
