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
 * Forms (records.h): which bytes of a record become which members, for records
 * of which that is all, but for bytes that are the same in most.  Templates
 * that say the same share one, whoever sent them.
 */

#ifndef DECODE_FORM_H
#define DECODE_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/htable.h"
#include "decode/program.h"
#include "records.h"

#define FORM_TIMES 3 /* start, end, event */
#define FORM_SAME 12

/* Bytes that are the same in records that are alike. */
struct same {
	uint16_t src;
	uint8_t len;
	bool zero; /* and that */
};

/* A form, and what decides whether records of it are alike. */
struct formed {
	struct hnode node; /* first: by its copies */
	uint32_t refs;
	/* Both uptimes are there, and make start and end if anything does. */
	bool uptimes;
	uint8_t ntimes;
	uint8_t nsame;
	struct copy time[FORM_TIMES]; /* that can be none */
	/* What becomes more than a copy is the first one's in all. */
	struct same same[FORM_SAME];
	/* What else may be known of the exporter goes by; len 0: not there. */
	struct copy sampler, exporter, in_if, out_if;
	struct form form; /* last */
};

struct forms {
	struct htable table;
	uint64_t seed;
	uint64_t last; /* id */
};

/* -1 if there is no secret to begin with. */
int forms_init(struct forms *);

/* What the form of a program takes, 0: it has none. */
size_t form_bytes(const struct program *);
/*
 * The form of a program; NULL if it has none, or for want of memory.  The
 * caller's, to be freed.
 */
struct formed *form_new(struct forms *, const struct program *);

/*
 * The same, shared: for each that is returned form_drop is called once.  What
 * the table grows by is added to bytes.
 */
struct formed *form_take(struct forms *, const struct program *, size_t *bytes);
void form_drop(struct forms *, struct formed *);

/*
 * Of n records of len bytes each, from the first on: how many have the same
 * fields, and the same values but for the copies; and how many have the same
 * as the first to copy there.
 */
uint32_t form_alike(const struct formed *, const uint8_t *, size_t len,
    uint32_t n);
uint32_t form_constant(const struct copy *, const uint8_t *, size_t len,
    uint32_t n);

#endif /* DECODE_FORM_H */
