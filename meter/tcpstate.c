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

#include <string.h>

#include "flow.h"
#include "meter/tcpstate.h"

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

/* Farther from what is expected than any window: another connection. */
#define FAR (INT32_C(1) << 28)
/* What fills a hole sooner was on its way already: where no RTT is known. */
#define REORDERING (3 * NSEC_PER_MSEC)

/* Sequence numbers wrap: how far b is behind a. */
static int32_t
ahead(uint32_t a, uint32_t b)
{
	return ((int32_t)(b - a));
}

static void
side_start(struct tcpstate_side *s, uint32_t next)
{
	s->seen = true;
	s->nholes = 0;
	s->next = next;
}

static void
hole_remove(struct tcpstate_side *s, uint8_t i)
{
	s->nholes--;
	memmove(&s->hole[i], &s->hole[i + 1],
	    (s->nholes - i) * sizeof(s->hole[0]));
}

static void
hole_add(struct tcpstate_side *s, const struct tcpstate_hole *h)
{
	if (s->nholes == TCPSTATE_HOLES)
		hole_remove(s, 0);
	s->hole[s->nholes++] = *h;
}

/* What of the hole is left on both sides of [from, to). */
static void
hole_fill(struct tcpstate_side *s, uint8_t i, uint32_t from, uint32_t to)
{
	struct tcpstate_hole before = s->hole[i], behind = s->hole[i];

	before.to = from;
	behind.from = to;
	hole_remove(s, i);
	if (ahead(before.from, before.to) > 0)
		hole_add(s, &before);
	if (ahead(behind.from, behind.to) > 0)
		hole_add(s, &behind);
}

/* Is [from, to) in a hole, or some of it?  When that was made. */
static bool
fills(struct tcpstate_side *s, uint32_t from, uint32_t to, int64_t *made)
{
	uint8_t i;

	for (i = 0; i < s->nholes; i++)
		if (ahead(from, s->hole[i].to) > 0 &&
		    ahead(s->hole[i].from, to) > 0) {
			*made = s->hole[i].time;
			hole_fill(s, i, from, to);
			return (true);
		}
	return (false);
}

/*
 * It begins before what is expected.  What fills a hole within a round trip
 * cannot be the answer to a loss, so it was overtaken.
 */
static void
late(struct tcpstate *t, struct tcpstate_side *s,
    const struct tcpstate_segment *g, uint32_t end)
{
	const int64_t trip = t->rtt != 0 ? (int64_t)t->rtt * 1000 : REORDERING;
	int64_t made;

	/* A keep-alive repeats one byte, or none, on purpose. */
	if (g->len <= 1 && !(g->flags & (SYN | FIN)) && g->seq + 1 == s->next)
		return;
	if (fills(s, g->seq, end, &made) && g->time - made < trip)
		s->out_of_order++;
	else
		s->retransmits++;
}

static void
follow(struct tcpstate *t, const struct tcpstate_segment *g)
{
	struct tcpstate_side *s = &t->side[g->side];
	const uint32_t end =
	    g->seq + g->len + ((g->flags & SYN) != 0) + ((g->flags & FIN) != 0);
	const int32_t jump = ahead(s->next, g->seq);

	if (end == g->seq)
		return; /* an acknowledgement, and no more */
	if (!s->seen || jump > FAR || jump < -FAR ||
	    ((g->flags & SYN) && g->seq + 1 != s->next)) {
		side_start(s, end);
		return;
	}
	if (jump > 0)
		hole_add(s,
		    &(struct tcpstate_hole){.time = g->time,
			.from = s->next,
			.to = g->seq});
	else if (jump < 0)
		late(t, s, g, end);
	if (ahead(s->next, end) > 0)
		s->next = end;
}

static void
round_trip(struct tcpstate *t, const struct tcpstate_segment *g)
{
	const struct tcpstate_side *s = &t->side[t->opener];
	int64_t us;

	if (!(g->flags & SYN) || t->state == SYN_ANSWERED)
		return;
	if (!(g->flags & ACK)) {
		t->state = t->state != SYN_NONE && t->opener == g->side &&
			s->seen && g->seq + 1 == s->next
		    ? SYN_AGAIN
		    : SYN_SENT;
		t->opener = g->side;
		t->syn = g->time;
		return;
	}
	if (t->state == SYN_NONE || g->side == t->opener || g->ack != s->next)
		return;
	us = (g->time - t->syn) / 1000;
	if (t->state == SYN_SENT && g->time >= t->syn)
		t->rtt = us == 0      ? 1
		    : us > UINT32_MAX ? UINT32_MAX
				      : (uint32_t)us;
	t->state = SYN_ANSWERED;
}

void
tcpstate_segment(struct tcpstate *t, const struct tcpstate_segment *g)
{
	if (g->flags & RST)
		return;
	/* Before its number is expected: it tells a SYN that is sent again. */
	round_trip(t, g);
	follow(t, g);
}
