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
 * Flows in plain columns, one value a row: what a log of version 3 becomes
 * without each record becoming a struct flow (store-flat.c), and what a batch
 * shows of it (archive/column-flat.c).
 */

#ifndef FLAT_H
#define FLAT_H

#include <stdbool.h>
#include <stdint.h>

#include "flow.h"

#define FLAT_SHAPES 256 /* at most */

/*
 * A column has its values as the members of a flow are, but an address as 16
 * bytes, an IPv4 one mapped to ::ffff:0:0/96, with its family beside it.  Rows
 * without the field have 0, or no address.
 */
struct flat {
	uint32_t size; /* rows there is room for */
	uint32_t n;
	void *v[FLOW_NFIELDS];	       /* NULL: nobody wants it */
	uint8_t *family[FLOW_NFIELDS]; /* of addresses */
	uint8_t *shape;		       /* of each row, ... */
	uint32_t nshapes;	       /* ... of these */
	struct flow_set shapes[FLAT_SHAPES];
	struct flow_set keep; /* fields that shapes may have */
	uint8_t clock;	      /* of rows that have start or end */
	uint32_t groups;      /* of the records, STORE_x */
};

/* Columns for fields of keep that are of has.  NULL for want of memory. */
struct flat *flat_new(uint32_t size, const struct flow_set *keep,
    const struct flow_set *has);
void flat_free(struct flat *);
/* No rows, no shapes. */
void flat_clear(struct flat *);

/* The number of a shape, without what is not kept; -1: there is no room. */
int flat_shape(struct flat *, const struct flow_set *);

#endif /* FLAT_H */
