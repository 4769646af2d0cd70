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
 * The least and the greatest value of a column, which fields flows have, and
 * the sketches of addresses tell of many blocks that no row can match, or that
 * all do.  HEAD_SOME is never wrong.
 */

#include <netinet/in.h>

#include <string.h>
#include <time.h>

#include "archive/dict.h"
#include "query/head.h"
#include "query/look.h"

/* A longer table is not asked about each of its members. */
#define MEMBERS_MAX 512
/* Of a longer time the local clock may have gone back and forth. */
#define HOUR 3600

typedef enum head matcher(const struct block *, const struct clause *);

static bool
in_set(const struct flow_set *s, enum flow_field f)
{
	return (s->w[f / 64] >> f % 64 & 1);
}

static enum head
opposite(enum head h)
{
	return (h == HEAD_SOME ? HEAD_SOME : HEAD_ALL - h);
}

/*
 * Of those who have the field so many stand a test; how many rows match?  Who
 * does not have it matches the negation only.
 */
static enum head
of_field(const struct block *b, enum flow_field f, enum head present,
    bool negated)
{
	if (!in_set(&b->any, f))
		present = HEAD_NONE;
	else if (present == HEAD_ALL && !in_set(&b->all, f))
		present = HEAD_SOME;
	return (negated ? opposite(present) : present);
}

/* How many of the numbers from lo to hi does the set have? */
static enum head
numset_head(const struct numset *s, uint64_t lo, uint64_t hi)
{
	size_t from = 0, to = s->n, mid;

	/* The first range that does not end below lo. */
	while (from < to) {
		mid = from + (to - from) / 2;
		if (s->all[mid].hi < lo)
			from = mid + 1;
		else
			to = mid;
	}
	if (from == s->n || s->all[from].lo > hi)
		return (HEAD_NONE);
	if (s->all[from].lo <= lo && s->all[from].hi >= hi)
		return (HEAD_ALL);
	return (HEAD_SOME);
}

static enum head
numbers(const struct block *b, enum flow_field f, const struct numset *s)
{
	const struct block_column *c = block_column(b, f);

	if (c == NULL || c->type != CT_NUMBER || c->min > c->max)
		return (HEAD_SOME);
	return (numset_head(s, c->min, c->max));
}

static enum head
head_number(const struct block *b, const struct clause *c)
{
	enum flow_field f = c->field->bit;

	return (of_field(b, f, numbers(b, f, &c->u.num), c->negated));
}

/* How many have a protocol for which the function says yes? */
static enum head
protocols(const struct block *b, bool (*wanted)(uint8_t))
{
	const struct block_column *c = block_column(b, FLOW_PROTOCOL);
	unsigned int yes = 0;
	uint64_t v;

	if (c == NULL || c->type != CT_NUMBER || c->min > c->max ||
	    c->max > UINT8_MAX)
		return (HEAD_SOME);
	for (v = c->min; v <= c->max; v++)
		yes += wanted((uint8_t)v);
	if (yes == 0)
		return (HEAD_NONE);
	return (yes == c->max - c->min + 1 ? HEAD_ALL : HEAD_SOME);
}

/*
 * A clause that only flows of some protocols match, or its negation.  Those
 * without a protocol: see match_port and match_flags of filter.c.
 */
static enum head
of_protocols(const struct block *b, enum head h, bool (*wanted)(uint8_t))
{
	enum head p;

	if (!in_set(&b->all, FLOW_PROTOCOL))
		return (h == HEAD_NONE ? HEAD_NONE : HEAD_SOME);
	p = protocols(b, wanted);
	if (p == HEAD_NONE || h == HEAD_NONE)
		return (HEAD_NONE);
	return (p == HEAD_ALL && h == HEAD_ALL ? HEAD_ALL : HEAD_SOME);
}

static enum head
head_port(const struct block *b, const struct clause *c)
{
	return (of_protocols(b, head_number(b, c), rule_has_ports));
}

static bool
is_tcp(uint8_t protocol)
{
	return (protocol == IPPROTO_TCP);
}

static enum head
head_flags(const struct block *b, const struct clause *c)
{
	const struct block_column *col = block_column(b, FLOW_TCP_FLAGS);
	enum head h = HEAD_SOME;

	/* Under a mask order is lost, but not if there is only one value. */
	if (c->mask == UINT16_MAX)
		h = numbers(b, FLOW_TCP_FLAGS, &c->u.num);
	else if (col != NULL && col->type == CT_NUMBER && col->min == col->max)
		h = numset_has(&c->u.num, col->min & c->mask) ? HEAD_ALL
							      : HEAD_NONE;
	h = of_field(b, FLOW_TCP_FLAGS, h, c->negated);
	return (of_protocols(b, h, is_tcp));
}

struct sighting {
	const uint64_t *sketch;
	size_t left; /* members that may still be asked about */
};

/* Non-zero: may be there. */
static int
member_may(void *arg, const struct prefix *p, bool negated)
{
	struct sighting *s = arg;

	if (negated)
		return (0);
	return (s->left-- == 0 || sketch_may_have(s->sketch, p));
}

/* Can a column with that sketch have an address of the set? */
static bool
addrset_may(const struct addrset *set, const uint64_t *sketch)
{
	struct sighting s = {.sketch = sketch, .left = MEMBERS_MAX};
	size_t i;

	if (set->own == NULL && set->refs == NULL)
		return (sketch_may_have(sketch, &set->one));
	for (i = 0; i < set->nrefs; i++)
		if (!set->refs[i].negated &&
		    table_walk(set->refs[i].table->table, member_may, &s) != 0)
			return (true);
	return (set->own != NULL && table_walk(set->own, member_may, &s) != 0);
}

static bool
column_may(const struct block *b, enum flow_field f, const struct addrset *set)
{
	const struct block_column *c = block_column(b, f);
	uint64_t sketch[2];

	if (!in_set(&b->any, f))
		return (false);
	if (c == NULL || c->type != CT_ADDR)
		return (true);
	sketch[0] = c->min;
	sketch[1] = c->max;
	return (addrset_may(set, sketch));
}

static enum head
head_addr(const struct block *b, const struct clause *c)
{
	enum flow_field f = c->field->bit;
	bool may = column_may(b, f, &c->u.addr);

	if (!may && f == FLOW_SRC_ADDR)
		may = column_may(b, FLOW_SRC_PREFIX, &c->u.addr);
	if (!may && f == FLOW_DST_ADDR)
		may = column_may(b, FLOW_DST_PREFIX, &c->u.addr);
	if (may)
		return (HEAD_SOME);
	return (c->negated ? HEAD_ALL : HEAD_NONE);
}

/* Without a dictionary nothing is known of a text but whether it is there. */
static enum head
head_text(const struct block *b, const struct clause *c)
{
	return (of_field(b, c->field->bit, HEAD_SOME, c->negated));
}

static enum head
head_family(const struct block *b, const struct clause *c)
{
	(void)b;
	(void)c;
	return (HEAD_SOME);
}

/* The least and the greatest of a column of times. */
static bool
times(const struct block *b, enum flow_field f, int64_t *first, int64_t *last)
{
	const struct block_column *c = block_column(b, f);

	if (c == NULL || c->type != CT_TIME)
		return (false);
	*first = (int64_t)c->min;
	*last = (int64_t)c->max;
	return (*first <= *last);
}

static uint64_t
between(int64_t from, int64_t to)
{
	return (to > from ? (uint64_t)to - (uint64_t)from : 0);
}

static enum head
head_duration(const struct block *b, const struct clause *c)
{
	int64_t start_first, start_last, end_first, end_last;
	enum head h = HEAD_SOME;

	if (!in_set(&b->any, FLOW_START))
		return (c->negated ? HEAD_ALL : HEAD_NONE);
	if (times(b, FLOW_START, &start_first, &start_last) &&
	    times(b, FLOW_END, &end_first, &end_last))
		h = numset_head(&c->u.num,
		    between(start_last, end_first) / NSEC_PER_SEC,
		    between(start_first, end_last) / NSEC_PER_SEC);
	if (h == HEAD_ALL && !in_set(&b->all, FLOW_START))
		h = HEAD_SOME;
	return (of_field(b, FLOW_END, h, c->negated));
}

static int64_t
seconds(int64_t ns)
{
	return (ns / NSEC_PER_SEC - (ns % NSEC_PER_SEC < 0));
}

/* Local times of the block, if all are of one day and the clock ran on. */
static bool
local_span(const struct block *b, struct tm *from, int32_t *after,
    int32_t *before)
{
	int64_t first, last;
	time_t t;
	struct tm to;

	if (!times(b, FLOW_RECV_TIME, &first, &last))
		return (false);
	first = seconds(first);
	last = seconds(last);
	if (last - first > HOUR)
		return (false);
	t = (time_t)first;
	if (localtime_r(&t, from) == NULL)
		return (false);
	t = (time_t)last;
	if (localtime_r(&t, &to) == NULL)
		return (false);
	*after = from->tm_hour * 3600 + from->tm_min * 60 + from->tm_sec;
	*before = to.tm_hour * 3600 + to.tm_min * 60 + to.tm_sec;
	return (
	    from->tm_wday == to.tm_wday && *before - *after == last - first);
}

static enum head
head_days(const struct block *b, const struct clause *c)
{
	int32_t after, before;
	enum head h = HEAD_SOME;
	struct tm tm;

	if (local_span(b, &tm, &after, &before))
		h = c->days >> tm.tm_wday & 1 ? HEAD_ALL : HEAD_NONE;
	return (of_field(b, FLOW_RECV_TIME, h, c->negated));
}

static enum head
head_time(const struct block *b, const struct clause *c)
{
	int32_t after, before, last = c->u.time.before;
	enum head h = HEAD_SOME;
	struct tm tm;

	if (last == -1)
		last = INT32_MAX;
	if (local_span(b, &tm, &after, &before)) {
		if (before < c->u.time.after || after > last)
			h = HEAD_NONE;
		else if (after >= c->u.time.after && before <= last)
			h = HEAD_ALL;
	}
	return (of_field(b, FLOW_RECV_TIME, h, c->negated));
}

/* How many of a column's times are from first to last? */
static enum head
times_head(const struct block *b, enum flow_field f, int64_t first,
    int64_t last)
{
	int64_t least, greatest;

	if (!times(b, f, &least, &greatest))
		return (HEAD_SOME);
	if (greatest < first || least > last)
		return (HEAD_NONE);
	return (least >= first && greatest <= last ? HEAD_ALL : HEAD_SOME);
}

static enum head
head_date(const struct block *b, const struct clause *c)
{
	enum head h = HEAD_NONE;
	int64_t first, last;

	if (clause_dates(c, &first, &last))
		h = times_head(b, FLOW_RECV_TIME, first, last);
	return (of_field(b, FLOW_RECV_TIME, h, c->negated));
}

static matcher *const matchers[CL_MAX] = {
    [CL_ADDR] = head_addr,
    [CL_NUMBER] = head_number,
    [CL_TEXT] = head_text,
    [CL_PORT] = head_port,
    [CL_FAMILY] = head_family,
    [CL_FLAGS] = head_flags,
    [CL_DURATION] = head_duration,
    [CL_DAYS] = head_days,
    [CL_TIME] = head_time,
    [CL_DATE] = head_date,
};

enum head
head_clause(const struct block *b, const struct flow_set *other,
    const struct clause *c)
{
	if (c->field != NULL && in_set(other, c->field->bit))
		return (HEAD_SOME);
	return (matchers[c->kind](b, c));
}

enum head
head_window(const struct block *b, int64_t first, int64_t last)
{
	enum head received, started;

	if (in_set(&b->all, FLOW_RECV_TIME))
		return (times_head(b, FLOW_RECV_TIME, first, last));
	received = of_field(b, FLOW_RECV_TIME,
	    times_head(b, FLOW_RECV_TIME, first, last), false);
	started = of_field(b, FLOW_START,
	    times_head(b, FLOW_START, first, last), false);
	return (received == HEAD_NONE && started == HEAD_NONE ? HEAD_NONE
							      : HEAD_SOME);
}
