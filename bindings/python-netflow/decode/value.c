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

/* What the bytes of one field are in Python. */

#include "decode.h"

#include <string.h>

/* Longer numbers are hexadecimal text: Python refuses to print them. */
#define NUMBER_MAX 1024

/* One row a group of the text of an IPv6 address, and its colon. */
#define GROUPS 8
#define ADDRESS_TEXT 48

static const char digits[] = "0123456789abcdef";

static uint64_t
number(struct span v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n = n << 8 | v.p[i];
	return (n);
}

static PyObject *
hexadecimal(struct span v)
{
	PyObject *bytes, *text, *all;

	bytes = PyBytes_FromStringAndSize((const char *)v.p, (Py_ssize_t)v.len);
	if (bytes == NULL)
		return (NULL);
	text = PyObject_CallMethod(bytes, "hex", NULL);
	Py_DECREF(bytes);
	if (text == NULL)
		return (NULL);
	all = PyUnicode_FromFormat("0x%U", text);
	Py_DECREF(text);
	return (all);
}

/* More than 8 bytes and up to 16: addresses, mostly. */
static PyObject *
two_words(struct span v)
{
	struct span high = {v.p, v.len - 8}, low = {v.p + v.len - 8, 8};
	PyObject *h = PyLong_FromUnsignedLongLong(number(high));
	PyObject *l = PyLong_FromUnsignedLongLong(number(low));
	PyObject *bits = PyLong_FromLong(64), *up = NULL, *all = NULL;

	if (h != NULL && l != NULL && bits != NULL &&
	    (up = PyNumber_Lshift(h, bits)) != NULL)
		all = PyNumber_Or(up, l);
	Py_XDECREF(h);
	Py_XDECREF(l);
	Py_XDECREF(bits);
	Py_XDECREF(up);
	return (all);
}

static PyObject *
large(struct span v)
{
	if (v.len <= 16)
		return (two_words(v));
	if (v.len > NUMBER_MAX)
		return (hexadecimal(v));
	return (PyObject_CallMethod((PyObject *)&PyLong_Type, "from_bytes",
	    "y#s", (const char *)v.p, (Py_ssize_t)v.len, "big"));
}

static PyObject *
value_unsigned(struct span v)
{
	if (v.len <= 4)
		return (PyLong_FromUnsignedLong((unsigned long)number(v)));
	if (v.len <= 8)
		return (PyLong_FromUnsignedLongLong(number(v)));
	return (large(v));
}

static PyObject *
value_signed(struct span v)
{
	uint64_t n, top;

	if (v.len == 0 || v.len > 8)
		return (value_unsigned(v));
	n = number(v);
	top = (uint64_t)1 << (8 * v.len - 1);
	if ((n & top) == 0)
		return (PyLong_FromUnsignedLongLong(n));
	/* The distance below zero, less one, fits for every length. */
	return (PyLong_FromLongLong(-(long long)(top - 1 - (n - top)) - 1));
}

static PyObject *
value_float(struct span v)
{
	uint64_t wide = number(v);
	uint32_t narrow = (uint32_t)wide;
	double d;
	float f;

	if (v.len == sizeof(f)) {
		memcpy(&f, &narrow, sizeof(f));
		return (PyFloat_FromDouble(f));
	}
	if (v.len == sizeof(d)) {
		memcpy(&d, &wide, sizeof(d));
		return (PyFloat_FromDouble(d));
	}
	return (value_unsigned(v));
}

static char *
put_byte(char *to, uint8_t n)
{
	if (n >= 100)
		*to++ = digits[n / 100];
	if (n >= 10)
		*to++ = digits[n / 10 % 10];
	*to++ = digits[n % 10];
	return (to);
}

static PyObject *
address4(const uint8_t *p)
{
	char text[ADDRESS_TEXT], *to = text;

	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*to++ = '.';
		to = put_byte(to, p[i]);
	}
	return (PyUnicode_FromStringAndSize(text, to - text));
}

static char *
put_group(char *to, unsigned int n)
{
	int shift = 12;

	while (shift > 0 && n >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*to++ = digits[n >> shift & 15];
	return (to);
}

/* The first longest run of two zero groups or more (RFC 5952 4.2). */
static int
zero_run(const unsigned int *group, int *length)
{
	int best = GROUPS, n;

	*length = 1;
	for (int i = 0; i < GROUPS; i += n + 1) {
		for (n = 0; i + n < GROUPS && group[i + n] == 0;)
			n++;
		if (n > *length) {
			*length = n;
			best = i;
		}
	}
	return (best);
}

static PyObject *
address6(const uint8_t *p)
{
	char text[ADDRESS_TEXT], *to = text;
	unsigned int group[GROUPS];
	int gap, length;

	for (int i = 0; i < GROUPS; i++)
		group[i] = (unsigned int)p[2 * i] << 8 | p[2 * i + 1];
	gap = zero_run(group, &length);
	for (int i = 0; i < GROUPS; i++) {
		if (i == gap) {
			*to++ = ':';
			i += length - 1;
			if (i == GROUPS - 1)
				*to++ = ':';
			continue;
		}
		if (i > 0)
			*to++ = ':';
		to = put_group(to, group[i]);
	}
	return (PyUnicode_FromStringAndSize(text, to - text));
}

static PyObject *
value_address(struct span v)
{
	if (v.len == 4)
		return (address4(v.p));
	if (v.len == 16)
		return (address6(v.p));
	return (value_unsigned(v));
}

/* What is no UTF-8 is shown as Python shows bytes. */
static PyObject *
value_text(struct span v)
{
	PyObject *bytes, *text;

	text = PyUnicode_DecodeUTF8((const char *)v.p, (Py_ssize_t)v.len,
	    "strict");
	if (text != NULL || !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))
		return (text);
	PyErr_Clear();
	bytes = PyBytes_FromStringAndSize((const char *)v.p, (Py_ssize_t)v.len);
	if (bytes == NULL)
		return (NULL);
	text = PyObject_Repr(bytes);
	Py_DECREF(bytes);
	return (text);
}

/* At most four bytes of the value, which is shorter by them then. */
static unsigned long
half(struct span *v)
{
	struct span first = {v->p, v->len < 4 ? v->len : 4};

	v->p += first.len;
	v->len -= first.len;
	return ((unsigned long)number(first));
}

static PyObject *
value_pair(struct span v)
{
	unsigned long seconds = half(&v), fraction = half(&v);

	return (Py_BuildValue("(kk)", seconds, fraction));
}

static PyObject *
value_none(struct span v)
{
	(void)v;
	Py_RETURN_NONE;
}

PyObject *
value_new(enum value_kind kind, struct span v)
{
	static PyObject *(*const make[VALUE_KINDS])(struct span) = {
	    value_unsigned,
	    value_signed,
	    value_float,
	    value_address,
	    value_text,
	    value_pair,
	    value_none,
	};

	return (make[kind](v));
}
