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
 * Whom to take flows from, and what is known of them.
 */

#include <sys/types.h>
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "conf.h"
#include "rule.h"

/* A table as a source: its members are those at the end. */
struct tablesource {
	SLIST_ENTRY(tablesource) entry;
	const struct filter_table *table;
	const char *file;
	unsigned int line;
	uint32_t options;
	bool negated;
};

/* The sources that are being read. */
static struct {
	struct conf *conf;
	struct source_options options; /* of the line */
	unsigned int given;	       /* which of them: enum source_option */
	SLIST_HEAD(, tablesource) tables;
} sources;

void
sources_begin(struct conf *c)
{
	memset(&sources, 0, sizeof(sources));
	SLIST_INIT(&sources.tables);
	sources.conf = c;
}

void
sources_drop(void)
{
	memset(&sources.options, 0, sizeof(sources.options));
	sources.given = 0;
}

void
sources_end(void)
{
	struct tablesource *s;

	while ((s = SLIST_FIRST(&sources.tables)) != NULL) {
		SLIST_REMOVE_HEAD(&sources.tables, entry);
		free(s);
	}
	memset(&sources, 0, sizeof(sources));
}

static void
once(const struct word *w, enum source_option which)
{
	if ((sources.given & which) != 0)
		lex_error(lex_file(), w->line, "flow source: %s given twice",
		    w->s);
	sources.given |= which;
}

void
build_sampling(const struct word *w, const struct word *rate)
{
	uint64_t v;

	once(w, SOURCE_SAMPLING);
	if (build_number(rate, UINT32_MAX, &v) == -1 || v == 0)
		build_expected(rate, "a rate, such as 1000");
	else
		sources.options.sampling = (uint32_t)v;
}

void
build_option(const struct word *w, enum source_option which)
{
	struct source_options *o = &sources.options;

	once(w, which);
	o->trusted = o->trusted || which == SOURCE_TRUST;
	o->ports = o->ports || which == SOURCE_PORTS;
	o->inner = o->inner || which == SOURCE_INNER;
}

static bool
same(const struct source_options *a, const struct source_options *b)
{
	return (a->sampling == b->sampling && a->trusted == b->trusted &&
	    a->ports == b->ports && a->inner == b->inner);
}

/* The number of the line's options; 0 for none, and for want of memory. */
static uint32_t
number_options(struct conf *c)
{
	static const struct source_options none;
	struct source_options *o;
	uint32_t i;

	if (same(&sources.options, &none))
		return (0);
	for (i = 0; i < c->noptions; i++)
		if (same(&sources.options, &c->options[i]))
			return (i + 1);
	o = reallocarray(c->options, c->noptions + (size_t)1, sizeof(*o));
	if (o == NULL) {
		build_nomem();
		return (0);
	}
	c->options = o;
	c->separate_ports = c->separate_ports || sources.options.ports;
	o[c->noptions] = sources.options;
	return (++c->noptions);
}

static int
source_add(struct conf *c, const struct prefix *p, uint32_t options,
    bool negated)
{
	struct conf_source *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (-1);
	s->prefix = *p;
	s->negated = negated;
	s->options = negated ? 0 : options;
	TAILQ_INSERT_TAIL(&c->sources, s, entry);
	return (0);
}

static void
source_table(const struct member *m, uint32_t options)
{
	struct tablesource *s;
	const struct filter_table *t;

	if ((t = build_tableref(&m->a, false)) == NULL)
		return;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		build_nomem();
		return;
	}
	s->table = t;
	s->file = lex_file();
	s->line = m->a.line;
	s->options = options;
	s->negated = m->negated;
	SLIST_INSERT_HEAD(&sources.tables, s, entry);
}

static void
source_member(const struct member *m, uint32_t options)
{
	struct prefix p;

	memset(&p, 0, sizeof(p));
	if (m->kind == M_TABLE) {
		source_table(m, options);
		return;
	}
	if (m->kind == M_ANY && m->negated) {
		lex_error(lex_file(), m->a.line,
		    "flow source ! any: nobody would be left");
		return;
	}
	if (m->kind != M_ANY && build_prefix(m, &p) == -1)
		return;
	if (source_add(sources.conf, &p, options, m->negated) == -1)
		build_nomem();
}

void
build_sources(void)
{
	const struct members *l = build_members();
	uint32_t options;
	size_t i, kept_out = 0;

	if (l->n == 0 || build_misplaced(l->m[0].a.line))
		return;
	options = number_options(sources.conf);
	for (i = 0; i < l->n; i++) {
		kept_out += l->m[i].negated;
		source_member(&l->m[i], options);
	}
	if (kept_out == l->n && sources.given != 0)
		lex_error(lex_file(), l->m[0].a.line,
		    "flow source: options for exporters that are all kept out");
}

static int
source_of_table(void *arg, const struct prefix *p, bool negated)
{
	const struct tablesource *s = arg;

	return (source_add(sources.conf, p, s->options, negated != s->negated));
}

/* A source of "any" is one of each family. */
static int
put(struct table *t, const struct conf_source *s, bool yes)
{
	static const struct prefix everything[2] = {
	    {.addr = {.family = ADDR_V4}},
	    {.addr = {.family = ADDR_V6}},
	};

	if (s->prefix.addr.family != ADDR_NONE)
		return (table_add(t, &s->prefix, !yes));
	if (table_add(t, &everything[0], !yes) == -1)
		return (-1);
	return (table_add(t, &everything[1], !yes));
}

static int
source_allow(struct conf *c, const struct conf_source *s)
{
	const struct prefix *p = &s->prefix;

	if (p->addr.family != ADDR_NONE && !s->negated &&
	    p->len == addr_bits(&p->addr) && put(c->exact, s, true) == -1)
		return (-1);
	return (put(c->allowed, s, !s->negated));
}

/*
 * Which number the longest match has is told bit by bit, by a table of the
 * sources for each: all of them are in it, and those without the bit negated.
 */
static int
number_tables(struct conf *c)
{
	const struct conf_source *s;
	struct table *t;
	uint32_t bit;

	for (bit = 0; c->noptions >> bit != 0; bit++) {
		if ((t = c->option_bits[bit] = table_new()) == NULL)
			return (-1);
		TAILQ_FOREACH(s, &c->sources, entry)
			if (put(t, s, s->options >> bit & 1) == -1)
				return (-1);
		if (table_seal(t) == -1)
			return (-1);
	}
	return (0);
}

/* If all of them are negated, the others are welcome. */
static int
allow_all(struct conf *c)
{
	const struct conf_source any = {.negated = false};
	const struct conf_source *s;
	bool positive = false;

	TAILQ_FOREACH(s, &c->sources, entry) {
		positive = positive || !s->negated;
		if (source_allow(c, s) == -1)
			return (-1);
	}
	return (positive ? 0 : source_allow(c, &any));
}

int
sources_complete(struct conf *c)
{
	struct tablesource *t;

	SLIST_FOREACH(t, &sources.tables, entry)
		if (table_walk(t->table->table, source_of_table, t) == -1)
			return (-1);
	if (TAILQ_EMPTY(&c->sources)) {
		if ((t = SLIST_FIRST(&sources.tables)) != NULL)
			lex_error(t->file, t->line,
			    "flow source: nobody is in <%s>", t->table->name);
		return (0);
	}
	if ((c->allowed = table_new()) == NULL ||
	    (c->exact = table_new()) == NULL || allow_all(c) == -1 ||
	    table_seal(c->allowed) == -1 || table_seal(c->exact) == -1)
		return (-1);
	return (number_tables(c));
}

bool
conf_allowed(const struct conf *c, const struct addr *agent)
{
	return (c->allowed == NULL || table_match(c->allowed, agent));
}

bool
conf_configured(const struct conf *c, const struct addr *agent)
{
	return (c->exact != NULL && table_match(c->exact, agent));
}

struct source_options
conf_options(const struct conf *c, const struct addr *agent)
{
	const struct source_options none = {.sampling = 0};
	uint32_t bit, n = 0;

	for (bit = 0; c->noptions >> bit != 0; bit++)
		n |= (uint32_t)table_match(c->option_bits[bit], agent) << bit;
	return (n == 0 ? none : c->options[n - 1]);
}
