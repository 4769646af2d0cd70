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

/* Writer: flows into a log of version 3, or a segment of version 4. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/core.h"
#include "bindings/python/core/run.h"
#include "compat/squeeze.h"
#include "scan/output.h"
#include "store.h"

struct writer_object {
	PyObject_HEAD struct output *output; /* NULL: closed */
	char *path;
	uint64_t written;
	bool busy; /* a thread is writing, without the GIL */
};

static inline struct writer_object *
cast(PyObject *self)
{
	return ((struct writer_object *)self);
}

/* As errno says it, of the file. */
static PyObject *
raise_errno(const struct writer_object *self, int error)
{
	errno = error;
	if (error == ENOMEM)
		return (PyErr_NoMemory());
	return (PyErr_SetFromErrnoWithFilename(PyExc_OSError, self->path));
}

static int
usable(struct writer_object *self)
{
	if (self->output == NULL) {
		PyErr_SetString(PyExc_ValueError, "the writer is closed");
		return (-1);
	}
	if (self->busy) {
		(void)core_raise(core_state((PyObject *)self), CORE_ERROR,
		    "another thread uses this writer");
		return (-1);
	}
	return (0);
}

static int
output_mode(const char *mode, enum output_mode *to)
{
	static const struct {
		const char *word;
		enum output_mode mode;
	} modes[] = {{"w", OUTPUT_REPLACE}, {"x", OUTPUT_NEW},
	    {"a", OUTPUT_APPEND}};
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].word, mode) == 0) {
			*to = modes[i].mode;
			return (0);
		}
	PyErr_SetString(PyExc_ValueError,
	    "mode: \"w\", \"x\" or \"a\"; \"r\" reads");
	return (-1);
}

static int
check_options(const struct output_options *o)
{
	if (o->version != 3 && o->version != 4) {
		PyErr_SetString(PyExc_ValueError, "version: 3 or 4");
		return (-1);
	}
	if (o->level < 0 || o->level > 19) {
		PyErr_SetString(PyExc_ValueError, "compress: 0 to 19");
		return (-1);
	}
	return (0);
}

/* open_writer(path, mode, version, fields, compress) */
static PyObject *
open_writer(PyObject *module, PyObject *args)
{
	struct module_state *state = PyModule_GetState(module);
	struct output_options o = {0};
	struct writer_object *self;
	PyObject *path;
	const char *mode;
	int error;

	if (!PyArg_ParseTuple(args, "O&sIIi:open_writer", PyUnicode_FSConverter,
		&path, &mode, &o.version, &o.fields, &o.level))
		return (NULL);
	self = NULL;
	if (output_mode(mode, &o.mode) == 0 && check_options(&o) == 0)
		self = (struct writer_object *)
		    PyType_GenericAlloc(state->type[CORE_WRITER], 0);
	if (self == NULL) {
		Py_DECREF(path);
		return (NULL);
	}
	if (!squeeze_available())
		o.level = 0;
	if ((self->path = strdup(PyBytes_AsString(path))) != NULL) {
		Py_BEGIN_ALLOW_THREADS self->output =
		    output_open(self->path, &o);
		error = errno;
		Py_END_ALLOW_THREADS
	} else
		error = ENOMEM;
	Py_DECREF(path);
	if (self->output == NULL) {
		(void)raise_errno(self, error);
		Py_CLEAR(self);
	}
	return ((PyObject *)self);
}

static PyObject *
write_flow(PyObject *o, PyObject *flow)
{
	struct writer_object *self = cast(o);
	const struct flow *f;

	if (!flow_check(core_state(o), flow)) {
		PyErr_Format(PyExc_TypeError, "a flowd.Flow is wanted, not %R",
		    (PyObject *)Py_TYPE(flow));
		return (NULL);
	}
	if (usable(self) == -1 || (f = flow_of(flow)) == NULL)
		return (NULL);
	if (output_flow(self->output, f) == -1)
		return (raise_errno(self, errno));
	self->written++;
	Py_RETURN_NONE;
}

/* All rows, without the GIL: how many went well is told, too. */
static int
write_rows(struct writer_object *self, const struct columns *cs)
{
	struct flow f;
	uint32_t i;

	for (i = 0; i < cs->rows; i++) {
		columns_row(cs, i, &f);
		if (output_flow(self->output, &f) == -1)
			return (errno);
		self->written++;
	}
	return (0);
}

static PyObject *
write_batch(PyObject *o, PyObject *batch)
{
	struct writer_object *self = cast(o);
	int error;

	if (!core_is_batch(core_state(o), batch)) {
		PyErr_Format(PyExc_TypeError, "a flowd.Batch is wanted, not %R",
		    (PyObject *)Py_TYPE(batch));
		return (NULL);
	}
	if (usable(self) == -1)
		return (NULL);
	self->busy = true;
	Py_BEGIN_ALLOW_THREADS error = write_rows(self, batch_columns(batch));
	Py_END_ALLOW_THREADS self->busy = false;
	if (error != 0)
		return (raise_errno(self, error));
	Py_RETURN_NONE;
}

static PyObject *
flush(PyObject *o, PyObject *none)
{
	struct writer_object *self = cast(o);
	int result, error;

	(void)none;
	if (usable(self) == -1)
		return (NULL);
	self->busy = true;
	Py_BEGIN_ALLOW_THREADS result = output_flush(self->output);
	error = errno;
	Py_END_ALLOW_THREADS self->busy = false;
	if (result == -1)
		return (raise_errno(self, error));
	Py_RETURN_NONE;
}

/* keep: else what was written anew is thrown away. */
static PyObject *
finish(struct writer_object *self, bool keep)
{
	struct output *output = self->output;
	int result, error;

	if (output == NULL)
		Py_RETURN_NONE;
	if (usable(self) == -1)
		return (NULL);
	self->output = NULL;
	Py_BEGIN_ALLOW_THREADS result = output_close(output, keep);
	error = errno;
	Py_END_ALLOW_THREADS if (result == -1 && keep) return (
	    raise_errno(self, error));
	Py_RETURN_NONE;
}

static PyObject *
close_writer(PyObject *self, PyObject *none)
{
	(void)none;
	return (finish(cast(self), true));
}

static PyObject *
enter(PyObject *self, PyObject *none)
{
	(void)none;
	return (usable(cast(self)) == -1 ? NULL : Py_NewRef(self));
}

/* Behind an exception nothing half gets the name. */
static PyObject *
leave(PyObject *self, PyObject *args)
{
	PyObject *type = NULL, *value = NULL, *trace = NULL;

	if (!PyArg_UnpackTuple(args, "__exit__", 0, 3, &type, &value, &trace))
		return (NULL);
	return (finish(cast(self), type == NULL || type == Py_None));
}

static PyObject *
get_written(PyObject *self, void *closure)
{
	(void)closure;
	return (PyLong_FromUnsignedLongLong(cast(self)->written));
}

static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	if (cast(self)->output != NULL)
		(void)output_close(cast(self)->output, false);
	free(cast(self)->path);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"write", write_flow, METH_O, "write($self, flow, /)\n--\n\nOne flow."},
    {"write_batch", write_batch, METH_O,
	"write_batch($self, batch, /)\n--\n\nAll flows of a Batch."},
    {"flush", flush, METH_NOARGS,
	"flush($self, /)\n--\n\nVersion 3: all so far is in the file."},
    {"close", close_writer, METH_NOARGS,
	"close($self, /)\n--\n\nThe file gets its name.  Without it, nothing "
	"is kept "
	"of a new file."},
    {"__enter__", enter, METH_NOARGS, NULL},
    {"__exit__", leave, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"written", get_written, NULL, "flows so far", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "What open() gives for \"w\", \"x\" and \"a\"."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd.Writer",
    .basicsize = sizeof(struct writer_object),
    .flags = CORE_NO_NEW,
    .slots = slots,
};

static PyMethodDef functions[] = {
    {"open_writer", open_writer, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

int
writer_register(PyObject *module)
{
	if (PyModule_AddFunctions(module, functions) == -1 ||
	    PyModule_AddIntMacro(module, STORE_ALL) == -1)
		return (-1);
	return (core_add_type(module, CORE_WRITER, &spec));
}
