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

/* The module: its state, its types, its functions. */

#include "bindings/python/core/core.h"

static int (*const registers[])(PyObject *) = {
    error_register,
    field_register,
    flow_register,
    column_register,
    batch_register,
    batches_register,
    classic_register,
    flows_register,
    log_register,
    answer_register,
    writer_register,
    packet_register,
    decoder_register,
    receiver_register,
};

int
core_add_type(PyObject *module, enum core_type which, PyType_Spec *spec)
{
	struct module_state *state = PyModule_GetState(module);
	PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);

	if (type == NULL)
		return (-1);
	state->type[which] = (PyTypeObject *)type;
	return (PyModule_AddType(module, (PyTypeObject *)type));
}

static int
exec(PyObject *module)
{
	size_t i;

	for (i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (registers[i](module) == -1)
			return (-1);
	return (PyModule_AddStringConstant(module, "__version__", VERSION));
}

static int
traverse(PyObject *module, visitproc visit, void *arg)
{
	struct module_state *state = PyModule_GetState(module);
	int i;

	for (i = 0; i < CORE_TYPES; i++)
		Py_VISIT(state->type[i]);
	for (i = 0; i < CORE_ERRORS; i++)
		Py_VISIT(state->error[i]);
	Py_VISIT(state->fields);
	return (0);
}

static int
clear(PyObject *module)
{
	struct module_state *state = PyModule_GetState(module);
	int i;

	for (i = 0; i < CORE_TYPES; i++)
		Py_CLEAR(state->type[i]);
	for (i = 0; i < CORE_ERRORS; i++)
		Py_CLEAR(state->error[i]);
	Py_CLEAR(state->fields);
	return (0);
}

static void
free_state(void *module)
{
	struct module_state *state = PyModule_GetState(module);

	(void)clear(module);
	PyMem_Free(state->getters);
}

static PyObject *
fields_function(PyObject *module, PyObject *none)
{
	struct module_state *state = PyModule_GetState(module);

	(void)none;
	return (Py_NewRef(state->fields));
}

static PyMethodDef methods[] = {
    {"fields", fields_function, METH_NOARGS,
	"fields()\n--\n\nAll fields of a flow, by name."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, exec},
    {0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "flowd._core",
    .m_doc = "Flows, read and decoded: what is C of package flowd.",
    .m_size = sizeof(struct module_state),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_state,
};

PyMODINIT_FUNC PyInit__core(void);

PyMODINIT_FUNC
PyInit__core(void)
{
	return (PyModuleDef_Init(&definition));
}
