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

/* Decoder: packets in, flows out.  One thread at a time, the others wait. */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bindings/python/core/packet.h"
#include "bindings/python/core/parcels.h"
#include "bindings/python/core/pile.h"

/* Of an exporter, if max_templates is not far above it. */
#define TEMPLATES_LEAST 256
#define ROWS_PACKET 64 /* flows of a packet, more or less */

struct decoder_object {
	PyObject_HEAD struct gate *gate;
};

struct gate *
decoder_gate(const struct module_state *state, PyObject *o)
{
	if (Py_IS_TYPE(o, state->type[CORE_DECODER]))
		return (((struct decoder_object *)o)->gate);
	PyErr_Format(PyExc_TypeError, "a flowd.Decoder is wanted, not %R",
	    (PyObject *)Py_TYPE(o));
	return (NULL);
}

static inline struct gate *
gate_of(PyObject *self)
{
	return (((struct decoder_object *)self)->gate);
}

int
gate_enter(const struct module_state *state, struct gate *g)
{
	if (gate_try(g))
		return (0);
	if (gate_foreign(g)) {
		(void)core_raise(state, CORE_ERROR,
		    "the decoder was in use when this process was forked: "
		    "make one here");
		return (-1);
	}
	Py_BEGIN_ALLOW_THREADS gate_wait(g);
	Py_END_ALLOW_THREADS return (0);
}

static int
in_range(const char *name, Py_ssize_t n, Py_ssize_t least, Py_ssize_t most)
{
	if (n >= least && n <= most)
		return (0);
	PyErr_Format(PyExc_ValueError, "%s: %zd to %zd are possible, not %zd",
	    name, least, most, n);
	return (-1);
}

static int
parse_limits(PyObject *args, PyObject *kwargs, struct dec_limits *l, int *names)
{
	static char *words[] = {"max_exporters", "max_templates", "max_memory",
	    "expire_v9", "expire_ipfix", "names", NULL};
	Py_ssize_t exporters = 16384, templates = 131072, bytes = 64 << 20;
	Py_ssize_t v9 = 0, ipfix = 0;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$nnnnnp:Decoder",
		words, &exporters, &templates, &bytes, &v9, &ipfix, names) ||
	    in_range("max_exporters", exporters, 1, UINT32_MAX) == -1 ||
	    in_range("max_templates", templates, 1, UINT32_MAX) == -1 ||
	    in_range("max_memory", bytes, 1, PY_SSIZE_T_MAX) == -1 ||
	    in_range("expire_v9", v9, 0, UINT32_MAX) == -1 ||
	    in_range("expire_ipfix", ipfix, 0, UINT32_MAX) == -1)
		return (-1);
	*l = (struct dec_limits){
	    .domains = (uint32_t)exporters,
	    .templates = (uint32_t)templates,
	    .templates_exporter = (uint32_t)templates / 4,
	    .bytes = (size_t)bytes,
	    .bytes_exporter = (size_t)bytes / 4 + 1,
	    .expire_v9 = (uint32_t)v9,
	    .expire_ipfix = (uint32_t)ipfix,
	};
	if (l->templates_exporter < TEMPLATES_LEAST)
		l->templates_exporter = l->templates < TEMPLATES_LEAST
		    ? l->templates
		    : TEMPLATES_LEAST;
	return (0);
}

static PyObject *new (PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	struct decoder_object *self;
	struct dec_limits limits;
	int names = 1;

	if (parse_limits(args, kwargs, &limits, &names) == -1)
		return (NULL);
	self = (struct decoder_object *)PyType_GenericAlloc(type, 0);
	if (self == NULL)
		return (NULL);
	if ((self->gate = gate_new(&limits, names != 0)) == NULL) {
		Py_DECREF(self);
		return (PyErr_NoMemory());
	}
	return ((PyObject *)self);
}

static int
source_of(PyObject *exporter, Py_ssize_t port, struct dec_source *src)
{
	if (exporter != NULL && args_addr(exporter, &src->agent) == -1)
		return (-1);
	if (exporter == NULL)
		src->agent.family = ADDR_V4;
	if (in_range("port", port, 0, UINT16_MAX) == -1)
		return (-1);
	src->port = (uint16_t)port;
	return (0);
}

static int64_t
now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return ((int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec);
}

/* What was understood before the error goes with it. */
static PyObject *
raise_decode(const struct module_state *state, enum dec_result r, uint32_t at,
    PyObject *packet)
{
	PyObject *error, *offset = PyLong_FromUnsignedLong(at);

	error = PyObject_CallFunction(state->error[CORE_DECODE], "N",
	    PyUnicode_FromFormat("%s at byte %u", dec_strerror(r),
		(unsigned int)at));
	if (error != NULL && offset != NULL &&
	    PyObject_SetAttrString(error, "offset", offset) == 0 &&
	    PyObject_SetAttrString(error, "packet", packet) == 0)
		PyErr_SetObject(state->error[CORE_DECODE], error);
	Py_XDECREF(error);
	Py_XDECREF(offset);
	Py_DECREF(packet);
	return (NULL);
}

static PyObject *
decode_bytes(PyObject *self, PyObject *bytes, const struct dec_source *src)
{
	const struct module_state *state = core_state(self);
	struct gate *g = gate_of(self);
	struct dec_report report;
	enum dec_result r;
	struct sheaf flows;
	struct sink sink = {.flow = sheaf_take, .arg = &flows};
	PyObject *packet;

	if (gate_enter(state, g) == -1)
		return (NULL);
	sheaf_begin(state, &flows);
	r = gate_decode(g, &sink, src,
	    rd_init((const uint8_t *)PyBytes_AsString(bytes),
		(size_t)PyBytes_Size(bytes)),
	    &report);
	gate_leave(g);
	packet = packet_wrap(state, &report, &flows);
	sheaf_clear(&flows);
	if (packet == NULL || r == DEC_OK || r == DEC_NOTEMPLATE)
		return (packet);
	return (raise_decode(state, r, report.error_at, packet));
}

static PyObject *
decode(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *words[] = {"packet", "exporter", "port", "time", NULL};
	PyObject *packet, *exporter = NULL, *when = NULL, *bytes, *result;
	struct dec_source src = {0};
	Py_ssize_t port = 0;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|UnO:decode", words,
		&packet, &exporter, &port, &when) ||
	    source_of(exporter, port, &src) == -1 ||
	    args_when(core_state(self), when, now_ns(), &src.recv_time) == -1 ||
	    (bytes = parcel_bytes(packet)) == NULL)
		return (NULL);
	result = decode_bytes(self, bytes, &src);
	Py_DECREF(bytes);
	return (result);
}

/* Without the GIL. */
static void
decode_parcels(struct gate *g, const struct parcels *ps, struct pile *pile)
{
	const struct sink sink = {pile_add, pile_records, pile};
	struct dec_report report;
	size_t i;

	gate_wait(g);
	for (i = 0; i < ps->n; i++)
		(void)gate_decode(g, &sink, &ps->parcel[i].src,
		    rd_init(ps->parcel[i].p, ps->parcel[i].len), &report);
	gate_leave(g);
}

/* All packets of an iterator, some at a time: 0, or -1 and an exception. */
static int
decode_iterator(PyObject *self, PyObject *packets, const struct asked *a,
    struct pile **pile)
{
	const struct module_state *state = core_state(self);
	struct gate *g = gate_of(self);
	const struct flow_set set = asked_set(a);
	struct parcels ps = {0};
	int more;

	do {
		more = parcels_fill(&ps, packets);
		if (more == -1 || PyErr_CheckSignals() == -1)
			break;
		if (*pile == NULL)
			*pile = pile_new((uint32_t)ps.n * ROWS_PACKET,
			    a->n == 0 ? NULL : &set);
		if (*pile == NULL) {
			(void)PyErr_NoMemory();
			break;
		}
		/* For its message: the lock itself is taken below. */
		if (gate_enter(state, g) == -1)
			break;
		gate_leave(g);
		Py_BEGIN_ALLOW_THREADS decode_parcels(g, &ps, *pile);
		Py_END_ALLOW_THREADS parcels_empty(&ps);
	} while (more == 1);
	parcels_clear(&ps);
	return (PyErr_Occurred() ? -1 : 0);
}

static PyObject *
decode_many(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *words[] = {"packets", "columns", NULL};
	const struct module_state *state = core_state(self);
	PyObject *packets, *names = NULL, *iterator;
	struct asked asked = {0};
	struct columns *cs = NULL;
	struct pile *pile = NULL;
	int result;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$O:decode_many",
		words, &packets, &names) ||
	    args_columns(state, names, &asked) == -1 ||
	    (iterator = PyObject_GetIter(packets)) == NULL)
		return (NULL);
	result = decode_iterator(self, iterator, &asked, &pile);
	Py_DECREF(iterator);
	if (result == 0 && pile_lost(pile) == 0) {
		Py_BEGIN_ALLOW_THREADS cs = pile_take(pile, UINT64_MAX, &asked);
		Py_END_ALLOW_THREADS
	}
	pile_free(pile);
	if (cs != NULL)
		return (batch_wrap(state, cs));
	return (result == -1 ? NULL : PyErr_NoMemory());
}

static PyObject *
forget(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *words[] = {"exporter", "port", NULL};
	struct dec_source src = {0};
	PyObject *exporter;
	Py_ssize_t port = 0;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U|n:forget", words,
		&exporter, &port) ||
	    source_of(exporter, port, &src) == -1 ||
	    gate_enter(core_state(self), gate_of(self)) == -1)
		return (NULL);
	decode_forget(gate_of(self)->decoder, &src.agent, src.port);
	gate_leave(gate_of(self));
	Py_RETURN_NONE;
}

int
gate_results(PyObject *dict, const uint64_t *n)
{
	static const struct {
		const char *name;
		enum dec_result result;
	} names[] = {
	    {"decoded", DEC_OK},
	    {"no_template", DEC_NOTEMPLATE},
	    {"unsupported", DEC_VERSION},
	    {"malformed_truncated", DEC_SHORT},
	    {"malformed_length", DEC_BADLEN},
	    {"malformed_count", DEC_BADCOUNT},
	    {"malformed_template", DEC_BADTEMPLATE},
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (dict_number(dict, names[i].name, n[names[i].result]) == -1)
			return (-1);
	return (dict_number(dict, "malformed",
	    n[DEC_SHORT] + n[DEC_BADLEN] + n[DEC_BADCOUNT] +
		n[DEC_BADTEMPLATE] + n[DEC_NOMEM]));
}

/* What is counted, copied while nobody counts. */
struct counted {
	uint64_t results[DEC_MAX];
	uint64_t sums[64];
	struct dec_usage usage;
};

static int
put_counted(PyObject *dict, const struct counted *c)
{
	const struct {
		const char *name;
		uint64_t n;
	} known[] = {
	    {"known_domains", c->usage.domains},
	    {"known_templates", c->usage.templates},
	    {"known_facts", c->usage.facts},
	    {"memory", c->usage.bytes},
	    {"domains_evicted", c->usage.evicted},
	};
	uint64_t packets = 0;
	size_t i;

	for (i = 0; i < DEC_MAX; i++)
		packets += c->results[i];
	if (dict_number(dict, "packets", packets) == -1 ||
	    gate_results(dict, c->results) == -1)
		return (-1);
	for (i = 0; i < gate_ntallied; i++)
		if (dict_number(dict, gate_tallied[i].name, c->sums[i]) == -1)
			return (-1);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (dict_number(dict, known[i].name, known[i].n) == -1)
			return (-1);
	return (0);
}

static PyObject *
get_stats(PyObject *self, void *closure)
{
	struct gate *g = gate_of(self);
	struct counted c;
	PyObject *dict;

	(void)closure;
	if (gate_enter(core_state(self), g) == -1)
		return (NULL);
	memcpy(c.results, g->results, sizeof(c.results));
	memcpy(c.sums, g->sums, gate_ntallied * sizeof(c.sums[0]));
	decode_usage(g->decoder, &c.usage);
	gate_leave(g);
	if ((dict = PyDict_New()) != NULL && put_counted(dict, &c) == -1)
		Py_CLEAR(dict);
	return (dict);
}

static void
dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	gate_free(gate_of(self));
	PyObject_Free(self);
	Py_DECREF(type);
}

#define KEYWORDS(f) \
	(PyCFunction)(void (*)(void))(f), METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {
    {"decode", KEYWORDS(decode),
	"decode($self, packet, exporter='0.0.0.0', port=0, time=None)\n--\n\n"
	"DecodeError if it cannot be; a template that is missing is none."},
    {"decode_many", KEYWORDS(decode_many),
	"decode_many($self, packets, *, columns=None)\n--\n\n"
	"(packet, exporter, time) each; what is wrong is counted."},
    {"forget", KEYWORDS(forget),
	"forget($self, exporter, port=0)\n--\n\nAll that it taught."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"stats", get_stats, NULL, "what was counted, by name", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
	"Packets in, flows out.  Templates are remembered for each\n"
	"exporter, within limits.  Threads wait for each other."},
    {Py_tp_new, new},
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "flowd.Decoder",
    .basicsize = sizeof(struct decoder_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int
decoder_register(PyObject *module)
{
	return (core_add_type(module, CORE_DECODER, &spec));
}
