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

/* Packets of an iterator, so many at a time that they fit: of decode_many(). */

#ifndef PARCELS_H
#define PARCELS_H

#include "bindings/python/core/core.h"
#include "decode/decode.h"

#define PARCELS_MAX 4096
#define PARCELS_BYTES (8 << 20)

struct parcel {
	const uint8_t *p;
	size_t len;
	PyObject *bytes; /* whose they are */
	struct dec_source src;
};

struct parcels {
	size_t n;
	size_t bytes; /* of all */
	struct parcel *parcel;
	PyObject *text; /* the last address, as it was given */
	struct addr addr;
};

/*
 * A packet as bytes that stay as they are, 65535 at most: new, or NULL and an
 * exception.
 */
PyObject *parcel_bytes(PyObject *packet);
/*
 * (packet, exporter, time) each; the exporter is an address, or that and a
 * port.  1: there may be more, 0: no more, -1: an exception.
 */
int parcels_fill(struct parcels *, PyObject *iterator);
void parcels_empty(struct parcels *);
void parcels_clear(struct parcels *); /* frees its memory */

#endif /* PARCELS_H */
