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
 * Column: the values of one field of a batch.  It shows the memory of the
 * columns that it has a reference to, and copies nothing.
 */

#include <stddef.h>
#include <string.h>

#include "bindings/python/core/arrow.h"
#include "bindings/python/core/core.h"

struct column_object {
	PyObject_HEAD struct columns *columns;
	const struct column *column;
	bool bits; /* of the validity: of no use but as a buffer */
	Py_ssize_t shape, stride;
};

/* As struct has it, in native order. */
static const char *const buffer_formats[COLUMN_KINDS] = {
    [COLUMN_U8] = "B",
    [COLUMN_U16] = "H",
    [COLUMN_U32] = "I",
    [COLUMN_U64] = "Q",
    [COLUMN_TIME] = "q",
    [COLUMN_ADDR] = "16s",
    [COLUMN_MAC] = "6s",
    [COLUMN_DURATION] = "q",
    [COLUMN_RATE] = "d",
};

const char *
column_type_name(const struct column *c)
{
	static const char *const names[COLUMN_KINDS] = {
	    [COLUMN_U64] = "u64",
	    [COLUMN_TIME] = "time",
	    [COLUMN_DURATION] = "duration",
	    [COLUMN_RATE] = "rate",
	};

	if (c->field != NULL)
		return (field_type_name(c->field->bit));
	return (names[c->kind] == NULL ? "text" : names[c->kind]);
}

PyObject *
columns_names(const struct columns *cs)
{
	PyObject *tuple = PyTuple_New(cs->n), *name;
	uint16_t i;

	for (i = 0; i < cs->n && tuple != NULL; i++) {
		if ((name = PyUnicode_FromString(cs->column[i].name)) == NULL)
			Py_CLEAR(tuple);
		else
			(void)PyTuple_SetItem(tuple, i, name);
	}
	return (tuple);
}

static inline struct column_object *
cast(PyObject *self)
{
	return ((struct column_object *)self);
}

PyObject *
column_wrap(const struct module_state *state, struct columns *cs, uint16_t i)
{
	struct column_object *self;

	self = (struct column_object *)
	    PyType_GenericAlloc(state->type[CORE_COLUMN], 0);
	if (self == NULL)
		return (NULL);
	self->columns = columns_hold(cs);
	self->column = &cs->column[i];
	self->bits = false;
	return ((PyObject *)self);
}

static PyObject *
addr_value(const uint8_t *p)
{
	struct addr a;

	columns_addr(&a, p);
	return (field_addr(&a));
}

static PyObject *
mac_value(const uint8_t *p)
{
	struct flow f;

	memcpy(f.in_src_mac, p, 6);
	return (field_value(&f, FLOW_IN_SRC_MAC));
}

static PyObject *
labels_value(const uint32_t *p, size_t n)
{
	struct flow f = {0};

	if (n > FLOW_MPLS_MAX)
		n = FLOW_MPLS_MAX;
	memcpy(f.mpls_labels, p, n * sizeof(*p));
	return (field_value(&f, FLOW_MPLS_LABELS));
}

static PyObject *
long_value(const struct column *c, uint32_t row)
{
	const char *p = (const char *)c->values + c->offsets[row];
	int32_t len = c->offsets[row + 1] - c->offsets[row];

	switch (c->kind) {
	case COLUMN_LABELS:
		return (
		    labels_value((const uint32_t *)c->values + c->offsets[row],
			(size_t)len));
	case COLUMN_BYTES:
		return (PyBytes_FromStringAndSize(p, len));
	default:
		return (PyUnicode_DecodeUTF8(p, len, "replace"));
	}
}

PyObject *
column_value(const struct column *c, uint32_t row)
{
	const uint8_t *p =
	    (const uint8_t *)c->values + column_size(c->kind) * row;

	if (!column_has(c, row))
		Py_RETURN_NONE;
	switch (c->kind) {
	case COLUMN_U8:
		return (PyLong_FromLong(*p));
	case COLUMN_U16:
		return (PyLong_FromLong(((const uint16_t *)c->values)[row]));
	case COLUMN_U32:
		return (PyLong_FromUnsignedLong(
		    ((const uint32_t *)c->values)[row]));
	case COLUMN_U64:
		return (PyLong_FromUnsignedLongLong(
		    ((const uint64_t *)c->values)[row]));
	case COLUMN_TIME:
	case COLUMN_DURATION:
		return (PyLong_FromLongLong(((const int64_t *)c->values)[row]));
	case COLUMN_RATE:
		return (PyFloat_FromDouble(((const double *)c->values)[row]));
	case COLUMN_ADDR:
		return (addr_value(p));
	case COLUMN_MAC:
		return (mac_value(p));
	default:
		return (long_value(c, row));
	}
}

static Py_ssize_t
length(PyObject *self)
{
	return (cast(self)->columns->rows);
}

/* The interpreter has added the length to what was negative. */
static PyObject *
item(PyObject *self, Py_ssize_t i)
{
	if (i < 0 || i >= length(self)) {
		PyErr_SetString(PyExc_IndexError, "no such row");
		return (NULL);
	}
	return (column_value(cast(self)->column, (uint32_t)i));
}

static PyObject *
to_list(PyObject *self, PyObject *none)
{
	Py_ssize_t n = length(self), i;
	PyObject *list = PyList_New(n), *one;

	(void)none;
	for (i = 0; i < n && list != NULL; i++) {
		if ((one = item(self, i)) == NULL)
			Py_CLEAR(list);
		else
			(void)PyList_SetItem(list, i, one);
	}
	return (list);
}

static int
get_bits(struct column_object *self, Py_buffer *view, int flags)
{
	return (
	    PyBuffer_FillInfo(view, (PyObject *)self, self->column->validity,
		((Py_ssize_t)self->columns->rows + 7) / 8, 1, flags));
}

/* bf_getbuffer refuses by BufferError, with view->obj NULL. */
static int
get_buffer(PyObject *o, Py_buffer *view, int flags)
{
	struct column_object *self = cast(o);
	const struct column *c = self->column;
	const size_t size = column_size(c->kind);

	if (self->bits)
		return (get_bits(self, view, flags));
	view->obj = NULL;
	if (size == 0) {
		PyErr_Format(PyExc_BufferError,
		    "values of %s have no one "
		    "size: use to_list(), or Arrow",
		    c->name);
		return (-1);
	}
	if ((flags & PyBUF_WRITABLE) != 0) {
		PyErr_SetString(PyExc_BufferError, "columns are read only");
		return (-1);
	}
	self->shape = self->columns->rows;
	self->stride = (Py_ssize_t)size;
	view->buf = c->values;
	view->len = self->shape * self->stride;
	view->readonly = 1;
	view->itemsize = self->stride;
	view->ndim = 1;
	view->format = NULL;
	if ((flags & PyBUF_FORMAT) != 0) {
		/* It is only read. */
		memcpy(&view->format, &buffer_formats[c->kind],
		    sizeof(view->format));
	}
	view->shape = (flags & PyBUF_ND) != 0 ? &self->shape : NULL;
	view->strides =
	    (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &self->stride : NULL;
	view->suboffsets = NULL;
	view->internal = NULL;
	view->obj = Py_NewRef(o);
	return (0);
}

static PyObject *
get_name(PyObject *self, void *closure)
{
	(void)closure;
	return (PyUnicode_FromString(cast(self)->column->name));
}

static PyObject *
get_type(PyObject *self, void *closure)
{
	(void)closure;
	return (PyUnicode_FromString(column_type_name(cast(self)->column)));
}

static PyObject *
get_nulls(PyObject *self, void *closure)
{
	(void)closure;
	return (PyLong_FromUnsignedLong(cast(self)->column->nulls));
}

static PyObject *
get_validity(PyObject *self, void *closure)
{
	const struct column_object *c = cast(self);
	PyObject *bits, *view;

	(void)closure;
	if (c->column->validity == NULL)
		Py_RETURN_NONE;
	bits = column_wrap(core_state(self), c->columns,
	    (uint16_t)(c->column - c->columns->column));
	if (bits == NULL)
		return (NULL);
	cast(bits)->bits = true;
	view = PyMemoryView_FromObject(bits);
	Py_DECREF(bits);
	return (view);
}

static PyObject *
arrow_c_schema(PyObject *self, PyObject *none)
{
	const struct column *c = cast(self)->column;
	const struct arrow_column as = {c->name, c->kind};

	(void)none;
	return (arrow_schema_capsule_one(&as));
}

static PyObject *
arrow_c_array(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"requested_schema", NULL};
	const struct column_object *c = cast(self);
	PyObject *requested = NULL;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:__arrow_c_array__",
		names, &requested))
		return (NULL);
	return (arrow_array_capsules_one(c->columns,
	    (uint16_t)(c->column - c->columns->column)));
}

static PyObject *
repr(PyObject *self)
{
	const struct column_object *c = cast(self);

	return (PyUnicode_FromFormat("<flowd.Column %s %s, %zd values, %zd of "
				     "them null>",
	    c->column->name, column_type_name(c->column), length(self),
	    (Py_ssize_t)c->column->nulls));
}

static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	columns_drop(cast(self)->columns);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"to_list", to_list, METH_NOARGS,
	"to_list($self, /)\n--\n\nAll values; None where there is none."},
    {"__arrow_c_schema__", arrow_c_schema, METH_NOARGS, NULL},
    {"__arrow_c_array__", (PyCFunction)(void (*)(void))arrow_c_array,
	METH_VARARGS | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"name", get_name, NULL, "the field", NULL},
    {"type", get_type, NULL, "as fields() has it", NULL},
    {"nulls", get_nulls, NULL, "how many values are not there", NULL},
    {"validity", get_validity, NULL,
	"A bit for each value, as Arrow has it; None: all are there.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Values of one field, behind the buffer protocol."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_repr, repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {Py_sq_length, length},
    {Py_sq_item, item},
    {Py_bf_getbuffer, get_buffer},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd.Column",
    .basicsize = sizeof(struct column_object),
    .flags = CORE_NO_NEW,
    .slots = slots,
};

int
column_register(PyObject *module)
{
	return (core_add_type(module, CORE_COLUMN, &spec));
}
