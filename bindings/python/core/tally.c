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

/* What a reading met, as Python has it. */

#include <string.h>

#include "bindings/python/core/run.h"

static PyObject *
fault_value(const struct module_state *state, const struct fault *f)
{
	static const char *const kinds[] = {
	    [SCAN_UNREAD] = "unread",
	    [SCAN_DAMAGED] = "damaged",
	    [SCAN_CUT] = "cut",
	};
	const char *text = f->text == NULL ? "" : f->text;
	PyObject *result, *part[4];
	bool good = true;
	Py_ssize_t i;

	part[0] = PyUnicode_FromString(kinds[f->kind]);
	part[1] = PyUnicode_DecodeFSDefault(f->path == NULL ? "" : f->path);
	part[2] = PyLong_FromUnsignedLongLong(f->offset);
	part[3] =
	    PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
	result = PyStructSequence_New(state->type[CORE_FAULT]);
	for (i = 0; i < 4; i++)
		good = good && part[i] != NULL;
	for (i = 0; i < 4; i++) {
		if (result != NULL && good)
			PyStructSequence_SetItem(result, i, part[i]);
		else
			Py_XDECREF(part[i]);
	}
	if (!good)
		Py_CLEAR(result);
	return (result);
}

/*
 * A run never takes the GIL while it has the lock, so it may be waited for.
 * Faults that are kept do not change.
 */
PyObject *
tally_faults(const struct module_state *state, struct tally *t)
{
	PyObject *tuple, *one;
	size_t n = 0, i;

	if (t != NULL) {
		(void)pthread_mutex_lock(&t->lock);
		n = t->nfaults;
		(void)pthread_mutex_unlock(&t->lock);
	}
	tuple = PyTuple_New((Py_ssize_t)n);
	for (i = 0; i < n && tuple != NULL; i++) {
		if ((one = fault_value(state, &t->fault[i])) == NULL)
			Py_CLEAR(tuple);
		else
			(void)PyTuple_SetItem(tuple, (Py_ssize_t)i, one);
	}
	return (tuple);
}

PyObject *
tally_totals(struct tally *t)
{
	struct totals s = {0};

	if (t != NULL) {
		(void)pthread_mutex_lock(&t->lock);
		s = t->totals;
		(void)pthread_mutex_unlock(&t->lock);
	}
	return (Py_BuildValue("{s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:K}", "records",
	    (unsigned long long)s.records, "matched",
	    (unsigned long long)s.matched, "blocks",
	    (unsigned long long)s.blocks, "blocks_skipped",
	    (unsigned long long)s.blocks_skipped, "bytes",
	    (unsigned long long)s.bytes, "bytes_read",
	    (unsigned long long)s.bytes_read, "damaged",
	    (unsigned long long)s.damaged, "damaged_bytes",
	    (unsigned long long)s.damaged_bytes));
}
