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
 * Logs of which each flow is printed or written as it comes, without batches.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reader.h"

#define POLL_MS 200

static void
log_once(struct reader *r, struct file *f)
{
	struct log *lg = log_open(&r->scan, f->path, &f->in);
	bool more = lg != NULL;

	while (more) {
		more = log_more(lg);
		out_visible(r);
	}
	log_close(lg);
}

/* NULL: it is no log that grows. */
static struct log *
begin(struct reader *r, struct file *f)
{
	struct log *lg;
	bool there;

	if (strcmp(f->path, "-") == 0) {
		log_once(r, f);
		return (NULL);
	}
	lg = log_expect(&r->scan, f->path, &there);
	reader_memory(r);
	if (!there)
		warn("%s: waiting for it", f->path);
	return (lg);
}

static void
follow(struct reader *r, struct files *files)
{
	const struct timespec poll = {0, POLL_MS * NSEC_PER_MSEC};
	struct log **logs;
	size_t i;

	if ((logs = calloc(files->n + 1, sizeof(struct log *))) == NULL)
		err(READER_FAILED, NULL);
	for (i = 0; i < files->n; i++)
		logs[i] = begin(r, &files->all[i]);
	while (!reader_stopped(r)) {
		for (i = 0; i < files->n; i++)
			if (logs[i] != NULL)
				log_watch(logs[i]);
		out_visible(r);
		if (!reader_stopped(r))
			(void)nanosleep(&poll, NULL);
	}
	for (i = 0; i < files->n; i++)
		log_close(logs[i]);
	free(logs);
}

void
log_read_all(struct reader *r, struct files *files)
{
	size_t i;

	out_header(r);
	if (r->scan.follow)
		follow(r, files);
	for (i = 0; i < files->n && !r->scan.follow; i++)
		log_once(r, &files->all[i]);
}
