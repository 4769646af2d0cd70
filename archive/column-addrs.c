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
 * Addresses as they came become codes.  A search that takes too long gives up
 * and takes the address for another one: whoever makes collisions on purpose
 * gets a longer dictionary, no slower reader.
 */

#include <string.h>

#include "archive/batch-state.h"
#include "archive/le.h"

#define PROBES_MAX 32
#define TABLE_MIN 4096

/*
 * An entry of the table: 32 bits to compare (of IPv4 all that there is), the
 * code, and the round that it is of.  One of another round is free, so nobody
 * has to clear the table; it is no larger than needed, so as to stay in the
 * cache.
 */
struct finder {
	uint64_t *table;
	uint32_t mask;
	uint16_t round;
	struct addr *addr;
	uint32_t n;
};

static uint32_t
slot_of(uint32_t tag)
{
	return (uint32_t)(tag * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static uint32_t
tag6(const uint8_t *p)
{
	const uint64_t v = (le64(p) * UINT64_C(0x9e3779b97f4a7c15)) ^
	    (le64(p + 8) * UINT64_C(0xc2b2ae3d27d4eb4f));

	return ((uint32_t)(v ^ v >> 32));
}

/* A free entry for a code, if there is one near. */
static void
insert(struct finder *f, uint32_t tag, uint32_t code)
{
	uint32_t at = slot_of(tag), i;

	for (i = 0; i < PROBES_MAX; i++, at++)
		if ((uint16_t)f->table[at & f->mask] != f->round) {
			f->table[at & f->mask] =
			    (uint64_t)tag << 32 | code << 16 | f->round;
			return;
		}
}

static void
next_round(struct batch *b, struct finder *f)
{
	if (++b->round == 0) {
		memset(f->table, 0, b->table.size);
		b->round = 1;
	}
	f->round = b->round;
}

static void
grow(struct batch *b, struct finder *f)
{
	const struct addr *a = f->addr;
	uint32_t i;

	f->mask = f->mask * 2 + 1;
	next_round(b, f);
	for (i = 0; i < f->n; i++)
		insert(f, a[i].family == ADDR_V4 ? le32(a[i].b) : tag6(a[i].b),
		    i);
}

static uint16_t
add(struct batch *b, struct finder *f, const struct addr *a, uint32_t tag)
{
	const uint32_t code = f->n;

	f->addr[code] = *a;
	insert(f, tag, f->n++);
	if (f->n > f->mask / 2)
		grow(b, f);
	return ((uint16_t)code);
}

static uint16_t
add_bytes(struct batch *b, struct finder *f, const uint8_t *p,
    unsigned int bytes, uint32_t tag)
{
	struct addr a = {.family = bytes == 4 ? ADDR_V4 : ADDR_V6};

	memcpy(a.b, p, bytes);
	return (add(b, f, &a, tag));
}

static void
find4(struct batch *b, struct finder *f, const uint8_t *p, uint16_t *codes)
{
	const uint8_t *const end = p + (size_t)b->flows * 4;
	uint32_t tag, at, i;
	uint64_t e;

	for (; p < end; p += 4, codes++) {
		tag = le32(p);
		at = slot_of(tag);
		for (i = 0; i < PROBES_MAX; i++, at++) {
			e = f->table[at & f->mask];
			if (e >> 32 == tag || (uint16_t)e != f->round)
				break;
		}
		*codes = i < PROBES_MAX && (uint16_t)e == f->round
		    ? (uint16_t)(e >> 16)
		    : add_bytes(b, f, p, 4, tag);
	}
}

static void
find6(struct batch *b, struct finder *f, const uint8_t *p, uint16_t *codes)
{
	const uint8_t *const end = p + (size_t)b->flows * 16;
	uint32_t tag, at, i;
	uint64_t e;

	for (; p < end; p += 16, codes++) {
		tag = tag6(p);
		at = slot_of(tag);
		for (i = 0; i < PROBES_MAX; i++, at++) {
			e = f->table[at & f->mask];
			if ((uint16_t)e != f->round ||
			    (e >> 32 == tag &&
				memcmp(f->addr[(uint16_t)(e >> 16)].b, p, 16) ==
				    0))
				break;
		}
		*codes = i < PROBES_MAX && (uint16_t)e == f->round
		    ? (uint16_t)(e >> 16)
		    : add_bytes(b, f, p, 16, tag);
	}
}

/* Of any family, or none. */
static struct addr
addr_of(const uint8_t *p, uint8_t family)
{
	struct addr a = {.family = family};

	if (family == ADDR_V4)
		memcpy(a.b, p + 12, 4);
	else
		memcpy(a.b, p, 16);
	return (a);
}

static void
find_mapped(struct batch *b, struct finder *f, const uint8_t *p,
    const uint8_t *family, uint16_t *codes)
{
	uint32_t tag, at, i, row;
	struct addr a;
	uint64_t e;

	for (row = 0; row < b->flows; row++, p += 16, codes++) {
		a = addr_of(p, family[row]);
		tag = a.family == ADDR_V4 ? le32(a.b) : tag6(a.b);
		at = slot_of(tag);
		for (i = 0; i < PROBES_MAX; i++, at++) {
			e = f->table[at & f->mask];
			if ((uint16_t)e != f->round ||
			    (e >> 32 == tag &&
				memcmp(&f->addr[(uint16_t)(e >> 16)], &a,
				    sizeof(a)) == 0))
				break;
		}
		*codes = i < PROBES_MAX && (uint16_t)e == f->round
		    ? (uint16_t)(e >> 16)
		    : add(b, f, &a, tag);
	}
}

/* Room for all; NULL: no memory. */
static uint16_t *
begin(struct batch *b, struct slot *s, struct finder *f)
{
	uint16_t *codes = mem_room(&s->codes, b->flows, sizeof(*codes));
	const size_t before = b->table.size;

	*f = (struct finder){.mask = TABLE_MIN - 1};
	f->addr = mem_room(&s->dict, b->flows + 1, sizeof(*f->addr));
	/* All of it at once: a table is at least half empty. */
	f->table = mem_room(&b->table, 4 * BLOCK_FLOWS, sizeof(*f->table));
	if (codes == NULL || f->addr == NULL || f->table == NULL)
		return (NULL);
	if (b->table.size != before)
		memset(f->table, 0, b->table.size);
	next_round(b, f);
	return (codes);
}

static void
end(struct slot *s, const struct finder *f, const uint16_t *codes)
{
	s->vec.kind = f->n == 1 ? VEC_CONST : VEC_CODES;
	s->vec.type = CT_ADDR;
	s->vec.codes = codes;
	s->vec.ndict = f->n;
	s->vec.addr = f->addr;
}

enum block_err
column_mapped(struct batch *b, struct slot *s, const uint8_t *p,
    const uint8_t *family)
{
	struct finder f;
	uint16_t *codes = begin(b, s, &f);

	if (codes == NULL)
		return (BLOCK_NOMEM);
	find_mapped(b, &f, p, family, codes);
	end(s, &f, codes);
	return (BLOCK_OK);
}

enum block_err
column_addrs(struct batch *b, struct slot *s, const uint8_t *p,
    unsigned int bytes)
{
	struct finder f;
	uint16_t *codes = begin(b, s, &f);

	if (codes == NULL)
		return (BLOCK_NOMEM);
	(bytes == 4 ? find4 : find6)(b, &f, p, codes);
	end(s, &f, codes);
	return (BLOCK_OK);
}
