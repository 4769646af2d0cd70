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

static int
make(const char *name)
{
#if defined(HAVE_MEMFD_CREATE)
	return (memfd_create(name, MFD_CLOEXEC));
#elif defined(HAVE_SHM_MKSTEMP)
	char path[] = "/flowd.XXXXXXXXXX";
	int fd = shm_mkstemp(path);

	(void)name;
	if (fd != -1)
		shm_unlink(path);
	return (fd);
#else
	char path[] = "/tmp/flowd.XXXXXXXXXX";
	int fd = mkstemp(path);

	(void)name;
	if (fd != -1)
		unlink(path);
	return (fd);
#endif
}

int
shm_anon(const char *name, size_t size)
{
	int fd, saved;

	if ((fd = make(name)) == -1)
		return (-1);
	if (ftruncate(fd, (off_t)size) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return (-1);
	}
	return (fd);
}
