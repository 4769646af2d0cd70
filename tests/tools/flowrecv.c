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
 * flowrecv: what arrives on a datagram socket, one line of hex each.
 *
 *	flowrecv [-b] [-n count] [-t seconds] [-r file] address port
 *	flowrecv [-b] [-n count] [-t seconds] [-r file] -u path
 *
 * Ends after count datagrams or, with status 1, after that many seconds
 * without one.  -b writes the bytes themselves.  -r makes an empty file when
 * the socket is there.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
listen_udp(const char *host, const char *port)
{
	struct addrinfo hints, *res;
	int e, fd;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_DGRAM;
	hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
	if ((e = getaddrinfo(host, port, &hints, &res)) != 0)
		errx(1, "%s port %s: %s", host, port, gai_strerror(e));
	if ((fd = socket(res->ai_family, res->ai_socktype, 0)) == -1 ||
	    bind(fd, res->ai_addr, res->ai_addrlen) == -1)
		err(1, "%s port %s", host, port);
	freeaddrinfo(res);
	return (fd);
}

static int
listen_unix(const char *path)
{
	struct sockaddr_un sun;
	int fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun.sun_path))
		errx(1, "%s: too long for a socket", path);
	memcpy(sun.sun_path, path, strlen(path));
	unlink(path);
	if ((fd = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		err(1, "%s", path);
	return (fd);
}

static void
print(const unsigned char *p, size_t len, int binary)
{
	size_t i;

	if (binary)
		fwrite(p, 1, len, stdout);
	else {
		for (i = 0; i < len; i++)
			printf("%02x", p[i]);
		putchar('\n');
	}
	if (fflush(stdout) == EOF)
		err(1, "stdout");
}

static int
receive(int fd, long count, int timeout, int binary)
{
	static unsigned char buf[65536];
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t n;
	long i;

	for (i = 0; count == 0 || i < count; i++) {
		switch (poll(&pfd, 1, timeout)) {
		case -1:
			err(1, "poll");
		case 0:
			warnx("%ld datagrams, and then none", i);
			return (1);
		}
		if ((n = recv(fd, buf, sizeof(buf), 0)) == -1)
			err(1, "recv");
		print(buf, (size_t)n, binary);
	}
	return (0);
}

static void __attribute__((__noreturn__)) usage(void)
{
	fprintf(stderr,
	    "usage: flowrecv [-b] [-n count] [-t seconds] [-r file] "
	    "address port | -u path\n");
	exit(2);
}

int
main(int argc, char *argv[])
{
	const char *path = NULL, *ready = NULL;
	long count = 0;
	int binary = 0, ch, fd, timeout = -1;

	while ((ch = getopt(argc, argv, "bn:r:t:u:")) != -1) {
		switch (ch) {
		case 'b':
			binary = 1;
			break;
		case 'n':
			count = strtol(optarg, NULL, 10);
			break;
		case 'r':
			ready = optarg;
			break;
		case 't':
			timeout = (int)strtol(optarg, NULL, 10) * 1000;
			break;
		case 'u':
			path = optarg;
			break;
		default:
			usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc != (path != NULL ? 0 : 2))
		usage();
	fd = path != NULL ? listen_unix(path) : listen_udp(argv[0], argv[1]);
	if (ready != NULL && open(ready, O_WRONLY | O_CREAT, 0644) == -1)
		err(1, "%s", ready);
	return (receive(fd, count, timeout, binary));
}
