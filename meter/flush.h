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

/*
 * The end of many flows at once, in pieces: packets have their turn between
 * two, and collectors that keep up lose nothing to a full queue.
 */

#ifndef METER_FLUSH_H
#define METER_FLUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "meter/counters.h"
#include "meter/dest.h"
#include "meter/expire.h"
#include "meter/export.h"
#include "meter/flowtab.h"
#include "meter/option.h"

/* Seconds that a meter has at its end, at most and at least. */
#define FLUSH_PATIENCE_MIN 10
#define FLUSH_PATIENCE_MAX 60

/* All of it is borrowed, by PSAMP, which has no flows, the last four. */
struct flush_config {
	const struct settings *settings;
	struct flowtab *table;
	struct expire *expire;
	struct export *export; /* NULL: PSAMP */
	struct dest **dest;
	struct counters *counters;
};

struct flush {
	struct flush_config conf;
	uint32_t piece; /* places to look at in a row: a queue has room */
	bool going;
	bool asked;	     /* by an operator: templates go out behind it */
	uint32_t at;	     /* the number that was looked at last */
	enum end_reason why; /* END_FLUSHED, END_DELETED */
	uint64_t gone[COUNTERS_DESTS];
	int64_t moved[COUNTERS_DESTS]; /* monotonic, ns */
};

void flush_init(struct flush *, const struct flush_config *);

/*
 * End all flows, for that reason.  How many there are; the first of them end
 * in here.  Those of an earlier call that were to be deleted are.
 */
uint32_t flush_begin(struct flush *, enum end_reason, int64_t now);
/* The next of them.  False: there are no more. */
bool flush_run(struct flush *, int64_t now);

/*
 * Should flows end later?  The queue of a collector that takes messages is
 * more than half full.  mono: monotonic time, ns.
 */
bool flush_crowded(struct flush *, int64_t mono);

/*
 * How long all may take that waits: seconds.  The pace of the settings is that
 * of so many meters.
 */
uint32_t flush_patience(const struct settings *, uint32_t meters,
    const struct counters *);
/*
 * The end: all flows, all messages, with that patience or, for a file, as long
 * as messages go.  True: there is nothing left.
 */
bool flush_finish(struct flush *, int64_t now);

#endif /* METER_FLUSH_H */
