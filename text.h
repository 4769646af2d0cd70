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
 * A line under construction.  What does not fit is cut; there is always room
 * for the NUL.  Of format.c and its siblings.
 */

#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "addr.h"

struct text {
	char *p;
	char *end; /* of the room for text */
	char *buf;
};

static inline void
text_init(struct text *t, char *buf, size_t size)
{
	t->buf = t->p = buf;
	t->end = size == 0 ? buf : buf + size - 1;
}

/* The length.  The size was 1 at least. */
static inline size_t
text_done(struct text *t)
{
	*t->p = '\0';
	return ((size_t)(t->p - t->buf));
}

static inline void
text_mem(struct text *t, const char *s, size_t len)
{
	if (len > (size_t)(t->end - t->p))
		len = (size_t)(t->end - t->p);
	memcpy(t->p, s, len);
	t->p += len;
}

static inline void
text_str(struct text *t, const char *s)
{
	text_mem(t, s, strlen(s));
}

static inline void
text_char(struct text *t, char c)
{
	if (t->p < t->end)
		*t->p++ = c;
}

void text_uint(struct text *, uint64_t);
/* With zeros in front, up to width digits in all; width is 20 at most. */
void text_padded(struct text *, uint64_t, unsigned int width);
/* Two digits a byte, no prefix. */
void text_hex(struct text *, const uint8_t *, size_t);
/*
 * As a JSON string.  Printable UTF-8 stays as it is; other characters, and
 * bytes that are none, are \uxxxx: no terminal sees them.
 */
void text_quoted(struct text *, const char *, size_t);
/*
 * As a field of CSV (RFC 4180), with the same escapes.  In front of what a
 * spreadsheet would take for a formula stands a '.
 */
void text_csv(struct text *, const char *, size_t);
/* As inet_ntop(3), or "none". */
void text_addr(struct text *, const struct addr *);

/* Whole seconds, rounded towards the past, and what is left of the ns. */
int64_t text_seconds(int64_t ns, uint32_t *frac);
/* ISO 8601 without a zone. */
void text_iso_time(struct text *, int64_t sec, bool utc);
/* With as many threes of digits behind it as it needs, and Z for UTC. */
void text_time(struct text *, int64_t ns, bool utc);
/* "1w1d1h1m1s" */
void text_interval(struct text *, uint32_t sec);

#endif /* TEXT_H */
