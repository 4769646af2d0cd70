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
 * A row of columns as a flow, and the reading of records that columns are
 * measured by.  Of tests and fuzzers.
 */

#ifndef FLATROW_H
#define FLATROW_H

#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "flat.h"
#include "store.h"

/* As a log is read: what has no checksum and looks odd is doubted. */
static inline enum store_err
read_sure(struct rd *rd, struct store_record *rec)
{
	const struct rd at = *rd;
	enum store_err e = store_read(rd, rec);

	if (e != STORE_OK || rec->fields & STORE_CRC32 ||
	    (STORE_MINOR(rec->version) == 0 && rec->fields != 0) ||
	    store_resync(&at) == 0)
		return (e);
	*rd = at;
	return (STORE_VERSION_BAD);
}

static inline struct addr
flat_addr(const struct flat *t, uint32_t row, unsigned int id)
{
	static const uint8_t front[12] = {[10] = 0xff, [11] = 0xff};
	const uint8_t *b = (const uint8_t *)t->v[id] + row * 16UL;
	struct addr a = {.family = t->family[id][row]};

	if (a.family != ADDR_V4)
		memcpy(a.b, b, 16);
	else if (memcmp(b, front, 12) == 0)
		memcpy(a.b, b + 12, 4);
	else
		abort();
	return (a);
}

static inline struct flow
flat_row(const struct flat *t, uint32_t row)
{
	struct flow f;
	unsigned int i;
	size_t width;

	memset(&f, 0, sizeof(f));
	if (t->shape[row] >= t->nshapes)
		abort();
	f.has = t->shapes[t->shape[row]];
	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (t->v[i] == NULL)
			continue;
		width = field_size(fields[i].type);
		if (fields[i].type == FT_ADDR)
			*(struct addr *)field_ptr(&f, &fields[i]) =
			    flat_addr(t, row, i);
		else
			memcpy(field_ptr(&f, &fields[i]),
			    (uint8_t *)t->v[i] + row * width, width);
	}
	if (flow_has(&f, FLOW_START))
		f.clock = t->clock;
	return (f);
}

#endif /* FLATROW_H */
