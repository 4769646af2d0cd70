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

/* Datagrams that wait, each in one piece. */

#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/ring.h"

/* No datagram: what is left over at the end, the next is at the beginning. */
#define TURN UINT32_MAX

int
ring_init(struct ring *r, size_t size)
{
	*r = (struct ring){.size = size / 8 * 8};
	return ((r->p = malloc(r->size)) == NULL ? -1 : 0);
}

void
ring_clear(struct ring *r)
{
	free(r->p);
	*r = (struct ring){0};
}

static size_t
room_of(size_t len)
{
	return (sizeof(struct waiting) + (len + 7) / 8 * 8);
}

/* Nothing is put into what is left over at the end. */
static bool
turn(struct ring *r, size_t need)
{
	const struct waiting mark = {.len = TURN};
	size_t left = r->size - r->end;

	if (left >= need)
		return (true);
	if (r->used + left + need > r->size)
		return (false);
	if (left >= sizeof(mark))
		memcpy(r->p + r->end, &mark, sizeof(mark));
	r->used += left;
	r->end = 0;
	return (true);
}

bool
ring_put(struct ring *r, const struct waiting *w)
{
	const size_t need = room_of(w->len);

	if (r->count == 0)
		r->first = r->end = r->used = 0;
	if (r->used + need > r->size || !turn(r, need))
		return (false);
	memcpy(r->p + r->end, w, sizeof(*w));
	if (w->len > 0)
		memcpy(r->p + r->end + sizeof(*w), w->data, w->len);
	r->end += need;
	r->used += need;
	r->count++;
	return (true);
}

/* Where the oldest is. */
static size_t
oldest(const struct ring *r, struct waiting *w)
{
	if (r->size - r->first < sizeof(*w))
		w->len = TURN;
	else
		memcpy(w, r->p + r->first, sizeof(*w));
	if (w->len != TURN)
		return (r->first);
	memcpy(w, r->p, sizeof(*w));
	return (0);
}

bool
ring_peek(const struct ring *r, struct waiting *w)
{
	size_t at;

	if (r->count == 0)
		return (false);
	at = oldest(r, w);
	w->data = r->p + at + sizeof(*w);
	return (true);
}

void
ring_drop(struct ring *r)
{
	struct waiting w;
	size_t at = oldest(r, &w);

	if (at != r->first)
		r->used -= r->size - r->first;
	r->used -= room_of(w.len);
	r->first = at + room_of(w.len);
	r->count--;
}
