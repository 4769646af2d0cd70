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

#include "bindings/python/core/chunk.h"
#include "bindings/python/core/log-object.h"

struct flows_object {
	PyObject_HEAD struct run *run;
	uint32_t next; /* of the chunk */
	bool busy;     /* a thread is reading, without the GIL */
	struct chunk chunk;
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

/* As run_next(), but batches that cannot be had as flows are faults. */
static int
next_batch(struct flows_object *self)
{
	const struct sel *sel;
	struct batch *b;
	enum block_err err;
	int more;

	while ((more = run_next(self->run, &b, &sel)) == 1) {
		err = chunk_begin(&self->chunk, b, sel);
		if (err == BLOCK_OK)
			return (1);
		chunk_end(&self->chunk);
		if (run_skip(self->run, err, sel->n) == -1)
			return (-1);
	}
	chunk_end(&self->chunk);
	return (more);
}

/* The next flows: 1, 0, or -1 and an exception. */
static int
more(struct flows_object *self)
{
	const struct module_state *state = core_state((PyObject *)self);
	int result = 1;

	if (self->busy) {
		(void)core_raise(state, CORE_ERROR,
		    "another thread reads by this iterator");
		return (-1);
	}
	self->next = 0;
	if (chunk_next(&self->chunk))
		return (1);
	self->busy = true;
	self->run->caller = pthread_self();
	Py_BEGIN_ALLOW_THREADS result = next_batch(self);
	Py_END_ALLOW_THREADS self->busy = false;
	if (result == -1)
		(void)run_raise(state, self->run);
	return (result == 1 && chunk_next(&self->chunk) ? 1 : result);
}

static PyObject *
next(PyObject *o)
{
	struct flows_object *self = (struct flows_object *)o;
	PyObject *flow;

	if ((self->busy || self->next >= self->chunk.n) && more(self) != 1)
		return (NULL);
	/* An allocation may let other threads run. */
	self->busy = true;
	flow = flow_wrap(core_state(o), &self->chunk.flow[self->next++], false);
	self->busy = false;
	return (flow);
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
