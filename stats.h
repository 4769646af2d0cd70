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
 * The ledger told: in the log, and in a file for programs.
 */

#ifndef STATS_H
#define STATS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "allot.h"
#include "conf.h"
#include "ledger.h"

struct exporter {
	struct addr addr;
	uint16_t port;	 /* 0: any */
	uint32_t worker; /* that told of it */
	int64_t last;	 /* ns since 1970: its last datagram */
	struct skew skew;
	struct ledger ledger;
};

struct stats_listener {
	char name[ENDPOINT_STRLEN];
	uint64_t drops;
};

/* One of several collectors. */
struct stats_worker {
	pid_t pid; /* 0: none runs */
	uint64_t cpu_ms;
	uint64_t received, records, archived, kernel_drops;
};

/* An element that no field is made of. */
struct stats_ignored {
	uint32_t pen;
	uint16_t id;
	uint64_t records; /* that had it */
};
#define STATS_IGNORED 1024

/* What became of the archive's segments. */
struct stats_archive {
	uint64_t segments, bytes; /* that there are */
	int64_t oldest;		  /* second */
	uint64_t free;		  /* bytes of the file system */
	bool low;		  /* that is less than minfree */
	bool held;		  /* nothing is written for that */
	uint64_t opened, open_failed;
	uint64_t sealed, merged, seal_failed; /* segments that went in */
	uint64_t sealed_flows, sealed_from, sealed_to; /* bytes */
	uint64_t seal_ms;			       /* of processor time */
	uint64_t damaged, damaged_bytes;	       /* found while sealing */
	uint64_t expired, expired_bytes;
};

/* What the parent knows beside the ledger. */
struct stats {
	int64_t started;	   /* seconds since 1970 */
	uint64_t collector_starts; /* the first one counts */
	uint64_t reloads;
	uint64_t reloads_refused;
	uint64_t log_opens;
	uint64_t log_opens_failed;
	struct stats_archive archive;
	struct ledger ledger; /* of all workers */
	struct stats_worker worker[WORKERS_MAX];
	size_t nworker; /* 0: there is but one */
	struct exporter *exporter;
	size_t nexporter;
	struct stats_listener listener[LEDGER_SOCKETS];
	size_t nlistener;
	struct stats_ignored ignored[STATS_IGNORED]; /* the commonest first */
	size_t nignored;
	uint64_t ignored_more; /* for which there was no room */
};

void stats_log(const struct stats *);

/*
 * JSON, written beside and renamed over: a reader sees all of the old or all
 * of the new.  0, or -1 with errno.
 */
int stats_write(const struct stats *, const char *path);

#endif /* STATS_H */
