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

#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "flat.h"

#define ADDR_BYTES 16

static bool
in(const struct flow_set *s, unsigned int bit)
{
	return (s->w[bit / 64] >> bit % 64 & 1);
}

static int
make_column(struct flat *t, unsigned int id)
{
	const bool addr = fields[id].type == FT_ADDR;
	const size_t width = addr ? ADDR_BYTES : field_size(fields[id].type);

	if ((t->v[id] = calloc(t->size, width)) == NULL)
		return (-1);
	if (addr && (t->family[id] = calloc(t->size, 1)) == NULL)
		return (-1);
	return (0);
}

struct flat *
flat_new(uint32_t size, const struct flow_set *keep, const struct flow_set *has)
{
	struct flat *t;
	unsigned int id;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->size = size;
	t->keep = *keep;
	if ((t->shape = calloc(size, 1)) == NULL) {
		flat_free(t);
		return (NULL);
	}
	for (id = 0; id < FLOW_NFIELDS; id++)
		if (in(keep, id) && in(has, id) && make_column(t, id) == -1) {
			flat_free(t);
			return (NULL);
		}
	return (t);
}

void
flat_free(struct flat *t)
{
	unsigned int id;

	if (t == NULL)
		return;
	for (id = 0; id < FLOW_NFIELDS; id++) {
		free(t->v[id]);
		free(t->family[id]);
	}
	free(t->shape);
	free(t);
}

void
flat_clear(struct flat *t)
{
	t->n = t->nshapes = t->groups = 0;
}

int
flat_shape(struct flat *t, const struct flow_set *has)
{
	struct flow_set s;
	uint32_t i;

	for (i = 0; i < FLOW_WORDS; i++)
		s.w[i] = has->w[i] & t->keep.w[i];
	for (i = 0; i < t->nshapes; i++)
		if (memcmp(&t->shapes[i], &s, sizeof(s)) == 0)
			return ((int)i);
	if (i == FLAT_SHAPES)
		return (-1);
	t->shapes[t->nshapes++] = s;
	return ((int)i);
}
