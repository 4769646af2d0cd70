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
 * Records in a row that are of one form, as they are on the wire: how a
 * datagram's flows go from the decoder into columns without each of them
 * becoming a struct flow.
 */

#ifndef RECORDS_H
#define RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

/* How the bytes of a record become a member. */
enum copy_kind {
	COPY_NUMBER,   /* 1, 2, 4 or 8 bytes, no more than the member has */
	COPY_ADDR4,    /* 4 bytes */
	COPY_ADDR6,    /* 16 bytes */
	COPY_SECONDS,  /* 4 or 8 bytes, since 1970, into a time */
	COPY_MSECONDS, /* 8 bytes, likewise */
	COPY_MAC,      /* 6 bytes */
};

struct copy {
	uint16_t src;  /* where in the record */
	uint8_t len;   /* bytes there */
	uint8_t kind;  /* enum copy_kind */
	uint8_t field; /* enum flow_field, each once */
};

/*
 * The form of records: what it knows stays as it is, at the same place, for as
 * long as records of it come; another form has another id, ever.
 */
struct form {
	uint64_t id; /* never 0 */
	uint16_t ncopies;
	struct copy copy[];
};

/*
 * n records, of len bytes each, one behind the other.  They have the same
 * fields and the same values in them, except those of the form's copies; and
 * if the first one's clock is CLOCK_UPTIME and it has both, start and end,
 * which then are as flow_uptime_to_time says of the uptimes of each.  All
 * times are such as the decoder would have let pass.
 */
struct records {
	const struct flow *first; /* the first of them, whole */
	const struct form *form;
	const uint8_t *p;
	size_t len;
	uint32_t n;
};

/* The i-th, whole. */
void records_flow(const struct records *, uint32_t i, struct flow *);

/*
 * The same for who looks at some fields only: chosen once for a form and a
 * set of fields, then looked at in each record.
 */
struct peek_step {
	uint16_t src;
	uint16_t dst; /* in struct flow */
	uint8_t how;
};

struct peek {
	uint64_t form; /* its id */
	bool times;    /* start or end, if they follow from uptimes */
	uint16_t nsteps;
	struct peek_step step[FLOW_NFIELDS];
};
void records_choose(const struct form *, const struct flow_set *,
    struct peek *);
/*
 * The members of those fields of the i-th, into a flow that was the first, or
 * another of these.
 */
void records_peek(const struct records *, uint32_t i, const struct peek *,
    struct flow *);

#endif /* RECORDS_H */
