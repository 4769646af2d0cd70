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
 * The files below a directory that a question needs: segments by their names,
 * and logs, all in the order of their times.
 */

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scan/job.h"

#define DEPTH_MAX 16
#define DAY INT64_C(86400)
/* Clocks are set, and what waited in a socket is of the segment before. */
#define SLACK INT64_C(300)
#define TRIES 20

struct walk {
	struct scan *s;
	struct files found;
	int64_t since, until; /* s, or INT64_MIN, INT64_MAX */
	uint64_t others;      /* files without flows */
	bool segments;	      /* there are some, wanted or not */
	bool failed;
	uint64_t strange; /* names that no terminal should see */
};

static int64_t
seconds_of(int64_t ns)
{
	return (ns == INT64_MIN || ns == INT64_MAX ? ns : ns / NSEC_PER_SEC);
}

static bool
is_wanted(const struct walk *w, const struct segname *name)
{
	if (name->kind == SEG_TMP)
		return (false);
	if (w->until != INT64_MAX && name->start - SLACK > w->until)
		return (false);
	/* Nobody knows how long the open one goes on. */
	return (name->kind == SEG_LIVE || w->since == INT64_MIN ||
	    name->start + (int64_t)name->span + SLACK >= w->since);
}

/* Is it "2026", "2026/11" or "2026/11/21"?  Its times, in s. */
static bool
dated(const char *rel, int64_t *from, int64_t *to)
{
	struct tm tm = {.tm_mon = 0, .tm_mday = 1};
	int year, month = 1, day = 1, n = 0;
	int got =
	    sscanf(rel, "%4d%n/%2d%n/%2d%n", &year, &n, &month, &n, &day, &n);

	if (got < 1 || rel[n] != '\0' || year < 1970 || year > 9999)
		return (false);
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	*from = timegm(&tm);
	*(got == 1 ? &tm.tm_year : got == 2 ? &tm.tm_mon : &tm.tm_mday) += 1;
	*to = timegm(&tm);
	return (true);
}

/* A directory of days that are not asked for need not be read. */
static bool
dir_wanted(const struct walk *w, const char *rel)
{
	int64_t from, to;

	if (!dated(rel, &from, &to))
		return (true);
	return ((w->until == INT64_MAX || from - SLACK <= w->until) &&
	    (w->since == INT64_MIN || to + DAY + SLACK >= w->since));
}

static void
walk_file(struct walk *w, const char *path, const char *name)
{
	struct file *f;
	struct segname seg;
	bool named = segname_parse(name, &seg) == 0;

	if (named) {
		w->segments = true;
		if (!is_wanted(w, &seg))
			return;
	}
	if ((f = files_add(&w->found, w->s, path)) == NULL)
		return;
	if (named) {
		f->kind = FILE_SEGMENT;
		f->named = true;
		f->name = seg;
		f->first = seg.start * NSEC_PER_SEC;
	} else if (!file_has_flows(f, w->s)) {
		w->others++;
		w->found.n--;
		free(f->path);
	}
}

static void walk_dir(struct walk *, const char *path, const char *rel, int);

static void
walk_entry(struct walk *w, const char *path, const char *rel, int depth)
{
	const char *name = strrchr(path, '/') + 1;
	struct stat st;

	/* A link may lead to a file, but not into a circle. */
	if (lstat(path, &st) == -1)
		return;
	if (S_ISDIR(st.st_mode)) {
		if (!dir_wanted(w, rel))
			w->segments = true; /* of another day */
		else if (depth < DEPTH_MAX)
			walk_dir(w, path, rel, depth + 1);
		return;
	}
	if (S_ISLNK(st.st_mode) && stat(path, &st) == -1)
		return;
	if (S_ISREG(st.st_mode))
		walk_file(w, path, name);
}

/* Messages and tables have names in them: they move no cursor. */
static bool
is_strange(const char *name)
{
	for (; *name != '\0'; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			return (true);
	return (false);
}

static void
walk_dir(struct walk *w, const char *path, const char *rel, int depth)
{
	char sub[PATH_MAX], subrel[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	if ((dir = opendir(path)) == NULL) {
		/* The last file of a day that expired takes its directory. */
		if (errno == ENOENT && depth > 0)
			return;
		scan_errno(w->s, path);
		w->failed = true;
		return;
	}
	while ((e = readdir(dir)) != NULL && !scan_stopped(w->s)) {
		if (*e->d_name == '.')
			continue;
		if (is_strange(e->d_name)) {
			w->strange++;
			continue;
		}
		if (snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name) >=
			(int)sizeof(sub) ||
		    snprintf(subrel, sizeof(subrel), "%s%s%s", rel,
			*rel == '\0' ? "" : "/",
			e->d_name) >= (int)sizeof(subrel))
			continue;
		walk_entry(w, sub, subrel, depth);
	}
	(void)closedir(dir);
}

static int
by_time(const void *va, const void *vb)
{
	const struct file *a = va, *b = vb;
	int c;

	if (a->first != b->first)
		return (a->first < b->first ? -1 : 1);
	if (a->named && b->named && (c = segname_cmp(&a->name, &b->name)) != 0)
		return (c);
	return (strcmp(a->path, b->path));
}

static bool
is_seal(const struct file *f)
{
	return (f->named && f->name.kind == SEG_SEAL);
}

/* The ends of the .seals that begin there, from fs->all[i] on. */
static int64_t
sealed_until(const struct files *fs, size_t i, int64_t end)
{
	const int64_t first = fs->all[i].first;
	const struct file *f;

	for (; i < fs->n && fs->all[i].first == first; i++) {
		f = &fs->all[i];
		if (is_seal(f) && f->name.start + f->name.span > end)
			end = f->name.start + f->name.span;
	}
	return (end);
}

/*
 * The files that a .seal stands for are about to be removed.  In the order of
 * their times: whatever ends before a .seal that began earlier is in it.
 */
static void
supersede(struct files *fs)
{
	int64_t first = INT64_MIN, until = INT64_MIN;
	size_t i, n = 0;

	for (i = 0; i < fs->n; i++) {
		struct file *f = &fs->all[i];

		if (i == 0 || f->first != first)
			until = sealed_until(fs, i, until);
		first = f->first;
		if (f->named && !is_seal(f) &&
		    f->name.start + (int64_t)f->name.span <= until)
			free(f->path);
		else
			fs->all[n++] = *f;
	}
	fs->n = n;
}

/*
 * All at once, before any is read: sealing and merging rename and remove
 * files.  False if one is gone already.  If there are more than may be open,
 * the rest is opened when its turn comes.
 */
static bool
open_all(struct files *fs, const struct scan *s)
{
	struct stat st;
	size_t i;

	for (i = 0; i < fs->n; i++) {
		struct file *f = &fs->all[i];

		if (f->kind != FILE_SEGMENT)
			continue;
		if (f->fd == -1)
			f->fd = segment_fd(f->path);
		if (f->fd == -1 && errno == ENOENT)
			return (false);
		if (f->fd == -1 || fstat(f->fd, &st) == -1)
			continue;
		f->bytes = (uint64_t)st.st_size;
		file_spare(f, s);
	}
	return (true);
}

static void
append(struct files *to, struct scan *s, struct files *from)
{
	size_t i;

	for (i = 0; i < from->n; i++) {
		struct file *f = files_add(to, s, "");

		if (f == NULL) {
			files_clear(from);
			return;
		}
		free(f->path);
		*f = from->all[i];
		from->all[i] = (struct file){.fd = -1};
		to->bytes += f->bytes;
		if (f->kind == FILE_SEGMENT || f->kind == FILE_STREAM)
			to->archive = true;
	}
	free(from->all);
}

static bool
find_once(struct walk *w, const char *dir)
{
	char path[PATH_MAX];
	size_t len = strlcpy(path, dir, sizeof(path));

	while (len > 1 && len < sizeof(path) && path[len - 1] == '/')
		path[--len] = '\0';
	w->others = 0;
	w->strange = 0;
	w->failed = false;
	walk_dir(w, path, "", 0);
	if (w->found.n > 0)
		qsort(w->found.all, w->found.n, sizeof(*w->found.all), by_time);
	supersede(&w->found);
	if (open_all(&w->found, w->s))
		return (true);
	files_clear(&w->found);
	return (false);
}

/* What was left out, and whether anything is there. */
static void
tell(struct walk *w, const char *dir, bool expected)
{
	if (w->others > 0 && expected)
		scan_say(w->s, SCAN_NOTE, dir, SCAN_NOWHERE,
		    "%llu files without flows", (unsigned long long)w->others);
	if (w->strange > 0)
		scan_say(w->s, SCAN_LEFT, dir, SCAN_NOWHERE,
		    "%llu names with control characters are left out",
		    (unsigned long long)w->strange);
	if (!w->segments && w->found.n == 0 && !w->failed && expected) {
		scan_say(w->s, SCAN_UNREAD, dir, SCAN_NOWHERE,
		    "no segments and no logs are there");
		w->failed = true;
	}
}

bool
archive_find(struct files *fs, struct scan *s, const char *dir, bool expected)
{
	struct walk w = {.s = s,
	    .since = seconds_of(s->since),
	    .until = seconds_of(s->until)};
	int tries = 0;

	while (!find_once(&w, dir))
		if (++tries == TRIES || scan_stopped(s)) {
			scan_say(s, SCAN_UNREAD, dir, SCAN_NOWHERE,
			    "files go while they are looked at");
			return (false);
		}
	tell(&w, dir, expected);
	if (w.segments)
		fs->archive = true;
	append(fs, s, &w.found);
	return (!w.failed);
}
