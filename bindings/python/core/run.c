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

/* One reading: its filter, its faults, and signals meanwhile. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bindings/python/core/run.h"
#include "conf.h"
#include "store.h"

#define LOOK_EVERY (NSEC_PER_SEC / 20) /* for signals */

/* The name that the user gave. */
static const char *
name_of(const struct run *r, const char *path)
{
	return (r->source->name != NULL ? r->source->name : path);
}

static void
tell(void *arg, enum scan_fault fault, const char *path, uint64_t offset,
    const char *what)
{
	struct run *r = arg;

	if (fault > SCAN_CUT)
		return;
	if (!r->failed)
		tally_fault(r->tally, fault, name_of(r, path), offset, what);
	r->failed = r->failed || r->strict;
}

/* Signals are the main thread's; in others this finds none. */
static bool
signalled(struct run *r)
{
	PyGILState_STATE gil = PyGILState_Ensure();
	bool any = PyErr_CheckSignals() == -1;

	if (any && r->foreign)
		PyErr_Clear();
	PyGILState_Release(gil);
	return (any);
}

static bool
stop(void *arg)
{
	struct run *r = arg;
	struct timespec t;
	int64_t now;

	if (r->failed || r->interrupted)
		return (true);
	if (!pthread_equal(pthread_self(), r->caller))
		return (false);
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	now = (int64_t)t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
	if (now - r->looked < LOOK_EVERY)
		return (false);
	r->looked = now;
	r->interrupted = signalled(r);
	return (r->interrupted);
}

struct why {
	char text[256];
};

static void
keep_why(void *arg, bool error, const char *msg)
{
	struct why *why = arg;

	if (error && why->text[0] == '\0')
		(void)snprintf(why->text, sizeof(why->text), "%s", msg);
}

/* The parser of the language is one for all: the GIL is its lock. */
static int
parse_filter(const struct module_state *state, const char *filter,
    struct filter **to)
{
	struct why why = {""};

	if (filter == NULL)
		return (0);
	if ((*to = conf_parse_clauses(filter, keep_why, &why)) != NULL)
		return (0);
	(void)core_raise(state, CORE_QUESTION, "filter: %s", why.text);
	return (-1);
}

static struct reading *
open_reading(struct run *r, const struct want *w, const struct flow_set *needs)
{
	const struct source *s = w->source;
	const struct reading_options o = {
	    .since = w->since,
	    .until = w->until,
	    .clauses = r->clauses,
	    .rules = r->rules,
	    .scale = w->scale,
	    .strict = w->strict,
	    .trust = w->trust,
	    .fields_only = w->fields_only,
	    .needs = *needs,
	    .tell = tell,
	    .stop = stop,
	    .arg = r,
	};

	if (s->bytes != NULL)
		return (reading_bytes(s->bytes, s->len, s->name, &o));
	return (reading_new(s->paths, s->npaths, &o));
}

struct run *
run_new(const struct module_state *state, const struct want *w,
    const struct flow_set *needs, struct tally *tally)
{
	struct run *r;

	if ((r = calloc(1, sizeof(*r))) == NULL) {
		(void)PyErr_NoMemory();
		return (NULL);
	}
	r->source = source_hold(w->source);
	r->tally = tally_hold(tally);
	r->strict = w->strict;
	r->caller = pthread_self();
	if (parse_filter(state, w->filter, &r->clauses) == -1 ||
	    parse_filter(state, w->also, &r->rules) == -1) {
		run_free(r);
		return (NULL);
	}
	/* Directories are walked now. */
	Py_BEGIN_ALLOW_THREADS r->reading = open_reading(r, w, needs);
	Py_END_ALLOW_THREADS if (r->reading == NULL)
	{
		(void)PyErr_NoMemory();
		run_free(r);
		return (NULL);
	}
	return (r);
}

void
run_free(struct run *r)
{
	if (r == NULL)
		return;
	reading_free(r->reading);
	filter_free(r->clauses);
	filter_free(r->rules);
	source_drop(r->source);
	tally_drop(r->tally);
	free(r);
}

void
run_note(struct run *r)
{
	(void)pthread_mutex_lock(&r->tally->lock);
	r->tally->totals = *reading_totals(r->reading);
	r->tally->store_fields = reading_store_fields(r->reading);
	(void)pthread_mutex_unlock(&r->tally->lock);
}

int
run_next(struct run *r, struct batch **b, const struct sel **sel)
{
	int result;

	if (r->failed || r->interrupted)
		return (-1);
	result = reading_next(r->reading, b, sel);
	run_note(r);
	return (r->failed || r->interrupted ? -1 : result);
}

int
run_skip(struct run *r, enum block_err err, uint32_t flows)
{
	char text[128];

	if (err == BLOCK_NOMEM)
		return (-1);
	(void)snprintf(text, sizeof(text), "%s: %" PRIu32 " flows skipped",
	    block_strerror(err), flows);
	tell(r, SCAN_DAMAGED, r->source->npaths > 0 ? r->source->paths[0] : "",
	    0, text);
	return (r->failed ? -1 : 0);
}

bool
sel_take(struct sel *left, uint32_t rows, uint16_t **identity, struct sel *out)
{
	uint32_t i;

	*out = *left;
	if (left->n <= rows) {
		left->n = 0;
		return (true);
	}
	if (left->row == NULL) {
		if (*identity == NULL &&
		    (*identity = malloc(BLOCK_FLOWS * sizeof(**identity))) ==
			NULL)
			return (false);
		for (i = 0; i < left->n; i++)
			(*identity)[i] = (uint16_t)i;
		left->row = out->row = *identity;
	}
	out->n = rows;
	left->row += rows;
	left->n -= rows;
	return (true);
}

/* The last fault that is kept is why a strict reading ended. */
static const struct fault *
failure(const struct run *r)
{
	return (!r->failed || r->tally->nfaults == 0
		? NULL
		: &r->tally->fault[r->tally->nfaults - 1]);
}

PyObject *
run_raise(const struct module_state *state, const struct run *r)
{
	const struct fault *f = failure(r);

	if (PyErr_Occurred())
		return (NULL);
	if (r->interrupted)
		PyErr_SetNone(PyExc_KeyboardInterrupt);
	else if (f == NULL || f->path == NULL || f->text == NULL)
		(void)PyErr_NoMemory();
	else
		(void)core_raise_format(state, f->path, f->offset, f->text);
	return (NULL);
}

const char *
run_why(const struct run *r, char *buf, size_t size)
{
	const struct fault *f = failure(r);

	if (r->interrupted)
		return ("interrupted");
	if (f == NULL || f->path == NULL || f->text == NULL)
		return ("out of memory");
	(void)snprintf(buf, size, "%s: at %" PRIu64 ": %s", f->path, f->offset,
	    f->text);
	return (buf);
}

/* What the groups of classic logs become. */
static void
add_groups(uint32_t groups, struct flow_set *set)
{
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if ((fields[i].store & groups) != 0 && i != FLOW_SRC_PREFIX &&
		    i != FLOW_DST_PREFIX)
			set->w[i / 64] |= (uint64_t)1 << i % 64;
	/* Uptimes become times by the clock of the exporter. */
	if ((groups & STORE_FLOW_TIMES) != 0 &&
	    (groups & STORE_AGENT_INFO) != 0)
		set->w[0] |=
		    (uint64_t)1 << FLOW_START | (uint64_t)1 << FLOW_END;
}

static int
survey(struct run *r, struct flow_set *set)
{
	const struct sel *sel;
	struct batch *b;
	size_t i;
	int more;

	while ((more = run_next(r, &b, &sel)) == 1)
		for (i = 0; batch_block(b) != NULL && i < FLOW_NFIELDS; i++)
			if (batch_any(b, i))
				set->w[i / 64] |= (uint64_t)1 << i % 64;
	add_groups(reading_store_fields(r->reading), set);
	return (more);
}

int
run_survey(const struct module_state *state, const struct want *w,
    struct tally *tally, struct flow_set *set)
{
	struct flow_set least = {{(uint64_t)1 << FLOW_TAG}};
	struct want all = *w;
	struct run *r;
	int result;

	memset(set, 0, sizeof(*set));
	if (w->source->once) {
		add_groups(STORE_ALL, set);
		return (0);
	}
	all.filter = all.also = NULL;
	/* That is for who reads: here it is only what fields there are. */
	all.trust = all.fields_only = true;
	if ((r = run_new(state, &all, &least, tally)) == NULL)
		return (-1);
	Py_BEGIN_ALLOW_THREADS result = survey(r, set);
	Py_END_ALLOW_THREADS if (result == -1)(void) run_raise(state, r);
	run_free(r);
	return (result);
}
