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

/* Arrow's capsules, as its protocol for Python has them. */

#ifndef ARROW_H
#define ARROW_H

#include "bindings/python/core/arrow-abi.h"
#include "bindings/python/core/run.h"

/* New references, or NULL and an exception. */
PyObject *arrow_schema_capsule(const struct arrow_column *, uint16_t n);
PyObject *arrow_schema_capsule_one(const struct arrow_column *);
/* Of columns that are there: schema and array. */
PyObject *arrow_schema_of(const struct columns *);
PyObject *arrow_array_capsules(struct columns *);
PyObject *arrow_array_capsules_one(struct columns *, uint16_t i);

/* What a stream asks of a run; the capsule owns the run, also on failure. */
PyObject *arrow_stream_capsule(struct run *, const struct asked *,
    uint32_t rows);
/* A stream of these columns only. */
PyObject *arrow_stream_of(struct columns *);
/*
 * The columns that a requested schema names, in its order; nothing is changed
 * if it is None.  Names that are no fields are an error.
 */
int arrow_requested(const struct module_state *, PyObject *requested,
    struct asked *);
/* The columns as a schema has them; to has room for asked->n. */
void arrow_columns(const struct asked *, struct arrow_column *to);

#endif /* ARROW_H */
