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
 * Addresses as they came become codes.  The table is no larger than the rows
 * need, and a search that takes too long gives up and takes the address for
 * another one: whoever makes collisions on purpose gets a longer dictionary,
 * no slower reader.
 */

#include <string.h>

#include "archive/batch-state.h"
#include "archive/le.h"

#define PROBES_MAX 32
#define TABLE_MIN 64

struct finder {
	uint32_t *table; /* 0: free; else 1 + code */
	uint32_t mask;
	struct addr *addr;
	uint32_t n;
};

static uint64_t
mix(uint64_t v)
{
	v *= UINT64_C(0x9e3779b97f4a7c15);
	return (v ^ v >> 32);
}

static void
put_addr(struct addr *to, const uint8_t *p, unsigned int bytes)
{
	*to = (struct addr){.family = bytes == 4 ? ADDR_V4 : ADDR_V6};
	memcpy(to->b, p, bytes);
}

static uint16_t
find(struct finder *f, const uint8_t *p, unsigned int bytes, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & f->mask, i;

	for (i = 0; i < PROBES_MAX && f->table[at] != 0; i++) {
		if (memcmp(f->addr[f->table[at] - 1].b, p, bytes) == 0)
			return ((uint16_t)(f->table[at] - 1));
		at = (at + 1) & f->mask;
	}
	put_addr(&f->addr[f->n++], p, bytes);
	if (i < PROBES_MAX)
		f->table[at] = f->n;
	return ((uint16_t)(f->n - 1));
}

static void
find4(struct finder *f, const uint8_t *p, uint32_t n, uint16_t *codes)
{
	uint32_t i;

	for (i = 0; i < n; i++, p += 4)
		codes[i] = find(f, p, 4, mix(le32(p)));
}

static void
find6(struct finder *f, const uint8_t *p, uint32_t n, uint16_t *codes)
{
	uint32_t i;

	for (i = 0; i < n; i++, p += 16)
		codes[i] = find(f, p, 16, mix(mix(le64(p)) ^ le64(p + 8)));
}

enum block_err
column_addrs(struct batch *b, struct slot *s, const uint8_t *p,
    unsigned int bytes)
{
	uint16_t *codes = mem_room(&s->codes, b->flows, sizeof(*codes));
	struct finder f = {.mask = TABLE_MIN - 1};

	while (f.mask < 2 * b->flows)
		f.mask = f.mask * 2 + 1;
	f.addr = mem_room(&s->dict, b->flows, sizeof(*f.addr));
	f.table = mem_room(&b->table, f.mask + 1, sizeof(*f.table));
	if (codes == NULL || f.addr == NULL || f.table == NULL)
		return (BLOCK_NOMEM);
	memset(f.table, 0, (f.mask + 1) * sizeof(*f.table));
	(bytes == 4 ? find4 : find6)(&f, p, b->flows, codes);
	s->vec.kind = f.n == 1 ? VEC_CONST : VEC_CODES;
	s->vec.type = CT_ADDR;
	s->vec.codes = codes;
	s->vec.ndict = f.n;
	s->vec.addr = f.addr;
	return (BLOCK_OK);
}
