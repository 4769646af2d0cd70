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

#include "meter/account.h"
#include "meter/extra.h"
#include "meter/flowlook.h"

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

struct account {
	struct account_config config;
	struct flowtab *table;
	struct expire *expire;
	struct extras *extras;
	struct counters *counters;
	struct expire_calm calm;
	uint32_t n;		       /* observations that wait */
	uint32_t guess[ACCOUNT_BATCH]; /* numbers of their entries */
	struct observed at[ACCOUNT_BATCH];
};

struct account *
account_new(const struct account_config *config, struct flowtab *table,
    struct expire *expire, struct extras *extras, struct counters *counters)
{
	struct account *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	a->config = *config;
	a->config.extra = config->extra && extras != NULL;
	a->table = table;
	a->expire = expire;
	a->extras = extras;
	a->counters = counters;
	a->calm = expire_calm(expire);
	return (a);
}

void
account_free(struct account *a)
{
	free(a);
}

/* The first packet since an interim record: what counts begins with it. */
static void
wake(struct account *a, struct entry *e, const struct observed *o)
{
	e->bits &= (uint8_t)~ENTRY_SILENT;
	e->first = o->time;
	expire_hasten(a->expire, e);
}

/* A full table makes room; what was removed can always be added again. */
static struct entry *
begin(struct account *a, const struct observed *o)
{
	struct entry *e = flowtab_add(a->table, &o->key, o->hash);

	if (e == NULL) {
		expire_victim(a->expire);
		if ((e = flowtab_add(a->table, &o->key, o->hash)) == NULL)
			return (NULL);
	}
	e->first = e->last = o->time;
	if (o->no_ports)
		e->bits |= ENTRY_FRAGMENT;
	if (o->side == 1 && !a->config.first_order)
		e->bits |= ENTRY_TURNED;
	if (a->config.extra)
		e->extra = extras_add(a->extras);
	a->counters->flows++;
	a->counters->active++;
	return (e);
}

/*
 * The rare flags: who opened the connection, and that it ends.  True: the
 * flow may be due earlier.
 */
static bool
tcp(const struct account *a, struct entry *e, const struct observed *o)
{
	uint8_t was = e->bits;
	int opener;

	if ((o->tcp_flags & TCP_SYN) != 0 && !a->config.first_order) {
		opener = (o->tcp_flags & TCP_ACK) != 0 ? !o->side : o->side;
		e->bits &= (uint8_t)~ENTRY_TURNED;
		if (opener == 1)
			e->bits |= ENTRY_TURNED;
	}
	if ((o->tcp_flags & TCP_FIN) != 0)
		e->bits |= o->side == 0 ? ENTRY_FIN0 : ENTRY_FIN1;
	if ((o->tcp_flags & TCP_RST) != 0)
		e->bits |= ENTRY_RST;
	return (((was ^ e->bits) & (ENTRY_RST | ENTRY_FIN0 | ENTRY_FIN1)) != 0);
}

/*
 * Could a rule have ended the flow before this packet?  The wheel may be late
 * by as many packets as the caller reads at a time.
 */
static inline bool
calm(const struct expire_calm *calm, const struct entry *e,
    const struct observed *o)
{
	/* Times of a file may be anything: what wraps is not calm. */
	uint64_t time = (uint64_t)o->time;

	return (time - (uint64_t)e->last + EXPIRE_BACK <=
		(uint64_t)calm->idle + EXPIRE_BACK &&
	    time - (uint64_t)e->first <= (uint64_t)calm->life);
}

static inline void
add(struct entry *e, const struct observed *o)
{
	int side = o->side;

	e->packets[side]++;
	e->octets[side] += o->octets;
	e->tcp_flags[side] |= o->tcp_flags;
	if (o->time > e->last)
		e->last = o->time;
}

/*
 * What nearly every packet is: one more of that side, with nothing to say but
 * its length and its time.
 */
static inline bool
add_another(const struct expire_calm *c, struct entry *e,
    const struct observed *o)
{
	if (!calm(c, e, o) || e->packets[o->side] == 0 || o->wants_data ||
	    (o->tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST)) != 0)
		return (false);
	add(e, o);
	return (true);
}

static void
add_first(struct entry *e, const struct observed *o)
{
	int side = o->side;

	e->tos[side] = o->tos;
	e->ttl[side] = o->ttl;
	e->vlan[side] = o->vlan;
	e->flow_label[side] = o->flow_label;
}

static void
update(struct account *a, const struct observed *o, uint32_t guess)
{
	struct entry *e = flowtab_find(a->table, &o->key, o->hash, guess);
	bool fresh, sooner = false;

	if (e != NULL && !calm(&a->calm, e, o) &&
	    expire_check(a->expire, e, o->time))
		e = NULL;
	fresh = e == NULL;
	if (fresh && (e = begin(a, o)) == NULL) {
		/* No memory for even one flow: the ledger still holds. */
		a->counters->deleted_packets++;
		a->counters->deleted_octets += o->octets;
		return;
	}
	if ((e->bits & ENTRY_SILENT) != 0)
		wake(a, e, o);
	if (e->packets[o->side] == 0)
		add_first(e, o);
	if (o->time < e->first)
		e->first = o->time;
	add(e, o);
	if ((o->tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST)) != 0)
		sooner = tcp(a, e, o);
	if (fresh)
		expire_add(a->expire, e);
	else if (sooner)
		expire_hasten(a->expire, e);
	if (o->wants_data && e->extra != 0)
		extra_packet(a->extras, extras_at(a->extras, e->extra), o);
}

void
account_flush(struct account *a)
{
	const struct observed *o, *end = a->at + a->n;
	const struct expire_calm calm = a->calm;
	uint64_t octets = 0, fragments = 0;
	uint32_t *guess = a->guess;
	struct entry *e;

	for (o = a->at; o < end; o++)
		*guess++ = flowlook_guess(a->table, o->hash);
	guess = a->guess;
	for (o = a->at; o < end; o++, guess++) {
		octets += o->octets;
		fragments += o->fragment;
		e = flowlook_try(a->table, &o->key, o->hash, *guess);
		if (e == NULL || !add_another(&calm, e, o))
			update(a, o, *guess);
	}
	a->counters->octets += octets;
	a->counters->fragments += fragments;
	a->n = 0;
}

struct observed *
account_place(struct account *a)
{
	return (&a->at[a->n]);
}

void
account_added(struct account *a)
{
	const struct observed *o = &a->at[a->n++];

	flowlook_prefetch(a->table, o->hash);
	if (o->wants_data || a->n == ACCOUNT_BATCH)
		account_flush(a);
}
