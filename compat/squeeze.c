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

#include "config.h"

#include <stdlib.h>

#include "compat/squeeze.h"

#ifdef HAVE_ZSTD
#include <zstd.h>

struct squeeze {
	ZSTD_CCtx *c;
};

struct squeeze *
squeeze_new(int level)
{
	struct squeeze *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	if ((s->c = ZSTD_createCCtx()) == NULL ||
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(s->c, ZSTD_c_compressionLevel, level))) {
		squeeze_free(s);
		return (NULL);
	}
	return (s);
}

void
squeeze_free(struct squeeze *s)
{
	if (s == NULL)
		return;
	(void)ZSTD_freeCCtx(s->c);
	free(s);
}

bool
squeeze_available(void)
{
	return (true);
}

/* A stretch of its own ends with the zstd block, which a flush does. */
static int
put_stretch(struct squeeze *s, ZSTD_outBuffer *out, ZSTD_inBuffer in, bool last)
{
	size_t left;

	left = ZSTD_compressStream2(s->c, out, &in,
	    last ? ZSTD_e_end : ZSTD_e_flush);
	return (left == 0 && in.pos == in.size ? 0 : -1);
}

size_t
squeeze_put(struct squeeze *s, uint8_t *to, size_t room, const uint8_t *from,
    size_t len, size_t stretch)
{
	ZSTD_outBuffer out = {to, room, 0};
	size_t n;

	(void)ZSTD_CCtx_reset(s->c, ZSTD_reset_session_only);
	if (ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(s->c, len)))
		return (0);
	if (stretch == 0)
		stretch = len;
	do {
		n = len < stretch ? len : stretch;
		if (put_stretch(s, &out, (ZSTD_inBuffer){from, n, 0},
			n == len) == -1)
			return (0);
		from += n;
		len -= n;
	} while (len > 0);
	return (out.pos);
}

struct expand {
	ZSTD_DCtx *d;
};

struct expand *
expand_new(void)
{
	struct expand *x;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (NULL);
	if ((x->d = ZSTD_createDCtx()) == NULL) {
		free(x);
		return (NULL);
	}
	return (x);
}

void
expand_free(struct expand *x)
{
	if (x == NULL)
		return;
	(void)ZSTD_freeDCtx(x->d);
	free(x);
}

/* In one piece zstd needs no window beside the room, so no memory either. */
int
expand_get(struct expand *x, uint8_t *to, size_t len, const uint8_t *from,
    size_t n)
{
	return (ZSTD_decompressDCtx(x->d, to, len, from, n) == len ? 0 : -1);
}

#else

struct squeeze *
squeeze_new(int level)
{
	(void)level;
	return (NULL);
}

void
squeeze_free(struct squeeze *s)
{
	(void)s;
}

bool
squeeze_available(void)
{
	return (false);
}

size_t
squeeze_put(struct squeeze *s, uint8_t *to, size_t room, const uint8_t *from,
    size_t len, size_t stretch)
{
	(void)s;
	(void)to;
	(void)room;
	(void)from;
	(void)len;
	(void)stretch;
	return (0);
}

/* So that a reader can tell "not here" from "no memory". */
struct expand {
	int none;
};

struct expand *
expand_new(void)
{
	return (calloc(1, sizeof(struct expand)));
}

void
expand_free(struct expand *x)
{
	free(x);
}

int
expand_get(struct expand *x, uint8_t *to, size_t len, const uint8_t *from,
    size_t n)
{
	(void)x;
	(void)to;
	(void)len;
	(void)from;
	(void)n;
	return (-1);
}
#endif
