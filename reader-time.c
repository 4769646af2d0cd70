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
 * Times as people write them: of a calendar, since 1970, or before now.
 */

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "reader.h"

#define MAX_SECONDS INT64_C(9000000000) /* what 64 bits of ns hold */
#define SECONDS_DAY 86400

/* At most max digits; -1 if there is none. */
static int
digits(const char **s, int max, int64_t *v)
{
	int64_t n = 0;
	int i;

	for (i = 0; i < max && isdigit((unsigned char)**s); i++)
		n = n * 10 + *(*s)++ - '0';
	if (i == 0)
		return (-1);
	*v = n;
	return (i);
}

/* Just so many digits, within bounds. */
static int
number(const char **s, int width, int lo, int hi, int *v)
{
	int64_t n;

	if (digits(s, width, &n) != width || n < lo || n > hi)
		return (-1);
	*v = (int)n;
	return (0);
}

/* ".5": ns.  Further digits than nine are dropped. */
static int
fraction(const char **s, int64_t *ns)
{
	int64_t unit = NSEC_PER_SEC / 10;

	*ns = 0;
	if (**s != '.' && **s != ',')
		return (0);
	(*s)++;
	if (!isdigit((unsigned char)**s))
		return (-1);
	for (; isdigit((unsigned char)**s); (*s)++, unit /= 10)
		*ns += (**s - '0') * unit;
	return (0);
}

/* "Z" or "+02:00" or "+0200" or "+02": seconds east.  1; 0 if none; -1. */
static int
zone(const char **s, int *east)
{
	int sign, h, m = 0;

	if (**s == 'Z' || **s == 'z') {
		(*s)++;
		*east = 0;
		return (1);
	}
	if (**s != '+' && **s != '-')
		return (0);
	sign = *(*s)++ == '-' ? -1 : 1;
	if (number(s, 2, 0, 23, &h) == -1)
		return (-1);
	if (**s == ':')
		(*s)++;
	if (**s != '\0' && number(s, 2, 0, 59, &m) == -1)
		return (-1);
	*east = sign * (h * 3600 + m * 60);
	return (1);
}

static int64_t
midnight(int64_t now, bool utc, int days)
{
	time_t t = (time_t)(now / NSEC_PER_SEC);
	struct tm tm;

	if (utc)
		(void)gmtime_r(&t, &tm);
	else
		(void)localtime_r(&t, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	return ((int64_t)(utc ? timegm(&tm) : mktime(&tm)) * NSEC_PER_SEC);
}

/* HH:MM, HH:MM:SS, HH:MM:SS.fraction */
static int
clock_time(const char **s, struct tm *tm, int64_t *ns)
{
	*ns = 0;
	if (number(s, 2, 0, 23, &tm->tm_hour) == -1 || **s != ':')
		return (-1);
	(*s)++;
	if (number(s, 2, 0, 59, &tm->tm_min) == -1)
		return (-1);
	tm->tm_sec = 0;
	if (**s != ':')
		return (0);
	(*s)++;
	if (number(s, 2, 0, 60, &tm->tm_sec) == -1)
		return (-1);
	return (fraction(s, ns));
}

/* YYYY-MM-DD, or nothing: the day of now. */
static int
calendar_day(const char **s, int64_t now, bool utc, struct tm *tm)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31};
	time_t t = (time_t)(now / NSEC_PER_SEC);
	int year, month;

	if (strlen(*s) < 5 || (*s)[4] != '-') {
		(void)(utc ? gmtime_r(&t, tm) : localtime_r(&t, tm));
		return (0);
	}
	if (number(s, 4, 1900, 2200, &year) == -1 || *(*s)++ != '-' ||
	    number(s, 2, 1, 12, &month) == -1 || *(*s)++ != '-' ||
	    number(s, 2, 1, days[month - 1], &tm->tm_mday) == -1)
		return (-1);
	if (month == 2 && tm->tm_mday == 29 &&
	    (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0)))
		return (-1);
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return (1);
}

static int
calendar(const char *s, int64_t now, bool utc, int64_t *ns)
{
	struct tm tm = {0};
	int64_t frac = 0;
	int dated, zoned, east = 0;

	if ((dated = calendar_day(&s, now, utc, &tm)) == -1)
		return (-1);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	if (dated && (*s == 'T' || *s == 't' || *s == ' ')) {
		s++;
		dated = 0;
	}
	if (!dated && clock_time(&s, &tm, &frac) == -1)
		return (-1);
	if ((zoned = zone(&s, &east)) == -1 || *s != '\0')
		return (-1);
	tm.tm_isdst = -1;
	if (utc || zoned)
		*ns = (int64_t)timegm(&tm) - east;
	else
		*ns = (int64_t)mktime(&tm);
	*ns = *ns * NSEC_PER_SEC + frac;
	return (0);
}

/* "@1700000000", "@1700000000.25" */
static int
epoch(const char *s, int64_t *ns)
{
	int64_t sec, frac;

	if (digits(&s, 10, &sec) == -1 || sec > MAX_SECONDS ||
	    fraction(&s, &frac) == -1 || *s != '\0')
		return (-1);
	*ns = sec * NSEC_PER_SEC + frac;
	return (0);
}

static int64_t
unit_seconds(const char *s, size_t len)
{
	/* clang-format off */
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {
		{ "s", 1 }, { "sec", 1 }, { "second", 1 },
		{ "m", 60 }, { "min", 60 }, { "minute", 60 },
		{ "h", 3600 }, { "hour", 3600 },
		{ "d", SECONDS_DAY }, { "day", SECONDS_DAY },
		{ "w", 7 * SECONDS_DAY }, { "week", 7 * SECONDS_DAY },
	};
	/* clang-format on */
	size_t i;

	if (len > 1 && (s[len - 1] == 's' || s[len - 1] == 'S'))
		len--;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len &&
		    strncasecmp(units[i].name, s, len) == 0)
			return (units[i].seconds);
	return (-1);
}

/* "-1h30m", "2 days ago": how long before now, in seconds. */
static int
ago(const char *s, int64_t *seconds)
{
	bool minus = *s == '-', said = false;
	int64_t n, unit;
	size_t len;

	s += minus;
	*seconds = 0;
	do {
		if (digits(&s, 10, &n) == -1)
			return (-1);
		s += strspn(s, " ");
		for (len = 0; isalpha((unsigned char)s[len]); len++)
			continue;
		if ((unit = unit_seconds(s, len)) == -1 ||
		    n > MAX_SECONDS / unit)
			return (-1);
		*seconds += n * unit;
		s += len;
		s += strspn(s, " ");
		if (strcasecmp(s, "ago") == 0) {
			said = true;
			s += 3;
		}
	} while (*s != '\0' && *seconds <= MAX_SECONDS);
	/* One of them, so that "5m" is not taken for a time of day. */
	return (minus == said || *seconds > MAX_SECONDS ? -1 : 0);
}

int
reader_time(const char *s, int64_t now, bool utc, int64_t *ns)
{
	int64_t seconds;

	if (*s == '@')
		return (epoch(s + 1, ns));
	if (strcasecmp(s, "now") == 0)
		*ns = now;
	else if (strcasecmp(s, "today") == 0)
		*ns = midnight(now, utc, 0);
	else if (strcasecmp(s, "yesterday") == 0)
		*ns = midnight(now, utc, -1);
	else if (ago(s, &seconds) == 0)
		*ns = now - seconds * NSEC_PER_SEC;
	else
		return (calendar(s, now, utc, ns));
	return (0);
}
