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
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat/sockopt.h"
#include "meter/outlet.h"

static const struct {
	const char *name;
	int type;
} transports[DEST_MAX] = {
    [DEST_UDP] = {"UDP", SOCK_DGRAM},
    [DEST_TCP] = {"TCP", SOCK_STREAM},
    [DEST_SCTP] = {"SCTP", SOCK_STREAM},
};

static bool
multicast(const struct outlet *o)
{
	return (addr_is_multicast(&o->addr[o->at].addr));
}

static void
name_address(struct outlet_addr *a)
{
	char buf[ADDR_STRLEN];

	(void)snprintf(a->name, sizeof(a->name),
	    a->addr.family == ADDR_V6 ? "[%s]:%u" : "%s:%u",
	    addr_format(&a->addr, buf), a->port);
}

/* An address of one link needs to know which. */
static void
give_scope(const struct outlet *o, struct outlet_addr *a)
{
	struct sockaddr_in6 sin6;

	if (a->ss.ss_family != AF_INET6 || o->ifindex == 0)
		return;
	memcpy(&sin6, &a->ss, sizeof(sin6));
	if (sin6.sin6_scope_id != 0 ||
	    !(IN6_IS_ADDR_LINKLOCAL(&sin6.sin6_addr) ||
		IN6_IS_ADDR_MC_LINKLOCAL(&sin6.sin6_addr)))
		return;
	sin6.sin6_scope_id = o->ifindex;
	memcpy(&a->ss, &sin6, sizeof(sin6));
}

/* Those that the source address can reach. */
static void
take(struct outlet *o, const struct addrinfo *ai)
{
	struct outlet_addr *a;

	for (; ai != NULL && o->n < OUTLET_ADDRS; ai = ai->ai_next) {
		a = &o->addr[o->n];
		if (ai->ai_addrlen > sizeof(a->ss) ||
		    addr_from_sockaddr(ai->ai_addr, &a->addr, &a->port) == -1)
			continue;
		if (o->source.family != ADDR_NONE &&
		    o->source.family != a->addr.family)
			continue;
		memset(&a->ss, 0, sizeof(a->ss));
		memcpy(&a->ss, ai->ai_addr, ai->ai_addrlen);
		a->len = ai->ai_addrlen;
		give_scope(o, a);
		name_address(a);
		o->n++;
	}
}

static int
find_interface(struct outlet *o, const char *name, char *err, size_t errlen)
{
	if (name == NULL)
		return (0);
	if (strlen(name) >= sizeof(o->interface) ||
	    (o->ifindex = if_nametoindex(name)) == 0) {
		(void)snprintf(err, errlen, "%s: no such interface", name);
		return (-1);
	}
	memcpy(o->interface, name, strlen(name) + 1);
	return (0);
}

int
outlet_resolve(struct outlet *o, const struct dest_config *dc, char *err,
    size_t errlen)
{
	struct addrinfo hints = {0}, *res;
	int e;

	memset(o, 0, sizeof(*o));
	o->transport = dc->transport;
	o->ttl = dc->ttl;
	o->source = dc->source;
	if (dc->transport == DEST_SCTP && sock_sctp() == -1) {
		(void)snprintf(err, errlen, "this system has no SCTP");
		return (-1);
	}
	if (find_interface(o, dc->interface, err, errlen) == -1)
		return (-1);
	/* Services are listed with TCP and UDP, hardly any with SCTP. */
	hints.ai_socktype = transports[dc->transport].type;
	hints.ai_family = AF_UNSPEC;
	if ((e = getaddrinfo(dc->host, dc->port, &hints, &res)) != 0) {
		(void)snprintf(err, errlen, "%s:%s: %s", dc->host, dc->port,
		    e == EAI_SYSTEM ? strerror(errno) : gai_strerror(e));
		return (-1);
	}
	take(o, res);
	freeaddrinfo(res);
	if (o->n > 0)
		return (0);
	(void)snprintf(err, errlen,
	    "%s:%s has no address of the family of the source address",
	    dc->host, dc->port);
	return (-1);
}

/* Multicasts only have to be told; everything else needs to be bound. */
static int
set_interface(const struct outlet *o, int fd)
{
	int family = o->addr[o->at].ss.ss_family;

	if (multicast(o))
		return (sock_multicast_interface(fd, family, o->ifindex));
	return (sock_interface(fd, family, o->interface, o->ifindex));
}

static int
bind_source(const struct outlet *o, int fd)
{
	const struct outlet_addr *a = &o->addr[o->at];
	struct sockaddr_storage ss;
	struct sockaddr_in6 to;
	uint32_t scope = 0;
	socklen_t len;

	if (a->ss.ss_family == AF_INET6) {
		memcpy(&to, &a->ss, sizeof(to));
		scope = to.sin6_scope_id;
	}
	len = addr_to_sockaddr(&o->source, 0, scope, &ss);
	return (bind(fd, (struct sockaddr *)&ss, len));
}

static const char *
set_options(const struct outlet *o, int fd)
{
	int family = o->addr[o->at].ss.ss_family, flags;

	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    (flags = fcntl(fd, F_GETFL)) == -1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return ("fcntl");
	if (sock_quiet(fd) == -1)
		return ("setsockopt");
	if (o->transport == DEST_TCP && sock_keepalive(fd) == -1)
		return ("keepalive");
	if (o->ifindex != 0 && set_interface(o, fd) == -1)
		return (o->interface);
	if (multicast(o) && o->ttl >= 0 &&
	    sock_multicast_ttl(fd, family, o->ttl) == -1)
		return ("TTL");
	if (o->source.family != ADDR_NONE && bind_source(o, fd) == -1)
		return ("source address");
	return (NULL);
}

int
outlet_socket(const struct outlet *o, const char **what)
{
	int fd, saved, protocol = 0;

	if (o->transport == DEST_SCTP)
		protocol = sock_sctp();
	*what = transports[o->transport].name;
	fd = socket(o->addr[o->at].ss.ss_family, transports[o->transport].type,
	    protocol);
	if (fd == -1 || (*what = set_options(o, fd)) == NULL)
		return (fd);
	saved = errno;
	close(fd);
	errno = saved;
	return (-1);
}

int
outlet_connect(const struct outlet *o, int fd)
{
	const struct outlet_addr *a = &o->addr[o->at];

	if (connect(fd, (const struct sockaddr *)&a->ss, a->len) == 0)
		return (0);
	return (errno == EINPROGRESS || errno == EINTR ? 1 : -1);
}

struct addr
outlet_local(int fd)
{
	struct addr none = {.family = ADDR_NONE}, addr;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	uint16_t port;

	if (fd == -1 || getsockname(fd, (struct sockaddr *)&ss, &len) == -1 ||
	    addr_from_sockaddr((struct sockaddr *)&ss, &addr, &port) == -1 ||
	    addr_is_zero(&addr))
		return (none);
	return (addr);
}

bool
outlet_next(struct outlet *o)
{
	o->at = (o->at + 1) % o->n;
	return (o->at != 0);
}
