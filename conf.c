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

/* The configuration that is being read. */
static struct {
	struct conf *conf;
	struct members members;
	bool rules_only; /* a filter: no other directives */
	bool nofiles;
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
	size_t i;

	if (c == NULL)
		return;
	CLEAR(&c->listens, conf_listen);
	CLEAR(&c->forwards, conf_forward);
	CLEAR(&c->groups, conf_group);
	CLEAR(&c->sources, conf_source);
	table_free(c->allowed);
	table_free(c->exact);
	for (i = 0; i < sizeof(c->option_bits) / sizeof(*c->option_bits); i++)
		table_free(c->option_bits[i]);
	free(c->options);
	filter_free(c->filter);
	free(c->logfile);
	free(c->logsock);
	free(c->pidfile);
	free(c->statefile);
	free(c->statsfile);
	free(c->archive.dir);
	free(c->cpus);
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

struct conf *
build_conf(void)
{
	return (build.conf);
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
	tables_drop();
	sources_drop();
	lex_release();
}

/* A digit first: strtoull would take blanks and signs. */
int
build_number(const struct word *w, uint64_t max, uint64_t *v)
{
	static const char suffixes[] = "KMGT";
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

bool
build_misplaced(unsigned int line)
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

	if (build_misplaced(at->line) || parse_endpoint(at, &n.at) == -1 ||
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

	if (build_misplaced(to->line) || parse_endpoint(to, &e) == -1)
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

	if (build_misplaced(w->line))
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

void
build_path(enum build_path which, const struct word *w)
{
	static const char *const names[] = {"logfile", "logsock", "pidfile",
	    "statefile", "statsfile", "archive"};
	struct conf *c = build.conf;
	char **const paths[] = {&c->logfile, &c->logsock, &c->pidfile,
	    &c->statefile, &c->statsfile, &c->archive.dir};
	char *path;

	if (build_misplaced(w->line))
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

	if (build_misplaced(w->line))
		return;
	if ((bits = store_keyword(w->s)) == 0)
		build_expected(w, "a field to store, such as SRC_ADDR or ALL");
	build.conf->store_mask |= bits;
}

static void
begin(struct conf *c, const struct conf_input *in)
{
	memset(&build, 0, sizeof(build));
	tables_begin(c);
	sources_begin(c);
	build.conf = c;
	build.nofiles = (in->flags & CONF_NOFILES) != 0;
}

static void
end(void)
{
	tables_end();
	sources_end();
	rules_drop();
	free(build.members.m);
	memset(&build, 0, sizeof(build));
}

/* What a configuration cannot do without. */
static void
complete(struct conf *c, const struct conf_input *in)
{
	tables_complete();
	workers_complete(c);
	if (c->store_mask == 0)
		c->store_mask = STORE_ALL;
	if (!(in->flags & CONF_FILTER_ONLY)) {
		if (TAILQ_EMPTY(&c->listens))
			lex_error(in->name, 1,
			    "there is no \"listen on\": expected one or more");
		if (c->logfile == NULL && c->logsock == NULL &&
		    c->archive.dir == NULL && TAILQ_EMPTY(&c->forwards))
			lex_error(in->name, 1,
			    "flows would go nowhere: expected \"logfile\", "
			    "\"archive\", \"logsock\" or \"forward to\"");
	}
	if (filter_seal(c->filter) == -1 || sources_complete(c) == -1)
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
