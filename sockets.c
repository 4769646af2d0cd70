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
#include <sys/un.h>
#include <netinet/in.h>
#include <net/if.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "compat/compat.h"
#include "log.h"
#include "sockets.h"

static int
scope_of(const struct endpoint *e, uint32_t *scope)
{
	*scope = 0;
	if (e->scope[0] == '\0')
		return (0);
	*scope = if_nametoindex(e->scope);
	return (*scope == 0 ? -1 : 0);
}

static bool
same(const struct endpoint *a, const struct endpoint *b)
{
	return (addr_equal(&a->addr, &b->addr) && a->port == b->port &&
	    strcmp(a->scope, b->scope) == 0);
}

static int
udp_socket(const struct endpoint *e, struct sockaddr_storage *ss,
    socklen_t *len)
{
	uint32_t scope;
	int fd, on = 1;

	if (scope_of(e, &scope) == -1)
		return (-1);
	*len = addr_to_sockaddr(&e->addr, e->port, scope, ss);
	fd =
	    socket(ss->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd != -1 && ss->ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on));
	return (fd);
}

static int
bound(const struct endpoint *e, bool shared)
{
	struct sockaddr_storage ss;
	socklen_t len;
	uint32_t drops;
	int fd, saved, on = 1;

	if ((fd = udp_socket(e, &ss, &len)) == -1)
		return (-1);
	/* Several programs may listen to a group; one to an address. */
	if (addr_is_multicast(&e->addr))
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if ((shared && (udp_deaf(fd, true) == -1 || udp_share(fd) == -1)) ||
	    bind(fd, (struct sockaddr *)&ss, len) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return (-1);
	}
	udp_want_metadata(fd, !udp_drops(fd, &drops));
	udp_own_groups(fd);
	return (fd);
}

static int
forward_to(const struct endpoint *e)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd, saved;

	if ((fd = udp_socket(e, &ss, &len)) == -1)
		return (-1);
	if (connect(fd, (struct sockaddr *)&ss, len) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return (-1);
	}
	return (fd);
}

/* Join or leave; a group joined already is well joined. */
static int
membership(int fd, const struct endpoint *g, bool join)
{
	struct ip_mreq v4;
	struct ipv6_mreq v6;
	uint32_t scope;
	int n;

	if (scope_of(g, &scope) == -1)
		return (-1);
	if (g->addr.family == ADDR_V4) {
		memset(&v4, 0, sizeof(v4));
		memcpy(&v4.imr_multiaddr, g->addr.b, 4);
		n = setsockopt(fd, IPPROTO_IP,
		    join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &v4,
		    sizeof(v4));
	} else {
		memset(&v6, 0, sizeof(v6));
		memcpy(&v6.ipv6mr_multiaddr, g->addr.b, 16);
		v6.ipv6mr_interface = scope;
		n = setsockopt(fd, IPPROTO_IPV6,
		    join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &v6, sizeof(v6));
	}
	return (n == -1 && join && errno == EADDRINUSE ? 0 : n);
}

static bool
has_group(const struct conf *conf, const struct endpoint *g)
{
	const struct conf_group *cg;

	if (conf != NULL)
		TAILQ_FOREACH(cg, &conf->groups, entry)
			if (same(&cg->group, g))
				return (true);
	return (false);
}

/* Leave on a kept socket the groups of one that the other does not have. */
static void
leave(const struct listening *l, const struct conf *one,
    const struct conf *other)
{
	const struct conf_group *cg;

	TAILQ_FOREACH(cg, &one->groups, entry)
		if (cg->group.addr.family == l->at.addr.family &&
		    !has_group(other, &cg->group))
			(void)membership(l->fd[0], &cg->group, false);
}

/* As the configuration has it, without the port. */
static const char *
group_name(const struct endpoint *g, char *buf)
{
	endpoint_format(g, buf);
	*strrchr(buf, ':') = '\0';
	return (buf);
}

static int
join_groups(const struct sockets *s, const struct conf *conf)
{
	char buf[ENDPOINT_STRLEN];
	const struct conf_group *cg;
	size_t i, n;

	TAILQ_FOREACH(cg, &conf->groups, entry) {
		for (i = 0, n = 0; i < s->nlisten; i++) {
			if (s->listen[i].at.addr.family !=
			    cg->group.addr.family)
				continue;
			if (membership(s->listen[i].fd[0], &cg->group, true) ==
			    -1) {
				log_warn("join group %s",
				    group_name(&cg->group, buf));
				return (-1);
			}
			n++;
		}
		if (n == 0)
			log_warnx("join group %s: there is no IPv%d address "
				  "to listen on",
			    group_name(&cg->group, buf),
			    cg->group.addr.family == ADDR_V4 ? 4 : 6);
	}
	return (0);
}

static const struct listening *
find(const struct sockets *s, const struct endpoint *at)
{
	size_t i;

	for (i = 0; s != NULL && i < s->nlisten; i++)
		if (same(&s->listen[i].at, at))
			return (&s->listen[i]);
	return (NULL);
}

static bool
numbered(const struct sockets *s, uint32_t number)
{
	size_t i;

	for (i = 0; s != NULL && i < s->nlisten; i++)
		if (s->listen[i].number == number)
			return (true);
	return (false);
}

static void
close_listening(struct listening *l)
{
	int saved = errno;

	while (l->nfd > 0)
		close(l->fd[--l->nfd]);
	errno = saved;
}

/* The first has the address alone at first: so nobody else had it. */
static int
spread(struct listening *l, uint32_t n)
{
	uint32_t i;

	if (udp_deaf(l->fd[0], true) == -1 || udp_share(l->fd[0]) == -1)
		return (-1);
	for (; l->nfd < n; l->nfd++)
		if ((l->fd[l->nfd] = bound(&l->at, true)) == -1)
			return (-1);
	if (udp_allot(l->fd[0], n) == -1)
		return (-1);
	for (i = 0; i < n; i++)
		if (udp_deaf(l->fd[i], false) == -1)
			return (-1);
	return (0);
}

static int
listen_on(struct listening *l, uint32_t n)
{
	if ((l->fd[0] = bound(&l->at, false)) == -1)
		return (-1);
	l->nfd = 1;
	if (n == 1 || addr_is_multicast(&l->at.addr) || spread(l, n) == 0)
		return (0);
	close_listening(l);
	return (-1);
}

static int
keep(struct listening *l, const struct listening *had)
{
	for (; l->nfd < had->nfd; l->nfd++)
		if ((l->fd[l->nfd] =
			    fcntl(had->fd[l->nfd], F_DUPFD_CLOEXEC, 0)) == -1) {
			close_listening(l);
			return (-1);
		}
	return (0);
}

/* Do sockets of these addresses do what more than one worker needs? */
static bool
can_spread(void)
{
	const struct endpoint here = {
	    .addr = {.family = ADDR_V4, .b = {127, 0, 0, 1}}};
	int fd, saved;
	bool can;

	if ((fd = bound(&here, true)) == -1)
		return (false);
	can = udp_allot(fd, 1) == 0;
	saved = errno;
	close(fd);
	errno = saved;
	return (can);
}

static uint32_t
workers_of(const struct conf *conf, const struct sockets *old)
{
	if (old != NULL)
		return (old->workers);
	if (conf->workers == 1 || can_spread())
		return (conf->workers);
	log_warn("one worker: datagrams cannot be spread over %u",
	    conf->workers);
	return (1);
}

/* Each worker's may be as large as that. */
static void
set_buffers(struct listening *l, const struct conf_listen *cl)
{
	char buf[ENDPOINT_STRLEN];
	uint32_t i;

	for (i = 0; i < l->nfd; i++)
		l->room = udp_set_buffer(l->fd[i], cl->bufsize);
	if (l->room < cl->bufsize)
		log_warnx("listen on %s: the system gives a buffer of %u "
			  "bytes, not %u",
		    endpoint_format(&cl->at, buf), l->room, cl->bufsize);
}

/* Also back to no polling: a socket may be kept. */
static void
set_polling(const struct sockets *s, uint32_t us)
{
	const struct listening *l;
	bool polls = true;
	uint32_t i;

	for (l = s->listen; l < s->listen + s->nlisten; l++)
		for (i = 0; i < l->nfd; i++)
			polls = udp_busypoll(l->fd[i], us) == 0 && polls;
	if (!polls && us > 0)
		log_warn("busypoll: devices are not polled");
}

static int
add_listening(struct sockets *s, const struct sockets *old,
    const struct conf_listen *cl)
{
	char buf[ENDPOINT_STRLEN];
	struct listening *l = &s->listen[s->nlisten];
	const struct listening *had = find(old, &cl->at);
	uint32_t number = 0;

	while (number < SOCKETS_LISTEN &&
	    (numbered(old, number) || numbered(s, number)))
		number++;
	if (s->nlisten == SOCKETS_LISTEN ||
	    (had == NULL && number == SOCKETS_LISTEN)) {
		log_warnx("more than %d addresses to listen on",
		    SOCKETS_LISTEN);
		return (-1);
	}
	l->at = cl->at;
	l->kept = had != NULL;
	l->number = had != NULL ? had->number : number;
	if ((had != NULL ? keep(l, had) : listen_on(l, s->workers)) == -1) {
		log_warn("listen on %s", endpoint_format(&cl->at, buf));
		return (-1);
	}
	s->nlisten++;
	set_buffers(l, cl);
	return (0);
}

static int
add_forward(struct sockets *s, const struct conf_forward *cf)
{
	char buf[ENDPOINT_STRLEN];

	if (s->nforward == SOCKETS_FORWARD) {
		log_warnx("more than %d addresses to forward to",
		    SOCKETS_FORWARD);
		return (-1);
	}
	if ((s->forward[s->nforward] = forward_to(&cf->to)) == -1) {
		log_warn("forward to %s", endpoint_format(&cf->to, buf));
		return (-1);
	}
	s->nforward++;
	return (0);
}

void
sockets_abandon(struct sockets *s, const struct conf *conf,
    const struct conf *old_conf)
{
	size_t i;

	for (i = 0; i < s->nlisten; i++)
		if (s->listen[i].kept)
			leave(&s->listen[i], conf, old_conf);
	sockets_close(s);
}

int
sockets_open(struct sockets *s, const struct conf *conf,
    const struct sockets *old, const struct conf *old_conf)
{
	const struct conf_listen *cl;
	const struct conf_forward *cf;

	memset(s, 0, sizeof(*s));
	s->workers = workers_of(conf, old);
	TAILQ_FOREACH(cl, &conf->listens, entry)
		if (add_listening(s, old, cl) == -1)
			goto fail;
	TAILQ_FOREACH(cf, &conf->forwards, entry)
		if (add_forward(s, cf) == -1)
			goto fail;
	if (join_groups(s, conf) == 0) {
		set_polling(s, conf->busypoll);
		return (0);
	}
fail:
	sockets_abandon(s, conf, old_conf);
	return (-1);
}

void
sockets_settle(const struct sockets *s, const struct conf *conf,
    const struct conf *old_conf)
{
	size_t i;

	for (i = 0; i < s->nlisten; i++)
		if (s->listen[i].kept)
			leave(&s->listen[i], old_conf, conf);
}

void
sockets_close(struct sockets *s)
{
	size_t i;

	for (i = 0; i < s->nlisten; i++)
		close_listening(&s->listen[i]);
	for (i = 0; i < s->nforward; i++)
		close(s->forward[i]);
	memset(s, 0, sizeof(*s));
}

int
sockets_unix(const char *path, uint32_t bufsize)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd, size = (int)bufsize, saved;

	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return (-1);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    (size != 0 &&
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) ==
		    -1)) {
		saved = errno;
		close(fd);
		errno = saved;
		return (-1);
	}
	return (fd);
}
