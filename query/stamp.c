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

#include <string.h>
#include <time.h>

#include "flow.h"
#include "query/digits.h"
#include "query/stamp.h"
#include "query/value.h"
#include "text.h"

#define QUARTER 900
#define DAY 86400

void
stamp_init(struct stamp *s, bool utc)
{
	memset(s, 0, sizeof(*s));
	s->utc = utc;
}

/* The second of the day, and the date before it. */
static uint32_t
clock_of(struct stamp *s, int64_t sec, char *date, size_t size)
{
	struct text t;
	const char *p;
	uint32_t n = 0;
	int i;

	text_init(&t, date, size);
	text_iso_time(&t, sec, s->utc);
	text_done(&t);
	if ((p = strchr(date, 'T')) == NULL || p - date != 10)
		return (DAY);
	for (i = 0, p++; i < 3; i++, p += 3)
		n = n * 60 + (uint32_t)(p[0] - '0') * 10 +
		    (uint32_t)(p[1] - '0');
	return (n);
}

static const struct stamp_quarter *
quarter(struct stamp *s, int64_t number)
{
	struct stamp_quarter *q = &s->quarters[(uint64_t)number % STAMP_WAYS];
	char first[64], last[64];
	uint32_t end;

	if (q->known && q->number == number)
		return (q);
	q->number = number;
	q->known = true;
	q->base = clock_of(s, number * QUARTER, first, sizeof(first));
	end = clock_of(s, number * QUARTER + QUARTER - 1, last, sizeof(last));
	q->slow = q->base >= DAY || end != q->base + QUARTER - 1 ||
	    memcmp(first, last, 11) != 0;
	memcpy(q->date, first, 11);
	return (q);
}

/* Up to the seconds; NULL: the slow way. */
static inline char *
seconds(struct stamp *s, char *to, int64_t sec)
{
	int64_t number = sec / QUARTER - (sec % QUARTER < 0);
	const struct stamp_quarter *q = quarter(s, number);
	uint32_t n;

	if (q->slow)
		return (NULL);
	n = q->base + (uint32_t)(sec - number * QUARTER);
	memcpy(to, q->date, 16);
	to = digits_two(to + 11, n / 3600);
	*to++ = ':';
	to = digits_two(to, n / 60 % 60);
	*to++ = ':';
	return (digits_two(to, n % 60));
}

static char *
slowly(struct stamp *s, char *to, int64_t ns, bool ms)
{
	struct text t;

	text_init(&t, to, STAMP_ROOM);
	if (ms)
		value_time_ms(&t, ns, s->utc);
	else
		text_time(&t, ns, s->utc);
	return (to + text_done(&t));
}

char *
stamp_put(struct stamp *s, char *to, int64_t ns)
{
	uint32_t frac;
	char *end = seconds(s, to, text_seconds(ns, &frac));

	if (end == NULL)
		return (slowly(s, to, ns, false));
	if (frac != 0) {
		*end++ = '.';
		end = digits_three(end, frac / 1000000);
		if (frac % 1000000 != 0) {
			end = digits_three(end, frac / 1000 % 1000);
			if (frac % 1000 != 0)
				end = digits_three(end, frac % 1000);
		}
	}
	if (s->utc)
		*end++ = 'Z';
	return (end);
}

char *
stamp_put_ms(struct stamp *s, char *to, int64_t ns)
{
	uint32_t frac;
	char *end = seconds(s, to, text_seconds(ns, &frac));

	if (end == NULL)
		return (slowly(s, to, ns, true));
	*end++ = '.';
	end = digits_three(end, frac / 1000000);
	if (s->utc)
		*end++ = 'Z';
	return (end);
}
