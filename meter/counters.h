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
 * What a meter counts.  The page is shared: the meter writes, the process
 * that answers softflowctl(8) reads.  Only numbers that can be added up, or
 * are the least or largest of all, so that several meters make one sum.
 */

#ifndef METER_COUNTERS_H
#define METER_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "meter/expire.h"
#include "meter/observe.h"

#define COUNTERS_DESTS 16

struct counters_dest {
	uint64_t records; /* in messages that were handed to the kernel */
	uint64_t messages;
	uint64_t octets;
	uint64_t failures;     /* messages that it refused */
	uint64_t dropped;      /* messages that the full queue pushed out */
	uint64_t records_lost; /* in those of both */
	uint64_t connects;
	uint64_t queued; /* messages that wait */
	uint64_t up;	 /* 1: connected */
};

struct counters_protocol {
	uint64_t flows;
	uint64_t packets;
	uint64_t octets;
	uint64_t duration;     /* ns, of all */
	uint64_t max_duration; /* ns */
};

/*
 * frames = seen[] summed + unsampled + stopped
 * seen[SEEN_IP] = packets of flows that ended + of those that are open
 *     + of those deleted
 */
struct counters {
	uint64_t frames; /* that came from the source */
	uint64_t unsampled;
	uint64_t stopped; /* came while gathering was stopped */
	uint64_t seen[SEEN_MAX];
	uint64_t fragments;
	uint64_t octets; /* of seen[SEEN_IP] */

	uint64_t flows;	  /* that began */
	uint64_t active;  /* that are open */
	uint64_t expired; /* END_ACTIVE not among them */
	uint64_t forced;  /* of them: END_MAXFLOWS, END_FLUSHED */
	uint64_t deleted; /* by an operator: flows and what they had */
	uint64_t deleted_packets;
	uint64_t deleted_octets;
	uint64_t reason[END_MAX];
	uint64_t exported_flows; /* handed to the encoder, once for all */
	uint64_t exported_records;
	uint64_t exported_packets; /* what these records tell */
	uint64_t exported_octets;
	uint64_t not_exported;	  /* flows that the dialect cannot carry */
	uint64_t unsampled_flows; /* flow sampling left them out */

	uint64_t flow_octets; /* of expired flows, both directions */
	uint64_t flow_octets_min;
	uint64_t flow_octets_max;
	uint64_t flow_packets;
	uint64_t flow_packets_min;
	uint64_t flow_packets_max;
	uint64_t flow_duration; /* ns */
	uint64_t flow_duration_min;
	uint64_t flow_duration_max;

	uint64_t received; /* by libpcap, see source_losses */
	uint64_t dropped;
	uint64_t if_dropped;

	uint64_t started; /* ns since 1970 */
	uint64_t now;	  /* the meter's idea of the time, ns since 1970 */
	uint64_t memory;  /* bytes of flows */
	uint64_t ndests;
	struct counters_dest dest[COUNTERS_DESTS];
	struct counters_protocol protocol[256];
};

/* Add the second to the first: sums, least and largest. */
void counters_add(struct counters *, const struct counters *);

/*
 * A flow ended, or a part of it was exported (END_ACTIVE), or it was deleted:
 * everything above that is about that.  The least and largest are of parts
 * where flows were exported in parts; no part makes a least.
 */
void counters_expired(struct counters *, const struct entry *, enum end_reason);

#endif /* METER_COUNTERS_H */
