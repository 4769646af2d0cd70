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

#include <stdbool.h>

#include "meter/counters.h"

#define AT(member) offsetof(struct counters, member)
#define SIZE(member) sizeof(((struct counters *)NULL)->member)

/* What is added up, in runs of numbers that lie behind each other. */
static const struct run {
	size_t at;
	size_t bytes;
} sums[] = {
    {AT(frames), AT(flow_octets_min) - AT(frames)},
    {AT(flow_packets), SIZE(flow_packets)},
    {AT(flow_duration), SIZE(flow_duration)},
    {AT(received), AT(started) - AT(received)},
    {AT(memory), SIZE(memory)},
};

/* Packets are the last: their least of 0 is that of no flow. */
static const struct range {
	size_t min;
	size_t max;
} ranges[] = {
    {AT(flow_octets_min), AT(flow_octets_max)},
    {AT(flow_duration_min), AT(flow_duration_max)},
    {AT(flow_packets_min), AT(flow_packets_max)},
};

#define N(table) (sizeof(table) / sizeof((table)[0]))

static uint64_t *
number(struct counters *c, size_t at)
{
	return ((uint64_t *)(void *)((uint8_t *)c + at));
}

static uint64_t
value(const struct counters *c, size_t at)
{
	return (*(const uint64_t *)(const void *)((const uint8_t *)c + at));
}

static void
raise_to(uint64_t *to, uint64_t v)
{
	if (*to < v)
		*to = v;
}

static void
add_ranges(struct counters *to, const struct counters *from)
{
	const struct range *r;

	for (r = ranges; r < ranges + N(ranges); r++) {
		if (from->flow_packets_min != 0 &&
		    (to->flow_packets_min == 0 ||
			value(from, r->min) < value(to, r->min)))
			*number(to, r->min) = value(from, r->min);
		raise_to(number(to, r->max), value(from, r->max));
	}
}

static void
add_protocol(struct counters_protocol *to, const struct counters_protocol *from)
{
	to->flows += from->flows;
	to->packets += from->packets;
	to->octets += from->octets;
	to->duration += from->duration;
	raise_to(&to->max_duration, from->max_duration);
}

static void
add_dest(struct counters_dest *to, const struct counters_dest *from)
{
	to->records += from->records;
	to->messages += from->messages;
	to->octets += from->octets;
	to->failures += from->failures;
	to->dropped += from->dropped;
	to->records_lost += from->records_lost;
	to->connects += from->connects;
	to->queued += from->queued;
	to->up += from->up;
}

void
counters_add(struct counters *to, const struct counters *from)
{
	const struct run *r;
	size_t i;

	for (r = sums; r < sums + N(sums); r++)
		for (i = 0; i < r->bytes; i += sizeof(uint64_t))
			*number(to, r->at + i) += value(from, r->at + i);
	add_ranges(to, from);
	if (to->started == 0 ||
	    (from->started != 0 && from->started < to->started))
		to->started = from->started;
	raise_to(&to->now, from->now);
	raise_to(&to->ndests, from->ndests);
	for (i = 0; i < COUNTERS_DESTS; i++)
		add_dest(&to->dest[i], &from->dest[i]);
	for (i = 0; i < N(to->protocol); i++)
		add_protocol(&to->protocol[i], &from->protocol[i]);
}

static void
least(uint64_t *to, uint64_t v, bool first)
{
	if (first || v < *to)
		*to = v;
}

void
counters_expired(struct counters *c, const struct entry *e, enum end_reason why)
{
	struct counters_protocol *p = &c->protocol[e->key.protocol];
	uint64_t octets = e->octets[0] + e->octets[1];
	uint64_t packets = e->packets[0] + e->packets[1];
	uint64_t duration =
	    e->last > e->first ? (uint64_t)e->last - (uint64_t)e->first : 0;
	bool first = c->flow_packets_min == 0;

	if (why != END_ACTIVE)
		c->active--;
	if (why == END_DELETED) {
		c->deleted++;
		c->deleted_packets += packets;
		c->deleted_octets += octets;
		return;
	}
	c->reason[why]++;
	if (why != END_ACTIVE) {
		c->expired++;
		c->forced += why == END_MAXFLOWS || why == END_FLUSHED;
		p->flows++;
		if ((e->bits & ENTRY_INTERIM) == 0) {
			least(&c->flow_octets_min, octets, first);
			least(&c->flow_packets_min, packets, first);
			least(&c->flow_duration_min, duration, first);
		}
	}
	c->flow_octets += octets;
	c->flow_packets += packets;
	c->flow_duration += duration;
	raise_to(&c->flow_octets_max, octets);
	raise_to(&c->flow_packets_max, packets);
	raise_to(&c->flow_duration_max, duration);
	add_protocol(p,
	    &(struct counters_protocol){.packets = packets,
		.octets = octets,
		.duration = duration,
		.max_duration = duration});
}
