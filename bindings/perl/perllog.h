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
 * What hangs on an object of the module, where Perl's code cannot reach it: a
 * log that is read, or one that is written.  Errors croak.
 */

#ifndef PERLLOG_H
#define PERLLOG_H

#include "bindings/perl/perlflow.h"
#include "bindings/perl/oldlog.h"
#include "bindings/perl/source.h"
#include "bindings/perl/target.h"

struct perllog {
	char *path; /* for messages */
	SV *object; /* that it hangs on */
	pid_t pid;  /* of the process that wrote to it last */
	/* one of these three; closed: the source, or none */
	struct oldlog *old;
	struct source *source;
	struct target *target;
	bool closed; /* the source stays: faults are asked for at the end */
	struct flow_set columns;
};

/* Hang an empty one on it; croaks if it has one. */
struct perllog *perllog_new(pTHX_ SV *self, const char *path);
/* Croaks if it has none: it never was opened, or is of another thread. */
struct perllog *perllog_of(pTHX_ SV *self);
/* No more is read or written; what could not be written croaks. */
void perllog_finish(pTHX_ struct perllog *);
/* All of it, before it is freed. */
void perllog_close(pTHX_ struct perllog *);

/* A path; croaks if it cannot be one. */
const char *perllog_path(pTHX_ SV *);
/* A classic log as the original read it, or else anything that is read. */
void perllog_open_old(pTHX_ struct perllog *);

/* What open() was asked. */
struct perllog_ask {
	SV *paths; /* a reference to an array of them */
	SV *filter, *since, *until, *columns;
	bool scale, strict;
};
void perllog_open(pTHX_ struct perllog *, const struct perllog_ask *);

/*
 * The next flow, and as a record if record is not NULL.  False: no more.
 */
bool perllog_next(pTHX_ struct perllog *, struct flow *,
    struct store_record *record);

#endif /* PERLLOG_H */
