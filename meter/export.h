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
 * Flows that ended become records of NetFlow or IPFIX, for each destination.
 */

#ifndef METER_EXPORT_H
#define METER_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "meter/counters.h"
#include "meter/dest.h"
#include "meter/expire.h"
#include "meter/extra.h"
#include "meter/flowtab.h"

enum export_times {
	TIMES_UPTIME, /* ms of uptime */
	TIMES_SECONDS,
	TIMES_MILLISECONDS,
	TIMES_MICROSECONDS,
	TIMES_NANOSECONDS,
};

struct export_config {
	uint16_t version; /* 1, 5, 9, 10; 0: PSAMP, see meter/psamp.h */
	bool biflow;
	bool balance;	  /* each message to one destination, in turn */
	bool first_order; /* forward is the lower address, not the initiator */
	enum export_times times;
	enum track track;
	uint8_t labels; /* -x */
	bool tcp;	/* what an extra has */
	bool names;
	bool if_name;		/* in each record */
	uint32_t sampling;	/* one packet in so many, 1: all */
	uint32_t flow_sampling; /* one flow in so many, 1: all */
	uint32_t domain;
	uint32_t template_messages; /* templates again after so many */
	uint32_t template_seconds;
	uint32_t ifindex;
	const char *interface; /* its name, or the file's */
	struct addr exporter;  /* of the options record, ADDR_NONE: none */
	bool has_mac;	       /* direction by it: the egress side sends from */
	uint8_t mac[6];
	int64_t boot;	 /* ns since 1970 */
	uint64_t secret; /* of flow sampling */
};

struct export;

/* dest[0..n-1] are borrowed.  NULL with errno. */
struct export *export_new(const struct export_config *, struct dest **,
    size_t n, struct extras *, struct counters *);
void export_free(struct export *);

/* One flow, as expire_fn has it. */
void export_flow(struct export *, const struct entry *, enum end_reason,
    int64_t now);
/* Messages that are not full go when their first flow is a second old. */
int64_t export_run(struct export *, int64_t now);
void export_flush(struct export *, int64_t now);
void export_refresh(struct export *);
/* dest_connected_fn for destination i. */
void export_connected(struct export *, size_t i);
/*
 * The end: all that waits.  Templates of IPFIX are withdrawn where a connection
 * keeps order.
 */
void export_end(struct export *, int64_t now);
void export_boot(struct export *, int64_t boot);

#endif /* METER_EXPORT_H */
