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

#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rule.h"

struct filter *
filter_new(void)
{
	struct filter *f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (NULL);
	TAILQ_INIT(&f->tables);
	f->empty = true;
	return (f);
}

static void
filter_table_free(struct filter_table *t)
{
	free(t->name);
	table_free(t->table);
	free(t);
}

void
filter_free(struct filter *f)
{
	struct filter_table *t;
	size_t i;

	if (f == NULL)
		return;
	while ((t = TAILQ_FIRST(&f->tables)) != NULL) {
		TAILQ_REMOVE(&f->tables, t, entry);
		filter_table_free(t);
	}
	for (i = 0; i < f->n; i++)
		rule_free(f->rules[i]);
	free(f->rules);
	free(f->order);
	free(f);
}

int
filter_add(struct filter *f, struct rule *r)
{
	struct rule **rules;
	size_t size;

	if (f->n == f->size) {
		size = f->size == 0 ? 8 : f->size * 2;
		rules = reallocarray(f->rules, size, sizeof(struct rule *));
		if (rules == NULL) {
			rule_free(r);
			return (-1);
		}
		f->rules = rules;
		f->size = size;
	}
	f->rules[f->n++] = r;
	return (0);
}

struct filter_table *
filter_table(struct filter *f, const char *name, bool create)
{
	struct filter_table *t;

	TAILQ_FOREACH(t, &f->tables, entry)
		if (strcmp(t->name, name) == 0)
			return (t);
	if (!create || (t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->name = strdup(name);
	t->table = table_new();
	if (t->name == NULL || t->table == NULL) {
		filter_table_free(t);
		return (NULL);
	}
	TAILQ_INSERT_TAIL(&f->tables, t, entry);
	return (t);
}

static int
rule_seal(struct rule *r)
{
	struct clause *c;
	size_t i;

	for (i = 0; i < r->nclauses; i++) {
		c = &r->clauses[i];
		if (c->kind != CL_ADDR)
			continue;
		if (c->u.addr.own != NULL && table_seal(c->u.addr.own) == -1)
			return (-1);
		if (c->u.addr.out != NULL && table_seal(c->u.addr.out) == -1)
			return (-1);
	}
	return (0);
}

/*
 * The last rule that matches decides, unless one with quick does before: so
 * ask those with quick first, in their order, and then the others from the
 * last one up, and stop at the first that matches.
 */
static int
filter_order(struct filter *f)
{
	struct rule **order;
	size_t i, n = 0;

	if (f->n == 0)
		return (0);
	if ((order = reallocarray(NULL, f->n, sizeof(struct rule *))) == NULL)
		return (-1);
	for (i = 0; i < f->n; i++)
		if (f->rules[i]->quick)
			order[n++] = f->rules[i];
	for (i = f->n; i-- > 0;)
		if (!f->rules[i]->quick)
			order[n++] = f->rules[i];
	free(f->order);
	f->order = order;
	return (0);
}

int
filter_seal(struct filter *f)
{
	struct filter_table *t;
	size_t i;

	TAILQ_FOREACH(t, &f->tables, entry)
		if (table_seal(t->table) == -1)
			return (-1);
	f->empty = true;
	for (i = 0; i < f->n; i++) {
		if (rule_seal(f->rules[i]) == -1)
			return (-1);
		if (f->rules[i]->verdict != FILTER_ACCEPT ||
		    f->rules[i]->tagged)
			f->empty = false;
	}
	return (filter_order(f));
}

size_t
filter_count(const struct filter *f)
{
	return (f->n);
}

bool
filter_is_empty(const struct filter *f)
{
	return (f->empty);
}

void
filter_fields(const struct filter *f, struct flow_set *s)
{
	size_t i, k;

	for (i = 0; i < f->n; i++)
		for (k = 0; k < f->rules[i]->nclauses; k++)
			clause_fields(&f->rules[i]->clauses[k], s);
}

static int64_t
seconds(int64_t ns)
{
	return (ns / NSEC_PER_SEC - (ns % NSEC_PER_SEC < 0));
}

/* What a clause asks about may be absent: then only its negation matches. */
enum answer { NO, YES, ABSENT, NEVER };

typedef enum answer matcher(const struct clause *, const struct flow *,
    struct calendar *);

/* A prefix in the place of the address will do. */
static bool
has_addr(const struct flow *f, enum flow_field bit)
{
	return (flow_has(f, bit) ||
	    (bit == FLOW_SRC_ADDR && flow_has(f, FLOW_SRC_PREFIX)) ||
	    (bit == FLOW_DST_ADDR && flow_has(f, FLOW_DST_PREFIX)));
}

static enum answer
match_addr(const struct clause *c, const struct flow *f, struct calendar *now)
{
	const struct addr *a = field_cptr(f, c->field);

	(void)now;
	if (!has_addr(f, c->field->bit))
		return (ABSENT);
	return (addrset_has(&c->u.addr, a) ? YES : NO);
}

static enum answer
match_number(const struct clause *c, const struct flow *f, struct calendar *now)
{
	(void)now;
	if (!flow_has(f, c->field->bit))
		return (ABSENT);
	return (numset_has(&c->u.num, field_number(f, c->field)) ? YES : NO);
}

static enum answer
match_text(const struct clause *c, const struct flow *f, struct calendar *now)
{
	(void)now;
	if (!flow_has(f, c->field->bit))
		return (ABSENT);
	return (textset_has(&c->u.text, field_cptr(f, c->field)) ? YES : NO);
}

/*
 * Exporters put other things where ports would be (v5: the ICMP type), so
 * other protocols match neither a port nor its negation.
 */
static enum answer
match_port(const struct clause *c, const struct flow *f, struct calendar *now)
{
	if (flow_has(f, FLOW_PROTOCOL) && !rule_has_ports(f->protocol))
		return (NEVER);
	if (!flow_has(f, FLOW_PROTOCOL) && !flow_has(f, c->field->bit))
		return (NEVER);
	return (match_number(c, f, now));
}

static enum answer
match_family(const struct clause *c, const struct flow *f, struct calendar *now)
{
	(void)now;
	return (
	    f->src_addr.family == c->family || f->dst_addr.family == c->family
		? YES
		: NO);
}

static enum answer
match_flags(const struct clause *c, const struct flow *f, struct calendar *now)
{
	(void)now;
	if (flow_has(f, FLOW_PROTOCOL) && f->protocol != IPPROTO_TCP)
		return (NEVER);
	if (!flow_has(f, FLOW_TCP_FLAGS))
		return (ABSENT);
	return (numset_has(&c->u.num, f->tcp_flags & c->mask) ? YES : NO);
}

static enum answer
match_duration(const struct clause *c, const struct flow *f,
    struct calendar *now)
{
	uint64_t ns = 0;

	(void)now;
	if (!flow_has(f, FLOW_START) || !flow_has(f, FLOW_END))
		return (ABSENT);
	if (f->end > f->start)
		ns = (uint64_t)f->end - (uint64_t)f->start;
	return (numset_has(&c->u.num, ns / NSEC_PER_SEC) ? YES : NO);
}

/* Flows come by the thousand in a second: keep what day and hour it was. */
static int
calendar_at(struct calendar *now, const struct flow *f)
{
	int64_t sec = seconds(f->recv_time);
	time_t t = (time_t)sec;
	struct tm tm;

	if (!flow_has(f, FLOW_RECV_TIME))
		return (-1);
	if (now->day != 0 && now->sec == sec)
		return (0);
	if (localtime_r(&t, &tm) == NULL)
		return (-1);
	now->sec = sec;
	now->of_day = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	now->day = (uint8_t)(1U << tm.tm_wday);
	return (0);
}

static enum answer
match_days(const struct clause *c, const struct flow *f, struct calendar *now)
{
	if (calendar_at(now, f) == -1)
		return (ABSENT);
	return (c->days & now->day ? YES : NO);
}

static enum answer
match_time(const struct clause *c, const struct flow *f, struct calendar *now)
{
	if (calendar_at(now, f) == -1)
		return (ABSENT);
	if (now->of_day < c->u.time.after ||
	    (c->u.time.before != -1 && now->of_day > c->u.time.before))
		return (NO);
	return (YES);
}

static enum answer
match_date(const struct clause *c, const struct flow *f, struct calendar *now)
{
	const struct date *after = &c->u.date.after;
	const struct date *before = &c->u.date.before;
	int64_t sec = seconds(f->recv_time);

	(void)now;
	if (!flow_has(f, FLOW_RECV_TIME))
		return (ABSENT);
	if ((after->text[0] != '\0' && sec <= after->sec) ||
	    (before->text[0] != '\0' && sec >= before->sec))
		return (NO);
	return (YES);
}

static matcher *const matchers[CL_MAX] = {
    [CL_ADDR] = match_addr,
    [CL_NUMBER] = match_number,
    [CL_TEXT] = match_text,
    [CL_PORT] = match_port,
    [CL_FAMILY] = match_family,
    [CL_FLAGS] = match_flags,
    [CL_DURATION] = match_duration,
    [CL_DAYS] = match_days,
    [CL_TIME] = match_time,
    [CL_DATE] = match_date,
};

static bool
rule_match(const struct rule *r, const struct flow *f, struct calendar *now)
{
	const struct clause *c;
	enum answer a;
	size_t i;

	for (i = 0; i < r->nclauses; i++) {
		c = &r->clauses[i];
		a = matchers[c->kind](c, f, now);
		if (a == NEVER || (a == YES) == c->negated)
			return (false);
	}
	return (true);
}

enum filter_verdict
filter_match(struct filter *f, struct flow *flow)
{
	struct rule *r;
	size_t i;

	f->flows++;
	for (i = 0; i < f->n; i++) {
		r = f->order[i];
		if (!rule_match(r, flow, &f->now))
			continue;
		r->wins++;
		if (r->tagged) {
			flow->tag = r->tag;
			flow_set(flow, FLOW_TAG);
		}
		return (r->verdict);
	}
	return (FILTER_ACCEPT);
}
