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

/* Flows, copied: most end at FLOW_RARE. */

#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/sheaf.h"
#include "field.h"

#define LEAST 16384

void
sheaf_clear(struct sheaf *s)
{
	free(s->p);
	s->p = NULL;
	s->len = s->size = 0;
	s->n = 0;
	s->lost = 0;
}

static bool
any_of(const struct flow *f, const struct flow_set *set)
{
	uint64_t any = 0;
	int w;

	for (w = 0; w < FLOW_WORDS; w++)
		any |= f->has.w[w] & set->w[w];
	return (any != 0);
}

/* The next text that the flow has, from a field on; NULL: no more. */
static struct flow_text *
next_text(const struct sheaf *s, struct flow *f, unsigned int *field)
{
	for (; *field < FLOW_NFIELDS; ++*field)
		if (flow_has(f, *field) &&
		    (s->texts.w[*field / 64] >> *field % 64 & 1))
			return (field_ptr(f, &fields[(*field)++]));
	return (NULL);
}

/* Copies of the texts, if to is not NULL.  Returns their bytes. */
static size_t
copy_texts(const struct sheaf *s, struct flow *f, char *to)
{
	const struct flow_text *t;
	unsigned int field = 0;
	size_t n = 0;

	while ((t = next_text(s, f, &field)) != NULL) {
		if (to != NULL && t->len > 0)
			memcpy(to + n, t->p, t->len);
		n += t->len;
	}
	return (n);
}

static bool
room(struct sheaf *s, size_t more)
{
	size_t size = s->size == 0 ? LEAST : s->size;
	char *p;

	while (size - s->len < more)
		size *= 2;
	if (size == s->size)
		return (true);
	if ((p = realloc(s->p, size)) == NULL)
		return (false);
	s->p = p;
	s->size = size;
	return (true);
}

void
sheaf_add(struct sheaf *s, const struct flow *flow)
{
	const size_t max =
	    sizeof(*flow) + (size_t)FLOW_NFIELDS * FLOW_TEXT_MAX + 1;
	struct flow f;
	bool rare = any_of(flow, &s->rare);

	if (!room(s, max)) {
		s->lost++;
		return;
	}
	s->p[s->len++] = rare;
	memcpy(s->p + s->len, flow, rare ? sizeof(*flow) : FLOW_RARE);
	s->len += rare ? sizeof(*flow) : FLOW_RARE;
	s->n++;
	if (!rare || !any_of(flow, &s->texts))
		return;
	f = *flow;
	s->len += copy_texts(s, &f, s->p + s->len);
}

bool
sheaf_next(const struct sheaf *s, size_t *at, struct flow *f)
{
	struct flow_text *t;
	unsigned int field = 0;
	size_t len;
	bool rare;

	if (*at >= s->len)
		return (false);
	rare = s->p[(*at)++] != 0;
	len = rare ? sizeof(*f) : FLOW_RARE;
	memset(f, 0, sizeof(*f));
	memcpy(f, s->p + *at, len);
	*at += len;
	while (rare && (t = next_text(s, f, &field)) != NULL) {
		t->p = s->p + *at;
		*at += t->len;
	}
	return (true);
}
