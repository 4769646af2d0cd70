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

/* Records: their fields are attributes, and all of them in .data. */

#include "decode.h"

#include <structmember.h>

PyObject *
record_new(PyTypeObject *type, struct layout *layout, PyObject *packet,
    size_t at, size_t len)
{
	struct record *record = (struct record *)PyType_GenericAlloc(type, 0);

	if (record == NULL)
		return (NULL);
	record->layout = Py_NewRef((PyObject *)layout);
	record->packet = Py_NewRef(packet);
	record->at = at;
	record->len = len;
	return ((PyObject *)record);
}

/* The caller has checked that packet[at:at + len] is a whole record. */
void
record_load(struct record *record, struct layout *layout, PyObject *packet,
    size_t at, size_t len)
{
	PyObject *old[] = {record->layout, record->packet, record->data};

	record->layout = Py_NewRef((PyObject *)layout);
	record->packet = Py_NewRef(packet);
	record->data = NULL;
	record->at = at;
	record->len = len;
	for (size_t i = 0; i < sizeof(old) / sizeof(*old); i++)
		Py_XDECREF(old[i]);
}

/*
 * What a record is made of, held: a name's __eq__ or a finalizer may load
 * another one meanwhile.
 */
struct part {
	PyObject *layout;
	PyObject *packet;
	struct span span;
};

static struct part
part_hold(const struct record *record)
{
	const uint8_t *p = (const uint8_t *)PyBytes_AsString(record->packet);

	return ((struct part){Py_NewRef(record->layout),
	    Py_NewRef(record->packet), {p + record->at, record->len}});
}

static void
part_drop(struct part *part)
{
	Py_DECREF(part->layout);
	Py_DECREF(part->packet);
}

static PyObject *
record_dict(const struct record *record)
{
	struct part part;
	PyObject *dict;

	if (record->layout == NULL)
		return (PyDict_New());
	part = part_hold(record);
	dict = layout_dict((struct layout *)part.layout, part.span);
	part_drop(&part);
	return (dict);
}

static PyObject *
get_data(PyObject *self, void *closure)
{
	struct record *record = (struct record *)self;
	PyObject *dict;

	(void)closure;
	if (record->data != NULL)
		return (Py_NewRef(record->data));
	if ((dict = record_dict(record)) == NULL)
		return (NULL);
	/* Meanwhile it may have been asked for, or set. */
	if (record->data == NULL)
		record->data = dict;
	else
		Py_DECREF(dict);
	return (Py_NewRef(record->data));
}

static int
set_data(PyObject *self, PyObject *value, void *closure)
{
	struct record *record = (struct record *)self;
	PyObject *old = record->data;

	(void)closure;
	if (value == NULL) {
		PyErr_SetString(PyExc_AttributeError, "data stays");
		return (-1);
	}
	record->data = Py_NewRef(value);
	Py_XDECREF(old);
	if (record->dict == NULL)
		return (0);
	return (PyDict_SetItemString(record->dict, "data", value));
}

/*
 * vars() and pickle see all fields and data; what was set by hand goes
 * before what the packet says.
 */
static PyObject *
get_dict(PyObject *self, void *closure)
{
	struct record *record = (struct record *)self;
	PyObject *data, *fields;
	int err = 0;

	(void)closure;
	if (record->dict == NULL && (record->dict = PyDict_New()) == NULL)
		return (NULL);
	if (record->layout == NULL)
		return (Py_NewRef(record->dict));
	data = get_data(self, NULL);
	fields = record_dict(record);
	if (data == NULL || fields == NULL ||
	    PyDict_Merge(record->dict, fields, 0) == -1 ||
	    PyDict_SetItemString(record->dict, "data", data) == -1)
		err = -1;
	Py_XDECREF(data);
	Py_XDECREF(fields);
	return (err == -1 ? NULL : Py_NewRef(record->dict));
}

static PyObject *
record_getstate(PyObject *self, PyObject *unused)
{
	(void)unused;
	return (get_dict(self, NULL));
}

/* The field of that name: 1 with a value, 0 where there is none. */
static int
field(struct record *record, PyObject *name, PyObject **value)
{
	struct layout *layout;
	struct part part;
	PyObject *slot;
	int found;

	if (record->layout == NULL)
		return (0);
	part = part_hold(record);
	layout = (struct layout *)part.layout;
	slot = PyDict_GetItemWithError(layout->index, name);
	if (slot != NULL) {
		*value =
		    layout_value(layout, PyLong_AsSsize_t(slot), part.span);
		found = *value == NULL ? -1 : 1;
	} else
		found = PyErr_Occurred() != NULL ? -1 : 0;
	part_drop(&part);
	return (found);
}

static PyObject *
record_getattro(PyObject *self, PyObject *name)
{
	struct record *record = (struct record *)self;
	PyObject *value = NULL;
	int found;

	if (record->dict != NULL) {
		value = PyDict_GetItemWithError(record->dict, name);
		if (value != NULL)
			return (Py_NewRef(value));
		if (PyErr_Occurred() != NULL)
			return (NULL);
	}
	if ((found = field(record, name, &value)) == 0)
		return (PyObject_GenericGetAttr(self, name));
	return (found == 1 ? value : NULL);
}

static int
record_traverse(PyObject *self, visitproc visit, void *arg)
{
	struct record *record = (struct record *)self;

	Py_VISIT(Py_TYPE(self));
	Py_VISIT(record->layout);
	Py_VISIT(record->data);
	Py_VISIT(record->dict);
	return (0);
}

static int
record_clear(PyObject *self)
{
	struct record *record = (struct record *)self;

	Py_CLEAR(record->data);
	Py_CLEAR(record->dict);
	return (0);
}

static void
record_dealloc(PyObject *self)
{
	struct record *record = (struct record *)self;
	PyTypeObject *type = Py_TYPE(self);
	freefunc done = (freefunc)PyType_GetSlot(type, Py_tp_free);

	PyObject_GC_UnTrack(self);
	record_clear(self);
	Py_XDECREF(record->layout);
	Py_XDECREF(record->packet);
	done(self);
	Py_DECREF(type);
}

static PyMethodDef record_methods[] = {
    {"__getstate__", record_getstate, METH_NOARGS,
	"What vars() shows: the fields and data."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef record_getset[] = {
    {"data", get_data, set_data, "All fields by name.", NULL},
    {"__dict__", get_dict, NULL, "The fields, data and what was set.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef record_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(struct record, dict), READONLY,
	NULL},
    {"_layout", T_OBJECT, offsetof(struct record, layout), READONLY,
	"where the fields are, or None"},
    {"_length", T_PYSSIZET, offsetof(struct record, len), READONLY,
	"bytes in the packet"},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(record_doc, "One record; its fields are its attributes.");

static PyType_Slot record_slots[] = {
    {Py_tp_doc, (void *)(uintptr_t)record_doc},
    {Py_tp_dealloc, record_dealloc},
    {Py_tp_traverse, record_traverse},
    {Py_tp_clear, record_clear},
    {Py_tp_getattro, record_getattro},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_methods, record_methods},
    {Py_tp_getset, record_getset},
    {Py_tp_members, record_members},
    {0, NULL},
};

PyType_Spec record_spec = {
    .name = "netflow._decode.Record",
    .basicsize = sizeof(struct record),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .slots = record_slots,
};
