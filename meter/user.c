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
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "meter/user.h"

#define DESCRIPTORS 128

/* Who is not there on a machine without our package is not asked for. */
static struct passwd *
find_anybody(const char **name)
{
	struct passwd *pw;

	*name = METER_USER;
	if ((pw = getpwnam(*name)) != NULL)
		return (pw);
	log_info("user %s does not exist: nobody instead", *name);
	*name = "nobody";
	return (getpwnam(*name));
}

static int
find_name(struct user *u, const char *name)
{
	struct passwd *pw = name == NULL ? find_anybody(&name) : getpwnam(name);

	if (pw == NULL || pw->pw_uid == 0) {
		log_warnx("user %s %s: make it, or name another one with "
			  "--user",
		    name, pw == NULL ? "does not exist" : "is root");
		return (-1);
	}
	u->name = name;
	u->uid = pw->pw_uid;
	u->gid = pw->pw_gid;
	return (0);
}

static int
find_chroot(struct user *u, const char *dir)
{
	struct stat st;

	u->chroot = dir == NULL ? CHROOT_DIR : dir;
	if (stat(u->chroot, &st) == -1) {
		if (dir == NULL && errno == ENOENT) {
			u->chroot = NULL;
			return (0);
		}
		log_warn("chroot directory %s", u->chroot);
		return (-1);
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		log_warnx("chroot directory %s: must be root's and nobody "
			  "else's to write",
		    u->chroot);
		return (-1);
	}
	return (0);
}

int
user_find(struct user *u, const char *name, const char *chroot)
{
	*u = (struct user){.name = NULL};
	if (geteuid() != 0)
		return (0);
	return (
	    find_name(u, name) == -1 || find_chroot(u, chroot) == -1 ? -1 : 0);
}

/* A directory of nobody's, that is gone but for who is in it. */
static int
enter_nowhere(void)
{
	char dir[] = "/tmp/softflowd.XXXXXX";

	if (mkdtemp(dir) == NULL)
		return (-1);
	if (chdir(dir) == -1) {
		(void)rmdir(dir);
		return (-1);
	}
	return (rmdir(dir) == -1 ? -1 : chroot("."));
}

static int
drop(const struct user *u)
{
	if (u->name == NULL)
		return (0);
	if ((u->chroot == NULL ? enter_nowhere() : chroot(u->chroot)) == -1 ||
	    chdir("/") == -1) {
		log_warn("chroot %s", u->chroot == NULL ? "" : u->chroot);
		return (-1);
	}
	if (setgroups(1, &u->gid) == -1 ||
	    setresgid(u->gid, u->gid, u->gid) == -1 ||
	    setresuid(u->uid, u->uid, u->uid) == -1) {
		log_warn("becoming %s", u->name);
		return (-1);
	}
	if (u->uid == 0 || setuid(0) == 0) {
		log_warnx("%s is still root", u->name);
		return (-1);
	}
	return (0);
}

static int
limit(void)
{
	const struct rlimit none = {0, 0};
	const struct rlimit files = {DESCRIPTORS, DESCRIPTORS};

	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
	    setrlimit(RLIMIT_NPROC, &none) == -1) {
		log_warn("setrlimit");
		return (-1);
	}
	/* A lower one that we were given stands. */
	(void)setrlimit(RLIMIT_NOFILE, &files);
	return (0);
}

void
user_lock_in(const struct user *u, const char *who,
    const char *(*sandbox)(void))
{
	const char *how;

	if (drop(u) == -1 || limit() == -1)
		exit(1);
	if ((how = sandbox()) == NULL)
		fatal("%s: sandbox", who);
	log_debug("%s: sandbox: %s", who, how);
}
