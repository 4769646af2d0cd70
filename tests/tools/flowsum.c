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
 * flowsum [-r file] port: what flow messages to a UDP port of 127.0.0.1 say in
 * all, as one line of JSON, when SIGTERM comes and nothing is left to read.
 * -r makes an empty file when the socket is there.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode/decode.h"

#define BUFFER (256 << 20)
#define BATCH 64
#define MESSAGE_MAX 65536

static struct {
	uint64_t messages;
	uint64_t bad;
	uint64_t records;
	uint64_t packets;
	uint64_t octets;
	uint64_t protocol[256][2];
} sum;
static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void
add_flow(void *arg, struct flow *f)
{
	uint64_t packets = f->packets + f->reverse_packets;
	uint64_t octets = f->octets + f->reverse_octets;

	(void)arg;
	sum.records++;
	sum.packets += packets;
	sum.octets += octets;
	sum.protocol[f->protocol][0] += packets;
	sum.protocol[f->protocol][1] += octets;
}

static int
listen_udp(const char *port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
	int fd, size = BUFFER;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(1, "port %s", port);
	/* As much as this user may have. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ==
	    -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size,
		    sizeof(size));
	return (fd);
}

static int
take_batch(int fd, struct decoder *d)
{
	static uint8_t bytes[BATCH][MESSAGE_MAX];
	static struct mmsghdr msg[BATCH];
	static struct iovec iov[BATCH];
	const struct dec_source src = {
	    .agent = {.family = ADDR_V4, .b = {127, 0, 0, 1}}};
	struct dec_report report;
	int i, n;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){bytes[i], MESSAGE_MAX};
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	if ((n = recvmmsg(fd, msg, BATCH, MSG_DONTWAIT, NULL)) <= 0)
		return (0);
	for (i = 0; i < n; i++) {
		sum.messages++;
		if (decode_packet(d, &src, rd_init(bytes[i], msg[i].msg_len),
			&report) != DEC_OK)
			sum.bad++;
	}
	return (n);
}

static void
print_sum(void)
{
	int i;

	printf("{\"messages\":%" PRIu64 ",\"bad\":%" PRIu64
	       ",\"records\":%" PRIu64 ",\"packets\":%" PRIu64
	       ",\"octets\":%" PRIu64,
	    sum.messages, sum.bad, sum.records, sum.packets, sum.octets);
	for (i = 0; i < 256; i++)
		if (sum.protocol[i][0] > 0)
			printf(",\"proto%d\":[%" PRIu64 ",%" PRIu64 "]", i,
			    sum.protocol[i][0], sum.protocol[i][1]);
	printf("}\n");
}

int
main(int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = on_signal};
	struct decoder *d;
	struct pollfd pfd;
	int fd, ready, ch;
	const char *path = NULL;

	while ((ch = getopt(argc, argv, "r:")) != -1)
		if (ch == 'r')
			path = optarg;
	if (argc - optind != 1)
		errx(1, "usage: flowsum [-r file] port");
	sigaction(SIGTERM, &sa, NULL);
	fd = listen_udp(argv[optind]);
	if ((d = decode_new(NULL, add_flow, NULL)) == NULL)
		err(1, "decoder");
	if (path != NULL &&
	    ((ready = open(path, O_WRONLY | O_CREAT, 0600)) == -1 ||
		close(ready) == -1))
		err(1, "%s", path);
	pfd = (struct pollfd){.fd = fd, .events = POLLIN};
	while (take_batch(fd, d) > 0 || !stop)
		(void)poll(&pfd, 1, 100);
	print_sum();
	decode_free(d);
	return (0);
}
