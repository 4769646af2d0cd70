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

#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "meter/user.h"

/* Whom to become.  -1: it was logged. */
static int
find_name(struct user *u, const char *name)
{
	const struct passwd *pw = getpwnam(name);

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
find_directory(struct user *u, const char *chroot)
{
	struct stat st;

	if (stat(chroot, &st) == -1) {
		log_warn("chroot directory %s: make it, or name another one "
			 "with --chroot",
		    chroot);
		return (-1);
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		log_warnx("chroot directory %s: must be root's and nobody "
			  "else's to write",
		    chroot);
		return (-1);
	}
	u->chroot = chroot;
	return (0);
}

int
user_find(struct user *u, const char *name, const char *chroot)
{
	*u = (struct user){.name = NULL};
	if (geteuid() != 0)
		return (0);
	return (find_name(u, name) == -1 || find_directory(u, chroot) == -1
		? -1
		: 0);
}

int
user_find_any(struct user *u, const char *name, const char *chroot)
{
	struct stat st;

	*u = (struct user){.name = NULL};
	if (geteuid() != 0)
		return (0);
	if (strcmp(name, METER_USER) == 0 && getpwnam(name) == NULL)
		name = "nobody";
	if (find_name(u, name) == -1)
		return (-1);
	if (strcmp(chroot, CHROOT_DIR) == 0 && stat(chroot, &st) == -1)
		return (0);
	return (find_directory(u, chroot));
}

static int
drop(const struct user *u)
{
	if (u->name == NULL)
		return (0);
	if (u->chroot != NULL &&
	    (chroot(u->chroot) == -1 || chdir("/") == -1)) {
		log_warn("chroot %s", u->chroot);
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

int
user_become(const struct user *u, unsigned int descriptors)
{
	const struct rlimit none = {0, 0};
	const struct rlimit files = {descriptors, descriptors};

	if (drop(u) == -1)
		return (-1);
	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
	    setrlimit(RLIMIT_NPROC, &none) == -1) {
		log_warn("setrlimit");
		return (-1);
	}
	/* A lower one that we were given stands. */
	(void)setrlimit(RLIMIT_NOFILE, &files);
	return (0);
}
