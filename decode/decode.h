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
 * From datagrams to flows: NetFlow 1, 5, 7, 8, 9 (RFC 3954), IPFIX (RFC 7011)
 * and sFlow 5, told apart by how they begin.
 *
 * A decoder remembers the templates of every exporter that it was given
 * datagrams of, within limits.  It never logs, and it is safe with any bytes.
 */

#ifndef DECODE_H
#define DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "flow.h"
#include "records.h"

struct decoder;

/* What became of a datagram: exactly one of these. */
enum dec_result {
	DEC_OK,
	DEC_NOTEMPLATE,	 /* held data sets, and the template of none is known */
	DEC_VERSION,	 /* no protocol that is understood */
	DEC_SHORT,	 /* ends inside a header or a set */
	DEC_BADLEN,	 /* a length field that cannot be */
	DEC_BADCOUNT,	 /* a record count that cannot be */
	DEC_BADTEMPLATE, /* a template that cannot be */
	DEC_NOMEM,
	DEC_MAX
};

const char *dec_strerror(enum dec_result);

/* Caps on what can be remembered.  Zero takes the default. */
struct dec_limits {
	uint32_t domains;	     /* of all exporters [16384] */
	uint32_t domains_exporter;   /* of one [256] */
	uint32_t templates;	     /* of all [131072] */
	uint32_t templates_domain;   /* of one domain [4096] */
	uint32_t templates_exporter; /* of one exporter [a quarter] */
	uint32_t facts;	       /* learned from options data, of all [131072] */
	uint32_t facts_domain; /* [16384] */
	size_t bytes;	       /* for all of it [64 MB] */
	size_t bytes_exporter; /* for what one taught [a quarter] */
	/* Seconds after which a template that was not confirmed is forgotten.
	 */
	uint32_t expire_v9;    /* [never: some exporters send it once] */
	uint32_t expire_ipfix; /* [never] */
};

/* What can be full. */
enum dec_cap {
	DEC_CAP_NONE,
	DEC_CAP_DOMAINS,
	DEC_CAP_TEMPLATES,
	DEC_CAP_FACTS,
	DEC_CAP_BYTES,
	DEC_CAP_SHARE, /* of one exporter, or one of its domains */
	DEC_CAPS
};

struct dec_usage {
	uint32_t domains;
	uint32_t templates;
	uint32_t facts;
	size_t bytes;
	uint64_t changes;	 /* of templates and facts, ever */
	uint64_t evicted;	 /* domains that made room, ever */
	uint64_t refused;	 /* templates that found none, ever */
	uint64_t facts_refused;	 /* and what options data say */
	uint64_t expired;	 /* templates that were not confirmed */
	uint64_t hits[DEC_CAPS]; /* how often each was in the way */
};

/* Where a datagram came from. */
struct dec_source {
	struct addr agent;
	uint16_t port;	   /* 0: one exporter, whatever the port */
	int64_t recv_time; /* ns since 1970 */
	bool configured;   /* what it teaches is never evicted */
	bool trusted;	   /* the address it gives itself is the flows' agent */
	bool inner; /* of sampled packets in tunnels, the inner one counts */
	uint32_t sampling; /* the rate if it tells none; 0: unknown */
};

/* What exporters count in. */
enum seq_unit {
	SEQ_DATAGRAMS, /* v9, sFlow */
	SEQ_RECORDS,   /* of data, options too: IPFIX */
	SEQ_FLOWS,     /* v5, v7, v8 */
	SEQ_NOTHING,   /* the number stays the same */
	SEQ_UNITS
};
const char *seq_unit_name(enum seq_unit);

/*
 * What was in a datagram: set by decode_packet, whatever it returns.  v5, v7
 * and v8 have no source id: it is the engine's type * 256 + its number there,
 * of v8 with the scheme * 65536.
 */
struct dec_report {
	uint16_t version;
	uint32_t source_id;	/* of its domain: see above */
	uint32_t flows;		/* handed to the callback */
	uint32_t options;	/* options data records */
	uint32_t facts_refused; /* what they say, and there is no room for */
	uint32_t templates;	/* learned or confirmed */
	uint32_t templates_withdrawn;
	uint32_t templates_refused; /* malformed, or over a limit */
	uint32_t templates_expired;
	uint32_t sets_no_template; /* data sets of an unknown template */
	uint32_t sets_skipped;	   /* with a reserved set id */
	uint32_t records_short;	   /* v5, sFlow: counted but not there */
	/* sFlow; a sample that tells of a packet is a flow. */
	uint32_t samples_counters; /* of interfaces and hosts: not read */
	uint32_t samples_skipped;  /* of no known format, or of no packet */
	uint32_t records_skipped;  /* of samples: of no known format */
	uint32_t samples_dropped;  /* by the agent, for want of resources */
	int64_t export_time; /* ns since 1970, of the header; 0: it has none */
	/*
	 * If it is malformed, the byte at which the first that cannot be
	 * begins: a version, length or count; of a header that ends early the
	 * field that is not whole; a template; a record.
	 */
	uint32_t error_at;
	/* Sequence numbers: in units of enum seq_unit, */
	uint64_t seq_received;	/* that came for the first time */
	uint64_t seq_lost;	/* that should have come before this */
	uint64_t seq_recovered; /* that were in seq_lost, and have come now */
	/* and in datagrams, or messages of one. */
	uint32_t seq_reordered;	 /* older than one that came before */
	uint32_t seq_duplicates; /* that have come before */
	uint32_t seq_reset;	 /* the exporter began anew */
	/* The domain was found to count in another unit than it should: */
	uint32_t seq_other_unit;
	enum seq_unit seq_unit; /* this one */
};

/*
 * Called for each flow, in wire order.  The flow is the decoder's, and good
 * until the call returns; the callback may set its tag.
 */
typedef void (*dec_flow_fn)(void *arg, struct flow *);

/*
 * Called with records of one form, before their flows are handed over one by
 * one; returns how many it took, from the first on: the flows of those are not.
 * In wire order, too, and good until the call returns.
 */
typedef uint32_t (*dec_records_fn)(void *arg, const struct records *);

/* limits may be NULL.  NULL for want of memory. */
struct decoder *decode_new(const struct dec_limits *, dec_flow_fn, void *arg);
void decode_free(struct decoder *);
/* NULL, as at first: all flows are wanted one by one. */
void decode_records(struct decoder *, dec_records_fn);

/*
 * Flows decoded before an error was found have been handed over already: the
 * report says how many.
 */
enum dec_result decode_packet(struct decoder *, const struct dec_source *,
    struct rd pkt, struct dec_report *);

/* Forget everything an exporter taught: it was evicted elsewhere. */
void decode_forget(struct decoder *, const struct addr *agent, uint16_t port);

/*
 * Shall flows have the names of interfaces, VRFs and applications that options
 * data gave them?  They do not, at first.
 */
void decode_names(struct decoder *, bool);

/* An element that no field is made of, and the records that had it. */
struct dec_ignored {
	uint32_t pen; /* 0: none */
	uint16_t id;
	uint64_t records;
};
#define DEC_IGNORED_MAX 1024
typedef void (*dec_ignored_fn)(void *arg, const struct dec_ignored *);

/*
 * Each such element since the decoder was made, in no order.  Returns how many
 * more there were in records, of elements for which there was no room.
 */
uint64_t decode_ignored(struct decoder *, dec_ignored_fn, void *arg);

/*
 * Other limits from here on; NULL: the defaults.  What is too much for them is
 * forgotten, the longest silent of the unconfigured first.
 */
void decode_limit(struct decoder *, const struct dec_limits *);
/* So many bytes of the limit are used elsewhere. */
void decode_reserve(struct decoder *, size_t bytes);

void decode_usage(const struct decoder *, struct dec_usage *);

#endif /* DECODE_H */
