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

/* Batches: an iterator, and for Arrow a stream that begins anew each time. */

#include <stdlib.h>

#include "bindings/python/core/arrow.h"
#include "bindings/python/core/log-object.h"

struct batches_object {
	PyObject_HEAD PyObject *log;
	struct want want;
	struct slicing slicing;
	struct run *run; /* of the iterator; NULL: not begun */
	struct batch *batch;
	struct sel left;
	uint16_t *identity;
	bool busy; /* a thread is reading, without the GIL */
};

static inline struct batches_object *
cast(PyObject *self)
{
	return ((struct batches_object *)self);
}

PyObject *
batches_new(const struct module_state *state, PyObject *log, struct want *w,
    const struct slicing *slicing)
{
	struct batches_object *self;

	self = (struct batches_object *)
	    PyType_GenericAlloc(state->type[CORE_BATCHES], 0);
	if (self == NULL) {
		want_clear(w);
		return (NULL);
	}
	self->log = Py_NewRef(log);
	self->want = *w;
	self->slicing = *slicing;
	return ((PyObject *)self);
}

static struct run *
begin(const struct module_state *state, PyObject *log, const struct want *w,
    const struct asked *a)
{
	const struct flow_set needs = asked_set(a);
	struct tally *tally = log_tally(log);
	struct run *run;

	if (tally == NULL)
		return (NULL);
	run = run_new(state, w, &needs, tally);
	tally_drop(tally);
	return (run);
}

/* Columns of the next rows: 1, 0 or -1. */
static int
next_columns(struct batches_object *self, struct columns **out)
{
	const struct sel *sel;
	struct sel some;
	enum block_err err;
	int more;

	for (;;) {
		if (self->left.n == 0) {
			more = run_next(self->run, &self->batch, &sel);
			if (more != 1)
				return (more);
			self->left = *sel;
		}
		if (!sel_take(&self->left, self->slicing.rows, &self->identity,
			&some))
			return (-1);
		*out = columns_build(self->batch, &some, &self->slicing.asked,
		    &err);
		if (*out != NULL)
			return (1);
		if (run_skip(self->run, err, some.n) == -1)
			return (-1);
	}
}

/* Columns of the next rows; with the GIL, but not all the time. */
static int
advance(struct batches_object *self, struct columns **cs)
{
	const struct module_state *state = core_state((PyObject *)self);
	int result;

	if (self->run == NULL)
		self->run =
		    begin(state, self->log, &self->want, &self->slicing.asked);
	if (self->run == NULL)
		return (-1);
	self->run->caller = pthread_self();
	Py_BEGIN_ALLOW_THREADS result = next_columns(self, cs);
	Py_END_ALLOW_THREADS if (result == -1)(void)
	    run_raise(state, self->run);
	return (result);
}

static PyObject *
next(PyObject *o)
{
	struct batches_object *self = cast(o);
	const struct module_state *state = core_state(o);
	struct columns *cs = NULL;
	int result;

	if (self->busy)
		return (core_raise(state, CORE_ERROR,
		    "another thread reads by this iterator"));
	self->busy = true;
	result = advance(self, &cs);
	self->busy = false;
	return (result == 1 ? batch_wrap(state, cs) : NULL);
}

/* What a stream has: those asked for, or all that occur. */
static int
settle(const struct module_state *state, PyObject *log, const struct want *w,
    struct asked *a)
{
	struct flow_set any;
	struct tally *tally;
	int result;

	if (a->n != 0)
		return (0);
	if ((tally = log_tally(log)) == NULL)
		return (-1);
	result = run_survey(state, w, tally, &any);
	tally_drop(tally);
	asked_any(a, &any);
	return (result);
}

PyObject *
batches_schema(const struct module_state *state, PyObject *log,
    const struct want *w, const struct slicing *slicing)
{
	struct arrow_column c[FLOW_NFIELDS];
	struct asked a = slicing->asked;

	if (settle(state, log, w, &a) == -1)
		return (NULL);
	arrow_columns(&a, c);
	return (arrow_schema_capsule(c, a.n));
}

PyObject *
batches_stream(const struct module_state *state, PyObject *log,
    const struct want *w, const struct slicing *slicing, PyObject *requested)
{
	struct asked a = slicing->asked;
	struct run *run;

	if (arrow_requested(state, requested, &a) == -1 ||
	    settle(state, log, w, &a) == -1 ||
	    (run = begin(state, log, w, &a)) == NULL)
		return (NULL);
	return (arrow_stream_capsule(run, &a, slicing->rows));
}

static PyObject *
arrow_c_schema(PyObject *self, PyObject *none)
{
	(void)none;
	return (batches_schema(core_state(self), cast(self)->log,
	    &cast(self)->want, &cast(self)->slicing));
}

static PyObject *
arrow_c_stream(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"requested_schema", NULL};
	PyObject *requested = NULL;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:__arrow_c_stream__",
		names, &requested))
		return (NULL);
	return (batches_stream(core_state(self), cast(self)->log,
	    &cast(self)->want, &cast(self)->slicing, requested));
}

static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	run_free(cast(self)->run);
	want_clear(&cast(self)->want);
	free(cast(self)->identity);
	Py_XDECREF(cast(self)->log);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"__arrow_c_schema__", arrow_c_schema, METH_NOARGS, NULL},
    {"__arrow_c_stream__", (PyCFunction)(void (*)(void))arrow_c_stream,
	METH_VARARGS | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
	"An iterator of batches; as an Arrow stream it begins anew "
	"each time."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, next},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd.Batches",
    .basicsize = sizeof(struct batches_object),
    .flags = CORE_NO_NEW,
    .slots = slots,
};

int
batches_register(PyObject *module)
{
	return (core_add_type(module, CORE_BATCHES, &spec));
}
