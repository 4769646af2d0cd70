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
 * Columns that have a dictionary, or should have one.
 */

#include <stdlib.h>
#include <string.h>

#include "archive/dict.h"
#include "archive/intern.h"
#include "archive/le.h"
#include "archive/packer.h"

static void
set_sketch(struct block_column *b, const struct addr *a, uint32_t n)
{
	uint64_t sketch[2];

	sketch_addrs(sketch, a, n);
	b->min = sketch[0];
	b->max = sketch[1];
}

static void
const_addr(struct packer *k, struct block_column *b, const struct addr *a)
{
	uint8_t *dict = blockwr_room(&k->w, dict_bound(CT_ADDR, 1, 0));

	if (dict == NULL)
		return;
	b->scheme = CS_CONST;
	pack_dict(b, dict, dict_put_addrs(dict, a, 1, DICT_QUICK), 1);
	set_sketch(b, a, 1);
}

#define FEW PACK_FEW /* their codes are of a byte */
#define FEW_SLOTS (2 * FEW)
#define FEW_SHIFT (32 - 9)

/* Distinct IPv4 addresses, as they are in memory. */
struct few {
	uint32_t n;
	uint32_t v[FEW];
	uint8_t slot[FEW_SLOTS]; /* the code; 0 is of the first, or free */
};

/* One that is not the first, and not in its slot; FEW: there is no room. */
static uint32_t
few_find(struct few *w, uint32_t v, uint32_t slot)
{
	while (w->slot[slot] != 0 && w->v[w->slot[slot]] != v)
		slot = (slot + 1) % FEW_SLOTS;
	if (w->slot[slot] != 0)
		return (w->slot[slot]);
	if (w->n == FEW)
		return (FEW);
	w->v[w->n] = v;
	w->slot[slot] = (uint8_t)w->n;
	return (w->n++);
}

/* False soon if these look like many. */
static bool
few_codes(struct few *w, const uint8_t *v, uint32_t n, uint8_t *to)
{
	uint32_t i, x, slot, code;

	memcpy(&w->v[0], v, sizeof(w->v[0]));
	w->n = 1;
	for (i = 0; i < n; i++) {
		memcpy(&x, v + i * 4UL, sizeof(x));
		slot = x * UINT32_C(0x9e3779b1) >> FEW_SHIFT;
		code = w->slot[slot];
		if (w->v[code] != x) {
			code = few_find(w, x, slot);
			if (code == FEW || w->n > 16 + i / 16)
				return (false);
		}
		to[i] = (uint8_t)code;
	}
	return (true);
}

/* Few next hops: a byte each. */
static bool
pack_few(struct packer *k, struct block_column *b, const uint8_t *v)
{
	struct addr a[FEW];
	struct few w = {.n = 0};
	uint8_t *dict = blockwr_room(&k->w, dict_bound(CT_ADDR, FEW, 0));
	uint8_t *codes = blockwr_room(&k->w, k->n);
	uint32_t i;

	if (dict == NULL || codes == NULL || !few_codes(&w, v, k->n, codes))
		return (false);
	for (i = 0; i < w.n; i++) {
		a[i] = (struct addr){.family = ADDR_V4};
		memcpy(a[i].b, &w.v[i], 4);
	}
	pack_dict(b, dict, dict_put_addrs(dict, a, w.n, DICT_QUICK), w.n);
	set_sketch(b, a, w.n);
	b->scheme = CS_DICT;
	b->bits = 8;
	pack_data(b, codes, k->n);
	return (true);
}

void
pack_ipv4(struct packer *k, struct block_column *b, const struct rows_column *c)
{
	struct addr a = {.family = ADDR_V4};
	const uint8_t *v = c->v;
	uint64_t sketch[2];

	memcpy(a.b, v, 4);
	if (memcmp(v, v + 4, (k->n - 1) * 4UL) == 0) {
		const_addr(k, b, &a);
		return;
	}
	if (k->n > FEW && pack_few(k, b, v))
		return;
	k->w.used = 0;
	sketch_ipv4(sketch, v, k->n);
	b->scheme = CS_ADDR4;
	b->min = sketch[0];
	b->max = sketch[1];
	pack_data(b, v, k->n * 4UL);
}

/* The codes of a dictionary of two or more, in a byte or two each. */
static void
put_codes(struct packer *k, struct block_column *b, const struct rows_column *c,
    const uint16_t *map, uint32_t ndict)
{
	const uint16_t *code = c->v;
	unsigned int bytes = pack_bytes(ndict - 1);
	uint8_t *to = blockwr_room(&k->w, (size_t)k->n * bytes);
	uint32_t i;

	if (to == NULL)
		return;
	if (bytes == 1)
		for (i = 0; i < k->n; i++)
			to[i] = (uint8_t)map[code[i]];
	else
		for (i = 0; i < k->n; i++)
			le16_put(to + i * 2UL, map[code[i]]);
	b->scheme = CS_DICT;
	b->bits = (uint8_t)(bytes * 8);
	pack_data(b, to, (size_t)k->n * bytes);
}

/* By family, as a dictionary has them; tells of each where it is. */
static uint32_t
order_addrs(const struct rows_column *c, struct addr *to, uint16_t *map)
{
	static const uint8_t families[] = {ADDR_V4, ADDR_V6};
	uint32_t i, n = 0;
	size_t f;

	for (f = 0; f < 2; f++)
		for (i = 1; i < c->ndict; i++)
			if (c->addr[i].family == families[f]) {
				map[i] = (uint16_t)n;
				to[n++] = c->addr[i];
			}
	map[0] = (uint16_t)n;
	if (c->index->none)
		to[n++] = c->addr[0];
	return (n);
}

void
pack_addrs(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	struct addr *a = reallocarray(NULL, c->ndict, sizeof(*a));
	uint16_t *map = reallocarray(NULL, c->ndict, sizeof(*map));
	uint8_t *dict;
	uint32_t n;

	if (a == NULL || map == NULL) {
		k->failed = true;
	} else if ((n = order_addrs(c, a, map)) == 1) {
		const_addr(k, b, a);
	} else if ((dict = blockwr_room(&k->w, dict_bound(CT_ADDR, n, 0))) !=
	    NULL) {
		pack_dict(b, dict, dict_put_addrs(dict, a, n, DICT_QUICK), n);
		set_sketch(b, a, n);
		put_codes(k, b, c, map, n);
	}
	free(a);
	free(map);
}

size_t
pack_text_bytes(const struct rows_column *c)
{
	size_t len = 0;
	uint32_t i;

	for (i = 0; i < c->ndict; i++)
		len += c->bytes[i].len;
	return (len);
}

void
pack_texts(struct packer *k, struct block_column *b,
    const struct rows_column *c)
{
	const uint32_t skip = c->index->none ? 0 : 1;
	const uint32_t n = c->ndict - skip;
	size_t bound = dict_bound(CT_BYTES, n, pack_text_bytes(c));
	uint16_t *map = reallocarray(NULL, c->ndict, sizeof(*map));
	uint8_t *dict = blockwr_room(&k->w, bound);
	uint32_t i;

	if (map == NULL || dict == NULL) {
		k->failed = true;
		free(map);
		return;
	}
	pack_dict(b, dict, dict_put_bytes(dict, c->bytes + skip, n), n);
	for (i = 0; i < c->ndict; i++)
		map[i] = (uint16_t)(i - skip);
	if (n == 1)
		b->scheme = CS_CONST;
	else
		put_codes(k, b, c, map, n);
	free(map);
}
