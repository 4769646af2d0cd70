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
 * Where flows are read from, which of them, and one reading of them with what
 * it counted: behind Log, its iterators and its Arrow streams.
 */

#ifndef RUN_H
#define RUN_H

#include <pthread.h>

#include "bindings/python/core/core.h"
#include "scan/reading.h"

/* Paths, or bytes that are its own.  Any thread may hold it. */
struct source {
	_Atomic uint32_t refs;
	char **paths;
	size_t npaths;
	void *bytes;
	size_t len;
	char *name; /* of the bytes or of the descriptor, or NULL */
	int fd;	    /* its own, that paths[0] names; -1: none */
	bool once;  /* a pipe: it cannot be read again */
};

/* NULL: no memory.  What is in it comes after. */
struct source *source_new(void);
struct source *source_hold(struct source *);
void source_drop(struct source *);

/* Which flows. */
struct want {
	struct source *source;
	char *filter; /* or NULL */
	char *also;   /* a filter to pass beside, or NULL */
	int64_t since, until;
	bool scale;
	bool strict;
	bool trust;	  /* logs without their checksums */
	bool fields_only; /* of logs */
};

/* A copy, narrowed by what else is asked.  0, or -1 with an exception. */
int want_copy(struct want *, const struct want *from, const char *filter,
    int64_t since, int64_t until);
void want_clear(struct want *);

#define FAULTS_MAX 1000

struct fault {
	enum scan_fault kind;
	uint64_t offset;
	char *path; /* or NULL, for want of memory */
	char *text;
};

/* What a run met and counted, for any thread. */
struct tally {
	_Atomic uint32_t refs;
	pthread_mutex_t lock; /* of all below */
	struct fault fault[FAULTS_MAX];
	size_t nfaults;	       /* kept */
	uint64_t faults_total; /* met */
	struct totals totals;
	uint32_t store_fields;
};

struct tally *tally_new(void);
struct tally *tally_hold(struct tally *);
void tally_drop(struct tally *);
void tally_fault(struct tally *, enum scan_fault, const char *path,
    uint64_t offset, const char *text);
/* tally-view.c: as Python has them. */
PyObject *tally_faults(const struct module_state *, struct tally *);
PyObject *tally_totals(struct tally *);

/*
 * Cut so many rows off what is left.  identity: row numbers, made when they
 * are needed, the caller's to free.  False: no memory.
 */
bool sel_take(struct sel *left, uint32_t rows, uint16_t **identity,
    struct sel *out);

/* One reading. */
struct run {
	struct reading *reading;
	struct filter *clauses;
	struct filter *rules; /* of want.also */
	struct source *source;
	struct tally *tally;
	bool strict;
	bool failed;	  /* strict, and there was a fault: the first */
	bool interrupted; /* by a signal: an exception is set, unless foreign */
	bool foreign;	  /* called by who knows nothing of Python */
	pthread_t caller; /* who may look for signals */
	int64_t looked;	  /* when it did, ns */
};

/*
 * With the GIL.  needs: all zeros is any; clauses of no filter if unfiltered.
 * NULL: an exception.  It keeps nothing of want.
 */
struct run *run_new(const struct module_state *, const struct want *,
    const struct flow_set *needs, struct tally *);
void run_free(struct run *);
/* Without the GIL: as reading_next(), but -1 for all that ends it early. */
int run_next(struct run *, struct batch **, const struct sel **);
/* What was looked at so far goes to the tally. */
void run_note(struct run *);
/* A column of the batch could not be had: -1 if that ends it. */
int run_skip(struct run *, enum block_err, uint32_t flows);
/* With the GIL, behind -1: NULL, and an exception is set. */
PyObject *run_raise(const struct module_state *, const struct run *);
/* Behind -1, as text. */
const char *run_why(const struct run *, char *buf, size_t size);
/* The fields that occur; with the GIL.  0, or -1 with an exception. */
int run_survey(const struct module_state *, const struct want *, struct tally *,
    struct flow_set *);

#endif /* RUN_H */
