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
 * What the parent has: the configuration in force with all that it needs
 * opened, and the workers that collect.  privsep.c says what these may ask for,
 * reload.c how another configuration comes into force, parent.c the rest.
 */

#ifndef PARENT_H
#define PARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "allot.h"
#include "archivist.h"
#include "conf.h"
#include "flowd.h"
#include "logopen.h"
#include "oldlogs.h"
#include "report.h"
#include "sockets.h"
#include "worker.h"

struct parent {
	const struct options *options;
	struct conf *conf;
	struct sockets sockets;

	struct conf *next; /* handed over, not yet in force */
	struct sockets next_sockets;
	bool next_runs; /* some worker has it in force */

	struct worker worker[WORKERS_MAX];
	uint32_t workers;
	bool was_ready; /* some collector has been */

	struct logopen log;
	struct oldlogs oldlogs;
	struct archivist archive;
	struct report report;

	/* Seconds that a collector may take to do what others wait for. */
	int64_t stop_patience, conf_patience, stats_patience;
	int64_t second;
	int64_t stop_by; /* second of the end of our patience */
	bool stopping;
	int status; /* of the program */
};

/*
 * Open what the configuration names.  What can fail for an operator to mend,
 * the sockets and the log, is said in the log, and then -1.
 */
int parent_prepare(struct parent *, const struct options *, struct conf *);
/* Run until told to stop.  Returns the exit status of the program. */
int parent_run(struct parent *);

/* A process was started for that worker: it is handed all it needs. */
void parent_adopt(struct parent *, struct worker *);
/* That is the log from here on, -1: none; all of them are handed it. */
void parent_set_log(struct parent *, int fd);
/* The log by its name, anew. */
void parent_reopen_log(struct parent *);
/* The statistics, if all who were asked have told theirs. */
void parent_publish(struct parent *);

#endif /* PARENT_H */
