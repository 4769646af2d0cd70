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

/* The module netflow._decode. */

#include "decode.h"

static PyObject *
type_new(PyObject *module, PyType_Spec *spec, const char *name)
{
	PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);

	if (type != NULL && PyModule_AddObjectRef(module, name, type) == -1)
		Py_CLEAR(type);
	return (type);
}

static int
put_kinds(PyObject *module)
{
	static const char *const name[VALUE_KINDS] = {
	    "UNSIGNED",
	    "SIGNED",
	    "FLOAT",
	    "ADDRESS",
	    "TEXT",
	    "PAIR",
	    "NONE",
	};

	for (int i = 0; i < VALUE_KINDS; i++)
		if (PyModule_AddIntConstant(module, name[i], i) == -1)
			return (-1);
	return (0);
}

static int
module_exec(PyObject *module)
{
	struct state *state = PyModule_GetState(module);

	state->layout_type = type_new(module, &layout_spec, "Layout");
	state->record_type = type_new(module, &record_spec, "Record");
	if (state->layout_type == NULL || state->record_type == NULL)
		return (-1);
	return (put_kinds(module));
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
	struct state *state = PyModule_GetState(module);

	Py_VISIT(state->layout_type);
	Py_VISIT(state->record_type);
	return (0);
}

static int
module_clear(PyObject *module)
{
	struct state *state = PyModule_GetState(module);

	Py_CLEAR(state->layout_type);
	Py_CLEAR(state->record_type);
	return (0);
}

static void
module_free(void *module)
{
	module_clear(module);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "netflow._decode",
    .m_doc = "Records that decode themselves when they are looked at.",
    .m_size = sizeof(struct state),
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

/* Nobody but Python calls it. */
PyMODINIT_FUNC PyInit__decode(void);

PyMODINIT_FUNC
PyInit__decode(void)
{
	return (PyModuleDef_Init(&module_def));
}
