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
	    *counter(s, FATE_LOST_NOLOG));
}

enum ledger_fate
sink_cause(enum logfile_state state)
{
	static const enum ledger_fate cause[] = {
	    [LOGFILE_NONE] = FATE_LOST_NOLOG,
	    [LOGFILE_OPEN] = FATE_LOST_IO,
	    [LOGFILE_CUTTING] = FATE_LOST_SPACE,
	    [LOGFILE_FULL] = FATE_LOST_SPACE,
	    [LOGFILE_BROKEN] = FATE_LOST_IO,
	    [LOGFILE_GONE] = FATE_LOST_NOLOG,
	};

	return (cause[state]);
}

void
sink_wrote(struct sink *s, const struct logfile_done *done, uint64_t waiting)
{
	*counter(s, FATE_STORED) += done->flows;
	*counter(s, FATE_PENDING) -= done->flows;
	*counter(s, FATE_BYTES) += done->bytes;
	/* Whose the others are is not known before they are written, too. */
	if (waiting == 0)
		peers_settled(s->peers, s->which, FATE_STORED);
}

void
sink_lost(struct sink *s, enum ledger_fate fate, uint64_t flows)
{
	if (flows == 0)
		return;
	*counter(s, fate) += flows;
	*counter(s, FATE_PENDING) -= flows;
	peers_settled(s->peers, s->which, fate);
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
	else if (l->state == LOGFILE_FULL || was == LOGFILE_CUTTING)
		return; /* the same trouble goes on */
	log_warnx("%s: %s%s%s; %" PRIu64 " flows wait for it", s->name,
	    logfile_state_name(l->state), l->state == LOGFILE_GONE ? "" : ": ",
	    l->state == LOGFILE_GONE ? "" : strerror(l->error), waiting);
}
