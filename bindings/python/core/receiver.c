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
 * What Collector is made of: a socket, a thread that receives, a bounded ring,
 * a decoder.  Threads that take from it wait for each other.
 */

#include <errno.h>
#include <math.h>

#include "bindings/python/core/listener.h"
#include "bindings/python/core/packet.h"
#include "bindings/python/core/pile.h"

#define FLOWS_AT_ONCE 1024
#define SLICE_MS 250 /* signals may go to another thread */

struct receiver_object {
	PyObject_HEAD struct listener *listener;
	PyObject *decoder;
	struct gate *gate;	/* its */
	struct pile *pile;	/* of batches, or NULL */
	pthread_mutex_t taking; /* from the ring, and the pile */
	bool made;		/* the lock is */
	bool ports;		/* tell exporters apart */
	bool stopped;
};

static inline struct receiver_object *
cast(PyObject *self)
{
	return ((struct receiver_object *)self);
}

static int
check_range(const char *name, Py_ssize_t n, size_t least, size_t most)
{
	if (n >= 0 && (size_t)n >= least && (size_t)n <= most)
		return (0);
	PyErr_Format(PyExc_ValueError, "%s: %zu to %zu bytes, not %zd", name,
	    least, most, n);
	return (-1);
}

/* A thread that has it already is told, and does not wait for itself. */
static bool
make_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	int error;

	if ((error = pthread_mutexattr_init(&attr)) == 0) {
		error =
		    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
		if (error == 0)
			error = pthread_mutex_init(lock, &attr);
		(void)pthread_mutexattr_destroy(&attr);
	}
	errno = error;
	return (error == 0);
}

static PyObject *new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	const struct module_state *state = PyType_GetModuleState(type);
	struct receiver_object *self;
	PyObject *decoder;
	struct gate *gate;
	Py_ssize_t ring, buffer;
	int fd, ports;

	if ((kwargs != NULL && PyDict_Size(kwargs) != 0) ||
	    !PyArg_ParseTuple(args, "innOp:Receiver", &fd, &ring, &buffer,
		&decoder, &ports) ||
	    (gate = decoder_gate(state, decoder)) == NULL)
		return (NULL);
	if (check_range("ring", ring, RING_LEAST, RING_MOST) == -1 ||
	    check_range("rcvbuf", buffer, 0, INT_MAX) == -1)
		return (NULL);
	self = (struct receiver_object *)PyType_GenericAlloc(type, 0);
	if (self == NULL)
		return (NULL);
	self->decoder = Py_NewRef(decoder);
	self->gate = gate;
	self->ports = ports != 0;
	self->made = make_lock(&self->taking);
	self->listener = self->made
	    ? listener_new(fd, (size_t)ring, (uint32_t)buffer)
	    : NULL;
	if (self->listener == NULL) {
		(void)PyErr_SetFromErrno(PyExc_OSError);
		Py_CLEAR(self);
	}
	return ((PyObject *)self);
}

static int
usable(struct receiver_object *self)
{
	if (self->listener->pid == getpid())
		return (0);
	(void)core_raise(core_state((PyObject *)self), CORE_ERROR,
	    "the collector is of the process that this one was forked off");
	return (-1);
}

/* The ring and the decoder are ours: 0, or -1 and an exception. */
static int
enter(struct receiver_object *self)
{
	int error;

	if (usable(self) == -1)
		return (-1);
	if (pthread_mutex_trylock(&self->taking) == 0)
		return (0);
	Py_BEGIN_ALLOW_THREADS error = pthread_mutex_lock(&self->taking);
	Py_END_ALLOW_THREADS if (error == 0) return (0);
	/* A finalizer, which runs wherever memory is asked for. */
	(void)core_raise(core_state((PyObject *)self), CORE_ERROR,
	    "this thread is taking from the collector already");
	return (-1);
}

static void
leave(struct receiver_object *self)
{
	(void)pthread_mutex_unlock(&self->taking);
}

/* The oldest packet: false if none waits. */
static bool
decode_one(struct receiver_object *self, const struct sink *sink)
{
	struct dec_source src = {0};
	struct dec_report report;
	struct waiting w;
	enum dec_result r;

	if (!listener_next(self->listener, &w))
		return (false);
	src.agent = w.from;
	src.port = self->ports ? w.port : 0;
	src.recv_time = w.time;
	gate_wait(self->gate);
	r = gate_decode(self->gate, sink, &src, rd_init(w.data, w.len),
	    &report);
	gate_leave(self->gate);
	listener_done(self->listener, r);
	return (true);
}

/* Somebody else's turn to decode may have been cut off by a fork. */
static int
gate_usable(struct receiver_object *self)
{
	if (gate_enter(core_state((PyObject *)self), self->gate) == -1)
		return (-1);
	gate_leave(self->gate);
	return (0);
}

static PyObject *
flows(PyObject *o, PyObject *none)
{
	struct receiver_object *self = cast(o);
	struct sheaf sheaf;
	const struct sink sink = {.flow = sheaf_take, .arg = &sheaf};
	PyObject *list;

	(void)none;
	if (enter(self) == -1)
		return (NULL);
	if (gate_usable(self) == -1) {
		leave(self);
		return (NULL);
	}
	sheaf_begin(core_state(o), &sheaf);
	Py_BEGIN_ALLOW_THREADS while (
	    sheaf.n < FLOWS_AT_ONCE && decode_one(self, &sink));
	Py_END_ALLOW_THREADS leave(self);
	list = sheaf_list(core_state(o), &sheaf);
	sheaf_clear(&sheaf);
	return (list);
}

static PyObject *
packet_of(const struct waiting *w)
{
	return (Py_BuildValue("(y#(Ni)L)", (const char *)w->data,
	    (Py_ssize_t)w->len, field_addr(&w->from), (int)w->port,
	    (long long)w->time));
}

static PyObject *
packets(PyObject *o, PyObject *args)
{
	struct receiver_object *self = cast(o);
	PyObject *list, *packet = NULL;
	struct waiting w;
	Py_ssize_t most;

	if (!PyArg_ParseTuple(args, "n:packets", &most) || enter(self) == -1)
		return (NULL);
	list = PyList_New(0);
	for (; most > 0 && list != NULL; most--) {
		if (!listener_next(self->listener, &w))
			break;
		packet = packet_of(&w);
		if (packet == NULL || PyList_Append(list, packet) == -1)
			Py_CLEAR(list);
		else
			listener_done(self->listener, DEC_MAX);
		Py_XDECREF(packet);
	}
	leave(self);
	return (list);
}

static int
parse_rows(PyObject *args, const char *format, Py_ssize_t *rows,
    PyObject **columns)
{
	if (!PyArg_ParseTuple(args, format, rows, columns))
		return (-1);
	if (*rows > BLOCK_FLOWS)
		*rows = BLOCK_FLOWS;
	if (*rows >= 1)
		return (0);
	PyErr_SetString(PyExc_ValueError, "max_rows: one at least");
	return (-1);
}

/* Decode until so many flows are there, or nothing waits: how many are. */
static PyObject *
gather(PyObject *o, PyObject *args)
{
	struct receiver_object *self = cast(o);
	uint64_t n = 0;
	Py_ssize_t rows;

	if (parse_rows(args, "n:gather", &rows, NULL) == -1 ||
	    enter(self) == -1)
		return (NULL);
	if (gate_usable(self) == -1 ||
	    (self->pile == NULL &&
		(self->pile = pile_new((uint32_t)rows, NULL)) == NULL)) {
		leave(self);
		return (PyErr_Occurred() ? NULL : PyErr_NoMemory());
	}
	Py_BEGIN_ALLOW_THREADS
	{
		const struct sink sink = {pile_add, pile_records, self->pile};

		while ((n = pile_count(self->pile)) < (uint64_t)rows &&
		    decode_one(self, &sink))
			;
	}
	Py_END_ALLOW_THREADS leave(self);
	return (PyLong_FromUnsignedLongLong(n));
}

/* What was gathered, so many at most; None: nothing. */
static PyObject *
batch(PyObject *o, PyObject *args)
{
	const struct module_state *state = core_state(o);
	struct receiver_object *self = cast(o);
	struct asked asked = {0};
	struct columns *cs = NULL;
	PyObject *names;
	Py_ssize_t rows;

	if (parse_rows(args, "nO:batch", &rows, &names) == -1 ||
	    args_columns(state, names, &asked) == -1 || enter(self) == -1)
		return (NULL);
	if (self->pile == NULL || pile_count(self->pile) == 0) {
		leave(self);
		Py_RETURN_NONE;
	}
	Py_BEGIN_ALLOW_THREADS cs =
	    pile_take(self->pile, (uint64_t)rows, &asked);
	Py_END_ALLOW_THREADS leave(self);
	return (cs == NULL ? PyErr_NoMemory() : batch_wrap(state, cs));
}

/* Slices of what is left to wait for: a signal ends it by an exception. */
static int
wait_for(const struct listener *l, double seconds)
{
	int ms, r = 0;

	do {
		ms = seconds * 1000 < SLICE_MS ? (int)ceil(seconds * 1000)
					       : SLICE_MS;
		Py_BEGIN_ALLOW_THREADS r = listener_wait(l, ms);
		Py_END_ALLOW_THREADS if (PyErr_CheckSignals() == -1) return (
		    -1);
		seconds -= ms / 1000.0;
	} while (r <= 0 && seconds > 0);
	return (r > 0);
}

static PyObject *
wait_some(PyObject *o, PyObject *args)
{
	PyObject *timeout;
	double seconds;
	int r;

	if (!PyArg_ParseTuple(args, "O:wait", &timeout) ||
	    usable(cast(o)) == -1)
		return (NULL);
	seconds = timeout == Py_None ? HUGE_VAL : PyFloat_AsDouble(timeout);
	if (seconds == -1 && PyErr_Occurred())
		return (NULL);
	r = wait_for(cast(o)->listener, seconds > 0 ? seconds : 0);
	return (r == -1 ? NULL : PyBool_FromLong(r));
}

static PyObject *
get_fileno(PyObject *o, PyObject *none)
{
	(void)none;
	if (usable(cast(o)) == -1)
		return (NULL);
	return (PyLong_FromLong(cast(o)->listener->ready[0]));
}

static PyObject *
stop(PyObject *o, PyObject *none)
{
	struct receiver_object *self = cast(o);

	(void)none;
	if (!self->stopped && self->listener->pid == getpid()) {
		self->stopped = true;
		Py_BEGIN_ALLOW_THREADS listener_stop(self->listener);
		Py_END_ALLOW_THREADS
	}
	Py_RETURN_NONE;
}

static PyObject *
over(PyObject *o, PyObject *none)
{
	(void)none;
	if (usable(cast(o)) == -1)
		return (NULL);
	return (PyBool_FromLong(listener_over(cast(o)->listener)));
}

static PyObject *
count(PyObject *o, PyObject *none)
{
	struct ledger_of n;
	PyObject *dict;

	(void)none;
	if (usable(cast(o)) == -1 || (dict = PyDict_New()) == NULL)
		return (NULL);
	listener_count(cast(o)->listener, &n);
	if (dict_number(dict, "received", n.received) == -1 ||
	    gate_results(dict, n.results) == -1 ||
	    dict_number(dict, "taken", n.taken) == -1 ||
	    dict_number(dict, "dropped_ring", n.dropped_ring) == -1 ||
	    dict_number(dict, "waiting", n.waiting) == -1 ||
	    dict_number(dict, "dropped_kernel", n.dropped_kernel) == -1 ||
	    dict_number(dict, "rcvbuf", cast(o)->listener->buffer) == -1)
		Py_CLEAR(dict);
	return (dict);
}

static void
dealloc(PyObject *o)
{
	struct receiver_object *self = cast(o);
	PyTypeObject *type = Py_TYPE(o);

	if (self->made &&
	    (self->listener == NULL || self->listener->pid == getpid()))
		(void)pthread_mutex_destroy(&self->taking);
	listener_free(self->listener);
	pile_free(self->pile);
	Py_XDECREF(self->decoder);
	PyObject_Free(self);
	Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"flows", flows, METH_NOARGS, NULL},
    {"packets", packets, METH_VARARGS, NULL},
    {"gather", gather, METH_VARARGS, NULL},
    {"batch", batch, METH_VARARGS, NULL},
    {"wait", wait_some, METH_VARARGS, NULL},
    {"fileno", get_fileno, METH_NOARGS, NULL},
    {"stop", stop, METH_NOARGS, NULL},
    {"over", over, METH_NOARGS, NULL},
    {"count", count, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
	"Receiver(fd, ring, rcvbuf, decoder, ports): it takes the socket."},
    {Py_tp_new, new},
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd._core.Receiver",
    .basicsize = sizeof(struct receiver_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int
receiver_register(PyObject *module)
{
	return (core_add_type(module, CORE_RECEIVER, &spec));
}
