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
 * Arrow's streams: batches of a run, made into columns as they are asked for,
 * by whatever thread; nothing here needs the GIL.  One thread at a time, as
 * the interface has it: another one is refused.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/arrow.h"

struct flowing {
	struct run *run;	 /* or */
	struct columns *columns; /* once */
	struct asked asked;
	uint32_t rows; /* of a batch, at most */
	/* what is left of a batch */
	struct batch *batch;
	struct sel left;
	uint16_t *identity; /* row numbers, where there are none */
	atomic_flag busy;
	bool ended;
	char error[512];
};

static int
fail(struct flowing *f, int error, const char *why)
{
	(void)snprintf(f->error, sizeof(f->error), "%s", why);
	f->ended = true;
	return (error);
}

static int
get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
	struct flowing *f = stream->private_data;
	struct arrow_column c[FLOW_NFIELDS], *p = c;
	uint16_t n = f->columns != NULL ? f->columns->n : f->asked.n, i;
	int error;

	if (f->columns == NULL)
		arrow_columns(&f->asked, c);
	else if ((p = calloc(n + 1U, sizeof(*p))) == NULL)
		return (ENOMEM);
	for (i = 0; f->columns != NULL && i < n; i++)
		p[i] = (struct arrow_column){f->columns->column[i].name,
		    f->columns->column[i].kind};
	error = arrow_schema(out, p, n);
	if (p != c)
		free(p);
	return (error);
}

/* The next batch that has columns: 1, 0 or -1. */
static int
next_columns(struct flowing *f, struct columns **out)
{
	const struct sel *sel;
	struct sel some;
	enum block_err err;
	int more;

	for (;;) {
		if (f->left.n == 0) {
			more = run_next(f->run, &f->batch, &sel);
			if (more != 1)
				return (more);
			f->left = *sel;
		}
		if (!sel_take(&f->left, f->rows, &f->identity, &some))
			return (-1);
		*out = columns_build(f->batch, &some, &f->asked, &err);
		if (*out != NULL)
			return (1);
		if (run_skip(f->run, err, some.n) == -1)
			return (-1);
	}
}

static int
next_array(struct flowing *f, struct ArrowArray *out)
{
	struct columns *cs = NULL;
	char why[512];
	int more = 1, error;

	memset(out, 0, sizeof(*out));
	if (f->ended)
		return (f->error[0] == '\0' ? 0 : EIO);
	if (f->run == NULL) {
		cs = columns_hold(f->columns);
		f->ended = true;
	} else
		more = next_columns(f, &cs);
	if (more == -1)
		return (fail(f, f->run->interrupted ? EINTR : EIO,
		    run_why(f->run, why, sizeof(why))));
	if (more == 0) {
		f->ended = true;
		return (0);
	}
	error = arrow_array(out, cs);
	columns_drop(cs);
	return (error == 0 ? 0 : fail(f, error, "out of memory"));
}

static int
get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
	struct flowing *f = stream->private_data;
	int error;

	if (atomic_flag_test_and_set(&f->busy))
		return (EBUSY);
	error = next_array(f, out);
	atomic_flag_clear(&f->busy);
	return (error);
}

static const char *
get_last_error(struct ArrowArrayStream *stream)
{
	const struct flowing *f = stream->private_data;

	return (f->error[0] == '\0' ? NULL : f->error);
}

static void
flowing_free(struct flowing *f)
{
	run_free(f->run);
	columns_drop(f->columns);
	free(f->identity);
	free(f);
}

static void
release(struct ArrowArrayStream *stream)
{
	flowing_free(stream->private_data);
	stream->release = NULL;
}

static void
destroy(PyObject *capsule)
{
	struct ArrowArrayStream *s =
	    PyCapsule_GetPointer(capsule, "arrow_array_stream");

	if (s == NULL) {
		PyErr_Clear();
		return;
	}
	if (s->release != NULL)
		s->release(s);
	free(s);
}

/* Takes what flows. */
static PyObject *
capsule_of(struct flowing *f)
{
	struct ArrowArrayStream *s;
	PyObject *capsule;

	if ((s = calloc(1, sizeof(*s))) == NULL) {
		flowing_free(f);
		return (PyErr_NoMemory());
	}
	s->get_schema = get_schema;
	s->get_next = get_next;
	s->get_last_error = get_last_error;
	s->release = release;
	s->private_data = f;
	atomic_flag_clear(&f->busy);
	capsule = PyCapsule_New(s, "arrow_array_stream", destroy);
	if (capsule == NULL) {
		s->release(s);
		free(s);
	}
	return (capsule);
}

PyObject *
arrow_stream_capsule(struct run *run, const struct asked *a, uint32_t rows)
{
	struct flowing *f;

	if ((f = calloc(1, sizeof(*f))) == NULL) {
		run_free(run);
		return (PyErr_NoMemory());
	}
	run->foreign = true;
	f->run = run;
	f->asked = *a;
	f->rows = rows;
	return (capsule_of(f));
}

PyObject *
arrow_stream_of(struct columns *cs)
{
	struct flowing *f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (PyErr_NoMemory());
	f->columns = columns_hold(cs);
	return (capsule_of(f));
}
