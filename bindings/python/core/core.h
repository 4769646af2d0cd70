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
 * flowd._core: what its files share.  Each file is one type, or what it says,
 * and has a function X_register() in the table of module.c.  Objects find the
 * state by their type, so none of the types can be a base.
 */

#ifndef CORE_H
#define CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include "bindings/python/core/columns.h"
#include "flow.h"
#include "store.h"

/* clang-format off */
enum core_type {
	CORE_ANSWER,
	CORE_BATCH,
	CORE_BATCHES,
	CORE_COLUMN,
	CORE_DECODER,
	CORE_FAULT,
	CORE_FIELD,
	CORE_FLOW,
	CORE_FLOWS, /* the iterator of Log */
	CORE_LOG,
	CORE_PACKET,
	CORE_RECEIVER, /* behind Collector */
	CORE_ROWS, /* the iterator of Batch */
	CORE_WRITER,
	CORE_TYPES
};
/* clang-format on */

enum core_error {
	CORE_ERROR,    /* flowd.Error, and below it: */
	CORE_FORMAT,   /* FormatError: path, offset */
	CORE_DECODE,   /* DecodeError: offset */
	CORE_QUESTION, /* QuestionError */
	CORE_ERRORS
};

struct module_state {
	PyTypeObject *type[CORE_TYPES];
	PyObject *error[CORE_ERRORS];
	PyObject *fields;      /* what fields() gives */
	PyGetSetDef *getters;  /* of Flow */
	struct flow_set rare;  /* fields behind FLOW_RARE */
	struct flow_set texts; /* fields of type FT_TEXT */
};

static inline struct module_state *
core_state(PyObject *self)
{
	return (PyType_GetModuleState(Py_TYPE(self)));
}

/* Make a type of it, known to the state and by its name.  0, or -1. */
int core_add_type(PyObject *module, enum core_type, PyType_Spec *);
/* For types without a constructor: they come from functions only. */
#define CORE_NO_NEW                                               \
	(Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | \
	    Py_TPFLAGS_IMMUTABLETYPE)

/* What is set is returned, as tp_new and friends want it: NULL. */
PyObject *core_raise(const struct module_state *, enum core_error,
    const char *format, ...);
PyObject *core_raise_format(const struct module_state *, const char *path,
    uint64_t offset, const char *what);

/* 0, or -1 with an exception.  In the order of module.c. */
int answer_register(PyObject *module);
int batch_register(PyObject *module);
int batches_register(PyObject *module);
int classic_register(PyObject *module);
int column_register(PyObject *module);
int decoder_register(PyObject *module);
int error_register(PyObject *module);
int field_register(PyObject *module);
int flow_register(PyObject *module);
int flows_register(PyObject *module);
int log_register(PyObject *module);
int packet_register(PyObject *module);
int receiver_register(PyObject *module);
int writer_register(PyObject *module);

/*
 * flow.c: an object with all that a flow has, texts too.  classic: absent
 * numbers read 0, as the original's did.
 */
PyObject *flow_wrap(const struct module_state *, const struct flow *,
    bool classic);
bool flow_check(const struct module_state *, PyObject *);
/* The whole flow, good until an attribute is set.  NULL: an exception. */
const struct flow *flow_of(PyObject *);
/* What a record of version 3 says beside the flow. */
struct flow_record {
	uint32_t fields; /* FIELD_x */
	uint32_t crc;
	uint32_t version;
	bool classic;
};
struct flow_record *flow_record(PyObject *);
/* Only what is in front of FLOW_RARE, where all of the original's is. */
const struct flow *flow_front(PyObject *);

/*
 * classic.c: the original's rules.  A number that is cut to its bits warns; an
 * attribute of it; a record as an object; its methods of Flow.
 */
int classic_number(PyObject *, unsigned int bits, uint32_t *to);
int classic_take(struct flow *, enum flow_field, PyObject *);
PyObject *classic_wrap(const struct module_state *,
    const struct store_record *);
const char *classic_strerror(enum store_err, size_t left);
PyObject *classic_format(PyObject *, PyObject *args, PyObject *kwargs);
PyObject *classic_has_field(PyObject *, PyObject *args, PyObject *kwargs);
PyObject *classic_serialise(PyObject *, PyObject *);

/* batch.c: it takes the reference.  And what is in it, borrowed. */
PyObject *batch_wrap(const struct module_state *, struct columns *);
bool core_is_batch(const struct module_state *, PyObject *);
struct columns *batch_columns(PyObject *);

/* column.c: it has a reference of its own. */
PyObject *column_wrap(const struct module_state *, struct columns *,
    uint16_t i);
PyObject *column_value(const struct column *, uint32_t row);
const char *column_type_name(const struct column *);
PyObject *columns_names(const struct columns *);

/* field.c: a value as attributes have it.  The flow has the field. */
PyObject *field_value(const struct flow *, enum flow_field);
PyObject *field_text(const char *, size_t); /* bytes of an exporter as str */
PyObject *field_addr(const struct addr *);  /* None for none */
const char *field_type_name(enum flow_field);
/* And back: 0, or -1 with an exception.  Texts are borrowed from the value. */
int field_take(struct flow *, enum flow_field, PyObject *value);

/*
 * args.c: what callers give.  0, or -1 with an exception.
 */
/* A When of the stub; none: what None stands for. */
int args_when(const struct module_state *, PyObject *, int64_t none,
    int64_t *ns);
/* "a,b" or an iterable of names, each once; None and NULL: none. */
int args_columns(const struct module_state *, PyObject *, struct asked *);
int args_addr(PyObject *text, struct addr *);
/* Text without a NUL in it; NULL: an exception. */
const char *args_text(PyObject *);

#endif /* CORE_H */
