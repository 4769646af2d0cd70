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
 * flowsink: receive datagrams and do nothing with them, which is what receiving
 * alone costs.
 *
 *	flowsink [-B bufsize] address port
 *
 * At SIGTERM or SIGINT it says how many there were.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH 64
#define DATAGRAM 2048

static uint8_t data[BATCH][DATAGRAM];
static struct sockaddr_in names[BATCH];
static struct iovec io[BATCH];
static struct mmsghdr msgs[BATCH];
static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static int
open_socket(const char *address, const char *port, int size)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	int fd;

	sin.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	if (inet_aton(address, &sin.sin_addr) != 1)
		errx(2, "%s: no address", address);
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(1, "%s port %s", address, port);
	return (fd);
}

int
main(int argc, char *argv[])
{
	struct sigaction sa = {.sa_handler = on_signal};
	uint64_t datagrams = 0, bytes = 0;
	int ch, fd, i, n, size = 4 * 1024 * 1024;

	while ((ch = getopt(argc, argv, "B:")) != -1)
		if (ch == 'B')
			size = (int)strtol(optarg, NULL, 10);
	if (argc - optind != 2)
		errx(2, "usage: flowsink [-B bufsize] address port");
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	fd = open_socket(argv[optind], argv[optind + 1], size);
	for (i = 0; i < BATCH; i++) {
		io[i] =
		    (struct iovec){.iov_base = data[i], .iov_len = DATAGRAM};
		msgs[i].msg_hdr.msg_iov = &io[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = &names[i];
	}
	while (!stop) {
		for (i = 0; i < BATCH; i++)
			msgs[i].msg_hdr.msg_namelen = sizeof(names[i]);
		if ((n = recvmmsg(fd, msgs, BATCH, MSG_WAITFORONE, NULL)) == -1)
			continue;
		for (i = 0; i < n; i++)
			bytes += msgs[i].msg_len;
		datagrams += (uint64_t)n;
	}
	printf("{\"datagrams\":%llu,\"bytes\":%llu}\n",
	    (unsigned long long)datagrams, (unsigned long long)bytes);
	return (0);
}
