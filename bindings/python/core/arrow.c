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

/* Arrow's capsules of schemas and arrays; a consumer may leave them unused. */

#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/arrow.h"

static void
schema_destroy(PyObject *capsule)
{
	struct ArrowSchema *s = PyCapsule_GetPointer(capsule, "arrow_schema");

	if (s == NULL) {
		PyErr_Clear();
		return;
	}
	if (s->release != NULL)
		s->release(s);
	free(s);
}

static void
array_destroy(PyObject *capsule)
{
	struct ArrowArray *a = PyCapsule_GetPointer(capsule, "arrow_array");

	if (a == NULL) {
		PyErr_Clear();
		return;
	}
	if (a->release != NULL)
		a->release(a);
	free(a);
}

/* Takes the schema: what was allocated is the capsule's. */
static PyObject *
schema_capsule(const struct ArrowSchema *from, int error)
{
	struct ArrowSchema *s = NULL;
	PyObject *capsule;

	if (error != 0)
		return (PyErr_NoMemory());
	if ((s = malloc(sizeof(*s))) == NULL) {
		struct ArrowSchema lost = *from;

		lost.release(&lost);
		return (PyErr_NoMemory());
	}
	*s = *from;
	capsule = PyCapsule_New(s, "arrow_schema", schema_destroy);
	if (capsule == NULL) {
		s->release(s);
		free(s);
	}
	return (capsule);
}

static PyObject *
array_capsule(const struct ArrowArray *from, int error)
{
	struct ArrowArray *a = NULL;
	PyObject *capsule;

	if (error != 0)
		return (PyErr_NoMemory());
	if ((a = malloc(sizeof(*a))) == NULL) {
		struct ArrowArray lost = *from;

		lost.release(&lost);
		return (PyErr_NoMemory());
	}
	*a = *from;
	capsule = PyCapsule_New(a, "arrow_array", array_destroy);
	if (capsule == NULL) {
		a->release(a);
		free(a);
	}
	return (capsule);
}

PyObject *
arrow_schema_capsule(const struct arrow_column *c, uint16_t n)
{
	struct ArrowSchema s;
	int error = arrow_schema(&s, c, n);

	return (schema_capsule(&s, error));
}

PyObject *
arrow_schema_capsule_one(const struct arrow_column *c)
{
	struct ArrowSchema s;
	int error = arrow_schema_one(&s, c);

	return (schema_capsule(&s, error));
}

PyObject *
arrow_schema_of(const struct columns *cs)
{
	struct arrow_column *c;
	PyObject *capsule;
	uint16_t i;

	if ((c = calloc(cs->n + 1U, sizeof(*c))) == NULL)
		return (PyErr_NoMemory());
	for (i = 0; i < cs->n; i++)
		c[i] = (struct arrow_column){cs->column[i].name,
		    cs->column[i].kind};
	capsule = arrow_schema_capsule(c, cs->n);
	free(c);
	return (capsule);
}

static PyObject *
both(PyObject *schema, PyObject *array)
{
	if (schema == NULL || array == NULL) {
		Py_XDECREF(schema);
		Py_XDECREF(array);
		return (NULL);
	}
	return (Py_BuildValue("(NN)", schema, array));
}

PyObject *
arrow_array_capsules(struct columns *cs)
{
	PyObject *schema = arrow_schema_of(cs);
	struct ArrowArray a;

	if (schema == NULL)
		return (NULL);
	return (both(schema, array_capsule(&a, arrow_array(&a, cs))));
}

PyObject *
arrow_array_capsules_one(struct columns *cs, uint16_t i)
{
	const struct arrow_column c = {cs->column[i].name, cs->column[i].kind};
	PyObject *schema = arrow_schema_capsule_one(&c);
	struct ArrowArray a;

	if (schema == NULL)
		return (NULL);
	return (both(schema, array_capsule(&a, arrow_array_one(&a, cs, i))));
}

void
arrow_columns(const struct asked *a, struct arrow_column *to)
{
	const struct field *fd;
	uint16_t i;

	for (i = 0; i < a->n; i++) {
		fd = &fields[a->field[i]];
		to[i] =
		    (struct arrow_column){fd->name, column_kind(fd, a->text)};
	}
}

/* Addresses may be asked for as text: "u", or "U" and "vu" of larger kinds. */
static bool
wants_text(const struct field *fd, const char *format)
{
	return (fd->type == FT_ADDR && format != NULL &&
	    (strcmp(format, "u") == 0 || strcmp(format, "U") == 0 ||
		strcmp(format, "vu") == 0));
}

int
arrow_requested(const struct module_state *state, PyObject *requested,
    struct asked *a)
{
	const struct ArrowSchema *s, *child;
	const struct field *fd;
	const char *name;
	int64_t i;

	if (requested == NULL || requested == Py_None)
		return (0);
	if ((s = PyCapsule_GetPointer(requested, "arrow_schema")) == NULL)
		return (-1);
	/* Whoever has imported it took all that is in it. */
	if (s->release == NULL || s->format == NULL ||
	    strcmp(s->format, "+s") != 0) {
		(void)core_raise(state, CORE_QUESTION,
		    "requested_schema is not a struct of columns");
		return (-1);
	}
	a->n = 0;
	a->text = false;
	for (i = 0; i < s->n_children; i++) {
		child = s->children[i];
		name = child->release == NULL || child->name == NULL
		    ? ""
		    : child->name;
		if ((fd = field_by_name(name)) == NULL) {
			(void)core_raise(state, CORE_QUESTION,
			    "%.60s: there is no such field", name);
			return (-1);
		}
		if (memchr(a->field, fd->bit, a->n) == NULL)
			a->field[a->n++] = (uint8_t)fd->bit;
		a->text = a->text || wants_text(fd, child->format);
	}
	return (0);
}
