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

#include <stdlib.h>
#include <string.h>

#include "query/keyer.h"

#define SIGN ((uint64_t)1 << 63)
#define STEPS 256 /* that a batch may have as a dictionary */

/* One part of the batch's keys. */
struct column {
	struct strip_col c;
	bool coded;    /* CONST or CODES: the words below */
	uint32_t size; /* different values, 0: too many to number them */
	uint32_t room;
	uint64_t *hi, *lo; /* of each value of the dictionary */
	uint8_t *tag;
	uint64_t *bytes; /* of KEY_BYTES: part->words each */
};

/* The time series: steps instead of times. */
struct steps {
	struct vec vec;
	uint16_t *codes;
	uint64_t *u64;
	uint8_t *has;
	uint64_t dict[STEPS];
};

struct keyer {
	const struct keys *keys;
	int64_t every;
	bool plain;
	struct column col[SIDES][KEY_PARTS];
	struct steps steps;
};

int
keycols_init(struct keycols *c, const struct keys *keys)
{
	const size_t part = STRIP * (2 * sizeof(uint64_t) + 1);
	unsigned int i;
	uint8_t *p;

	if ((c->memory = p = calloc(keys->n + 1, part)) == NULL)
		return (-1);
	for (i = 0; i < keys->n; i++, p += STRIP * 16) {
		c->hi[i] = (uint64_t *)(void *)p;
		c->lo[i] = c->hi[i] + STRIP;
	}
	for (i = 0; i < keys->n; i++, p += STRIP)
		c->tag[i] = p;
	return (0);
}

void
keycols_free(struct keycols *c)
{
	free(c->memory);
}

struct keyer *
keyer_new(const struct keys *keys, int64_t every)
{
	struct keyer *k;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		return (NULL);
	k->keys = keys;
	k->every = every;
	if (every == 0)
		return (k);
	k->steps.codes = calloc(BLOCK_FLOWS, sizeof(*k->steps.codes));
	k->steps.u64 = calloc(BLOCK_FLOWS, sizeof(*k->steps.u64));
	k->steps.has = calloc(BLOCK_FLOWS, 1);
	if (k->steps.codes == NULL || k->steps.u64 == NULL ||
	    k->steps.has == NULL) {
		keyer_free(k);
		return (NULL);
	}
	return (k);
}

void
keyer_free(struct keyer *k)
{
	unsigned int side, i;
	struct column *c;

	if (k == NULL)
		return;
	for (side = 0; side < SIDES; side++)
		for (i = 0; i < KEY_PARTS; i++) {
			c = &k->col[side][i];
			free(c->hi);
			free(c->lo);
			free(c->tag);
			free(c->bytes);
		}
	free(k->steps.codes);
	free(k->steps.u64);
	free(k->steps.has);
	free(k);
}

static enum block_err
make_room(struct column *c, const struct key_part *p, uint32_t n)
{
	if (n <= c->room)
		return (BLOCK_OK);
	free(c->hi);
	free(c->lo);
	free(c->tag);
	free(c->bytes);
	c->bytes = NULL;
	c->hi = calloc(n, sizeof(*c->hi));
	c->lo = calloc(n, sizeof(*c->lo));
	c->tag = calloc(n, 1);
	if (p->kind == KEY_BYTES)
		c->bytes = calloc(n, p->words * sizeof(*c->bytes));
	c->room = n;
	if (c->hi != NULL && c->lo != NULL && c->tag != NULL &&
	    (p->kind != KEY_BYTES || c->bytes != NULL))
		return (BLOCK_OK);
	c->room = 0;
	return (BLOCK_NOMEM);
}

/* As one expression the compiler makes it one load. */
static inline uint64_t
half_of(const uint8_t *b)
{
	return ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3]);
}

static inline uint64_t
word_of(const uint8_t *b)
{
	return (half_of(b) << 32 | half_of(b + 4));
}

/* Returns whether all are IPv4. */
static bool
map_addrs(struct column *c, const struct key_part *p)
{
	const uint64_t mask4 = key_mask(p->bits4, 32) << 32;
	const uint64_t mask_hi = key_mask(p->bits6 > 64 ? 64 : p->bits6, 64);
	const uint64_t mask_lo =
	    key_mask(p->bits6 > 64 ? p->bits6 - 64 : 0, 64);
	const struct addr *a = c->c.v->addr;
	bool v4 = true;
	uint32_t i;

	for (i = 0; i < c->c.v->ndict; i++, a++) {
		c->tag[i] = a->family;
		c->hi[i] = c->lo[i] = 0;
		if (a->family == ADDR_V4) {
			c->hi[i] = half_of(a->b) << 32 & mask4;
			continue;
		}
		v4 = false;
		if (a->family != ADDR_V6)
			continue;
		c->hi[i] = word_of(a->b) & mask_hi;
		c->lo[i] = word_of(a->b + 8) & mask_lo;
	}
	return (v4);
}

static bool
map_bytes(struct column *c, const struct key_part *p)
{
	const struct flow_text *t = c->c.v->bytes;
	uint8_t buf[8 * ((FLOW_TEXT_MAX + 8) / 8)];
	size_t len, most = p->words * 8 - 1;
	bool macs = p->kind == KEY_MAC;
	unsigned int w;
	uint32_t i;

	for (i = 0; i < c->c.v->ndict; i++, t++) {
		memset(buf, 0, sizeof(buf));
		len = t->len > most ? most : t->len;
		if (len > 0)
			memcpy(buf, t->p, len);
		c->tag[i] = TAG_SOME;
		c->lo[i] = 0;
		c->hi[i] = word_of(buf) >> 16;
		if (p->kind == KEY_MAC) {
			if (t->len == 6)
				continue;
			c->tag[i] = TAG_NONE;
			macs = false;
			continue;
		}
		buf[most] = (uint8_t)len;
		c->hi[i] = i;
		for (w = 0; w < p->words; w++)
			c->bytes[(size_t)i * p->words + w] =
			    word_of(buf + (size_t)w * 8);
	}
	return (macs);
}

static void
map_numbers(struct column *c, const struct key_part *p)
{
	uint32_t i;

	for (i = 0; i < c->c.v->ndict; i++) {
		c->hi[i] = c->c.v->num[i] ^ (p->kind == KEY_TIME ? SIGN : 0);
		c->lo[i] = 0;
		c->tag[i] = TAG_SOME;
	}
}

/* How many numbers its values are; one more for who has none. */
static uint32_t
size_of(const struct column *c, const struct key_part *p)
{
	uint32_t n;

	if (c->c.v == NULL)
		return (1);
	if (c->coded)
		n = c->c.v->kind == VEC_CONST ? 1 : c->c.v->ndict;
	else if (p->kind == KEY_NUMBER && p->nbits <= 16)
		n = 1u << p->nbits;
	else
		return (0);
	return (n + !c->c.all);
}

static enum block_err
map(struct keyer *k, struct column *c, const struct key_part *p)
{
	enum block_err err;
	bool plain = true;

	c->coded = c->c.v != NULL &&
	    (c->c.v->kind == VEC_CONST || c->c.v->kind == VEC_CODES);
	c->size = size_of(c, p);
	if (!c->c.all || c->c.v == NULL)
		k->plain = false;
	if (!c->coded)
		return (BLOCK_OK);
	if ((err = make_room(c, p, c->c.v->ndict)) != BLOCK_OK)
		return (err);
	if (c->c.v->type == CT_ADDR)
		plain = map_addrs(c, p);
	else if (c->c.v->type == CT_BYTES)
		plain = map_bytes(c, p);
	else
		map_numbers(c, p);
	k->plain = k->plain && plain;
	return (BLOCK_OK);
}

static uint64_t
step_of(int64_t t, int64_t every)
{
	int64_t mod = t % every;

	if (mod < 0)
		mod += every;
	return ((uint64_t)(t < INT64_MIN + mod ? INT64_MIN : t - mod));
}

/* The place of a step among those that were met; STEPS: too many. */
static uint32_t
step_code(struct steps *s, uint64_t step)
{
	uint32_t i;

	for (i = s->vec.ndict; i > 0; i--)
		if (s->dict[i - 1] == step)
			return (i - 1);
	if (s->vec.ndict == STEPS)
		return (STEPS);
	s->dict[s->vec.ndict] = step;
	return (s->vec.ndict++);
}

static uint64_t
row_time(const struct strip_col *start, const struct strip_col *recv,
    uint32_t i, uint8_t *has)
{
	struct strip s = {.n = 1, .base = i};

	strip_has(start, &s, has);
	if (*has)
		return (vec_number(start->v, i));
	strip_has(recv, &s, has);
	return (*has ? vec_number(recv->v, i) : 0);
}

/* Rows in a row are mostly of one step. */
static void
steps_fill(struct keyer *k, const struct strip_col *start,
    const struct strip_col *recv, uint32_t n)
{
	struct steps *s = &k->steps;
	uint64_t at = 0, step = 0;
	uint32_t i, code = 0;
	bool coded = true;
	int64_t t;

	for (i = 0; i < n; i++) {
		s->has[i] = 1;
		t = (int64_t)(start->all
			? vec_number(start->v, i)
			: row_time(start, recv, i, &s->has[i]));
		if (i == 0 || (uint64_t)t - at >= (uint64_t)k->every) {
			at = step = step_of(t, k->every);
			if (coded)
				code = step_code(s, step);
			coded = coded && code < STEPS;
		}
		s->u64[i] = step;
		s->codes[i] = (uint16_t)code;
	}
	s->vec.kind = coded ? VEC_CODES : VEC_U64;
}

static enum block_err
load_steps(struct keyer *k, struct batch *b, struct column *c)
{
	struct strip_col start, recv;
	struct steps *s = &k->steps;
	enum block_err err;

	if ((err = strip_col(&start, b, FLOW_START)) != BLOCK_OK ||
	    (err = strip_col(&recv, b, FLOW_RECV_TIME)) != BLOCK_OK)
		return (err);
	s->vec = (struct vec){.type = CT_TIME,
	    .n = batch_flows(b),
	    .codes = s->codes,
	    .u64 = s->u64,
	    .num = s->dict};
	steps_fill(k, &start, &recv, s->vec.n);
	memset(&c->c, 0, sizeof(c->c));
	c->c.v = &s->vec;
	c->c.all = memchr(s->has, 0, s->vec.n) == NULL;
	return (BLOCK_OK);
}

enum block_err
keyer_load(struct keyer *k, struct batch *b)
{
	const struct key_part *p;
	struct column *c;
	enum block_err err;
	unsigned int i, side;

	k->plain = k->keys->narrow > 0;
	for (i = 0; i < k->keys->n; i++) {
		p = &k->keys->part[i];
		for (side = 0; side < (p->other != NULL ? 2u : 1u); side++) {
			c = &k->col[side][i];
			if (p->field == NULL)
				err = load_steps(k, b, c);
			else
				err = strip_col(&c->c, b,
				    side == 0 ? p->field->bit : p->other->bit);
			if (err != BLOCK_OK || (err = map(k, c, p)) != BLOCK_OK)
				return (err);
		}
	}
	return (BLOCK_OK);
}

bool
keyer_plain(const struct keyer *k)
{
	return (k->plain);
}

static const struct column *
column(const struct keyer *k, int side, unsigned int i)
{
	return (&k->col[k->keys->part[i].other == NULL ? 0 : side][i]);
}

const struct vec *
keyer_only(const struct keyer *k, int side, const uint64_t **hi)
{
	const struct column *c = column(k, side, 0);

	*hi = c->hi;
	return (c->c.v);
}

static void
has(const struct keyer *k, const struct column *c, const struct strip *s,
    uint8_t *to)
{
	uint32_t i;

	if (c->c.v != &k->steps.vec) {
		strip_has(&c->c, s, to);
		return;
	}
	for (i = 0; i < s->n; i++)
		to[i] = k->steps.has[s->row == NULL ? s->base + i : s->row[i]];
}

static void
by_code(const struct column *c, const uint32_t *code, uint32_t n,
    unsigned int i, struct keycols *to)
{
	uint32_t j;

	for (j = 0; j < n; j++)
		to->hi[i][j] = c->hi[code[j]];
	for (j = 0; j < n; j++) {
		to->lo[i][j] = c->lo[code[j]];
		to->tag[i][j] = c->tag[code[j]];
	}
}

static void
mask_absent(struct keycols *to, unsigned int i, const uint8_t *has, uint32_t n)
{
	uint32_t j;

	for (j = 0; j < n; j++)
		if (!has[j]) {
			to->hi[i][j] = to->lo[i][j] = 0;
			to->tag[i][j] = TAG_NONE;
		}
}

static void
strip_part(const struct keyer *k, const struct column *c, unsigned int i,
    const struct strip *s, struct keycols *to)
{
	const struct key_part *p = &k->keys->part[i];
	uint32_t code[STRIP], j;
	uint8_t there[STRIP];

	if (c->coded) {
		strip_codes(c->c.v, s, code);
		if (k->plain)
			for (j = 0; j < s->n; j++)
				to->hi[i][j] = c->hi[code[j]];
		else
			by_code(c, code, s->n, i, to);
	} else {
		strip_numbers(&c->c, s, to->hi[i]);
		memset(to->lo[i], 0, s->n * sizeof(*to->lo[i]));
		memset(to->tag[i], TAG_SOME, s->n);
		for (j = 0; p->kind == KEY_TIME && j < s->n; j++)
			to->hi[i][j] ^= SIGN;
	}
	if (c->c.all && c->c.v != NULL)
		return;
	has(k, c, s, there);
	mask_absent(to, i, there, s->n);
}

void
keyer_strip(const struct keyer *k, int side, const struct strip *s,
    struct keycols *to)
{
	unsigned int i;

	for (i = 0; i < k->keys->n; i++)
		strip_part(k, column(k, side, i), i, s, to);
}

uint32_t
keyer_dense(const struct keyer *k, int side)
{
	uint64_t n = 1;
	unsigned int i;

	for (i = 0; i < k->keys->n; i++) {
		n *= column(k, side, i)->size;
		if (n > KEYER_DENSE)
			return (0);
	}
	return ((uint32_t)n);
}

static void
part_numbers(const struct keyer *k, const struct column *c,
    const struct strip *s, uint32_t *to)
{
	uint64_t number[STRIP];
	uint8_t there[STRIP];
	uint32_t i;

	if (c->c.v == NULL) {
		memset(to, 0, s->n * sizeof(*to));
		return;
	}
	if (c->coded)
		strip_codes(c->c.v, s, to);
	else {
		strip_numbers(&c->c, s, number);
		for (i = 0; i < s->n; i++)
			to[i] = (uint32_t)number[i] % c->size;
	}
	if (c->c.all)
		return;
	has(k, c, s, there);
	for (i = 0; i < s->n; i++)
		if (!there[i])
			to[i] = c->size - 1;
}

void
keyer_numbers(const struct keyer *k, int side, const struct strip *s,
    uint32_t *to)
{
	const struct column *c;
	uint32_t code[STRIP], j;
	unsigned int i;

	if (k->keys->n == 0)
		memset(to, 0, s->n * sizeof(*to));
	for (i = 0; i < k->keys->n; i++) {
		c = column(k, side, i);
		if (i == 0) {
			part_numbers(k, c, s, to);
			continue;
		}
		if (c->size == 1)
			continue;
		part_numbers(k, c, s, code);
		for (j = 0; j < s->n; j++)
			to[j] = to[j] * c->size + code[j];
	}
}

static void
decode_part(const struct column *c, uint32_t *code, uint32_t n, unsigned int i,
    struct keycols *to)
{
	uint8_t there[STRIP];
	uint32_t j;

	for (j = 0; j < n; j++) {
		there[j] =
		    c->c.v != NULL && (c->c.all || code[j] + 1 < c->size);
		if (!there[j])
			code[j] = 0;
	}
	if (c->coded)
		by_code(c, code, n, i, to);
	else
		for (j = 0; j < n; j++) {
			to->hi[i][j] = code[j];
			to->lo[i][j] = 0;
			to->tag[i][j] = TAG_SOME;
		}
	mask_absent(to, i, there, n);
}

void
keyer_decode(const struct keyer *k, int side, const uint32_t *number,
    uint32_t n, struct keycols *to)
{
	uint32_t left[STRIP], code[STRIP], j;
	const struct column *c;
	unsigned int i;

	memcpy(left, number, n * sizeof(*left));
	for (i = k->keys->n; i-- > 0;) {
		c = column(k, side, i);
		for (j = 0; j < n; j++) {
			code[j] = i == 0 ? left[j] : left[j] % c->size;
			left[j] /= c->size;
		}
		decode_part(c, code, n, i, to);
	}
}

uint32_t
keyer_wide(const struct keyer *k, const struct keycols *c, uint32_t n,
    uint8_t *wide)
{
	uint32_t j, count = 0;
	unsigned int i;
	uint8_t tag;

	if (k->keys->narrow == 0) {
		memset(wide, 1, n);
		return (n);
	}
	memset(wide, 0, n);
	if (k->plain)
		return (0);
	for (i = 0; i < k->keys->n; i++) {
		tag = k->keys->part[i].kind == KEY_ADDR ? TAG_V4 : TAG_SOME;
		for (j = 0; j < n; j++)
			wide[j] |= c->tag[i][j] != tag;
	}
	for (j = 0; j < n; j++)
		count += wide[j];
	return (count);
}

void
keyer_once(const struct keyer *k, const struct keycols *a,
    const struct keycols *b, uint32_t n, uint8_t *first, uint8_t *second)
{
	uint8_t differ[STRIP], some_a[STRIP], some_b[STRIP];
	unsigned int i;
	uint32_t j;

	memset(differ, 0, n);
	memset(some_a, k->plain, n);
	memset(some_b, k->plain, n);
	for (i = 0; i < k->keys->n; i++) {
		if (k->keys->part[i].other == NULL)
			continue;
		for (j = 0; j < n; j++)
			differ[j] |= a->hi[i][j] != b->hi[i][j];
		for (j = 0; !k->plain && j < n; j++) {
			differ[j] |= a->lo[i][j] != b->lo[i][j] ||
			    a->tag[i][j] != b->tag[i][j];
			some_a[j] |= a->tag[i][j];
			some_b[j] |= b->tag[i][j];
		}
	}
	for (j = 0; j < n; j++) {
		first[j] = some_a[j] || !some_b[j];
		second[j] = differ[j] && some_b[j];
	}
}

static inline uint32_t
at(const struct strip *which, uint32_t i)
{
	return (which->row == NULL ? i : which->row[i]);
}

static void
pack_narrow(const struct key_part *p, const uint64_t *hi,
    const struct strip *which, unsigned int *begun, uint64_t *const *k)
{
	unsigned int down = p->kind == KEY_ADDR ? 32 : 0;
	uint64_t *to = k[p->narrow];
	uint32_t i;

	if (*begun <= p->narrow) {
		*begun = p->narrow + 1u;
		for (i = 0; i < which->n; i++)
			to[i] = hi[at(which, i)] >> down << p->narrow_shift;
		return;
	}
	for (i = 0; i < which->n; i++)
		to[i] |= hi[at(which, i)] >> down << p->narrow_shift;
}

static void
pack_bytes(const struct key_part *p, const struct column *c, const uint64_t *hi,
    const uint8_t *tag, const struct strip *which, uint64_t *const *k)
{
	unsigned int w;
	uint32_t i, j;

	for (i = 0; i < which->n; i++) {
		j = at(which, i);
		for (w = 0; tag[j] != TAG_NONE && w < p->words; w++)
			k[p->wide + w][i] = c->bytes[hi[j] * p->words + w];
	}
}

static void
pack_wide(const struct key_part *p, const struct keycols *c, unsigned int from,
    const struct strip *which, uint64_t *const *k)
{
	const uint64_t *hi = c->hi[from], *lo = c->lo[from];
	uint32_t i;

	for (i = 0; i < which->n; i++)
		k[p->wide][i] |= hi[at(which, i)] << p->wide_shift;
	if (p->kind == KEY_ADDR)
		for (i = 0; i < which->n; i++)
			k[p->wide + 1][i] = lo[at(which, i)];
}

static void
pack_tags(const struct keycols *c, unsigned int part, unsigned int from,
    const struct strip *which, uint64_t *const *k)
{
	unsigned int shift = 56 - part % 8 * 8;
	uint32_t i;

	for (i = 0; i < which->n; i++)
		k[part / 8][i] |= (uint64_t)c->tag[from][at(which, i)] << shift;
}

void
keyer_pack(const struct keyer *k, int side, const struct keycols *c,
    const struct strip *which, bool wide, bool twins, uint64_t *const *to)
{
	const struct key_part *p;
	unsigned int i, from, begun = 0;

	for (i = 0; (wide || k->keys->n == 0) && i < k->keys->wide; i++)
		memset(to[i], 0, which->n * sizeof(*to[i]));
	for (i = 0; i < k->keys->n; i++) {
		p = &k->keys->part[i];
		from = twins && p->twin != KEY_NONE ? p->twin : i;
		if (!wide) {
			pack_narrow(p, c->hi[from], which, &begun, to);
			continue;
		}
		pack_tags(c, i, from, which, to);
		if (p->kind == KEY_BYTES)
			pack_bytes(p, column(k, side, from), c->hi[from],
			    c->tag[from], which, to);
		else
			pack_wide(p, c, from, which, to);
	}
}
