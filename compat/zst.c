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

#include <errno.h>
#include <stdlib.h>

#include "compat/zst.h"

#ifdef HAVE_ZSTD
#include <zstd.h>

/* 128 MB: what zstd(1) makes without --ultra --long. */
#define WINDOW_LOG_MAX 27

struct zst {
	ZSTD_DStream *d;
};

struct zst *
zst_open(void)
{
	struct zst *z;

	if ((z = calloc(1, sizeof(*z))) == NULL)
		return (NULL);
	if ((z->d = ZSTD_createDStream()) == NULL ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(z->d, ZSTD_d_windowLogMax,
		WINDOW_LOG_MAX))) {
		zst_close(z);
		errno = ENOMEM;
		return (NULL);
	}
	return (z);
}

void
zst_close(struct zst *z)
{
	if (z == NULL)
		return;
	(void)ZSTD_freeDStream(z->d);
	free(z);
}

int
zst_run(struct zst *z, struct rd *in, struct wr *out, bool *ended,
    const char **why)
{
	ZSTD_inBuffer from = {in->p, in->left, 0};
	ZSTD_outBuffer to = {out->p, out->left, 0};
	size_t left = ZSTD_decompressStream(z->d, &to, &from);

	if (ZSTD_isError(left)) {
		*why = ZSTD_getErrorName(left);
		return (-1);
	}
	*ended = left == 0;
	(void)rd_skip(in, from.pos);
	*out = wr_init(out->p + to.pos, out->left - to.pos);
	return (0);
}

#else

struct zst *
zst_open(void)
{
	errno = ENOTSUP;
	return (NULL);
}

void
zst_close(struct zst *z)
{
	(void)z;
}

int
zst_run(struct zst *z, struct rd *in, struct wr *out, bool *ended,
    const char **why)
{
	(void)z;
	(void)in;
	(void)out;
	(void)ended;
	*why = "no Zstandard";
	return (-1);
}
#endif
