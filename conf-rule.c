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
 * Rules, as the grammar calls them up clause by clause, and what is wrong with
 * them.
 */

#include <sys/types.h>

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "build-rule.h"
#include "rule.h"

struct rulebuild rb;

/* clang-format off */
/* The original's words, and pf's, for fields. */
static const struct {
	const char *word;
	enum flow_field bit;
} aliases[] = {
	{ "in_ifndx", FLOW_IN_IF },
	{ "nexthop", FLOW_NEXT_HOP },
	{ "out_ifndx", FLOW_OUT_IF },
	{ "proto", FLOW_PROTOCOL },
	{ "tagged", FLOW_TAG },
};

static const struct {
	enum flow_field bit;
	enum place place;
} places[] = {
	{ FLOW_AGENT, P_AGENT },
	{ FLOW_IN_IF, P_IN_IF },
	{ FLOW_OUT_IF, P_OUT_IF },
	{ FLOW_SRC_ADDR, P_SRC },
	{ FLOW_SRC_PORT, P_SRC_PORT },
	{ FLOW_DST_ADDR, P_DST },
	{ FLOW_DST_PORT, P_DST_PORT },
	{ FLOW_PROTOCOL, P_PROTO },
	{ FLOW_TOS, P_TOS },
	{ FLOW_TCP_FLAGS, P_FLAGS },
};
/* clang-format on */

void
rules_begin(struct filter *f, bool clauses, bool nofiles)
{
	memset(&rb, 0, sizeof(rb));
	rb.filter = f;
	rb.clauses = clauses;
	rb.choices = false;
	rb.nofiles = nofiles;
}

void
rules_drop(void)
{
	rule_free(rb.rule);
	rb.rule = NULL;
}

void
build_rule(enum filter_verdict verdict, unsigned int line)
{
	rules_drop();
	memset(rb.seen, 0, sizeof(rb.seen));
	rb.line = line;
	rb.days = 0;
	rb.after = rb.before = -1;
	memset(&rb.since, 0, sizeof(rb.since));
	memset(&rb.until, 0, sizeof(rb.until));
	if ((rb.rule = rule_new(verdict)) == NULL)
		build_nomem();
}

bool
rb_once(const char *word, unsigned int line, enum place place)
{
	if (rb.seen[place]) {
		lex_error(lex_file(), line, "%s: given twice in a rule", word);
		return (false);
	}
	rb.seen[place] = true;
	return (true);
}

struct clause *
rb_clause(enum clause_kind kind, enum place place, bool negated)
{
	struct clause *c = NULL;

	if (rb.rule != NULL && (c = rule_clause(rb.rule, kind)) == NULL)
		build_nomem();
	if (c != NULL) {
		c->place = (uint8_t)place;
		c->negated = negated;
	}
	return (c);
}

static enum place
place_of(const struct field *fd)
{
	size_t i;

	for (i = 0; i < COUNT(places); i++)
		if (places[i].bit == fd->bit)
			return (places[i].place);
	return ((enum place)((int)P_FIELD + (int)fd->bit));
}

static const struct field *
field_of(const char *word)
{
	size_t i;

	for (i = 0; i < COUNT(aliases); i++)
		if (strcmp(aliases[i].word, word) == 0)
			return (&fields[aliases[i].bit]);
	return (field_by_name(word));
}

static void
field_clause(const char *word, const struct field *fd, bool negated)
{
	const struct members *l = build_members();
	unsigned int line = l->n > 0 ? l->m[0].a.line : rb.line;

	if (!rb_once(word, line, place_of(fd)))
		return;
	switch (fd->type) {
	case FT_ADDR:
		rb_addresses(fd, place_of(fd), negated);
		break;
	case FT_U8:
	case FT_U16:
	case FT_U32:
	case FT_U64:
		rb_numbers(fd, place_of(fd), negated);
		break;
	case FT_TEXT:
		rb_texts(fd, place_of(fd), negated);
		break;
	default:
		lex_error(lex_file(), line, "%s: this field cannot be matched",
		    word);
		break;
	}
}

void
build_field(const struct word *name, bool negated)
{
	const struct field *fd;

	if (strcmp(name->s, "duration") == 0) {
		if (rb_once(name->s, name->line, P_DURATION))
			rb_duration(negated);
	} else if ((fd = field_of(name->s)) == NULL)
		build_expected(name, "a clause or the end of the line");
	else if (fd->bit == FLOW_TCP_FLAGS) {
		build_flags(name, &(const struct word){.s = NULL}, negated);
		return;
	} else
		field_clause(name->s, fd, negated);
	build_members_clear();
}

void
build_side(const struct word *w, bool source)
{
	(void)w;
	rb.source = source;
}

void
build_addr(bool negated)
{
	field_clause(rb.source ? "src" : "dst",
	    &fields[rb.source ? FLOW_SRC_ADDR : FLOW_DST_ADDR], negated);
	build_members_clear();
}

void
build_port(bool negated)
{
	field_clause(rb.source ? "src port" : "dst port",
	    &fields[rb.source ? FLOW_SRC_PORT : FLOW_DST_PORT], negated);
	build_members_clear();
}

void
build_quick(const struct word *w)
{
	if (rb_once(w->s, w->line, P_QUICK) && rb.rule != NULL)
		rb.rule->quick = true;
}

void
build_all(const struct word *w)
{
	rb_once(w->s, w->line, P_ALL);
}

/* In a rule it gives a tag; in a clause for the reader it asks for one. */
void
build_tag(const struct word *w, bool negated)
{
	const struct members *l = build_members();
	uint64_t v;

	if (rb.clauses)
		field_clause(w->s, &fields[FLOW_TAG], negated);
	else if (rb_once(w->s, w->line, P_TAG) && rb.rule != NULL) {
		if (l->n != 1 || negated || l->m[0].kind != M_WORD ||
		    build_number(&l->m[0].a, UINT32_MAX, &v) == -1)
			lex_error(lex_file(), w->line,
			    "tag: expected one number below 2^32");
		else {
			rb.rule->tagged = true;
			rb.rule->tag = (uint32_t)v;
		}
	}
	build_members_clear();
}

void
build_family(const struct word *w, enum addr_family family, bool negated)
{
	struct clause *c;

	if (rb_once("inet or inet6", w->line, P_FAMILY) &&
	    (c = rb_clause(CL_FAMILY, P_FAMILY, negated)) != NULL)
		c->family = (uint8_t)family;
}

static void
error(const char *what)
{
	lex_error(lex_file(), rb.line, "%s", what);
}

static const struct clause *
clause_at(enum place place)
{
	size_t i;

	for (i = 0; i < rb.rule->nclauses; i++)
		if (rb.rule->clauses[i].place == place)
			return (&rb.rule->clauses[i]);
	return (NULL);
}

/* Can the protocol clause be met by one for which the function says yes? */
static bool
protocol_possible(bool (*wanted)(uint8_t))
{
	const struct clause *c = clause_at(P_PROTO);
	unsigned int i;

	if (c == NULL)
		return (true);
	for (i = 0; i <= UINT8_MAX; i++)
		if (wanted((uint8_t)i) &&
		    numset_has(&c->u.num, i) != c->negated)
			return (true);
	return (false);
}

static bool
is_tcp(uint8_t protocol)
{
	return (protocol == IPPROTO_TCP);
}

#define V4 1
#define V6 2

static unsigned int
family_bit(uint8_t family)
{
	return (family == ADDR_V4 ? V4 : V6);
}

static int
add_family(void *arg, const struct prefix *p, bool negated)
{
	unsigned int *bits = arg;

	if (!negated)
		*bits |= family_bit(p->addr.family);
	return (0);
}

/* What families the clause at a place leaves possible. */
static unsigned int
families_of(enum place place)
{
	const struct clause *c = clause_at(place);
	unsigned int bits = 0;

	/* Tables may grow until the end of the file. */
	if (c == NULL || c->negated || c->u.addr.refs != NULL)
		return (V4 | V6);
	if (c->u.addr.own == NULL)
		return (family_bit(c->u.addr.one.addr.family));
	table_walk(c->u.addr.own, add_family, &bits);
	/* None: the list contradicts itself, which was said. */
	return (bits == 0 ? V4 | V6 : bits);
}

static void
check_families(void)
{
	const struct clause *c = clause_at(P_FAMILY);
	unsigned int both = families_of(P_SRC) & families_of(P_DST);
	unsigned int want = V4 | V6;

	if (both == 0) {
		error("src and dst are not of one address family: "
		      "the rule would never match");
		return;
	}
	if (c != NULL)
		want = c->negated ? want & ~family_bit(c->family)
				  : family_bit(c->family);
	if ((both & want) == 0)
		error("src or dst contradicts inet or inet6: "
		      "the rule would never match");
}

static void
add_times(void)
{
	struct clause *c;

	if (rb.after != -1 || rb.before != -1) {
		if (rb.after != -1 && rb.before != -1 && rb.after >= rb.before)
			error("day start time is after day finish time");
		else if ((c = rb_clause(CL_TIME, P_TIME, false)) != NULL) {
			c->u.time.after = rb.after;
			c->u.time.before = rb.before;
		}
	}
	if (rb.since.text[0] != '\0' || rb.until.text[0] != '\0') {
		if (rb.since.text[0] != '\0' && rb.until.text[0] != '\0' &&
		    rb.since.sec >= rb.until.sec)
			error("start date is after finish date");
		else if ((c = rb_clause(CL_DATE, P_DATE, false)) != NULL) {
			c->u.date.after = rb.since;
			c->u.date.before = rb.until;
		}
	}
}

static void
check(void)
{
	if (rb.seen[P_ALL] && rb.rule->nclauses > 0)
		error("all: expected no other clauses beside it");
	if (rb.seen[P_TAG] && rb.rule->verdict == FILTER_DISCARD)
		error("tag: a flow that is discarded cannot have one");
	if ((rb.seen[P_SRC_PORT] || rb.seen[P_DST_PORT]) &&
	    !protocol_possible(rule_has_ports))
		error("port: proto leaves no protocol that has ports");
	if (rb.seen[P_FLAGS] && !protocol_possible(is_tcp))
		error("tcp_flags: proto leaves out tcp");
	check_families();
	if (filter_count(rb.filter) >= FILTER_RULES_MAX)
		error("too many rules");
}

static int
by_place(const void *va, const void *vb)
{
	const struct clause *a = va, *b = vb;

	return ((int)a->place - (int)b->place);
}

void
build_rule_end(void)
{
	struct rule *r = rb.rule;

	build_members_clear();
	if (r == NULL)
		return;
	add_times();
	check();
	if (r->nclauses > 1)
		qsort(r->clauses, r->nclauses, sizeof(*r->clauses), by_place);
	rb.rule = NULL;
	if (filter_count(rb.filter) >= FILTER_RULES_MAX)
		rule_free(r);
	else if (filter_add(rb.filter, r) == -1)
		build_nomem();
}

/* True if nothing was said of the rule that is being read. */
static bool
says_nothing(void)
{
	size_t i;

	for (i = 0; i < COUNT(rb.seen); i++)
		if (rb.seen[i])
			return (false);
	return (true);
}

void
build_or(const struct word *w)
{
	if (rb.rule != NULL && says_nothing())
		build_expected(w, "clauses in front of it");
	build_rule_end();
	build_rule(FILTER_ACCEPT, w->line);
	rb.choices = true;
}

void
build_choices_end(void)
{
	if (rb.rule != NULL && rb.choices && says_nothing())
		lex_error(lex_file(), rb.line,
		    "expected clauses behind \"or\"");
	build_rule_end();
}
