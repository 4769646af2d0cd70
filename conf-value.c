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
 * The values in clauses: addresses, numbers, protocols, days, times.
 */

#include <sys/types.h>

#include <ctype.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "build-rule.h"

/* clang-format off */
/* The same on every system; others are looked up in its protocols(5). */
static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "ah", 51 }, { "carp", 112 }, { "dccp", 33 }, { "egp", 8 },
	{ "eigrp", 88 }, { "esp", 50 }, { "etherip", 97 }, { "gre", 47 },
	{ "icmp", 1 }, { "icmp6", 58 }, { "igmp", 2 }, { "ip", 0 },
	{ "ipcomp", 108 }, { "ipencap", 4 }, { "ipip", 94 }, { "ipv6", 41 },
	{ "isis", 124 }, { "l2tp", 115 }, { "ospf", 89 }, { "pfsync", 240 },
	{ "pim", 103 }, { "rsvp", 46 }, { "sctp", 132 }, { "tcp", 6 },
	{ "udp", 17 }, { "udplite", 136 }, { "vrrp", 112 },
};

static const char daynames[7][10] = {
	"sunday", "monday", "tuesday", "wednesday", "thursday", "friday",
	"saturday",
};
/* clang-format on */

#define TIME_EXPECTED "a time of day, HH:MM or HH:MM:SS"
#define DATE_EXPECTED "a date, YYYY[MM[DD[HH[MM[SS]]]]]"

/* How the values of a clause are read as numbers. */
struct numbers {
	uint64_t max;
	bool protocols; /* names, too */
	const char *what;
};

static int
protocol(const struct word *w, uint64_t *v)
{
	const struct protoent *p;
	size_t i;

	for (i = 0; i < COUNT(protocols); i++)
		if (strcmp(protocols[i].name, w->s) == 0) {
			*v = protocols[i].number;
			return (0);
		}
	if (rb.nofiles || (p = getprotobyname(w->s)) == NULL)
		return (-1);
	*v = (uint64_t)p->p_proto;
	return (p->p_proto < 0 || p->p_proto > UINT8_MAX ? -1 : 0);
}

/* Thousands are for what is counted, not for ports and the like. */
static int
number(const struct numbers *n, const struct word *w, uint64_t *v)
{
	if (n->protocols && isalpha((unsigned char)w->s[0]) &&
	    protocol(w, v) == 0)
		return (0);
	if ((n->max > UINT16_MAX || strpbrk(w->s, "KMGT") == NULL) &&
	    build_number(w, n->max, v) == 0)
		return (0);
	build_expected(w, n->what);
	return (-1);
}

/* "a:b", or one number. */
static int
range(const struct numbers *n, const struct word *w, struct range *r)
{
	char *colon = strchr(w->s, ':');
	struct word hi = *w;

	if (colon == NULL) {
		if (number(n, w, &r->lo) == -1)
			return (-1);
		r->hi = r->lo;
		return (0);
	}
	/* Two words for a while. */
	*colon = '\0';
	hi.s = colon + 1;
	if (number(n, w, &r->lo) == -1 || number(n, &hi, &r->hi) == -1)
		return (-1);
	*colon = ':';
	return (0);
}

static int
never(const struct member *m)
{
	lex_error(lex_file(), m->a.line,
	    "\"%.100s\": nothing can be in this range", m->a.s);
	return (-1);
}

static int
add(struct numset *s, uint64_t lo, uint64_t hi)
{
	if (numset_add(s, lo, hi) == 0)
		return (0);
	build_nomem();
	return (-1);
}

/* One value becomes one range, or two outside of another. */
static int
add_member(struct numset *s, const struct numbers *n, const struct member *m)
{
	struct range r = {.lo = 0, .hi = n->max};
	uint64_t a, b;

	if (m->negated || m->kind == M_PREFIX || m->kind == M_ANY ||
	    m->kind == M_TABLE) {
		build_expected(&m->a, n->what);
		return (-1);
	}
	if (m->kind == M_WORD) {
		if (range(n, &m->a, &r) == -1)
			return (-1);
		return (r.lo > r.hi ? never(m) : add(s, r.lo, r.hi));
	}
	if (number(n, &m->a, &a) == -1)
		return (-1);
	b = a;
	if ((m->kind == M_BETWEEN || m->kind == M_OUTSIDE) &&
	    number(n, &m->b, &b) == -1)
		return (-1);
	if (m->kind == M_GT || m->kind == M_BETWEEN) {
		if (a == n->max)
			return (never(m));
		r.lo = a + 1;
	} else if (m->kind == M_GE)
		r.lo = a;
	if (m->kind == M_LT || m->kind == M_BETWEEN) {
		if (b == 0)
			return (never(m));
		r.hi = b - 1;
	} else if (m->kind == M_LE)
		r.hi = a;
	if (m->kind != M_OUTSIDE)
		return (r.lo > r.hi ? never(m) : add(s, r.lo, r.hi));
	if (a > b || (a == 0 && b == n->max))
		return (never(m));
	if (a > 0 && add(s, 0, a - 1) == -1)
		return (-1);
	return (b < n->max ? add(s, b + 1, n->max) : 0);
}

static void
number_set(struct numset *s, const struct numbers *n)
{
	const struct members *l = build_members();
	size_t i;

	for (i = 0; i < l->n; i++)
		(void)add_member(s, n, &l->m[i]);
	if (numset_seal(s) == -1)
		build_nomem();
}

void
rb_numbers(const struct field *fd, enum place place, bool negated)
{
	static const struct numbers kinds[] = {
	    [FT_U8] = {UINT8_MAX, false,
		"a number up to 255, a range or a comparison"},
	    [FT_U16] = {UINT16_MAX, false,
		"a number up to 65535, a range or a comparison"},
	    [FT_U32] = {UINT32_MAX, false,
		"a number below 2^32, a range or a comparison"},
	    [FT_U64] = {UINT64_MAX, false, "a number, a range or a comparison"},
	};
	static const struct numbers proto = {UINT8_MAX, true,
	    "a protocol by its name or number"};
	bool port = place == P_SRC_PORT || place == P_DST_PORT;
	struct clause *c;

	c = rb_clause(port ? CL_PORT : CL_NUMBER, place, negated);
	if (c == NULL)
		return;
	c->field = fd;
	number_set(&c->u.num, place == P_PROTO ? &proto : &kinds[fd->type]);
}

void
rb_duration(bool negated)
{
	static const struct numbers n = {UINT32_MAX, false,
	    "a number of seconds, a range or a comparison"};
	struct clause *c;

	if ((c = rb_clause(CL_DURATION, P_DURATION, negated)) != NULL)
		number_set(&c->u.num, &n);
}

void
build_flags(const struct word *w, const struct word *mask, bool negated)
{
	static const struct numbers n = {UINT16_MAX, false,
	    "a number up to 0xffff"};
	uint64_t m = UINT16_MAX;
	struct clause *c;

	if (rb_once(w->s, w->line, P_FLAGS) &&
	    (mask->s == NULL || number(&n, mask, &m) == 0) &&
	    (c = rb_clause(CL_FLAGS, P_FLAGS, negated)) != NULL) {
		c->mask = (uint16_t)m;
		number_set(&c->u.num, &n);
	}
	build_members_clear();
}

/* "any" in a list is every address of both families. */
static int
put_any(struct table *t, struct table *out, bool negated)
{
	struct prefix p;
	int i;

	memset(&p, 0, sizeof(p));
	for (i = 0; i < 2; i++) {
		p.addr.family = i == 0 ? ADDR_V4 : ADDR_V6;
		if (table_add(t, &p, negated) == -1 ||
		    table_add(out, &p, !negated) == -1)
			return (-1);
	}
	return (0);
}

static int
put_ref(struct addrset *s, const struct member *m, bool flip)
{
	const struct filter_table *t;
	struct tableref *refs;

	if ((t = build_tableref(&m->a, false)) == NULL)
		return (0);
	refs = reallocarray(s->refs, s->nrefs + 1, sizeof(*refs));
	if (refs == NULL)
		return (-1);
	s->refs = refs;
	refs[s->nrefs].table = t;
	refs[s->nrefs++].negated = m->negated != flip;
	return (0);
}

static int
put_member(struct addrset *s, const struct member *m, bool flip)
{
	bool negated = m->negated != flip;
	struct prefix p;

	if (m->kind == M_TABLE)
		return (put_ref(s, m, flip));
	if (m->kind == M_ANY)
		return (put_any(s->own, s->out, negated));
	if (build_prefix(m, &p) == -1)
		return (0);
	return (table_add(s->own, &p, negated) == -1 ||
		    table_add(s->out, &p, !negated) == -1
		? -1
		: 0);
}

struct tally {
	struct prefix one;
	size_t n, positive;
};

static int
tally(void *arg, const struct prefix *p, bool negated)
{
	struct tally *t = arg;

	t->one = *p;
	t->n++;
	t->positive += !negated;
	return (0);
}

/* As little as says the same: so that it prints as it would be written. */
static int
simplify(struct addrset *s, unsigned int line)
{
	struct tally t = {.n = 0};

	if (table_seal(s->own) == -1)
		return (-1);
	table_walk(s->own, tally, &t);
	if (s->nrefs == 0 || t.n == t.positive) {
		table_free(s->out);
		s->out = NULL;
	}
	if (t.n == 0 || (t.n == 1 && t.positive == 1 && s->nrefs == 0)) {
		table_free(s->own);
		s->own = NULL;
	}
	if (s->nrefs > 0)
		return (0);
	if (t.n > 0 && t.positive == 0)
		lex_error(lex_file(), line,
		    "the list contradicts itself: nothing is left of it");
	else if (t.n == 1)
		addrset_one(s, &t.one);
	return (0);
}

/* A list of nothing but "!" members is everything but them. */
static bool
all_negated(const struct members *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!l->m[i].negated)
			return (false);
	return (l->n > 0);
}

static int
put_members(struct addrset *s, const struct members *l, bool flip)
{
	size_t i;

	if ((s->own = table_new()) == NULL || (s->out = table_new()) == NULL)
		return (-1);
	for (i = 0; i < l->n; i++)
		if (put_member(s, &l->m[i], flip) == -1)
			return (-1);
	return (simplify(s, l->n > 0 ? l->m[0].a.line : rb.line));
}

void
rb_addresses(const struct field *fd, enum place place, bool negated)
{
	const struct members *l = build_members();
	bool flip = all_negated(l);
	struct clause *c;

	if (l->n == 1 && l->m[0].kind == M_ANY) {
		if (negated != flip)
			lex_error(lex_file(), l->m[0].a.line,
			    "! any: the rule would never match");
		return;
	}
	if ((c = rb_clause(CL_ADDR, place, negated != flip)) == NULL)
		return;
	c->field = fd;
	if (put_members(&c->u.addr, l, flip) == -1)
		build_nomem();
}

void
rb_texts(const struct field *fd, enum place place, bool negated)
{
	const struct members *l = build_members();
	const struct member *m;
	struct clause *c = rb_clause(CL_TEXT, place, negated);

	if (c == NULL)
		return;
	c->field = fd;
	for (m = l->m; m < l->m + l->n; m++)
		if (m->kind != M_WORD || m->negated || m->a.s[0] == '\0' ||
		    strlen(m->a.s) > FLOW_TEXT_MAX)
			build_expected(&m->a, "a text in quotes");
		else if (textset_add(&c->u.text, m->a.s) == -1)
			build_nomem();
	textset_seal(&c->u.text);
}

/* "mon", "Monday", "tues": three letters or more of a name.  -1: none. */
static int
weekday(const struct word *w)
{
	size_t len = strlen(w->s);
	int i;

	for (i = 0; i < 7 && len >= 3; i++)
		if (strncasecmp(daynames[i], w->s, len) == 0)
			return (i);
	build_expected(w, "a day of the week");
	return (-1);
}

void
build_day(const struct word *from, const struct word *to)
{
	int d, last;

	d = weekday(from);
	last = to->s == NULL ? d : weekday(to);
	if (d == -1 || last == -1)
		return;
	for (; d != last; d = (d + 1) % 7)
		rb.days |= (uint8_t)(1U << d);
	rb.days |= (uint8_t)(1U << d);
}

void
build_days(const struct word *w)
{
	struct clause *c;

	if (rb_once(w->s, w->line, P_DAYS) &&
	    (c = rb_clause(CL_DAYS, P_DAYS, false)) != NULL)
		c->days = rb.days;
}

/* Exactly n digits, as a number; -1 if they are not. */
static int
digits(const char *s, int n)
{
	int v = 0;

	while (n-- > 0) {
		if (!isdigit((unsigned char)*s))
			return (-1);
		v = v * 10 + (*s++ - '0');
	}
	return (v);
}

static int32_t
time_of_day(const char *s)
{
	const char *colon = strchr(s, ':');
	int h, m, sec = 0;

	if (colon == NULL || colon == s || colon - s > 2)
		return (-1);
	h = digits(s, (int)(colon - s));
	m = digits(colon + 1, 2);
	if (m != -1 && colon[3] != '\0')
		sec = colon[3] == ':' && (sec = digits(colon + 4, 2)) != -1 &&
			colon[6] == '\0'
		    ? sec
		    : -1;
	if (h == -1 || h > 23 || m == -1 || m > 59 || sec == -1 || sec > 59)
		return (-1);
	return (h * 3600 + m * 60 + sec);
}

void
build_time(const struct word *w, bool after, const struct word *at)
{
	int32_t t;

	if (!rb_once(w->s, w->line, after ? P_TIME : P_BEFORE_TIME))
		return;
	if ((t = time_of_day(at->s)) == -1)
		build_expected(at, TIME_EXPECTED);
	else if (after)
		rb.after = t;
	else
		rb.before = t;
}

/* Local time; what is left out is the first of its kind. */
static int
date_of(const char *s, struct date *d)
{
	size_t len = strlen(s);
	struct tm tm;
	time_t t;

	if (len < 4 || len > DATE_LEN || len % 2 != 0 ||
	    strspn(s, "0123456789") != len)
		return (-1);
	memcpy(d->text, "00000101000000", DATE_LEN + 1);
	memcpy(d->text, s, len);
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = digits(d->text, 4) - 1900;
	tm.tm_mon = digits(d->text + 4, 2) - 1;
	tm.tm_mday = digits(d->text + 6, 2);
	tm.tm_hour = digits(d->text + 8, 2);
	tm.tm_min = digits(d->text + 10, 2);
	tm.tm_sec = digits(d->text + 12, 2);
	tm.tm_isdst = -1;
	if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 ||
	    tm.tm_sec > 59)
		return (-1);
	t = mktime(&tm);
	/* The 30th of February has become a day of March. */
	if (tm.tm_mday != digits(d->text + 6, 2) && digits(d->text + 6, 2) > 28)
		return (-1);
	d->sec = t;
	return (0);
}

void
build_date(const struct word *w, bool after, const struct word *at)
{
	struct date d;

	if (!rb_once(after ? "after date" : "before date", w->line,
		after ? P_DATE : P_BEFORE_DATE))
		return;
	memset(&d, 0, sizeof(d));
	if (date_of(at->s, &d) == -1)
		build_expected(at, DATE_EXPECTED);
	else if (after)
		rb.since = d;
	else
		rb.until = d;
}
