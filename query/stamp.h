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
 * Times as text, many of them: as text_time() of text.h, but the calendar and
 * the time zone are asked once for each quarter of an hour.
 */

#ifndef STAMP_H
#define STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "query/digits.h"

#define STAMP_WAYS 64
#define STAMP_ROOM 48 /* what a time takes, with what is written behind it */

/* A quarter of an hour. */
struct stamp_quarter {
	int64_t number; /* since 1970 */
	bool known;
	bool slow;     /* its clock jumps, or its day ends amid it */
	uint32_t base; /* second of the day at its start */
	char date[16]; /* "2026-11-21T" */
};

/* A minute. */
struct stamp_minute {
	int64_t number; /* since 1970 */
	uint8_t state;	/* 0: not known, 1, or 2: as its quarter slow */
	char text[23];	/* "2026-11-21T10:00:" */
};

struct stamp {
	bool utc;
	struct stamp_minute minutes[STAMP_WAYS];
	struct stamp_quarter quarters[STAMP_WAYS];
	char ms[1000][4]; /* "000Z" to "999Z" */
};

void stamp_init(struct stamp *, bool utc);
/* As text_time().  Returns the end. */
char *stamp_put(struct stamp *, char *to, int64_t ns);
/* As value_time_ms(). */
char *stamp_put_ms(struct stamp *, char *to, int64_t ns);

#define STAMP_MS 1000000 /* ns */

/*
 * The common case of stamp_put(): a minute that is known, and milliseconds but
 * not 0 of them.  Else NULL.
 */
static inline char *
stamp_quick(const struct stamp *s, char *to, uint64_t ns)
{
	uint64_t ms = ns / STAMP_MS, number = ms / 60000;
	const struct stamp_minute *m = &s->minutes[number % STAMP_WAYS];
	uint32_t in = (uint32_t)(ms - number * 60000), sec = in / 1000;

	in -= sec * 1000;
	/* Times before 1970 become numbers that no minute has. */
	if (ms * STAMP_MS != ns || m->number != (int64_t)number ||
	    m->state != 1 || in == 0)
		return (NULL);
	memcpy(to, m->text, 16);
	to[16] = ':';
	(void)digits_two(to + 17, sec);
	to[19] = '.';
	memcpy(to + 20, s->ms[in], 4);
	return (to + 23 + s->utc);
}

/* Seconds as value_seconds(), of milliseconds and up to 8 digits.  Or NULL. */
static inline char *
stamp_seconds(const struct stamp *s, char *to, uint64_t ns)
{
	uint64_t ms = ns / STAMP_MS, sec = ms / 1000;
	uint32_t rest = (uint32_t)(ms - sec * 1000);

	if (ms * STAMP_MS != ns || sec >= 100000000)
		return (NULL);
	to = digits_small(to, (uint32_t)sec);
	*to = '.';
	memcpy(to + 1, s->ms[rest], 4);
	return (to + (rest != 0 ? 4 : 0));
}

#endif /* STAMP_H */
