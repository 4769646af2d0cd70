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
 * Counters as people and programs read them.
 */

#ifndef METER_STATISTICS_H
#define METER_STATISTICS_H

#include <stdbool.h>
#include <stdio.h>

#include "meter/counters.h"
#include "meter/expire.h"
#include "meter/extra.h"
#include "text.h"

struct statistics_config {
	bool sampling; /* some packets are left out on purpose */
	bool live;     /* libpcap's counts are worth a line */
	bool balance;  /* each message goes to one destination */
	uint32_t ndests;
	const char *dest[COUNTERS_DESTS]; /* host and port, for JSON */
};

/*
 * The names of protocols, read once: before chroot(2).  Without it, what has
 * no well-known name is "Unknown".
 */
void statistics_init(void);

/* The block of softflowd 1.1, then lines that it did not have. */
void statistics_text(FILE *, const struct counters *,
    const struct statistics_config *);
/* One object; every counter by its name, sums that must hold included. */
void statistics_json(FILE *, const struct counters *,
    const struct statistics_config *);
void statistics_timeouts(FILE *, const struct timeouts *);

/*
 * One flow as in "dump-flows": `what` is ACTIVE or EXPIRED.  No newline.  `>`
 * is what the initiator sent.  NULL: no link addresses are known.
 */
void statistics_flow(struct text *, const char *what, const struct entry *,
    const struct extra *, uint64_t sequence);

/* One flow of "top": a line of columns, see softflowctl(8). */
void statistics_top(struct text *, const struct entry *);
/* Of /etc/protocols, or "Unknown". */
const char *statistics_protocol(uint8_t);

/* What must be the same if nothing was forgotten, or not more. */
struct statistics_sum {
	const char *name;
	bool open; /* left may be more: of flows and messages that wait */
	uint64_t left;
	uint64_t right;
	bool ok;
};
#define STATISTICS_SUMS 11
void statistics_sums(const struct counters *,
    struct statistics_sum[STATISTICS_SUMS]);

#endif /* METER_STATISTICS_H */
