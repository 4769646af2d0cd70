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

/* Layouts: what a template says of its records. */

#include "decode.h"

#include <structmember.h>

/* A length of one byte that says: two bytes of length follow. */
#define LENGTH_LONG 255

static int
slot_length(struct span *rest, size_t *len)
{
	if (rest->len < 1)
		return (-1);
	*len = rest->p[0];
	rest->p++;
	rest->len--;
	if (*len < LENGTH_LONG)
		return (0);
	if (rest->len < 2)
		return (-1);
	*len = (size_t)rest->p[0] << 8 | rest->p[1];
	rest->p += 2;
	rest->len -= 2;
	return (0);
}

int
slot_next(const struct slot *slot, struct span *rest, struct span *value)
{
	size_t len = slot->len;

	if (len == SLOT_VARIABLE && slot_length(rest, &len) == -1)
		return (-1);
	if (len > rest->len)
		return (-1);
	value->p = rest->p;
	value->len = len;
	rest->p += len;
	rest->len -= len;
	return (0);
}

size_t
layout_length(const struct layout *layout, struct span rest)
{
	struct span value;
	size_t had = rest.len;

	if (rest.len < layout->least)
		return (0);
	if (!layout->variable)
		return (layout->least);
	for (Py_ssize_t i = 0; i < layout->n; i++)
		if (slot_next(&layout->slots[i], &rest, &value) == -1)
			return (0);
	return (had - rest.len);
}

static int
put_value(PyObject *dict, PyObject *name, const struct slot *slot,
    struct span value)
{
	PyObject *v;
	int err;

	if (slot->kind == VALUE_NONE)
		return (0);
	if ((v = value_new(slot->kind, value)) == NULL)
		return (-1);
	err = PyDict_SetItem(dict, name, v);
	Py_DECREF(v);
	return (err);
}

/* Lengths were checked before: who comes here has found a bug. */
static PyObject *
torn(PyObject *dict)
{
	Py_XDECREF(dict);
	if (PyErr_Occurred() == NULL)
		PyErr_SetString(PyExc_SystemError, "a record is torn");
	return (NULL);
}

PyObject *
layout_dict(const struct layout *layout, struct span rest)
{
	PyObject *dict = PyDict_Copy(layout->blank);
	struct span value;

	if (dict == NULL)
		return (NULL);
	for (Py_ssize_t i = 0; i < layout->n; i++)
		if (slot_next(&layout->slots[i], &rest, &value) == -1 ||
		    put_value(dict, PyTuple_GetItem(layout->names, i),
			&layout->slots[i], value) == -1)
			return (torn(dict));
	return (dict);
}

PyObject *
layout_value(const struct layout *layout, Py_ssize_t slot, struct span rest)
{
	const struct slot *s = &layout->slots[slot];
	struct span value = {rest.p + s->at, s->len};

	if (layout->variable)
		for (Py_ssize_t i = 0; i <= slot; i++)
			if (slot_next(&layout->slots[i], &rest, &value) == -1)
				return (torn(NULL));
	return (value_new(s->kind, value));
}

/* 0 to below limit, or -1 with an exception. */
static long
small(PyObject *sequence, Py_ssize_t i, long limit)
{
	PyObject *item = PySequence_GetItem(sequence, i);
	long n;

	if (item == NULL)
		return (-1);
	n = PyLong_AsLong(item);
	Py_DECREF(item);
	if (n == -1 && PyErr_Occurred() != NULL)
		return (-1);
	if (n < 0 || n >= limit) {
		PyErr_Format(PyExc_ValueError,
		    "%ld is not a number from 0 to %ld", n, limit - 1);
		return (-1);
	}
	return (n);
}

static int
put_slot(struct layout *layout, Py_ssize_t i, long kind, long len)
{
	struct slot *slot = &layout->slots[i];
	PyObject *name = PyTuple_GetItem(layout->names, i), *number;
	int err;

	slot->kind = (uint8_t)kind;
	slot->len = (uint16_t)len;
	slot->at = (uint32_t)layout->least;
	if (len == SLOT_VARIABLE)
		layout->variable = 1;
	layout->least += len == SLOT_VARIABLE ? 1 : (size_t)len;
	if (kind == VALUE_NONE)
		return (0);
	if ((number = PyLong_FromSsize_t(i)) == NULL)
		return (-1);
	err = PyDict_SetItem(layout->index, name, number);
	Py_DECREF(number);
	return (err == -1 ? -1 : PyDict_SetItem(layout->blank, name, Py_None));
}

static int
fill(struct layout *layout, PyObject *kinds, PyObject *lens)
{
	Py_ssize_t n = PyTuple_Size(layout->names);
	long kind, len;

	if (PySequence_Size(kinds) != n || PySequence_Size(lens) != n) {
		if (PyErr_Occurred() == NULL)
			PyErr_SetString(PyExc_ValueError,
			    "names, kinds and lengths differ in number");
		return (-1);
	}
	/* No template has more: 64 KB of packet, 4 bytes a field. */
	if (n > UINT16_MAX) {
		PyErr_SetString(PyExc_ValueError, "too many fields");
		return (-1);
	}
	layout->slots = PyMem_Calloc((size_t)n + 1, sizeof(*layout->slots));
	if (layout->slots == NULL) {
		PyErr_NoMemory();
		return (-1);
	}
	for (Py_ssize_t i = 0; i < n; i++) {
		if ((kind = small(kinds, i, VALUE_KINDS)) == -1 ||
		    (len = small(lens, i, SLOT_VARIABLE + 1)) == -1 ||
		    put_slot(layout, i, kind, len) == -1)
			return (-1);
		layout->n = i + 1;
	}
	return (0);
}

static PyObject *
layout_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	PyObject *names, *kinds, *lens, *ids = NULL;
	struct layout *layout;

	if (kwargs != NULL && PyDict_Size(kwargs) != 0) {
		PyErr_SetString(PyExc_TypeError, "Layout takes no keywords");
		return (NULL);
	}
	if (!PyArg_ParseTuple(args, "O!OO|O!:Layout", &PyTuple_Type, &names,
		&kinds, &lens, &PyTuple_Type, &ids))
		return (NULL);
	layout = (struct layout *)PyType_GenericAlloc(type, 0);
	if (layout == NULL)
		return (NULL);
	layout->names = Py_NewRef(names);
	layout->ids = ids != NULL ? Py_NewRef(ids) : PyTuple_New(0);
	layout->index = PyDict_New();
	layout->blank = PyDict_New();
	if (layout->ids == NULL || layout->index == NULL ||
	    layout->blank == NULL || fill(layout, kinds, lens) == -1) {
		Py_DECREF(layout);
		return (NULL);
	}
	return ((PyObject *)layout);
}

static int
layout_traverse(PyObject *self, visitproc visit, void *arg)
{
	struct layout *layout = (struct layout *)self;

	Py_VISIT(Py_TYPE(self));
	Py_VISIT(layout->names);
	Py_VISIT(layout->ids);
	Py_VISIT(layout->index);
	Py_VISIT(layout->blank);
	return (0);
}

/* Without a clear: nothing in it is ever changed, so it closes no cycle. */
static void
layout_dealloc(PyObject *self)
{
	struct layout *layout = (struct layout *)self;
	PyTypeObject *type = Py_TYPE(self);
	freefunc done = (freefunc)PyType_GetSlot(type, Py_tp_free);

	PyObject_GC_UnTrack(self);
	Py_XDECREF(layout->names);
	Py_XDECREF(layout->ids);
	Py_XDECREF(layout->index);
	Py_XDECREF(layout->blank);
	PyMem_Free(layout->slots);
	done(self);
	Py_DECREF(type);
}

/* Where in the packet the records are: checked once, for both below. */
static int
region(PyObject *packet, Py_ssize_t start, Py_ssize_t end, struct span *rest)
{
	Py_ssize_t size = PyBytes_Size(packet);

	if (size == -1)
		return (-1);
	if (start < 0 || start > end || end > size) {
		PyErr_Format(PyExc_ValueError,
		    "%zd to %zd is not within %zd bytes", start, end, size);
		return (-1);
	}
	rest->p = (const uint8_t *)PyBytes_AsString(packet) + start;
	rest->len = (size_t)(end - start);
	return (0);
}

static int
append(PyObject *list, PyObject *record)
{
	int err;

	if (record == NULL)
		return (-1);
	err = PyList_Append(list, record);
	Py_DECREF(record);
	return (err);
}

static int
cut_all(struct layout *layout, PyTypeObject *type, PyObject *packet,
    struct span *rest, PyObject *list)
{
	const uint8_t *all = (const uint8_t *)PyBytes_AsString(packet);
	size_t len;

	while ((len = layout_length(layout, *rest)) > 0) {
		if (append(list,
			record_new(type, layout, packet,
			    (size_t)(rest->p - all), len)) == -1)
			return (-1);
		rest->p += len;
		rest->len -= len;
	}
	return (0);
}

PyDoc_STRVAR(cut_doc,
    "cut(type, packet, start, end, records, /)\n--\n\n"
    "Append the whole records of packet[start:end] to the list.\n\n"
    "Returns where the last of them ends.");

static PyObject *
layout_cut(PyObject *self, PyObject *args)
{
	struct state *state;
	PyObject *type, *packet, *list;
	Py_ssize_t start, end;
	struct span rest;

	if (!PyArg_ParseTuple(args, "O!SnnO!:cut", &PyType_Type, &type, &packet,
		&start, &end, &PyList_Type, &list))
		return (NULL);
	state = PyType_GetModuleState(Py_TYPE(self));
	if (state == NULL || region(packet, start, end, &rest) == -1)
		return (NULL);
	if (!PyType_IsSubtype((PyTypeObject *)type,
		(PyTypeObject *)state->record_type)) {
		PyErr_SetString(PyExc_TypeError, "type is not below Record");
		return (NULL);
	}
	if (cut_all((struct layout *)self, (PyTypeObject *)type, packet, &rest,
		list) == -1)
		return (NULL);
	return (PyLong_FromSsize_t(end - (Py_ssize_t)rest.len));
}

PyDoc_STRVAR(measure_doc,
    "measure(packet, start, end, /)\n--\n\n"
    "Return where the last whole record of packet[start:end] ends.");

static PyObject *
layout_measure(PyObject *self, PyObject *args)
{
	struct layout *layout = (struct layout *)self;
	Py_ssize_t start, end;
	PyObject *packet;
	struct span rest;
	size_t len;

	if (!PyArg_ParseTuple(args, "Snn:measure", &packet, &start, &end) ||
	    region(packet, start, end, &rest) == -1)
		return (NULL);
	/* Of equal length: no need to walk. */
	if (!layout->variable && layout->least > 0)
		rest.len %= layout->least;
	else
		while ((len = layout_length(layout, rest)) > 0) {
			rest.p += len;
			rest.len -= len;
		}
	return (PyLong_FromSsize_t(end - (Py_ssize_t)rest.len));
}

PyDoc_STRVAR(load_doc,
    "load(record, packet, start, end, /)\n--\n\n"
    "Make record the one at packet[start:end].\n\n"
    "Raises ValueError where it is not whole.");

static PyObject *
layout_load(PyObject *self, PyObject *args)
{
	struct state *state;
	PyObject *packet, *object;
	Py_ssize_t start, end;
	struct span rest;
	size_t len;

	state = PyType_GetModuleState(Py_TYPE(self));
	if (state == NULL ||
	    !PyArg_ParseTuple(args, "O!Snn:load", state->record_type, &object,
		&packet, &start, &end) ||
	    region(packet, start, end, &rest) == -1)
		return (NULL);
	if ((len = layout_length((struct layout *)self, rest)) == 0) {
		PyErr_SetString(PyExc_ValueError, "the record is not whole");
		return (NULL);
	}
	record_load((struct record *)object, (struct layout *)self, packet,
	    (size_t)start, len);
	Py_RETURN_NONE;
}

PyDoc_STRVAR(decode_doc,
    "decode(packet, start, end, /)\n--\n\n"
    "Return the fields of the record at packet[start:end] as a dict.\n\n"
    "Raises ValueError where it is not whole.");

static PyObject *
layout_decode(PyObject *self, PyObject *args)
{
	struct layout *layout = (struct layout *)self;
	Py_ssize_t start, end;
	PyObject *packet;
	struct span rest;

	if (!PyArg_ParseTuple(args, "Snn:decode", &packet, &start, &end) ||
	    region(packet, start, end, &rest) == -1)
		return (NULL);
	if (layout->n > 0 && layout->least > 0 &&
	    layout_length(layout, rest) == 0) {
		PyErr_SetString(PyExc_ValueError, "the record is not whole");
		return (NULL);
	}
	return (layout_dict(layout, rest));
}

static PyMethodDef layout_methods[] = {
    {"cut", layout_cut, METH_VARARGS, cut_doc},
    {"measure", layout_measure, METH_VARARGS, measure_doc},
    {"load", layout_load, METH_VARARGS, load_doc},
    {"decode", layout_decode, METH_VARARGS, decode_doc},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef layout_members[] = {
    {"names", T_OBJECT, offsetof(struct layout, names), READONLY,
	"the name of each field"},
    {"ids", T_OBJECT, offsetof(struct layout, ids), READONLY,
	"the number of each field"},
    {"size", T_PYSSIZET, offsetof(struct layout, least), READONLY,
	"bytes of the shortest record"},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(layout_doc,
    "Layout(names, kinds, lengths, ids=(), /)\n--\n\n"
    "Where the fields of a record are and what they become.\n\n"
    "Length 65535 means that the length is in the record.");

static PyType_Slot layout_slots[] = {
    {Py_tp_doc, (void *)(uintptr_t)layout_doc},
    {Py_tp_new, layout_new},
    {Py_tp_dealloc, layout_dealloc},
    {Py_tp_traverse, layout_traverse},
    {Py_tp_methods, layout_methods},
    {Py_tp_members, layout_members},
    {0, NULL},
};

PyType_Spec layout_spec = {
    .name = "netflow._decode.Layout",
    .basicsize = sizeof(struct layout),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = layout_slots,
};
