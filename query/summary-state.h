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
 * --stats from the inside: what summary.c gathers and summary-print.c tells.
 */

#ifndef SUMMARY_STATE_H
#define SUMMARY_STATE_H

#include "query/percentile.h"
#include "query/sheet.h"
#include "query/tally.h"

#define PROTOCOLS 256

/* What percentiles are of. */
enum spread_of { SP_OCTETS, SP_PACKETS, SP_BPP, SP_DURATION, SP_MAX };

/* What is known of flows, by one worker or all. */
struct summary {
	struct sums all;
	struct sums protocols[PROTOCOLS];
	struct tally agents;
	struct tally rates;
	struct percentile spreads[SP_MAX];
	int64_t first, last; /* first > last: none */
};

/* All tables but the end of the sheet.  NULL, or what is wrong. */
const char *summary_print(struct summary *, struct sheet *);

#endif /* SUMMARY_STATE_H */
