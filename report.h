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
 * The statistics as they are made: each collector is asked, tells of one
 * exporter after the other, and when all that were asked have told, they go to
 * the log and to their file.
 */

#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "allot.h"
#include "bytes.h"
#include "sockets.h"
#include "stats.h"

/* What one worker tells. */
struct report_part {
	uint32_t owes; /* times that it was asked and has not told all */
	bool told;     /* all; what comes then is anew */
	size_t nexporter;
	struct stats_ignored *ignored; /* STATS_IGNORED, once it told some */
	size_t nignored;
	uint64_t ignored_more;
};

struct report {
	struct stats stats;
	bool asked;    /* exporters are being told */
	bool to_log;   /* and go to the log too */
	bool final;    /* stopping collectors have told all */
	int64_t due;   /* second of the next */
	int64_t until; /* second from which on nobody is awaited */
	size_t size;   /* exporters that there is room for */
	struct report_part part[WORKERS_MAX];
};

/* A new one is wanted.  False if one is on its way already, and will do. */
bool report_begin(struct report *, bool to_log);

/* That worker is asked. */
void report_ask(struct report *, uint32_t worker);
/* It was asked and has not told all yet. */
bool report_owes(const struct report *, uint32_t worker);
/* It said that this is all.  -1 if it was not asked. */
int report_told(struct report *, uint32_t worker);
/* It will not tell any more; what it told counts. */
void report_gone(struct report *, uint32_t worker);
/* There is one on its way, and nobody is left who was asked. */
bool report_complete(const struct report *);

/*
 * The fields of M_EXPORTER; -1 if it was not asked, if they cannot be, or are
 * of one more than it may have.
 */
#define REPORT_EXPORTER (52 + 8 * L_MAX) /* bytes */
int report_exporter(struct report *, uint32_t worker, struct rd *, size_t max);

/* The fields of M_IGNORED; -1 if it was not asked, or they cannot be. */
#define REPORT_IGNORED_MAX (8 + 14 * STATS_IGNORED) /* bytes */
int report_ignored(struct report *, uint32_t worker, struct rd *);

/* The sockets, and what those of each number have dropped. */
void report_listeners(struct report *, const struct sockets *,
    const uint64_t *drops);

/* All was told: to the log, and to the file unless that is NULL. */
void report_publish(struct report *, const struct ledger *, const char *path);

#endif /* REPORT_H */
