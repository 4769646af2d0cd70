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

/* The exceptions, and Fault, which is what they would have said. */

#include <stdarg.h>
#include <string.h>

#include "bindings/python/core/core.h"

/* clang-format off */
static const struct {
	const char *name;
	const char *what;
} errors[CORE_ERRORS] = {
	[CORE_ERROR] = { "flowd.Error",
	    "Of this package; the others are below it." },
	[CORE_FORMAT] = { "flowd.FormatError",
	    "Bytes of a log or a segment that are not what they should be:\n"
	    "path and offset say where." },
	[CORE_DECODE] = { "flowd.DecodeError",
	    "A packet that cannot be: offset says where." },
	[CORE_QUESTION] = { "flowd.QuestionError",
	    "A filter, a column, a key or a time that cannot be understood." },
};

static PyStructSequence_Field fault_fields[] = {
	{ "kind", "unread, damaged or cut" },
	{ "path", "the file" },
	{ "offset", "where in it" },
	{ "text", "what is wrong" },
	{ NULL, NULL },
};
/* clang-format on */

static PyStructSequence_Desc fault = {
    .name = "flowd.Fault",
    .doc = "Damage that was stepped over (unless strict, which raises it).",
    .fields = fault_fields,
    .n_in_sequence = 4,
};

/* All but the first are ValueErrors, too. */
static PyObject *
make_error(const struct module_state *state, enum core_error which)
{
	PyObject *bases = NULL, *error;

	if (which != CORE_ERROR &&
	    (bases = PyTuple_Pack(2, state->error[CORE_ERROR],
		 PyExc_ValueError)) == NULL)
		return (NULL);
	error = PyErr_NewExceptionWithDoc(errors[which].name,
	    errors[which].what, bases, NULL);
	Py_XDECREF(bases);
	return (error);
}

int
error_register(PyObject *module)
{
	struct module_state *state = PyModule_GetState(module);
	int i;

	for (i = 0; i < CORE_ERRORS; i++) {
		if ((state->error[i] = make_error(state, i)) == NULL ||
		    PyModule_AddObjectRef(module,
			strchr(errors[i].name, '.') + 1, state->error[i]) == -1)
			return (-1);
	}
	if ((state->type[CORE_FAULT] = PyStructSequence_NewType(&fault)) ==
	    NULL)
		return (-1);
	return (PyModule_AddObjectRef(module, "Fault",
	    (PyObject *)state->type[CORE_FAULT]));
}

PyObject *
core_raise(const struct module_state *state, enum core_error which,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)PyErr_FormatV(state->error[which], format, ap);
	va_end(ap);
	return (NULL);
}

PyObject *
core_raise_format(const struct module_state *state, const char *path,
    uint64_t offset, const char *what)
{
	PyObject *error, *name, *at;

	name = PyUnicode_DecodeFSDefault(path);
	at = PyLong_FromUnsignedLongLong(offset);
	error = name == NULL || at == NULL
	    ? NULL
	    : PyObject_CallFunction(state->error[CORE_FORMAT], "N",
		  PyUnicode_FromFormat("%U: at %S: %s", name, at, what));
	if (error != NULL && PyObject_SetAttrString(error, "path", name) == 0 &&
	    PyObject_SetAttrString(error, "offset", at) == 0)
		PyErr_SetObject(state->error[CORE_FORMAT], error);
	Py_XDECREF(name);
	Py_XDECREF(at);
	Py_XDECREF(error);
	return (NULL);
}
