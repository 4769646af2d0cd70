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

/* Log and what comes of it: what their files know of each other. */

#ifndef LOG_OBJECT_H
#define LOG_OBJECT_H

#include "bindings/python/core/run.h"

struct log_object {
	PyObject_HEAD struct want want;
	struct tally *tally; /* of the last run; NULL: none yet */
	bool closed;
};

/* A tally for a run that begins, which the log shows from now on; or NULL. */
struct tally *log_tally(PyObject *log);

/* flows.c: an iterator.  NULL: an exception. */
PyObject *flows_new(const struct module_state *, PyObject *log);

/* batches.c */
struct slicing {
	struct asked asked;
	uint32_t rows;
};
/* Takes want. */
PyObject *batches_new(const struct module_state *, PyObject *log, struct want *,
    const struct slicing *);
PyObject *batches_schema(const struct module_state *, PyObject *log,
    const struct want *, const struct slicing *);
PyObject *batches_stream(const struct module_state *, PyObject *log,
    const struct want *, const struct slicing *, PyObject *requested);

/* answer.c: Log.query() */
PyObject *log_query(PyObject *log, PyObject *args, PyObject *kwargs);

#endif /* LOG_OBJECT_H */
