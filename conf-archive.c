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
 * The archive: where it is, how it is cut, and how much of it is kept.
 */

#include <sys/types.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "compat/squeeze.h"
#include "conf.h"
#include "field.h"
#include "store.h"

#define DAY 86400
#define KEEP_MAX (100U * 366 * DAY)
#define LEVEL_MAX 19
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
/* The longest first, for printing. */
static const struct unit {
	char name;
	uint32_t seconds;
} units[] = {
	{ 'w', 7 * DAY }, { 'd', DAY }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 },
};
/* clang-format on */

static unsigned int said; /* enum archive_option, as bits */

/* A number and its unit: never 0. */
static int
duration(const struct word *w, uint32_t max, uint32_t *seconds)
{
	unsigned long n;
	size_t i;
	char *end;

	if (!isdigit((unsigned char)w->s[0]))
		return (-1);
	n = strtoul(w->s, &end, 10);
	for (i = 0; i < COUNT(units); i++)
		if (end[0] == units[i].name && end[1] == '\0' && n > 0 &&
		    n <= max / units[i].seconds) {
			*seconds = (uint32_t)n * units[i].seconds;
			return (0);
		}
	return (-1);
}

static int
take_rotate(struct conf_archive *a, const struct word *w)
{
	return (duration(w, DAY, &a->rotate) == -1 || DAY % a->rotate != 0 ? -1
									   : 0);
}

static int
take_merge(struct conf_archive *a, const struct word *w)
{
	return (
	    duration(w, DAY, &a->merge) == -1 || DAY % a->merge != 0 ? -1 : 0);
}

static int
take_level(struct conf_archive *a, const struct word *w)
{
	uint64_t level;

	if (build_number(w, LEVEL_MAX, &level) == -1 || level == 0)
		return (-1);
	a->level = (int)level;
	return (0);
}

static int
take_keep(struct conf_archive *a, const struct word *w)
{
	return (duration(w, KEEP_MAX, &a->keep));
}

static int
take_maxsize(struct conf_archive *a, const struct word *w)
{
	return (build_number(w, INT64_MAX, &a->maxsize) == -1 || a->maxsize == 0
		? -1
		: 0);
}

/* "5%", "0.5%": in tenths of a percent. */
static int
share(const struct word *w, uint64_t *mille)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)w->s[0]))
		return (-1);
	n = strtoul(w->s, &end, 10);
	if (n >= 100)
		return (-1);
	n *= 10;
	if (end[0] == '.' && isdigit((unsigned char)end[1])) {
		n += (unsigned long)(end[1] - '0');
		end += 2;
	}
	if (strcmp(end, "%") != 0 || n == 0)
		return (-1);
	*mille = n;
	return (0);
}

static int
take_minfree(struct conf_archive *a, const struct word *w)
{
	a->minfree_relative = strchr(w->s, '%') != NULL;
	if (a->minfree_relative)
		return (share(w, &a->minfree));
	return (build_number(w, INT64_MAX, &a->minfree) == -1 || a->minfree == 0
		? -1
		: 0);
}

static int
take_store(struct conf_archive *a, const struct word *w)
{
	(void)w;
	memset(&a->fields, 0, sizeof(a->fields));
	return (0);
}

/* clang-format off */
static const struct option {
	const char *name;
	const char *expected;
	int (*take)(struct conf_archive *, const struct word *);
} options[] = {
	[ARCHIVE_ROTATE] = { "rotate",
	    "a time that divides a day, such as 5m", take_rotate },
	[ARCHIVE_MERGE] = { "merge",
	    "a time that divides a day, such as 1h", take_merge },
	[ARCHIVE_COMPRESS] = { "compress", "a level from 1 to 19",
	    take_level },
	[ARCHIVE_KEEP] = { "keep", "a time, such as 30d", take_keep },
	[ARCHIVE_MAXSIZE] = { "maxsize",
	    "a number of bytes, such as 50G", take_maxsize },
	[ARCHIVE_MINFREE] = { "minfree",
	    "a number of bytes or a share of the disk, such as 2G or 5%",
	    take_minfree },
	[ARCHIVE_STORE] = { "store", "a field", take_store },
};
/* clang-format on */

/* The times of receipt are what an archive is ordered by. */
static void
all_fields(struct flow_set *s)
{
	unsigned int i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		s->w[i / 64] |= UINT64_C(1) << i % 64;
}

void
build_archive(const struct word *dir)
{
	struct conf_archive *a = &build_conf()->archive;
	char *old = a->dir;

	said = 0;
	build_path(PATH_ARCHIVE, dir);
	if (a->dir == old)
		return; /* it said why */
	a->rotate = CONF_ROTATE;
	a->merge = a->keep = 0;
	a->level = squeeze_available() ? CONF_LEVEL : 0;
	a->maxsize = a->minfree = 0;
	a->minfree_relative = false;
	a->minfree_action = MINFREE_EXPIRE;
	all_fields(&a->fields);
}

void
build_archive_option(enum archive_option which, const struct word *name,
    const struct word *value)
{
	const struct option *o = &options[which];

	if ((said & 1U << which) != 0) {
		lex_error(lex_file(), name->line, "%s: given twice", o->name);
		return;
	}
	said |= 1U << which;
	if (value->s != NULL && o->take(&build_conf()->archive, value) == -1)
		build_expected(value, o->expected);
}

void
build_archive_compress(const struct word *name, bool zstd,
    const struct word *level)
{
	if (!zstd)
		build_conf()->archive.level = 0;
	else if (!squeeze_available())
		lex_error(lex_file(), name->line,
		    "compress zstd: this flowd was built without zstd");
	build_archive_option(ARCHIVE_COMPRESS, name, level);
}

void
build_archive_minfree(enum conf_minfree action)
{
	build_conf()->archive.minfree_action = action;
}

/* The classic keywords stand for several; a uptime is the time as well. */
static bool
keyword_fields(const char *name, struct flow_set *s)
{
	uint32_t mask = store_keyword(name);
	unsigned int i;

	if (mask == STORE_ALL)
		all_fields(s);
	if ((mask & STORE_FLOW_TIMES) != 0)
		s->w[0] |= UINT64_C(1) << FLOW_START | UINT64_C(1) << FLOW_END;
	for (i = 0; i < FLOW_NFIELDS; i++)
		if ((fields[i].store & mask) != 0)
			s->w[i / 64] |= UINT64_C(1) << i % 64;
	return (mask != 0);
}

void
build_archive_field(const struct word *w)
{
	struct flow_set *s = &build_conf()->archive.fields;
	const struct field *f = field_by_name(w->s);

	if (f != NULL)
		s->w[f->bit / 64] |= UINT64_C(1) << f->bit % 64;
	else if (!keyword_fields(w->s, s))
		build_expected(w,
		    "a field to store, such as src_addr or SRCDST_ADDR");
}

void
build_archive_end(const struct word *dir)
{
	struct conf_archive *a = &build_conf()->archive;

	a->fields.w[0] |= UINT64_C(1) << FLOW_RECV_TIME;
	if (a->rotate != 0 && a->merge != 0 &&
	    (a->merge <= a->rotate || a->merge % a->rotate != 0))
		lex_error(lex_file(), dir->line,
		    "merge: expected a multiple of the time of \"rotate\"");
}

static void
print_time(const char *name, uint32_t seconds, FILE *fp)
{
	size_t i = 0;

	if (seconds == 0)
		return;
	while (seconds % units[i].seconds != 0)
		i++;
	fprintf(fp, " %s %" PRIu32 "%c", name, seconds / units[i].seconds,
	    units[i].name);
}

static void
print_minfree(const struct conf_archive *a, FILE *fp)
{
	static const char *const actions[] = {[MINFREE_EXPIRE] = "expire",
	    [MINFREE_STOP] = "stop",
	    [MINFREE_ALARM] = "alarm"};

	if (a->minfree == 0)
		return;
	if (a->minfree_relative)
		fprintf(fp, " minfree %" PRIu64 ".%" PRIu64 "%%",
		    a->minfree / 10, a->minfree % 10);
	else
		fprintf(fp, " minfree %" PRIu64, a->minfree);
	fprintf(fp, " %s", actions[a->minfree_action]);
}

static void
print_fields(const struct flow_set *s, FILE *fp)
{
	const char *before = " store { ";
	struct flow_set all = {.w = {0}};
	unsigned int i;

	all_fields(&all);
	if (memcmp(s, &all, sizeof(all)) == 0)
		return;
	for (i = 0; i < FLOW_NFIELDS; i++)
		if ((s->w[i / 64] >> i % 64 & 1) != 0) {
			fprintf(fp, "%s%s", before, fields[i].name);
			before = ", ";
		}
	fputs(" }", fp);
}

void
archive_print(const struct conf_archive *a, FILE *fp)
{
	print_time("rotate", a->rotate, fp);
	print_time("merge", a->merge, fp);
	if (a->level == 0)
		fputs(" compress none", fp);
	else
		fprintf(fp, " compress zstd %d", a->level);
	print_time("keep", a->keep, fp);
	if (a->maxsize != 0)
		fprintf(fp, " maxsize %" PRIu64, a->maxsize);
	print_minfree(a, fp);
	print_fields(&a->fields, fp);
}
