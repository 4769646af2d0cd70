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
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "meter/clock.h"
#include "meter/progress.h"

#define LEAST_SIZE (64 * 1024 * 1024)
#define PAUSE (NSEC_PER_SEC / 2)
#define LINE_MAX_LEN 79

struct progress {
	uint64_t size;
	int64_t began;
	int64_t next;
	bool shown;
};

struct progress *
progress_new(uint64_t size)
{
	struct progress *p;

	if (!isatty(STDERR_FILENO) || (size > 0 && size < LEAST_SIZE))
		return (NULL);
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	p->size = size;
	p->began = clock_ns(CLOCK_MONOTONIC);
	p->next = p->began + PAUSE;
	return (p);
}

/* A terminal that does not take it is left alone: nobody waits for it. */
static void
say(const char *line, int len)
{
	if (len > 0)
		(void)!write(STDERR_FILENO, line, (size_t)len);
}

void
progress_show(struct progress *p, uint64_t taken, uint64_t packets)
{
	char line[LINE_MAX_LEN + 1], part[16] = "";
	double seconds;
	int64_t t;
	int len;

	if (p == NULL || (t = clock_ns(CLOCK_MONOTONIC)) < p->next)
		return;
	p->next = t + PAUSE;
	p->shown = true;
	seconds = (double)(t - p->began) / NSEC_PER_SEC;
	if (p->size > 0)
		(void)snprintf(part, sizeof(part), "%5.1f %%, ",
		    100.0 * (double)taken / (double)p->size);
	len = snprintf(line, sizeof(line),
	    "\r%s%" PRIu64 " packets, %.0f a second\033[K", part, packets,
	    (double)packets / seconds);
	say(line, len < LINE_MAX_LEN ? len : LINE_MAX_LEN);
}

void
progress_free(struct progress *p)
{
	static const char wipe[] = "\r\033[K";

	if (p == NULL)
		return;
	if (p->shown)
		say(wipe, (int)sizeof(wipe) - 1);
	free(p);
}
