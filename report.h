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
 * The statistics as they are made: the collector is asked, tells of one
 * exporter after the other, and then they go to the log and to their file.
 */

#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "sockets.h"
#include "stats.h"

struct report {
	struct stats stats;
	bool asked;  /* exporters are being told */
	bool to_log; /* and go to the log too */
	bool final;  /* a stopping collector has told all */
	int64_t due; /* second of the next */
	size_t size; /* exporters that there is room for */
};

/* A new one is wanted.  False if one is on its way already, and will do. */
bool report_begin(struct report *, bool to_log);

/* The fields of M_EXPORTER; -1 if they cannot be, or are of one too many. */
#define REPORT_EXPORTER (52 + 8 * L_MAX) /* bytes */
int report_exporter(struct report *, struct rd *, size_t max);

/* The fields of M_IGNORED; -1 if they cannot be. */
#define REPORT_IGNORED_MAX (8 + 14 * STATS_IGNORED) /* bytes */
int report_ignored(struct report *, struct rd *);

/* The sockets, and what each has dropped by its number. */
void report_listeners(struct report *, const struct sockets *,
    const uint32_t *drops);

/* All was told: to the log, and to the file unless that is NULL. */
void report_publish(struct report *, const struct ledger *, const char *path);

#endif /* REPORT_H */
