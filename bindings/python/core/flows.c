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

/* The iterator of a Log: one Flow after the other, of a run of its own. */

#include "bindings/python/core/log-object.h"

struct flows_object {
	PyObject_HEAD struct run *run;
	struct batch *batch;
	struct sel sel;
	uint32_t next; /* of sel */
	bool busy;     /* a thread is reading, without the GIL */
};

PyObject *
flows_new(const struct module_state *state, PyObject *log)
{
	const struct flow_set any = {{0}};
	struct flows_object *self;
	struct tally *tally;

	self =
	    (struct flows_object *)PyType_GenericAlloc(state->type[CORE_FLOWS],
		0);
	if (self == NULL)
		return (NULL);
	if ((tally = log_tally(log)) != NULL)
		self->run = run_new(state, &((struct log_object *)log)->want,
		    &any, tally);
	tally_drop(tally);
	if (self->run == NULL)
		Py_CLEAR(self);
	return ((PyObject *)self);
}

/* The next batch: 1, 0, or -1 and an exception. */
static int
more(struct flows_object *self)
{
	const struct module_state *state = core_state((PyObject *)self);
	const struct sel *sel;
	int result;

	if (self->busy) {
		(void)core_raise(state, CORE_ERROR,
		    "another thread reads by this iterator");
		return (-1);
	}
	self->busy = true;
	self->run->caller = pthread_self();
	Py_BEGIN_ALLOW_THREADS result = run_next(self->run, &self->batch, &sel);
	Py_END_ALLOW_THREADS self->busy = false;
	self->next = 0;
	self->sel.n = 0;
	if (result == 1)
		self->sel = *sel;
	else if (result == -1)
		(void)run_raise(state, self->run);
	return (result);
}

static PyObject *
next(PyObject *o)
{
	struct flows_object *self = (struct flows_object *)o;
	struct flow f;

	for (;;) {
		while (self->next < self->sel.n && !self->busy) {
			if (batch_row(self->batch,
				sel_row(&self->sel, self->next++), NULL,
				&f) == BLOCK_OK)
				return (flow_wrap(core_state(o), &f, false));
		}
		if (more(self) != 1)
			return (NULL);
	}
}

static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	run_free(((struct flows_object *)self)->run);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyType_Slot slots[] = {
    {Py_tp_dealloc, dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, next},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd._core.Flows",
    .basicsize = sizeof(struct flows_object),
    .flags = CORE_NO_NEW,
    .slots = slots,
};

int
flows_register(PyObject *module)
{
	return (core_add_type(module, CORE_FLOWS, &spec));
}
