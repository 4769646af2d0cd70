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
};

void stamp_init(struct stamp *, bool utc);
/* As text_time().  Returns the end. */
char *stamp_put(struct stamp *, char *to, int64_t ns);
/* As value_time_ms(). */
char *stamp_put_ms(struct stamp *, char *to, int64_t ns);

#endif /* STAMP_H */
