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
 * The parent's side of an archive: names, opens, closes and removes its
 * segments.  It reads none of them, and talks to nobody: what is to be told to
 * the collector, and when, its caller learns here.
 */

#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "ledger.h"
#include "logopen.h"
#include "sealing.h"
#include "stats.h"

struct keeper;

/* The time, as its caller has it. */
struct keeper_now {
	int64_t wall;	/* seconds since 1970; may jump */
	int ms;		/* and behind that */
	int64_t second; /* of a clock that does not */
};

/*
 * The directory, made if need be, with what an earlier run left finished.
 * What happens is counted there.  NULL with what is wrong logged.
 */
struct keeper *keeper_open(const struct conf_archive *, struct stats_archive *);
void keeper_close(struct keeper *);

/* Other options of the same directory.  0, or -1 without memory. */
int keeper_configure(struct keeper *, const struct conf_archive *);
bool keeper_is_of(const struct keeper *, const struct conf_archive *);

/* A segment for a collector. */
struct keeper_gift {
	int fd;		 /* borrowed */
	uint32_t number; /* what it is called between the processes */
	int64_t from;	 /* ns: flows received then or later belong to it */
};

/*
 * Each worker has segments of its own.  True if one is to be handed over to it
 * now, under that number, which is above those that it had.
 */
bool keeper_give(struct keeper *, uint32_t worker, const struct keeper_now *,
    uint32_t number, struct keeper_gift *);
/* Milliseconds of a second behind which it wants to be asked; -1: any time. */
int keeper_moment(const struct keeper *);
/* The one that it writes is gone or broken: give it another. */
void keeper_renew(struct keeper *, uint32_t worker, uint32_t number);
/* It will not write to its own with a lower number any more. */
void keeper_left(struct keeper *, uint32_t worker, uint32_t number);
/* It is not there any more. */
void keeper_abandon(struct keeper *, uint32_t worker);
/* What it says is in those that it writes: no less must come out of them. */
void keeper_counted(struct keeper *, uint32_t worker,
    const struct ledger_segment *counted);
/*
 * It crashed, and what it counted ends there, in LEDGER_SEGMENTS or fewer: what
 * is behind is cut off, and segments after them are empty.  False if that could
 * not be.
 */
bool keeper_crashed(struct keeper *, uint32_t worker,
    const struct ledger_segment *counted);

/* Cut one of its back to a size.  False: it has none of that number open. */
bool keeper_cut(struct keeper *, uint32_t worker, uint32_t number,
    uint64_t size, enum logopen_cut *done);
/* Look at the directory again, and give everybody another segment. */
void keeper_refresh(struct keeper *);

/* Once a second: sizes, and what has to go. */
void keeper_tick(struct keeper *, const struct keeper_now *);
/* The file system has so little room that nothing is to be written. */
bool keeper_held(const struct keeper *);

/*
 * True if segments are to be sealed now: the job has all but self and verbose.
 * Its end is told, also if it could not be started (done NULL).
 */
bool keeper_seal(struct keeper *, const struct keeper_now *,
    struct sealing_job *);
void keeper_seal_started(struct keeper *);
void keeper_seal_ended(struct keeper *, const struct keeper_now *,
    const struct sealing_done *done);
/* The process at work is to be ended: its span has a writer again. */
bool keeper_seal_cancelled(const struct keeper *);
void keeper_seal_cancel(struct keeper *);
/* Likewise: it should have been done long ago. */
bool keeper_seal_overdue(const struct keeper *, const struct keeper_now *);
/* Nothing is left to be sealed. */
bool keeper_idle(const struct keeper *);

#endif /* KEEPER_H */
