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
 * A column of a block becomes a vec.  What is here reads hostile bytes: each
 * part has to have just the length that its count of values needs before any
 * is read, so that nothing expands beyond what the rows allow; codes are below
 * the dictionary's count, runs add up to the rows, and numbers fit the member
 * of the flow, because who asks may count by them.
 */

#include <string.h>

#include "archive/batch-state.h"
#include "archive/ints.h"
#include "archive/series.h"

#define RUN_BITS 17 /* of the longest run */
#define CODE_BITS 16

/* clang-format off */
static const uint64_t units[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000
};
/* clang-format on */

typedef enum block_err scheme_fn(struct batch *, struct slot *,
    const struct block_column *);

enum block_err
column_whole(struct batch *b, struct slot *s, const struct block_column *c)
{
	uint32_t crc;

	if (s->whole == b->filling)
		return (BLOCK_OK);
	if (b->fetch != NULL)
		b->fetch(b->fetch_arg, c);
	crc = block_crc(0, c->dict.p, c->dict.stored);
	if (block_crc(crc, c->data.p, c->data.stored) != c->crc)
		return (BLOCK_COLUMN_CRC);
	b->bytes_read += (uint64_t)c->dict.stored + c->data.stored;
	s->whole = b->filling;
	return (BLOCK_OK);
}

/* The bytes of n integers of the data. */
static enum block_err
data_get(struct batch *b, const struct block_column *c, uint32_t n,
    const uint8_t **p)
{
	const size_t size = ints_size(c->packing, c->bits, n);

	if (c->data.expanded != size)
		return (BLOCK_COLUMN);
	return (column_part(b, &b->scratch, &c->data, size, p));
}

/* All rows have one number. */
static enum block_err
constant(struct slot *s, uint64_t number)
{
	uint64_t *num = mem_room(&s->dict, 2, sizeof(*num));

	if (num == NULL)
		return (BLOCK_NOMEM);
	*num = number;
	s->vec.kind = VEC_CONST;
	s->vec.ndict = 1;
	s->vec.num = num;
	return (BLOCK_OK);
}

static enum block_err
decode_const(struct batch *b, struct slot *s, const struct block_column *c)
{
	if (c->type == CT_NUMBER || c->type == CT_TIME)
		return (constant(s, c->base));
	s->vec.kind = VEC_CONST;
	return (c->ndict == 1 ? column_dict(b, s, c) : BLOCK_COLUMN);
}

/*
 * Do 32 bits do?  Of a product and a sum that may be larger the header tells,
 * but not of flows without the field; if it lies, the numbers of this block are
 * wrong, and fit nevertheless.
 */
static bool
is_narrow(const struct batch *b, const struct block_column *c)
{
	const uint64_t unit = units[c->exponent];
	uint64_t most;

	if (c->type != CT_NUMBER || c->bits > 32)
		return (false);
	most = ((UINT64_C(1) << c->bits) - 1) * unit;
	if (c->scheme == CS_PLAIN && c->base <= UINT32_MAX &&
	    most <= UINT32_MAX - c->base)
		return (true);
	return (!b->strict && c->max <= UINT32_MAX && c->min <= c->max &&
	    column_of_all(b->block, c->id));
}

/* u becomes base + unit * u, or what sums up to, in place. */
static void
narrow_finish(uint32_t *v, uint32_t n, const struct block_column *c)
{
	const uint32_t unit = (uint32_t)units[c->exponent];
	uint32_t sum = (uint32_t)c->base, i;

	if (c->scheme == CS_DELTA)
		for (i = 0; i < n; i++) {
			sum += (v[i] >> 1 ^ -(v[i] & 1)) * unit;
			v[i] = sum;
		}
	else if (unit != 1)
		for (i = 0; i < n; i++)
			v[i] = sum + v[i] * unit;
	else if (sum != 0)
		for (i = 0; i < n; i++)
			v[i] += sum;
}

static enum block_err
narrow(struct batch *b, struct slot *s, const struct block_column *c,
    const uint8_t *p)
{
	uint32_t *v = mem_room(&s->values, b->flows, sizeof(*v));

	if (v == NULL)
		return (BLOCK_NOMEM);
	ints_get32(v, p, c->packing, c->bits, b->flows);
	narrow_finish(v, b->flows, c);
	s->vec.kind = VEC_U32;
	s->vec.u32 = v;
	return (BLOCK_OK);
}

/* The data of a column as a row of numbers. */
static struct series
series_of(const struct batch *b, const struct block_column *c, const uint8_t *p)
{
	return ((struct series){.n = b->flows,
	    .form = c->scheme == CS_DELTA ? SF_DELTA : SF_PLAIN,
	    .packing = c->packing,
	    .bits = c->bits,
	    .base = c->base,
	    .unit = units[c->exponent],
	    .p = p,
	    .end = p + c->data.expanded});
}

enum block_err
column_series(struct batch *b, const struct block_column *c, struct series *s)
{
	struct slot *slot = &b->slots[block_slot(c->id)];
	enum block_err err;
	const uint8_t *p;

	if ((err = column_whole(b, slot, c)) != BLOCK_OK ||
	    (err = data_get(b, c, b->flows, &p)) != BLOCK_OK)
		return (err);
	*s = series_of(b, c, p);
	return (BLOCK_OK);
}

static enum block_err
wide(struct batch *b, struct slot *s, const struct block_column *c,
    const uint8_t *p)
{
	uint64_t *v = mem_room(&s->values, b->flows, sizeof(*v));
	struct series row = series_of(b, c, p);

	if (v == NULL)
		return (BLOCK_NOMEM);
	s->vec.kind = VEC_U64;
	s->vec.u64 = v;
	while (row.at < row.n)
		v += series_next(&row, v);
	return (BLOCK_OK);
}

static enum block_err
decode_plain(struct batch *b, struct slot *s, const struct block_column *c)
{
	const uint8_t *p;
	enum block_err err;

	if (c->type != CT_NUMBER && c->type != CT_TIME)
		return (BLOCK_COLUMN);
	if ((err = data_get(b, c, b->flows, &p)) != BLOCK_OK)
		return (err);
	if (c->bits == 0)
		return (constant(s, c->base));
	return (is_narrow(b, c) ? narrow(b, s, c, p) : wide(b, s, c, p));
}

/* Eight at a time, which becomes one instruction or two. */
static bool
codes_fit(const uint16_t *codes, uint32_t n, uint32_t ndict)
{
	uint16_t most[8] = {0};
	uint32_t i, k;

	for (i = 0; i + 8 <= n; i += 8)
		for (k = 0; k < 8; k++)
			most[k] =
			    most[k] > codes[i + k] ? most[k] : codes[i + k];
	for (; i < n; i++)
		most[0] = most[0] > codes[i] ? most[0] : codes[i];
	for (k = 1; k < 8; k++)
		most[0] = most[0] > most[k] ? most[0] : most[k];
	return (most[0] < ndict);
}

static enum block_err
decode_dict(struct batch *b, struct slot *s, const struct block_column *c)
{
	enum block_err err;
	const uint8_t *p;
	uint16_t *codes;

	if (c->bits > CODE_BITS)
		return (BLOCK_COLUMN);
	if ((err = column_dict(b, s, c)) != BLOCK_OK ||
	    (err = data_get(b, c, b->flows, &p)) != BLOCK_OK)
		return (err);
	if (c->bits == 0) {
		s->vec.kind = VEC_CONST;
		return (BLOCK_OK);
	}
	if ((codes = mem_room(&s->codes, b->flows, sizeof(*codes))) == NULL)
		return (BLOCK_NOMEM);
	ints_get16(codes, p, c->packing, c->bits, b->flows);
	s->vec.kind = VEC_CODES;
	s->vec.codes = codes;
	return (UINT32_C(1) << c->bits <= c->ndict ||
		    codes_fit(codes, b->flows, c->ndict)
		? BLOCK_OK
		: BLOCK_COLUMN);
}

/* Up to SLACK more than there are, which the next run overwrites. */
#define SLACK 7

static void
fill_codes(uint16_t *to, uint32_t n, uint16_t code)
{
	const uint64_t four = code * UINT64_C(0x0001000100010001);
	uint32_t i;

	for (i = 0; i < n; i += 8) {
		memcpy(to + i, &four, sizeof(four));
		memcpy(to + i + 4, &four, sizeof(four));
	}
}

/* Run k has the code k; each has a row at least. */
static enum block_err
spread(uint16_t *codes, uint32_t n, const struct block_column *c,
    const uint8_t *p)
{
	struct series row = {.n = c->ndict,
	    .packing = c->packing,
	    .bits = c->bits,
	    .unit = 1,
	    .p = p,
	    .end = p + c->data.expanded};
	uint64_t len[SERIES_CHUNK];
	uint32_t i, k, code = 0;

	while ((k = series_next(&row, len)) > 0)
		for (i = 0; i < k; i++, code++) {
			if (len[i] == 0 || len[i] > n)
				return (BLOCK_COLUMN);
			n -= (uint32_t)len[i];
			fill_codes(codes, (uint32_t)len[i], (uint16_t)code);
			codes += len[i];
		}
	return (n == 0 ? BLOCK_OK : BLOCK_COLUMN);
}

static enum block_err
decode_runs(struct batch *b, struct slot *s, const struct block_column *c)
{
	enum block_err err;
	const uint8_t *p;
	uint16_t *codes;

	if (c->bits > RUN_BITS + 7)
		return (BLOCK_COLUMN);
	if ((err = column_dict(b, s, c)) != BLOCK_OK ||
	    (err = data_get(b, c, c->ndict, &p)) != BLOCK_OK)
		return (err);
	codes = mem_room(&s->codes, b->flows + SLACK, sizeof(*codes));
	if (codes == NULL)
		return (BLOCK_NOMEM);
	s->vec.kind = c->ndict == 1 ? VEC_CONST : VEC_CODES;
	s->vec.codes = codes;
	return (spread(codes, b->flows, c, p));
}

/* Does a column of the scheme have codes of its own? */
static bool
has_codes(const struct block_column *c)
{
	return (c != NULL &&
	    (c->scheme == CS_CONST || c->scheme == CS_DICT ||
		c->scheme == CS_RUNS));
}

static enum block_err
decode_depend(struct batch *b, struct slot *s, const struct block_column *c)
{
	const struct vec *parent;
	enum block_err err;

	if (!has_codes(block_column(b->block, c->parent)) ||
	    c->data.expanded != 0 || c->data.stored != 0)
		return (BLOCK_COLUMN);
	if ((err = batch_raw(b, c->parent, &parent)) != BLOCK_OK)
		return (err);
	if (parent->ndict != c->ndict)
		return (BLOCK_COLUMN);
	s->vec.kind = parent->kind;
	s->vec.codes = parent->codes;
	return (column_dict(b, s, c));
}

void
vec_numbers(const struct vec *v, uint32_t from, uint32_t n, uint64_t *to)
{
	uint32_t i;

	switch (v->kind) {
	case VEC_CONST:
		for (i = 0; i < n; i++)
			to[i] = v->num[0];
		return;
	case VEC_CODES:
		for (i = 0; i < n; i++)
			to[i] = v->num[v->codes[from + i]];
		return;
	case VEC_U32:
		for (i = 0; i < n; i++)
			to[i] = v->u32[from + i];
		return;
	case VEC_U64:
		memcpy(to, v->u64 + from, n * sizeof(*to));
		return;
	}
}

static void
relative_narrow(uint32_t *to, struct series *row, const struct vec *parent)
{
	uint64_t u[SERIES_CHUNK], v[SERIES_CHUNK];
	uint32_t at, i, k;

	for (at = 0; (k = series_next(row, u)) > 0; at += k) {
		vec_numbers(parent, at, k, v);
		for (i = 0; i < k; i++)
			to[at + i] = (uint32_t)(u[i] + v[i]);
	}
}

static void
relative_wide(uint64_t *to, struct series *row, const struct vec *parent)
{
	uint64_t v[SERIES_CHUNK];
	const uint64_t *from = v;
	uint32_t at, i, k;

	for (at = 0; (k = series_next(row, to)) > 0; at += k, to += k) {
		if (parent->kind == VEC_U64)
			from = parent->u64 + at;
		else
			vec_numbers(parent, at, k, v);
		for (i = 0; i < k; i++)
			to[i] += from[i];
	}
}

static bool
has_numbers(const struct vec *v)
{
	return (v != NULL && (v->type == CT_NUMBER || v->type == CT_TIME));
}

static enum block_err
decode_relative(struct batch *b, struct slot *s, const struct block_column *c)
{
	const bool small = is_narrow(b, c);
	const struct vec *parent;
	struct series row;
	enum block_err err;
	const uint8_t *p;
	void *to;

	if ((err = batch_raw(b, c->parent, &parent)) != BLOCK_OK ||
	    (err = data_get(b, c, b->flows, &p)) != BLOCK_OK)
		return (err);
	if (!has_numbers(parent) ||
	    (c->type != CT_NUMBER && c->type != CT_TIME))
		return (BLOCK_COLUMN);
	row = series_of(b, c, p);
	s->vec.kind = small ? VEC_U32 : VEC_U64;
	if ((to = mem_room(&s->values, b->flows, small ? 4 : 8)) == NULL)
		return (BLOCK_NOMEM);
	if (small)
		relative_narrow(s->values.p, &row, parent);
	else
		relative_wide(s->values.p, &row, parent);
	s->vec.u32 = to;
	s->vec.u64 = to;
	return (BLOCK_OK);
}

/* Uptime, export time, and the time that is told by them. */
static void
uptimes(uint32_t *to, uint32_t n, const struct vec *const of[3])
{
	uint64_t up[SERIES_CHUNK], export[SERIES_CHUNK], t[SERIES_CHUNK];
	uint32_t at, i, k;

	for (at = 0; at < n; at += k) {
		k = n - at < SERIES_CHUNK ? n - at : SERIES_CHUNK;
		vec_numbers(of[0], at, k, up);
		vec_numbers(of[1], at, k, export);
		vec_numbers(of[2], at, k, t);
		for (i = 0; i < k; i++)
			to[at + i] = (uint32_t)(up[i] +
			    (uint64_t)((int64_t)(t[i] - export[i]) /
				NSEC_PER_MSEC));
	}
}

static enum block_err
decode_uptime(struct batch *b, struct slot *s, const struct block_column *c)
{
	const unsigned int ids[3] = {FLOW_SYS_UPTIME, FLOW_EXPORT_TIME,
	    c->parent};
	const struct vec *of[3];
	enum block_err err;
	uint32_t *v;
	unsigned int i;

	if (c->data.expanded != 0 || c->data.stored != 0 ||
	    c->id >= FLOW_NFIELDS)
		return (BLOCK_COLUMN);
	for (i = 0; i < 3; i++) {
		if ((err = batch_raw(b, ids[i], &of[i])) != BLOCK_OK)
			return (err);
		if (!has_numbers(of[i]))
			return (BLOCK_COLUMN);
	}
	if ((v = mem_room(&s->values, b->flows, sizeof(*v))) == NULL)
		return (BLOCK_NOMEM);
	uptimes(v, b->flows, of);
	s->vec.kind = VEC_U32;
	s->vec.u32 = v;
	return (BLOCK_OK);
}

static enum block_err
decode_addrs(struct batch *b, struct slot *s, const struct block_column *c)
{
	const unsigned int bytes = c->scheme == CS_ADDR4 ? 4 : 16;
	const size_t size = (size_t)b->flows * bytes;
	enum block_err err;
	const uint8_t *p;

	if (c->type != CT_ADDR || c->data.expanded != size)
		return (BLOCK_COLUMN);
	if ((err = column_part(b, &b->scratch, &c->data, size, &p)) != BLOCK_OK)
		return (err);
	return (column_addrs(b, s, p, bytes));
}

/* The largest number that is one of the column. */
static uint64_t
limit_of(const struct batch *b, const struct block_column *c)
{
	static const uint64_t limits[FT_MAX] = {[FT_U8] = UINT8_MAX,
	    [FT_U16] = UINT16_MAX,
	    [FT_U32] = UINT32_MAX,
	    [FT_U64] = UINT64_MAX,
	    [FT_TIME] = UINT64_MAX};

	if (c->id == COL_SHAPE)
		return (b->block->nshapes - 1);
	return (c->id < FLOW_NFIELDS ? limits[fields[c->id].type] : UINT8_MAX);
}

static bool
all_below(const uint64_t *v, uint32_t n, uint64_t limit)
{
	uint32_t i;
	bool ok = true;

	for (i = 0; i < n; i++)
		ok &= v[i] <= limit;
	return (ok);
}

static bool
all_below32(const uint32_t *v, uint32_t n, uint32_t limit)
{
	uint32_t i, most = 0;

	for (i = 0; i < n; i++)
		if (v[i] > most)
			most = v[i];
	return (most <= limit);
}

/* Does the widest u make no number that is too large? */
static bool
is_plainly_below(const struct block_column *c, uint64_t limit)
{
	const uint64_t most =
	    c->bits < 32 ? (UINT64_C(1) << c->bits) - 1 : UINT32_MAX;

	return (c->scheme == CS_PLAIN && c->bits <= 32 && c->base <= limit &&
	    most * units[c->exponent] <= limit - c->base);
}

enum block_err
column_fits(const struct batch *b, const struct vec *v,
    const struct block_column *c)
{
	const uint64_t limit = limit_of(b, c);
	bool ok = true;

	if (!has_numbers(v) || limit == UINT64_MAX ||
	    is_plainly_below(c, limit))
		return (BLOCK_OK);
	if (v->kind == VEC_U64)
		ok = all_below(v->u64, v->n, limit);
	else if (v->kind == VEC_U32)
		ok = limit >= UINT32_MAX ||
		    all_below32(v->u32, v->n, (uint32_t)limit);
	else
		ok = all_below(v->num, v->ndict, limit);
	return (ok ? BLOCK_OK : BLOCK_COLUMN);
}

enum block_err
column_decode(struct batch *b, struct slot *s, const struct block_column *c)
{
	static scheme_fn *const decode[CS_MAX] = {[CS_CONST] = decode_const,
	    [CS_PLAIN] = decode_plain,
	    [CS_DELTA] = decode_plain,
	    [CS_DICT] = decode_dict,
	    [CS_RUNS] = decode_runs,
	    [CS_DEPEND] = decode_depend,
	    [CS_RELATIVE] = decode_relative,
	    [CS_UPTIME] = decode_uptime,
	    [CS_ADDR4] = decode_addrs,
	    [CS_ADDR6] = decode_addrs};
	enum block_err err;

	if ((err = column_whole(b, s, c)) != BLOCK_OK)
		return (err);
	s->vec = (struct vec){.type = c->type, .n = b->flows};
	return (decode[c->scheme](b, s, c));
}
