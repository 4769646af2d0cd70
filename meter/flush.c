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

#include <poll.h>
#include <time.h>

#include "meter/clock.h"
#include "meter/flush.h"

#define PIECE 2048	/* places that are looked at in a row */
#define STALL_SECONDS 3 /* in which no message goes: there is no hope */
#define PER_MESSAGE 8	/* flows, if they tell of much */
#define PACE 25000	/* messages a second, where none is asked for */

void
flush_init(struct flush *f, const struct flush_config *conf)
{
	const struct settings *s = conf->settings;
	size_t i;

	*f = (struct flush){.conf = *conf, .piece = PIECE};
	/* Less than the half that crowded() leaves. */
	for (i = 0; i < s->ndests; i++)
		if (s->dest[i].queue / 4 * PER_MESSAGE < f->piece)
			f->piece = s->dest[i].queue / 4 * PER_MESSAGE + 1;
}

bool
flush_run(struct flush *f, int64_t now)
{
	if (!f->going)
		return (false);
	f->going = expire_piece(f->conf.expire, &f->at, f->why, f->piece);
	if (!f->going && f->asked && f->why == END_FLUSHED) {
		export_refresh(f->conf.export);
		export_flush(f->conf.export, now);
	}
	return (f->going);
}

static uint32_t
begin(struct flush *f, enum end_reason why, bool is_asked, int64_t now)
{
	uint32_t n;

	/* They were counted, and must not be exported by who asks for that. */
	while (f->why == END_DELETED && flush_run(f, now))
		continue;
	n = flowtab_count(f->conf.table);
	f->going = true;
	f->asked = is_asked;
	f->at = 0;
	f->why = why;
	(void)flush_run(f, now);
	return (n);
}

uint32_t
flush_begin(struct flush *f, enum end_reason why, int64_t now)
{
	return (begin(f, why, true, now));
}

/* It took a message, or has room: whoever stands still is not waited for. */
static bool
crowded(struct flush *f, size_t i, int64_t mono)
{
	const struct counters_dest *c = &f->conf.counters->dest[i];

	if (c->queued <= f->conf.settings->dest[i].queue / 2 ||
	    c->messages != f->gone[i])
		f->moved[i] = mono;
	f->gone[i] = c->messages;
	return (c->queued > f->conf.settings->dest[i].queue / 2 && c->up != 0 &&
	    mono - f->moved[i] < STALL_SECONDS * NSEC_PER_SEC);
}

bool
flush_crowded(struct flush *f, int64_t mono)
{
	bool any = false;
	size_t i;

	for (i = 0; i < f->conf.settings->ndests; i++)
		any = crowded(f, i, mono) || any;
	return (any);
}

uint32_t
flush_patience(const struct settings *s, uint32_t meters,
    const struct counters *c)
{
	uint64_t most = 0, each, rate;
	size_t i;

	for (i = 0; i < s->ndests; i++) {
		rate = s->dest[i].rate == 0 ? PACE : s->dest[i].rate;
		each = c->active / PER_MESSAGE + c->dest[i].queued;
		/* Numbers of a meter that was taken over, perhaps. */
		if (each > UINT32_MAX)
			each = UINT32_MAX;
		each = each * meters / rate;
		if (each > most)
			most = each;
	}
	return (most > FLUSH_PATIENCE_MAX - FLUSH_PATIENCE_MIN
		? FLUSH_PATIENCE_MAX
		: FLUSH_PATIENCE_MIN + (uint32_t)most);
}

/* What became of messages: moves as long as there is hope. */
static uint64_t
settled(const struct flush *f)
{
	const struct counters *c = f->conf.counters;
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < f->conf.settings->ndests; i++)
		n += c->dest[i].messages + c->dest[i].failures +
		    c->dest[i].dropped;
	return (n);
}

/* A destination that takes nothing has no time of the others. */
static bool
drain(struct flush *f, int64_t until)
{
	int64_t now = clock_ns(CLOCK_MONOTONIC), moved = now;
	uint64_t before = settled(f);
	bool done = false;
	size_t i;

	while (!done && now < until &&
	    now < moved + STALL_SECONDS * NSEC_PER_SEC) {
		for (done = true, i = 0; i < f->conf.settings->ndests; i++)
			if (!dest_drain(f->conf.dest[i],
				now + NSEC_PER_SEC / 10))
				done = false;
		now = clock_ns(CLOCK_MONOTONIC);
		if (settled(f) != before)
			moved = now;
		before = settled(f);
	}
	return (done);
}

/* As the queues have room for them. */
static void
end_flows(struct flush *f, int64_t now, int64_t until)
{
	int64_t mono = clock_ns(CLOCK_MONOTONIC);
	size_t i;

	(void)begin(f, END_FLUSHED, false, now);
	while (f->going && mono < until) {
		for (i = 0; i < f->conf.settings->ndests; i++)
			(void)dest_run(f->conf.dest[i], mono);
		if (flush_crowded(f, mono))
			(void)poll(NULL, 0, 1);
		else
			(void)flush_run(f, now);
		mono = clock_ns(CLOCK_MONOTONIC);
	}
	(void)expire_all(f->conf.expire, END_FLUSHED);
}

bool
flush_finish(struct flush *f, int64_t now)
{
	const struct settings *s = f->conf.settings;
	int64_t until = INT64_MAX;

	/* An interface is left to a service manager that waits. */
	if (s->source.file == NULL)
		until = clock_ns(CLOCK_MONOTONIC) +
		    flush_patience(s, 1, f->conf.counters) * NSEC_PER_SEC;
	if (f->conf.export != NULL) {
		if (s->source.file == NULL)
			end_flows(f, now, until);
		else
			(void)expire_all(f->conf.expire, END_FLUSHED);
		export_end(f->conf.export, now);
	}
	return (drain(f, until));
}
