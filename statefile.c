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
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "log.h"
#include "statefile.h"

/* What is wrong with it; NULL: nothing. */
static const char *
objection(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return (strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ("is no regular file");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return ("belongs to somebody else");
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return ("others may write to it");
	if (st.st_size > (off_t)STATEFILE_MAX)
		return ("is too large");
	return (NULL);
}

static int
open_named(const char *path)
{
	const char *bad;
	int fd;

	fd = open(path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		if (errno != ENOENT)
			log_warn("statefile %s: not loaded", path);
		return (-1);
	}
	if ((bad = objection(fd)) == NULL)
		return (fd);
	log_warnx("statefile %s: not loaded: %s", path, bad);
	close(fd);
	errno = EINVAL;
	return (-1);
}

/* The name of a worker's; NULL without memory. */
static char *
name_of(const char *path, uint32_t worker)
{
	char *name;

	if (worker == 0)
		return (strdup(path));
	return (
	    asprintf(&name, "%s.%" PRIu32, path, worker) == -1 ? NULL : name);
}

/* -1 with errno: ENOENT if there is none. */
static int
open_worker(const char *path, uint32_t worker)
{
	char *name = name_of(path, worker);
	int fd, saved;

	if (name == NULL)
		return (-1);
	fd = open_named(name);
	saved = errno;
	free(name);
	errno = saved;
	return (fd);
}

_Static_assert(STATEFILES <= 64, "each has a bit");

static size_t
open_all(const char *path, uint64_t others, int fds[STATEFILES], bool *bad)
{
	uint32_t worker;
	size_t n = 0;
	int fd;

	for (worker = 0; worker < STATEFILES; worker++)
		if (others >> worker & 1)
			continue;
		else if ((fd = open_worker(path, worker)) != -1)
			fds[n++] = fd;
		else
			*bad = *bad || errno != ENOENT;
	return (n);
}

size_t
statefile_open(struct statefile *s, const char *path, uint64_t others,
    int fd[STATEFILES])
{
	bool bad = false;
	size_t n = 0;

	s->given = false;
	if (s->doubted) {
		s->doubted = false;
		log_warnx("state: not loaded: the collector may have died "
			  "of it");
		return (0);
	}
	if (path != NULL)
		n = open_all(path, others & ~(UINT64_C(1) << s->worker), fd,
		    &bad);
	/* Whoever wrote it has left it at its end. */
	if (n == 0 && !bad && s->kept != -1 &&
	    lseek(s->kept, 0, SEEK_SET) == 0 &&
	    (fd[0] = fcntl(s->kept, F_DUPFD_CLOEXEC, 0)) != -1)
		n = 1;
	s->given = n > 0;
	return (n);
}

bool
statefile_blame(struct statefile *s, int64_t lived)
{
	s->doubted = s->given && lived < STATEFILE_TRIAL;
	return (s->doubted);
}

static char *
beside(const char *path)
{
	char *tmp;

	return (asprintf(&tmp, "%s.new", path) == -1 ? NULL : tmp);
}

static int
make_named(const char *path)
{
	char *tmp;
	int fd, saved;

	if ((tmp = beside(path)) == NULL)
		return (-1);
	/* One that was left by a flowd that was killed. */
	(void)unlink(tmp);
	fd = open(tmp,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
	    0600);
	saved = errno;
	free(tmp);
	errno = saved;
	return (fd);
}

int
statefile_begin(struct statefile *s, const char *path)
{
	free(s->path);
	s->path = NULL;
	if (path != NULL && (s->path = name_of(path, s->worker)) == NULL)
		return (-1);
	s->next =
	    path == NULL ? shm_anon("flowd state", 0) : make_named(s->path);
	if (s->next == -1 && !s->troubled) {
		log_warn("statefile %s: cannot be written",
		    path == NULL ? "without a name" : s->path);
		s->troubled = true;
	}
	return (s->next);
}

/* The name is on disk when its directory is. */
static void
sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd;

	if (copy == NULL)
		return;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1) {
		(void)fsync(fd);
		close(fd);
	}
	free(copy);
}

/* 0; -1 with errno, and the name is unused again. */
static int
give_name(int fd, const char *path)
{
	char *tmp = beside(path);
	int saved;

	if (tmp != NULL && fsync(fd) == 0 && rename(tmp, path) == 0) {
		sync_directory(path);
		free(tmp);
		return (0);
	}
	saved = errno;
	if (tmp != NULL)
		(void)unlink(tmp);
	free(tmp);
	errno = saved;
	return (-1);
}

static bool
whole(int fd, uint64_t bytes)
{
	struct stat st;

	return (bytes > 0 && bytes <= STATEFILE_MAX && fstat(fd, &st) == 0 &&
	    S_ISREG(st.st_mode) && (uint64_t)st.st_size == bytes);
}

static void
put_in_place(struct statefile *s)
{
	if (s->path == NULL) {
		if (s->kept != -1)
			close(s->kept);
		s->kept = s->next;
		s->next = -1;
		return;
	}
	if (give_name(s->next, s->path) == 0) {
		if (s->troubled)
			log_info("statefile %s: written again", s->path);
		s->troubled = false;
		s->saved = true;
	} else {
		if (!s->troubled)
			log_warn("statefile %s: cannot be written", s->path);
		s->troubled = true;
	}
	close(s->next);
	s->next = -1;
}

void
statefile_end(struct statefile *s, uint64_t bytes)
{
	if (whole(s->next, bytes)) {
		put_in_place(s);
		return;
	}
	if (!s->troubled)
		log_warnx("statefile%s%s: could not be written whole",
		    s->path == NULL ? "" : " ", s->path == NULL ? "" : s->path);
	s->troubled = true;
	statefile_abandon(s);
}

void
statefile_abandon(struct statefile *s)
{
	char *tmp;

	if (s->next == -1)
		return;
	close(s->next);
	s->next = -1;
	if (s->path == NULL || (tmp = beside(s->path)) == NULL)
		return;
	(void)unlink(tmp);
	free(tmp);
}

void
statefile_remove(const char *path, uint32_t workers)
{
	struct stat st;
	uint32_t worker;
	char *name;

	for (worker = workers; worker < STATEFILES; worker++) {
		if ((name = name_of(path, worker)) == NULL)
			return;
		if (lstat(name, &st) == 0 && S_ISREG(st.st_mode) &&
		    st.st_uid == geteuid())
			(void)unlink(name);
		free(name);
	}
}
