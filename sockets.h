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
 * The parent's sockets: those that listen and those that forward, made from a
 * configuration and kept over a reload where it names them again.
 */

#ifndef SOCKETS_H
#define SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allot.h"
#include "conf.h"

#define SOCKETS_LISTEN 64
#define SOCKETS_FORWARD 64

struct listening {
	struct endpoint at;
	int fd[WORKERS_MAX]; /* each worker's own */
	uint32_t nfd;	     /* 1 of a group: the first worker's */
	uint32_t
	    number;    /* below SOCKETS_LISTEN; the same as long as it lives */
	uint32_t room; /* bytes that the buffer of one takes */
	bool kept;     /* from the configuration before */
};

struct sockets {
	uint32_t workers; /* that there are sockets for */
	struct listening listen[SOCKETS_LISTEN];
	size_t nlisten;
	int forward[SOCKETS_FORWARD];
	size_t nforward;
};

/*
 * The sockets of a configuration; those that `old` has too are shared with it.
 * There are as many workers as old has, and without old as many as are
 * configured, or one where the system cannot spread datagrams over several.
 * old and old_conf may be NULL.  On failure it is logged, nothing is changed,
 * and -1 returned.
 */
int sockets_open(struct sockets *, const struct conf *,
    const struct sockets *old, const struct conf *old_conf);
/* They will not be in force: undo it all. */
void sockets_abandon(struct sockets *, const struct conf *,
    const struct conf *old_conf);
/* The new ones are in force: leave groups that only the old ones joined. */
void sockets_settle(const struct sockets *, const struct conf *,
    const struct conf *old_conf);
void sockets_close(struct sockets *);

/* A datagram socket connected to a path; -1 with errno. */
int sockets_unix(const char *path, uint32_t bufsize);

#endif /* SOCKETS_H */
