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

/* Fields: what there are, and their values as Python has them. */

#include <stdio.h>
#include <string.h>

#include "addr.h"
#include "bindings/python/core/core.h"
#include "field.h"
#include "text.h"

/* clang-format off */
static const char *const type_names[FT_MAX] = {
	[FT_U8] = "u8",
	[FT_U16] = "u16",
	[FT_U32] = "u32",
	[FT_U64] = "u64",
	[FT_TIME] = "time",
	[FT_ADDR] = "address",
	[FT_MAC] = "mac",
	[FT_APPID] = "bytes",
	[FT_LABELS] = "labels",
	[FT_TEXT] = "text",
};

static PyStructSequence_Field field_fields[] = {
	{ "name", "as flowd-reader --columns has it" },
	{ "type", "u8 u16 u32 u64 time address mac bytes labels text" },
	{ "what", "what it says" },
	{ NULL, NULL },
};
/* clang-format on */

static PyStructSequence_Desc description = {
    .name = "flowd.Field",
    .doc = "What there is to know of a field.",
    .fields = field_fields,
    .n_in_sequence = 3,
};

const char *
field_type_name(enum flow_field which)
{
	return (type_names[fields[which].type]);
}

/* Steals its texts; NULL ones are errors. */
static PyObject *
make_field(PyTypeObject *type, const struct field *fd)
{
	const char *text[3] = {fd->name, type_names[fd->type], fd->what};
	PyObject *result = PyStructSequence_New(type), *one;
	Py_ssize_t i;

	for (i = 0; i < 3 && result != NULL; i++) {
		if ((one = PyUnicode_FromString(text[i])) == NULL)
			Py_CLEAR(result);
		else
			PyStructSequence_SetItem(result, i, one);
	}
	return (result);
}

static PyObject *
make_fields(PyTypeObject *type)
{
	PyObject *dict = PyDict_New(), *one, *proxy;
	int i, bad;

	for (i = 0; i < FLOW_NFIELDS && dict != NULL; i++) {
		one = make_field(type, &fields[i]);
		bad = one == NULL ||
		    PyDict_SetItemString(dict, fields[i].name, one) == -1;
		Py_XDECREF(one);
		if (bad)
			Py_CLEAR(dict);
	}
	if (dict == NULL)
		return (NULL);
	proxy = PyDictProxy_New(dict);
	Py_DECREF(dict);
	return (proxy);
}

int
field_register(PyObject *module)
{
	struct module_state *state = PyModule_GetState(module);

	state->type[CORE_FIELD] = PyStructSequence_NewType(&description);
	if (state->type[CORE_FIELD] == NULL ||
	    PyModule_AddObjectRef(module, "Field",
		(PyObject *)state->type[CORE_FIELD]) == -1)
		return (-1);
	state->fields = make_fields(state->type[CORE_FIELD]);
	return (state->fields == NULL ? -1 : 0);
}

PyObject *
field_text(const char *p, size_t len)
{
	char mended[3 * FLOW_TEXT_MAX];

	if (len <= FLOW_TEXT_MAX && !utf8_clean(p, len)) {
		len = utf8_mend(mended, p, len);
		p = mended;
	}
	return (PyUnicode_DecodeUTF8(p, (Py_ssize_t)len, "replace"));
}

PyObject *
field_addr(const struct addr *a)
{
	char buf[ADDR_STRLEN];
	struct text t;

	if (a->family == ADDR_NONE)
		Py_RETURN_NONE;
	text_init(&t, buf, sizeof(buf));
	text_addr(&t, a);
	return (PyUnicode_FromStringAndSize(buf, (Py_ssize_t)text_done(&t)));
}

static PyObject *
mac_value(const uint8_t *p)
{
	static const char hex[] = "0123456789abcdef";
	char buf[18];
	int i;

	for (i = 0; i < 6; i++) {
		buf[3 * i] = hex[p[i] >> 4];
		buf[3 * i + 1] = hex[p[i] & 15];
		buf[3 * i + 2] = ':';
	}
	return (PyUnicode_FromStringAndSize(buf, 17));
}

static PyObject *
labels_value(const uint32_t *from)
{
	uint32_t label[FLOW_MPLS_MAX];
	PyObject *tuple, *one;
	Py_ssize_t n = 0, i;

	/* Whoever is finalized when a tuple is made may change the flow. */
	memcpy(label, from, sizeof(label));
	while (n < FLOW_MPLS_MAX && label[n] != 0)
		n++;
	tuple = PyTuple_New(n);
	for (i = 0; i < n && tuple != NULL; i++) {
		if ((one = PyLong_FromUnsignedLong(label[i])) == NULL)
			Py_CLEAR(tuple);
		else
			(void)PyTuple_SetItem(tuple, i, one);
	}
	return (tuple);
}

PyObject *
field_value(const struct flow *f, enum flow_field which)
{
	const struct field *fd = &fields[which];
	const void *p = field_cptr(f, fd);
	const struct flow_text *text = p;
	const uint8_t *bytes = p;

	switch (fd->type) {
	case FT_TIME:
		return (PyLong_FromLongLong(*(const int64_t *)p));
	case FT_ADDR:
		return (field_addr(p));
	case FT_MAC:
		return (mac_value(p));
	case FT_APPID:
		return (PyBytes_FromStringAndSize((const char *)bytes + 1,
		    bytes[0] > FLOW_APPID_MAX ? FLOW_APPID_MAX : bytes[0]));
	case FT_LABELS:
		return (labels_value(p));
	case FT_TEXT:
		return (field_text(text->p, text->len));
	default:
		return (PyLong_FromUnsignedLongLong(field_number(f, fd)));
	}
}

static int
wrong(enum flow_field which, PyObject *value, const char *want)
{
	PyErr_Format(PyExc_TypeError, "%s: %s is wanted, not %R",
	    fields[which].name, want, (PyObject *)Py_TYPE(value));
	return (-1);
}

static int
take_number(void *to, enum flow_field which, PyObject *value)
{
	size_t size = field_size(fields[which].type);
	unsigned long long n;

	if (!PyLong_Check(value))
		return (wrong(which, value, "a number"));
	n = PyLong_AsUnsignedLongLong(value);
	if (n == (unsigned long long)-1 && PyErr_Occurred())
		return (-1);
	if (size < 8 && n >> 8 * size != 0) {
		PyErr_Format(PyExc_OverflowError, "%s: %llu is too large",
		    fields[which].name, n);
		return (-1);
	}
	switch (fields[which].type) {
	case FT_U8:
		*(uint8_t *)to = (uint8_t)n;
		break;
	case FT_U16:
		*(uint16_t *)to = (uint16_t)n;
		break;
	case FT_U32:
		*(uint32_t *)to = (uint32_t)n;
		break;
	default:
		*(uint64_t *)to = n;
		break;
	}
	return (0);
}

static int
take_time(void *to, enum flow_field which, PyObject *value)
{
	long long n;

	if (!PyLong_Check(value))
		return (wrong(which, value, "a number of nanoseconds"));
	n = PyLong_AsLongLong(value);
	if (n == -1 && PyErr_Occurred())
		return (-1);
	*(int64_t *)to = n;
	return (0);
}

/* "00:11:22:33:44:55", or six bytes. */
static int
take_mac(uint8_t *to, enum flow_field which, PyObject *value)
{
	unsigned int b[6];
	const char *s;
	Py_ssize_t len;
	char *p;
	int i, end = 0;

	if (PyBytes_Check(value) &&
	    PyBytes_AsStringAndSize(value, &p, &len) == 0 && len == 6) {
		memcpy(to, p, 6);
		return (0);
	}
	if (!PyUnicode_Check(value))
		return (wrong(which, value, "a MAC address"));
	if ((s = PyUnicode_AsUTF8AndSize(value, &len)) == NULL)
		return (-1);
	if (len != 17 ||
	    sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3],
		&b[4], &b[5], &end) != 6 ||
	    end != 17) {
		PyErr_Format(PyExc_ValueError, "%s: %R is no MAC address",
		    fields[which].name, value);
		return (-1);
	}
	for (i = 0; i < 6; i++)
		to[i] = (uint8_t)b[i];
	return (0);
}

static int
take_bytes(uint8_t *to, enum flow_field which, PyObject *value)
{
	Py_ssize_t len;
	char *p;

	if (!PyBytes_Check(value))
		return (wrong(which, value, "bytes"));
	if (PyBytes_AsStringAndSize(value, &p, &len) == -1)
		return (-1);
	if (len > FLOW_APPID_MAX) {
		PyErr_Format(PyExc_ValueError, "%s: more than %d bytes",
		    fields[which].name, FLOW_APPID_MAX);
		return (-1);
	}
	memset(to, 0, 1 + FLOW_APPID_MAX);
	to[0] = (uint8_t)len;
	memcpy(to + 1, p, (size_t)len);
	return (0);
}

static int
take_labels(uint32_t *to, enum flow_field which, PyObject *value)
{
	uint32_t label[FLOW_MPLS_MAX] = {0};
	unsigned long n;
	PyObject *one;
	Py_ssize_t i, len;

	if (!PyTuple_Check(value))
		return (wrong(which, value, "a tuple of numbers"));
	if ((len = PyTuple_Size(value)) > FLOW_MPLS_MAX) {
		PyErr_Format(PyExc_ValueError, "%s: more than %d labels",
		    fields[which].name, FLOW_MPLS_MAX);
		return (-1);
	}
	for (i = 0; i < len; i++) {
		one = PyTuple_GetItem(value, i);
		if (!PyLong_Check(one))
			return (wrong(which, one, "a number"));
		n = PyLong_AsUnsignedLong(one);
		if (n == (unsigned long)-1 && PyErr_Occurred())
			return (-1);
		if (n == 0 || n >= 1 << 20) {
			PyErr_Format(PyExc_ValueError, "%s: %lu is no label",
			    fields[which].name, n);
			return (-1);
		}
		label[i] = (uint32_t)n;
	}
	memcpy(to, label, sizeof(label));
	return (0);
}

static int
take_text(struct flow_text *to, enum flow_field which, PyObject *value)
{
	Py_ssize_t len;
	const char *p;

	if (!PyUnicode_Check(value))
		return (wrong(which, value, "str"));
	if ((p = PyUnicode_AsUTF8AndSize(value, &len)) == NULL)
		return (-1);
	if (len > FLOW_TEXT_MAX) {
		PyErr_Format(PyExc_ValueError, "%s: more than %d bytes",
		    fields[which].name, FLOW_TEXT_MAX);
		return (-1);
	}
	*to = (struct flow_text){.p = p, .len = (uint16_t)len};
	return (0);
}

int
field_take(struct flow *f, enum flow_field which, PyObject *value)
{
	void *p = field_ptr(f, &fields[which]);

	switch (fields[which].type) {
	case FT_TIME:
		return (take_time(p, which, value));
	case FT_ADDR:
		return (args_addr(value, p));
	case FT_MAC:
		return (take_mac(p, which, value));
	case FT_APPID:
		return (take_bytes(p, which, value));
	case FT_LABELS:
		return (take_labels(p, which, value));
	case FT_TEXT:
		return (take_text(p, which, value));
	default:
		return (take_number(p, which, value));
	}
}
