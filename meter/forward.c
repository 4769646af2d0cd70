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
#include <time.h>

#include "meter/clock.h"
#include "meter/forward.h"
#include "meter/psamp.h"

struct forward {
	struct psamp *psamp;
	struct dest **dest;
	size_t n;
	bool balance;
	size_t turn;	/* whose the next packet is, with balance */
	bool templates; /* are to go */
	struct counters *counters;
};

struct forward *
forward_new(const struct settings *s, struct dest **dest,
    struct counters *counters)
{
	struct forward *f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (NULL);
	f->psamp = psamp_new(s->export.domain, s->sampling);
	if (f->psamp == NULL) {
		free(f);
		return (NULL);
	}
	f->dest = dest;
	f->n = s->ndests;
	f->balance = s->export.balance;
	f->templates = true;
	f->counters = counters;
	return (f);
}

void
forward_free(struct forward *f)
{
	if (f == NULL)
		return;
	psamp_free(f->psamp);
	free(f);
}

static void
put(struct forward *f, const uint8_t *msg, size_t len, bool packet)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC);
	size_t i;

	for (i = 0; i < f->n; i++)
		if (!packet || !f->balance || i == f->turn)
			dest_put(f->dest[i], msg, len, packet, now);
	if (packet && ++f->turn >= f->n)
		f->turn = 0;
}

void
forward_frame(struct forward *f, const struct frame *frame, int64_t now)
{
	uint8_t buf[PSAMP_MESSAGE];
	size_t len;

	if (f->templates || psamp_due(f->psamp, now)) {
		f->templates = false;
		len = psamp_template(f->psamp, now, buf);
		put(f, buf, len, false);
	}
	len = psamp_packet(f->psamp, frame, buf);
	put(f, buf, len, true);
	f->counters->exported_records++;
	f->counters->exported_packets++;
	f->counters->exported_octets += frame->len;
}

void
forward_refresh(struct forward *f)
{
	f->templates = true;
}
