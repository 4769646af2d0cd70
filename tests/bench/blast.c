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
 * blast: frames onto an interface, as fast as they can be sent or at a rate.
 *
 *	blast [-c cpu] [-f flows] [-r frames a second] interface count
 *
 * UDP from as many addresses of 10/8 as there are flows, in turn, to 10.1.0.1,
 * in frames of 60 bytes.  What was sent, and how long it took, is printed.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>

#include <linux/if_packet.h>

#include <err.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAME 60
#define BATCH 64
#define SRC_ADDR 26 /* of the IPv4 header, in the frame */

/* Ethernet; IPv4 of 46 bytes; UDP of 26 bytes to port 53. */
static const uint8_t frame[FRAME] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
    0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 0, 10, 1, 0, 1, 4, 0, 0,
    53, 0, 26};

static uint8_t frames[BATCH][FRAME];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static int
open_interface(const char *name)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET};
	int fd, on = 1;

	if ((to.sll_ifindex = (int)if_nametoindex(name)) == 0)
		err(1, "%s", name);
	if ((fd = socket(AF_PACKET, SOCK_RAW, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		err(1, "%s", name);
	/* Not through a queue that could drop them. */
	if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) ==
	    -1)
		err(1, "PACKET_QDISC_BYPASS");
	return (fd);
}

static void
stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == -1)
		err(1, "cpu %d", cpu);
}

static uint64_t
send_all(int fd, uint64_t count, uint32_t flows, double rate)
{
	struct mmsghdr m[BATCH] = {{.msg_len = 0}};
	struct iovec io[BATCH];
	double start = now();
	uint64_t sent = 0;
	uint32_t flow = 0;
	int i, n;

	for (i = 0; i < BATCH; i++) {
		memcpy(frames[i], frame, FRAME);
		io[i] = (struct iovec){.iov_base = frames[i], .iov_len = FRAME};
		m[i].msg_hdr.msg_iov = &io[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	while (sent < count) {
		for (i = 0; i < BATCH; i++) {
			flow = (flow + 1) % flows;
			frames[i][SRC_ADDR + 1] = (uint8_t)(flow >> 16);
			frames[i][SRC_ADDR + 2] = (uint8_t)(flow >> 8);
			frames[i][SRC_ADDR + 3] = (uint8_t)flow;
		}
		n = count - sent < BATCH ? (int)(count - sent) : BATCH;
		if ((n = sendmmsg(fd, m, (unsigned int)n, 0)) == -1)
			err(1, "send");
		sent += (uint64_t)n;
		while (rate > 0 && (double)sent / rate > now() - start)
			;
	}
	return (sent);
}

int
main(int argc, char **argv)
{
	double rate = 0, start;
	uint32_t flows = 1000;
	uint64_t sent;
	int ch, fd;

	while ((ch = getopt(argc, argv, "c:f:r:")) != -1)
		switch (ch) {
		case 'c':
			stay_on((int)strtol(optarg, NULL, 10));
			break;
		case 'f':
			flows = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'r':
			rate = strtod(optarg, NULL);
			break;
		default:
			return (1);
		}
	if (argc - optind != 2 || flows == 0)
		errx(1,
		    "usage: blast [-c cpu] [-f flows] [-r rate] "
		    "interface count");
	fd = open_interface(argv[optind]);
	start = now();
	sent = send_all(fd, strtoull(argv[optind + 1], NULL, 10), flows, rate);
	printf("%llu frames, %.0f a second\n", (unsigned long long)sent,
	    (double)sent / (now() - start));
	return (0);
}
