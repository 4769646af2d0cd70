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
 * What is asked of flows: the reader's options, parsed.
 */

#ifndef QUESTION_H
#define QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field.h"
#include "filter.h"

/* What can be counted of a flow or a group, sorted by, and printed. */
enum quantity {
	Q_FLOWS, /* a flow that is a sum of others (field flows) counts so many
		  */
	Q_PACKETS,
	Q_OCTETS,
	Q_REVERSE_PACKETS,
	Q_REVERSE_OCTETS,
	Q_RECORDS,  /* as stored */
	Q_START,    /* ns since 1970: of a group the first */
	Q_END,	    /* the last */
	Q_DURATION, /* ns: from start to end */
	Q_PPS,	    /* packets per second of duration */
	Q_BPS,	    /* bits, likewise */
	Q_BPP,	    /* octets a packet */
	Q_MAX
};

struct quantity_row {
	const char *name; /* "octets" */
	const char *also; /* "bytes", or NULL */
	const char *what; /* for the manual */
};

extern const struct quantity_row quantities[Q_MAX];

/* Q_MAX if there is none of that name. */
enum quantity quantity_by_name(const char *);

/* A part of a key. */
struct key {
	const struct field *field; /* of either end: the source's */
	bool either;   /* "addr", "port", "as", "if": field + 1 counts too */
	uint8_t bits4; /* so many bits of an IPv4 address; 32: all */
	uint8_t bits6; /* of an IPv6 address; 128: all */
};

struct order {
	enum quantity by;	   /* Q_MAX: see field */
	const struct field *field; /* of flows, or of the key; or NULL */
	bool ascending;
};

#define KEYS_MAX 16
#define ORDERS_MAX 4

/* Where in a time series a flow counts. */
enum spread {
	SPREAD_START, /* at its start */
	SPREAD_EVEN,  /* evenly from its start to its end */
};

struct question {
	/* which flows */
	struct filter *rules;	/* -f, or NULL */
	struct filter *clauses; /* --filter, or NULL */
	int64_t since, until;	/* ns; INT64_MIN, INT64_MAX: any */
	bool scale;		/* counters times their sampling rate */
	bool counts;		/* -d: rules count flows of skipped blocks */
	/* what of them */
	struct key keys[KEYS_MAX];
	size_t nkeys;
	struct order orders[ORDERS_MAX];
	size_t norders;
	uint64_t top;	    /* rows of the answer, 0: all */
	int64_t every;	    /* ns of a step of a time series, 0: none */
	enum spread spread; /* of it */
	bool bidirectional;
	bool distinct; /* how many different values keys have */
	bool stats;
	/* quantities of a group, in this order; 0: flows, packets, octets */
	enum quantity show[Q_MAX];
	size_t nshow; /* what is sorted by is shown, too */
	/* how */
	unsigned int threads; /* 1 at least */
	uint64_t memory;      /* bytes, for groups and for sorting */
	const char *tmpdir;   /* for what does not fit */
};

/*
 * "src_addr/24/64,dst_port": 0, or -1 and the part that is wrong in bad[64].
 * Of "/24" IPv6 addresses keep all their bits, of "/64" those of IPv4.
 */
int question_keys(struct question *, const char *, char *bad);
/*
 * Likewise "octets", "-start", "src_addr:asc,octets:desc".  What counts comes
 * largest first, times and fields ascending, unless it is said: a "-" before,
 * or ":desc", ":d" behind is descending, "+", ":asc", ":a" ascending.
 */
int question_orders(struct question *, const char *, char *bad);

#endif /* QUESTION_H */
