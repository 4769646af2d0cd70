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

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "meter/expire.h"

#define TICK_BITS 28 /* 0.27 s of ns */
#define SLOTS 16384  /* 73 minutes */
#define WORDS (SLOTS / 64)

/*
 * An entry is in the slot of a tick at which it is due for certain if no
 * packet came meanwhile; one that is due in more than a turn of the wheel is
 * in the last slot of the turn.  Ticks are never below `hand`, so each slot is
 * for one of them.
 */
struct expire {
	struct flowtab *table;
	expire_fn *fn;
	void *arg;
	int64_t idle[END_MAX]; /* ns by rule, 0: off */
	int64_t maxlife;
	int64_t active;
	int64_t expint;
	int64_t hand; /* the tick that comes up next */
	int64_t now;  /* the latest that a run was told */
	int64_t told; /* what the last one was told */
	bool started;
	bool doubt; /* the last run was told a time long before */
	bool back;  /* time went back: all entries are looked at */
	uint32_t back_hand;
	uint32_t victim_hand;
	uint64_t filled[WORDS]; /* bit by slot */
	uint32_t head[SLOTS];	/* numbers */
};

/* The first that fits and is switched on. */
static const struct rule {
	uint8_t protocol;
	uint8_t version; /* 0: any */
	uint8_t bits;	 /* all of them; 0: any */
	enum end_reason why;
} rules[] = {
    {IPPROTO_TCP, 0, ENTRY_RST, END_TCP_RST},
    {IPPROTO_TCP, 0, ENTRY_FIN0 | ENTRY_FIN1, END_TCP_FIN},
    {IPPROTO_TCP, 0, 0, END_TCP},
    {IPPROTO_UDP, 0, 0, END_UDP},
    {IPPROTO_ICMP, 4, 0, END_ICMP},
    {IPPROTO_ICMPV6, 6, 0, END_ICMP},
};

/* RFC 5102 5.11.3 */
static const uint8_t wire[END_MAX] = {
    [END_GENERAL] = 1, /* idle */
    [END_TCP] = 1,
    [END_TCP_RST] = 3, /* end of flow seen */
    [END_TCP_FIN] = 3,
    [END_UDP] = 1,
    [END_ICMP] = 1,
    [END_MAXLIFE] = 2,	 /* active for too long */
    [END_OVERBYTES] = 5, /* lack of resources */
    [END_MAXFLOWS] = 5,
    [END_FLUSHED] = 4, /* forced */
    [END_ACTIVE] = 2,
};

uint8_t
end_reason_wire(enum end_reason why)
{
	return (why < END_MAX ? wire[why] : 0);
}

struct expire *
expire_new(struct flowtab *table, const struct timeouts *t, expire_fn *fn,
    void *arg)
{
	struct expire *x;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (NULL);
	x->table = table;
	x->fn = fn;
	x->arg = arg;
	x->idle[END_TCP] = t->tcp * NSEC_PER_SEC;
	x->idle[END_TCP_RST] = t->tcp_rst * NSEC_PER_SEC;
	x->idle[END_TCP_FIN] = t->tcp_fin * NSEC_PER_SEC;
	x->idle[END_UDP] = t->udp * NSEC_PER_SEC;
	x->idle[END_ICMP] = t->icmp * NSEC_PER_SEC;
	x->idle[END_GENERAL] = t->general * NSEC_PER_SEC;
	x->maxlife = t->maxlife * NSEC_PER_SEC;
	x->active = t->active * NSEC_PER_SEC;
	x->expint = t->expint > 1 ? t->expint * NSEC_PER_SEC : 0;
	return (x);
}

void
expire_free(struct expire *x)
{
	free(x);
}

/* A capture file may say any time: sums stay in range. */
static int64_t
later(int64_t t, int64_t by)
{
	return (t > INT64_MAX - by ? INT64_MAX : t + by);
}

static enum end_reason
rule_of(const struct expire *x, const struct entry *e)
{
	const struct rule *r;

	for (r = rules; r < rules + sizeof(rules) / sizeof(rules[0]); r++)
		if (r->protocol == e->key.protocol &&
		    (r->version == 0 || r->version == e->key.version) &&
		    (e->bits & r->bits) == r->bits && x->idle[r->why] > 0)
			return (r->why);
	return (END_GENERAL);
}

/* When silence, or its age, ends it; not rounded. */
static int64_t
due_end(const struct expire *x, const struct entry *e, enum end_reason *why)
{
	int64_t due;

	*why = rule_of(x, e);
	due = later(e->last, x->idle[*why]);
	if (x->maxlife > 0 && due > later(e->first, x->maxlife)) {
		due = later(e->first, x->maxlife);
		*why = END_MAXLIFE;
	}
	return (due);
}

static int64_t
rounded(const struct expire *x, int64_t due)
{
	if (x->expint == 0 || due <= 0)
		return (due);
	return (later((due - 1) / x->expint * x->expint, x->expint));
}

int64_t
expire_due(const struct expire *x, const struct entry *e, enum end_reason *why)
{
	int64_t due = due_end(x, e, why);

	if (x->active > 0 && (e->bits & ENTRY_SILENT) == 0 &&
	    due > later(e->first, x->active)) {
		due = later(e->first, x->active);
		*why = END_ACTIVE;
	}
	return (rounded(x, due));
}

struct expire_calm
expire_calm(const struct expire *x)
{
	struct expire_calm calm = {INT64_MAX, INT64_MAX};
	int i;

	for (i = 0; i < END_MAX; i++)
		if (x->idle[i] > 0 && x->idle[i] < calm.idle)
			calm.idle = x->idle[i];
	if (x->maxlife > 0)
		calm.life = x->maxlife;
	if (x->active > 0 && x->active < calm.life)
		calm.life = x->active;
	return (calm);
}

static int64_t
tick_of(int64_t time)
{
	return (time >> TICK_BITS);
}

static uint32_t
slot_of(int64_t tick)
{
	return ((uint32_t)((uint64_t)tick % SLOTS));
}

static void
unlink_entry(struct expire *x, struct entry *e)
{
	if (e->next != ENTRY_NONE)
		flowtab_at(x->table, e->next)->prev = e->prev;
	if (e->prev != ENTRY_NONE)
		flowtab_at(x->table, e->prev)->next = e->next;
	else if ((x->head[e->slot] = e->next) == ENTRY_NONE)
		x->filled[e->slot / 64] &= ~(UINT64_C(1) << e->slot % 64);
}

/* Into the slot of when it is due, of those from tick `from` on. */
static void
link_entry(struct expire *x, struct entry *e, int64_t from)
{
	uint32_t number = flowtab_number(x->table, e);
	enum end_reason why;
	int64_t tick;

	tick = tick_of(expire_due(x, e, &why)) + 1;
	if (tick < from)
		tick = from;
	if (tick > x->hand + SLOTS - 1)
		tick = x->hand + SLOTS - 1;
	e->slot = (uint16_t)slot_of(tick);
	e->prev = ENTRY_NONE;
	if ((e->next = x->head[e->slot]) != ENTRY_NONE)
		flowtab_at(x->table, e->next)->prev = number;
	else
		x->filled[e->slot / 64] |= UINT64_C(1) << e->slot % 64;
	x->head[e->slot] = number;
}

void
expire_add(struct expire *x, struct entry *e)
{
	if (!x->started) {
		x->started = true;
		x->now = e->last;
		x->hand = tick_of(e->last);
	}
	link_entry(x, e, x->hand);
}

void
expire_hasten(struct expire *x, struct entry *e)
{
	unlink_entry(x, e);
	link_entry(x, e, x->hand);
}

static void
end(struct expire *x, struct entry *e, enum end_reason why)
{
	e->reason = (uint8_t)why;
	unlink_entry(x, e);
	x->fn(x->arg, e, why);
	flowtab_remove(x->table, e);
}

/* It goes on: its counters begin anew. */
static void
interim(struct expire *x, struct entry *e)
{
	e->reason = END_ACTIVE;
	x->fn(x->arg, e, END_ACTIVE);
	memset(e->octets, 0, sizeof(e->octets));
	memset(e->packets, 0, sizeof(e->packets));
	memset(e->tcp_flags, 0, sizeof(e->tcp_flags));
	e->first = e->last;
	e->bits |= ENTRY_INTERIM | ENTRY_SILENT;
}

/*
 * What the rules say of it at that time.  True: it is gone.
 */
static bool
judge(struct expire *x, struct entry *e, int64_t now)
{
	enum end_reason why;
	int64_t due;

	/* Both times may be years off: the difference wraps, and fits. */
	if (e->last > now && (uint64_t)e->last - (uint64_t)now > EXPIRE_BACK) {
		end(x, e, END_FLUSHED);
		return (true);
	}
	due = expire_due(x, e, &why);
	if (due >= now)
		return (false);
	/* Of a flow that is silent for long there is one record, not two. */
	if (why == END_ACTIVE && rounded(x, due_end(x, e, &why)) >= now) {
		interim(x, e);
		return (false);
	}
	end(x, e, why);
	return (true);
}

bool
expire_check(struct expire *x, struct entry *e, int64_t time)
{
	return (judge(x, e, time));
}

/*
 * Those of the slot that is up: they end, or go to another.  False: the
 * budget is spent.
 */
static bool
run_slot(struct expire *x, int64_t now, uint32_t *budget)
{
	uint32_t slot = slot_of(x->hand);
	struct entry *e;

	while (x->head[slot] != ENTRY_NONE) {
		if ((*budget)-- == 0)
			return (false);
		e = flowtab_at(x->table, x->head[slot]);
		if (e->next != ENTRY_NONE)
			__builtin_prefetch(flowtab_at(x->table, e->next), 1);
		if (judge(x, e, now))
			continue;
		unlink_entry(x, e);
		link_entry(x, e, x->hand + 1);
	}
	return (true);
}

/* Ticks from the hand to the next slot that has entries; -1: none has. */
static int64_t
distance(const struct expire *x)
{
	uint32_t slot = slot_of(x->hand), i, word = slot / 64;
	uint64_t bits = x->filled[word] & ~UINT64_C(0) << slot % 64;

	for (i = 0; i <= WORDS; i++) {
		if (bits != 0)
			return ((word * 64 + (uint32_t)__builtin_ctzll(bits) -
				    slot) %
			    SLOTS);
		word = (word + 1) % WORDS;
		bits = x->filled[word];
	}
	return (-1);
}

/*
 * Time went back: what lies ahead of it would wait until it comes again, and
 * what is older may be in the slot of a time that lies ahead.
 */
static bool
run_back(struct expire *x, int64_t now, uint32_t *budget)
{
	struct entry *e;

	for (; x->back_hand < flowtab_top(x->table); (*budget)--) {
		if (*budget == 0)
			return (false);
		e = flowtab_at(x->table, ++x->back_hand);
		if ((e->bits & ENTRY_LIVE) != 0 && !judge(x, e, now))
			expire_hasten(x, e);
	}
	x->back = false;
	return (true);
}

/*
 * A file may hold one packet of a wrong time: once is not believed.  False:
 * nothing can be said at this time.
 */
static bool
believe(struct expire *x, int64_t now)
{
	if (now < x->now && (uint64_t)x->now - (uint64_t)now > EXPIRE_BACK) {
		x->doubt = !x->doubt;
		if (x->doubt)
			return (false);
		x->back = true;
		x->back_hand = 0;
		x->hand = tick_of(now);
		x->now = now;
	}
	x->doubt = false;
	/* Once around is enough: each slot is looked at. */
	if (tick_of(now) - x->hand >= SLOTS)
		x->hand = tick_of(now) - SLOTS + 1;
	if (x->now < now)
		x->now = now;
	return (true);
}

bool
expire_run(struct expire *x, int64_t now, uint32_t budget)
{
	int64_t ahead;

	x->told = now;
	if (!x->started || !believe(x, now))
		return (false);
	if (x->back && !run_back(x, now, &budget))
		return (true);
	while (x->hand <= tick_of(now)) {
		if ((ahead = distance(x)) == -1 ||
		    x->hand + ahead > tick_of(now)) {
			x->hand = tick_of(now) + 1;
			break;
		}
		x->hand += ahead;
		if (!run_slot(x, now, &budget))
			return (true);
		x->hand++;
	}
	return (false);
}

int64_t
expire_next(const struct expire *x)
{
	int64_t ahead, tick;

	if (!x->started || (ahead = distance(x)) == -1)
		return (INT64_MAX);
	if (x->back)
		return (x->told);
	tick = x->hand + ahead;
	return (tick > tick_of(INT64_MAX) ? INT64_MAX
					  : tick * (INT64_C(1) << TICK_BITS));
}

uint32_t
expire_all(struct expire *x, enum end_reason why)
{
	uint32_t number = 0, n = 0;
	struct entry *e;

	for (; (e = flowtab_next(x->table, number)) != NULL; n++) {
		number = flowtab_number(x->table, e);
		e->reason = (uint8_t)why;
		x->fn(x->arg, e, why);
	}
	flowtab_clear(x->table);
	memset(x->filled, 0, sizeof(x->filled));
	memset(x->head, 0, sizeof(x->head));
	x->back = false;
	return (n);
}

bool
expire_piece(struct expire *x, uint32_t *at, enum end_reason why,
    uint32_t places)
{
	struct entry *e;

	for (; *at < flowtab_top(x->table); places--) {
		if (places == 0)
			return (true);
		e = flowtab_at(x->table, ++*at);
		if ((e->bits & ENTRY_LIVE) != 0)
			end(x, e, why);
	}
	return (false);
}

/* The longest silent of a row, and of `silent` if there is one. */
static struct entry *
silent_of_row(const struct expire *x, uint32_t number, struct entry *silent)
{
	struct entry *e;
	int i;

	for (i = 0; i < EXPIRE_ROW; i++) {
		e = flowtab_next(x->table, number);
		if (e == NULL &&
		    (e = flowtab_next(x->table, ENTRY_NONE)) == NULL)
			break;
		number = flowtab_number(x->table, e);
		if (silent == NULL || e->last < silent->last)
			silent = e;
	}
	return (silent);
}

void
expire_victim(struct expire *x)
{
	uint32_t top = flowtab_top(x->table), part = top / EXPIRE_PLACES, i;
	struct entry *silent = NULL;

	if (top == 0)
		return;
	if (x->victim_hand >= top)
		x->victim_hand = 0;
	for (i = 0; i < EXPIRE_PLACES; i++)
		silent =
		    silent_of_row(x, (x->victim_hand + i * part) % top, silent);
	x->victim_hand += EXPIRE_ROW;
	if (silent != NULL)
		end(x, silent, END_MAXFLOWS);
}
