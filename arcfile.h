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
 * The collector's side of the archive: flows gather in columns, and each block
 * is written in one piece.  It opens nothing: the parent hands over the next
 * segment before its time comes, and flows go to it by when they were
 * received, so for a moment both are written to.
 *
 * What cannot be written waits, packed, up to a bound, and goes along to the
 * next segment if its own does not take it.
 */

#ifndef ARCFILE_H
#define ARCFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/rows.h"
#include "flow.h"
#include "logfile.h"
#include "records.h"

#define ARCFILE_FLOWS 8192	   /* of a block: they fit a cache */
#define ARCFILE_GRACE NSEC_PER_SEC /* for datagrams received but not read */

struct arcseg {
	struct rows *rows;	   /* not packed yet */
	struct piece_owner *owner; /* of the rows, in their order */
	size_t nowners;
	struct logfile file; /* packed blocks on their way */
	uint32_t fields;     /* the rows are of that choice */
	bool due;	     /* rows are to go when the disk has the blocks */
};

struct arcfile {
	struct arcseg now;
	struct arcseg next;
	int64_t next_from;	/* ns; INT64_MAX while there is no next */
	struct logfile *before; /* with blocks for them, the oldest first */
	bool leaving;		/* go over with those, or they are complete */
	bool left;		/* for the parent: those before are complete */
	struct flow_set keep;
	uint32_t fields; /* how often that was chosen */
};

/*
 * Memory for blocks, and who writes them; NULL: that is waited for.  0, or -1
 * for want of memory.
 */
int arcfile_init(struct arcfile *, struct pieces *, struct writer *);
void arcfile_clear(struct arcfile *);

/* The fields to keep, of flows from here on. */
void arcfile_configure(struct arcfile *, const struct flow_set *);

/*
 * A segment from the parent, for flows from a time on; if there is none yet,
 * for all.  With -1 nothing is written any more: what waits can only be
 * discarded.
 */
void arcfile_set(struct arcfile *, int fd, uint32_t number, int64_t from);

/*
 * True if it found room.  False: flush and try again; if there is no room
 * then, it is lost, for the reason of arcfile_state.
 */
bool arcfile_put(struct arcfile *, const struct flow *);
/* The same of records: how many found room, from the first on. */
uint32_t arcfile_take(struct arcfile *, const struct records *);
/* Flows taken last, which were received then, are of whom. */
void arcfile_owe(struct arcfile *, int64_t recv_time, void *who,
    uint64_t flows);
/* A block is full: worth a flush. */
bool arcfile_full(const struct arcfile *);

/*
 * Pack what waits, and begin to write; without a writer, write it.  What was
 * written, of both segments.
 */
struct logfile_done arcfile_flush(struct arcfile *);
/* A writing is done.  False if it is none of the archive's. */
bool arcfile_wrote(struct arcfile *, struct writing *, struct logfile_done *);

/*
 * Nothing received up to that time is to come any more: if the next segment's
 * time has come, go over to it.  Flushes then.
 */
struct logfile_done arcfile_pass(struct arcfile *, int64_t now);

uint64_t arcfile_waiting(const struct arcfile *);
/* What waits is lost, but for blocks on their way to segments before. */
uint64_t arcfile_discard(struct arcfile *);
/* The same, with those. */
uint64_t arcfile_give_up(struct arcfile *);

/* The disk is too full to write, by the configuration; or go on. */
void arcfile_hold(struct arcfile *, bool);

/* The worse of the two segments. */
const struct logfile *arcfile_worst(const struct arcfile *);

/* The parent's answer to a cut. */
void arcfile_cut_done(struct arcfile *, uint32_t number, bool ok);

#endif /* ARCFILE_H */
