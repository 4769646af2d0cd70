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

#include "archive/member.h"
#include "query/hold.h"
#include "query/strip.h"

#define MEMORY "out of memory"
#define UNKNOWN UINT32_MAX
#define FIRST_TEXT 4096

static void
add_column(struct hold_spec *s, unsigned int id, enum column_type type,
    uint8_t width)
{
	if (hold_spec_find(s, id) != -1)
		return;
	s->col[s->n++] = (struct hold_column){id, type, width};
}

int
hold_spec_find(const struct hold_spec *s, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (s->col[i].id == id)
			return ((int)i);
	return (-1);
}

static uint8_t
width_of(const struct field *f, enum column_type type)
{
	if (type == CT_ADDR || type == CT_BYTES)
		return (0);
	return ((uint8_t)field_size(f->type));
}

static bool
in_set(const struct flow_set *set, unsigned int i)
{
	return (set->w[i / 64] >> i % 64 & 1);
}

void
hold_spec_fields(struct hold_spec *s, const struct flow_set *set)
{
	unsigned int i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if (in_set(set, i)) {
			add_column(s, i, member_type(i),
			    width_of(&fields[i], member_type(i)));
			s->fields.w[i / 64] |= (uint64_t)1 << i % 64;
		}
	if (in_set(set, FLOW_START) || in_set(set, FLOW_END))
		add_column(s, COL_CLOCK, CT_NUMBER, 1);
	if (in_set(set, FLOW_SAMPLING_RATE))
		add_column(s, COL_SAMPLING, CT_NUMBER, 1);
}

void
hold_spec_quantity(struct hold_spec *s, enum quantity q)
{
	add_column(s, HOLD_QUANTITY + q, CT_NUMBER, 8);
}

struct hold *
hold_new(const struct hold_spec *spec, uint32_t size)
{
	struct hold *h;

	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (NULL);
	h->spec = spec;
	h->size = size;
	h->seq = calloc(size, sizeof(*h->seq));
	h->shape = calloc(size, sizeof(*h->shape));
	h->shapes = calloc(BATCH_SHAPES, sizeof(*h->shapes));
	h->data = calloc(spec->n + 1, sizeof(*h->data));
	if (h->seq == NULL || h->shape == NULL || h->shapes == NULL ||
	    h->data == NULL) {
		hold_free(h);
		return (NULL);
	}
	return (h);
}

static void
data_free(struct hold_data *d)
{
	free(d->num);
	free(d->code);
	free(d->addr);
	free(d->text);
	free(d->bytes);
}

void
hold_free(struct hold *h)
{
	unsigned int i;

	if (h == NULL)
		return;
	for (i = 0; h->data != NULL && i < h->spec->n; i++)
		data_free(&h->data[i]);
	free(h->seq);
	free(h->shape);
	free(h->shapes);
	free(h->data);
	free(h);
}

size_t
hold_bytes(const struct hold *h)
{
	size_t bytes = h->size * (sizeof(*h->seq) + sizeof(*h->shape)) +
	    BATCH_SHAPES * sizeof(*h->shapes);
	const struct hold_data *d;
	unsigned int i;

	for (i = 0; i < h->spec->n; i++) {
		d = &h->data[i];
		if (d->num != NULL)
			bytes += (size_t)h->size * h->spec->col[i].width;
		if (d->code != NULL)
			bytes += h->size * sizeof(*d->code) +
			    d->size * sizeof(*d->addr) + d->room;
	}
	return (bytes);
}

/* The number of a shape; UNKNOWN if there is no room for one more. */
static uint32_t
shape_of(struct hold *h, const struct flow_set *set)
{
	struct flow_set s;
	uint32_t i;

	for (i = 0; i < FLOW_WORDS; i++)
		s.w[i] = set->w[i] & h->spec->fields.w[i];
	for (i = 0; i < h->nshapes; i++)
		if (memcmp(&h->shapes[i], &s, sizeof(s)) == 0)
			return (i);
	if (h->nshapes == BATCH_SHAPES)
		return (UNKNOWN);
	h->shapes[h->nshapes] = s;
	return (h->nshapes++);
}

static void
put_numbers(uint8_t *to, unsigned int width, const uint64_t *from, uint32_t n)
{
	uint16_t *to16 = (uint16_t *)(void *)to;
	uint32_t *to32 = (uint32_t *)(void *)to;
	uint32_t i;

	if (width == 1)
		for (i = 0; i < n; i++)
			to[i] = (uint8_t)from[i];
	else if (width == 2)
		for (i = 0; i < n; i++)
			to16[i] = (uint16_t)from[i];
	else if (width == 4)
		for (i = 0; i < n; i++)
			to32[i] = (uint32_t)from[i];
	else
		memcpy(to, from, n * sizeof(*from));
}

static int
append_numbers(struct hold *h, unsigned int i, const struct vec *v,
    const struct strip *s)
{
	const struct strip_col c = {.v = v, .all = true};
	const uint8_t width = h->spec->col[i].width;
	struct hold_data *d = &h->data[i];
	uint64_t number[STRIP];

	if (d->num == NULL && (d->num = calloc(h->size, width)) == NULL)
		return (-1);
	strip_numbers(&c, s, number);
	put_numbers(d->num + (size_t)h->n * width, width, number, s->n);
	return (0);
}

static int
dict_room(struct hold_data *d, enum column_type type)
{
	uint32_t size = d->size == 0 ? 256 : d->size * 2;
	void *p;

	if (d->ndict < d->size)
		return (0);
	if (type == CT_ADDR)
		p = reallocarray(d->addr, size, sizeof(*d->addr));
	else
		p = reallocarray(d->text, size, sizeof(*d->text));
	if (p == NULL)
		return (-1);
	if (type == CT_ADDR)
		d->addr = p;
	else
		d->text = p;
	d->size = size;
	return (0);
}

static int
add_text(struct hold_data *d, const struct flow_text *t)
{
	uint32_t room = d->room == 0 ? FIRST_TEXT : d->room;
	char *p;

	if (dict_room(d, CT_BYTES) == -1)
		return (-1);
	while (room - d->nbytes < t->len)
		room *= 2;
	if (room != d->room) {
		if ((p = realloc(d->bytes, room)) == NULL)
			return (-1);
		d->bytes = p;
		d->room = room;
	}
	if (t->len > 0)
		memcpy(d->bytes + d->nbytes, t->p, t->len);
	d->text[d->ndict++] = (struct hold_text){d->nbytes, t->len};
	d->nbytes += t->len;
	return (0);
}

static int
add_addr(struct hold_data *d, const struct addr *a)
{
	if (dict_room(d, CT_ADDR) == -1)
		return (-1);
	d->addr[d->ndict++] = *a;
	return (0);
}

/* Rows before the first that has one have none: the first value. */
static int
begin_codes(struct hold *h, struct hold_data *d, enum column_type type)
{
	const struct flow_text no_text = {"", 0};
	const struct addr no_addr = {0};

	if (d->code != NULL)
		return (0);
	if ((d->code = calloc(h->size, sizeof(*d->code))) == NULL)
		return (-1);
	return (
	    type == CT_ADDR ? add_addr(d, &no_addr) : add_text(d, &no_text));
}

static int
append_codes(struct hold *h, unsigned int i, const struct vec *v,
    const struct strip *s, uint32_t *map)
{
	enum column_type type = h->spec->col[i].type;
	struct hold_data *d = &h->data[i];
	uint32_t code[STRIP], j, *to;

	if (begin_codes(h, d, type) == -1)
		return (-1);
	strip_codes(v, s, code);
	for (j = 0; j < s->n; j++) {
		to = &map[code[j]];
		if (*to == UNKNOWN) {
			*to = d->ndict;
			if ((type == CT_ADDR
				    ? add_addr(d, &v->addr[code[j]])
				    : add_text(d, &v->bytes[code[j]])) == -1)
				return (-1);
		}
		d->code[h->n + j] = (uint16_t)*to;
	}
	return (0);
}

static enum block_err
column(struct hold_map *m, struct batch *b, unsigned int id,
    const struct vec **v)
{
	if (id < HOLD_QUANTITY || id > HOLD_QUANTITY + Q_MAX)
		return (batch_column(b, id, v));
	return (derive_quantity(m->derive, b,
	    (enum quantity)(id - HOLD_QUANTITY), v));
}

static const char *
append_column(struct hold *h, unsigned int i, struct hold_map *m,
    struct batch *b, const struct strip *all)
{
	const enum column_type type = h->spec->col[i].type;
	const uint32_t first = h->n;
	const struct vec *v;
	enum block_err err;
	struct strip s;
	uint32_t at;
	int ok = 0;

	if ((err = column(m, b, h->spec->col[i].id, &v)) != BLOCK_OK)
		return (block_strerror(err));
	if (v == NULL)
		return (NULL);
	if (type == CT_ADDR || type == CT_BYTES)
		memset(m->code, 0xff, v->ndict * sizeof(*m->code));
	for (at = 0; at < all->n && ok == 0; at += s.n, h->n += s.n) {
		s.n = all->n - at < STRIP ? all->n - at : STRIP;
		s.row = all->row == NULL ? NULL : all->row + at;
		s.base = all->base + at;
		ok = type == CT_ADDR || type == CT_BYTES
		    ? append_codes(h, i, v, &s, m->code)
		    : append_numbers(h, i, v, &s);
	}
	h->n = first;
	return (ok == 0 ? NULL : MEMORY);
}

/* Rows up to the first whose shape has no room. */
static const char *
append_shapes(struct hold *h, struct batch *b, const struct sel *sel,
    struct strip *all)
{
	uint32_t known[BATCH_SHAPES], n, i, row, which;
	const struct flow_set *shapes = batch_shapes(b, &n);
	const struct vec *v;
	enum block_err err;

	if ((err = batch_column(b, COL_SHAPE, &v)) != BLOCK_OK)
		return (block_strerror(err));
	memset(known, 0xff, sizeof(known));
	for (i = 0; i < all->n; i++) {
		row = all->row == NULL ? all->base + i : all->row[i];
		which = (uint32_t)(vec_number(v, row) % BATCH_SHAPES);
		if (known[which] == UNKNOWN &&
		    (which >= n ||
			(known[which] = shape_of(h, &shapes[which])) ==
			    UNKNOWN))
			break;
		h->shape[h->n + i] = (uint16_t)known[which];
		h->seq[h->n + i] = sel->number << 16 | row;
	}
	all->n = i;
	return (NULL);
}

const char *
hold_append(struct hold *h, struct hold_map *m, struct batch *b,
    const struct sel *sel, uint32_t *at)
{
	struct strip all = {.base = *at};
	const char *err;
	unsigned int i;

	all.n = sel->n - *at < h->size - h->n ? sel->n - *at : h->size - h->n;
	if (sel->row != NULL)
		all.row = sel->row + *at;
	if ((err = append_shapes(h, b, sel, &all)) != NULL)
		return (err);
	for (i = 0; i < h->spec->n && err == NULL; i++)
		err = append_column(h, i, m, b, &all);
	if (err != NULL)
		return (err);
	if (all.n == 0 && h->n < h->size)
		h->size = h->n; /* no room for more shapes */
	h->n += all.n;
	*at += all.n;
	return (NULL);
}

uint64_t
hold_number(const struct hold *h, unsigned int i, uint32_t row)
{
	const uint8_t *num = h->data[i].num;

	if (num == NULL)
		return (0);
	switch (h->spec->col[i].width) {
	case 1:
		return (num[row]);
	case 2:
		return (((const uint16_t *)(const void *)num)[row]);
	case 4:
		return (((const uint32_t *)(const void *)num)[row]);
	default:
		return (((const uint64_t *)(const void *)num)[row]);
	}
}

const struct addr *
hold_addr(const struct hold *h, unsigned int i, uint32_t row)
{
	const struct hold_data *d = &h->data[i];

	return (d->code == NULL ? NULL : &d->addr[d->code[row]]);
}

struct flow_text
hold_text(const struct hold *h, unsigned int i, uint32_t row)
{
	const struct hold_data *d = &h->data[i];
	const struct hold_text *t;

	if (d->code == NULL)
		return ((struct flow_text){"", 0});
	t = &d->text[d->code[row]];
	return ((struct flow_text){d->bytes + t->off, t->len});
}

bool
hold_has(const struct hold *h, enum flow_field f, uint32_t row)
{
	return (h->shapes[h->shape[row]].w[f / 64] >> f % 64 & 1);
}

/* Where rows have their number; NULL: that has none. */
static void
find_numbers(unsigned int i, struct hold *const *from,
    const struct rank_item *v, uint32_t n, const uint8_t **at)
{
	const uint8_t width = from[v[0].ref >> 16]->spec->col[i].width;
	const uint8_t *num;
	uint32_t j;

	for (j = 0; j < n; j++) {
		num = from[v[j].ref >> 16]->data[i].num;
		at[j] = num == NULL ? NULL : num + (v[j].ref & 0xffff) * width;
	}
}

static uint64_t
number_at(const uint8_t *p, uint8_t width)
{
	uint64_t n = 0;

	if (p == NULL)
		return (0);
	if (width == 8)
		memcpy(&n, p, 8);
	else if (width == 4)
		n = *(const uint32_t *)(const void *)p;
	else
		n = width == 2 ? *(const uint16_t *)(const void *)p : *p;
	return (n);
}

static int
gather_numbers(struct hold *h, unsigned int i, struct hold *const *from,
    const struct rank_item *v, uint32_t n)
{
	const uint8_t width = h->spec->col[i].width;
	struct hold_data *d = &h->data[i];
	const uint8_t *where[STRIP];
	uint64_t number[STRIP];
	uint32_t at, j, some;

	if (d->num == NULL && (d->num = calloc(h->size, width)) == NULL)
		return (-1);
	for (at = 0; at < n; at += some) {
		some = n - at < STRIP ? n - at : STRIP;
		find_numbers(i, from, v + at, some, where);
		for (j = 0; j < some; j++)
			number[j] = number_at(where[j], width);
		put_numbers(d->num + (size_t)(h->n + at) * width, width, number,
		    some);
	}
	return (0);
}

static int
gather_codes(struct hold *h, unsigned int i, struct hold *const *from,
    const struct rank_item *v, uint32_t n)
{
	const enum column_type type = h->spec->col[i].type;
	struct hold_data *d = &h->data[i];
	const struct hold *src, *last = NULL;
	uint32_t j, row, code = 0;
	struct flow_text t;
	int ok = begin_codes(h, d, type);

	for (j = 0; j < n && ok == 0; j++) {
		src = from[v[j].ref >> 16];
		row = v[j].ref & 0xffff;
		d->code[h->n + j] = 0;
		if (src->data[i].code == NULL || src->data[i].code[row] == 0)
			continue;
		/* The same as in the row before, as often when sorted by it. */
		if (src != last || src->data[i].code[row] != code) {
			if (type == CT_ADDR)
				ok = add_addr(d, hold_addr(src, i, row));
			else {
				t = hold_text(src, i, row);
				ok = add_text(d, &t);
			}
		}
		last = src;
		code = src->data[i].code[row];
		d->code[h->n + j] = (uint16_t)(d->ndict - 1);
	}
	return (ok);
}

static bool
any_has(unsigned int i, struct hold *const *from, const struct rank_item *v,
    uint32_t n)
{
	const struct hold *last = NULL, *h;
	uint32_t j;

	for (j = 0; j < n; j++) {
		h = from[v[j].ref >> 16];
		if (h != last &&
		    (h->data[i].num != NULL || h->data[i].code != NULL))
			return (true);
		last = h;
	}
	return (false);
}

static uint32_t
gather_shapes(struct hold *h, struct hold *const *from,
    const struct rank_item *v, uint32_t n)
{
	const struct hold *src, *last = NULL;
	uint32_t j, row, which, shape = 0, was = 0;

	for (j = 0; j < n; j++) {
		src = from[v[j].ref >> 16];
		row = v[j].ref & 0xffff;
		/* Mostly as the row before. */
		which = src->nshapes == 1 ? 0 : src->shape[row];
		if (src != last || which != was)
			shape = shape_of(h, &src->shapes[which]);
		if (shape == UNKNOWN)
			break;
		last = src;
		was = which;
		h->shape[h->n + j] = (uint16_t)shape;
		/* What is only seen has no need of it. */
		if (!h->bare)
			h->seq[h->n + j] = src->seq[row];
	}
	return (j);
}

uint32_t
hold_gather(struct hold *h, struct hold *const *from, const struct rank_item *v,
    uint32_t n)
{
	unsigned int i;
	int ok;

	n = gather_shapes(h, from, v, n);
	for (i = 0; i < h->spec->n; i++) {
		if ((h->bare && h->spec->col[i].id >= HOLD_QUANTITY) ||
		    !any_has(i, from, v, n))
			continue;
		ok = h->spec->col[i].width > 0
		    ? gather_numbers(h, i, from, v, n)
		    : gather_codes(h, i, from, v, n);
		if (ok == -1)
			return (0);
	}
	h->n += n;
	return (n);
}
