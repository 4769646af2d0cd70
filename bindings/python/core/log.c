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

/* Log: flows of files.  It has no state but what was asked. */

#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/log-object.h"
#include "archive/block.h"

static inline struct log_object *
cast(PyObject *self)
{
	return ((struct log_object *)self);
}

static int
still_open(PyObject *self)
{
	if (!cast(self)->closed)
		return (0);
	PyErr_SetString(PyExc_ValueError, "the log is closed");
	return (-1);
}

struct tally *
log_tally(PyObject *self)
{
	struct tally *t = tally_new();

	if (t == NULL) {
		(void)PyErr_NoMemory();
		return (NULL);
	}
	tally_drop(cast(self)->tally);
	cast(self)->tally = tally_hold(t);
	return (t);
}

static int
take_paths(struct source *s, PyObject *paths)
{
	Py_ssize_t n = PyTuple_Size(paths), i;
	PyObject *one;

	if (n < 0)
		return (-1);
	if ((s->paths = calloc((size_t)n + 1, sizeof(*s->paths))) == NULL) {
		(void)PyErr_NoMemory();
		return (-1);
	}
	for (i = 0; i < n; i++) {
		if (!PyUnicode_FSConverter(PyTuple_GetItem(paths, i), &one))
			return (-1);
		s->paths[i] = strdup(PyBytes_AsString(one));
		Py_DECREF(one);
		if (s->paths[i] == NULL) {
			(void)PyErr_NoMemory();
			return (-1);
		}
		s->npaths++;
	}
	return (0);
}

/* A copy: who gave them may change them while they are read. */
static int
take_bytes(struct source *s, PyObject *data)
{
	Py_buffer view;

	if (data == Py_None)
		return (0);
	if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) == -1)
		return (-1);
	s->len = (size_t)view.len;
	if ((s->bytes = malloc(s->len + 1)) != NULL)
		memcpy(s->bytes, view.buf, s->len);
	PyBuffer_Release(&view);
	if (s->bytes != NULL)
		return (0);
	(void)PyErr_NoMemory();
	return (-1);
}

static int
take_name(struct source *s, const char *name)
{
	if (name == NULL && s->bytes != NULL)
		name = "<bytes>";
	if (name == NULL || (s->name = strdup(name)) != NULL)
		return (0);
	(void)PyErr_NoMemory();
	return (-1);
}

static int
take_want(const struct module_state *state, struct want *w, const char *filter,
    PyObject *const when[2])
{
	if (args_when(state, when[0], INT64_MIN, &w->since) == -1 ||
	    args_when(state, when[1], INT64_MAX, &w->until) == -1)
		return (-1);
	if (filter == NULL || (w->filter = strdup(filter)) != NULL)
		return (0);
	(void)PyErr_NoMemory();
	return (-1);
}

/* open_log(): what flowd.open() calls when it knows what there is. */
static PyObject *
open_log(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"paths", "data", "fd", "name", "once", "filter",
	    "since", "until", "scale", "strict", NULL};
	struct module_state *state = PyModule_GetState(module);
	PyObject *paths, *data, *when[2] = {NULL, NULL};
	const char *name, *filter = NULL;
	int fd, once, scale = 0, strict = 0;
	struct log_object *self;
	struct want *w;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!Oizp|$zOOpp:open_log",
		names, &PyTuple_Type, &paths, &data, &fd, &name, &once, &filter,
		&when[0], &when[1], &scale, &strict))
		return (NULL);
	self =
	    (struct log_object *)PyType_GenericAlloc(state->type[CORE_LOG], 0);
	if (self == NULL)
		return (NULL);
	w = &self->want;
	w->scale = scale;
	w->strict = strict;
	if ((w->source = source_new()) == NULL) {
		Py_DECREF(self);
		return (PyErr_NoMemory());
	}
	w->source->once = once;
	if (take_paths(w->source, paths) == -1 ||
	    take_bytes(w->source, data) == -1 ||
	    take_name(w->source, name) == -1 ||
	    take_want(state, w, filter, when) == -1) {
		Py_DECREF(self);
		return (NULL);
	}
	w->source->fd = fd;
	return ((PyObject *)self);
}

static PyObject *
iter(PyObject *self)
{
	return (
	    still_open(self) == -1 ? NULL : flows_new(core_state(self), self));
}

static int
take_slicing(const struct module_state *state, PyObject *columns, long rows,
    const char *addresses, struct slicing *to)
{
	memset(to, 0, sizeof(*to));
	if (rows < 1) {
		PyErr_SetString(PyExc_ValueError, "rows: at least 1");
		return (-1);
	}
	if (strcmp(addresses, "bytes") != 0 && strcmp(addresses, "text") != 0) {
		PyErr_SetString(PyExc_ValueError,
		    "addresses: \"bytes\" or \"text\"");
		return (-1);
	}
	to->rows = rows > BLOCK_FLOWS ? BLOCK_FLOWS : (uint32_t)rows;
	to->asked.text = strcmp(addresses, "text") == 0;
	return (args_columns(state, columns, &to->asked));
}

static PyObject *
batches(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"rows", "columns", "filter", "since", "until",
	    "addresses", NULL};
	const struct module_state *state = core_state(self);
	PyObject *columns = NULL, *since = NULL, *until = NULL;
	const char *filter = NULL, *addresses = "bytes";
	struct slicing slicing;
	int64_t from, to;
	struct want w;
	long rows = BLOCK_FLOWS;

	if (still_open(self) == -1 ||
	    !PyArg_ParseTupleAndKeywords(args, kwargs, "|l$OzOOs:batches",
		names, &rows, &columns, &filter, &since, &until, &addresses))
		return (NULL);
	if (take_slicing(state, columns, rows, addresses, &slicing) == -1 ||
	    args_when(state, since, INT64_MIN, &from) == -1 ||
	    args_when(state, until, INT64_MAX, &to) == -1 ||
	    want_copy(&w, &cast(self)->want, filter, from, to) == -1)
		return (NULL);
	return (batches_new(state, self, &w, &slicing));
}

static const struct slicing whole = {.rows = BLOCK_FLOWS};

static PyObject *
query(PyObject *self, PyObject *args, PyObject *kwargs)
{
	return (still_open(self) == -1 ? NULL : log_query(self, args, kwargs));
}

static PyObject *
arrow_c_schema(PyObject *self, PyObject *none)
{
	(void)none;
	return (still_open(self) == -1 ? NULL
				       : batches_schema(core_state(self), self,
					     &cast(self)->want, &whole));
}

static PyObject *
arrow_c_stream(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"requested_schema", NULL};
	PyObject *requested = NULL;

	if (still_open(self) == -1 ||
	    !PyArg_ParseTupleAndKeywords(args, kwargs, "|O:__arrow_c_stream__",
		names, &requested))
		return (NULL);
	return (batches_stream(core_state(self), self, &cast(self)->want,
	    &whole, requested));
}

static PyObject *
close_log(PyObject *self, PyObject *none)
{
	(void)none;
	cast(self)->closed = true;
	Py_RETURN_NONE;
}

static PyObject *
enter(PyObject *self, PyObject *none)
{
	(void)none;
	return (still_open(self) == -1 ? NULL : Py_NewRef(self));
}

static PyObject *
leave(PyObject *self, PyObject *args)
{
	(void)args;
	return (close_log(self, NULL));
}

static PyObject *
get_paths(PyObject *self, void *closure)
{
	const struct source *s = cast(self)->want.source;
	PyObject *tuple, *one;
	size_t n = s->name != NULL ? 1 : s->npaths, i;

	(void)closure;
	tuple = PyTuple_New((Py_ssize_t)n);
	for (i = 0; i < n && tuple != NULL; i++) {
		one = PyUnicode_DecodeFSDefault(
		    s->name != NULL ? s->name : s->paths[i]);
		if (one == NULL)
			Py_CLEAR(tuple);
		else
			(void)PyTuple_SetItem(tuple, (Py_ssize_t)i, one);
	}
	return (tuple);
}

static PyObject *
get_faults(PyObject *self, void *closure)
{
	struct tally *t = cast(self)->tally;
	PyObject *faults;

	(void)closure;
	/* An iteration may begin meanwhile, and the log show another one. */
	if (t != NULL)
		t = tally_hold(t);
	faults = tally_faults(core_state(self), t);
	tally_drop(t);
	return (faults);
}

static PyObject *
get_faults_total(PyObject *self, void *closure)
{
	struct tally *t = cast(self)->tally;
	uint64_t n = 0;

	(void)closure;
	if (t != NULL) {
		(void)pthread_mutex_lock(&t->lock);
		n = t->faults_total;
		(void)pthread_mutex_unlock(&t->lock);
	}
	return (PyLong_FromUnsignedLongLong(n));
}

static PyObject *
get_totals(PyObject *self, void *closure)
{
	(void)closure;
	return (tally_totals(cast(self)->tally));
}

static PyObject *
get_fields(PyObject *self, void *closure)
{
	struct tally *t = cast(self)->tally;
	uint32_t fields_seen = 0;

	(void)closure;
	if (t != NULL) {
		(void)pthread_mutex_lock(&t->lock);
		fields_seen = t->store_fields;
		(void)pthread_mutex_unlock(&t->lock);
	}
	return (PyLong_FromUnsignedLong(fields_seen));
}

static PyObject *
repr(PyObject *self)
{
	PyObject *paths = get_paths(self, NULL), *result;

	if (paths == NULL)
		return (NULL);
	result = PyUnicode_FromFormat("<flowd.Log %R%s>", paths,
	    cast(self)->closed ? ", closed" : "");
	Py_DECREF(paths);
	return (result);
}

static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	want_clear(&cast(self)->want);
	tally_drop(cast(self)->tally);
	PyObject_Free(self);
	Py_DECREF(type);
}

#define KEYWORDS(f) \
	(PyCFunction)(void (*)(void)) f, METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {
    {"batches", KEYWORDS(batches),
	"batches($self, rows=65536, *, columns=None, filter=None, since=None, "
	"until=None, addresses='bytes')\n--\n\n"
	"Flows in columns, at most rows of them at a time."},
    {"query", KEYWORDS(query),
	"query($self, *, group_by=(), sort=None, top=None, every=None, "
	"spread='start', bidirectional=False, distinct=False, columns=None, "
	"filter=None, since=None, until=None, scale=False, threads=None, "
	"memory=None)\n--\n\n"
	"As flowd-reader's options of these names, without the GIL."},
    {"__arrow_c_schema__", arrow_c_schema, METH_NOARGS, NULL},
    {"__arrow_c_stream__", KEYWORDS(arrow_c_stream), NULL},
    {"close", close_log, METH_NOARGS,
	"close($self, /)\n--\n\nWhat was begun goes on; nothing begins any "
	"more."},
    {"__enter__", enter, METH_NOARGS, NULL},
    {"__exit__", leave, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"paths", get_paths, NULL, "what is read", NULL},
    {"faults", get_faults, NULL,
	"Of the last iteration; 1,000 at most, faults_total counts all.", NULL},
    {"faults_total", get_faults_total, NULL, "how many faults", NULL},
    {"totals", get_totals, NULL, "what was looked at", NULL},
    {"fields", get_fields, NULL,
	"Classic logs: FIELD_x of the records read so far.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Flows of files.  Each iteration begins anew."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_repr, repr},
    {Py_tp_iter, iter},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd.Log",
    .basicsize = sizeof(struct log_object),
    .flags = CORE_NO_NEW,
    .slots = slots,
};

static PyMethodDef functions[] = {
    {"open_log", KEYWORDS(open_log), NULL},
    {NULL, NULL, 0, NULL},
};

int
log_register(PyObject *module)
{
	if (PyModule_AddFunctions(module, functions) == -1)
		return (-1);
	return (core_add_type(module, CORE_LOG, &spec));
}
