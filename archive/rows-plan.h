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
 * How records of a form go into the columns of some rows: made once, and
 * adapted when columns become wider or of another kind.
 */

#ifndef ROWS_PLAN_H
#define ROWS_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/move.h"
#include "archive/rows-inside.h"

/* A column of the program's, and what of the record goes there. */
struct item {
	const struct step *step;
	uint16_t src;
	uint8_t len;
	uint8_t kind; /* enum copy_kind */
	uint8_t way;  /* enum way */
	bool same;    /* all have that of the first */
	bool uptime;  /* a time: it is an uptime that goes there */
};

struct rows_plan {
	const struct program *p;
	bool uptimes; /* tell start and end */
	uint32_t layout;
	uint16_t ncopies;
	struct copy *copy; /* of its forms */
	uint32_t nmoves;
	struct move *move;
	/* Values that may find no room; numbers; what remains. */
	uint32_t nvalues, nnumbers, nitems;
	struct item item[];
};

/* For records whose program the rows are ready for.  NULL: no memory. */
const struct rows_plan *rows_plan_get(struct rows *, const struct program *,
    const struct records *);

#endif /* ROWS_PLAN_H */
