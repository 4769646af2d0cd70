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

#include <string.h>

#include "archive/blockwr.h"
#include "archive/le.h"

#define SEALED 1 /* flags of the header */
#define TIMED 2

static size_t
aligned(size_t n)
{
	return ((n + 7) & ~(size_t)7);
}

void
blockwr_begin(struct blockwr *w, uint8_t *to, size_t room, uint32_t flows,
    const struct flow_set *shapes, uint16_t nshapes, uint16_t columns)
{
	uint32_t i, k;

	*w = (struct blockwr){.p = to,
	    .room = room & ~(size_t)7,
	    .flows = flows,
	    .most = columns,
	    .nshapes = nshapes};
	w->columns = BLOCK_HDRLEN + (size_t)nshapes * FLOW_WORDS * 8;
	w->at = w->columns + (size_t)columns * BLOCK_COLUMNLEN;
	w->parts = w->at;
	if (w->at > w->room) {
		w->failed = true;
		return;
	}
	memset(to, 0, w->at);
	to += BLOCK_HDRLEN;
	for (i = 0; i < nshapes; i++)
		for (k = 0; k < FLOW_WORDS; k++, to += 8)
			le64_put(to, shapes[i].w[k]);
}

uint8_t *
blockwr_room(struct blockwr *w, size_t len)
{
	uint8_t *p = w->p + w->at + w->used;

	if (w->failed || len > w->room - w->at - w->used) {
		w->failed = true;
		return (NULL);
	}
	w->used += aligned(len);
	return (p);
}

static bool
in_room(const struct blockwr *w, const uint8_t *p)
{
	return (p >= w->p + w->at && p < w->p + w->room);
}

/* Both parts to their places; what lies in the room may move either way. */
static void
place(struct blockwr *w, const struct block_column *c)
{
	uint8_t *dict = w->p + w->at;
	uint8_t *data = dict + aligned(c->dict.stored);
	const bool up = in_room(w, c->data.p) && c->data.p < data;

	if (up && c->data.stored > 0)
		memmove(data, c->data.p, c->data.stored);
	if (c->dict.stored > 0 && c->dict.p != dict)
		memmove(dict, c->dict.p, c->dict.stored);
	if (!up && c->data.stored > 0 && c->data.p != data)
		memmove(data, c->data.p, c->data.stored);
	memset(dict + c->dict.stored, 0,
	    aligned(c->dict.stored) - c->dict.stored);
	memset(data + c->data.stored, 0,
	    aligned(c->data.stored) - c->data.stored);
}

static void
put_entry(uint8_t *p, const struct block_column *c, uint32_t crc)
{
	le16_put(p, c->id);
	le16_put(p + 2, c->parent);
	p[4] = c->type;
	p[5] = c->scheme;
	p[6] = c->packing;
	p[7] = c->bits;
	p[8] = c->exponent;
	p[9] = c->dict.squeeze;
	p[10] = c->data.squeeze;
	p[11] = 0;
	le32_put(p + 12, c->ndict);
	le32_put(p + 16, c->dict.stored);
	le32_put(p + 20, c->dict.expanded);
	le32_put(p + 24, c->data.stored);
	le32_put(p + 28, c->data.expanded);
	le32_put(p + 32, crc);
	le32_put(p + 36, 0);
	le64_put(p + 40, c->min);
	le64_put(p + 48, c->max);
	le64_put(p + 56, c->sum);
	le64_put(p + 64, c->base);
}

void
blockwr_column(struct blockwr *w, const struct block_column *c)
{
	const size_t dict = aligned(c->dict.stored);
	const size_t data = aligned(c->data.stored);
	const uint8_t *p = w->p + w->at;
	uint32_t crc;

	if (w->failed || w->ncolumns >= w->most ||
	    dict + data > w->room - w->at) {
		w->failed = true;
		return;
	}
	place(w, c);
	crc = block_crc(0, p, c->dict.stored);
	crc = block_crc(crc, p + dict, c->data.stored);
	put_entry(w->p + w->columns + (size_t)w->ncolumns++ * BLOCK_COLUMNLEN,
	    c, crc);
	w->at += dict + data;
	w->used = 0;
}

/* Columns that were reserved and did not come leave no hole. */
static size_t
close_up(struct blockwr *w)
{
	const size_t end = w->columns + (size_t)w->ncolumns * BLOCK_COLUMNLEN;

	if (end < w->parts) {
		memmove(w->p + end, w->p + w->parts, w->at - w->parts);
		w->at -= w->parts - end;
	}
	return (end);
}

size_t
blockwr_end(struct blockwr *w, bool sealed, bool timed, int64_t first,
    int64_t last)
{
	uint8_t *p = w->p;
	size_t hdrlen;

	if (w->failed)
		return (0);
	hdrlen = close_up(w);
	if (w->at > BLOCK_MAX)
		return (0);
	memcpy(p, BLOCK_MAGIC, BLOCK_MAGICLEN);
	le32_put(p + 12, (uint32_t)hdrlen);
	le32_put(p + 16, (uint32_t)w->at);
	le32_put(p + 20, w->flows);
	le64_put(p + 24, (uint64_t)(timed ? first : 0));
	le64_put(p + 32, (uint64_t)(timed ? last : 0));
	le16_put(p + 40, w->ncolumns);
	le16_put(p + 42, w->nshapes);
	p[44] = FLOW_WORDS;
	p[45] = (uint8_t)((sealed ? SEALED : 0) | (timed ? TIMED : 0));
	le16_put(p + 46, BLOCK_COLUMNLEN);
	le32_put(p + 8, block_crc(0, p + 12, hdrlen - 12));
	return (w->at);
}
