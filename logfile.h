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
 * The collector's side of the log: records gather in memory and are written in
 * pieces that end on a record's boundary, one at a time.  It opens nothing and
 * cuts nothing: it says what it wants of the parent.
 *
 * With a writer nothing here waits for the disk: what is under way is done
 * when logfile_wrote() takes its answer.
 */

#ifndef LOGFILE_H
#define LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "piece.h"
#include "flow.h"
#include "writer.h"

#define LOGFILE_BUFFER (1024 * 1024) /* no write is longer */
#define LOGFILE_PIECE (192 * 1024)   /* bytes gathered while one is under way */
#define LOGFILE_BATCH (64 * 1024)    /* bytes worth a write */

enum logfile_state {
	LOGFILE_NONE,	 /* none is configured */
	LOGFILE_OPEN,	 /* all is well */
	LOGFILE_CUTTING, /* waits for the parent to take a stump off */
	LOGFILE_FULL,	 /* no space: try again */
	LOGFILE_BROKEN,	 /* a write failed: try again, ask for a new one */
	LOGFILE_GONE,	 /* deleted, or never opened: ask for a new one */
};

struct logfile {
	enum logfile_state state;
	int fd;		       /* -1: none */
	uint32_t number;       /* the parent's name for it */
	int error;	       /* errno of the last failure */
	bool held;	       /* nothing is to be written, as on a full disk */
	bool shared;	       /* others write to it, too */
	bool busy;	       /* the first piece is being written */
	bool due;	       /* all is to be written when that is done */
	bool want;	       /* for the parent: it is gone or broken */
	bool want_cut;	       /* likewise: take a stump off */
	struct pieces *memory; /* borrowed */
	struct writer *writer; /* likewise; NULL: writes are waited for */
	struct piece *first, *last;
	struct piece *open;   /* the last, if it may get more; or NULL */
	size_t len;	      /* bytes that wait */
	uint64_t flows;	      /* likewise, those under way too */
	uint64_t stored;      /* in the file, since it was set */
	uint64_t end;	      /* of the file, after what was written last */
	uint64_t cut_to;      /* while CUTTING: the size to go back to */
	struct logfile *next; /* in a list of those that were left */
};

void logfile_init(struct logfile *, struct pieces *, struct writer *);
/* What waits is dropped.  A piece under way has to be done before. */
void logfile_clear(struct logfile *);

/* A descriptor from the parent; -1: none is configured.  Closes the old. */
void logfile_set(struct logfile *, int fd, uint32_t number);

/*
 * Before that, while a piece is being written: all that waits stays with the
 * old descriptor, which is at the end of the list from then on.  0, or -1 for
 * want of memory.
 */
int logfile_leave(struct logfile *, struct logfile **list);
/* What one of the list could not write comes before all else of that. */
void logfile_inherit(struct logfile *, struct logfile *from);

/* True if the record found room.  False: it is lost, for l->state's reason. */
bool logfile_put(struct logfile *, const struct flow *, uint32_t mask);
/* Flows that were put last are of whom; every one has to be said of somebody.
 */
void logfile_owe(struct logfile *, void *who, uint64_t flows);
/* There is enough for a write. */
bool logfile_ready(const struct logfile *);
/* A piece that is complete. */
void logfile_add(struct logfile *, struct piece *);

/* What was written. */
struct logfile_done {
	uint64_t flows;
	uint64_t bytes;
	bool changed; /* the state is another than before */
};

/*
 * Begin to write what is there; without a writer, do it.  On any failure all
 * of it stays for the next time.
 */
struct logfile_done logfile_flush(struct logfile *);
/* A writing is done.  False if it is none of this one's. */
bool logfile_wrote(struct logfile *, struct writing *, struct logfile_done *);

/*
 * Give up what is there: the number of flows that are lost.  What is under way
 * is given up as well, whatever becomes of it.
 */
uint64_t logfile_discard(struct logfile *);

/* The parent's answer to a cut. */
void logfile_cut_done(struct logfile *, uint32_t number, bool ok);

/*
 * The same of a list of those that were left: each is closed and forgotten as
 * soon as it has nothing to write, or cannot; then `heir` has it.
 */
bool logfiles_wrote(struct logfile **list, struct writing *,
    struct logfile *heir, struct logfile_done *);
uint64_t logfiles_flows(const struct logfile *list);
uint64_t logfiles_discard(struct logfile *list);
void logfiles_cut_done(struct logfile **list, uint32_t number);
void logfiles_clear(struct logfile **list);

/* A phrase for the log. */
const char *logfile_state_name(enum logfile_state);

#endif /* LOGFILE_H */
