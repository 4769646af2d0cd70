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
 * How the program reads: what scan/ tells goes to standard error, and into the
 * exit status.
 */

#include <sys/resource.h>

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "reader.h"

static const enum reader_status statuses[] = {[SCAN_UNREAD] = READER_FAILED,
    [SCAN_DAMAGED] = READER_DAMAGED,
    [SCAN_CUT] = READER_DAMAGED,
    [SCAN_LEFT] = READER_OK,
    [SCAN_NOTE] = READER_OK};

static void
tell(void *arg, enum scan_fault fault, const char *path, uint64_t offset,
    const char *what)
{
	struct reader *r = arg;

	if (fault == SCAN_NOTE && !r->verbose)
		return;
	reader_note(r, statuses[fault]);
	if (offset == SCAN_NOWHERE)
		warnx("%s: %s", path, what);
	else
		warnx("%s: offset %llu: %s", path, (unsigned long long)offset,
		    what);
}

static bool
stop(void *arg)
{
	(void)arg;
	return (reader_stop != 0);
}

/* "LOGFILE path", as the original has it. */
static void
say_logfile(void *arg, const char *path, const uint32_t *started)
{
	struct reader *r = arg;
	char line[8192], when[64];

	if (!r->plain || r->format != READER_CLASSIC || !r->verbose)
		return;
	if (started == NULL)
		(void)snprintf(line, sizeof(line), "LOGFILE %s", path);
	else {
		(void)format_iso_time(when, sizeof(when), *started, r->utc);
		(void)snprintf(line, sizeof(line), "LOGFILE %s started at %s",
		    path, when);
	}
	out_line(r, line);
}

/* As many as may be open; their number. */
static int
many_files(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return (0);
	rl.rlim_cur = rl.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &rl);
	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return (0);
	return (rl.rlim_cur > INT_MAX ? INT_MAX : (int)rl.rlim_cur);
}

void
reader_init(struct reader *r)
{
	scan_init(&r->scan);
	r->scan.maps = true;
	r->scan.open_most = many_files();
	r->scan.tell = tell;
	r->scan.stop = stop;
	r->scan.begun = say_logfile;
	r->scan.arg = r;
}

bool
reader_stopped(const struct reader *r)
{
	return (scan_stopped(&r->scan));
}

void
reader_memory(const struct reader *r)
{
	if (!r->scan.nomem)
		return;
	errno = ENOMEM;
	err(READER_FAILED, NULL);
}
