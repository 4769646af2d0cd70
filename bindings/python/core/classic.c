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
 * What the original module could do: attributes with its rules, the methods of
 * Flow, records from bytes and back.  flowd/classic.py has the rest.
 */

#include <string.h>

#include "bindings/python/core/core.h"
#include "bytes.h"
#include "field.h"
#include "format.h"
#include "store.h"

/* The last second that has a calendar of four digits. */
#define TIME_MAX INT64_C(253402300799)

/* clang-format off */
static const struct {
	enum flow_field field;
	uint32_t v4, v6;
	const char *name; /* the original's */
} addresses[] = {
	{ FLOW_AGENT, STORE_AGENT_ADDR4, STORE_AGENT_ADDR6, "agent_addr" },
	{ FLOW_SRC_ADDR, STORE_SRC_ADDR4, STORE_SRC_ADDR6, "src_addr" },
	{ FLOW_DST_ADDR, STORE_DST_ADDR4, STORE_DST_ADDR6, "dst_addr" },
	{ FLOW_NEXT_HOP, STORE_GATEWAY_ADDR4, STORE_GATEWAY_ADDR6,
	    "gateway_addr" },
};
/* clang-format on */

#define NADDRESSES (sizeof(addresses) / sizeof(addresses[0]))

int
classic_number(PyObject *value, unsigned int bits, uint32_t *to)
{
	const char *name = bits == 8 ? "char" : bits == 16 ? "short" : "int";
	char text[64];
	long long n;

	if (value == NULL || !PyLong_Check(value)) {
		PyErr_SetString(PyExc_TypeError, "an integer is required");
		return (-1);
	}
	n = PyLong_AsLongLong(value);
	if (n == -1 && PyErr_Occurred())
		return (-1);
	*to = (uint32_t)n & UINT32_MAX >> (32 - bits);
	if (n == (long long)*to)
		return (0);
	(void)PyOS_snprintf(text, sizeof(text),
	    n < 0 && bits == 32 ? "Writing negative value into unsigned field"
				: "Truncation of value to unsigned %s",
	    name);
	return (PyErr_WarnEx(PyExc_RuntimeWarning, text, 1));
}

static int
take_address(struct flow *f, enum flow_field which, PyObject *value)
{
	size_t i;

	if (field_take(f, which, value) == 0)
		return (0);
	for (i = 0; i < NADDRESSES; i++)
		if (addresses[i].field == which &&
		    PyErr_ExceptionMatches(PyExc_ValueError))
			PyErr_Format(PyExc_ValueError, "Invalid \"%s\"",
			    addresses[i].name);
	return (-1);
}

int
classic_take(struct flow *f, enum flow_field which, PyObject *value)
{
	void *p = field_ptr(f, &fields[which]);
	uint32_t n;

	switch (fields[which].type) {
	case FT_U8:
		if (classic_number(value, 8, &n) == -1)
			return (-1);
		*(uint8_t *)p = (uint8_t)n;
		return (0);
	case FT_U16:
		/* A byte of flags is all that a record has. */
		if (classic_number(value, which == FLOW_TCP_FLAGS ? 8 : 16,
			&n) == -1)
			return (-1);
		*(uint16_t *)p = (uint16_t)n;
		return (0);
	case FT_U32:
		return (classic_number(value, 32, p));
	case FT_ADDR:
		return (take_address(f, which, value));
	default:
		return (field_take(f, which, value));
	}
}

/* With those bits that follow from attributes. */
static uint32_t
groups_of(PyObject *self)
{
	const struct flow_record *rec = flow_record(self);
	const struct flow *f = flow_front(self);
	uint32_t groups = rec->fields;
	const struct addr *a;
	size_t i;

	groups &= rec->classic ? ~(STORE_OCTETS | STORE_PACKETS) : STORE_CRC32;
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (flow_has(f, i) &&
		    (!rec->classic || i == FLOW_OCTETS || i == FLOW_PACKETS))
			groups |= fields[i].store;
	for (i = 0; i < NADDRESSES; i++) {
		groups &= ~(addresses[i].v4 | addresses[i].v6);
		a = field_cptr(f, &fields[addresses[i].field]);
		if (a->family == ADDR_V4)
			groups |= addresses[i].v4;
		else if (a->family == ADDR_V6)
			groups |= addresses[i].v6;
	}
	return (groups);
}

/* As it is written: groups that its fields name are there, whole. */
static void
flow_to_write(PyObject *self, uint32_t groups, struct flow *f)
{
	size_t i;

	memset(f, 0, sizeof(*f));
	memcpy(f, flow_front(self), FLOW_RARE);
	if (!flow_record(self)->classic)
		return;
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (fields[i].store & groups)
			flow_set(f, i);
		else
			flow_unset(f, i);
}

static PyObject *
record_bytes(PyObject *self, uint32_t mask)
{
	uint32_t groups = groups_of(self) & mask;
	uint8_t bytes[STORE_WRITEMAX];
	struct wr wr = wr_init(bytes, sizeof(bytes));
	struct flow f;

	flow_to_write(self, groups, &f);
	(void)store_write(&wr, &f, groups);
	return (PyBytes_FromStringAndSize((const char *)bytes,
	    (Py_ssize_t)(sizeof(bytes) - wr.left)));
}

PyObject *
classic_serialise(PyObject *self, PyObject *none)
{
	(void)none;
	return (record_bytes(self, UINT32_MAX));
}

/* What the record would be read as; of the original's, as it stands. */
static void
record_of(PyObject *self, struct store_record *rec)
{
	const struct flow_record *said = flow_record(self);
	uint8_t bytes[STORE_WRITEMAX];
	struct wr wr = wr_init(bytes, sizeof(bytes));
	uint32_t groups = groups_of(self);
	struct rd rd;

	flow_to_write(self, groups, &rec->flow);
	rec->fields = groups;
	rec->crc = said->crc;
	if (said->classic)
		return;
	(void)store_write(&wr, &rec->flow, groups & ~STORE_CRC32);
	rd = rd_init(bytes, sizeof(bytes) - wr.left);
	(void)store_read(&rd, rec);
}

PyObject *
classic_format(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"utc", "mask", NULL};
	unsigned long mask = STORE_BRIEF;
	struct store_record rec;
	char line[FORMAT_MAX];
	size_t len;
	int utc = 0;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|pk:format", names,
		&utc, &mask))
		return (NULL);
	record_of(self, &rec);
	len = format_classic(line, sizeof(line), &rec, (uint32_t)mask, utc);
	return (PyUnicode_FromStringAndSize(line, (Py_ssize_t)len));
}

PyObject *
classic_has_field(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"field", NULL};
	uint32_t groups = groups_of(self), both;
	unsigned long field;
	size_t i;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "k:has_field", names,
		&field))
		return (NULL);
	if (field == 0) {
		PyErr_SetString(PyExc_ValueError, "No field specified");
		return (NULL);
	}
	/* Who asks for both families is content with either. */
	for (i = 0; i < NADDRESSES; i++) {
		both = addresses[i].v4 | addresses[i].v6;
		if ((field & both) == both && (groups & both) != 0)
			groups |= both;
	}
	return (PyBool_FromLong((groups & field) == field));
}

/* A record, as an object. */
PyObject *
classic_wrap(const struct module_state *state, const struct store_record *rec)
{
	PyObject *flow = flow_wrap(state, &rec->flow, true);

	if (flow == NULL)
		return (NULL);
	flow_record(flow)->fields = rec->fields;
	flow_record(flow)->crc = rec->crc;
	flow_record(flow)->version = rec->version;
	return (flow);
}

/* Text of the original's, who named the function, too. */
const char *
classic_strerror(enum store_err err, size_t left)
{
	if (err == STORE_EOF || left < STORE_HDRLEN)
		return ("store_flow_deserialise: supplied length is too small");
	if (err == STORE_SHORT || err == STORE_LENGTH)
		return ("store_flow_deserialise: incomplete flow record "
			"supplied");
	return (store_strerror(err));
}

/* Where a log is read, piece by piece. */
struct piece {
	struct rd rd;
	int version;	 /* 0: its first bytes are to tell; -1: it is lost */
	const char *why; /* what is wrong, or NULL */
};

/* False: more bytes are needed, or it is wrong. */
static bool
begin(struct piece *p)
{
	uint32_t started;
	enum store_err err;

	if (p->version != 0)
		return (p->version != -1);
	if (p->rd.left == 0)
		return (false);
	if (p->rd.p[0] != STORE_V2_MAGIC >> 24) {
		p->version = 3;
		return (true);
	}
	if ((err = store_v2_header(&p->rd, &started)) == STORE_SHORT)
		return (false);
	p->version = err == STORE_OK ? 2 : -1;
	p->why = err == STORE_OK ? NULL : store_strerror(err);
	return (err == STORE_OK);
}

/* Over what is wrong.  Version 2 has no lengths to go by. */
static void
skip(struct piece *p, enum store_err err)
{
	p->why = store_strerror(err);
	if (p->version == 2)
		p->version = -1;
	else
		(void)rd_skip(&p->rd, STORE_HDRLEN + (size_t)p->rd.p[1] * 4);
}

/* The next record.  False: more bytes are needed, or it is wrong. */
static bool
next(struct piece *p, struct store_record *rec)
{
	enum store_err err;

	if (p->version == 2)
		err = store_v2_read(&p->rd, rec);
	else if (p->rd.left < STORE_HDRLEN ||
	    p->rd.left < STORE_HDRLEN + (size_t)p->rd.p[1] * 4)
		return (false);
	else
		err = store_read(&p->rd, rec);
	if (err != STORE_OK && err != STORE_EOF && err != STORE_SHORT)
		skip(p, err);
	return (err == STORE_OK);
}

static PyObject *
read_piece(const struct module_state *state, struct piece *p, Py_ssize_t most)
{
	PyObject *list = PyList_New(0), *flow;
	struct store_record rec;
	int bad;

	if (list == NULL || !begin(p))
		return (list);
	while (most-- > 0 && next(p, &rec)) {
		flow = classic_wrap(state, &rec);
		bad = flow == NULL || PyList_Append(list, flow) == -1;
		Py_XDECREF(flow);
		if (bad) {
			Py_DECREF(list);
			return (NULL);
		}
	}
	return (list);
}

static PyObject *
classic_read(PyObject *module, PyObject *args)
{
	struct piece p = {0};
	PyObject *list;
	Py_buffer view;
	Py_ssize_t used, most = PY_SSIZE_T_MAX;

	if (!PyArg_ParseTuple(args, "y*i|n:classic_read", &view, &p.version,
		&most))
		return (NULL);
	p.rd = rd_init(view.buf, (size_t)view.len);
	list = read_piece(PyModule_GetState(module), &p, most);
	used = view.len - (Py_ssize_t)p.rd.left;
	PyBuffer_Release(&view);
	if (list == NULL)
		return (NULL);
	return (Py_BuildValue("(Nniz)", list, used, p.version, p.why));
}

static PyObject *
classic_record(PyObject *module, PyObject *args)
{
	const struct module_state *state = PyModule_GetState(module);
	unsigned long mask;
	PyObject *flow;

	if (!PyArg_ParseTuple(args, "Ok:classic_record", &flow, &mask))
		return (NULL);
	if (!flow_check(state, flow)) {
		PyErr_Format(PyExc_TypeError, "a Flow is wanted, not %R",
		    (PyObject *)Py_TYPE(flow));
		return (NULL);
	}
	return (record_bytes(flow, (uint32_t)mask));
}

/* Seconds, of any kind of number. */
static int
seconds(PyObject *value, long long min, long long max, long long *to)
{
	PyObject *whole;

	if (!PyNumber_Check(value)) {
		PyErr_SetString(PyExc_TypeError, "an integer is required");
		return (-1);
	}
	if ((whole = PyNumber_Long(value)) == NULL)
		return (-1);
	*to = PyLong_AsLongLong(whole);
	Py_DECREF(whole);
	if (*to == -1 && PyErr_Occurred())
		return (-1);
	if (*to >= min && *to <= max)
		return (0);
	PyErr_Format(PyExc_OverflowError, "%lld seconds cannot be", *to);
	return (-1);
}

static PyObject *
iso_time(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"time", "utc_flag", NULL};
	PyObject *when;
	char text[64];
	long long sec;
	int utc = 0;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|p:iso_time", names,
		&when, &utc) ||
	    seconds(when, -TIME_MAX, TIME_MAX, &sec) == -1)
		return (NULL);
	(void)format_iso_time(text, sizeof(text), sec, utc);
	return (PyUnicode_FromString(text));
}

static PyObject *
interval_time(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"time", NULL};
	PyObject *when;
	char text[64];
	long long sec;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:interval_time", names,
		&when) ||
	    seconds(when, 0, UINT32_MAX, &sec) == -1)
		return (NULL);
	(void)format_interval(text, sizeof(text), (uint32_t)sec);
	return (PyUnicode_FromString(text));
}

#define KEYWORDS(fn) ((PyCFunction)(void (*)(void))(fn))

static PyMethodDef functions[] = {
    {"iso_time", KEYWORDS(iso_time), METH_VARARGS | METH_KEYWORDS,
	"iso_time(time, utc_flag=0)\n--\n\n"
	"Seconds since 1970 as 2023-11-14T22:13:20, local time or UTC."},
    {"interval_time", KEYWORDS(interval_time), METH_VARARGS | METH_KEYWORDS,
	"interval_time(time)\n--\n\nSeconds as 1d2h3m4s."},
    {"classic_read", classic_read, METH_VARARGS,
	"classic_read(data, version, most=sys.maxsize, /)\n--\n\n"
	"Flows of a piece of a log, how many bytes that took, the version and\n"
	"what is wrong behind them, or None."},
    {"classic_record", classic_record, METH_VARARGS,
	"classic_record(flow, fieldmask, /)\n--\n\nA flow as a record."},
    {NULL, NULL, 0, NULL},
};

int
classic_register(PyObject *module)
{
	return (PyModule_AddFunctions(module, functions));
}
