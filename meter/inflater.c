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

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "compat/zst.h"
#include "meter/inflater.h"

#define GZIP_ONLY (16 + MAX_WBITS)
#define GZIP_MAGIC 0x1f8b
#define ZST_MAGIC 0x28b52ffd
#define ZST_SKIPPABLE 0x2a4d18 /* behind 0x50 to 0x5f */

struct kind;

struct inflater {
	const struct kind *kind;
	const char *error;
	bool ended; /* between members, or frames */
	z_stream z;
	struct zst *zst;
};

struct kind {
	bool (*is)(uint32_t magic);
	int (*open)(struct inflater *); /* 0, or -1 with errno */
	int (*run)(struct inflater *, struct rd *, struct wr *);
	void (*close)(struct inflater *);
};

static bool
gz_is(uint32_t magic)
{
	return (magic >> 16 == GZIP_MAGIC);
}

static int
gz_open(struct inflater *inf)
{
	if (inflateInit2(&inf->z, GZIP_ONLY) == Z_OK)
		return (0);
	errno = ENOMEM;
	return (-1);
}

static int
gz_run(struct inflater *inf, struct rd *in, struct wr *out)
{
	z_stream *z = &inf->z;
	int r;

	/* Files of several members are what cat(1) makes of some. */
	if (inf->ended) {
		if (in->p[0] != GZIP_MAGIC >> 8) {
			inf->error = "garbage behind the gzip data";
			return (-1);
		}
		(void)inflateReset(z);
	}
	/* zlib does not write to it. */
	z->next_in = (Bytef *)(uintptr_t)in->p;
	z->avail_in = (uInt)in->left;
	z->next_out = out->p;
	z->avail_out = (uInt)out->left;
	r = inflate(z, Z_NO_FLUSH);
	(void)rd_skip(in, in->left - z->avail_in);
	*out = wr_init(z->next_out, z->avail_out);
	inf->ended = r == Z_STREAM_END;
	if (r == Z_STREAM_END || r == Z_OK || r == Z_BUF_ERROR)
		return (0);
	inf->error = "gzip data is damaged";
	return (-1);
}

static void
gz_close(struct inflater *inf)
{
	(void)inflateEnd(&inf->z);
}

static bool
zst_is(uint32_t magic)
{
	return (magic == ZST_MAGIC ||
	    ((magic & 0xffffff) == ZST_SKIPPABLE && magic >> 28 == 5));
}

static int
zst_begin(struct inflater *inf)
{
	return ((inf->zst = zst_open()) == NULL ? -1 : 0);
}

static int
zst_piece(struct inflater *inf, struct rd *in, struct wr *out)
{
	return (zst_run(inf->zst, in, out, &inf->ended, &inf->error));
}

static void
zst_end(struct inflater *inf)
{
	zst_close(inf->zst);
}

static const struct kind kinds[] = {
    {gz_is, gz_open, gz_run, gz_close},
    {zst_is, zst_begin, zst_piece, zst_end},
};

int
inflater_new(const uint8_t magic[INFLATER_MAGIC], struct inflater **inf)
{
	struct inflater *new;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].is(be32(magic)))
			break;
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		return (0);
	if ((new = calloc(1, sizeof(*new))) == NULL)
		return (-1);
	if (kinds[i].open(new) == -1) {
		free(new);
		return (-1);
	}
	new->kind = &kinds[i];
	*inf = new;
	return (1);
}

void
inflater_free(struct inflater *inf)
{
	if (inf == NULL)
		return;
	inf->kind->close(inf);
	free(inf);
}

int
inflater_run(struct inflater *inf, struct rd *in, struct wr *out)
{
	/* Without input, some may be left inside. */
	if (out->left == 0 || (in->left == 0 && inf->ended))
		return (0);
	return (inf->kind->run(inf, in, out));
}

bool
inflater_done(const struct inflater *inf)
{
	return (inf->ended);
}

const char *
inflater_error(const struct inflater *inf)
{
	return (inf->error);
}
