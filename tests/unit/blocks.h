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
 * Blocks by hand: columns of any scheme, of values that are known.
 */

#ifndef BLOCKS_H
#define BLOCKS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/blockwr.h"
#include "archive/dict.h"
#include "archive/ints.h"
#include "archive/member.h"
#include "compat/squeeze.h"

#define BLOCKS_ROOM (8 << 20)

struct blocks {
	struct blockwr w;
	uint8_t *p;
	uint32_t flows;
	struct flow_set shape;
};

static inline void
blocks_set(struct flow_set *s, unsigned int id)
{
	s->w[id / 64] |= UINT64_C(1) << id % 64;
}

/* Of one shape, which has these fields. */
static inline void
blocks_begin(struct blocks *m, uint32_t flows, const unsigned int *ids,
    size_t n)
{
	size_t i;

	memset(m, 0, sizeof(*m));
	if ((m->p = calloc(1, BLOCKS_ROOM)) == NULL)
		abort();
	m->flows = flows;
	for (i = 0; i < n; i++)
		if (ids[i] < FLOW_NFIELDS)
			blocks_set(&m->shape, ids[i]);
	blockwr_begin(&m->w, m->p, BLOCKS_ROOM, flows, &m->shape, 1,
	    (uint16_t)(n + 1));
}

static inline size_t
blocks_end(struct blocks *m)
{
	size_t len = blockwr_end(&m->w, true, false, 0, 0);

	if (len == 0)
		abort();
	return (len);
}

/* What a column is stored as; what is not needed is NULL. */
struct blocks_data {
	const uint64_t *u; /* of the data */
	uint32_t n;
	const uint64_t *num; /* the dictionary */
	const struct addr *addr;
	const struct flow_text *bytes;
	const uint8_t *raw; /* the data as they are */
	uint32_t nraw;
	enum dict_effort effort;
	bool squeezed; /* both parts */
};

static inline void
blocks_part(struct blocks *m, struct block_part *part, uint8_t *p, size_t len,
    bool squeezed)
{
	struct squeeze *s;
	uint8_t *to;

	part->p = p;
	part->stored = part->expanded = (uint32_t)len;
	if (!squeezed || len == 0 || (s = squeeze_new(3)) == NULL)
		return;
	if ((to = malloc(len + 1000)) == NULL)
		abort();
	part->stored = (uint32_t)squeeze_put(s, to, len + 1000, p, len, 0);
	part->squeeze = SQ_ZSTD;
	squeeze_free(s);
	memcpy(p, to, part->stored);
	free(to);
	(void)m;
}

static inline size_t
blocks_dict(uint8_t *p, const struct block_column *c,
    const struct blocks_data *d)
{
	if (d->num != NULL)
		return (dict_put_numbers(p, d->num, c->ndict, d->effort));
	if (d->addr != NULL)
		return (dict_put_addrs(p, d->addr, c->ndict, d->effort));
	return (dict_put_bytes(p, d->bytes, c->ndict));
}

/* The entry, but for parts and checksum, is the caller's. */
static inline void
blocks_column(struct blocks *m, struct block_column c,
    const struct blocks_data *d)
{
	static uint8_t dict[4 << 20], data[2 << 20];
	size_t len = 0;

	if (d->num != NULL || d->addr != NULL || d->bytes != NULL)
		len = blocks_dict(dict, &c, d);
	blocks_part(m, &c.dict, dict, len, d->squeezed);
	len = 0;
	if (d->u != NULL) {
		ints_put64(data, c.packing, c.bits, d->u, d->n);
		len = ints_size(c.packing, c.bits, d->n);
	} else if (d->raw != NULL) {
		len = d->nraw;
		memcpy(data, d->raw, len);
	}
	blocks_part(m, &c.data, data, len, d->squeezed);
	blockwr_column(&m->w, &c);
}

/* Least, greatest and sum, of the values as they are to come out. */
static inline void
blocks_truth(struct block_column *c, const uint64_t *v, uint32_t n)
{
	const uint64_t flip = c->type == CT_TIME ? UINT64_C(1) << 63 : 0;
	uint32_t i;

	c->min = c->max = v[0];
	c->sum = 0;
	for (i = 0; i < n; i++) {
		if ((v[i] ^ flip) < (c->min ^ flip))
			c->min = v[i];
		if ((v[i] ^ flip) > (c->max ^ flip))
			c->max = v[i];
		if (c->type == CT_NUMBER)
			c->sum += v[i];
	}
}

#endif /* BLOCKS_H */
