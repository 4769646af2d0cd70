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

#include "bindings/perl/perllog.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"

static int
hook_free(pTHX_ SV *sv, MAGIC *mg)
{
	PERL_UNUSED_ARG(sv);
	if (mg->mg_ptr != NULL) {
		perllog_close(aTHX_(struct perllog *)(void *) mg->mg_ptr);
		free(mg->mg_ptr);
	}
	mg->mg_ptr = NULL;
	return (0);
}

/* Another thread gets an object that is none. */
static int
hook_dup(pTHX_ MAGIC *mg, CLONE_PARAMS *params)
{
	PERL_UNUSED_CONTEXT;
	PERL_UNUSED_ARG(params);
	mg->mg_ptr = NULL;
	return (0);
}

static const MGVTBL hooks = {.svt_free = hook_free, .svt_dup = hook_dup};

static MAGIC *
magic_of(pTHX_ SV *self)
{
	SvGETMAGIC(self);
	if (!SvROK(self) || SvTYPE(SvRV(self)) != SVt_PVHV)
		croak("not an object of Flowd");
	return (mg_findext(SvRV(self), PERL_MAGIC_ext, &hooks));
}

struct perllog *
perllog_new(pTHX_ SV *self, const char *path)
{
	struct perllog *lg;
	MAGIC *mg;

	if (magic_of(aTHX_ self) != NULL)
		croak("the object has a log already");
	if ((lg = calloc(1, sizeof(*lg))) == NULL ||
	    (lg->path = strdup(path)) == NULL) {
		free(lg);
		croak("out of memory");
	}
	mg = sv_magicext(SvRV(self), NULL, PERL_MAGIC_ext, &hooks,
	    (const char *)lg, 0);
	mg->mg_flags |= MGf_DUP;
	lg->object = SvRV(self);
	lg->pid = getpid();
	return (lg);
}

struct perllog *
perllog_of(pTHX_ SV *self)
{
	MAGIC *mg = magic_of(aTHX_ self);

	if (mg == NULL || mg->mg_ptr == NULL)
		croak("there is no log in this object");
	return ((struct perllog *)(void *)mg->mg_ptr);
}

/*
 * Nobody asked how it went; but it is said.  A process that was forked off has
 * what its parent wrote, too: unless it wrote itself, that is the parent's.
 */
static void
close_target(pTHX_ struct perllog *lg)
{
	struct target *target = lg->target;

	lg->target = NULL;
	if (target != NULL && target_close(target, lg->pid == getpid()) == -1)
		warn("write(%s): %s", lg->path, Strerror(errno));
}

static void
close_old(struct perllog *lg)
{
	oldlog_free(lg->old);
	lg->old = NULL;
	lg->closed = true;
}

void
perllog_close(pTHX_ struct perllog *lg)
{
	close_target(aTHX_ lg);
	close_old(lg);
	source_free(lg->source);
	free(lg->path);
	memset(lg, 0, sizeof(*lg));
}

const char *
perllog_path(pTHX_ SV *sv)
{
	STRLEN len;
	const char *path;

	if (!is_there(aTHX_ sv))
		croak("no path");
	/* A copy: what is asked next must not change it. */
	path = SvPV(sv_mortalcopy(sv), len);
	if (len == 0 || strlen(path) != len)
		croak("no path");
	return (path);
}

static bool
signal_waits(void *arg)
{
	dTHXa(arg);

	PERL_UNUSED_CONTEXT;
	return (PL_sig_pending != 0);
}

static void
read_paths(pTHX_ struct perllog *lg, char *const *paths, size_t n,
    const struct source_ask *o)
{
	lg->columns = o->columns;
	if ((lg->source = source_new(paths, n, o)) != NULL)
		return;
	filter_free(o->clauses);
	croak("out of memory");
}

/* Handlers of signals may close the log, or drop its object: it croaks then. */
static void
handle_signals(pTHX_ struct perllog *lg)
{
	bool gone;

	ENTER;
	SAVETMPS;
	(void)sv_2mortal(SvREFCNT_inc(lg->object));
	PERL_ASYNC_CHECK();
	gone = lg->old == NULL || SvREFCNT(lg->object) == 1;
	FREETMPS;
	LEAVE;
	if (gone)
		croak("the log is closed");
}

void
perllog_open_old(pTHX_ struct perllog *lg)
{
	struct source_ask any = {
	    .since = INT64_MIN,
	    .until = INT64_MAX,
	    .strict = true,
	};
	struct stat st;
	int segment = 0;

	memset(&any.columns, 0xff, sizeof(any.columns));
	lg->columns = any.columns;
	if (strcmp(lg->path, "-") == 0 || stat(lg->path, &st) == -1 ||
	    !S_ISDIR(st.st_mode)) {
		lg->old = oldlog_open(lg->path, signal_waits, aTHX);
		if (lg->old == NULL)
			croak("open(%s): %s", lg->path, Strerror(errno));
		while ((segment = oldlog_is_segment(lg->old)) == -1)
			handle_signals(aTHX_ lg);
		if (segment == 0)
			return;
		oldlog_free(lg->old);
		lg->old = NULL;
	}
	if (segment && (stat(lg->path, &st) == -1 || !S_ISREG(st.st_mode)))
		croak("%s: a segment that is no file is read by Flowd->open",
		    lg->path);
	read_paths(aTHX_ lg, &lg->path, 1, &any);
}

static void
parse_columns(pTHX_ SV *sv, struct flow_set *set)
{
	struct format_columns cols;
	char bad[64];
	size_t i;

	if (!is_there(aTHX_ sv)) {
		memset(set, 0xff, sizeof(*set));
		return;
	}
	if (SvROK(sv))
		croak("columns: names with commas between them are wanted");
	if (format_columns_parse(&cols, SvPV_nolen(sv), bad) == -1)
		croak("columns: %s: no such field, or given twice", bad);
	memset(set, 0, sizeof(*set));
	for (i = 0; i < cols.n; i++)
		set->w[cols.col[i]->bit / 64] |= (uint64_t)1
		    << cols.col[i]->bit % 64;
}

static int64_t
parse_time(pTHX_ SV *sv, int64_t none, const char *what)
{
	int64_t ns;

	if (!is_there(aTHX_ sv))
		return (none);
	if (!SvROK(sv) && looks_like_number(sv))
		return ((int64_t)number_of(aTHX_ sv, INT64_MAX, what));
	if (SvROK(sv) || source_time(SvPV_nolen(sv), &ns) == -1)
		croak("%s: %" SVf " is no time", what, SVfARG(sv));
	return (ns);
}

static struct filter *
parse_filter(pTHX_ SV *sv)
{
	struct filter *f;
	char why[256];
	STRLEN len;
	const char *s;

	if (!is_there(aTHX_ sv))
		return (NULL);
	if (SvROK(sv))
		croak("filter: a text is wanted");
	s = SvPV_nomg(sv, len);
	if (strlen(s) != len)
		croak("filter: a text is wanted");
	if ((f = source_clauses(s, why, sizeof(why))) == NULL)
		croak("%s", why);
	return (f);
}

/* An array of C's, good as long as the temporaries. */
static char **
parse_paths(pTHX_ SV *sv, size_t *n)
{
	SV *block, **one;
	char **paths;
	size_t i;
	AV *av;

	if (!SvROK(sv) || SvTYPE(SvRV(sv)) != SVt_PVAV)
		croak("no paths");
	av = (AV *)sv_2mortal(SvREFCNT_inc(SvRV(sv)));
	*n = (size_t)(av_len(av) + 1);
	if (*n == 0 || *n > 1 << 20)
		croak("no path");
	block = sv_2mortal(newSV(*n * sizeof(*paths)));
	paths = (char **)(void *)SvPVX(block);
	for (i = 0; i < *n; i++) {
		if ((one = av_fetch(av, (SSize_t)i, 0)) == NULL)
			croak("no path");
		paths[i] = (char *)(uintptr_t)perllog_path(aTHX_ * one);
	}
	return (paths);
}

void
perllog_open(pTHX_ struct perllog *lg, const struct perllog_ask *ask)
{
	struct source_ask o = {
	    .scale = ask->scale,
	    .strict = ask->strict,
	};
	char **paths;
	size_t n;

	o.since = parse_time(aTHX_ ask->since, INT64_MIN, "since");
	o.until = parse_time(aTHX_ ask->until, INT64_MAX, "until");
	parse_columns(aTHX_ ask->columns, &o.columns);
	paths = parse_paths(aTHX_ ask->paths, &n);
	/* The last: nothing frees it if something croaks. */
	o.clauses = parse_filter(aTHX_ ask->filter);
	read_paths(aTHX_ lg, paths, n, &o);
}

static void
croak_old(pTHX_ struct perllog *lg, enum oldlog_result e)
{
	switch (e) {
	case OLDLOG_UNREAD:
		croak("read(%s): %s", lg->path, Strerror(errno));
	case OLDLOG_CUT_HEADER:
		croak("early EOF reading header on %s", lg->path);
	case OLDLOG_CUT:
		croak("early EOF reading flow on %s", lg->path);
	default:
		croak("%s on %s, offset %" UVuf, oldlog_text(lg->old), lg->path,
		    (UV)oldlog_offset(lg->old));
	}
}

static bool
next_old(pTHX_ struct perllog *lg, struct store_record *rec)
{
	enum oldlog_result e;

	while ((e = oldlog_next(lg->old, rec)) == OLDLOG_AGAIN)
		handle_signals(aTHX_ lg);
	if (e != OLDLOG_FLOW && e != OLDLOG_END)
		croak_old(aTHX_ lg, e);
	return (e == OLDLOG_FLOW);
}

static bool
next_row(pTHX_ struct perllog *lg, struct flow *f)
{
	enum source_result r = source_next(lg->source, f);
	const struct fault *bad;

	if (r == SOURCE_NOMEM)
		croak("out of memory");
	if (r == SOURCE_FAULT) {
		bad = source_bad(lg->source);
		if (bad == NULL)
			croak("%s: damaged", lg->path);
		croak("%s on %s, offset %" UVuf, bad->what, bad->path,
		    (UV)bad->offset);
	}
	return (r == SOURCE_FLOW);
}

/* As a log of version 3 would have it. */
static void
make_record(const struct flow *f, struct store_record *rec)
{
	uint8_t bytes[STORE_WRITEMAX];
	struct wr wr = wr_init(bytes, sizeof(bytes));
	struct rd rd;

	(void)store_write(&wr, f, STORE_ALL & ~STORE_CRC32);
	rd = rd_init(bytes, sizeof(bytes) - wr.left);
	(void)store_read(&rd, rec);
}

bool
perllog_next(pTHX_ struct perllog *lg, struct flow *f, struct store_record *rec)
{
	struct store_record own;

	if (lg->old != NULL) {
		if (!next_old(aTHX_ lg, rec == NULL ? &own : rec))
			return (false);
		*f = rec == NULL ? own.flow : rec->flow;
		return (true);
	}
	if (lg->source == NULL || lg->closed)
		croak("the log is closed, or is one that is written");
	if (!next_row(aTHX_ lg, f))
		return (false);
	if (rec != NULL)
		make_record(f, rec);
	return (true);
}

void
perllog_finish(pTHX_ struct perllog *lg)
{
	struct target *target = lg->target;

	close_old(lg);
	lg->target = NULL;
	if (target != NULL && target_close(target, true) == -1)
		croak("write(%s): %s", lg->path, Strerror(errno));
}
