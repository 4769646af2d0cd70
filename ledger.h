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
 * The ledger: every datagram and every flow ends in exactly one counter, and
 * the sums hold.  The collector counts in a page that it shares with the
 * parent, so that nothing counted is lost when the collector is.
 */

#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum ledger_counter {
	/* datagrams: received = the sum of the next seven */
	L_RECEIVED,
	L_DECODED,
	L_NOT_ALLOWED,
	L_MALFORMED,
	L_UNSUPPORTED,
	L_NO_TEMPLATE,
	L_NO_MEMORY,
	L_CRASHED,
	/* malformed = the sum of the next four */
	L_BAD_SHORT,
	L_BAD_LENGTH,
	L_BAD_COUNT,
	L_BAD_TEMPLATE,
	/* decoded = the sum of the next seven */
	L_V1,
	L_V5,
	L_V7,
	L_V8,
	L_V9,
	L_IPFIX,
	L_SFLOW,
	/* what was in them */
	L_RECEIVED_BYTES,
	L_TEMPLATES,
	L_TEMPLATES_WITHDRAWN,
	L_TEMPLATES_REFUSED,
	L_TEMPLATES_EXPIRED,
	L_SETS_NO_TEMPLATE,
	L_SETS_SKIPPED,
	L_OPTIONS,
	L_FACTS_REFUSED,
	L_RECORDS_SHORT,
	L_SAMPLES_COUNTERS,
	L_SAMPLES_SKIPPED,
	L_SAMPLES_IGNORED,
	/* flows: records = accepted + discarded */
	L_RECORDS,
	L_ACCEPTED,
	L_DISCARDED,
	/* accepted = the sum of the next eight: of the log */
	L_STORED,
	L_PENDING,
	L_LOST_SPACE,
	L_LOST_IO,
	L_LOST_NOLOG,
	L_LOST_BEHIND,
	L_LOST_CRASH,
	L_UNLOGGED,
	L_STORED_BYTES,
	/* accepted = the sum of the next eight: of the archive, likewise */
	L_ARCHIVED,
	L_ARCHIVE_PENDING,
	L_ARCHIVE_LOST_SPACE,
	L_ARCHIVE_LOST_IO,
	L_ARCHIVE_LOST_NOLOG,
	L_ARCHIVE_LOST_BEHIND,
	L_ARCHIVE_LOST_CRASH,
	L_UNARCHIVED,
	L_ARCHIVED_BYTES,
	/* copies */
	L_RELAYED,
	L_RELAY_DROPPED,
	L_FORWARDED,
	L_FORWARD_DROPPED,
	/* what never arrived */
	L_KERNEL_DROPS,
	L_SAMPLES_DROPPED,
	L_SEQ_RECEIVED,
	L_SEQ_LOST,
	L_SEQ_RECOVERED, /* of those lost: never more */
	L_SEQ_REORDERED,
	L_SEQ_DUPLICATES,
	L_SEQ_RESETS,
	L_SEQ_OTHER_UNIT,
	/* state */
	L_EXPORTERS,
	L_EXPORTERS_EVICTED,
	L_TEMPLATES_KNOWN,
	L_STATE_BYTES,
	L_LOG_LINES_DROPPED,
	L_MAX
};

/* The counters of what becomes of flows, from L_RECORDS on. */
#define LEDGER_FLOWS (L_UNARCHIVED - L_RECORDS + 1)

/* Where flows are kept, and what becomes of them there. */
enum ledger_sink { LEDGER_LOG, LEDGER_ARCHIVE, LEDGER_SINKS };
enum ledger_fate {
	FATE_STORED,
	FATE_PENDING,
	FATE_LOST_SPACE,
	FATE_LOST_IO,
	FATE_LOST_NOLOG,
	FATE_LOST_BEHIND, /* the disk was slower than the flows for too long */
	FATE_LOST_CRASH,
	FATE_UNWANTED,
	FATE_BYTES, /* of those stored */
};

static inline enum ledger_counter
ledger_of(enum ledger_sink sink, enum ledger_fate fate)
{
	return ((enum ledger_counter)(
	    (sink == LEDGER_LOG ? L_STORED : L_ARCHIVED) + (int)fate));
}

struct ledger {
	uint64_t n[L_MAX];
};

/* What the processes share: written by the collector while it lives. */
#define LEDGER_SOCKETS 64
#define LEDGER_SEGMENTS 10 /* of the archive that are written at once */

#define LEDGER_LOGS 5

/* A file that is written. */
struct ledger_segment {
	uint32_t number; /* the parent's name for it; 0: none */
	uint64_t end;	 /* its size when the last flow counted was in */
	uint64_t flows;	 /* counted as stored in it */
};

/* The one of that number, or NULL. */
const struct ledger_segment *ledger_listed(const struct ledger_segment *,
    size_t n, uint32_t number);

struct ledger_page {
	struct ledger ledger;
	struct ledger told; /* as it was when the statistics were told */
	uint32_t drops[LEDGER_SOCKETS]; /* last seen of each socket */
	/*
	 * The log that is written, and those before it that are still.  A log
	 * that several collectors write to is not listed.
	 */
	struct ledger_segment log[LEDGER_LOGS];
	/* Segments likewise: 2 around their change, more on a slow disk. */
	struct ledger_segment archive[LEDGER_SEGMENTS];
	uint64_t cpu_ms; /* processor time of this process until it told */
};

/*
 * A gauge beside the ledger: how far the clock of an exporter is ahead of ours
 * when a datagram of it arrives, in milliseconds.
 */
struct skew {
	bool known;
	int64_t last, least, most;
};
void skew_take(struct skew *, int64_t ms);

struct ledger_row {
	const char *name;
	const char *what;
};

/* L_MAX rows, in the order of the enum. */
extern const struct ledger_row ledger_rows[];

/* Of several workers: each counter is the sum, and of gauges, too. */
void ledger_add(struct ledger *, const struct ledger *);

/*
 * NULL if the sums hold, else the name of one that does not.  Between the
 * arrival of a batch of datagrams and their counters they do not; ask when
 * nothing is under way.
 */
const char *ledger_check(const struct ledger *);

/*
 * Of what exporters sent, as their sequence numbers tell, the part that did
 * not arrive: 0 to 1.
 */
double ledger_loss(const struct ledger *);

/*
 * The collector is dead: give what it had under way the counters of a crash,
 * so that the sums hold again.
 */
void ledger_close_crash(struct ledger *);

/* "name": n, ... without the braces; indent before each line. */
void ledger_json(const struct ledger *, FILE *, const char *indent);

/*
 * The ledger in a few lines for the log.  Fills buf with line i, from 0 on;
 * false when there are no more.
 */
bool ledger_line(const struct ledger *, size_t i, char *buf, size_t size);

#endif /* LEDGER_H */
