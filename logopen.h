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
 * The parent's side of the log: opening it, and taking back what the collector
 * could write in part only.
 */

#ifndef LOGOPEN_H
#define LOGOPEN_H

#include <stdbool.h>
#include <stdint.h>

struct logopen {
	int fd;		 /* -1: none.  Write only, append only */
	uint32_t number; /* what the collector calls it */
	uint64_t size;	 /* a second ago or less */
	uint64_t
	    floor;     /* no cut goes below: where it was counted to end then */
	uint64_t mark; /* the next floor */
	bool retry;    /* it could not be opened anew */
	bool wanted;   /* a collector cannot go on without */
};

/*
 * Open or make it, append only, mode 0600.  Refuses what is no flow log to
 * append to, with the reason logged when `say`.  The descriptor, or -1.
 */
int logopen_open(const char *path, bool say);

/* A descriptor from logopen_open takes the place of the old one. */
void logopen_set(struct logopen *, int fd);

/*
 * By its name, anew, to be set: the descriptor.  -1 if that did not work, which
 * is logged: what is open stays.
 */
int logopen_renew(struct logopen *, const char *path);

/*
 * Once a second: up to where what the collector counts as written ends, all is
 * out of its reach; UINT64_MAX: up to the end of the file.  What is behind may
 * be a write that a slow disk is at, for as long as it likes.
 */
void logopen_mark(struct logopen *, uint64_t counted);

enum logopen_cut { CUT_DONE, CUT_FAILED, CUT_FORBIDDEN };

/*
 * Cut back to a size.  Forbidden: below the floor, above the end, or more than
 * `most` bytes: no collector of ours asks for that.
 */
enum logopen_cut logopen_cut(struct logopen *, uint64_t size, uint64_t most);

#endif /* LOGOPEN_H */
