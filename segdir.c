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
#include <sys/statvfs.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "log.h"
#include "segdir.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define TOP_MODE 0750
#define LEVELS 3 /* year, month, day */

static int
refuse(struct segdir *d, const char *why)
{
	if (why == NULL)
		log_warn("archive %s", d->path);
	else
		log_warnx("archive %s: %s", d->path, why);
	segdir_close(d);
	return (-1);
}

int
segdir_open(struct segdir *d, const char *path)
{
	bool made = mkdir(path, TOP_MODE) == 0;
	struct stat st;

	*d = (struct segdir){.fd = -1, .path = path};
	if (!made && errno != EEXIST)
		return (refuse(d, NULL));
	if ((d->fd = open(path, OPEN_DIR)) == -1 ||
	    (made && fchmod(d->fd, TOP_MODE) == -1) || fstat(d->fd, &st) == -1)
		return (refuse(d, NULL));
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return (refuse(d, "belongs to somebody else"));
	if ((st.st_mode & S_IWOTH) != 0)
		return (refuse(d, "anybody may write to it"));
	/* Its own descriptor holds it: it ends with this process. */
	if (flock(d->fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		return (refuse(d, "another flowd keeps it"));
	d->dirs = (st.st_mode & 0755) | 0700;
	d->files = (st.st_mode & 0644) | 0600;
	d->group = st.st_gid;
	return (0);
}

void
segdir_close(struct segdir *d)
{
	if (d->fd != -1)
		close(d->fd);
	d->fd = -1;
}

/* No link, no device, and nobody else's. */
static bool
is_ours(const struct stat *st)
{
	return (S_ISREG(st->st_mode) && st->st_uid == geteuid());
}

/*
 * A directory in one of ours, that nobody else can put something into.
 * -1 with errno.
 */
static int
enter(int at, const char *name)
{
	int fd = openat(at, name, OPEN_DIR | O_NOFOLLOW);
	struct stat st;

	if (fd == -1)
		return (-1);
	if (fstat(fd, &st) == 0 && (st.st_uid == 0 || st.st_uid == geteuid()) &&
	    (st.st_mode & S_IWOTH) == 0)
		return (fd);
	close(fd);
	errno = EPERM;
	return (-1);
}

/* Scanning. */

struct scan {
	int (*found)(void *arg, const struct segname *, uint64_t size);
	void *arg;
	char dir[SEGDIR_MAX];
};

static int
scan_file(const struct scan *s, int dirfd, const char *name)
{
	char dir[SEGDIR_MAX];
	struct segname seg;
	struct stat st;

	if (segname_parse(name, &seg) == -1 ||
	    strcmp(segname_dir(&seg, dir), s->dir) != 0)
		return (0);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return (errno == ENOENT ? 0 : -1);
	return (
	    is_ours(&st) ? s->found(s->arg, &seg, (uint64_t)st.st_size) : 0);
}

/* So many digits and nothing else. */
static bool
all_digits(const char *s, size_t n)
{
	return (strlen(s) == n && strspn(s, "0123456789") == n);
}

/* A directory of a level, with its number behind those above. */
static int
scan_level(struct scan *s, int dirfd, int level)
{
	size_t len = strlen(s->dir), digits = level == 0 ? 4 : 2;
	struct dirent *e;
	int fd, bad = 0;
	DIR *dp;

	if ((dp = fdopendir(dirfd)) == NULL) {
		close(dirfd);
		return (-1);
	}
	while (bad == 0 && (errno = 0, e = readdir(dp)) != NULL) {
		if (level == LEVELS) {
			bad = scan_file(s, dirfd, e->d_name);
			continue;
		}
		if (!all_digits(e->d_name, digits))
			continue;
		if ((fd = enter(dirfd, e->d_name)) == -1)
			continue; /* a link, no directory, or a stranger's */
		snprintf(s->dir + len, sizeof(s->dir) - len, "%s%.4s",
		    len == 0 ? "" : "/", e->d_name);
		bad = scan_level(s, fd, level + 1);
		s->dir[len] = '\0';
	}
	if (bad == 0 && errno != 0)
		bad = -1;
	closedir(dp);
	return (bad);
}

int
segdir_scan(const struct segdir *d,
    int (*found)(void *arg, const struct segname *, uint64_t size), void *arg)
{
	struct scan s = {.found = found, .arg = arg};
	int fd;

	/* A description of its own: readdir moves it. */
	if ((fd = openat(d->fd, ".", OPEN_DIR)) == -1)
		return (-1);
	return (scan_level(&s, fd, 0));
}

/* A directory's inside, made if `make`: -1 with errno. */
static int
step(const struct segdir *d, int at, const char *name, bool make)
{
	int fd;
	bool made = make && mkdirat(at, name, d->dirs) == 0;

	if (make && !made && errno != EEXIST)
		return (-1);
	if ((fd = enter(at, name)) == -1 || !made)
		return (fd);
	/* Those who may read the archive may read this, umask or not. */
	if (fchown(fd, (uid_t)-1, d->group) == -1)
		log_debug("archive %s: the group stays another", d->path);
	(void)fchmod(fd, d->dirs);
	return (fd);
}

/* A directory below, level by level: -1 with errno. */
static int
descend(const struct segdir *d, const char *below, bool make)
{
	char path[SEGDIR_MAX], *part = path, *end;
	int at = d->fd, fd, saved;

	(void)strlcpy(path, below, sizeof(path));
	do {
		if ((end = strchr(part, '/')) != NULL)
			*end = '\0';
		fd = step(d, at, part, make);
		saved = errno;
		if (at != d->fd)
			close(at);
		at = fd;
		errno = saved;
		if (end != NULL)
			part = end + 1;
	} while (at != -1 && end != NULL);
	return (at);
}

/* The directory of a day: -1 with errno. */
static int
day_of(const struct segdir *d, const struct segname *seg, bool make)
{
	char path[SEGDIR_MAX];

	return (descend(d, segname_dir(seg, path), make));
}

int
segdir_create(const struct segdir *d, const struct segname *seg)
{
	char name[SEGNAME_MAX];
	int dir, fd, saved;

	if ((dir = day_of(d, seg, true)) == -1)
		return (-1);
	fd = openat(dir, segname_format(seg, name),
	    O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	saved = errno;
	close(dir);
	errno = saved;
	if (fd == -1)
		return (-1);
	if (fchown(fd, (uid_t)-1, d->group) == -1)
		log_debug("archive %s: the group stays another", d->path);
	(void)fchmod(fd, d->files);
	return (fd);
}

int
segdir_read(const struct segdir *d, const struct segname *seg)
{
	char name[SEGNAME_MAX];
	struct stat st;
	int dir, fd, saved;

	if ((dir = day_of(d, seg, false)) == -1)
		return (-1);
	fd = openat(dir, segname_format(seg, name),
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	saved = errno;
	close(dir);
	if (fd != -1 && (fstat(fd, &st) == -1 || !is_ours(&st))) {
		close(fd);
		fd = -1;
		saved = EPERM;
	}
	errno = saved;
	return (fd);
}

/* A day's directory that is empty goes, and then the month's, the year's. */
static void
remove_empty(const struct segdir *d, const struct segname *seg)
{
	char path[SEGDIR_MAX], *slash;
	int up, bad;

	segname_dir(seg, path);
	do {
		if ((slash = strrchr(path, '/')) != NULL)
			*slash = '\0';
		up = slash == NULL ? d->fd : descend(d, path, false);
		if (up == -1)
			return;
		bad = unlinkat(up, slash == NULL ? path : slash + 1,
		    AT_REMOVEDIR);
		if (up != d->fd)
			close(up);
	} while (bad == 0 && slash != NULL);
}

int
segdir_remove(const struct segdir *d, const struct segname *seg)
{
	char name[SEGNAME_MAX];
	struct stat st;
	int dir, bad;

	if ((dir = day_of(d, seg, false)) == -1)
		return (errno == ENOENT ? 0 : -1);
	segname_format(seg, name);
	bad = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW);
	if (bad == 0 && !is_ours(&st)) {
		bad = -1;
		errno = EPERM;
	}
	if (bad == 0)
		bad = unlinkat(dir, name, 0);
	if (bad == -1 && errno == ENOENT)
		bad = 0;
	close(dir);
	if (bad == 0)
		remove_empty(d, seg);
	return (bad);
}

int
segdir_rename(const struct segdir *d, const struct segname *from,
    const struct segname *to)
{
	char a[SEGNAME_MAX], b[SEGNAME_MAX];
	int dir, bad, saved;

	if ((dir = day_of(d, from, false)) == -1)
		return (-1);
	bad = renameat(dir, segname_format(from, a), dir,
		  segname_format(to, b)) == -1 ||
	    fsync(dir) == -1;
	saved = errno;
	close(dir);
	errno = saved;
	return (bad ? -1 : 0);
}

int
segdir_space(const struct segdir *d, uint64_t *left, uint64_t *size)
{
	struct statvfs st;

	if (fstatvfs(d->fd, &st) == -1)
		return (-1);
	*left = (uint64_t)st.f_bavail * st.f_frsize;
	*size = (uint64_t)st.f_blocks * st.f_frsize;
	return (0);
}

bool
segdir_is_there(const struct segdir *d)
{
	struct stat a, b;

	return (fstat(d->fd, &a) == 0 && stat(d->path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

void
segdir_hold(int fd)
{
	(void)flock(fd, LOCK_SH | LOCK_NB);
}

bool
segdir_unheld(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return (errno != EWOULDBLOCK);
	(void)flock(fd, LOCK_UN);
	return (true);
}
