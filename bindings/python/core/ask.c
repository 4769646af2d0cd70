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

/* What Log.query() asks: its arguments as a question. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bindings/python/core/ask.h"
#include "reader-ask.h"

#define MEMORY_MAX (UINT64_C(1) << 30)
#define MEMORY_MIN (UINT64_C(64) << 20)
#define MEMORY_LEAST (UINT64_C(1) << 20)
#define THREADS_MAX 256

static int
wrong(const struct module_state *state, const char *what, PyObject *value)
{
	(void)core_raise(state, CORE_QUESTION, "%s: %R", what, value);
	return (-1);
}

/* "a,b", or an iterable of words, as text with commas: new, or NULL. */
static PyObject *
joined(PyObject *words)
{
	PyObject *comma, *result;

	if (PyUnicode_Check(words))
		return (Py_NewRef(words));
	if ((comma = PyUnicode_FromString(",")) == NULL)
		return (NULL);
	result = PyUnicode_Join(comma, words);
	Py_DECREF(comma);
	return (result);
}

/* Keys or orders, if there are any. */
static int
take_list(const struct module_state *state, struct question *q, PyObject *words,
    int (*parse)(struct question *, const char *, char *), const char *what)
{
	char bad[64] = "";
	PyObject *text;
	const char *s;
	int result = 0;

	if (words == NULL || words == Py_None)
		return (0);
	if ((text = joined(words)) == NULL)
		return (-1);
	if ((s = args_text(text)) == NULL)
		result = -1;
	else if (*s != '\0' && parse(q, s, bad) == -1) {
		(void)core_raise(state, CORE_QUESTION,
		    "%s: %s is none of those that there are", what, bad);
		result = -1;
	}
	Py_DECREF(text);
	return (result);
}

/* "5m", 300, timedelta(minutes=5) */
static int
take_every(const struct module_state *state, struct question *q,
    PyObject *every)
{
	PyObject *seconds, *text;
	const char *s;
	double d;
	int result;

	if (every == NULL || every == Py_None)
		return (0);
	if (PyUnicode_Check(every) || PyLong_Check(every))
		text = PyObject_Str(every);
	else {
		seconds = PyObject_CallMethod(every, "total_seconds", NULL);
		d = seconds == NULL ? -1 : PyFloat_AsDouble(seconds);
		Py_XDECREF(seconds);
		if (PyErr_Occurred())
			return (-1);
		if (!(d >= 1 && d < 1e10) || d != (double)(int64_t)d)
			return (wrong(state, "every: whole seconds", every));
		text = PyUnicode_FromFormat("%lld", (long long)d);
	}
	if (text == NULL || (s = args_text(text)) == NULL) {
		Py_XDECREF(text);
		return (-1);
	}
	result = word_duration(s, &q->every);
	Py_DECREF(text);
	return (result == 0 ? 0 : wrong(state, "every: no such time", every));
}

static uint64_t
memory_of_system(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	uint64_t quarter;

	if (pages <= 0 || size <= 0)
		return (MEMORY_MIN);
	quarter = (uint64_t)pages * (uint64_t)size / 4;
	if (quarter < MEMORY_MIN)
		return (MEMORY_MIN);
	return (quarter < MEMORY_MAX ? quarter : MEMORY_MAX);
}

/* "512M", or a number of bytes. */
static int
take_memory(const struct module_state *state, struct question *q,
    PyObject *memory)
{
	PyObject *text;
	const char *s;
	int result = -1;

	q->memory = memory_of_system();
	if (memory == NULL || memory == Py_None)
		return (0);
	if ((text = PyObject_Str(memory)) == NULL)
		return (-1);
	if ((s = args_text(text)) != NULL)
		result = word_bytes(s, &q->memory);
	Py_DECREF(text);
	if (s == NULL)
		return (-1);
	return (result == 0 && q->memory >= MEMORY_LEAST
		? 0
		: wrong(state, "memory: no size like 512M, or below 1M",
		      memory));
}

/* A number from 1 on; None: as it is. */
static int
take_number(const struct module_state *state, const char *what, PyObject *value,
    uint64_t most, uint64_t *to)
{
	long long n;

	if (value == NULL || value == Py_None)
		return (0);
	if (!PyLong_Check(value))
		return (wrong(state, what, value));
	n = PyLong_AsLongLong(value);
	if (n == -1 && PyErr_Occurred())
		return (-1);
	if (n < 1 || (uint64_t)n > most)
		return (wrong(state, what, value));
	*to = (uint64_t)n;
	return (0);
}

static int
take_threads(const struct module_state *state, struct question *q,
    PyObject *threads)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = cpus < 1 ? 1 : (uint64_t)cpus;

	if (n > THREADS_MAX)
		n = THREADS_MAX;
	if (take_number(state, "threads: 1 to 256", threads, THREADS_MAX, &n) ==
	    -1)
		return (-1);
	q->threads = (unsigned int)n;
	return (0);
}

static int
take_spread(const struct module_state *state, struct question *q,
    PyObject *spread)
{
	if (spread == NULL || PyUnicode_Check(spread)) {
		if (spread == NULL ||
		    PyUnicode_CompareWithASCIIString(spread, "start") == 0) {
			q->spread = SPREAD_START;
			return (0);
		}
		if (PyUnicode_CompareWithASCIIString(spread, "even") == 0) {
			q->spread = SPREAD_EVEN;
			return (0);
		}
	}
	return (wrong(state, "spread: \"start\" or \"even\"", spread));
}

/* Quantities, in the order of their names. */
static int
show(const struct module_state *state, struct question *q, const char *list)
{
	char name[32];
	enum quantity shown;
	size_t len;

	for (;; list += len + 1) {
		list += strspn(list, " ");
		len = strcspn(list, ",");
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)(len > 31 ? 31 : len), list);
		shown = quantity_by_name(name);
		if (shown == Q_MAX || q->nshow == Q_MAX) {
			(void)core_raise(state, CORE_QUESTION,
			    "columns: %s: "
			    "groups have quantities: flows, packets, octets, "
			    "bps, ...",
			    name);
			return (-1);
		}
		q->show[q->nshow++] = shown;
		if (list[len] == '\0')
			return (0);
	}
}

/* Of groups the quantities, of flows the fields. */
static int
take_columns(const struct module_state *state, struct ask *a, PyObject *columns)
{
	PyObject *text;
	const char *s;
	int result = -1;

	if (columns == NULL || columns == Py_None)
		return (0);
	if (a->q.nkeys == 0 && a->q.every == 0)
		return (args_columns(state, columns, &a->asked));
	if ((text = joined(columns)) == NULL)
		return (-1);
	if ((s = args_text(text)) != NULL)
		result = show(state, &a->q, s);
	Py_DECREF(text);
	return (result);
}

static void
settle(struct question *q)
{
	const char *tmpdir = getenv("TMPDIR");

	q->tmpdir = tmpdir == NULL || *tmpdir == '\0' ? "/var/tmp" : tmpdir;
	/* The first of something is the largest. */
	if (q->top != 0 && q->norders == 0 && (q->every == 0 || q->nkeys > 0))
		q->orders[q->norders++] = (struct order){.by = Q_OCTETS};
}

int
ask_take(const struct module_state *state, struct ask *a,
    const struct ask_words *w)
{
	struct question *q = &a->q;

	if (take_list(state, q, w->group_by, question_keys, "group_by") == -1 ||
	    take_list(state, q, w->sort, question_orders, "sort") == -1 ||
	    take_number(state, "top: a number from 1 on", w->top, INT64_MAX,
		&q->top) == -1 ||
	    take_every(state, q, w->every) == -1 ||
	    take_spread(state, q, w->spread) == -1 ||
	    take_columns(state, a, w->columns) == -1 ||
	    take_threads(state, q, w->threads) == -1 ||
	    take_memory(state, q, w->memory) == -1)
		return (-1);
	settle(q);
	return (0);
}
