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
 * one piece, so that the file ends on a record's boundary at any moment.  It
 * opens nothing and cuts nothing: it says what it wants of the parent.
 */

#ifndef LOGFILE_H
#define LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

#define LOGFILE_BUFFER (1024 * 1024) /* bytes that outlast a full disk */
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
	int fd;		 /* -1: none */
	uint32_t number; /* the parent's name for it */
	int error;	 /* errno of the last failure */
	bool held;	 /* nothing is to be written, as on a full disk */
	uint8_t *buf;
	size_t size; /* of buf */
	size_t len;
	uint64_t flows;	 /* in buf */
	uint64_t cut_to; /* while CUTTING: the size to go back to */
};

/* With a buffer of LOGFILE_BUFFER, or of so many bytes.  0 or -1. */
int logfile_init(struct logfile *);
int logfile_init_size(struct logfile *, size_t);
void logfile_clear(struct logfile *);

/* A descriptor from the parent; -1: none is configured.  Closes the old. */
void logfile_set(struct logfile *, int fd, uint32_t number);

/* True if the record found room.  False: it is lost, for l->state's reason. */
bool logfile_put(struct logfile *, const struct flow *, uint32_t mask);

/*
 * Room for bytes to be put together in place, up to the end of the buffer, and
 * so many of them are there, of so many flows.
 */
uint8_t *logfile_room(struct logfile *, size_t *room);
void logfile_took(struct logfile *, size_t, uint64_t flows);

/* What logfile_flush did. */
struct logfile_done {
	uint64_t flows; /* written */
	uint64_t bytes;
	uint64_t end; /* the file's size now */
	bool changed; /* the state is another than before */
};

/*
 * Write what is there.  On any failure all of it stays for the next time.
 */
struct logfile_done logfile_flush(struct logfile *);

/* Give up what is there: the number of flows that are lost. */
uint64_t logfile_discard(struct logfile *);

/* The parent's answer to a cut. */
void logfile_cut_done(struct logfile *, uint32_t number, bool ok);

/* A phrase for the log. */
const char *logfile_state_name(enum logfile_state);

#endif /* LOGFILE_H */
