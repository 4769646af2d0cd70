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
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "conf.h"
#include "rule.h"
#include "store.h"

#define TABLE_ERRORS 10	     /* said of one file */
#define MEMBERS_MAX 16000000 /* of the tables and sources, together */

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

/* The configuration that is being read. */
static struct {
	struct conf *conf;
	struct members members;
	struct filter_table *table; /* of the line */
	size_t added;
	bool rules_only; /* a filter: no other directives */
	bool nofiles;
	TAILQ_HEAD(, tableuse) uses;
	SLIST_HEAD(, tablesource) sources;
} build;

static struct conf *
conf_new(void)
{
	struct conf *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (NULL);
	TAILQ_INIT(&c->listens);
	TAILQ_INIT(&c->forwards);
	TAILQ_INIT(&c->groups);
	TAILQ_INIT(&c->sources);
	if ((c->filter = filter_new()) == NULL) {
		free(c);
		return (NULL);
	}
	return (c);
}

#define CLEAR(head, type)                                  \
	do {                                               \
		struct type *e_;                           \
                                                           \
		while ((e_ = TAILQ_FIRST(head)) != NULL) { \
			TAILQ_REMOVE(head, e_, entry);     \
			free(e_);                          \
		}                                          \
	} while (0)

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	CLEAR(&c->listens, conf_listen);
	CLEAR(&c->forwards, conf_forward);
	CLEAR(&c->groups, conf_group);
	CLEAR(&c->sources, conf_source);
	table_free(c->allowed);
	table_free(c->exact);
	filter_free(c->filter);
	free(c->logfile);
	free(c->logsock);
	free(c->pidfile);
	free(c->statsfile);
	free(c);
}

void
build_nomem(void)
{
	lex_error(lex_file(), 0, "out of memory");
}

void
build_expected(const struct word *w, const char *what)
{
	lex_error(lex_file(), w->line,
	    "syntax error at \"%.200s\": expected %s", w->s, what);
}

void
build_member(enum member_kind kind, const struct word *a, const struct word *b)
{
	struct members *l = &build.members;
	struct member *m;
	size_t size;

	if (l->n == l->size) {
		size = l->size == 0 ? 16 : l->size * 2;
		if (size > MEMBERS_MAX * 2UL ||
		    (m = reallocarray(l->m, size, sizeof(*m))) == NULL) {
			build_nomem();
			return;
		}
		l->m = m;
		l->size = size;
	}
	l->m[l->n++] = (struct member){.kind = kind, .a = *a, .b = *b};
}

void
build_member_not(void)
{
	if (build.members.n > 0)
		build.members.m[build.members.n - 1].negated = true;
}

const struct members *
build_members(void)
{
	return (&build.members);
}

void
build_members_clear(void)
{
	build.members.n = 0;
}

void
build_line(bool broken)
{
	if (broken)
		rules_drop();
	build_members_clear();
	build.table = NULL;
	lex_release();
}

/* A digit first: strtoull would take blanks and signs. */
int
build_number(const struct word *w, uint64_t max, uint64_t *v)
{
	static const char suffixes[] = "KMG";
	unsigned long long n, unit;
	const char *s;
	char *end;

	if (!isdigit((unsigned char)w->s[0]))
		return (-1);
	errno = 0;
	n = strtoull(w->s, &end, 0);
	if (errno != 0)
		return (-1);
	if (*end != '\0' && (s = strchr(suffixes, *end)) != NULL) {
		unit = end[1] == 'i' ? 1024 : 1000;
		end += end[1] == 'i' ? 2 : 1;
		for (; s >= suffixes; s--) {
			if (n > UINT64_MAX / unit)
				return (-1);
			n *= unit;
		}
	}
	if (*end != '\0' || n > max)
		return (-1);
	*v = n;
	return (0);
}

int
build_prefix(const struct member *m, struct prefix *p)
{
	char text[PREFIX_STRLEN + 8], clean[PREFIX_STRLEN];
	struct word w = m->a;
	unsigned int i;
	int n;

	n = snprintf(text, sizeof(text), "%s%s%s", m->a.s,
	    m->kind == M_PREFIX ? "/" : "", m->kind == M_PREFIX ? m->b.s : "");
	w.s = text;
	if ((m->kind != M_WORD && m->kind != M_PREFIX) || n < 0 ||
	    (size_t)n >= sizeof(text) || prefix_parse(text, p) == -1) {
		build_expected(&w, "an address, \"any\" or <table>");
		return (-1);
	}
	if (prefix_is_clean(p))
		return (0);
	for (i = p->len; i < addr_bits(&p->addr); i++)
		p->addr.b[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	lex_error(lex_file(), w.line,
	    "\"%s\": bits are set behind the prefix length: expected %s", text,
	    prefix_format(p, clean));
	return (-1);
}

struct filter_table *
build_tableref(const struct word *name, bool define)
{
	struct filter_table *t;
	struct tableuse *u;

	TAILQ_FOREACH(u, &build.uses, entry)
		if (strcmp(u->table->name, name->s) == 0) {
			u->defined = u->defined || define;
			return (u->table);
		}
	if ((t = filter_table(build.conf->filter, name->s, true)) == NULL ||
	    (u = calloc(1, sizeof(*u))) == NULL) {
		build_nomem();
		return (NULL);
	}
	u->table = t;
	u->file = lex_file();
	u->line = name->line;
	u->defined = define;
	TAILQ_INSERT_TAIL(&build.uses, u, entry);
	return (t);
}

static bool
misplaced(unsigned int line)
{
	if (build.rules_only)
		lex_error(lex_file(), line,
		    "expected a rule or a table: this is a filter");
	return (build.rules_only);
}

void
build_macro(const struct word *name)
{
	char value[LEX_WORDMAX + 1];
	const struct members *l = build_members();
	const char *s;
	size_t i, n = 0, len;

	for (s = name->s; isalnum((unsigned char)*s) || *s == '_'; s++)
		;
	if (*s != '\0' || s - name->s > 127) {
		build_expected(name,
		    "a macro name of letters, digits and underscores");
		return;
	}
	for (i = 0; i < l->n; i++) {
		len = strlen(l->m[i].a.s);
		if (n + len + 2 > sizeof(value)) {
			lex_error(lex_file(), name->line,
			    "the value of macro \"%s\" is too long", name->s);
			return;
		}
		if (i > 0)
			value[n++] = ' ';
		memcpy(value + n, l->m[i].a.s, len);
		n += len;
	}
	value[n] = '\0';
	if (lex_define(name->s, value) == -1)
		build_nomem();
}

/* "addr", "addr%scope", either in [] or not. */
static int
parse_host(const char *s, size_t len, struct endpoint *e)
{
	char buf[ADDR_STRLEN + IF_NAMESIZE + 2], *scope;

	if (len >= 2 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
	}
	if (len >= sizeof(buf))
		return (-1);
	memcpy(buf, s, len);
	buf[len] = '\0';
	memset(e, 0, sizeof(*e));
	if ((scope = strchr(buf, '%')) != NULL)
		*scope++ = '\0';
	if (addr_parse(buf, &e->addr) == -1)
		return (-1);
	if (scope == NULL)
		return (0);
	if (e->addr.family != ADDR_V6 || scope[0] == '\0' ||
	    strpbrk(scope, " []%") != NULL ||
	    strlcpy(e->scope, scope, sizeof(e->scope)) >= sizeof(e->scope))
		return (-1);
	return (0);
}

static int
parse_endpoint(const struct word *w, struct endpoint *e)
{
	const char *colon = strrchr(w->s, ':');
	unsigned long port;
	char *end;

	if (colon == NULL || !isdigit((unsigned char)colon[1]) ||
	    parse_host(w->s, (size_t)(colon - w->s), e) == -1) {
		build_expected(w, "address:port or [address]:port");
		return (-1);
	}
	port = strtoul(colon + 1, &end, 10);
	if (*end != '\0' || port == 0 || port > UINT16_MAX) {
		build_expected(w, "a port from 1 to 65535");
		return (-1);
	}
	e->port = (uint16_t)port;
	return (0);
}

static bool
endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return (a->port == b->port && addr_equal(&a->addr, &b->addr) &&
	    strcmp(a->scope, b->scope) == 0);
}

static int
parse_bufsize(const struct word *w, uint32_t *size)
{
	uint64_t v;

	*size = 0;
	if (w->s == NULL)
		return (0);
	if (build_number(w, INT32_MAX, &v) == -1 || v == 0) {
		build_expected(w, "a number of bytes, such as 512Ki");
		return (-1);
	}
	*size = (uint32_t)v;
	return (0);
}

void
build_listen(const struct word *at, const struct word *bufsize)
{
	struct conf_listen *l, n;

	if (misplaced(at->line) || parse_endpoint(at, &n.at) == -1 ||
	    parse_bufsize(bufsize, &n.bufsize) == -1)
		return;
	TAILQ_FOREACH(l, &build.conf->listens, entry)
		if (endpoint_equal(&l->at, &n.at)) {
			lex_error(lex_file(), at->line,
			    "listen on %s: given twice", at->s);
			return;
		}
	if ((l = malloc(sizeof(*l))) == NULL) {
		build_nomem();
		return;
	}
	*l = n;
	TAILQ_INSERT_TAIL(&build.conf->listens, l, entry);
}

void
build_forward(const struct word *to)
{
	struct conf_forward *f;
	struct endpoint e;

	if (misplaced(to->line) || parse_endpoint(to, &e) == -1)
		return;
	TAILQ_FOREACH(f, &build.conf->forwards, entry)
		if (endpoint_equal(&f->to, &e)) {
			lex_error(lex_file(), to->line,
			    "forward to %s: given twice", to->s);
			return;
		}
	if ((f = malloc(sizeof(*f))) == NULL) {
		build_nomem();
		return;
	}
	f->to = e;
	TAILQ_INSERT_TAIL(&build.conf->forwards, f, entry);
}

void
build_group(const struct word *w)
{
	struct conf_group *g;
	struct endpoint e;

	if (misplaced(w->line))
		return;
	if (parse_host(w->s, strlen(w->s), &e) == -1 ||
	    !addr_is_multicast(&e.addr)) {
		build_expected(w, "a multicast address");
		return;
	}
	TAILQ_FOREACH(g, &build.conf->groups, entry)
		if (endpoint_equal(&g->group, &e))
			return;
	if ((g = malloc(sizeof(*g))) == NULL) {
		build_nomem();
		return;
	}
	g->group = e;
	TAILQ_INSERT_TAIL(&build.conf->groups, g, entry);
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
	SLIST_INSERT_HEAD(&build.sources, s, entry);
}

void
build_sources(void)
{
	const struct members *l = build_members();
	const struct member *m;
	struct prefix p;
	size_t i;

	if (l->n > 0 && misplaced(l->m[0].a.line))
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
		if (source_add(build.conf, &p, m->negated) == -1)
			build_nomem();
	}
}

void
build_path(enum build_path which, const struct word *w)
{
	static const char *const names[] = {"logfile", "logsock", "pidfile",
	    "statsfile"};
	struct conf *c = build.conf;
	char **const paths[] = {&c->logfile, &c->logsock, &c->pidfile,
	    &c->statsfile};
	char *path;

	if (misplaced(w->line))
		return;
	if (w->s[0] == '\0') {
		build_expected(w, "a path");
		return;
	}
	if (*paths[which] != NULL)
		lex_warning(lex_file(), w->line,
		    "%s: given twice, the last one counts", names[which]);
	if ((path = strdup(w->s)) == NULL) {
		build_nomem();
		return;
	}
	free(*paths[which]);
	*paths[which] = path;
}

void
build_bufsize(const struct word *w)
{
	if (!build.rules_only)
		parse_bufsize(w, &build.conf->logsock_bufsize);
}

void
build_store(const struct word *w)
{
	uint32_t bits;

	if (misplaced(w->line))
		return;
	if ((bits = store_keyword(w->s)) == 0)
		build_expected(w, "a field to store, such as SRC_ADDR or ALL");
	build.conf->store_mask |= bits;
}

void
build_table(const struct word *name)
{
	build.table = build_tableref(name, true);
	build_members_clear();
}

static int
table_put(const struct prefix *p, bool negated)
{
	if (++build.added > MEMBERS_MAX ||
	    table_add(build.table->table, p, negated) == -1) {
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

	for (i = 0; i < l->n && build.table != NULL; i++) {
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

	if (build.table == NULL || (text = lex_read(path, &len)) == NULL)
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

static void
begin(struct conf *c, const struct conf_input *in)
{
	memset(&build, 0, sizeof(build));
	TAILQ_INIT(&build.uses);
	build.conf = c;
	build.nofiles = (in->flags & CONF_NOFILES) != 0;
}

static void
end(void)
{
	struct tableuse *u;
	struct tablesource *s;

	while ((u = TAILQ_FIRST(&build.uses)) != NULL) {
		TAILQ_REMOVE(&build.uses, u, entry);
		free(u);
	}
	while ((s = SLIST_FIRST(&build.sources)) != NULL) {
		SLIST_REMOVE_HEAD(&build.sources, entry);
		free(s);
	}
	rules_drop();
	free(build.members.m);
	memset(&build, 0, sizeof(build));
}

static int
source_of_table(void *arg, const struct prefix *p, bool negated)
{
	const struct tablesource *s = arg;

	return (source_add(build.conf, p, negated != s->negated));
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
static int
sources_end(struct conf *c)
{
	const struct conf_source any = {.negated = false};
	struct conf_source *s;
	struct tablesource *t;
	bool positive = false;

	SLIST_FOREACH(t, &build.sources, entry)
		if (table_walk(t->table->table, source_of_table, t) == -1)
			return (-1);
	if (TAILQ_EMPTY(&c->sources)) {
		if ((t = SLIST_FIRST(&build.sources)) != NULL)
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

static void
tables_end(void)
{
	struct tableuse *u;

	TAILQ_FOREACH(u, &build.uses, entry)
		if (!u->defined)
			lex_error(u->file, u->line,
			    "table <%s> is used and not defined",
			    u->table->name);
}

/* What a configuration cannot do without. */
static void
complete(struct conf *c, const struct conf_input *in)
{
	tables_end();
	if (c->store_mask == 0)
		c->store_mask = STORE_ALL;
	if (!(in->flags & CONF_FILTER_ONLY)) {
		if (TAILQ_EMPTY(&c->listens))
			lex_error(in->name, 1,
			    "there is no \"listen on\": expected one or more");
		if (c->logfile == NULL && c->logsock == NULL &&
		    TAILQ_EMPTY(&c->forwards))
			lex_error(in->name, 1,
			    "flows would go nowhere: expected \"logfile\", "
			    "\"logsock\" or \"forward to\"");
	}
	if (filter_seal(c->filter) == -1 || sources_end(c) == -1)
		build_nomem();
}

/* Parse; the rule that clauses make comes behind one that discards all. */
static struct conf *
parse(const struct conf_input *in, bool rules_only, bool clauses)
{
	struct conf *c;
	size_t errors;

	if ((c = conf_new()) == NULL) {
		if (in->say != NULL)
			in->say(in->arg, true, "out of memory");
		return (NULL);
	}
	begin(c, in);
	build.rules_only = rules_only;
	if (lex_open(in, clauses ? LEX_CLAUSES : LEX_CONF) == 0) {
		rules_begin(c->filter, clauses, build.nofiles);
		if (clauses) {
			build_rule(FILTER_DISCARD, 1);
			build_rule_end();
			build_rule(FILTER_ACCEPT, 1);
		}
		if (yyparse() != 0)
			build_line(true);
		complete(c, in);
	}
	end();
	if ((errors = lex_close()) > 0) {
		conf_free(c);
		return (NULL);
	}
	return (c);
}

struct conf *
conf_parse(const struct conf_input *in)
{
	return (parse(in, false, false));
}

static bool
begins_with(const char *s, const char *word)
{
	size_t len = strlen(word);

	return (strncmp(s, word, len) == 0 &&
	    (s[len] == '\0' || isspace((unsigned char)s[len])));
}

struct filter *
conf_parse_clauses(const char *clauses,
    void (*say)(void *arg, bool error, const char *msg), void *arg)
{
	const struct conf_input in = {.name = "filter",
	    .text = clauses,
	    .textlen = strlen(clauses),
	    .flags = CONF_FILTER_ONLY | CONF_NOFILES,
	    .say = say,
	    .arg = arg};
	const char *s = clauses;
	struct filter *f;
	struct conf *c;
	bool rules;

	while (isspace((unsigned char)*s))
		s++;
	rules = begins_with(s, "accept") || begins_with(s, "discard") ||
	    begins_with(s, "table");
	if ((c = parse(&in, true, !rules)) == NULL)
		return (NULL);
	f = c->filter;
	c->filter = NULL;
	conf_free(c);
	return (f);
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
