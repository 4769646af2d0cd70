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

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "archive/segname.h"

#define DAY 86400
#define SPAN_MAX (366 * DAY)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const kinds[] = {[SEG_LIVE] = "live",
    [SEG_FLOW] = "flow",
    [SEG_SEAL] = "seal",
    [SEG_TMP] = "tmp"};

/* clang-format off */
static const struct {
	char name;
	uint32_t seconds;
} units[] = {
	{ 'd', DAY }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 },
};
/* clang-format on */

static bool
leap(int64_t year)
{
	return (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

/* Days from 1970-01-01 to the first of a month, 1 to 12. */
static int64_t
days_before(int64_t year, int month)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243,
	    273, 304, 334};
	int64_t y = year - 1;
	int64_t leaps = y / 4 - y / 100 + y / 400 - 477; /* up to 1969 */

	return (365 * (year - 1970) + leaps + before[month - 1] +
	    (month > 2 && leap(year)));
}

struct date {
	int64_t year;
	int month, day, hour, minute, second;
};

static struct date
date_of(int64_t t)
{
	int64_t days = t / DAY;
	int rest = (int)(t % DAY);
	struct date d = {.year = 1970 + days / 365, .month = 12};

	while (days_before(d.year, 1) > days)
		d.year--;
	while (days_before(d.year, d.month) > days)
		d.month--;
	d.day = (int)(days - days_before(d.year, d.month)) + 1;
	d.hour = rest / 3600;
	d.minute = rest / 60 % 60;
	d.second = rest % 60;
	return (d);
}

/* Exactly so many digits; -1 if they are not there. */
static int
digits(const char **s, size_t n)
{
	int v = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return (-1);
		v = v * 10 + (**s - '0');
	}
	return (v);
}

static int
parse_start(const char **s, int64_t *start)
{
	int year, month, day, hour, minute, second;

	if ((year = digits(s, 4)) < 1970 || (month = digits(s, 2)) < 1 ||
	    month > 12 || (day = digits(s, 2)) < 1 || *(*s)++ != 'T')
		return (-1);
	if ((hour = digits(s, 2)) == -1 || (minute = digits(s, 2)) == -1 ||
	    (second = digits(s, 2)) == -1 || *(*s)++ != 'Z')
		return (-1);
	*start = (days_before(year, month) + day - 1) * DAY + hour * 3600 +
	    minute * 60 + second;
	return (0);
}

/* Behind a "-". */
static int
number(const char **s, uint32_t *v)
{
	uint64_t n = 0;

	if (*(*s)++ != '-' || **s < '1' || **s > '9')
		return (-1);
	for (; **s >= '0' && **s <= '9'; (*s)++)
		if ((n = n * 10 + (uint64_t)(**s - '0')) > UINT32_MAX)
			return (-1);
	*v = (uint32_t)n;
	return (0);
}

static int
parse_span(const char **s, uint32_t *span)
{
	size_t i;

	if (number(s, span) == -1)
		return (-1);
	for (i = 0; i < COUNT(units); i++)
		if (**s == units[i].name &&
		    *span <= SPAN_MAX / units[i].seconds) {
			*span *= units[i].seconds;
			(*s)++;
			return (0);
		}
	return (-1);
}

int
segname_parse(const char *name, struct segname *seg)
{
	const char *s = name;
	char again[SEGNAME_MAX];
	struct segname n = {.copy = 1};
	size_t i;

	if (parse_start(&s, &n.start) == -1 || parse_span(&s, &n.span) == -1 ||
	    (*s == '-' && number(&s, &n.copy) == -1) || *s++ != '.')
		return (-1);
	for (i = 0; i < COUNT(kinds) && strcmp(kinds[i], s) != 0; i++)
		;
	if (i == COUNT(kinds))
		return (-1);
	n.kind = (enum segname_kind)i;
	/* One name for each: no 30th of February, no "60s", no "-1". */
	if (strcmp(segname_format(&n, again), name) != 0)
		return (-1);
	*seg = n;
	return (0);
}

const char *
segname_format(const struct segname *seg, char *buf)
{
	struct date d = date_of(seg->start);
	char copy[16] = "";
	size_t i = 0;

	while (seg->span % units[i].seconds != 0)
		i++;
	if (seg->copy > 1)
		snprintf(copy, sizeof(copy), "-%" PRIu32, seg->copy);
	snprintf(buf, SEGNAME_MAX,
	    "%04" PRId64 "%02d%02dT%02d%02d%02dZ-%" PRIu32 "%c%s.%s", d.year,
	    d.month, d.day, d.hour, d.minute, d.second,
	    seg->span / units[i].seconds, units[i].name, copy,
	    kinds[seg->kind]);
	return (buf);
}

const char *
segname_dir(const struct segname *seg, char *buf)
{
	struct date d = date_of(seg->start);

	snprintf(buf, SEGDIR_MAX, "%04d/%02d/%02d", (int)(d.year % 10000),
	    d.month, d.day);
	return (buf);
}

int
segname_cmp(const struct segname *a, const struct segname *b)
{
	if (a->start != b->start)
		return (a->start < b->start ? -1 : 1);
	if (a->span != b->span)
		return (a->span > b->span ? -1 : 1);
	if (a->copy != b->copy)
		return (a->copy < b->copy ? -1 : 1);
	return ((int)a->kind - (int)b->kind);
}

bool
segname_covers(const struct segname *seal, const struct segname *seg)
{
	return (seal->kind == SEG_SEAL && segname_cmp(seal, seg) != 0 &&
	    seg->start >= seal->start &&
	    seg->start + seg->span <= seal->start + seal->span);
}
