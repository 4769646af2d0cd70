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

/* Columns by Arrow's C data interface. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/arrow-abi.h"

static const char *const formats[COLUMN_KINDS] = {
    [COLUMN_U8] = "C",
    [COLUMN_U16] = "S",
    [COLUMN_U32] = "I",
    [COLUMN_U64] = "L",
    [COLUMN_TIME] = "tsn:UTC",
    [COLUMN_ADDR] = "w:16",
    [COLUMN_MAC] = "w:6",
    [COLUMN_TEXT] = "u",
    [COLUMN_BYTES] = "z",
    [COLUMN_LABELS] = "+l",
    [COLUMN_DURATION] = "tDn",
    [COLUMN_RATE] = "g",
};

/* A child that was moved away has no release any more. */
static void
schema_release(struct ArrowSchema *s)
{
	int64_t i;

	for (i = 0; i < s->n_children; i++) {
		if (s->children[i]->release != NULL)
			s->children[i]->release(s->children[i]);
		free(s->children[i]);
	}
	free(s->children);
	free(s->private_data);
	s->release = NULL;
}

/* With room for so many children, which count when they are there. */
static int
schema_init(struct ArrowSchema *s, const char *format, const char *name,
    uint16_t children)
{
	memset(s, 0, sizeof(*s));
	s->format = format;
	s->flags = ARROW_FLAG_NULLABLE;
	s->private_data = strdup(name);
	s->children = calloc(children + 1U, sizeof(*s->children));
	if (s->private_data == NULL || s->children == NULL) {
		free(s->private_data);
		free(s->children);
		return (ENOMEM);
	}
	s->name = s->private_data;
	s->release = schema_release;
	return (0);
}

static struct ArrowSchema *
schema_child(struct ArrowSchema *s)
{
	return (s->children[s->n_children] = calloc(1, sizeof(*s)));
}

int
arrow_schema_one(struct ArrowSchema *out, const struct arrow_column *c)
{
	struct ArrowSchema s, *child;
	bool list = c->kind == COLUMN_LABELS;

	if (schema_init(&s, formats[c->kind], c->name, list) != 0)
		return (ENOMEM);
	if (list) {
		if ((child = schema_child(&s)) == NULL ||
		    schema_init(child, "I", "item", 0) != 0) {
			free(child);
			schema_release(&s);
			return (ENOMEM);
		}
		s.n_children++;
	}
	*out = s;
	return (0);
}

int
arrow_schema(struct ArrowSchema *out, const struct arrow_column *c, uint16_t n)
{
	struct ArrowSchema s, *child;
	uint16_t i;

	if (schema_init(&s, "+s", "", n) != 0)
		return (ENOMEM);
	s.flags = 0;
	for (i = 0; i < n; i++) {
		if ((child = schema_child(&s)) == NULL ||
		    arrow_schema_one(child, &c[i]) != 0) {
			free(child);
			schema_release(&s);
			return (ENOMEM);
		}
		s.n_children++;
	}
	*out = s;
	return (0);
}

/* What an array keeps: the columns, and the list of its buffers. */
struct held {
	struct columns *columns;
	const void *buffers[3];
};

static void
array_release(struct ArrowArray *a)
{
	struct held *held = a->private_data;
	int64_t i;

	for (i = 0; i < a->n_children; i++) {
		if (a->children[i]->release != NULL)
			a->children[i]->release(a->children[i]);
		free(a->children[i]);
	}
	free(a->children);
	columns_drop(held->columns);
	free(held);
	a->release = NULL;
}

static int
array_init(struct ArrowArray *a, struct columns *cs, int64_t length,
    uint16_t children)
{
	struct held *held = calloc(1, sizeof(*held));

	memset(a, 0, sizeof(*a));
	a->children = calloc(children + 1U, sizeof(*a->children));
	if (held == NULL || a->children == NULL) {
		free(held);
		free(a->children);
		return (ENOMEM);
	}
	held->columns = columns_hold(cs);
	a->length = length;
	a->buffers = held->buffers;
	a->n_buffers = 1;
	a->private_data = held;
	a->release = array_release;
	return (0);
}

static struct ArrowArray *
array_child(struct ArrowArray *a)
{
	return (a->children[a->n_children] = calloc(1, sizeof(*a)));
}

/* The labels of all rows, one behind the other. */
static int
array_labels(struct ArrowArray *a, struct columns *cs, const struct column *c)
{
	struct ArrowArray *child;

	if ((child = array_child(a)) == NULL ||
	    array_init(child, cs, c->offsets[cs->rows], 0) != 0) {
		free(child);
		return (ENOMEM);
	}
	child->n_buffers = 2;
	child->buffers[1] = c->values;
	a->n_children++;
	return (0);
}

int
arrow_array_one(struct ArrowArray *out, struct columns *cs, uint16_t i)
{
	const struct column *c = &cs->column[i];
	struct ArrowArray a;

	if (array_init(&a, cs, cs->rows, 1) != 0)
		return (ENOMEM);
	a.null_count = c->nulls;
	a.buffers[0] = c->validity;
	a.buffers[1] = c->offsets != NULL ? c->offsets : c->values;
	a.buffers[2] = c->offsets != NULL ? c->values : NULL;
	a.n_buffers = c->offsets != NULL && c->kind != COLUMN_LABELS ? 3 : 2;
	if (c->kind == COLUMN_LABELS && array_labels(&a, cs, c) != 0) {
		array_release(&a);
		return (ENOMEM);
	}
	*out = a;
	return (0);
}

int
arrow_array(struct ArrowArray *out, struct columns *cs)
{
	struct ArrowArray a, *child;
	uint16_t i;

	if (array_init(&a, cs, cs->rows, cs->n) != 0)
		return (ENOMEM);
	for (i = 0; i < cs->n; i++) {
		if ((child = array_child(&a)) == NULL ||
		    arrow_array_one(child, cs, i) != 0) {
			free(child);
			array_release(&a);
			return (ENOMEM);
		}
		a.n_children++;
	}
	*out = a;
	return (0);
}
