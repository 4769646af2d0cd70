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
 * flowd-reader: asks archives, flow logs and recorded exports, prints, writes,
 * checks and repairs them.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader-ask.h"
#include "reader-check.h"
#include "scan/job.h"

static void
stop(int sig)
{
	/* Who is asked twice means it. */
	(void)signal(sig, SIG_DFL);
	reader_stop = 1;
}

static void
set_signals(void)
{
	struct sigaction sa = {.sa_handler = SIG_IGN};

	/* write(2) shall tell, with EPIPE. */
	(void)sigaction(SIGPIPE, &sa, NULL);
	sa.sa_handler = stop;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
}

/* Flows as they come, each by itself. */
static void
print_plain(struct request *q, struct reader *r, struct files *files)
{
	r->scan.take = out_flow;
	r->scan.taker = r;
	r->plain = true;
	if (q->output != NULL)
		r->binary = sink_file(q->output, files);
	if (r->format != READER_NONE)
		r->text = sink_stdout();
	if (r->pcap)
		pcap_read_all(r, files);
	else
		log_read_all(r, files);
	reader_memory(r);
}

static void
answer(struct request *q, struct reader *r, struct files *files,
    const struct args *a)
{
	if (r->format != READER_NONE)
		r->text = sink_stdout();
	answer_all(q, r, files, a);
}

static void
tell_rules(const struct reader *r)
{
	if (!r->debug)
		return;
	if (r->rules != NULL)
		filter_print(r->rules, stderr, true);
	if (r->clauses != NULL)
		filter_print(r->clauses, stderr, true);
}

static int
status_of(const struct reader *r)
{
	if (reader_stop && !r->scan.follow && r->status != READER_FAILED)
		return (READER_INTERRUPTED);
	return ((int)r->status);
}

int
main(int argc, char **argv)
{
	static struct reader r = {.store_mask = STORE_ALL};
	struct files files = {0};
	struct request q;
	struct args a;

	reader_init(&r);
	args_parse(&a, argc, argv);
	ask(&q, &r, &a);
	set_signals();
	if (args_has(&a, ARG_CHECK) || args_has(&a, ARG_REPAIR))
		check_all(&r, &a);
	else {
		files_find(&files, &r.scan, a.paths, (size_t)a.npaths);
		reader_memory(&r);
		ask_format(&q, &r, &a, files.archive);
		if (ask_is_plain(&q, &r, files.archive))
			print_plain(&q, &r, &files);
		else
			answer(&q, &r, &files, &a);
		out_close(&r);
		tell_rules(&r);
		files_clear(&files);
	}
	request_clear(&q);
	args_clear(&a);
	return (status_of(&r));
}
