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

#include "compat.h"

/* What a range begins at and ends with, whatever its pages are. */
#define PAGES_ALIGN ((size_t)2 << 20)

static size_t
whole(size_t len)
{
	return ((len + PAGES_ALIGN - 1) / PAGES_ALIGN * PAGES_ALIGN);
}

void *
pages_reserve(size_t len)
{
	int flags = MAP_PRIVATE | MAP_ANON;
	size_t front;
	uint8_t *p;

#ifdef MAP_NORESERVE
	flags |= MAP_NORESERVE;
#endif
	if (len == 0 || len > SIZE_MAX - 2 * PAGES_ALIGN) {
		errno = ENOMEM;
		return (NULL);
	}
	len = whole(len);
	p = mmap(NULL, len + PAGES_ALIGN, PROT_NONE, flags, -1, 0);
	if (p == MAP_FAILED)
		return (NULL);
	front = (PAGES_ALIGN - (uintptr_t)p % PAGES_ALIGN) % PAGES_ALIGN;
	if (front > 0)
		munmap(p, front);
	p += front;
	if (front < PAGES_ALIGN)
		munmap(p + len, PAGES_ALIGN - front);
	return (p);
}

int
pages_use(void *p, size_t len, bool huge)
{
	if (mprotect(p, len, PROT_READ | PROT_WRITE) == -1)
		return (-1);
#ifdef MADV_HUGEPAGE
	if (huge)
		(void)madvise(p, len, MADV_HUGEPAGE);
#else
	(void)huge;
#endif
	return (0);
}

void
pages_free(void *p, size_t len)
{
	if (p != NULL)
		munmap(p, whole(len));
}
