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
 * What holds for the columns of any batch, whoever wrote the block.
 */

#ifndef VECS_H
#define VECS_H

#include <stdio.h>
#include <stdlib.h>

#include "archive/batch.h"

#define VECS_REQUIRE(x)                                                    \
	do {                                                               \
		if (!(x)) {                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
			    #x);                                           \
			abort();                                           \
		}                                                          \
	} while (0)

static inline uint64_t
vecs_limit(const struct batch *b, unsigned int id)
{
	static const uint64_t limits[FT_MAX] = {[FT_U8] = UINT8_MAX,
	    [FT_U16] = UINT16_MAX,
	    [FT_U32] = UINT32_MAX,
	    [FT_U64] = UINT64_MAX,
	    [FT_TIME] = UINT64_MAX};
	uint32_t n;

	(void)batch_shapes(b, &n);
	if (id == COL_SHAPE)
		return (n - 1);
	return (id < FLOW_NFIELDS ? limits[fields[id].type] : UINT8_MAX);
}

/* Of each byte, so that a checker sees what is not there. */
static inline unsigned int
vecs_text(const struct flow_text *t, unsigned int id)
{
	unsigned int sum = 0, i;

	VECS_REQUIRE(t->len <= FLOW_TEXT_MAX && id < FLOW_NFIELDS);
	if (fields[id].type == FT_MAC)
		VECS_REQUIRE(t->len == 0 || t->len == 6);
	if (fields[id].type == FT_APPID)
		VECS_REQUIRE(t->len <= FLOW_APPID_MAX);
	if (fields[id].type == FT_LABELS)
		VECS_REQUIRE(t->len <= FLOW_MPLS_MAX * 4 && t->len % 4 == 0);
	for (i = 0; i < t->len; i++)
		sum += (uint8_t)t->p[i];
	return (sum);
}

static inline void
vecs_check_dict(const struct batch *b, unsigned int id, const struct vec *v)
{
	const uint64_t limit = vecs_limit(b, id);
	unsigned int sum = 0;
	uint32_t i;

	VECS_REQUIRE(v->ndict >= 1 && v->ndict <= BLOCK_FLOWS);
	for (i = 0; i < v->ndict; i++)
		if (v->type == CT_ADDR)
			VECS_REQUIRE(v->addr[i].family == ADDR_NONE ||
			    v->addr[i].family == ADDR_V4 ||
			    v->addr[i].family == ADDR_V6);
		else if (v->type == CT_BYTES)
			sum += vecs_text(&v->bytes[i], id);
		else
			VECS_REQUIRE(v->num[i] <= limit);
	VECS_REQUIRE(sum <= v->ndict * 255U * 255U);
	for (i = 0; v->kind == VEC_CODES && i < v->n; i++)
		VECS_REQUIRE(v->codes[i] < v->ndict);
}

static inline void
vecs_check(const struct batch *b, unsigned int id, const struct vec *v)
{
	const uint64_t limit = vecs_limit(b, id);
	uint32_t i;

	VECS_REQUIRE(v->n == batch_flows(b) && v->n >= 1);
	if (v->kind == VEC_CONST || v->kind == VEC_CODES) {
		vecs_check_dict(b, id, v);
		return;
	}
	VECS_REQUIRE(v->type == CT_NUMBER || v->type == CT_TIME);
	for (i = 0; i < v->n; i++)
		VECS_REQUIRE(vec_number(v, i) <= limit);
}

/* All columns; returns how many could not be decoded. */
static inline unsigned int
vecs_check_all(struct batch *b)
{
	unsigned int id, bad = 0;
	const struct vec *v;
	enum block_err err;

	for (id = 0; id <= COL_SAMPLING;
	     id = id + 1 == FLOW_NFIELDS ? COL_SHAPE : id + 1) {
		if ((err = batch_column(b, id, &v)) != BLOCK_OK) {
			VECS_REQUIRE(v == NULL);
			VECS_REQUIRE(err == BLOCK_COLUMN_CRC ||
			    err == BLOCK_COLUMN || err == BLOCK_SQUEEZE);
			bad++;
		} else if (id < FLOW_NFIELDS)
			VECS_REQUIRE((v != NULL) == batch_any(b, id));
		if (v != NULL)
			vecs_check(b, id, v);
	}
	return (bad);
}

#endif /* VECS_H */
