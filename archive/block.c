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

#include "archive/block.h"
#include "archive/le.h"
#include "archive/member.h"

#define MAJOR(byte) ((byte) >> 5)
#define SEALED 1 /* flags of the header */
#define TIMED 2
#define UNREADABLE 0xf0 /* flags of versions to come that nobody may ignore */
#define COLUMNS_MAX 1024
#define EXPONENT_MAX 9

static size_t
aligned(size_t n)
{
	return ((n + 7) & ~(size_t)7);
}

const char *
block_strerror(enum block_err err)
{
	static const char *const texts[BLOCK_ERRS] = {
	    [BLOCK_OK] = "no error",
	    [BLOCK_EOF] = "end of the segment",
	    [BLOCK_SHORT] = "a block is cut",
	    [BLOCK_NOTONE] = "no block begins here",
	    [BLOCK_MAJOR] = "a block of a later version",
	    [BLOCK_CRC] = "a block's header is damaged",
	    [BLOCK_HEADER] = "a block's header contradicts itself",
	    [BLOCK_COLUMN_CRC] = "a column is damaged",
	    [BLOCK_COLUMN] = "a column contradicts itself",
	    [BLOCK_SQUEEZE] = "a column cannot be expanded",
	    [BLOCK_NOMEM] = "out of memory",
	};

	if ((unsigned int)err >= BLOCK_ERRS || texts[err] == NULL)
		return ("unknown error");
	return (texts[err]);
}

int
block_slot(unsigned int id)
{
	if (id < FLOW_NFIELDS)
		return ((int)id);
	if (id >= COL_SHAPE && id <= COL_SAMPLING)
		return ((int)(FLOW_NFIELDS + id - COL_SHAPE));
	return (-1);
}

/* Is it a block, and is its header whole?  All of it is there then. */
static enum block_err
check_header(const uint8_t *p, size_t left)
{
	static const char want[] = BLOCK_MAGIC;
	const size_t magic = left < BLOCK_MAGICLEN ? left : BLOCK_MAGICLEN;
	uint32_t hdrlen;

	if (left == 0)
		return (BLOCK_EOF);
	if (memcmp(p + 1, want + 1, magic - 1) != 0 ||
	    MAJOR(p[0]) < MAJOR(BLOCK_VERSION))
		return (BLOCK_NOTONE);
	if (MAJOR(p[0]) > MAJOR(BLOCK_VERSION))
		return (magic < BLOCK_MAGICLEN ? BLOCK_NOTONE : BLOCK_MAJOR);
	if (left < BLOCK_HDRLEN)
		return (BLOCK_SHORT);
	hdrlen = le32(p + 12);
	if (hdrlen < BLOCK_HDRLEN || hdrlen > BLOCK_HEADER_MAX ||
	    hdrlen % 8 != 0)
		return (BLOCK_HEADER);
	if (left < hdrlen)
		return (BLOCK_SHORT);
	return (block_crc(0, p + 12, hdrlen - 12) == le32(p + 8) ? BLOCK_OK
								 : BLOCK_CRC);
}

/* The numbers of the header; *columns is where the entries begin. */
static enum block_err
read_fixed(const uint8_t *p, struct block *b, size_t *entries, size_t *columns)
{
	const uint32_t hdrlen = le32(p + 12);
	const unsigned int words = p[44], entry = le16(p + 46);

	b->p = p;
	b->len = le32(p + 16);
	b->flows = le32(p + 20);
	b->first = (int64_t)le64(p + 24);
	b->last = (int64_t)le64(p + 32);
	b->nshapes = le16(p + 42);
	b->sealed = p[45] & SEALED;
	b->timed = p[45] & TIMED;
	*entries = le16(p + 40);
	if (p[45] & UNREADABLE)
		return (BLOCK_MAJOR);
	if (b->len % 8 != 0 || b->len < hdrlen || b->len > BLOCK_MAX ||
	    b->flows < 1 || b->flows > BLOCK_FLOWS || b->nshapes < 1 ||
	    b->nshapes > BLOCK_SHAPES || words < 1 || entry < BLOCK_COLUMNLEN ||
	    entry % 8 != 0 || *entries > COLUMNS_MAX)
		return (BLOCK_HEADER);
	*columns = BLOCK_HDRLEN + (size_t)b->nshapes * words * 8;
	if (*columns + *entries * entry > hdrlen)
		return (BLOCK_HEADER);
	return (BLOCK_OK);
}

static void
read_part(struct block_part *part, const uint8_t *entry, uint8_t squeeze,
    const uint8_t *p)
{
	part->p = p;
	part->stored = le32(entry);
	part->expanded = le32(entry + 4);
	part->squeeze = squeeze;
}

static void
read_entry(const uint8_t *e, struct block_column *c, const uint8_t *parts)
{
	c->id = le16(e);
	c->parent = le16(e + 2);
	c->type = e[4];
	c->scheme = e[5];
	c->packing = e[6];
	c->bits = e[7];
	c->exponent = e[8];
	c->ndict = le32(e + 12);
	read_part(&c->dict, e + 16, e[9], parts);
	read_part(&c->data, e + 24, e[10], parts + aligned(c->dict.stored));
	c->crc = le32(e + 32);
	c->min = le64(e + 40);
	c->max = le64(e + 48);
	c->sum = le64(e + 56);
	c->base = le64(e + 64);
}

/* Is it of a version to come, or does it need a column that is? */
static bool
is_strange(const struct block *b, const struct block_column *c)
{
	if (block_slot(c->id) == -1 || c->scheme >= CS_MAX ||
	    c->packing >= CP_MAX || c->dict.squeeze >= SQ_MAX ||
	    c->data.squeeze >= SQ_MAX || c->type != member_type(c->id))
		return (true);
	if (c->scheme == CS_UPTIME &&
	    (block_column(b, FLOW_SYS_UPTIME) == NULL ||
		block_column(b, FLOW_EXPORT_TIME) == NULL))
		return (true);
	return ((c->scheme == CS_DEPEND || c->scheme == CS_RELATIVE ||
		    c->scheme == CS_UPTIME) &&
	    block_column(b, c->parent) == NULL);
}

static enum block_err
add_column(struct block *b, const struct block_column *c)
{
	const int slot = block_slot(c->id);

	if (is_strange(b, c)) {
		b->nskipped++;
		return (BLOCK_OK);
	}
	if (b->where[slot] != 0 || c->bits > 64 || c->exponent > EXPONENT_MAX ||
	    (c->packing == CP_PLANES && c->bits % 8 != 0) ||
	    c->ndict > BLOCK_FLOWS)
		return (BLOCK_HEADER);
	b->columns[b->ncolumns] = *c;
	b->where[slot] = (uint8_t)++b->ncolumns;
	return (BLOCK_OK);
}

/* at: where they begin.  Each part is within the block. */
static enum block_err
read_columns(const uint8_t *p, struct block *b, size_t entries, size_t at)
{
	const unsigned int entry = le16(p + 46);
	size_t end = le32(p + 12), i, dict, data;
	struct block_column c;
	enum block_err err;

	for (i = 0; i < entries; i++, at += entry) {
		if (le32(p + at + 16) > BLOCK_MAX ||
		    le32(p + at + 24) > BLOCK_MAX)
			return (BLOCK_HEADER);
		dict = aligned(le32(p + at + 16));
		data = aligned(le32(p + at + 24));
		if (dict > b->len - end || data > b->len - end - dict)
			return (BLOCK_HEADER);
		read_entry(p + at, &c, p + end);
		/* A flag of versions to come: it is not what it seems. */
		if (p[at + 11] != 0)
			b->nskipped++;
		else if ((err = add_column(b, &c)) != BLOCK_OK)
			return (err);
		end += dict + data;
	}
	return (end == b->len ? BLOCK_OK : BLOCK_HEADER);
}

/*
 * Fields that we do not know, or whose column we cannot read, are not there
 * for us: a value that is not known is no 0.
 */
static enum block_err
read_shapes(const uint8_t *p, struct block *b)
{
	const unsigned int words = p[44];
	struct flow_set known = {{0}};
	unsigned int i, w;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if (b->where[i] != 0)
			known.w[i / 64] |= UINT64_C(1) << i % 64;
	b->any = (struct flow_set){{0}};
	b->all = known;
	for (i = 0; i < b->nshapes; i++)
		for (w = 0; w < FLOW_WORDS; w++) {
			b->shapes[i].w[w] = w >= words ? 0
						       : known.w[w] &
				le64(p + BLOCK_HDRLEN +
				    ((size_t)i * words + w) * 8);
			b->any.w[w] |= b->shapes[i].w[w];
			b->all.w[w] &= b->shapes[i].w[w];
		}
	if (b->nshapes == 1 || block_column(b, COL_SHAPE) != NULL)
		return (BLOCK_OK);
	/* Nobody can tell what a flow has. */
	return (b->nskipped > 0 ? BLOCK_MAJOR : BLOCK_HEADER);
}

enum block_err
block_read(struct rd *rd, struct block *b)
{
	enum block_err err;
	size_t entries = 0, columns = 0;

	b->ncolumns = b->nskipped = 0;
	b->len = 0;
	memset(b->where, 0, sizeof(b->where));
	if ((err = check_header(rd->p, rd->left)) != BLOCK_OK ||
	    (err = read_fixed(rd->p, b, &entries, &columns)) != BLOCK_OK)
		return (err);
	if (b->len > rd->left)
		return (BLOCK_SHORT);
	if ((err = read_columns(rd->p, b, entries, columns)) != BLOCK_OK ||
	    (err = read_shapes(rd->p, b)) != BLOCK_OK)
		return (err);
	return (rd_skip(rd, b->len) == -1 ? BLOCK_SHORT : BLOCK_OK);
}

const struct block_column *
block_column(const struct block *b, unsigned int id)
{
	const int slot = block_slot(id);

	if (slot == -1 || b->where[slot] == 0)
		return (NULL);
	return (&b->columns[b->where[slot] - 1]);
}

enum block_err
block_sums(const struct block *b)
{
	const unsigned int entry = le16(b->p + 46);
	const uint8_t *e =
	    b->p + BLOCK_HDRLEN + (size_t)le16(b->p + 42) * b->p[44] * 8;
	const uint8_t *part = b->p + le32(b->p + 12);
	unsigned int i;
	uint32_t crc;

	for (i = le16(b->p + 40); i > 0; i--, e += entry) {
		crc = block_crc(0, part, le32(e + 16));
		part += aligned(le32(e + 16));
		crc = block_crc(crc, part, le32(e + 24));
		part += aligned(le32(e + 24));
		if (crc != le32(e + 32))
			return (BLOCK_COLUMN_CRC);
	}
	return (BLOCK_OK);
}

size_t
block_resync(const struct rd *rd)
{
	static const char magic[] = BLOCK_MAGIC;
	const uint8_t *p = rd->p, *const end = rd->p + rd->left;

	if (rd->left == 0)
		return (0);
	/* The version's byte may be another: look for what is behind it. */
	for (p += 2; p < end; p++) {
		p = memmem(p, (size_t)(end - p), magic + 1, BLOCK_MAGICLEN - 1);
		if (p == NULL)
			break;
		if (check_header(p - 1, (size_t)(end - p) + 1) == BLOCK_OK)
			return ((size_t)(p - 1 - rd->p));
	}
	return (rd->left);
}
