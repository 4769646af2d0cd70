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
 * outlive flowd; without one, the collector.
 */

#ifndef STATEFILE_H
#define STATEFILE_H

#include <stdbool.h>
#include <stdint.h>

#define STATEFILE_MAX (64U * 1024 * 1024) /* bytes */
#define STATEFILE_TRIAL                                      \
	10 /* seconds that a collector lives with a good one \
	    */

struct statefile {
	int kept;      /* the last without a name; -1: none */
	int next;      /* being written; -1: none is */
	char *path;    /* what that shall be called; NULL: it has no name */
	bool given;    /* the collector has read one */
	bool doubted;  /* the last one to read it did not live long */
	bool troubled; /* that none can be written was said */
};

/*
 * What was kept last, to hand over and close; -1: nothing, or nothing that can
 * be used, which is logged.  path: its name; NULL: it has none.
 */
int statefile_open(struct statefile *, const char *path);

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

#endif /* STATEFILE_H */
