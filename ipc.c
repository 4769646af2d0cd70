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
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ipc.h"

#define BUFFER (256 * 1024) /* of the socket, each way */

union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int) * 2)];
};

int
ipc_pair(int sv[2])
{
	int i, size = BUFFER;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == -1)
		return (-1);
	for (i = 0; i < 2; i++) {
		if (fcntl(sv[i], F_SETFD, FD_CLOEXEC) == -1 ||
		    fcntl(sv[i], F_SETFL, O_NONBLOCK) == -1) {
			close(sv[0]);
			close(sv[1]);
			return (-1);
		}
		/* More room is only a comfort. */
		(void)setsockopt(sv[i], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
		(void)setsockopt(sv[i], SOL_SOCKET, SO_RCVBUF, &size,
		    sizeof(size));
	}
	return (0);
}

void
ipc_new(struct ipc_out *out, enum ipc_type type)
{
	out->data = wr_init(out->buf, sizeof(out->buf));
	(void)wr_u16(&out->data, (uint16_t)type);
}

static int
wait_for_room(int sock, int wait_ms)
{
	struct pollfd pfd = {.fd = sock, .events = POLLOUT};
	int n;

	if (wait_ms == 0 || (n = poll(&pfd, 1, wait_ms)) == 0) {
		errno = EAGAIN;
		return (-1);
	}
	return (n == -1 && errno != EINTR ? -1 : 0);
}

static void
attach(struct msghdr *mh, union control *c, int fd)
{
	struct cmsghdr *cm;

	memset(c, 0, sizeof(*c));
	mh->msg_control = c->buf;
	mh->msg_controllen = CMSG_SPACE(sizeof(int));
	cm = CMSG_FIRSTHDR(mh);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
}

/* Only the parent hands out descriptors; the collector has no sendmsg(2). */
static ssize_t
send_one(int sock, const struct ipc_out *out, int fd)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)out->buf,
	    .iov_len = (size_t)(out->data.p - out->buf)};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};
	union control c;

	if (fd == -1)
		return (send(sock, out->buf, iov.iov_len, MSG_NOSIGNAL));
	attach(&mh, &c, fd);
	return (sendmsg(sock, &mh, MSG_NOSIGNAL));
}

int
ipc_send(int sock, const struct ipc_out *out, int fd, int wait_ms)
{
	while (send_one(sock, out, fd) == -1) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != ENOBUFS)
			return (-1);
		if (wait_for_room(sock, wait_ms) == -1)
			return (-1);
	}
	return (0);
}

/* Take the descriptors out; more than one is too many. */
static int
detach(struct msghdr *mh, int *fd)
{
	struct cmsghdr *cm;
	int got[2], bad = 0;
	size_t i, n;

	*fd = -1;
	for (cm = CMSG_FIRSTHDR(mh); cm != NULL; cm = CMSG_NXTHDR(mh, cm)) {
		if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (n > 2)
			n = 2; /* what the buffer has room for */
		memcpy(got, CMSG_DATA(cm), n * sizeof(int));
		for (i = 0; i < n; i++) {
			if (*fd == -1)
				*fd = got[i];
			else {
				close(got[i]);
				bad = -1;
			}
		}
	}
	return (bad);
}

int
ipc_recv(int sock, struct ipc_msg *m)
{
	struct iovec iov = {.iov_base = m->buf, .iov_len = sizeof(m->buf)};
	union control c;
	struct msghdr mh = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = c.buf,
	    .msg_controllen = sizeof(c.buf)};
	ssize_t n;
	int bad;

	do
		n = recvmsg(sock, &mh, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return ((int)n);
	bad = detach(&mh, &m->fd);
	m->data = rd_init(m->buf, (size_t)n);
	if (bad == -1 || (mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
	    rd_u16(&m->data, &m->type) == -1) {
		if (m->fd != -1)
			close(m->fd);
		errno = EBADMSG;
		return (-1);
	}
	return (1);
}
