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
 * What all of scan/ shares: stop, and tell.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan/scan.h"

#define OPEN_MOST 256
#define REPORTS 20
#define WHAT_MAX 256

struct told {
	struct told *next;
	enum scan_fault fault;
	const char *path; /* of a file, or a directory: borrowed */
	uint64_t offset;
	uint64_t number; /* of the job behind it */
	char what[WHAT_MAX];
};

void
scan_init(struct scan *s)
{
	*s = (struct scan){.since = INT64_MIN,
	    .until = INT64_MAX,
	    .open_most = OPEN_MOST,
	    .reports = REPORTS};
}

static void
wait_for_turn(struct scan *s, enum scan_fault fault, const char *path,
    uint64_t offset, const char *what)
{
	struct told *t;

	if ((t = calloc(1, sizeof(*t))) == NULL) {
		s->nomem = true;
		return;
	}
	t->fault = fault;
	t->path = path;
	t->offset = offset;
	t->number = s->number;
	(void)strlcpy(t->what, what, sizeof(t->what));
	if (s->told[0] == NULL)
		s->told[0] = t;
	else
		s->told[1]->next = t;
	s->told[1] = t;
}

void
scan_say(struct scan *s, enum scan_fault fault, const char *path,
    uint64_t offset, const char *fmt, ...)
{
	char what[WHAT_MAX];
	va_list ap;

	if (s->tell == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (s->ahead)
		wait_for_turn(s, fault, path, offset, what);
	else
		s->tell(s->arg, fault, path, offset, what);
}

void
scan_say_now(struct scan *s, enum scan_fault fault, const char *path,
    uint64_t offset, const char *fmt, ...)
{
	char what[WHAT_MAX];
	va_list ap;

	if (s->tell == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	s->tell(s->arg, fault, path, offset, what);
}

struct told *
scan_told(struct scan *s, uint64_t number)
{
	struct told *first = s->told[0], *last = NULL, *t;

	for (t = first; t != NULL && t->number <= number; t = t->next)
		last = t;
	if (last == NULL)
		return (NULL);
	s->told[0] = last->next;
	last->next = NULL;
	return (first);
}

void
scan_tell_all(struct scan *s, struct told *t)
{
	struct told *next;

	for (; t != NULL; t = next) {
		next = t->next;
		s->tell(s->arg, t->fault, t->path, t->offset, t->what);
		free(t);
	}
}

void
scan_errno(struct scan *s, const char *path)
{
	if (errno == ENOMEM)
		s->nomem = true;
	scan_say(s, SCAN_UNREAD, path, SCAN_NOWHERE, "%s", strerror(errno));
}

void
scan_damage(struct scan *s, uint64_t bytes)
{
	s->damage.places++;
	s->damage.bytes += bytes;
}

bool
scan_stopped(const struct scan *s)
{
	return (s->nomem || (s->stop != NULL && s->stop(s->arg)));
}
