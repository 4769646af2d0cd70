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
 * The parent's side of what exporters taught: a file for the collector to read
 * at its start, and one after the other for it to write.  With a name they
 * outlive flowd; without one, the collector.  Of several collectors each has
 * its own: that of worker 2 has the name and ".2", and worker 0 the name alone.
 * Each is given all that there are to read, for their number may have been
 * another; but not what others have written since, for that is theirs alone.
 */

#ifndef STATEFILE_H
#define STATEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allot.h"

#define STATEFILES WORKERS_MAX		  /* that there can be */
#define STATEFILE_MAX (64U * 1024 * 1024) /* bytes */
#define STATEFILE_TRIAL                                      \
	10 /* seconds that a collector lives with a good one \
	    */

struct statefile {
	uint32_t worker; /* whose */
	int kept;	 /* the last without a name; -1: none */
	int next;	 /* being written; -1: none is */
	char *path;	 /* what that shall be called; NULL: it has no name */
	bool given;	 /* the collector has read some */
	bool doubted;	 /* the last one to read them did not live long */
	bool saved;	 /* with a name, since flowd was started */
	bool troubled;	 /* that none can be written was said */
};

/*
 * What was kept, by all under that name, but by those others whose bits are
 * set: descriptors to hand over and close, and their number.  What cannot be
 * used is logged.  path: the name; NULL: none, and then it is this worker's
 * alone.
 */
size_t statefile_open(struct statefile *, const char *path, uint64_t others,
    int fd[STATEFILES]);

/*
 * A collector ended after so many seconds.  True if what it was given may be
 * to blame: the next one is given nothing.
 */
bool statefile_blame(struct statefile *, int64_t lived);

/* A new one to write.  It stays ours.  -1 after that was logged, once. */
int statefile_begin(struct statefile *, const char *path);
/*
 * It is written, and so long; 0: it could not be.  It takes the place of the
 * old one, in one piece, or is thrown away.
 */
void statefile_end(struct statefile *, uint64_t bytes);
/* Whoever wrote it is gone. */
void statefile_abandon(struct statefile *);

/* There are so many workers: those of others go. */
void statefile_remove(const char *path, uint32_t workers);

#endif /* STATEFILE_H */
