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
 * Datagrams decoded twice: flow by flow, and by a decoder whose records are
 * taken together, by some whim.  The flows of the first are the truth.
 */

#ifndef BOTHWAYS_H
#define BOTHWAYS_H

#include "decode/decode.h"
#include "flows.h"

/* How many of n records are taken. */
enum whim { TAKE_ALL, TAKE_NONE, TAKE_SOME, TAKE_WHIMS };

struct bothways {
	struct decoder *plain, *together;
	enum whim whim;
	struct flow *f; /* of the last datagram, flow by flow */
	size_t n, room;
	size_t at; /* so many of them the other way so far */
	const char *differs;
	uint64_t flows; /* in all */
	uint64_t taken; /* of them, together */
	struct dec_report report;
	enum dec_result result;
};

static inline void
bothways_plain(void *arg, struct flow *f)
{
	struct bothways *b = arg;

	if (b->n == b->room) {
		b->room = b->room * 2 + 64;
		b->f = reallocarray(b->f, b->room, sizeof(*b->f));
		if (b->f == NULL)
			abort();
	}
	b->f[b->n++] = *f;
	f->tag = UINT32_MAX;
	flow_set(f, FLOW_TAG);
}

static inline void
bothways_compare(struct bothways *b, const struct flow *f)
{
	const char *what =
	    b->at < b->n ? flows_differ(&b->f[b->at], f) : "one too many";

	b->at++;
	if (what != NULL)
		b->differs = what;
}

static inline void
bothways_one(void *arg, struct flow *f)
{
	bothways_compare(arg, f);
	f->tag = UINT32_MAX;
	flow_set(f, FLOW_TAG);
}

/* What is asked for is right, whatever is in the rest. */
static inline void
bothways_peek(struct bothways *b, const struct records *r, uint32_t i,
    struct flow *f)
{
	struct flow_set asked;
	struct peek pk;
	size_t k;

	for (k = 0; k < FLOW_WORDS; k++)
		asked.w[k] = flows_random() & flows_random();
	records_choose(r->form, &asked, &pk);
	records_peek(r, i, &pk, f);
	for (k = 0; k < FLOW_NFIELDS; k++)
		if ((asked.w[k / 64] >> k % 64 & 1) != 0 && b->at < b->n &&
		    !flows_equal_field(&b->f[b->at], f, &fields[k]))
			b->differs = "what was asked for";
}

static inline uint32_t
bothways_records(void *arg, const struct records *r)
{
	struct bothways *b = arg;
	struct flow f, peeked = *r->first;
	uint32_t i, n = r->n;

	if (b->whim == TAKE_NONE)
		n = 0;
	else if (b->whim == TAKE_SOME)
		n = (uint32_t)(flows_random() % (n + 1));
	if (b->at < b->n && flows_differ(&b->f[b->at], r->first) != NULL)
		b->differs = "the first";
	for (i = 0; i < n; i++) {
		bothways_peek(b, r, i, &peeked);
		records_flow(r, i, &f);
		bothways_compare(b, &f);
	}
	b->taken += n;
	return (n);
}

static inline void
bothways_init(struct bothways *b, const struct dec_limits *limits)
{
	memset(b, 0, sizeof(*b));
	if ((b->plain = decode_new(limits, bothways_plain, b)) == NULL ||
	    (b->together = decode_new(limits, bothways_one, b)) == NULL)
		abort();
	decode_records(b->together, bothways_records);
}

static inline void
bothways_clear(struct bothways *b)
{
	decode_free(b->plain);
	decode_free(b->together);
	free(b->f);
}

/* NULL, or what differs between the two. */
static inline const char *
bothways_feed(struct bothways *b, const struct dec_source *src, struct rd pkt)
{
	struct dec_report r;

	b->n = b->at = 0;
	b->differs = NULL;
	b->result = decode_packet(b->plain, src, pkt, &b->report);
	if (decode_packet(b->together, src, pkt, &r) != b->result)
		return ("the result");
	b->flows += b->n;
	if (b->differs != NULL)
		return (b->differs);
	if (b->at != b->n || b->n != b->report.flows)
		return ("how many flows there are");
	return (memcmp(&r, &b->report, sizeof(r)) == 0 ? NULL : "the report");
}

#endif /* BOTHWAYS_H */
