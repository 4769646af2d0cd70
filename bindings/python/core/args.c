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

/* What callers give: times, names of columns, addresses. */

#include <string.h>
#include <time.h>

#include "bindings/python/core/core.h"
#include "field.h"
#include "reader.h"

const char *
args_text(PyObject *text)
{
	const char *s;
	Py_ssize_t len;

	if ((s = PyUnicode_AsUTF8AndSize(text, &len)) == NULL ||
	    strlen(s) == (size_t)len)
		return (s);
	PyErr_SetString(PyExc_ValueError, "a NUL in a text");
	return (NULL);
}

static int64_t
now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return ((int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec);
}

/* "2026-11-21T10:00:00Z", "-1h" */
static int
when_text(const struct module_state *state, PyObject *text, int64_t *ns)
{
	const char *s = args_text(text);

	if (s == NULL)
		return (-1);
	if (reader_time(s, now_ns(), false, ns) == 0)
		return (0);
	(void)core_raise(state, CORE_QUESTION, "%R is no time", text);
	return (-1);
}

/*
 * A datetime has timestamp(), whose double is exact to the second only; the
 * microseconds are its own.
 */
static int
when_datetime(PyObject *when, int64_t *ns)
{
	PyObject *whole, *stamp = NULL, *micro = NULL, *zero;
	double s;
	long us = -1;

	zero = Py_BuildValue("{s:i}", "microsecond", 0);
	whole = PyObject_GetAttrString(when, "replace");
	if (zero != NULL && whole != NULL) {
		PyObject *none = PyTuple_New(0), *cut;

		cut = none == NULL ? NULL : PyObject_Call(whole, none, zero);
		stamp = cut == NULL
		    ? NULL
		    : PyObject_CallMethod(cut, "timestamp", NULL);
		Py_XDECREF(cut);
		Py_XDECREF(none);
	}
	Py_XDECREF(zero);
	Py_XDECREF(whole);
	if (stamp != NULL)
		micro = PyObject_GetAttrString(when, "microsecond");
	s = stamp == NULL ? -1 : PyFloat_AsDouble(stamp);
	us = micro == NULL ? -1 : PyLong_AsLong(micro);
	Py_XDECREF(stamp);
	Py_XDECREF(micro);
	if (PyErr_Occurred())
		return (-1);
	if (!(s > -9e9 && s < 9e9) || us < 0 || us > 999999) {
		PyErr_SetString(PyExc_OverflowError, "a time so far away");
		return (-1);
	}
	*ns = (int64_t)s * NSEC_PER_SEC + (int64_t)us * 1000;
	return (0);
}

int
args_when(const struct module_state *state, PyObject *when, int64_t none,
    int64_t *ns)
{
	long long n;

	if (when == NULL || when == Py_None) {
		*ns = none;
		return (0);
	}
	if (PyUnicode_Check(when))
		return (when_text(state, when, ns));
	if (PyLong_Check(when)) {
		n = PyLong_AsLongLong(when);
		*ns = n;
		return (n == -1 && PyErr_Occurred() ? -1 : 0);
	}
	if (PyObject_HasAttrString(when, "timestamp"))
		return (when_datetime(when, ns));
	PyErr_Format(PyExc_TypeError, "a time is wanted, not %R",
	    (PyObject *)Py_TYPE(when));
	return (-1);
}

static int
column_add(const struct module_state *state, const char *name, size_t len,
    struct asked *asked)
{
	char buf[64];
	const struct field *fd;

	if (len < sizeof(buf)) {
		memcpy(buf, name, len);
		buf[len] = '\0';
		if ((fd = field_by_name(buf)) != NULL) {
			if (memchr(asked->field, fd->bit, asked->n) == NULL)
				asked->field[asked->n++] = (uint8_t)fd->bit;
			return (0);
		}
	}
	(void)core_raise(state, CORE_QUESTION,
	    "%.60s: there is no such field (see flowd.fields())", name);
	return (-1);
}

static int
columns_text(const struct module_state *state, PyObject *text,
    struct asked *asked)
{
	const char *s = args_text(text);
	size_t len;

	if (s == NULL)
		return (-1);
	for (;;) {
		s += strspn(s, " \t");
		len = strcspn(s, ", \t");
		if (column_add(state, s, len, asked) == -1)
			return (-1);
		s += len;
		s += strspn(s, " \t");
		if (*s != ',')
			break;
		s++;
	}
	return (*s == '\0' ? 0 : column_add(state, s, strlen(s), asked));
}

int
args_columns(const struct module_state *state, PyObject *columns,
    struct asked *asked)
{
	PyObject *iter, *one;
	int result = 0;

	asked->n = 0;
	if (columns == NULL || columns == Py_None)
		return (0);
	if (PyUnicode_Check(columns))
		return (columns_text(state, columns, asked));
	if ((iter = PyObject_GetIter(columns)) == NULL)
		return (-1);
	while (result == 0 && (one = PyIter_Next(iter)) != NULL) {
		if (PyUnicode_Check(one))
			result = columns_text(state, one, asked);
		else {
			PyErr_SetString(PyExc_TypeError,
			    "names of columns are str");
			result = -1;
		}
		Py_DECREF(one);
	}
	Py_DECREF(iter);
	if (PyErr_Occurred())
		return (-1);
	if (result == 0 && asked->n == 0) {
		(void)core_raise(state, CORE_QUESTION, "no columns are named");
		return (-1);
	}
	return (result);
}

int
args_addr(PyObject *text, struct addr *a)
{
	const char *s;
	Py_ssize_t len;

	if (!PyUnicode_Check(text)) {
		PyErr_Format(PyExc_TypeError,
		    "an address as str is wanted, not %R",
		    (PyObject *)Py_TYPE(text));
		return (-1);
	}
	if ((s = PyUnicode_AsUTF8AndSize(text, &len)) == NULL)
		return (-1);
	if (strlen(s) == (size_t)len && addr_parse(s, a) == 0)
		return (0);
	PyErr_Format(PyExc_ValueError, "%R is no address", text);
	return (-1);
}
