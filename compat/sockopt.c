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
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <string.h>

#include "sockopt.h"

#define KEEP_IDLE 60 /* seconds until the first question */
#define KEEP_INTERVAL 10
#define KEEP_COUNT 6
#define UNANSWERED_MS 120000

int
sock_interface(int fd, int family, const char *name, unsigned int index)
{
#if defined(SO_BINDTODEVICE)
	(void)family;
	(void)index;
	return (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
	    (socklen_t)strlen(name) + 1));
#elif defined(IP_BOUND_IF) && defined(IPV6_BOUND_IF)
	(void)name;
	return (family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_BOUND_IF,
					 &index, sizeof(index))
				   : setsockopt(fd, IPPROTO_IP, IP_BOUND_IF,
					 &index, sizeof(index)));
#else
	(void)fd;
	(void)family;
	(void)name;
	(void)index;
	errno = ENOTSUP;
	return (-1);
#endif
}

int
sock_multicast_interface(int fd, int family, unsigned int index)
{
#if defined(__linux__) || defined(__FreeBSD__) || defined(__APPLE__)
	struct ip_mreqn mr = {.imr_ifindex = (int)index};
#endif

	if (family == AF_INET6)
		return (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index,
		    sizeof(index)));
#if defined(__linux__) || defined(__FreeBSD__) || defined(__APPLE__)
	return (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &mr, sizeof(mr)));
#else
	/* By an address of it, which -e gives. */
	errno = ENOTSUP;
	return (-1);
#endif
}

int
sock_multicast_ttl(int fd, int family, int ttl)
{
	/* The older of the two takes a byte everywhere, an int not. */
	unsigned char byte = (unsigned char)ttl;

	if (family == AF_INET6)
		return (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &ttl,
		    sizeof(ttl)));
	return (
	    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &byte, sizeof(byte)));
}

int
sock_quiet(int fd)
{
#ifdef SO_NOSIGPIPE
	int on = 1;

	return (setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on)));
#else
	(void)fd;
	return (0);
#endif
}

int
sock_keepalive(int fd)
{
	int on = 1;
#ifdef TCP_KEEPIDLE
	int idle = KEEP_IDLE, interval = KEEP_INTERVAL, count = KEEP_COUNT;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
	    sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
#endif
#ifdef TCP_USER_TIMEOUT
	unsigned int unanswered = UNANSWERED_MS;

	/* Keepalive asks nothing while data is on its way. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered,
	    sizeof(unanswered));
#endif
	return (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)));
}

int
sock_sctp(void)
{
#ifdef IPPROTO_SCTP
	return (IPPROTO_SCTP);
#else
	return (-1);
#endif
}

void *
unconst(const void *p)
{
	void *q;

	memcpy(&q, &p, sizeof(q));
	return (q);
}
