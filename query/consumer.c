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

#include "query/consumer.h"

#define OUTBUF_FIRST 65536

char *
outbuf_room(struct outbuf *o, size_t need)
{
	size_t size = o->size == 0 ? OUTBUF_FIRST : o->size;
	char *p;

	if (o->p != NULL && o->size - o->len >= need)
		return (o->p + o->len);
	if (need > SIZE_MAX / 4 || o->len > SIZE_MAX / 4)
		return (NULL);
	while (size - o->len < need)
		size *= 2;
	if ((p = realloc(o->p, size)) == NULL)
		return (NULL);
	o->p = p;
	o->size = size;
	return (p + o->len);
}

void
outbuf_clear(struct outbuf *o)
{
	free(o->p);
	*o = (struct outbuf){0};
}
