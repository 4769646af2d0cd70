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

#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "archive/block.h"
#include "bindings/perl/oldlog.h"
#include "scan/scan.h"

#define BUF_SIZE 65536

struct oldlog {
	struct scan scan;
	struct input *in;
	char *path;
	bool begun; /* the version is known */
	bool v2;
	bool lost; /* nothing behind the damage can be found */
	enum store_err err;
	uint64_t at;	 /* of the last record */
	uint64_t offset; /* of buf[start] */
	size_t start, end;
	uint8_t buf[BUF_SIZE];
};

struct oldlog *
oldlog_open(const char *path, bool (*stop)(void *), void *arg)
{
	struct oldlog *lg;

	if ((lg = calloc(1, sizeof(*lg))) == NULL)
		return (NULL);
	scan_init(&lg->scan);
	lg->scan.stop = stop;
	lg->scan.arg = arg;
	if ((lg->path = strdup(path)) != NULL &&
	    (lg->in = input_open(&lg->scan, lg->path)) != NULL)
		return (lg);
	oldlog_free(lg);
	return (NULL);
}

void
oldlog_free(struct oldlog *lg)
{
	int saved = errno;

	if (lg == NULL)
		return;
	input_close(lg->in);
	free(lg->path);
	free(lg);
	errno = saved;
}

const char *
oldlog_text(const struct oldlog *lg)
{
	const char *packed = input_damage(lg->in);

	return (lg->err == STORE_OK && packed != NULL
		? packed
		: store_strerror(lg->err));
}

uint64_t
oldlog_offset(const struct oldlog *lg)
{
	return (lg->at);
}

static size_t
held(const struct oldlog *lg)
{
	return (lg->end - lg->start);
}

static void
take(struct oldlog *lg, size_t n)
{
	lg->start += n;
	lg->offset += n;
}

/* Until so many bytes are here: FLOW if they are. */
static enum oldlog_result
want(struct oldlog *lg, size_t len)
{
	ssize_t n;

	if (held(lg) >= len)
		return (OLDLOG_FLOW);
	memmove(lg->buf, lg->buf + lg->start, held(lg));
	lg->end = held(lg);
	lg->start = 0;
	while (lg->end < len) {
		n = input_read(lg->in, lg->buf + lg->end, BUF_SIZE - lg->end);
		if (n == -1)
			return (OLDLOG_UNREAD);
		if (n == 0)
			return (scan_stopped(&lg->scan) ? OLDLOG_AGAIN
							: OLDLOG_END);
		lg->end += (size_t)n;
	}
	return (OLDLOG_FLOW);
}

int
oldlog_is_segment(struct oldlog *lg)
{
	if (want(lg, BLOCK_MAGICLEN) == OLDLOG_AGAIN)
		return (-1);
	return (held(lg) >= BLOCK_MAGICLEN &&
	    memcmp(lg->buf, BLOCK_MAGIC, BLOCK_MAGICLEN) == 0);
}

/* What is wrong, and all that belongs to it is left behind. */
static enum oldlog_result
bad(struct oldlog *lg, enum store_err err, size_t len)
{
	lg->err = err;
	take(lg, len < held(lg) ? len : held(lg));
	return (OLDLOG_BAD);
}

/* The end is where it should not be. */
static enum oldlog_result
cut(struct oldlog *lg, enum oldlog_result e, enum oldlog_result where)
{
	if (e != OLDLOG_END)
		return (e);
	take(lg, held(lg));
	return (where);
}

/* The head of the file tells the version. */
static enum oldlog_result
begin(struct oldlog *lg)
{
	enum oldlog_result e = want(lg, STORE_V2_HDRLEN);
	struct rd rd = rd_init(lg->buf + lg->start, held(lg));
	uint32_t started;

	if (e != OLDLOG_FLOW && (e != OLDLOG_END || rd.left == 0))
		return (e);
	lg->begun = true;
	if (rd.p[0] != STORE_V2_MAGIC >> 24)
		return (OLDLOG_FLOW);
	lg->err = store_v2_header(&rd, &started);
	if (lg->err == STORE_SHORT)
		return (cut(lg, e, OLDLOG_CUT_HEADER));
	lg->lost = lg->err != STORE_OK;
	if (lg->lost)
		return (bad(lg, lg->err, held(lg)));
	lg->v2 = true;
	take(lg, STORE_V2_HDRLEN);
	return (OLDLOG_FLOW);
}

/* Records of version 2 have no length: what is bad is bad to the end. */
static enum oldlog_result
next_v2(struct oldlog *lg, struct store_record *rec)
{
	enum oldlog_result e = want(lg, STORE_RECMAX);
	struct rd rd = rd_init(lg->buf + lg->start, held(lg));

	if (e != OLDLOG_FLOW && (e != OLDLOG_END || rd.left == 0))
		return (e);
	lg->err = store_v2_read(&rd, rec);
	if (lg->err == STORE_SHORT)
		return (cut(lg, OLDLOG_END,
		    rd.left < 4 ? OLDLOG_CUT_HEADER : OLDLOG_CUT));
	if (lg->err != STORE_OK) {
		lg->lost = true;
		return (bad(lg, lg->err, held(lg)));
	}
	take(lg, held(lg) - rd.left);
	return (OLDLOG_FLOW);
}

static enum oldlog_result
next_v3(struct oldlog *lg, struct store_record *rec)
{
	enum oldlog_result e;
	struct rd rd;
	size_t len;

	if ((e = want(lg, STORE_HDRLEN)) != OLDLOG_FLOW)
		return (held(lg) == 0 ? e : cut(lg, e, OLDLOG_CUT_HEADER));
	len = STORE_HDRLEN + (size_t)lg->buf[lg->start + 1] * 4;
	if ((e = want(lg, len)) != OLDLOG_FLOW)
		return (cut(lg, e, OLDLOG_CUT));
	rd = rd_init(lg->buf + lg->start, len);
	if ((lg->err = store_read(&rd, rec)) != STORE_OK)
		return (bad(lg, lg->err, len));
	take(lg, len);
	return (OLDLOG_FLOW);
}

/* Where compressed bytes end, or are damaged, flows end early. */
static enum oldlog_result
packed(struct oldlog *lg, enum oldlog_result e)
{
	if ((e != OLDLOG_END && e != OLDLOG_CUT_HEADER && e != OLDLOG_CUT) ||
	    input_damage(lg->in) == NULL)
		return (e);
	lg->err = STORE_OK;
	lg->lost = true;
	return (OLDLOG_PACKED);
}

enum oldlog_result
oldlog_next(struct oldlog *lg, struct store_record *rec)
{
	enum oldlog_result e;

	lg->at = lg->offset;
	if (lg->lost)
		return (OLDLOG_END);
	if (!lg->begun && (e = begin(lg)) != OLDLOG_FLOW)
		return (packed(lg, e));
	lg->at = lg->offset;
	e = lg->v2 ? next_v2(lg, rec) : next_v3(lg, rec);
	return (packed(lg, e));
}
