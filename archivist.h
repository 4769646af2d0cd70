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
 * The archive in the parent: the keepers of its directories, of which a reload
 * may make it have more than one, the process that seals, and what of all that
 * the workers are told.
 */

#ifndef ARCHIVIST_H
#define ARCHIVIST_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "ipc.h"
#include "keeper.h"
#include "sealing.h"
#include "stats.h"
#include "worker.h"

#define ARCHIVIST_RETIRED 4 /* of earlier configurations, at most */
#define ARCHIVIST_KEEPERS (ARCHIVIST_RETIRED + 2)

struct archivist {
	const char *self; /* borrowed: the path of flowd */
	bool verbose;
	struct stats_archive *stats; /* borrowed */
	struct worker *worker;	     /* borrowed: so many */
	uint32_t workers;

	struct keeper *now;  /* NULL: no archive */
	struct keeper *next; /* of a configuration not yet in force */
	struct keeper *retired[ARCHIVIST_RETIRED]; /* to be sealed only */
	uint32_t given[WORKERS_MAX]; /* segments; their numbers follow */
	bool held[WORKERS_MAX];	     /* as it was told */
	int64_t uncut;		     /* second: a cut failed, and it was told */

	struct sealing sealing;
	struct keeper *sealing_for;
};

/* Open what a configuration names, if anything.  -1: why is logged. */
int archivist_open(struct archivist *, const struct conf_archive *);
/* Another collector in that place: it is handed a segment. */
void archivist_adopt(struct archivist *, struct worker *);

/*
 * A reload: what it needs is opened (-1: why is logged) and in use at once;
 * then it is in force, or came to nothing.
 */
int archivist_offer(struct archivist *, const struct conf_archive *);
void archivist_settle(struct archivist *, const struct conf_archive *);
void archivist_withdraw(struct archivist *);

/* When its patience is over; what is done once a second if another is. */
void archivist_tick(struct archivist *, bool second);
/* Milliseconds until it is worth another call, a second at most. */
int archivist_patience(const struct archivist *);
/* Look at the directory again, and begin another segment. */
void archivist_refresh(struct archivist *);

/*
 * What a worker asks for: -1 if it must not, as for a segment that is not one
 * of those that it was given.
 */
int archivist_want(struct archivist *, struct worker *, struct ipc_msg *);
int archivist_left(struct archivist *, struct worker *, struct ipc_msg *);
int archivist_cut(struct archivist *, struct worker *, struct ipc_msg *);

/* It ended; if it crashed, its page tells what it had written. */
void archivist_bereft(struct archivist *, struct worker *, bool crashed);

/* A process ended: true if it was the sealer. */
bool archivist_reap(struct archivist *, pid_t, int status, uint64_t cpu_ms);
/* The end: a sealing under way is broken off, to be done at the next start. */
void archivist_close(struct archivist *);

#endif /* ARCHIVIST_H */
