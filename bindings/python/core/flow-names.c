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

/* The original's names of what a flow has. */

#include <sys/socket.h>

#include <stddef.h>
#include <string.h>

#include "bindings/python/core/flow-names.h"
#include "field.h"

struct name {
	const char *name;
	enum flow_field field;
	getter get;
	setter set;
	const char *what;
	size_t member; /* of struct flow_record */
	unsigned int bits;
};

static PyObject *
get_same(PyObject *self, void *row)
{
	const struct name *n = row;

	return (flow_get(self, n->field));
}

static int
set_same(PyObject *self, PyObject *value, void *row)
{
	const struct name *n = row;

	return (flow_put(self, n->field, value));
}

static PyObject *
get_family(PyObject *self, void *row)
{
	const struct name *n = row;
	const struct flow *f = flow_front(self);
	const struct addr *a = field_cptr(f, &fields[n->field]);

	if (!flow_has(f, n->field) || a->family == ADDR_NONE)
		return (PyLong_FromLong(0));
	return (PyLong_FromLong(a->family == ADDR_V4 ? AF_INET : AF_INET6));
}

/* Seconds, rounded towards the past. */
static int64_t
seconds(int64_t ns)
{
	int64_t s = ns / NSEC_PER_SEC;

	return (s * NSEC_PER_SEC > ns ? s - 1 : s);
}

static int64_t
time_of(PyObject *self, enum flow_field which)
{
	const struct flow *f = flow_front(self);

	return (!flow_has(f, which)
		? 0
		: *(const int64_t *)field_cptr(f, &fields[which]));
}

static PyObject *
get_seconds(PyObject *self, void *row)
{
	const struct name *n = row;

	return (PyLong_FromLongLong(seconds(time_of(self, n->field))));
}

/* What is left of them: microseconds; of the exporter's clock nanoseconds. */
static PyObject *
get_rest(PyObject *self, void *row)
{
	const struct name *n = row;
	int64_t ns = time_of(self, n->field);

	ns -= seconds(ns) * NSEC_PER_SEC;
	return (
	    PyLong_FromLongLong(n->field == FLOW_RECV_TIME ? ns / 1000 : ns));
}

static int
put_time(PyObject *self, enum flow_field which, int64_t ns)
{
	PyObject *value = PyLong_FromLongLong(ns);
	int result = value == NULL ? -1 : flow_put(self, which, value);

	Py_XDECREF(value);
	return (result);
}

/* A number of 32 bits; the original's are cut to what they hold. */
static int
number(PyObject *self, const struct name *n, PyObject *value, uint32_t *to)
{
	unsigned long v;

	if (flow_record(self)->classic)
		return (classic_number(value, n->bits, to));
	if (value == NULL || !PyLong_Check(value)) {
		PyErr_Format(PyExc_TypeError, "%s: a number is wanted",
		    n->name);
		return (-1);
	}
	v = PyLong_AsUnsignedLong(value);
	if (v == (unsigned long)-1 && PyErr_Occurred())
		return (-1);
	if (v > UINT32_MAX) {
		PyErr_Format(PyExc_OverflowError, "%s: %lu is too large",
		    n->name, v);
		return (-1);
	}
	*to = (uint32_t)v;
	return (0);
}

/* The address tells it: what is written here is dropped, as it always was. */
static int
set_family(PyObject *self, PyObject *value, void *row)
{
	uint32_t af;

	return (number(self, row, value, &af));
}

static int
set_seconds(PyObject *self, PyObject *value, void *row)
{
	const struct name *n = row;
	int64_t ns = time_of(self, n->field);
	uint32_t s;

	if (number(self, n, value, &s) == -1)
		return (-1);
	ns -= seconds(ns) * NSEC_PER_SEC;
	return (put_time(self, n->field, (int64_t)s * NSEC_PER_SEC + ns));
}

static int
set_rest(PyObject *self, PyObject *value, void *row)
{
	const struct name *n = row;
	int64_t ns = seconds(time_of(self, n->field)) * NSEC_PER_SEC;
	uint32_t rest;

	if (number(self, n, value, &rest) == -1)
		return (-1);
	return (put_time(self, n->field,
	    ns + (int64_t)rest * (n->field == FLOW_RECV_TIME ? 1000 : 1)));
}

static PyObject *
get_record(PyObject *self, void *row)
{
	const struct name *n = row;
	const char *p = (const char *)flow_record(self) + n->member;

	return (PyLong_FromUnsignedLong(*(const uint32_t *)(const void *)p));
}

static int
set_record(PyObject *self, PyObject *value, void *row)
{
	const struct name *n = row;
	char *p = (char *)flow_record(self) + n->member;

	return (number(self, n, value, (uint32_t *)(void *)p));
}

static int
set_data(PyObject *self, PyObject *value, void *row)
{
	(void)row;
	return (flow_set_data(self, value));
}

static PyObject *
get_data(PyObject *self, void *row)
{
	(void)row;
	return (flow_data(self));
}

/* clang-format off */
#define SAME(name, field) \
	{ name, FLOW_##field, get_same, set_same, "as " #field, 0, 0 }
#define FAMILY(name, field) \
	{ name, FLOW_##field, get_family, set_family, "AF_x of it, or 0", 0, 16 }
#define RECORD(name, member, bits, what) \
	{ name, 0, get_record, set_record, what, \
	    offsetof(struct flow_record, member), bits }
static const struct name names[] = {
	SAME("agent_addr", AGENT),
	FAMILY("agent_addr_af", AGENT),
	{ "agent_sec", FLOW_EXPORT_TIME, get_seconds, set_seconds,
	    "seconds of export_time", 0, 32 },
	{ "agent_usec", FLOW_EXPORT_TIME, get_rest, set_rest,
	    "nanoseconds of export_time", 0, 32 },
	RECORD("crc32", crc, 32, "checksum of the record"),
	{ "data", 0, get_data, set_data, "a dict, for you", 0, 0 },
	FAMILY("dst_addr_af", DST_ADDR),
	RECORD("fields", fields, 32, "FIELD_x of the record"),
	SAME("flow_finish", END_UPTIME),
	SAME("flow_sequence", SEQUENCE),
	SAME("flow_start", START_UPTIME),
	RECORD("flow_ver", version, 8, "version of the record"),
	SAME("gateway_addr", NEXT_HOP),
	FAMILY("gateway_addr_af", NEXT_HOP),
	SAME("if_ndx_in", IN_IF),
	SAME("if_ndx_out", OUT_IF),
	SAME("netflow_ver", VERSION),
	{ "recv_sec", FLOW_RECV_TIME, get_seconds, set_seconds,
	    "seconds of recv_time", 0, 32 },
	{ "recv_usec", FLOW_RECV_TIME, get_rest, set_rest,
	    "microseconds of recv_time", 0, 32 },
	FAMILY("src_addr_af", SRC_ADDR),
	SAME("sys_uptime_ms", SYS_UPTIME),
};
/* clang-format on */

size_t
flow_names_count(void)
{
	return (sizeof(names) / sizeof(names[0]));
}

void
flow_names_fill(size_t i, PyGetSetDef *to)
{
	to->name = names[i].name;
	to->doc = names[i].what;
	to->get = names[i].get;
	to->set = names[i].set;
	/* The row is only read. */
	to->closure = (void *)(uintptr_t)&names[i];
}
