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

#include <fcntl.h>
#include <unistd.h>

#include "oldlogs.h"

/* Take the one at i out of the list. */
static void
drop(struct oldlogs *o, size_t i)
{
	close(o->log[i].fd);
	for (o->n--; i < o->n; i++)
		o->log[i] = o->log[i + 1];
}

void
oldlogs_add(struct oldlogs *o, const struct logopen *l)
{
	struct logopen old = *l;

	if (l->fd == -1 || (old.fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return;
	if (o->n == OLDLOGS)
		drop(o, 0);
	o->log[o->n++] = old;
}

void
oldlogs_check(struct oldlogs *o,
    const struct ledger_segment listed[LEDGER_LOGS])
{
	size_t i = 0;

	while (i < o->n)
		if (ledger_listed(listed, LEDGER_LOGS, o->log[i].number) ==
		    NULL)
			drop(o, i);
		else
			i++;
}

enum logopen_cut
oldlogs_cut(struct oldlogs *o, uint32_t number, uint64_t size, uint64_t most)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->log[i].number == number)
			return (logopen_cut(&o->log[i], size, most));
	return (CUT_FAILED);
}

void
oldlogs_crashed(struct oldlogs *o,
    const struct ledger_segment listed[LEDGER_LOGS], uint64_t most)
{
	const struct ledger_segment *s;

	while (o->n > 0) {
		s = ledger_listed(listed, LEDGER_LOGS, o->log[0].number);
		if (s != NULL)
			(void)logopen_cut(&o->log[0], s->end, most);
		drop(o, 0);
	}
}
