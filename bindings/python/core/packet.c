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

/* Packet: what a datagram was, and its flows. */

#include "bindings/python/core/packet.h"

enum part {
	FLOWS, /* a tuple */
	VERSION_OF,
	SOURCE_ID,
	EXPORT_TIME,
	TEMPLATES,
	OPTIONS,
	MISSING,
	REPORT,
	PARTS
};

struct packet_object {
	PyObject_HEAD PyObject *part[PARTS];
};

static inline PyObject *
part_of(PyObject *self, enum part which)
{
	return (((struct packet_object *)self)->part[which]);
}

void
sheaf_begin(const struct module_state *state, struct sheaf *s)
{
	*s = (struct sheaf){.rare = state->rare, .texts = state->texts};
}

void
sheaf_take(void *sheaf, const struct flow *f)
{
	sheaf_add(sheaf, f);
}

PyObject *
sheaf_list(const struct module_state *state, const struct sheaf *s)
{
	PyObject *list, *flow;
	struct flow f;
	size_t at = 0;
	Py_ssize_t i;

	if (s->lost != 0)
		return (PyErr_NoMemory());
	if ((list = PyList_New((Py_ssize_t)s->n)) == NULL)
		return (NULL);
	for (i = 0; sheaf_next(s, &at, &f); i++) {
		if ((flow = flow_wrap(state, &f, false)) == NULL ||
		    PyList_SetItem(list, i, flow) == -1) {
			Py_DECREF(list);
			return (NULL);
		}
	}
	return (list);
}

int
dict_number(PyObject *dict, const char *name, uint64_t n)
{
	PyObject *value = PyLong_FromUnsignedLongLong(n);
	int r = value == NULL ? -1 : PyDict_SetItemString(dict, name, value);

	Py_XDECREF(value);
	return (r);
}

static PyObject *
report_dict(const struct dec_report *r)
{
	PyObject *dict = PyDict_New();
	size_t i;

	for (i = 0; i < gate_ntallied && dict != NULL; i++)
		if (dict_number(dict, gate_tallied[i].name,
			gate_number(r, &gate_tallied[i])) == -1)
			Py_CLEAR(dict);
	return (dict);
}

static PyObject *
flows_tuple(const struct module_state *state, const struct sheaf *s)
{
	PyObject *list = sheaf_list(state, s), *tuple;

	tuple = list == NULL ? NULL : PyList_AsTuple(list);
	Py_XDECREF(list);
	return (tuple);
}

PyObject *
packet_wrap(const struct module_state *state, const struct dec_report *r,
    const struct sheaf *s)
{
	struct packet_object *self;
	PyObject **p;
	int i;

	self = (struct packet_object *)
	    PyType_GenericAlloc(state->type[CORE_PACKET], 0);
	if (self == NULL)
		return (NULL);
	/* Nobody finds it before it is whole. */
	PyObject_GC_UnTrack(self);
	p = self->part;
	p[FLOWS] = flows_tuple(state, s);
	p[VERSION_OF] = PyLong_FromUnsignedLong(r->version);
	p[SOURCE_ID] = PyLong_FromUnsignedLong(r->source_id);
	p[EXPORT_TIME] = r->export_time == 0
	    ? Py_NewRef(Py_None)
	    : PyLong_FromLongLong(r->export_time);
	p[TEMPLATES] = PyLong_FromUnsignedLong(r->templates);
	p[OPTIONS] = PyLong_FromUnsignedLong(r->options);
	p[MISSING] = PyLong_FromUnsignedLong(r->sets_no_template);
	p[REPORT] = report_dict(r);
	for (i = 0; i < PARTS; i++) {
		if (p[i] == NULL) {
			Py_DECREF(self);
			return (NULL);
		}
	}
	PyObject_GC_Track(self);
	return ((PyObject *)self);
}

static PyObject *
get_part(PyObject *self, void *which)
{
	return (Py_NewRef(part_of(self, (enum part)(uintptr_t)which)));
}

static Py_ssize_t
length(PyObject *self)
{
	return (PyTuple_Size(part_of(self, FLOWS)));
}

static PyObject *
item(PyObject *self, Py_ssize_t i)
{
	return (PySequence_GetItem(part_of(self, FLOWS), i));
}

static PyObject *
subscript(PyObject *self, PyObject *key)
{
	return (PyObject_GetItem(part_of(self, FLOWS), key));
}

static PyObject *
iter(PyObject *self)
{
	return (PyObject_GetIter(part_of(self, FLOWS)));
}

static int
contains(PyObject *self, PyObject *value)
{
	return (PySequence_Contains(part_of(self, FLOWS), value));
}

static PyObject *
delegate(PyObject *self, const char *name, PyObject *args)
{
	PyObject *method, *result;

	method = PyObject_GetAttrString(part_of(self, FLOWS), name);
	if (method == NULL)
		return (NULL);
	result = PyObject_Call(method, args, NULL);
	Py_DECREF(method);
	return (result);
}

static PyObject *
index_of(PyObject *self, PyObject *args)
{
	return (delegate(self, "index", args));
}

static PyObject *
count(PyObject *self, PyObject *args)
{
	return (delegate(self, "count", args));
}

static PyObject *
repr(PyObject *self)
{
	return (PyUnicode_FromFormat("<flowd.Packet of version %S, %zd flows>",
	    part_of(self, VERSION_OF), length(self)));
}

static int
traverse(PyObject *self, visitproc visit, void *arg)
{
	int i;

	Py_VISIT(Py_TYPE(self));
	for (i = 0; i < PARTS; i++)
		Py_VISIT(((struct packet_object *)self)->part[i]);
	return (0);
}

/* Without a clear: the dicts in it have one, so cycles end there. */
static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);
	int i;

	PyObject_GC_UnTrack(self);
	for (i = 0; i < PARTS; i++)
		Py_CLEAR(((struct packet_object *)self)->part[i]);
	PyObject_GC_Del(self);
	Py_DECREF(type);
}

#define PART(name, which, doc)                                        \
	{                                                             \
		name, get_part, NULL, doc, (void *)(uintptr_t)(which) \
	}

static PyGetSetDef getters[] = {
    PART("version", VERSION_OF, "1, 5, 7, 8, 9, 10 (IPFIX) or 105 (sFlow 5)"),
    PART("source_id", SOURCE_ID, "what of the exporter sent it"),
    PART("export_time", EXPORT_TIME, "ns since 1970, or None"),
    PART("templates", TEMPLATES, "templates that it has"),
    PART("options", OPTIONS, "records of options data"),
    PART("missing", MISSING, "sets whose template is not known"),
    PART("report", REPORT, "all that was counted, by name"),
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef methods[] = {
    {"index", index_of, METH_VARARGS, NULL},
    {"count", count, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "What a packet was: a sequence of its flows."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_traverse, traverse},
    {Py_tp_repr, repr},
    {Py_tp_iter, iter},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {Py_sq_length, length},
    {Py_sq_item, item},
    {Py_sq_contains, contains},
    {Py_mp_length, length},
    {Py_mp_subscript, subscript},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd.Packet",
    .basicsize = sizeof(struct packet_object),
    .flags = CORE_NO_NEW | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int
packet_register(PyObject *module)
{
	return (core_add_type(module, CORE_PACKET, &spec));
}
