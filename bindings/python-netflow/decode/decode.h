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
 * Records of NetFlow and IPFIX as Python objects that decode themselves when
 * they are looked at.  A layout says where the fields of a record are; a
 * record is a layout, the packet and an offset.
 */

#ifndef DECODE_H
#define DECODE_H

/* Lengths in argument formats are Py_ssize_t. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stddef.h>
#include <stdint.h>

/* What becomes of the bytes of a field: VALUE_* in module.c. */
enum value_kind {
	VALUE_UNSIGNED, /* int of any length */
	VALUE_SIGNED,
	VALUE_FLOAT,
	VALUE_ADDRESS, /* text; an int where it has neither 4 nor 16 bytes */
	VALUE_TEXT,
	VALUE_PAIR, /* (seconds, fraction) */
	VALUE_NONE, /* bytes that are passed over */
	VALUE_KINDS
};

/* The length that says: the length is in the record (RFC 7011 7). */
#define SLOT_VARIABLE 65535

struct slot {
	uint32_t at; /* in records of layouts without variable lengths */
	uint16_t len;
	uint8_t kind;
};

struct layout {
	PyObject_HEAD PyObject *names; /* tuple, one of each slot */
	PyObject *ids;		       /* tuple, as given */
	PyObject *index;	       /* name -> number of its last slot */
	PyObject *blank; /* name -> None: grown already when it is copied */
	struct slot *slots;
	Py_ssize_t n;
	size_t least; /* bytes of the shortest record */
	int variable;
};

struct record {
	PyObject_HEAD PyObject
	    *layout;	  /* NULL: a record without fields of its own */
	PyObject *packet; /* bytes */
	PyObject *data;	  /* NULL until asked for */
	PyObject *dict;
	size_t at;
	size_t len;
};

struct state {
	PyObject *layout_type;
	PyObject *record_type;
};

/* A run of bytes that is known to be there. */
struct span {
	const uint8_t *p;
	size_t len;
};

/* The value of a field, a new reference. */
PyObject *value_new(enum value_kind, struct span);

/*
 * Finds the next slot's bytes in the record's rest and moves past them;
 * -1 where they are not all there.
 */
int slot_next(const struct slot *, struct span *rest, struct span *value);

/* The length of the record that starts there, 0 where it is not whole. */
size_t layout_length(const struct layout *, struct span rest);

/* All fields of a whole record as a new dict. */
PyObject *layout_dict(const struct layout *, struct span);

/* The value of one slot of a whole record. */
PyObject *layout_value(const struct layout *, Py_ssize_t slot, struct span);

/* A record of type, which is record_type or below it; borrows nothing. */
PyObject *record_new(PyTypeObject *type, struct layout *, PyObject *packet,
    size_t at, size_t len);

/* Make a record another one. */
void record_load(struct record *, struct layout *, PyObject *packet, size_t at,
    size_t len);

extern PyType_Spec layout_spec;
extern PyType_Spec record_spec;

#endif /* DECODE_H */
