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
 * Writes that are under way while their caller goes on: one thread does them,
 * in the order that they were asked for, so that a disk that does not answer
 * for some seconds holds up nobody who receives.
 */

#ifndef WRITER_H
#define WRITER_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer;

/* One write: the caller's, and left alone by it while it is under way. */
struct writing {
	int fd;
	const void *p;
	size_t len;
	bool unnamed; /* a file that was deleted is as good as another */
	/* then: what became of it */
	ssize_t written; /* as write(2) returns it; less than len: look why */
	int error;	 /* errno, if -1 */
	uint64_t size;	 /* of the file before */
	bool regular;	 /* it is a file on a disk */
	bool deleted;	 /* it has no name any more: nothing was written */
	TAILQ_ENTRY(writing) next;
};

/* At once: whoever calls this waits for the disk. */
void writing_do(struct writing *);

/*
 * The thread is there, and the descriptor becomes readable whenever a write is
 * done; the caller waits for that with poll(2), and reads nothing from it.
 * NULL with errno.  Before a sandbox is entered, for threads cannot be made in
 * it.
 */
struct writer *writer_new(void);
int writer_fd(const struct writer *);
/* Waits for what is under way. */
void writer_free(struct writer *);

/* Never waits. */
void writer_start(struct writer *, struct writing *);
/* There is one that is done: worth a call, and costs none. */
bool writer_ready(const struct writer *);
/* One that is done, in the order of their starts; NULL: none is. */
struct writing *writer_done(struct writer *);

#endif /* WRITER_H */
