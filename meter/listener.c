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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/control.h"

#define BACKLOG 16

struct identity {
	uid_t uid;
	gid_t gid;
};

static int
say(char *err, size_t errlen, const char *path, const char *what)
{
	snprintf(err, errlen, "control socket %s: %s", path, what);
	return (-1);
}

/* "user", "user:group", ":group" */
static int
look_up(const char *owner, struct identity *id)
{
	char name[64];
	const struct passwd *pw;
	const struct group *gr;
	size_t len = strcspn(owner, ":");

	*id = (struct identity){(uid_t)-1, (gid_t)-1};
	if (len >= sizeof(name))
		return (-1);
	memcpy(name, owner, len);
	name[len] = '\0';
	if (len > 0) {
		if ((pw = getpwnam(name)) == NULL)
			return (-1);
		id->uid = pw->pw_uid;
	}
	if (owner[len] == ':') {
		if ((gr = getgrnam(owner + len + 1)) == NULL)
			return (-1);
		id->gid = gr->gr_gid;
	}
	return (0);
}

/*
 * What is there is replaced only if it is a socket, not a link to one, and
 * nobody listens.
 */
static int
make_way(const char *path, const struct sockaddr_un *sun, char *err,
    size_t errlen)
{
	struct stat st;
	int fd, rc, saved;

	if (lstat(path, &st) == -1)
		return (errno == ENOENT
			? 0
			: say(err, errlen, path, strerror(errno)));
	if (!S_ISSOCK(st.st_mode))
		return (say(err, errlen, path, "is there, and is no socket"));
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return (say(err, errlen, path, strerror(errno)));
	/* A full queue must not keep us waiting: somebody is there. */
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	saved = errno;
	close(fd);
	if (rc == 0 || saved == EAGAIN || saved == EINPROGRESS)
		return (say(err, errlen, path, "is in use"));
	if (saved != ECONNREFUSED)
		return (say(err, errlen, path, strerror(saved)));
	if (unlink(path) == -1)
		return (say(err, errlen, path, strerror(errno)));
	return (0);
}

/* Open to nobody until its owner and mode are right. */
static int
bind_closed(int fd, const struct sockaddr_un *sun)
{
	mode_t mask = umask(0777);
	int rc = bind(fd, (const struct sockaddr *)sun, sizeof(*sun));
	int saved = errno;

	umask(mask);
	errno = saved;
	return (rc);
}

static int
set_owner(const char *path, const char *owner)
{
	struct identity id;

	if (owner == NULL)
		return (0);
	if (look_up(owner, &id) == -1) {
		errno = EINVAL;
		return (-1);
	}
	return (lchown(path, id.uid, id.gid));
}

static int
set_up(int fd, const struct sockaddr_un *sun, const char *owner, unsigned mode)
{
	int saved;

	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1 || bind_closed(fd, sun) == -1)
		return (-1);
	/* With listen(2) last, whoever connects earlier is refused. */
	if (set_owner(sun->sun_path, owner) == 0 &&
	    chmod(sun->sun_path, mode & 0777) == 0 && listen(fd, BACKLOG) == 0)
		return (0);
	saved = errno;
	unlink(sun->sun_path);
	errno = saved;
	return (-1);
}

int
control_listen(const char *path, const char *owner, unsigned mode, char *err,
    size_t errlen)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct identity id;
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path))
		return (say(err, errlen, path, "the path is too long"));
	memcpy(sun.sun_path, path, strlen(path) + 1);
	if (owner != NULL && look_up(owner, &id) == -1)
		return (say(err, errlen, path, "no such owner or group"));
	if (make_way(path, &sun, err, errlen) == -1)
		return (-1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return (say(err, errlen, path, strerror(errno)));
	if (set_up(fd, &sun, owner, mode) == -1) {
		say(err, errlen, path, strerror(errno));
		close(fd);
		return (-1);
	}
	return (fd);
}
