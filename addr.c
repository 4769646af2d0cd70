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
#include <arpa/inet.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "bytes.h"

static const uint8_t v4mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

unsigned int
addr_bits(const struct addr *a)
{
	if (a->family == ADDR_V4)
		return (32);
	return (a->family == ADDR_V6 ? 128 : 0);
}

int
addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return (a->family < b->family ? -1 : 1);
	return (memcmp(a->b, b->b, addr_bits(a) / 8));
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return (addr_cmp(a, b) == 0);
}

/* The finishing step of a 64-bit mixer: every bit in moves every bit out. */
static uint64_t
mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ULL;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ULL;
	return (h ^ h >> 32);
}

uint64_t
addr_hash(const struct addr *a, uint64_t seed)
{
	if (a->family == ADDR_V4)
		return (mix(seed ^ be32(a->b)));
	return (mix(mix(seed ^ be64(a->b)) ^ be64(a->b + 8)));
}

int
addr_parse(const char *text, struct addr *a)
{
	struct addr n;

	memset(&n, 0, sizeof(n));
	if (inet_pton(AF_INET, text, n.b) == 1)
		n.family = ADDR_V4;
	else if (inet_pton(AF_INET6, text, n.b) == 1)
		n.family = ADDR_V6;
	else
		return (-1);
	*a = n;
	return (0);
}

const char *
addr_format(const struct addr *a, char *buf)
{
	int af = a->family == ADDR_V4 ? AF_INET : AF_INET6;

	if (a->family == ADDR_NONE ||
	    inet_ntop(af, a->b, buf, ADDR_STRLEN) == NULL)
		memcpy(buf, "none", sizeof("none"));
	return (buf);
}

int
addr_from_sockaddr(const struct sockaddr *sa, struct addr *a, uint16_t *port)
{
	const struct sockaddr_in *sin = (const void *)sa;
	const struct sockaddr_in6 *sin6 = (const void *)sa;
	in_port_t p;

	memset(a, 0, sizeof(*a));
	if (sa->sa_family == AF_INET) {
		a->family = ADDR_V4;
		memcpy(a->b, &sin->sin_addr, 4);
		p = sin->sin_port;
	} else if (sa->sa_family == AF_INET6) {
		const uint8_t *b = sin6->sin6_addr.s6_addr;

		p = sin6->sin6_port;
		if (memcmp(b, v4mapped, sizeof(v4mapped)) == 0) {
			a->family = ADDR_V4;
			memcpy(a->b, b + sizeof(v4mapped), 4);
		} else {
			a->family = ADDR_V6;
			memcpy(a->b, b, 16);
		}
	} else
		return (-1);
	if (port != NULL)
		*port = ntohs(p);
	return (0);
}

socklen_t
addr_to_sockaddr(const struct addr *a, uint16_t port, uint32_t scope,
    struct sockaddr_storage *ss)
{
	struct sockaddr_in *sin = (void *)ss;
	struct sockaddr_in6 *sin6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (a->family == ADDR_V4) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		memcpy(&sin->sin_addr, a->b, 4);
		return (sizeof(*sin));
	}
	if (a->family == ADDR_V6) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(port);
		sin6->sin6_scope_id = scope;
		memcpy(&sin6->sin6_addr, a->b, 16);
		return (sizeof(*sin6));
	}
	return (0);
}

bool
addr_is_zero(const struct addr *a)
{
	static const uint8_t zero[sizeof(a->b)];

	return (memcmp(a->b, zero, sizeof(zero)) == 0);
}

bool
addr_is_multicast(const struct addr *a)
{
	if (a->family == ADDR_V4)
		return ((a->b[0] & 0xf0) == 0xe0);
	return (a->family == ADDR_V6 && a->b[0] == 0xff);
}

int
prefix_parse(const char *text, struct prefix *p)
{
	char buf[ADDR_STRLEN], *end;
	const char *slash;
	struct prefix n;
	unsigned long len;
	size_t alen;

	slash = strchr(text, '/');
	alen = slash == NULL ? strlen(text) : (size_t)(slash - text);
	if (alen >= sizeof(buf))
		return (-1);
	memcpy(buf, text, alen);
	buf[alen] = '\0';
	if (addr_parse(buf, &n.addr) == -1)
		return (-1);
	len = addr_bits(&n.addr);
	if (slash != NULL) {
		if (slash[1] < '0' || slash[1] > '9')
			return (-1);
		len = strtoul(slash + 1, &end, 10);
		if (*end != '\0' || len > addr_bits(&n.addr))
			return (-1);
	}
	n.len = (uint8_t)len;
	*p = n;
	return (0);
}

const char *
prefix_format(const struct prefix *p, char *buf)
{
	size_t n;

	addr_format(&p->addr, buf);
	n = strlen(buf);
	snprintf(buf + n, PREFIX_STRLEN - n, "/%u", p->len);
	return (buf);
}

bool
prefix_is_clean(const struct prefix *p)
{
	unsigned int i, bits = addr_bits(&p->addr);

	for (i = p->len; i < bits; i++)
		if (p->addr.b[i / 8] & 0x80 >> i % 8)
			return (false);
	return (true);
}

bool
prefix_match(const struct prefix *p, const struct addr *a)
{
	unsigned int whole = p->len / 8, rest = p->len % 8;

	if (p->addr.family != a->family || memcmp(p->addr.b, a->b, whole) != 0)
		return (false);
	return (rest == 0 ||
	    ((p->addr.b[whole] ^ a->b[whole]) & 0xff00 >> rest & 0xff) == 0);
}
