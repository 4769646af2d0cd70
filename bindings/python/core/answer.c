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

/* Answer: rows of tuples, which are columns behind it; and Log.query(). */

#include <string.h>

#include "bindings/python/core/arrow.h"
#include "bindings/python/core/ask.h"
#include "bindings/python/core/log-object.h"
#include "bindings/python/core/tabulate.h"

struct answer_object {
	PyObject_HEAD struct columns *columns;
	struct tally *tally;
};

static inline struct columns *
columns_of(PyObject *self)
{
	return (((struct answer_object *)self)->columns);
}

/* Takes the columns. */
static PyObject *
answer_new(const struct module_state *state, struct columns *cs,
    struct tally *tally)
{
	struct answer_object *self;

	self = (struct answer_object *)
	    PyType_GenericAlloc(state->type[CORE_ANSWER], 0);
	if (self == NULL) {
		columns_drop(cs);
		return (NULL);
	}
	self->columns = cs;
	self->tally = tally_hold(tally);
	return ((PyObject *)self);
}

/* Without the GIL: NULL, or what is wrong. */
static const char *
answer(struct run *run, const struct ask *a, struct tabulate *to,
    struct columns **cs)
{
	const char *why;

	why = reading_ask(run->reading, &a->q, tabulate_taker(to));
	run_note(run);
	if (why == NULL && !run->failed && !run->interrupted &&
	    (*cs = tabulate_columns(to, &a->asked)) == NULL)
		why = "out of memory";
	return (why);
}

static PyObject *
run_answer(const struct module_state *state, struct run *run,
    const struct ask *a, struct tabulate *to)
{
	struct columns *cs = NULL;
	const char *why;

	Py_BEGIN_ALLOW_THREADS why = answer(run, a, to, &cs);
	Py_END_ALLOW_THREADS if (run->failed || run->interrupted) return (
	    run_raise(state, run));
	if (cs == NULL)
		return (core_raise(state, CORE_ERROR, "%s",
		    why == NULL ? "out of memory" : why));
	return (answer_new(state, cs, run->tally));
}

static PyObject *
query(const struct module_state *state, PyObject *log, const struct want *w,
    struct ask *a)
{
	const struct flow_set needs = asked_set(&a->asked);
	struct tabulate *to =
	    tabulate_new(a->asked.n == 0 && a->q.nkeys == 0 && a->q.every == 0);
	struct tally *tally = log_tally(log);
	PyObject *result = NULL;
	struct run *run = NULL;

	if (to == NULL && tally != NULL)
		(void)PyErr_NoMemory();
	if (to != NULL && tally != NULL)
		run = run_new(state, w, &needs, tally);
	if (run != NULL) {
		a->q.clauses = run->clauses;
		a->q.rules = run->rules;
		a->q.since = w->since;
		a->q.until = w->until;
		a->q.scale = w->scale;
		result = run_answer(state, run, a, to);
	}
	run_free(run);
	tally_drop(tally);
	tabulate_free(to);
	return (result);
}

PyObject *
log_query(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"group_by", "sort", "top", "every", "spread",
	    "bidirectional", "distinct", "columns", "filter", "since", "until",
	    "scale", "threads", "memory", NULL};
	const struct module_state *state = core_state(self);
	PyObject *since = NULL, *until = NULL, *result = NULL;
	struct want w = {0}, *own = &((struct log_object *)self)->want;
	int bidirectional = 0, distinct = 0, scale = 0;
	struct ask_words words = {0};
	const char *filter = NULL;
	struct ask a = {0};
	int64_t from, to;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$OOOOOppOzOOpOO:query",
		names, &words.group_by, &words.sort, &words.top, &words.every,
		&words.spread, &bidirectional, &distinct, &words.columns,
		&filter, &since, &until, &scale, &words.threads,
		&words.memory) ||
	    ask_take(state, &a, &words) == -1 ||
	    args_when(state, since, INT64_MIN, &from) == -1 ||
	    args_when(state, until, INT64_MAX, &to) == -1 ||
	    want_copy(&w, own, filter, from, to) == -1)
		return (NULL);
	a.q.bidirectional = bidirectional;
	a.q.distinct = distinct;
	w.scale = w.scale || scale;
	result = query(state, self, &w, &a);
	want_clear(&w);
	return (result);
}

static Py_ssize_t
length(PyObject *self)
{
	return (columns_of(self)->rows);
}

static PyObject *
item(PyObject *self, Py_ssize_t i)
{
	const struct columns *cs = columns_of(self);
	PyObject *tuple, *one;
	uint16_t c;

	if (i < 0 || i >= length(self)) {
		PyErr_SetString(PyExc_IndexError, "no such row");
		return (NULL);
	}
	tuple = PyTuple_New(cs->n);
	for (c = 0; c < cs->n && tuple != NULL; c++) {
		one = column_value(&cs->column[c], (uint32_t)i);
		if (one == NULL)
			Py_CLEAR(tuple);
		else
			(void)PyTuple_SetItem(tuple, c, one);
	}
	return (tuple);
}

static PyObject *
rows_of(PyObject *self, PyObject *slice)
{
	Py_ssize_t start, stop, step, n, i;
	PyObject *list, *one;

	if (PySlice_Unpack(slice, &start, &stop, &step) == -1)
		return (NULL);
	n = PySlice_AdjustIndices(length(self), &start, &stop, step);
	list = PyList_New(n);
	for (i = 0; i < n && list != NULL; i++, start += step) {
		if ((one = item(self, start)) == NULL)
			Py_CLEAR(list);
		else
			(void)PyList_SetItem(list, i, one);
	}
	return (list);
}

static PyObject *
subscript(PyObject *self, PyObject *key)
{
	Py_ssize_t i;

	if (PySlice_Check(key))
		return (rows_of(self, key));
	i = PyNumber_AsSsize_t(key, PyExc_IndexError);
	if (i == -1 && PyErr_Occurred())
		return (NULL);
	return (item(self, i < 0 ? i + length(self) : i));
}

/* As a list does it. */
static PyObject *
ask_list(PyObject *self, const char *method, PyObject *row)
{
	PyObject *list = PySequence_List(self), *result;

	if (list == NULL)
		return (NULL);
	result = PyObject_CallMethod(list, method, "(O)", row);
	Py_DECREF(list);
	return (result);
}

static PyObject *
index_of(PyObject *self, PyObject *row)
{
	return (ask_list(self, "index", row));
}

static PyObject *
count_of(PyObject *self, PyObject *row)
{
	return (ask_list(self, "count", row));
}

static PyObject *
row_dict(PyObject *self, PyObject *names, Py_ssize_t row)
{
	const struct columns *cs = columns_of(self);
	PyObject *dict = PyDict_New(), *one;
	uint16_t c;
	int bad;

	for (c = 0; c < cs->n && dict != NULL; c++) {
		one = column_value(&cs->column[c], (uint32_t)row);
		bad = one == NULL ||
		    PyDict_SetItem(dict, PyTuple_GetItem(names, c), one) == -1;
		Py_XDECREF(one);
		if (bad)
			Py_CLEAR(dict);
	}
	return (dict);
}

static PyObject *
to_dicts(PyObject *self, PyObject *none)
{
	PyObject *names = columns_names(columns_of(self)), *list, *one;
	Py_ssize_t n = length(self), i;

	(void)none;
	if (names == NULL)
		return (NULL);
	list = PyList_New(n);
	for (i = 0; i < n && list != NULL; i++) {
		if ((one = row_dict(self, names, i)) == NULL)
			Py_CLEAR(list);
		else
			(void)PyList_SetItem(list, i, one);
	}
	Py_DECREF(names);
	return (list);
}

static PyObject *
arrow_c_schema(PyObject *self, PyObject *none)
{
	(void)none;
	return (arrow_schema_of(columns_of(self)));
}

static PyObject *
arrow_c_stream(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"requested_schema", NULL};
	PyObject *requested = NULL;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:__arrow_c_stream__",
		names, &requested))
		return (NULL);
	return (arrow_stream_of(columns_of(self)));
}

static PyObject *
get_columns(PyObject *self, void *closure)
{
	(void)closure;
	return (columns_names(columns_of(self)));
}

static PyObject *
get_totals(PyObject *self, void *closure)
{
	(void)closure;
	return (tally_totals(((struct answer_object *)self)->tally));
}

static PyObject *
get_faults(PyObject *self, void *closure)
{
	(void)closure;
	return (tally_faults(core_state(self),
	    ((struct answer_object *)self)->tally));
}

static PyObject *
repr(PyObject *self)
{
	PyObject *names = get_columns(self, NULL), *result;

	if (names == NULL)
		return (NULL);
	result = PyUnicode_FromFormat("<flowd.Answer of %zd rows, columns %R>",
	    length(self), names);
	Py_DECREF(names);
	return (result);
}

static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	columns_drop(columns_of(self));
	tally_drop(((struct answer_object *)self)->tally);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"to_dicts", to_dicts, METH_NOARGS,
	"to_dicts($self, /)\n--\n\nAll rows, by the names of the columns."},
    {"index", index_of, METH_O,
	"index($self, row, /)\n--\n\nWhere the row is first, or ValueError."},
    {"count", count_of, METH_O,
	"count($self, row, /)\n--\n\nHow many rows are equal to it."},
    {"__arrow_c_schema__", arrow_c_schema, METH_NOARGS, NULL},
    {"__arrow_c_stream__", (PyCFunction)(void (*)(void))arrow_c_stream,
	METH_VARARGS | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"columns", get_columns, NULL, "names of its columns", NULL},
    {"totals", get_totals, NULL, "what was looked at", NULL},
    {"faults", get_faults, NULL, "damage that was stepped over", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Rows of an answer: tuples in the order of columns."},
    {Py_tp_dealloc, dealloc},
    {Py_tp_repr, repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {Py_tp_iter, PySeqIter_New},
    {Py_sq_length, length},
    {Py_sq_item, item},
    {Py_mp_length, length},
    {Py_mp_subscript, subscript},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd.Answer",
    .basicsize = sizeof(struct answer_object),
    .flags = CORE_NO_NEW,
    .slots = slots,
};

int
answer_register(PyObject *module)
{
	return (core_add_type(module, CORE_ANSWER, &spec));
}
