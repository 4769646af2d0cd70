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

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bytes.h"
#include "log.h"
#include "logopen.h"
#include "store.h"

/* True if records of version 3 may follow what is there. */
static bool
is_ours(int fd, const char *path)
{
	uint8_t head[STORE_V2_HDRLEN];
	struct stat st, named;
	int rfd;
	ssize_t n;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return (true); /* a pipe or a device: nothing to look at */
	if ((rfd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) == -1)
		return (true); /* may be written, not read: so be it */
	n = pread(rfd, head, sizeof(head), 0);
	if (fstat(rfd, &named) == -1 || named.st_ino != st.st_ino ||
	    named.st_dev != st.st_dev)
		n = 0; /* replaced while we looked: the new one is empty */
	close(rfd);
	return (n < 4 || be32(head) != STORE_V2_MAGIC);
}

int
logopen_open(const char *path, bool say)
{
	int fd;

	fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    0600);
	if (fd == -1) {
		if (say)
			log_warn("logfile %s", path);
		return (-1);
	}
	if (!is_ours(fd, path)) {
		if (say)
			log_warnx("logfile %s: is a version 2 log of an old "
				  "flowd: move it away, or convert it with "
				  "flowd-reader -L -q -o",
			    path);
		close(fd);
		errno = EINVAL;
		return (-1);
	}
	return (fd);
}

void
logopen_set(struct logopen *l, int fd)
{
	struct stat st;

	if (l->fd != -1)
		close(l->fd);
	l->fd = fd;
	l->number++;
	l->retry = l->wanted = false;
	l->size = 0;
	if (fd != -1 && fstat(fd, &st) == 0)
		l->size = (uint64_t)st.st_size;
	l->floor = l->mark = l->size;
}

int
logopen_renew(struct logopen *l, const char *path)
{
	bool trouble = l->retry || l->wanted;
	int fd;

	if ((fd = logopen_open(path, !l->retry)) == -1) {
		if (!trouble)
			log_warnx("the log that is open stays in use");
		l->retry = true;
		return (-1);
	}
	if (trouble)
		log_info("logfile %s: opened anew", path);
	return (fd);
}

void
logopen_mark(struct logopen *l, uint64_t counted)
{
	struct stat st;

	if (l->fd == -1 || fstat(l->fd, &st) == -1)
		return;
	l->size = (uint64_t)st.st_size;
	/* Neither goes back, unless somebody cut it by hand: so be it. */
	if (l->mark > l->size)
		l->mark = l->size;
	l->floor = l->mark;
	if (counted > l->size)
		counted = l->size;
	if (counted > l->mark)
		l->mark = counted;
}

enum logopen_cut
logopen_cut(struct logopen *l, uint64_t size, uint64_t most)
{
	struct stat st;

	if (l->fd == -1 || fstat(l->fd, &st) == -1 || !S_ISREG(st.st_mode))
		return (CUT_FAILED);
	if (size < l->floor || size > (uint64_t)st.st_size ||
	    (uint64_t)st.st_size - size > most)
		return (CUT_FORBIDDEN);
	return (ftruncate(l->fd, (off_t)size) == 0 ? CUT_DONE : CUT_FAILED);
}
