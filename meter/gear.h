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
 * What a meter needs from outside before it is locked in: an open source, and
 * open destinations.
 */

#ifndef METER_GEAR_H
#define METER_GEAR_H

#include <stddef.h>

#include "meter/meter.h"
#include "meter/statistics.h"

#define GEAR_ERRLEN 600

struct gear {
	struct settings settings; /* of this meter */
	struct source *source;
	struct dest *dest[COUNTERS_DESTS];
	struct meter_dest back[COUNTERS_DESTS];
	struct counters *counters;
};

/*
 * Of meter `i` of all that there are: it has its share of the flows and of the
 * pace, and an observation domain of its own.  -1: see err.  What is worth
 * telling although it works is in err, too; else that is "".
 */
int gear_open(struct gear *, const struct settings *, uint32_t i,
    struct counters *, char err[GEAR_ERRLEN]);
/* Connections of the destinations are told to that meter from now on. */
void gear_tell(struct gear *, struct meter *);
void gear_close(struct gear *);

/* How the statistics of all meters are to be shown. */
void gear_describe(const struct settings *, struct statistics_config *);

#endif /* METER_GEAR_H */
