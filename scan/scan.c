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
#include <string.h>

#include "scan/scan.h"

#define OPEN_MOST 256

void
scan_init(struct scan *s)
{
	*s = (struct scan){.since = INT64_MIN,
	    .until = INT64_MAX,
	    .open_most = OPEN_MOST};
}

void
scan_say(struct scan *s, enum scan_fault fault, const char *path,
    uint64_t offset, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	if (s->tell == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	s->tell(s->arg, fault, path, offset, what);
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
