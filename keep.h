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
 * Between keeper.c, keeper-seal.c and keeper-expire.c.
 */

#ifndef KEEP_H
#define KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allot.h"
#include "keeper.h"
#include "segdir.h"
#include "shelf.h"

#define KEEP_OPEN 8  /* segments that a worker has not left, at most */
#define KEEP_GIFTS 4 /* segments at once; then one a second */

struct open_segment {
	struct segname name;
	struct logopen log;
	uint64_t flows; /* at least so many are in it, says the collector */
	uint64_t end;	/* of them, or UINT64_MAX */
};

/* What one worker has of it. */
struct keep_hand {
	struct open_segment open[KEEP_OPEN]; /* by number */
	size_t nopen;
	bool renew; /* give another, whatever is open */
	int gifts;  /* so many may be made at once */
	int64_t gifts_at;
};

/* Segments that become one. */
struct keep_job {
	bool on;
	bool cancelled;
	struct segname out; /* .tmp */
	struct segname *in; /* in order of time */
	int *fds;	    /* of them, while they are handed over */
	int output;
	size_t n;
	int64_t until;	/* second: it should be done */
	uint64_t bytes; /* of the inputs */
	uint64_t flows; /* at least so many are in them; 0: nobody knows */
};

/* What was removed since it was told last. */
struct keep_removed {
	uint64_t segments, bytes;
	const char *why;
	int64_t told; /* second */
};

struct keeper {
	struct conf_archive conf; /* with a copy of the name */
	struct segdir at;
	struct shelf shelf;
	struct stats_archive *stats;

	struct keep_hand hand[WORKERS_MAX];
	bool failing;  /* to make a segment */
	int64_t retry; /* second: no attempt to make one before */

	struct keep_job job;
	bool look;	 /* something changed: there may be a job */
	int64_t look_at; /* second: look anyway */

	int64_t offset;		   /* of the wall clock from the other */
	int64_t keep_from;	   /* second: nothing is too old before */
	uint64_t removed_for_room; /* bytes that should show up as free */
	uint64_t free_then;
	int64_t removed_at;
	bool low; /* less is free than should be */
	bool held;
	struct keep_removed removed;
	bool stuck;	   /* something could not be removed */
	bool elsewhere;	   /* its name leads to another directory, or none */
	int64_t around_at; /* second: look whether it does */
};

/* The name, for messages: of the file alone. */
const char *keep_name(const struct segname *, char *buf);
bool keep_in_job(const struct keeper *, const struct kept *);
/* Remove it, also from the shelf.  0, or -1 with errno. */
int keep_remove(struct keeper *, const struct segname *);
/* Remove what a .seal replaces, and name it .flow.  0, or -1: later. */
int keep_finish(struct keeper *, const struct segname *seal);
void keep_finish_all(struct keeper *);
void keep_expire(struct keeper *, const struct keeper_now *);
void keep_job_clear(struct keep_job *);

#endif /* KEEP_H */
