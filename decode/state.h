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
 * The datagram being decoded, and what the decoders of it lend each other.
 */

#ifndef DECODE_STATE_H
#define DECODE_STATE_H

#include "decode/memory.h"

/* Each record copies the base: that costs twice as much across lines. */
struct ctx {
	struct decoder *d;
	const struct dec_source *src;
	struct dec_report *report;
	struct domain *dom;	       /* or NULL: no room for it */
	_Alignas(64) struct flow base; /* what all flows of the datagram have */
	struct flow flow; /* the record being decoded: base, and its own */
	size_t flowlen;	  /* its size, which the compiler shall not know */
	bool rare;	  /* it may differ behind FLOW_RARE, too */
	bool base_rare;	  /* the base may have something there: of sFlow */
	uint16_t version;
	uint32_t records;      /* of this message, options too */
	uint32_t options;      /* of those, the options */
	bool unknown;	       /* it has records that cannot be counted */
	enum dec_result err;   /* the first of the wire ... */
	const uint8_t *err_at; /* ... and where */

	/* apply.c: for the flows of a set */
	bool apply;		 /* there may be something to add */
	const struct fact *rate; /* unless sampler or interface have one */
	bool sampler_known;	 /* one was looked up ... */
	uint64_t sampler_id;	 /* ... by this */
	const struct fact *sampler;
};

/* decode.c */
/* What begins here cannot be. */
void ctx_fail(struct ctx *, enum dec_result, const uint8_t *at);
void ctx_export_time(struct ctx *, uint32_t sec, uint32_t nsec);
void ctx_sequence(struct ctx *, uint32_t seq);
/* From here on the datagram belongs to a domain. */
void ctx_domain(struct ctx *, uint32_t source_id);
/* Take a record off the cursor into the flow; -1 if the record is cut. */
int ctx_record(struct ctx *, const struct program *, struct rd *, struct aux *);
/* Hand the flow over. */
void ctx_flow(struct ctx *);

/*
 * run.c: records of so many bytes each, by a program that has a form, as many
 * as are taken together are off the cursor then.
 */
void ctx_run(struct ctx *, const struct program *, struct rd *, size_t len);

/* fixed.c: here and below, all cursors stand behind the version field */
int fixed_init(struct decoder *);
void fixed_free(struct decoder *);
void fixed_decode(struct ctx *, struct rd *);

/* sets.c */
void v9_decode(struct ctx *, struct rd *);
void ipfix_decode(struct ctx *, struct rd *);

/* learn.c */
/* False if the id is not that of a set of templates. */
bool learn_set(struct ctx *, uint16_t id, struct rd *);
/* Cut n fields of a template off. */
int specs_cut(struct rd *, uint16_t version, uint16_t n, struct specs *);

/* options.c: take a record of options data off the cursor; -1 if it is cut */
int options_record(struct ctx *, const struct template *, struct rd *);

/*
 * apply.c: add what is known of the exporter, but not in the record.  Before
 * the flows of a set, the template of which may be NULL; then for each, if
 * x->apply says so.
 */
void apply_begin(struct ctx *, const struct template *);
void apply_flow(struct ctx *);

/* sflow.c */
void sflow_decode(struct ctx *, struct rd *);

/* parts.c: what packets and lists in the record know and the flow lacks. */
void parts_decode(struct ctx *, const struct aux *);

/*
 * sequence.c: n is how many units of its protocol this datagram is.  Called
 * once its contents have been decoded.
 */
void sequence_check(struct ctx *, uint32_t seq, uint32_t n);

static inline bool
all_zero(const struct rd *rd)
{
	size_t i;

	for (i = 0; i < rd->left; i++)
		if (rd->p[i] != 0)
			return (false);
	return (true);
}

#endif /* DECODE_STATE_H */
