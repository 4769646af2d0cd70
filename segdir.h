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
 * The directory of an archive, and the files in it.  Nothing is followed out
 * of it, and nothing is touched that somebody else made.
 */

#ifndef SEGDIR_H
#define SEGDIR_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "archive/segname.h"

struct segdir {
	int fd;		    /* -1: none */
	const char *path;   /* borrowed, for messages */
	mode_t dirs, files; /* of what is made: as the directory itself */
	gid_t group;
};

/*
 * Open it, or make it, and keep other processes from doing so.  0, or -1 with
 * what is wrong logged.
 */
int segdir_open(struct segdir *, const char *path);
void segdir_close(struct segdir *);

/*
 * Every file of ours with the name of a segment, in any order.  0, or -1 with
 * errno: not all could be looked at, or found said so.
 */
int segdir_scan(const struct segdir *,
    int (*found)(void *arg, const struct segname *, uint64_t size), void *arg);

/* For appending; its directories are made.  -1 with errno: EEXIST. */
int segdir_create(const struct segdir *, const struct segname *);
/* To be read, if it is ours.  -1 with errno. */
int segdir_read(const struct segdir *, const struct segname *);
/* And directories that become empty.  0 if it is gone; -1 with errno. */
int segdir_remove(const struct segdir *, const struct segname *);
/* Of the same directory; on disk when it returns.  0, or -1 with errno. */
int segdir_rename(const struct segdir *, const struct segname *from,
    const struct segname *to);

/* Is that what the path leads to? */
bool segdir_is_there(const struct segdir *);
/* Of its file system, in bytes.  0, or -1 with errno. */
int segdir_space(const struct segdir *, uint64_t *free, uint64_t *size);

/*
 * Somebody who has it open for writing holds it, whatever process that is.
 * False: somebody does.
 */
void segdir_hold(int fd);
bool segdir_unheld(int fd);

#endif /* SEGDIR_H */
