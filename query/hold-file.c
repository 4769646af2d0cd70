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

#include "query/hold.h"

#define MEMORY "out of memory"

/* As it is in the file: only this program reads it. */
struct head {
	uint64_t len; /* of what follows */
	uint32_t n, nshapes;
};

struct part {
	uint8_t num, code;
	uint32_t ndict, nbytes;
};

/* Bytes that are put together, or taken apart. */
struct bytes {
	uint8_t *p;
	size_t at;
};

static void
move(struct bytes *b, void *to, const void *from, size_t len)
{
	if (from != NULL && len > 0)
		memcpy(b->p + b->at, from, len);
	else if (to != NULL && len > 0)
		memcpy(to, b->p + b->at, len);
	b->at += len;
}

static size_t
dict_width(const struct hold *h, unsigned int i)
{
	return (h->spec->col[i].type == CT_ADDR ? sizeof(struct addr)
						: sizeof(struct hold_text));
}

static size_t
length(const struct hold *h)
{
	size_t len = h->n * (sizeof(*h->seq) + sizeof(*h->shape)) +
	    h->nshapes * sizeof(*h->shapes);
	const struct hold_data *d;
	unsigned int i;

	for (i = 0; i < h->spec->n; i++) {
		d = &h->data[i];
		len += sizeof(struct part);
		if (d->num != NULL)
			len += (size_t)h->n * h->spec->col[i].width;
		if (d->code != NULL)
			len += h->n * sizeof(*d->code) +
			    d->ndict * dict_width(h, i) + d->nbytes;
	}
	return (len);
}

static void
put_column(const struct hold *h, unsigned int i, struct bytes *b)
{
	const struct hold_data *d = &h->data[i];
	struct part part;

	memset(&part, 0, sizeof(part));
	part.num = d->num != NULL;
	part.code = d->code != NULL;
	part.ndict = d->ndict;
	part.nbytes = d->nbytes;
	move(b, NULL, &part, sizeof(part));
	if (part.num)
		move(b, NULL, d->num, (size_t)h->n * h->spec->col[i].width);
	if (!part.code)
		return;
	move(b, NULL, d->code, h->n * sizeof(*d->code));
	if (h->spec->col[i].type == CT_ADDR)
		move(b, NULL, d->addr, d->ndict * sizeof(*d->addr));
	else
		move(b, NULL, d->text, d->ndict * sizeof(*d->text));
	move(b, NULL, d->bytes, d->nbytes);
}

const char *
hold_write(const struct hold *h, struct spill *s, uint64_t *off)
{
	struct head head = {length(h), h->n, h->nshapes};
	struct bytes b = {malloc(sizeof(head) + head.len), 0};
	const char *err;
	unsigned int i;

	if (b.p == NULL)
		return (MEMORY);
	move(&b, NULL, &head, sizeof(head));
	move(&b, NULL, h->seq, h->n * sizeof(*h->seq));
	move(&b, NULL, h->shape, h->n * sizeof(*h->shape));
	move(&b, NULL, h->shapes, h->nshapes * sizeof(*h->shapes));
	for (i = 0; i < h->spec->n; i++)
		put_column(h, i, &b);
	err = spill_write(s, b.p, b.at, off);
	free(b.p);
	return (err);
}

static int
get_codes(struct hold *h, unsigned int i, const struct part *part,
    struct bytes *b)
{
	struct hold_data *d = &h->data[i];
	const bool addrs = h->spec->col[i].type == CT_ADDR;

	d->ndict = d->size = part->ndict;
	d->nbytes = d->room = part->nbytes;
	d->code = calloc(h->n, sizeof(*d->code));
	d->bytes = malloc(d->nbytes + (size_t)1);
	if (addrs)
		d->addr = calloc(d->ndict + (size_t)1, sizeof(*d->addr));
	else
		d->text = calloc(d->ndict + (size_t)1, sizeof(*d->text));
	if (d->code == NULL || d->bytes == NULL ||
	    (d->addr == NULL && d->text == NULL))
		return (-1);
	move(b, d->code, NULL, h->n * sizeof(*d->code));
	if (addrs)
		move(b, d->addr, NULL, d->ndict * sizeof(*d->addr));
	else
		move(b, d->text, NULL, d->ndict * sizeof(*d->text));
	move(b, d->bytes, NULL, d->nbytes);
	return (0);
}

static int
get_column(struct hold *h, unsigned int i, struct bytes *b)
{
	const size_t width = h->spec->col[i].width;
	struct hold_data *d = &h->data[i];
	struct part part;

	move(b, &part, NULL, sizeof(part));
	if (part.num) {
		if ((d->num = calloc(h->n, width)) == NULL)
			return (-1);
		move(b, d->num, NULL, h->n * width);
	}
	return (part.code ? get_codes(h, i, &part, b) : 0);
}

static int
get(struct hold *h, struct bytes *b)
{
	unsigned int i;

	move(b, h->seq, NULL, h->n * sizeof(*h->seq));
	move(b, h->shape, NULL, h->n * sizeof(*h->shape));
	move(b, h->shapes, NULL, h->nshapes * sizeof(*h->shapes));
	for (i = 0; i < h->spec->n; i++)
		if (get_column(h, i, b) == -1)
			return (-1);
	return (0);
}

struct hold *
hold_read(const struct hold_spec *spec, struct spill *s, uint64_t off,
    const char **err)
{
	struct hold *h = NULL;
	struct head head;
	struct bytes b = {0};

	if ((*err = spill_read(s, &head, sizeof(head), off)) != NULL)
		return (NULL);
	*err = MEMORY;
	b.p = malloc(head.len + 1);
	if (b.p != NULL && (h = hold_new(spec, head.n)) != NULL) {
		h->n = head.n;
		h->nshapes = head.nshapes;
		*err = spill_read(s, b.p, head.len, off + sizeof(head));
		if (*err == NULL && get(h, &b) == -1)
			*err = MEMORY;
	}
	free(b.p);
	if (*err == NULL)
		return (h);
	hold_free(h);
	return (NULL);
}

/* Columns of a batch: what a hold has narrower than a batch can. */
struct hold_view {
	const struct hold_spec *spec;
	struct vec shape;
	struct vec *vec;
	uint32_t *numbers; /* HOLD_ROWS of each column and of the shapes */
	struct flow_text **text;
};

struct hold_view *
hold_view_new(const struct hold_spec *spec)
{
	struct hold_view *v;

	if ((v = calloc(1, sizeof(*v))) == NULL)
		return (NULL);
	v->spec = spec;
	v->vec = calloc(spec->n + 1, sizeof(*v->vec));
	v->numbers =
	    calloc(spec->n + (size_t)1, HOLD_ROWS * sizeof(*v->numbers));
	v->text = calloc(spec->n + 1, sizeof(*v->text));
	if (v->vec == NULL || v->numbers == NULL || v->text == NULL) {
		hold_view_free(v);
		return (NULL);
	}
	return (v);
}

void
hold_view_free(struct hold_view *v)
{
	unsigned int i;

	if (v == NULL)
		return;
	for (i = 0; v->text != NULL && i < v->spec->n; i++)
		free(v->text[i]);
	free(v->text);
	free(v->vec);
	free(v->numbers);
	free(v);
}

static void
view_numbers(const struct hold *h, unsigned int i, struct vec *v, uint32_t *to)
{
	const uint8_t width = h->spec->col[i].width;
	const uint8_t *num = h->data[i].num;
	uint32_t j;

	v->kind = width == 8 ? VEC_U64 : VEC_U32;
	v->u64 = (const uint64_t *)(const void *)num;
	v->u32 = width == 4 ? (const uint32_t *)(const void *)num : to;
	if (width == 1)
		for (j = 0; j < h->n; j++)
			to[j] = num[j];
	else if (width == 2)
		for (j = 0; j < h->n; j++)
			to[j] = ((const uint16_t *)(const void *)num)[j];
}

static int
view_texts(struct hold_view *view, const struct hold *h, unsigned int i,
    struct vec *v)
{
	const struct hold_data *d = &h->data[i];
	struct flow_text *t;
	uint32_t j;

	t = reallocarray(view->text[i], d->ndict + (size_t)1, sizeof(*t));
	if (t == NULL)
		return (-1);
	view->text[i] = t;
	for (j = 0; j < d->ndict; j++)
		t[j] = (struct flow_text){d->bytes + d->text[j].off,
		    d->text[j].len};
	v->bytes = t;
	return (0);
}

static int
view_column(struct hold_view *view, const struct hold *h, unsigned int i,
    struct batch *b)
{
	const struct hold_column *c = &h->spec->col[i];
	const struct hold_data *d = &h->data[i];
	struct vec *v = &view->vec[i];

	if ((d->num == NULL && d->code == NULL) || c->id >= HOLD_QUANTITY)
		return (0);
	memset(v, 0, sizeof(*v));
	v->type = c->type;
	v->n = h->n;
	if (d->num != NULL) {
		view_numbers(h, i, v, view->numbers + (size_t)i * HOLD_ROWS);
	} else {
		v->kind = VEC_CODES;
		v->codes = d->code;
		v->ndict = d->ndict;
		v->addr = d->addr;
		if (c->type == CT_BYTES && view_texts(view, h, i, v) == -1)
			return (-1);
	}
	batch_replace(b, c->id, v);
	return (0);
}

int
hold_view(struct hold_view *view, const struct hold *h, struct batch *b)
{
	uint32_t *shape = view->numbers + (size_t)view->spec->n * HOLD_ROWS;
	uint32_t j;
	unsigned int i;

	for (j = 0; j < h->n; j++)
		shape[j] = h->shape[j];
	view->shape = (struct vec){.kind = VEC_U32,
	    .type = CT_NUMBER,
	    .n = h->n,
	    .u32 = shape};
	batch_set_empty(b, h->n);
	batch_reshape(b, h->shapes, h->nshapes, &view->shape);
	for (i = 0; i < h->spec->n; i++)
		if (view_column(view, h, i, b) == -1)
			return (-1);
	return (0);
}
