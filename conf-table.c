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

#include <sys/types.h>
#include <sys/queue.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "conf.h"
#include "rule.h"

#define TABLE_ERRORS 10 /* said of one file */

/* A table that is used or defined: the first line that did. */
struct tableuse {
	TAILQ_ENTRY(tableuse) entry;
	struct filter_table *table;
	const char *file;
	unsigned int line;
	bool defined;
};

/* A table as a source: its members are those at the end. */
struct tablesource {
	SLIST_ENTRY(tablesource) entry;
	const struct filter_table *table;
	const char *file;
	unsigned int line;
	bool negated;
};

/* The tables and sources that are being read. */
static struct {
	struct conf *conf;
	struct filter_table *table; /* of the line */
	size_t added;
	TAILQ_HEAD(, tableuse) uses;
	SLIST_HEAD(, tablesource) sources;
} tables;

void
tables_begin(struct conf *c)
{
	memset(&tables, 0, sizeof(tables));
	TAILQ_INIT(&tables.uses);
	tables.conf = c;
}

void
tables_drop(void)
{
	tables.table = NULL;
}

void
tables_end(void)
{
	struct tableuse *u;
	struct tablesource *s;

	while ((u = TAILQ_FIRST(&tables.uses)) != NULL) {
		TAILQ_REMOVE(&tables.uses, u, entry);
		free(u);
	}
	while ((s = SLIST_FIRST(&tables.sources)) != NULL) {
		SLIST_REMOVE_HEAD(&tables.sources, entry);
		free(s);
	}
	memset(&tables, 0, sizeof(tables));
}

struct filter_table *
build_tableref(const struct word *name, bool define)
{
	struct filter_table *t;
	struct tableuse *u;

	TAILQ_FOREACH(u, &tables.uses, entry)
		if (strcmp(u->table->name, name->s) == 0) {
			u->defined = u->defined || define;
			return (u->table);
		}
	if ((t = filter_table(tables.conf->filter, name->s, true)) == NULL ||
	    (u = calloc(1, sizeof(*u))) == NULL) {
		build_nomem();
		return (NULL);
	}
	u->table = t;
	u->file = lex_file();
	u->line = name->line;
	u->defined = define;
	TAILQ_INSERT_TAIL(&tables.uses, u, entry);
	return (t);
}

void
build_table(const struct word *name)
{
	tables.table = build_tableref(name, true);
	build_members_clear();
}

static int
table_put(const struct prefix *p, bool negated)
{
	if (++tables.added > MEMBERS_MAX ||
	    table_add(tables.table->table, p, negated) == -1) {
		build_nomem();
		return (-1);
	}
	return (0);
}

void
build_table_list(void)
{
	const struct members *l = build_members();
	const struct member *m;
	struct prefix p;
	size_t i;

	for (i = 0; i < l->n && tables.table != NULL; i++) {
		m = &l->m[i];
		if (m->kind != M_WORD && m->kind != M_PREFIX)
			build_expected(&m->a, "a prefix");
		else if (build_prefix(m, &p) == 0 &&
		    table_put(&p, m->negated) == -1)
			break;
	}
	build_members_clear();
}

/* "[!] prefix [# ...]", or nothing.  0; -1 if it is something else. */
static int
table_line(const char *s, size_t len)
{
	char text[PREFIX_STRLEN];
	const char *hash = memchr(s, '#', len);
	struct prefix p;
	bool negated = false;

	if (hash != NULL)
		len = (size_t)(hash - s);
	while (len > 0 && isspace((unsigned char)s[len - 1]))
		len--;
	for (; len > 0 && (isspace((unsigned char)*s) || *s == '!'); s++, len--)
		if (*s == '!' && negated)
			return (-1);
		else
			negated = negated || *s == '!';
	if (len == 0)
		return (negated ? -1 : 0);
	if (len >= sizeof(text))
		return (-1);
	memcpy(text, s, len);
	text[len] = '\0';
	if (strlen(text) != len || prefix_parse(text, &p) == -1 ||
	    !prefix_is_clean(&p))
		return (-1);
	table_put(&p, negated);
	return (0);
}

void
build_table_file(const struct word *path)
{
	unsigned int line, wrong = 0;
	const char *s, *end, *nl;
	char *text;
	size_t len;

	if (tables.table == NULL || (text = lex_read(path, &len)) == NULL)
		return;
	end = text + len;
	for (s = text, line = 1; s < end && wrong < TABLE_ERRORS;
	     s = nl + 1, line++) {
		if ((nl = memchr(s, '\n', (size_t)(end - s))) == NULL)
			nl = end;
		if (table_line(s, (size_t)(nl - s)) == 0)
			continue;
		wrong++;
		lex_error(path->s, line,
		    "syntax error at \"%.*s\": expected a prefix "
		    "without bits behind its length",
		    nl - s > 100 ? 100 : (int)(nl - s), s);
	}
	free(text);
}

void
tables_complete(void)
{
	struct tableuse *u;

	TAILQ_FOREACH(u, &tables.uses, entry)
		if (!u->defined)
			lex_error(u->file, u->line,
			    "table <%s> is used and not defined",
			    u->table->name);
}

static int
source_add(struct conf *c, const struct prefix *p, bool negated)
{
	struct conf_source *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (-1);
	s->prefix = *p;
	s->negated = negated;
	TAILQ_INSERT_TAIL(&c->sources, s, entry);
	return (0);
}

static void
source_table(const struct member *m)
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
	s->negated = m->negated;
	SLIST_INSERT_HEAD(&tables.sources, s, entry);
}

void
build_sources(void)
{
	const struct members *l = build_members();
	const struct member *m;
	struct prefix p;
	size_t i;

	if (l->n > 0 && build_misplaced(l->m[0].a.line))
		return;
	for (i = 0; i < l->n; i++) {
		m = &l->m[i];
		memset(&p, 0, sizeof(p));
		if (m->kind == M_TABLE) {
			source_table(m);
			continue;
		}
		if (m->kind == M_ANY && m->negated) {
			lex_error(lex_file(), m->a.line,
			    "flow source ! any: nobody would be left");
			continue;
		}
		if (m->kind != M_ANY && build_prefix(m, &p) == -1)
			continue;
		if (source_add(tables.conf, &p, m->negated) == -1)
			build_nomem();
	}
}

static int
source_of_table(void *arg, const struct prefix *p, bool negated)
{
	const struct tablesource *s = arg;

	return (source_add(tables.conf, p, negated != s->negated));
}

static const struct prefix everything[2] = {
    {.addr = {.family = ADDR_V4}},
    {.addr = {.family = ADDR_V6}},
};

static int
source_allow(struct conf *c, const struct conf_source *s)
{
	const struct prefix *p = &s->prefix;

	if (p->addr.family == ADDR_NONE)
		return (table_add(c->allowed, &everything[0], false) == -1 ||
			    table_add(c->allowed, &everything[1], false) == -1
			? -1
			: 0);
	if (!s->negated && p->len == addr_bits(&p->addr) &&
	    table_add(c->exact, p, false) == -1)
		return (-1);
	return (table_add(c->allowed, p, s->negated));
}

/* If all of them are negated, the others are welcome. */
int
sources_complete(struct conf *c)
{
	const struct conf_source any = {.negated = false};
	struct conf_source *s;
	struct tablesource *t;
	bool positive = false;

	SLIST_FOREACH(t, &tables.sources, entry)
		if (table_walk(t->table->table, source_of_table, t) == -1)
			return (-1);
	if (TAILQ_EMPTY(&c->sources)) {
		if ((t = SLIST_FIRST(&tables.sources)) != NULL)
			lex_error(t->file, t->line,
			    "flow source: nobody is in <%s>", t->table->name);
		return (0);
	}
	if ((c->allowed = table_new()) == NULL ||
	    (c->exact = table_new()) == NULL)
		return (-1);
	TAILQ_FOREACH(s, &c->sources, entry) {
		positive = positive || !s->negated;
		if (source_allow(c, s) == -1)
			return (-1);
	}
	if (!positive && source_allow(c, &any) == -1)
		return (-1);
	return (table_seal(c->allowed) == -1 ? -1 : table_seal(c->exact));
}
