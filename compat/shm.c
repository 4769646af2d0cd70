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

#include "config.h"

#include <sys/types.h>
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "compat.h"

/* The same memory anew, without the right to write. */
static int
reopen(int fd)
{
	char path[64];
	int reader;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = open(path, O_RDONLY | O_CLOEXEC);
	return (reader != -1 ? reader : dup(fd));
}

static int
make(const char *name, int *reader)
{
#if defined(HAVE_MEMFD_CREATE)
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd != -1 && reader != NULL)
		*reader = reopen(fd);
	return (fd);
#elif defined(HAVE_SHM_MKSTEMP)
	char path[] = "/flowd.XXXXXXXXXX";
	int fd = shm_mkstemp(path);

	(void)name;
	if (fd != -1 && reader != NULL &&
	    (*reader = shm_open(path, O_RDONLY, 0)) == -1)
		*reader = reopen(fd);
	if (fd != -1)
		shm_unlink(path);
	return (fd);
#else
	char path[] = "/tmp/flowd.XXXXXXXXXX";
	int fd = mkstemp(path);

	(void)name;
	if (fd != -1 && reader != NULL &&
	    (*reader = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		*reader = reopen(fd);
	if (fd != -1)
		unlink(path);
	return (fd);
#endif
}

static int
sized(int fd, size_t size)
{
	int saved;

	if (fd == -1 || ftruncate(fd, (off_t)size) != -1)
		return (fd);
	saved = errno;
	close(fd);
	errno = saved;
	return (-1);
}

int
shm_anon(const char *name, size_t size)
{
	return (sized(make(name, NULL), size));
}

int
shm_shared(const char *name, size_t size, int *reader)
{
	int fd;

	*reader = -1;
	fd = sized(make(name, reader), size);
	if (fd != -1 && *reader != -1)
		return (fd);
	if (fd != -1)
		close(fd);
	if (*reader != -1)
		close(*reader);
	return (-1);
}
