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

/*
 * freeport [N]: prints N (1) UDP ports that are free on 127.0.0.1 and, where
 * there is IPv6, on ::1.  All are held until the last is found, so that they
 * differ.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTS_MAX 64

/* A port of 127.0.0.1, held until the program ends; *port 0 takes any. */
static int
hold4(uint16_t *port)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons(*port);
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		err(1, "socket");
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "127.0.0.1");
	*port = ntohs(sin.sin_port);
	return (fd);
}

static int
free6(uint16_t port)
{
	struct sockaddr_in6 sin6;
	int fd, taken;

	if ((fd = socket(AF_INET6, SOCK_DGRAM, 0)) == -1)
		return (1);
	memset(&sin6, 0, sizeof(sin6));
	sin6.sin6_family = AF_INET6;
	sin6.sin6_addr = in6addr_loopback;
	sin6.sin6_port = htons(port);
	/* A port is held on the descriptor until the program ends. */
	taken = bind(fd, (struct sockaddr *)&sin6, sizeof(sin6)) == -1 &&
	    errno == EADDRINUSE;
	return (!taken);
}

int
main(int argc, char *argv[])
{
	long i, n = 1;
	uint16_t port;
	int tries;

	if (argc > 1)
		n = strtol(argv[1], NULL, 10);
	if (n < 1 || n > PORTS_MAX)
		errx(1, "usage: freeport [N], N at most %d", PORTS_MAX);
	for (i = 0; i < n; i++) {
		for (tries = 0; tries < 100; tries++) {
			port = 0;
			hold4(&port);
			if (free6(port))
				break;
		}
		if (tries == 100)
			errx(1, "no port is free");
		printf("%u\n", port);
	}
	return (0);
}
