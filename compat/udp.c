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
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compat.h"
#include "sockopt.h"

#define DATAGRAM_MAX 65536
/*
 * What nearly all are shorter than: their buffers lie side by side, because
 * distances of 64 KB would put all of them into the same few sets of a cache.
 * What is longer goes on in a place of its own, and is put together there.
 */
#define DATAGRAM_USUAL 2048
#define BUFFER_WANTED (16 * 1024 * 1024)
#define MEMINFO_DROPS 8 /* SK_MEMINFO_DROPS of linux/sock_diag.h */
#define BUFFER_LEAST (64 * 1024)
/* What the kernel counts for a full datagram beside its payload. */
#define OVERHEAD(n) ((n) / 8 * 5)

struct udp_batch {
	struct udp_datagram got[UDP_BATCH];
	struct sockaddr_storage from[UDP_BATCH];
	struct iovec iov[UDP_BATCH][2];
	int used; /* headers to be set again */
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(struct timespec)) +
		    CMSG_SPACE(sizeof(uint32_t))];
	} control[UDP_BATCH];
#ifdef HAVE_RECVMMSG
	struct mmsghdr msg[UDP_BATCH];
#else
	struct {
		struct msghdr msg_hdr;
		unsigned int msg_len;
	} msg[UDP_BATCH];
#endif
	uint8_t usual[UDP_BATCH][DATAGRAM_USUAL];
	uint8_t data[UDP_BATCH][DATAGRAM_MAX];
};

uint32_t
udp_set_buffer(int fd, uint32_t bytes)
{
	int size = (int)(bytes != 0 ? bytes : BUFFER_WANTED), got = 0;
	socklen_t len = sizeof(got);

#ifdef SO_RCVBUFFORCE
	/* Above the system's limit, for those who may. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ==
	    0)
		size = 0;
#endif
	while (size >= BUFFER_LEAST &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == -1)
		size /= 2;
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &len) == -1)
		return (0);
	return ((uint32_t)OVERHEAD(got));
}

bool
udp_drops(int fd, uint32_t *drops)
{
#if defined(SO_MEMINFO) && defined(__linux__)
	uint32_t info[MEMINFO_DROPS + 1] = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) == -1 ||
	    len < sizeof(info))
		return (false);
	*drops = info[MEMINFO_DROPS];
	return (true);
#else
	(void)fd;
	(void)drops;
	return (false);
#endif
}

void
udp_want_metadata(int fd, bool drops)
{
	int on = 1;

#if defined(SO_TIMESTAMPNS)
	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
#elif defined(SO_TIMESTAMP)
	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on));
#endif
#ifdef SO_RXQ_OVFL
	if (drops)
		(void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
#endif
	(void)on;
	(void)drops;
}

void
udp_own_groups(int fd)
{
	int off = 0;

#ifdef IP_MULTICAST_ALL
	(void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof(off));
#endif
#ifdef IPV6_MULTICAST_ALL
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off,
	    sizeof(off));
#endif
	(void)fd;
	(void)off;
}

struct udp_batch *
udp_batch_new(void)
{
	struct udp_batch *b;
	struct msghdr *mh;
	int i;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (NULL);
	for (i = 0; i < UDP_BATCH; i++) {
		b->iov[i][0].iov_base = b->usual[i];
		b->iov[i][0].iov_len = DATAGRAM_USUAL;
		b->iov[i][1].iov_base = b->data[i] + DATAGRAM_USUAL;
		b->iov[i][1].iov_len = DATAGRAM_MAX - DATAGRAM_USUAL;
		mh = &b->msg[i].msg_hdr;
		mh->msg_name = &b->from[i];
		mh->msg_iov = b->iov[i];
		mh->msg_iovlen = 2;
		mh->msg_control = b->control[i].buf;
	}
	b->used = UDP_BATCH;
	return (b);
}

void
udp_batch_free(struct udp_batch *b)
{
	free(b);
}

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec);
}

static void
metadata(struct msghdr *mh, struct udp_datagram *d)
{
	struct cmsghdr *cm;

	for (cm = CMSG_FIRSTHDR(mh); cm != NULL; cm = CMSG_NXTHDR(mh, cm)) {
		if (cm->cmsg_level != SOL_SOCKET)
			continue;
#ifdef SCM_TIMESTAMPNS
		if (cm->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec ts;

			memcpy(&ts, CMSG_DATA(cm), sizeof(ts));
			d->time = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
		}
#elif defined(SCM_TIMESTAMP)
		if (cm->cmsg_type == SCM_TIMESTAMP) {
			struct timeval tv;

			memcpy(&tv, CMSG_DATA(cm), sizeof(tv));
			d->time = (int64_t)tv.tv_sec * 1000000000 +
			    (int64_t)tv.tv_usec * 1000;
		}
#endif
#ifdef SO_RXQ_OVFL
		if (cm->cmsg_type == SO_RXQ_OVFL) {
			memcpy(&d->drops, CMSG_DATA(cm), sizeof(d->drops));
			d->has_drops = true;
		}
#endif
	}
}

static int
receive(int fd, struct udp_batch *b)
{
#ifdef HAVE_RECVMMSG
	return (recvmmsg(fd, b->msg, UDP_BATCH, MSG_DONTWAIT, NULL));
#else
	ssize_t len;
	int n;

	for (n = 0; n < UDP_BATCH; n++) {
		len = recvmsg(fd, &b->msg[n].msg_hdr, MSG_DONTWAIT);
		if (len == -1)
			return (n == 0 ? -1 : n);
		b->msg[n].msg_len = (unsigned int)len;
	}
	return (n);
#endif
}

int
udp_recv(int fd, struct udp_batch *b)
{
	struct udp_datagram *d;
	int64_t t = 0;
	int i, n;

	for (i = 0; i < b->used; i++) {
		b->msg[i].msg_hdr.msg_namelen = sizeof(b->from[i]);
		b->msg[i].msg_hdr.msg_controllen = sizeof(b->control[i].buf);
	}
	b->used = 0;
	if ((n = receive(fd, b)) == -1)
		return (errno == EAGAIN || errno == EINTR ? 0 : -1);
	b->used = n;
	for (i = 0; i < n; i++) {
		d = &b->got[i];
		d->len = b->msg[i].msg_len;
		d->data = b->usual[i];
		if (d->len > DATAGRAM_USUAL) {
			memcpy(b->data[i], b->usual[i], DATAGRAM_USUAL);
			d->data = b->data[i];
		}
		d->time = 0;
		d->has_drops = false;
		metadata(&b->msg[i].msg_hdr, d);
		if (d->time == 0)
			d->time = t != 0 ? t : (t = now());
		(void)addr_from_sockaddr((struct sockaddr *)&b->from[i],
		    &d->from, &d->port);
	}
	return (n);
}

const struct udp_datagram *
udp_get(const struct udp_batch *b, int i)
{
	return (&b->got[i]);
}

#ifdef HAVE_SENDMMSG
#ifdef UDP_SEGMENT
/* What one datagram can be at most, with headers and to spare. */
#define RUN_MAX 65000
#define CONTROL_LEN CMSG_SPACE(sizeof(uint16_t))

/*
 * Who watches the loopback or a pair of virtual interfaces sees a run as it
 * was before it was cut up: a few messages are not worth that.
 */
#define RUN_LEAST 8

/* So many from the first on are of its length; the last may be shorter. */
static int
run_length(const struct udp_message *m, int n)
{
	size_t sum = m[0].len;
	int i;

	for (i = 1; i < n; i++) {
		sum += m[i].len;
		if (m[i].len > m[0].len || m[i].len == 0 || sum > RUN_MAX)
			break;
		if (m[i].len < m[0].len) {
			i++;
			break;
		}
	}
	return (i < RUN_LEAST ? 1 : i);
}

static void
cut_into(struct msghdr *mh, size_t len, uint8_t *control)
{
	const uint16_t size = (uint16_t)len;
	struct cmsghdr *cm;

	memset(control, 0, CONTROL_LEN);
	mh->msg_control = control;
	mh->msg_controllen = CONTROL_LEN;
	cm = CMSG_FIRSTHDR(mh);
	cm->cmsg_level = IPPROTO_UDP;
	cm->cmsg_type = UDP_SEGMENT;
	cm->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(cm), &size, sizeof(size));
}

/* The device, the route or the system does not do it. */
static bool
cannot_cut(int error)
{
	return (error == EINVAL || error == EIO || error == ENOPROTOOPT ||
	    error == EMSGSIZE || error == EOPNOTSUPP);
}
#else
#define CONTROL_LEN 1
#define run_length(m, n) 1
#define cut_into(mh, len, control) ((void)(control))
#define cannot_cut(error) false
#endif

/* `runs`: several of one length may be one message of the system's. */
static int
send_batch(int fd, const struct udp_message *m, int n, bool runs)
{
	struct mmsghdr msg[UDP_BATCH];
	struct iovec iov[UDP_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[UDP_BATCH][CONTROL_LEN];
	int i, k, sent, took = 0;
	struct msghdr *mh;

	for (i = 0, k = 0; i < n; i += (int)mh->msg_iovlen, k++) {
		memset(&msg[k], 0, sizeof(msg[k]));
		mh = &msg[k].msg_hdr;
		mh->msg_iov = &iov[i];
		mh->msg_iovlen = runs ? (size_t)run_length(m + i, n - i) : 1;
		if (mh->msg_iovlen > 1)
			cut_into(mh, m[i].len, control[k]);
	}
	for (i = 0; i < n; i++) {
		iov[i].iov_base = unconst(m[i].data);
		iov[i].iov_len = m[i].len;
	}
	sent = sendmmsg(fd, msg, (unsigned int)k, MSG_DONTWAIT | MSG_NOSIGNAL);
	for (i = 0; i < sent; i++)
		took += (int)msg[i].msg_hdr.msg_iovlen;
	return (sent == -1 ? -1 : took);
}

int
udp_send(int fd, const struct udp_message *m, int n, bool *runs)
{
	int r = send_batch(fd, m, n, *runs);

	if (r != -1 || !*runs || !cannot_cut(errno))
		return (r);
	*runs = false;
	return (send_batch(fd, m, n, false));
}
#else
int
udp_send(int fd, const struct udp_message *m, int n, bool *runs)
{
	int i;

	*runs = false;
	for (i = 0; i < n; i++)
		if (send(fd, m[i].data, m[i].len,
			MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
			return (i == 0 ? -1 : i);
	return (n);
}
#endif
