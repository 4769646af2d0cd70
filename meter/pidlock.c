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
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "meter/pidlock.h"

#define TRIES 10

/*
 * The process that it names, if that lives.  softflowd 1.1 does not lock its
 * file, so a number without a lock counts as well.
 */
static long
names(int fd)
{
	char buf[32], *end;
	ssize_t n = pread(fd, buf, sizeof(buf) - 1, 0);
	long pid;

	if (n <= 0)
		return (0);
	buf[n] = '\0';
	pid = strtol(buf, &end, 10);
	if (end == buf || pid <= 0 || pid == (long)getpid() ||
	    pid == (long)getppid())
		return (0);
	return (kill((pid_t)pid, 0) == 0 || errno == EPERM ? pid : 0);
}

long
pidlock_check(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	long pid;

	if (fd == -1)
		return (errno == ENOENT ? 0 : -1);
	pid = names(fd);
	close(fd);
	return (pid);
}

/* Is it at the path still, and nowhere else? */
static bool
there(const char *path, int fd)
{
	struct stat ours, st;

	return (fstat(fd, &ours) == 0 && lstat(path, &st) == 0 &&
	    ours.st_dev == st.st_dev && ours.st_ino == st.st_ino);
}

/* What others can link to, or made a link of, is nothing to write to. */
static bool
plain(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return (false);
	errno = EPERM;
	return (S_ISREG(st.st_mode) && st.st_nlink <= 1);
}

/* Who ended meanwhile may have removed what was opened. */
static int
open_there(const char *path)
{
	int fd, tries;

	for (tries = 0; tries < TRIES; tries++) {
		fd = open(path,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW |
			O_NONBLOCK,
		    0644);
		if (fd == -1 || names(fd) != 0 ||
		    flock(fd, LOCK_EX | LOCK_NB) == -1 || there(path, fd))
			return (fd);
		close(fd);
	}
	errno = EAGAIN;
	return (-1);
}

long
pidlock_take(const char *path, int *fdp)
{
	char line[32];
	int fd, len, saved;
	long pid;

	if ((fd = open_there(path)) == -1)
		return (-1);
	pid = names(fd);
	if (pid == 0 && (!plain(fd) || flock(fd, LOCK_EX | LOCK_NB) == -1))
		pid = -1;
	len = snprintf(line, sizeof(line), "%ld\n", (long)getpid());
	if (pid == 0 &&
	    (ftruncate(fd, 0) == -1 || pwrite(fd, line, (size_t)len, 0) != len))
		pid = -1;
	if (pid != 0) {
		saved = errno;
		close(fd);
		errno = saved;
		return (pid);
	}
	*fdp = fd;
	return (0);
}

void
pidlock_release(const char *path, int fd)
{
	if (fd == -1)
		return;
	if (there(path, fd))
		(void)unlink(path);
	close(fd);
}
