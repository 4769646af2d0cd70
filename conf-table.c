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

/* The tables that are being read. */
static struct {
	struct conf *conf;
	struct filter_table *table; /* of the line */
	size_t added;
	TAILQ_HEAD(, tableuse) uses;
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

	while ((u = TAILQ_FIRST(&tables.uses)) != NULL) {
		TAILQ_REMOVE(&tables.uses, u, entry);
		free(u);
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
