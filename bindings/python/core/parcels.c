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
 * Packets that are decoded without the GIL.  Only bytes stay as they are
 * meanwhile: another buffer is copied, for a decoder looks twice.
 */

#include <stdlib.h>

#include "bindings/python/core/parcels.h"

#define DATAGRAM_MAX 65535

void
parcels_empty(struct parcels *ps)
{
	while (ps->n > 0) {
		ps->n--; /* the macro looks at it more than once */
		Py_CLEAR(ps->parcel[ps->n].bytes);
	}
	ps->bytes = 0;
}

void
parcels_clear(struct parcels *ps)
{
	parcels_empty(ps);
	free(ps->parcel);
	ps->parcel = NULL;
	Py_CLEAR(ps->text);
}

/* Most of them are of the one before. */
static int
take_addr(struct parcels *ps, PyObject *text, struct addr *a)
{
	if (ps->text != text) {
		if (args_addr(text, &ps->addr) == -1)
			return (-1);
		Py_XDECREF(ps->text);
		ps->text = Py_NewRef(text);
	}
	*a = ps->addr;
	return (0);
}

static int
take_exporter(struct parcels *ps, PyObject *exporter, struct dec_source *src)
{
	PyObject *text;
	long port;

	if (!PyTuple_Check(exporter))
		return (take_addr(ps, exporter, &src->agent));
	if (PyTuple_Size(exporter) != 2) {
		PyErr_SetString(PyExc_ValueError,
		    "an exporter is an address, or an address and a port");
		return (-1);
	}
	text = PyTuple_GetItem(exporter, 0);
	port = PyLong_AsLong(PyTuple_GetItem(exporter, 1));
	if (port == -1 && PyErr_Occurred())
		return (-1);
	if (port < 0 || port > UINT16_MAX) {
		PyErr_Format(PyExc_ValueError, "there is no port %ld", port);
		return (-1);
	}
	src->port = (uint16_t)port;
	return (take_addr(ps, text, &src->agent));
}

static int
check_buffer(PyObject *packet)
{
	if (PyObject_CheckBuffer(packet))
		return (0);
	PyErr_Format(PyExc_TypeError, "a packet as bytes is wanted, not %R",
	    (PyObject *)Py_TYPE(packet));
	return (-1);
}

static int
check_length(Py_ssize_t len)
{
	if (len <= DATAGRAM_MAX)
		return (0);
	PyErr_SetString(PyExc_ValueError, "a packet has 65535 bytes at most");
	return (-1);
}

static PyObject *
copy_of(PyObject *packet)
{
	PyObject *bytes = NULL;
	Py_buffer view;

	if (PyObject_GetBuffer(packet, &view, PyBUF_FULL_RO) == -1)
		return (NULL);
	if (check_length(view.len) == 0)
		bytes = PyBytes_FromStringAndSize(NULL, view.len);
	if (bytes != NULL &&
	    PyBuffer_ToContiguous(PyBytes_AsString(bytes), &view, view.len,
		'C') == -1)
		Py_CLEAR(bytes);
	PyBuffer_Release(&view);
	return (bytes);
}

PyObject *
parcel_bytes(PyObject *packet)
{
	if (check_buffer(packet) == -1)
		return (NULL);
	if (!PyBytes_CheckExact(packet))
		return (copy_of(packet));
	return (check_length(PyBytes_Size(packet)) == -1 ? NULL
							 : Py_NewRef(packet));
}

static int
take(struct parcels *ps, PyObject *item)
{
	struct parcel *p = &ps->parcel[ps->n];
	PyObject *packet, *exporter, *when;
	long long ns;

	if (!PyTuple_Check(item)) {
		PyErr_SetString(PyExc_TypeError,
		    "packets are tuples: (packet, exporter, time)");
		return (-1);
	}
	if (!PyArg_ParseTuple(item, "OOO", &packet, &exporter, &when))
		return (-1);
	*p = (struct parcel){0};
	ns = PyLong_AsLongLong(when);
	if ((ns == -1 && PyErr_Occurred()) ||
	    take_exporter(ps, exporter, &p->src) == -1 ||
	    (p->bytes = parcel_bytes(packet)) == NULL)
		return (-1);
	p->p = (const uint8_t *)PyBytes_AsString(p->bytes);
	p->len = (size_t)PyBytes_Size(p->bytes);
	p->src.recv_time = ns;
	ps->bytes += p->len;
	ps->n++;
	return (0);
}

int
parcels_fill(struct parcels *ps, PyObject *iterator)
{
	PyObject *item;
	int r;

	if (ps->parcel == NULL &&
	    (ps->parcel = calloc(PARCELS_MAX, sizeof(*ps->parcel))) == NULL) {
		(void)PyErr_NoMemory();
		return (-1);
	}
	while (ps->n < PARCELS_MAX && ps->bytes < PARCELS_BYTES) {
		if ((item = PyIter_Next(iterator)) == NULL)
			return (PyErr_Occurred() ? -1 : 0);
		r = take(ps, item);
		Py_DECREF(item);
		if (r == -1)
			return (-1);
	}
	return (1);
}
