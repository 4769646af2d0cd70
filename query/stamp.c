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
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->utc = utc;
	for (i = 0; i < 1000; i++)
		*digits_three(s->ms[i], i) = 'Z';
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

static void
make_minute(struct stamp *s, struct stamp_minute *m, int64_t number)
{
	int64_t at = number / 15 - (number % 15 < 0);
	const struct stamp_quarter *q = quarter(s, at);
	uint32_t n;
	char *p;

	m->number = number;
	m->state = q->slow || q->base % 60 != 0 ? 2 : 1;
	n = q->base / 60 + (uint32_t)(number - at * 15);
	memcpy(m->text, q->date, 11);
	p = digits_two(m->text + 11, n / 60 % 24);
	*p++ = ':';
	p = digits_two(p, n % 60);
	*p = ':';
}

/* Up to the minute: 17 bytes, and some more; NULL: the slow way. */
static inline const char *
minute(struct stamp *s, int64_t number)
{
	struct stamp_minute *m = &s->minutes[(uint64_t)number % STAMP_WAYS];

	if (m->number != number || m->state == 0)
		make_minute(s, m, number);
	return (m->state == 1 ? m->text : NULL);
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

#define MINUTE (60 * NSEC_PER_SEC)

/* Up to the seconds; what is left of them in ns.  NULL: the slow way. */
static inline char *
seconds(struct stamp *s, char *to, int64_t ns, uint32_t *rest)
{
	int64_t number = ns / MINUTE - (ns % MINUTE < 0);
	uint64_t in = (uint64_t)(ns - number * MINUTE);
	const char *text = minute(s, number);
	uint32_t sec = (uint32_t)(in / (uint64_t)NSEC_PER_SEC);

	if (text == NULL)
		return (NULL);
	*rest = (uint32_t)(in - sec * (uint64_t)NSEC_PER_SEC);
	memcpy(to, text, 17);
	return (digits_two(to + 17, sec));
}

char *
stamp_put(struct stamp *s, char *to, int64_t ns)
{
	uint32_t rest, ms;
	char *end = ns < INT64_MIN + MINUTE ? NULL : seconds(s, to, ns, &rest);

	if (end == NULL)
		return (slowly(s, to, ns, false));
	if (rest != 0) {
		ms = rest / 1000000;
		rest -= ms * 1000000;
		*end++ = '.';
		end = digits_three(end, ms);
		if (rest != 0) {
			end = digits_three(end, rest / 1000);
			if (rest % 1000 != 0)
				end = digits_three(end, rest % 1000);
		}
	}
	if (s->utc)
		*end++ = 'Z';
	return (end);
}

char *
stamp_put_ms(struct stamp *s, char *to, int64_t ns)
{
	uint32_t rest;
	char *end = ns < INT64_MIN + MINUTE ? NULL : seconds(s, to, ns, &rest);

	if (end == NULL)
		return (slowly(s, to, ns, true));
	*end++ = '.';
	end = digits_three(end, rest / 1000000);
	if (s->utc)
		*end++ = 'Z';
	return (end);
}
