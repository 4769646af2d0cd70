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
 * flowload: export as fast as it can be sent, with exact totals.
 *
 *	flowload [-a exporters] [-b address] [-C cpu] [-f format]
 *	    [-g run] [-n datagrams] [-r rate] [-S seed] [-s seconds] [-T every]
 *	    [-u uptime] address port
 *
 * Datagrams are made beforehand; sending one is to fill in its header, so what
 * is measured is the collector.  -f is v5, v9, ipfix or sflow.  -r is in
 * datagrams a second, evenly, 0 for all at once; -s makes the count of it, or
 * ends it.  -g hands so many datagrams of an exporter to the kernel at once,
 * which it cuts apart (GSO): half the cost.  -a sends in turn from that many
 * addresses, from that of -b on [127.1.0.1]; without either from one, which the
 * system chooses.  -T: each exporter sends its template in every so many of its
 * datagrams [100].  All datagrams have the same number of flows.
 * -u: the uptime of the exporters at first, in seconds [3600], a minute at
 * least.
 *
 * SIGTERM and SIGINT end it, too.  What was sent is told as a line of JSON.
 */

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <arpa/inet.h>

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/tools/flowload.h"

#define BATCH 64
#define PIECES 3 /* of a datagram: header, template, flows */
#define INTRODUCTION_NS 50000
#define PARCEL_MAX 65000
#define EXPORTERS_MAX 60000

struct exporter {
	uint32_t seq;
	uint32_t until_template;
	struct in_addr addr;
};

/* Some datagrams of one length and exporter, one behind the other. */
struct parcel {
	char control[CMSG_SPACE(sizeof(struct in_pktinfo)) +
	    CMSG_SPACE(sizeof(uint16_t))];
	uint32_t exporter;
	uint32_t n;
	size_t len; /* of each */
};

struct sender {
	struct load load;
	struct exporter *exporters;
	uint8_t headers[BATCH][LOAD_HEADER];
	struct iovec io[BATCH * PIECES];
	struct parcel parcels[BATCH];
	struct mmsghdr msgs[BATCH];
	struct sockaddr_in to;
	struct in_addr from;
	int fd;
	uint32_t nexporters;
	uint32_t turn; /* exporter */
	uint32_t run;  /* datagrams in a row of one */
	uint32_t left; /* of them */
	uint32_t body; /* next */
	uint32_t every;
	uint64_t count;
	double rate, seconds;
	struct timespec start;
	uint64_t sent, wire;
	uint64_t introduced; /* of those sent */
};

static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static double
since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((double)(now.tv_sec - start->tv_sec) +
	    (double)(now.tv_nsec - start->tv_nsec) / 1e9);
}

static void
stay_on(const char *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)strtoul(cpu, NULL, 10), &set);
	if (sched_setaffinity(0, sizeof(set), &set) == -1)
		err(1, "cpu %s", cpu);
}

/* One socket, whatever the number of addresses it sends from. */
static void
open_socket(struct sender *s)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	int size = 4 * 1024 * 1024;

	if ((s->fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		err(1, "socket");
	(void)setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (s->nexporters > 1)
		return;
	from.sin_addr = s->from;
	if (bind(s->fd, (struct sockaddr *)&from, sizeof(from)) == -1)
		err(1, "%s", inet_ntoa(s->from));
	if (connect(s->fd, (struct sockaddr *)&s->to, sizeof(s->to)) == -1)
		err(1, "connect");
}

static void
set_up(struct sender *s)
{
	uint32_t i, a = ntohl(s->from.s_addr);

	if ((s->exporters = calloc(s->nexporters, sizeof(*s->exporters))) ==
	    NULL)
		err(1, "memory");
	for (i = 0; i < s->nexporters; i++)
		s->exporters[i].addr.s_addr =
		    htonl(a + i / 250 * 256 + i % 250);
	s->left = s->run;
	for (i = 0; i < BATCH; i++) {
		s->io[i * PIECES].iov_base = s->headers[i];
		s->io[i * PIECES].iov_len = s->load.nheader;
		s->io[i * PIECES + 1].iov_base = s->load.templates;
		s->io[i * PIECES + 2].iov_len = s->load.nbody;
	}
}

/* The next datagram, into the i-th place; its length. */
static size_t
fill(struct sender *s, unsigned int i)
{
	struct exporter *e = &s->exporters[s->turn];
	struct iovec *io = &s->io[(size_t)i * PIECES];
	bool template = e->until_template == 0 && s->load.ntemplates > 0;

	io[1].iov_len = template ? s->load.ntemplates : 0;
	io[2].iov_base = load_body(&s->load, s->body);
	load_header(&s->load, s->headers[i], template, e->seq);
	e->seq += s->load.step;
	e->until_template = template ? s->every - 1 : e->until_template - 1;
	s->body = s->body + 1 == LOAD_BODIES ? 0 : s->body + 1;
	return (io[0].iov_len + io[1].iov_len + io[2].iov_len);
}

static void
address(struct sender *s, struct parcel *p, struct msghdr *m)
{
	struct in_pktinfo info = {
	    .ipi_spec_dst = s->exporters[p->exporter].addr};
	uint16_t size = (uint16_t)p->len;
	struct cmsghdr *c;
	size_t len = 0;

	m->msg_control = p->control;
	m->msg_controllen = sizeof(p->control);
	c = CMSG_FIRSTHDR(m);
	if (s->nexporters > 1) {
		m->msg_name = &s->to;
		m->msg_namelen = sizeof(s->to);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		len += CMSG_SPACE(sizeof(info));
		c = CMSG_NXTHDR(m, c);
	}
	if (p->n > 1) {
		c->cmsg_level = SOL_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(size));
		memcpy(CMSG_DATA(c), &size, sizeof(size));
		len += CMSG_SPACE(sizeof(size));
	}
	m->msg_controllen = len;
}

/* n datagrams, put together where one call of the kernel can do more. */
static unsigned int
pack(struct sender *s, unsigned int n)
{
	struct parcel *p = NULL;
	unsigned int i, parcels = 0;
	size_t len;

	for (i = 0; i < n; i++) {
		len = fill(s, i);
		s->wire += len;
		if (p == NULL || p->exporter != s->turn || p->len != len ||
		    (p->n + 1) * len > PARCEL_MAX || p->n >= s->run) {
			p = &s->parcels[parcels];
			*p = (struct parcel){.exporter = s->turn, .len = len};
			s->msgs[parcels].msg_hdr.msg_iov =
			    &s->io[(size_t)i * PIECES];
			parcels++;
		}
		p->n++;
		s->msgs[parcels - 1].msg_hdr.msg_iovlen = (size_t)p->n * PIECES;
		if (--s->left == 0) {
			s->left = s->run;
			s->turn =
			    s->turn + 1 == s->nexporters ? 0 : s->turn + 1;
		}
	}
	for (i = 0; i < parcels; i++)
		address(s, &s->parcels[i], &s->msgs[i].msg_hdr);
	return (parcels);
}

static void
send_batch(struct sender *s, unsigned int n)
{
	unsigned int parcels = pack(s, n), done = 0;
	int sent;

	while (done < parcels) {
		sent = sendmmsg(s->fd, s->msgs + done, parcels - done, 0);
		if (sent == -1 && errno != ENOBUFS && errno != ECONNREFUSED &&
		    errno != EINTR)
			err(1, "send");
		if (sent > 0)
			done += (unsigned int)sent;
	}
	s->sent += n;
}

/* How many are due; sleeps or turns until one is. */
static unsigned int
due(const struct sender *s, double now)
{
	uint64_t left = s->count - s->sent;
	struct timespec nap = {0, 0};
	double ahead;

	if (s->rate > 0) {
		ahead = now * s->rate + 1 - (double)(s->sent - s->introduced);
		if (ahead < 1) {
			ahead = (1 - ahead) / s->rate;
			if (ahead > 300e-6) {
				ahead = ahead > 0.1 ? 0.1 : ahead - 100e-6;
				nap.tv_nsec = (long)(ahead * 1e9);
				nanosleep(&nap, NULL);
			}
			return (0);
		}
		if (ahead < (double)left)
			left = (uint64_t)ahead;
	}
	return (left < BATCH ? (unsigned int)left : BATCH);
}

/*
 * Each exporter once, slowly enough for anybody: a template that is lost in
 * what follows would make a load of datagrams that nobody can read.
 */
static void
introduce(struct sender *s)
{
	struct timespec nap = {.tv_nsec = INTRODUCTION_NS};
	uint32_t run = s->run;

	s->run = s->left = 1;
	while (!stop && s->sent < s->nexporters && s->sent < s->count) {
		load_clock(&s->load);
		send_batch(s, 1);
		nanosleep(&nap, NULL);
	}
	s->run = s->left = run;
	s->introduced = s->sent;
}

static void
send_all(struct sender *s)
{
	double now;
	unsigned int n;

	if (s->nexporters > 1 || s->load.ntemplates > 0)
		introduce(s);
	clock_gettime(CLOCK_MONOTONIC, &s->start);
	while (!stop && s->sent < s->count) {
		now = since(&s->start);
		if (s->seconds > 0 && now >= s->seconds)
			break;
		if ((n = due(s, now)) == 0)
			continue;
		load_clock(&s->load);
		send_batch(s, n);
	}
}

static void
tell(const struct sender *s, double seconds)
{
	uint64_t packets, octets;

	load_totals(&s->load, s->sent, &packets, &octets);
	printf("{\"format\":\"%s\",\"datagrams\":%llu,\"bytes\":%llu,"
	       "\"flows\":%llu,\"packets\":%llu,\"octets\":%llu,"
	       "\"records\":%u,\"seconds\":%.6f,\"flows_per_second\":%.0f}\n",
	    s->load.name, (unsigned long long)s->sent,
	    (unsigned long long)s->wire,
	    (unsigned long long)s->sent * s->load.records,
	    (unsigned long long)packets, (unsigned long long)octets,
	    s->load.records, seconds,
	    (double)((s->sent - s->introduced) * s->load.records) / seconds);
}

static void __attribute__((__noreturn__)) usage(void)
{
	fprintf(stderr,
	    "usage: flowload [-a exporters] [-b address] [-C cpu] "
	    "[-f v5|v9|ipfix|sflow] [-g run]\n"
	    "                [-n datagrams] [-r rate] [-S seed] [-s seconds] "
	    "[-T every]\n"
	    "                [-u uptime] address port\n");
	exit(2);
}

static const char *
options(struct sender *s, int argc, char *argv[])
{
	const char *format = "v5";
	int ch;

	while ((ch = getopt(argc, argv, "a:b:C:f:g:n:r:S:s:T:u:")) != -1) {
		if (ch == 'a')
			s->nexporters = (uint32_t)strtoul(optarg, NULL, 10);
		else if (ch == 'b' && inet_aton(optarg, &s->from) == 1)
			;
		else if (ch == 'C')
			stay_on(optarg);
		else if (ch == 'f')
			format = optarg;
		else if (ch == 'g')
			s->run = (uint32_t)strtoul(optarg, NULL, 10);
		else if (ch == 'n')
			s->count = strtoull(optarg, NULL, 10);
		else if (ch == 'r')
			s->rate = strtod(optarg, NULL);
		else if (ch == 'S')
			s->load.seed = strtoull(optarg, NULL, 10);
		else if (ch == 's')
			s->seconds = strtod(optarg, NULL);
		else if (ch == 'u')
			s->load.begin =
			    (uint32_t)strtoul(optarg, NULL, 10) * 1000;
		else if (ch == 'T')
			s->every = (uint32_t)strtoul(optarg, NULL, 10);
		else
			usage();
	}
	if (argc - optind != 2 || s->every == 0 || s->run == 0 ||
	    s->nexporters == 0 || s->nexporters > EXPORTERS_MAX)
		usage();
	return (format);
}

int
main(int argc, char *argv[])
{
	static struct sender s = {.nexporters = 1,
	    .every = 100,
	    .run = 1,
	    .count = UINT64_MAX,
	    .to.sin_family = AF_INET};
	struct sigaction sa = {.sa_handler = on_signal};
	const char *format = options(&s, argc, argv);

	if (inet_aton(argv[optind], &s.to.sin_addr) != 1)
		usage();
	s.to.sin_port = htons((uint16_t)strtoul(argv[optind + 1], NULL, 10));
	if (s.nexporters > 1 && s.from.s_addr == 0)
		s.from.s_addr = htonl(0x7f010001);
	if (s.seconds > 0 && s.rate > 0) {
		s.count = (uint64_t)(s.seconds * s.rate);
		s.seconds = 0;
	}
	if (!load_make(&s.load, format))
		usage();
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	(void)prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
	open_socket(&s);
	set_up(&s);
	send_all(&s);
	tell(&s, since(&s.start));
	return (0);
}
