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
 * The original's names of what a flow has, as attributes of Flow; and what is
 * between them and flow.c.
 */

#ifndef FLOW_NAMES_H
#define FLOW_NAMES_H

#include "bindings/python/core/core.h"

size_t flow_names_count(void);
void flow_names_fill(size_t i, PyGetSetDef *);

/* flow.c, for these: a field as an attribute.  NULL and None remove it. */
PyObject *flow_get(PyObject *, enum flow_field);
int flow_put(PyObject *, enum flow_field, PyObject *);
/* The user's dict, or whatever it was replaced by. */
PyObject *flow_data(PyObject *);
int flow_set_data(PyObject *, PyObject *);

#endif /* FLOW_NAMES_H */
