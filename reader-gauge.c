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
 * How far it is, on a terminal; and what was read in the end.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "reader-answer.h"

#define FIRST_MS 1000
#define STEP_MS 250

struct gauge {
	uint64_t bytes;
	int64_t begun, shown; /* ms; shown 0: never */
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / NSEC_PER_MSEC);
}

struct gauge *
gauge_begin(bool wanted, uint64_t bytes)
{
	struct gauge *p;

	if (!wanted || isatty(STDERR_FILENO) != 1)
		return (NULL);
	if ((p = calloc(1, sizeof(*p))) == NULL)
		err(READER_FAILED, NULL);
	p->bytes = bytes;
	p->begun = now_ms();
	return (p);
}

void
gauge_show(void *arg, uint64_t bytes, uint64_t flows)
{
	struct gauge *p = arg;
	int64_t now, left;

	if (p == NULL || (now = now_ms()) - p->begun < FIRST_MS ||
	    now - p->shown < STEP_MS)
		return;
	p->shown = now;
	(void)fprintf(stderr, "\r%.1f M flows, %.0f MB", (double)flows / 1e6,
	    (double)bytes / 1e6);
	if (p->bytes > 0 && bytes > 0 && bytes <= p->bytes) {
		left = (int64_t)((double)(now - p->begun) *
		    (double)(p->bytes - bytes) / (double)bytes / 1000);
		(void)fprintf(stderr, " of %.0f MB, %d%%, %llds to go",
		    (double)p->bytes / 1e6,
		    (int)((double)bytes * 100 / (double)p->bytes),
		    (long long)left);
	}
	(void)fputs("\033[K", stderr);
}

void
gauge_end(struct gauge *p)
{
	if (p != NULL && p->shown != 0)
		(void)fputs("\r\033[K", stderr);
	free(p);
}

void
reader_tell_totals(const struct reader *r, const struct totals *t)
{
	if (!r->verbose)
		return;
	warnx("%llu blocks, %llu of them skipped; %llu bytes in the files, "
	      "%llu bytes of columns and logs read",
	    (unsigned long long)t->blocks,
	    (unsigned long long)t->blocks_skipped, (unsigned long long)t->bytes,
	    (unsigned long long)t->bytes_read);
}
