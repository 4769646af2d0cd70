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

/* Memory that processes share, and what one of them cannot do with it. */

#include <sys/types.h>
#include <sys/mman.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "compat/compat.h"

#define SIZE 10000

static void *
map(int fd, int prot)
{
	void *p = mmap(NULL, SIZE, prot, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return (p);
}

static void
what_one_writes_the_other_reads(void **state)
{
	int reader, fd = shm_shared("test", SIZE, &reader);
	const char *seen;
	char *p;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_not_equal(reader, fd);
	p = map(fd, PROT_READ | PROT_WRITE);
	seen = map(reader, PROT_READ);
	assert_int_equal(seen[SIZE - 1], 0);
	p[SIZE - 1] = 7;
	assert_int_equal(seen[SIZE - 1], 7);
	munmap(p, SIZE);
	munmap((void *)(uintptr_t)seen, SIZE);
	close(fd);
	close(reader);
}

/* Nor later: who was taken over has the calls for it. */
static void
who_reads_cannot_write(void **state)
{
	int reader, fd = shm_shared("test", SIZE, &reader);
	void *seen;

	(void)state;
	assert_int_not_equal(fd, -1);
	seen = map(reader, PROT_READ);
	assert_int_equal(mprotect(seen, SIZE, PROT_READ | PROT_WRITE), -1);
	assert_ptr_equal(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			     reader, 0),
	    MAP_FAILED);
	assert_int_equal(write(reader, "x", 1), -1);
	assert_int_equal(ftruncate(reader, 0), -1);
	munmap(seen, SIZE);
	close(fd);
	close(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_one_writes_the_other_reads),
	    cmocka_unit_test(who_reads_cannot_write),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
