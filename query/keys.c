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

#include <stdio.h>
#include <string.h>

#include "query/keys.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SIGN ((uint64_t)1 << 63)

/* Fields that are each other's in the other direction. */
static const struct {
	uint8_t source, destination;
} ends[] = {
    {FLOW_SRC_ADDR, FLOW_DST_ADDR},
    {FLOW_SRC_PORT, FLOW_DST_PORT},
    {FLOW_SRC_PREFIX, FLOW_DST_PREFIX},
    {FLOW_SRC_AS, FLOW_DST_AS},
    {FLOW_SRC_MASK, FLOW_DST_MASK},
    {FLOW_IN_IF, FLOW_OUT_IF},
    {FLOW_IN_VRF, FLOW_OUT_VRF},
    {FLOW_IN_SRC_MAC, FLOW_OUT_DST_MAC},
    {FLOW_IN_DST_MAC, FLOW_OUT_SRC_MAC},
    {FLOW_POST_NAT_SRC_ADDR, FLOW_POST_NAT_DST_ADDR},
    {FLOW_POST_NAT_SRC_PORT, FLOW_POST_NAT_DST_PORT},
    {FLOW_SRC_PEER_AS, FLOW_DST_PEER_AS},
    {FLOW_IN_IF_NAME, FLOW_OUT_IF_NAME},
    {FLOW_IN_VRF_NAME, FLOW_OUT_VRF_NAME},
};

/* clang-format off */
static const struct {
	enum key_kind kind;
	uint8_t nbits;
	uint16_t words;
} types[FT_MAX] = {
	[FT_U8] = { KEY_NUMBER, 8, 1 },
	[FT_U16] = { KEY_NUMBER, 16, 1 },
	[FT_U32] = { KEY_NUMBER, 32, 1 },
	[FT_U64] = { KEY_NUMBER, 64, 1 },
	[FT_TIME] = { KEY_TIME, 64, 1 },
	[FT_ADDR] = { KEY_ADDR, 32, 2 },
	[FT_MAC] = { KEY_MAC, 48, 1 },
	[FT_APPID] = { KEY_BYTES, 0, (FLOW_APPID_MAX + 1 + 7) / 8 },
	[FT_LABELS] = { KEY_BYTES, 0, (FLOW_MPLS_MAX * 4 + 1 + 7) / 8 },
	[FT_TEXT] = { KEY_BYTES, 0, (FLOW_TEXT_MAX + 1 + 7) / 8 },
};
/* clang-format on */

static const struct field *
other_end(const struct field *f)
{
	size_t i;

	for (i = 0; i < COUNT(ends); i++) {
		if (f->bit == ends[i].source)
			return (&fields[ends[i].destination]);
		if (f->bit == ends[i].destination)
			return (&fields[ends[i].source]);
	}
	return (NULL);
}

/* Behind what is there, in the same word if it fits. */
static void
place(unsigned int *at, unsigned int bits, uint16_t *word, uint8_t *shift)
{
	if (*at % 64 + bits > 64)
		*at = (*at + 63) / 64 * 64;
	*word = (uint16_t)(*at / 64);
	*shift = (uint8_t)(bits > 64 ? 0 : 64 - *at % 64 - bits);
	*at += bits;
}

static void
lay_out(struct keys *k)
{
	unsigned int i, narrow = 0, wide = (k->n * 8 + 63) / 64 * 64;
	bool fits = true;
	struct key_part *p;

	for (i = 0; i < k->n; i++) {
		p = &k->part[i];
		k->bits += p->nbits;
		fits = fits && p->nbits > 0;
		place(&narrow, p->nbits, &p->narrow, &p->narrow_shift);
		if (p->kind == KEY_ADDR || p->kind == KEY_BYTES)
			wide = (wide + 63) / 64 * 64;
		place(&wide, p->words > 1 ? p->words * 64 : p->nbits, &p->wide,
		    &p->wide_shift);
	}
	k->narrow = fits ? (narrow + 63) / 64 : 0;
	k->wide = (wide + 63) / 64;
	/* No key at all is one group. */
	if (k->n == 0)
		k->narrow = k->wide = 1;
}

static void
part_init(struct key_part *p, const struct key *key)
{
	p->field = key->field;
	p->other = key->either ? other_end(key->field) : NULL;
	p->kind = types[key->field->type].kind;
	p->nbits = types[key->field->type].nbits;
	p->words = types[key->field->type].words;
	p->bits4 = key->bits4 > 32 ? 32 : key->bits4;
	p->bits6 = key->bits6 > 128 ? 128 : key->bits6;
	p->twin = KEY_NONE;
}

static void
find_twins(struct keys *k)
{
	const struct field *other;
	unsigned int i, j;

	for (i = 0; i < k->n; i++) {
		if (k->part[i].field == NULL || k->part[i].other != NULL ||
		    (other = other_end(k->part[i].field)) == NULL)
			continue;
		for (j = 0; j < k->n; j++)
			if (k->part[j].field == other &&
			    k->part[j].other == NULL &&
			    k->part[j].bits4 == k->part[i].bits4 &&
			    k->part[j].bits6 == k->part[i].bits6)
				k->part[i].twin = (uint8_t)j;
	}
}

bool
keys_have_ends(const struct question *q)
{
	bool src = false, dst = false;
	size_t i;

	for (i = 0; i < q->nkeys; i++) {
		src = src ||
		    (q->keys[i].field->bit == FLOW_SRC_ADDR &&
			!q->keys[i].either);
		dst = dst || q->keys[i].field->bit == FLOW_DST_ADDR;
	}
	return (src && dst);
}

void
keys_init(struct keys *k, const struct question *q)
{
	size_t i;

	memset(k, 0, sizeof(*k));
	if (q->every > 0) {
		k->part[0].kind = KEY_TIME;
		k->part[0].nbits = 64;
		k->part[0].words = 1;
		k->part[0].twin = KEY_NONE;
		k->n = 1;
	}
	for (i = 0; i < q->nkeys && k->n < KEY_PARTS; i++) {
		part_init(&k->part[k->n], &q->keys[i]);
		if (k->part[k->n++].other != NULL)
			k->either = true;
	}
	if (q->bidirectional && !k->either && keys_have_ends(q)) {
		k->both = true;
		find_twins(k);
	}
	lay_out(k);
}

static void
need(struct flow_set *set, enum flow_field bit)
{
	set->w[bit / 64] |= (uint64_t)1 << bit % 64;
}

void
keys_needs(const struct keys *k, struct flow_set *set)
{
	unsigned int i;

	for (i = 0; i < k->n; i++) {
		if (k->part[i].field == NULL) {
			need(set, FLOW_START);
			need(set, FLOW_RECV_TIME);
		} else
			need(set, k->part[i].field->bit);
		if (k->part[i].other != NULL)
			need(set, k->part[i].other->bit);
	}
}

static uint64_t
cut(uint64_t word, unsigned int shift, unsigned int bits)
{
	word >>= shift;
	return (bits == 64 ? word : word & (((uint64_t)1 << bits) - 1));
}

void
keys_value(const struct keys *k, const uint64_t *w, bool wide,
    unsigned int part, struct key_value *v)
{
	const struct key_part *p = &k->part[part];

	memset(v, 0, sizeof(*v));
	if (!wide) {
		v->tag = p->kind == KEY_ADDR ? TAG_V4 : TAG_SOME;
		v->hi = cut(w[p->narrow], p->narrow_shift, p->nbits);
		if (p->kind == KEY_ADDR)
			v->hi <<= 32;
		return;
	}
	v->tag = (uint8_t)(w[part / 8] >> (56 - part % 8 * 8));
	if (p->kind == KEY_BYTES)
		v->bytes = w + p->wide;
	else if (p->kind == KEY_ADDR) {
		v->hi = w[p->wide];
		v->lo = w[p->wide + 1];
	} else
		v->hi = cut(w[p->wide], p->wide_shift, p->nbits);
}

static void
put_word(uint8_t *to, uint64_t word)
{
	int i;

	for (i = 0; i < 8; i++)
		to[i] = (uint8_t)(word >> (56 - 8 * i));
}

static void
addr_cell(const struct key_part *p, const struct key_value *v, struct cell *c)
{
	struct prefix *x = &c->u.prefix;

	c->type = CELL_PREFIX;
	memset(x, 0, sizeof(*x));
	x->addr.family = v->tag;
	x->len = v->tag == TAG_V4 ? p->bits4 : p->bits6;
	put_word(x->addr.b, v->hi);
	put_word(x->addr.b + 8, v->lo);
}

static void
bytes_cell(const struct key_part *p, const struct key_value *v, char *buf,
    struct cell *c)
{
	unsigned int i;

	c->type = CELL_BYTES;
	c->u.bytes.p = buf;
	if (p->kind == KEY_MAC) {
		put_word((uint8_t *)buf, v->hi << 16);
		c->u.bytes.len = 6;
		return;
	}
	for (i = 0; i < p->words; i++)
		put_word((uint8_t *)buf + i * 8, v->bytes[i]);
	c->u.bytes.len = v->bytes[p->words - 1] & 0xff;
}

void
keys_cell(const struct keys *k, const uint64_t *w, bool wide, unsigned int part,
    char *buf, struct cell *c)
{
	const struct key_part *p = &k->part[part];
	struct key_value v;

	keys_value(k, w, wide, part, &v);
	c->type = CELL_NONE;
	if (v.tag == TAG_NONE)
		return;
	switch (p->kind) {
	case KEY_ADDR:
		addr_cell(p, &v, c);
		return;
	case KEY_TIME:
		c->type = CELL_TIME;
		c->u.time = (int64_t)(v.hi ^ SIGN);
		return;
	case KEY_NUMBER:
		c->type = CELL_NUMBER;
		c->u.number = v.hi;
		return;
	case KEY_MAC:
	case KEY_BYTES:
	case KEY_KINDS:
	default:
		bytes_cell(p, &v, buf, c);
	}
}

/* "src_addr/24"; of either end without its first word. */
void
keys_column(const struct keys *k, unsigned int part, struct sheet_column *c)
{
	const struct key_part *p = &k->part[part];
	const char *name, *end;
	size_t len;

	memset(c, 0, sizeof(*c));
	c->field = p->field;
	name = p->field == NULL ? "time" : p->field->name;
	if (p->other != NULL && (end = strchr(name, '_')) != NULL)
		name = end + 1;
	snprintf(c->name, sizeof(c->name), "%s", name);
	len = strlen(c->name);
	if (p->kind == KEY_ADDR && p->bits4 < 32)
		len += (size_t)snprintf(c->name + len, sizeof(c->name) - len,
		    "/%u", p->bits4);
	if (p->kind == KEY_ADDR && p->bits6 < 128)
		snprintf(c->name + len, sizeof(c->name) - len, "/%u", p->bits6);
}
