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

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "log.h"
#include "sink.h"

static uint64_t *
counter(struct sink *s, enum ledger_fate fate)
{
	return (&s->ledger->n[ledger_of(s->which, fate)]);
}

static uint64_t
all_lost(struct sink *s)
{
	return (*counter(s, FATE_LOST_SPACE) + *counter(s, FATE_LOST_IO) +
	    *counter(s, FATE_LOST_NOLOG) + *counter(s, FATE_LOST_BEHIND));
}

enum ledger_fate
sink_cause(enum logfile_state state)
{
	static const enum ledger_fate cause[] = {
	    [LOGFILE_NONE] = FATE_LOST_NOLOG,
	    [LOGFILE_OPEN] = FATE_LOST_BEHIND,
	    [LOGFILE_CUTTING] = FATE_LOST_SPACE,
	    [LOGFILE_FULL] = FATE_LOST_SPACE,
	    [LOGFILE_BROKEN] = FATE_LOST_IO,
	    [LOGFILE_GONE] = FATE_LOST_NOLOG,
	};

	return (cause[state]);
}

void
sink_wrote(struct sink *s, const struct logfile_done *done)
{
	*counter(s, FATE_STORED) += done->flows;
	*counter(s, FATE_PENDING) -= done->flows;
	*counter(s, FATE_BYTES) += done->bytes;
}

static void
settle(void *arg, void *who, uint64_t flows, bool stored)
{
	struct sink *s = arg;

	if (who != NULL)
		peer_settle(s->peers, who, s->which,
		    stored ? FATE_STORED : s->cause, flows);
}

void
sink_init(struct sink *s, size_t most)
{
	pieces_init(&s->memory, most);
	s->memory.settle = settle;
	s->memory.arg = s;
}

void
sink_clear(struct sink *s)
{
	pieces_clear(&s->memory);
}

enum ledger_fate
sink_refused(struct sink *s, enum logfile_state state)
{
	enum ledger_fate fate = sink_cause(state);

	if (fate == FATE_LOST_BEHIND && !s->behind) {
		s->behind = true;
		s->behind_since = all_lost(s);
		log_warnx("%s: the disk is behind: %zu bytes wait for it, and "
			  "what finds no room is lost",
		    s->name, s->memory.waiting);
	}
	return (fate);
}

void
sink_tick(struct sink *s)
{
	if (!s->behind || s->memory.waiting > s->memory.most / 2)
		return;
	s->behind = false;
	log_info("%s: the disk has caught up, %" PRIu64 " flows were lost",
	    s->name, all_lost(s) - s->behind_since);
}

void
sink_lost(struct sink *s, enum ledger_fate fate, uint64_t flows)
{
	if (flows == 0)
		return;
	*counter(s, fate) += flows;
	*counter(s, FATE_PENDING) -= flows;
	log_warnx("%s: %" PRIu64 " flows could not be written", s->name, flows);
}

void
sink_say(struct sink *s, enum logfile_state was, const struct logfile *l,
    uint64_t waiting)
{
	if (l->state == LOGFILE_OPEN) {
		log_info("%s: writing works again, %" PRIu64 " flows were lost",
		    s->name, all_lost(s) - s->lost_before);
		return;
	}
	if (was == LOGFILE_OPEN)
		s->lost_before = all_lost(s);
	else if (l->state == LOGFILE_FULL || was == LOGFILE_CUTTING ||
	    (was == LOGFILE_FULL && l->state == LOGFILE_CUTTING))
		return; /* the same trouble goes on */
	log_warnx("%s: %s%s%s; %" PRIu64 " flows wait for it", s->name,
	    logfile_state_name(l->state), l->state == LOGFILE_GONE ? "" : ": ",
	    l->state == LOGFILE_GONE ? "" : strerror(l->error), waiting);
}
