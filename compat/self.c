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

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"

static bool title_ready;

void
title_init(int argc, char **argv, char **envp)
{
#ifdef HAVE_LIBBSD
	setproctitle_init(argc, argv, envp);
#else
	(void)argc;
	(void)argv;
	(void)envp;
#endif
	title_ready = true;
}

void
title_set(const char *title)
{
	if (title_ready)
		setproctitle("%s", title);
}

int
self_path(const char *argv0, char *buf, size_t size)
{
	char real[PATH_MAX];
	ssize_t n;

#ifdef __linux__
	n = readlink("/proc/self/exe", buf, size - 1);
	if (n > 0 && (size_t)n < size - 1) {
		buf[n] = '\0';
		/* Replaced by an upgrade: the name serves the new one. */
		if (access(buf, X_OK) == 0)
			return (0);
	}
#else
	(void)n;
#endif
	if (strchr(argv0, '/') == NULL) {
		errno = ENOENT; /* started through PATH: not guessed */
		return (-1);
	}
	if (realpath(argv0, real) == NULL)
		return (-1);
	if (strlen(real) >= size) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	memcpy(buf, real, strlen(real) + 1);
	return (0);
}
