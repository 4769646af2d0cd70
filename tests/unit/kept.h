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
 * A keeper in a directory of its own, under a clock of the test's own.
 */

#ifndef KEPT_H
#define KEPT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper.h"

#define NOON 1795262400 /* 2026-11-21 12:00:00 */

static char top[64], path[128];
static struct stats_archive stats;
static struct conf_archive conf;
static struct keeper_now now;
static uint32_t number; /* of the segment given last */

static int
remove_one(const char *name, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return (remove(name));
}

static int
setup(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/flowd-keeper.XXXXXX");
	assert_non_null(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/a", top);
	memset(&stats, 0, sizeof(stats));
	conf = (struct conf_archive){.dir = path, .rotate = 300};
	now = (struct keeper_now){.wall = NOON, .second = 1000};
	number = 0;
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	return (nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS));
}

static struct keeper *
keep(void)
{
	struct keeper *k = keeper_open(&conf, &stats);

	assert_non_null(k);
	return (k);
}

static void
pass(int seconds)
{
	now.wall += seconds;
	now.second += seconds;
}

#endif /* KEPT_H */
