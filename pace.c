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

#include "flow.h"
#include "pace.h"

#define RATE_LEAST 500 /* datagrams a second that are worth a nap */
#define NAP_MAX 10000000U
#define NAP_LEAST 400000U /* ns; below that a nap costs more than it saves */
/* Bytes of socket buffer that a datagram takes: the least, and besides it. */
#define ROOM_LEAST 2048U
#define ROOM_BESIDES 512U

void
pace_gauge(struct pace *p, const struct ledger *l, int64_t now)
{
	uint64_t passed = (uint64_t)(now - p->gauged);
	uint64_t received = l->n[L_RECEIVED] - p->received;
	uint64_t bytes = l->n[L_RECEIVED_BYTES] - p->bytes;

	if (passed < NSEC_PER_SEC / 10)
		return;
	p->rate = received * NSEC_PER_SEC / passed;
	p->fill = bytes * NSEC_PER_SEC / passed + p->rate * ROOM_BESIDES;
	if (p->fill < p->rate * ROOM_LEAST)
		p->fill = p->rate * ROOM_LEAST;
	p->received = l->n[L_RECEIVED];
	p->bytes = l->n[L_RECEIVED_BYTES];
	p->gauged = now;
}

int64_t
pace_nap(const struct pace *p, uint64_t room)
{
	uint64_t ns;

	if (p->rate < RATE_LEAST)
		return (0);
	ns = room / 4 * (uint64_t)NSEC_PER_SEC / p->fill;
	if (ns > NAP_MAX)
		ns = NAP_MAX;
	return (ns >= NAP_LEAST ? (int64_t)ns : 0);
}
