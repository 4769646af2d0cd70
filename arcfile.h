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
 * segment before its time comes.
 */

#ifndef ARCFILE_H
#define ARCFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/rows.h"
#include "flow.h"
#include "logfile.h"

struct arcfile {
	struct rows *rows;   /* not packed yet */
	struct logfile file; /* packed blocks on their way into the segment */
	int next_fd;	     /* -1: none */
	uint32_t next_number;
	int64_t next_from; /* ns: flows received then or later are its own */
};

int arcfile_init(struct arcfile *);
void arcfile_clear(struct arcfile *);

/* The fields to keep, NULL for all: flows that wait are packed first. */
int arcfile_configure(struct arcfile *, const struct flow_set *);

/* A segment from the parent, for flows from a time on; -1: no archive. */
void arcfile_set(struct arcfile *, int fd, uint32_t number, int64_t from);

/*
 * True if it found room.  False: it is lost, for the reason of the file's
 * state.  Goes over to the next segment when the flow belongs there.
 */
bool arcfile_put(struct arcfile *, const struct flow *);

/* Pack what waits, and write. */
struct logfile_done arcfile_flush(struct arcfile *);
uint64_t arcfile_discard(struct arcfile *);

#endif /* ARCFILE_H */
