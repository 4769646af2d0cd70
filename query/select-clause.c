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
 * Clauses of rules on columns: the same answers as those of filter.c.
 */

#include <netinet/in.h>

#include <string.h>
#include <time.h>

#include "query/look.h"

/* Rows of `from` that the clause matches. */
typedef enum block_err matcher(struct look *, const struct step *,
    const uint64_t *from, uint64_t *to);

static bool
in_numset(const struct test *t, uint64_t v)
{
	return (numset_has(&t->clause->u.num, v));
}

static bool
in_numset_masked(const struct test *t, uint64_t v)
{
	return (numset_has(&t->clause->u.num, v & t->clause->mask));
}

static bool
in_numset_seconds(const struct test *t, uint64_t ns)
{
	return (numset_has(&t->clause->u.num, ns / NSEC_PER_SEC));
}

static bool
in_addrset(const struct test *t, const struct vec *v, uint32_t i)
{
	return (addrset_has(&t->clause->u.addr, &v->addr[i]));
}

/* One prefix: its bits are compared in place. */
static void
in_prefix(const struct test *t, const struct vec *v, uint8_t *answers)
{
	const struct addrset *s = &t->clause->u.addr;
	const uint64_t hi = s->net[0], lo = s->net[1];
	const uint64_t mask_hi = s->mask[0], mask_lo = s->mask[1];
	const uint8_t family = s->one.addr.family;
	const struct addr *a = v->addr;
	uint64_t b[2];
	uint32_t i;

	for (i = 0; i < v->ndict; i++, a++) {
		memcpy(b, a->b, sizeof(b));
		answers[i] = (a->family == family) &
		    ((((b[0] ^ hi) & mask_hi) | ((b[1] ^ lo) & mask_lo)) == 0);
	}
}

static bool
in_textset(const struct test *t, const struct vec *v, uint32_t i)
{
	return (textset_has(&t->clause->u.text, &v->bytes[i]));
}

static bool
of_family(const struct test *t, const struct vec *v, uint32_t i)
{
	return (v->addr[i].family == t->clause->family);
}

static bool
has_ports(const struct test *t, uint64_t v)
{
	(void)t;
	return (v <= UINT8_MAX && rule_has_ports((uint8_t)v));
}

static bool
never(const struct test *t, uint64_t v)
{
	(void)t;
	(void)v;
	return (false);
}

static struct test
test_numset(const struct clause *c)
{
	const struct numset *s = &c->u.num;
	struct test t = {.clause = c, .negated = c->negated};

	t.number = in_numset;
	t.bits = s->bits;
	if (s->n == 1) {
		t.ranged = true;
		t.lo = s->one.lo;
		t.span = s->one.hi - s->one.lo;
	}
	return (t);
}

static struct test
test_times(const struct clause *c, int64_t first, int64_t last)
{
	struct test t = {.clause = c, .negated = c->negated, .ranged = true};

	t.lo = (uint64_t)first;
	t.span = (uint64_t)last - (uint64_t)first;
	return (t);
}

/* Of up to 64 addresses that are no vec. */
static uint64_t
in_prefix4(const struct addrset *s, const uint8_t *p, uint32_t n)
{
	uint32_t net, mask, a, i;
	uint8_t yes[64] = {0};

	memcpy(&net, s->net, sizeof(net));
	memcpy(&mask, s->mask, sizeof(mask));
	for (i = 0; i < n; i++) {
		memcpy(&a, p + i * 4, sizeof(a));
		yes[i] = ((a ^ net) & mask) == 0;
	}
	return (bitmap_pack(yes));
}

static void
match_addr4(struct look *l, const struct addrset *s, const uint8_t *p,
    uint64_t *rows)
{
	uint32_t i;

	if (s->one.addr.family != ADDR_V4) {
		memset(rows, 0, l->words * sizeof(*rows));
		return;
	}
	for (i = 0; i < l->words; i++)
		if (rows[i] != 0)
			rows[i] &= in_prefix4(s, p + (size_t)i * 256,
			    l->n - i * 64 < 64 ? l->n - i * 64 : 64);
}

/* Add to `to` what a column has of an address, of the rows not yet in it. */
static enum block_err
add_addr(struct look *l, enum flow_field f, const struct test *t,
    const uint64_t *from, uint64_t *to)
{
	uint64_t more[BITMAP_WORDS];
	enum block_err err = BLOCK_OK;
	const uint8_t *p = NULL;

	if (!batch_any(l->batch, f))
		return (BLOCK_OK);
	bitmap_without(more, from, to, l->words);
	if (t->values == in_prefix)
		err = batch_addr4(l->batch, f, &p);
	if (p != NULL)
		match_addr4(l, &t->clause->u.addr, p, more);
	else if (err == BLOCK_OK)
		err = look_column(l, f, t, more, more);
	if (err == BLOCK_OK)
		bitmap_or(to, to, more, l->words);
	return (err);
}

/*
 * No set has the address that stands for an absent one, so there is no need to
 * ask who has one.
 */
static enum block_err
match_addrs(struct look *l, const struct test *t, const enum flow_field *f,
    const uint64_t *from, uint64_t *to)
{
	uint64_t yes[BITMAP_WORDS];
	enum block_err err;

	memset(yes, 0, l->words * sizeof(*yes));
	for (; *f != FLOW_NFIELDS; f++)
		if ((err = add_addr(l, *f, t, from, yes)) != BLOCK_OK)
			return (err);
	if (t->clause->negated)
		bitmap_without(to, from, yes, l->words);
	else
		memcpy(to, yes, l->words * sizeof(*to));
	return (BLOCK_OK);
}

/* A prefix in the place of the address will do. */
static enum block_err
match_addr(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	const struct addrset *set = &s->clause->u.addr;
	const struct test t = {.clause = s->clause,
	    .value = in_addrset,
	    .values = set->own == NULL && set->refs == NULL ? in_prefix : NULL};
	enum flow_field f[] = {s->clause->field->bit, FLOW_NFIELDS,
	    FLOW_NFIELDS};

	if (f[0] == FLOW_SRC_ADDR)
		f[1] = FLOW_SRC_PREFIX;
	else if (f[0] == FLOW_DST_ADDR)
		f[1] = FLOW_DST_PREFIX;
	return (match_addrs(l, &t, f, from, to));
}

static enum block_err
match_family(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	static const enum flow_field ends[] = {FLOW_SRC_ADDR, FLOW_DST_ADDR,
	    FLOW_SRC_PREFIX, FLOW_DST_PREFIX, FLOW_NFIELDS};
	const struct test t = {.clause = s->clause, .value = of_family};

	return (match_addrs(l, &t, ends, from, to));
}

static enum block_err
match_number(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	const struct test t = test_numset(s->clause);

	return (look_field(l, s->clause->field->bit, &t, from, to));
}

static enum block_err
match_text(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	const struct test t = {.clause = s->clause,
	    .negated = s->clause->negated,
	    .value = in_textset};

	return (look_field(l, s->clause->field->bit, &t, from, to));
}

/* Those that have no protocol but the field. */
static enum block_err
without_protocol(struct look *l, enum flow_field f, const uint64_t *from,
    uint64_t *to)
{
	const uint64_t *p;
	enum presence how;
	enum block_err err;

	memset(to, 0, l->words * sizeof(*to));
	if ((err = look_present(l, FLOW_PROTOCOL, &how, &p)) != BLOCK_OK ||
	    how == PRESENT_ALL)
		return (err);
	if (how == PRESENT_SOME)
		bitmap_without(to, from, p, l->words);
	else
		memcpy(to, from, l->words * sizeof(*to));
	if (f == FLOW_NFIELDS)
		return (BLOCK_OK);
	if ((err = look_present(l, f, &how, &p)) != BLOCK_OK)
		return (err);
	if (how == PRESENT_SOME)
		bitmap_and(to, to, p, l->words);
	else if (how == PRESENT_NONE)
		memset(to, 0, l->words * sizeof(*to));
	return (BLOCK_OK);
}

/*
 * Exporters put other things where ports would be (v5: the ICMP type), so
 * other protocols match neither a port nor its negation.
 */
static enum block_err
match_port(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	const struct test protocols = {.number = has_ports};
	uint64_t with[BITMAP_WORDS], without[BITMAP_WORDS];
	enum block_err err;

	if (s->protocol_known)
		return (match_number(l, s, from, to));
	if (!l->ports_known) {
		bitmap_fill(with, l->n);
		err = look_column(l, FLOW_PROTOCOL, &protocols, with, l->ports);
		if (err != BLOCK_OK)
			return (err);
		l->ports_known = true;
	}
	err = without_protocol(l, s->clause->field->bit, from, without);
	if (err != BLOCK_OK)
		return (err);
	bitmap_and(with, from, l->ports, l->words);
	bitmap_or(with, with, without, l->words);
	return (match_number(l, s, with, to));
}

static enum block_err
match_flags(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	const struct test tcp = {.ranged = true, .lo = IPPROTO_TCP};
	struct test t = test_numset(s->clause);
	uint64_t with[BITMAP_WORDS], without[BITMAP_WORDS];
	enum block_err err;

	if (s->clause->mask != UINT16_MAX) {
		t.ranged = false;
		t.bits = NULL;
		t.number = in_numset_masked;
	}
	if (s->protocol_known)
		return (look_field(l, FLOW_TCP_FLAGS, &t, from, to));
	err = without_protocol(l, FLOW_NFIELDS, from, without);
	if (err == BLOCK_OK)
		err = look_column(l, FLOW_PROTOCOL, &tcp, from, with);
	if (err != BLOCK_OK)
		return (err);
	bitmap_or(with, with, without, l->words);
	return (look_field(l, FLOW_TCP_FLAGS, &t, with, to));
}

static uint64_t
between(uint64_t start, uint64_t end)
{
	return ((int64_t)end > (int64_t)start ? end - start : 0);
}

/* Nanoseconds of up to 64 rows. */
static void
durations(const struct vec *start, const struct vec *end, uint32_t row,
    uint64_t *ns)
{
	uint32_t i, n = start->n - row < 64 ? start->n - row : 64;
	bool plain = start->kind == VEC_U64 && end->kind == VEC_U64;

	for (i = 0; plain && i < n; i++)
		ns[i] = between(start->u64[row + i], end->u64[row + i]);
	for (; i < n; i++)
		ns[i] = between(vec_number(start, row + i),
		    vec_number(end, row + i));
	for (; i < 64; i++)
		ns[i] = 0;
}

static void
by_duration(struct look *l, const struct test *t, const struct vec *start,
    const struct vec *end, uint64_t *w)
{
	uint64_t ns[64];
	uint8_t yes[64];
	uint32_t i, j;

	for (i = 0; i < l->words; i++) {
		if (w[i] == 0)
			continue;
		durations(start, end, i * 64, ns);
		for (j = 0; j < 64; j++)
			yes[j] = test_number(t, ns[j]);
		w[i] &= bitmap_pack(yes);
	}
}

/* A range of whole seconds is one of nanoseconds. */
static struct test
test_duration(const struct clause *c)
{
	struct test t = test_numset(c);
	uint64_t hi = t.lo + t.span;

	if (t.ranged && t.lo <= UINT64_MAX / NSEC_PER_SEC) {
		t.lo *= NSEC_PER_SEC;
		hi = hi < UINT64_MAX / NSEC_PER_SEC
		    ? hi * NSEC_PER_SEC + NSEC_PER_SEC - 1
		    : UINT64_MAX;
		t.span = hi - t.lo;
	} else
		t.ranged = false;
	t.number = in_numset_seconds;
	return (t);
}

static enum block_err
match_duration(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	static const enum flow_field ends[] = {FLOW_START, FLOW_END};
	const struct test t = test_duration(s->clause);
	const struct vec *v[2];
	uint64_t yes[BITMAP_WORDS];
	const uint64_t *p;
	enum presence how;
	enum block_err err;
	size_t i;

	memcpy(yes, from, l->words * sizeof(*yes));
	for (i = 0; i < 2; i++) {
		if ((err = look_present(l, ends[i], &how, &p)) != BLOCK_OK ||
		    (err = batch_column(l->batch, ends[i], &v[i])) != BLOCK_OK)
			return (err);
		if (how == PRESENT_SOME)
			bitmap_and(yes, yes, p, l->words);
		else if (how == PRESENT_NONE || v[i] == NULL)
			memset(yes, 0, l->words * sizeof(*yes));
	}
	if (v[0] != NULL && v[1] != NULL)
		by_duration(l, &t, v[0], v[1], yes);
	if (s->clause->negated)
		bitmap_without(to, from, yes, l->words);
	else
		memcpy(to, yes, l->words * sizeof(*to));
	return (BLOCK_OK);
}

/* Flows come by the thousand in a second: keep what day and hour it was. */
static const struct calendar *
local(struct look *l, int64_t ns)
{
	int64_t sec = ns / NSEC_PER_SEC - (ns % NSEC_PER_SEC < 0);
	struct calendar *c = &l->seconds[(uint64_t)sec % LOOK_SECONDS];
	time_t t = (time_t)sec;
	struct tm tm;

	if (c->day != 0 && c->sec == sec)
		return (c);
	if (localtime_r(&t, &tm) == NULL)
		return (NULL);
	c->sec = sec;
	c->of_day = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	c->day = (uint8_t)(1U << tm.tm_wday);
	return (c);
}

static bool
on_days(const struct test *t, uint64_t v)
{
	const struct calendar *c = local(t->look, (int64_t)v);

	return (c != NULL && (c->day & t->clause->days) != 0);
}

static bool
at_time(const struct test *t, uint64_t v)
{
	const struct calendar *c = local(t->look, (int64_t)v);
	const struct clause *of = t->clause;

	return (c != NULL && c->of_day >= of->u.time.after &&
	    (of->u.time.before == -1 || c->of_day <= of->u.time.before));
}

static enum block_err
match_calendar(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	const struct test t = {.clause = s->clause,
	    .negated = s->clause->negated,
	    .number = s->clause->kind == CL_DAYS ? on_days : at_time,
	    .look = l};

	return (look_field(l, FLOW_RECV_TIME, &t, from, to));
}

#define SECONDS_MAX (INT64_MAX / NSEC_PER_SEC)

bool
clause_dates(const struct clause *c, int64_t *first, int64_t *last)
{
	const struct date *after = &c->u.date.after;
	const struct date *before = &c->u.date.before;

	*first = INT64_MIN;
	*last = INT64_MAX;
	if (after->text[0] != '\0') {
		if (after->sec >= SECONDS_MAX)
			return (false);
		if (after->sec >= -SECONDS_MAX - 1)
			*first = (after->sec + 1) * NSEC_PER_SEC;
	}
	if (before->text[0] != '\0') {
		if (before->sec < -SECONDS_MAX)
			return (false);
		if (before->sec <= SECONDS_MAX)
			*last = before->sec * NSEC_PER_SEC - 1;
	}
	return (*first <= *last);
}

static enum block_err
match_date(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	struct test t = {.clause = s->clause, .number = never};
	int64_t first, last;

	if (clause_dates(s->clause, &first, &last))
		t = test_times(s->clause, first, last);
	t.negated = s->clause->negated;
	return (look_field(l, FLOW_RECV_TIME, &t, from, to));
}

static matcher *const matchers[CL_MAX] = {
    [CL_ADDR] = match_addr,
    [CL_NUMBER] = match_number,
    [CL_TEXT] = match_text,
    [CL_PORT] = match_port,
    [CL_FAMILY] = match_family,
    [CL_FLAGS] = match_flags,
    [CL_DURATION] = match_duration,
    [CL_DAYS] = match_calendar,
    [CL_TIME] = match_calendar,
    [CL_DATE] = match_date,
};

enum block_err
clause_rows(struct look *l, const struct step *s, const uint64_t *from,
    uint64_t *to)
{
	return (matchers[s->clause->kind](l, s, from, to));
}
