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

/* Batch: flows in columns, as they were at the time. */

#include <string.h>

#include "bindings/python/core/arrow.h"

struct batch_object {
	PyObject_HEAD struct columns *columns;
};

static inline struct columns *
columns_of(PyObject *self)
{
	return (((struct batch_object *)self)->columns);
}

PyObject *
batch_wrap(const struct module_state *state, struct columns *cs)
{
	struct batch_object *self;

	self =
	    (struct batch_object *)PyType_GenericAlloc(state->type[CORE_BATCH],
		0);
	if (self == NULL) {
		columns_drop(cs);
		return (NULL);
	}
	self->columns = cs;
	return ((PyObject *)self);
}

bool
core_is_batch(const struct module_state *state, PyObject *o)
{
	return (Py_IS_TYPE(o, state->type[CORE_BATCH]));
}

struct columns *
batch_columns(PyObject *self)
{
	return (columns_of(self));
}

static Py_ssize_t
length(PyObject *self)
{
	return (columns_of(self)->rows);
}

static PyObject *
subscript(PyObject *self, PyObject *name)
{
	struct columns *cs = columns_of(self);
	const char *s;
	uint16_t i;

	if (!PyUnicode_Check(name)) {
		PyErr_SetString(PyExc_TypeError,
		    "columns have names; rows are iterated over");
		return (NULL);
	}
	if ((s = args_text(name)) == NULL)
		return (NULL);
	for (i = 0; i < cs->n; i++)
		if (strcmp(cs->column[i].name, s) == 0)
			return (column_wrap(core_state(self), cs, i));
	PyErr_SetObject(PyExc_KeyError, name);
	return (NULL);
}

static PyObject *
get_columns(PyObject *self, void *closure)
{
	(void)closure;
	return (columns_names(columns_of(self)));
}

/* The batch's columns, and how far they were. */
struct rows_object {
	PyObject_HEAD struct columns *columns;
	uint32_t next;
};

static PyObject *
iter(PyObject *self)
{
	struct rows_object *rows;

	rows = (struct rows_object *)
	    PyType_GenericAlloc(core_state(self)->type[CORE_ROWS], 0);
	if (rows == NULL)
		return (NULL);
	rows->columns = columns_hold(columns_of(self));
	rows->next = 0;
	return ((PyObject *)rows);
}

static PyObject *
rows_next(PyObject *self)
{
	struct rows_object *rows = (struct rows_object *)self;
	struct flow f;

	if (rows->next >= rows->columns->rows)
		return (NULL);
	columns_row(rows->columns, rows->next++, &f);
	return (flow_wrap(core_state(self), &f, false));
}

static void
rows_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	columns_drop(((struct rows_object *)self)->columns);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyObject *
arrow_c_schema(PyObject *self, PyObject *none)
{
	(void)none;
	return (arrow_schema_of(columns_of(self)));
}

/* All columns, whatever is asked for: the protocol allows it. */
static PyObject *
arrow_c_array(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"requested_schema", NULL};
	PyObject *requested = NULL;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:__arrow_c_array__",
		names, &requested))
		return (NULL);
	return (arrow_array_capsules(columns_of(self)));
}

static PyObject *
repr(PyObject *self)
{
	PyObject *names = get_columns(self, NULL), *result;

	if (names == NULL)
		return (NULL);
	result = PyUnicode_FromFormat("<flowd.Batch of %zd flows, columns %R>",
	    length(self), names);
	Py_DECREF(names);
	return (result);
}

static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	columns_drop(columns_of(self));
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"__arrow_c_schema__", arrow_c_schema, METH_NOARGS, NULL},
    {"__arrow_c_array__", (PyCFunction)(void (*)(void))arrow_c_array,
	METH_VARARGS | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"columns", get_columns, NULL, "names of its columns", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Flows in columns; iterated over, they are Flows."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_repr, repr},
    {Py_tp_iter, iter},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {Py_mp_length, length},
    {Py_mp_subscript, subscript},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd.Batch",
    .basicsize = sizeof(struct batch_object),
    .flags = CORE_NO_NEW,
    .slots = slots,
};

static PyType_Slot rows_slots[] = {
    {Py_tp_dealloc, rows_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, rows_next},
    {0, NULL},
};

static PyType_Spec rows_spec = {
    .name = "flowd._core.Rows",
    .basicsize = sizeof(struct rows_object),
    .flags = CORE_NO_NEW,
    .slots = rows_slots,
};

int
batch_register(PyObject *module)
{
	if (core_add_type(module, CORE_ROWS, &rows_spec) == -1)
		return (-1);
	return (core_add_type(module, CORE_BATCH, &spec));
}
