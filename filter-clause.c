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
 * Whether a flow is what a clause asks for.
 */

#include <netinet/in.h>

#include <time.h>

#include "rule.h"

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

bool
clause_duration(const struct flow *f, uint64_t *seconds)
{
	uint64_t ns = 0;

	if (!flow_has(f, FLOW_START) || !flow_has(f, FLOW_END))
		return (false);
	if (f->end > f->start)
		ns = (uint64_t)f->end - (uint64_t)f->start;
	*seconds = ns / NSEC_PER_SEC;
	return (true);
}

static enum answer
match_duration(const struct clause *c, const struct flow *f,
    struct calendar *now)
{
	uint64_t s;

	(void)now;
	if (!clause_duration(f, &s))
		return (ABSENT);
	return (numset_has(&c->u.num, s) ? YES : NO);
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

bool
clause_match(const struct clause *c, const struct flow *f, struct calendar *now)
{
	enum answer a = matchers[c->kind](c, f, now);

	return (a != NEVER && (a == YES) != c->negated);
}
