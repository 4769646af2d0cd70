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
 * flowsend: datagrams from files to a collector, by real UDP.
 *
 *	flowsend [-v] [-a first] [-m file] [-n repeat] [-p port] [-r rate]
 *	    [-s source] address port [file ...]
 *
 * A file is a pcap capture (the UDP payloads in it, -p: only those to that
 * port), hex text as mkexport writes it, or else one datagram as it is; none
 * is standard input.
 *
 * -r: datagrams a second, 0 for as fast as it goes [2000].
 * -s: send all from this address.  Otherwise each exporter of a capture, or
 * of an "@address" line, keeps apart by an address of its own, 127.0.1.1 and
 * up (-a: that address and up), where the system has those.  -m writes which,
 * a line each.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "bytes.h"

#define EXPORTERS_MAX 250
#define DATAGRAM_MAX 65535
#define ADDR_MAX 64
#define FIRST_MAPPED 0x7f000101 /* 127.0.1.1 */

struct exporter {
	char name[ADDR_MAX]; /* "" for the first of all, unnamed */
	int fd;
};

static struct {
	struct addrinfo *to;
	const char *source; /* -s */
	uint32_t first;	    /* -a, 0: none */
	FILE *map;	    /* -m */
	int port;	    /* -p */
	double rate;
	struct timespec start;
	uint64_t sent;
	uint64_t fragments;
	size_t nexporters;
	size_t nmapped;
	struct exporter exporters[EXPORTERS_MAX];
} st;

static void
bind_to(int fd, const char *name)
{
	struct addrinfo hints, *res;
	int e;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = st.to->ai_family;
	hints.ai_socktype = SOCK_DGRAM;
	hints.ai_flags = AI_NUMERICHOST;
	if ((e = getaddrinfo(name, NULL, &hints, &res)) != 0)
		errx(1, "%s: %s", name, gai_strerror(e));
	if (bind(fd, res->ai_addr, res->ai_addrlen) == -1)
		err(1, "source address %s", name);
	freeaddrinfo(res);
}

/* An address of 127/8 that stands for the exporter, if the system has it. */
static void
bind_mapped(int fd, const char *name)
{
	struct sockaddr_in sin;
	char text[ADDR_MAX];

	if (st.to->ai_family != AF_INET)
		return;
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	if (st.first != 0 || inet_pton(AF_INET, name, &sin.sin_addr) != 1 ||
	    ntohl(sin.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		sin.sin_addr.s_addr =
		    htonl((st.first != 0 ? st.first : FIRST_MAPPED) +
			(uint32_t)st.nmapped++);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1) {
		if (st.nmapped <= 1)
			warn("exporters cannot keep apart");
		return;
	}
	inet_ntop(AF_INET, &sin.sin_addr, text, sizeof(text));
	if (st.map != NULL)
		fprintf(st.map, "%s %s\n", text, name);
}

/* The socket of an exporter; name NULL: nobody said who. */
static int
socket_of(const char *name)
{
	struct exporter *e;
	size_t i;

	if (name == NULL || st.source != NULL)
		name = "";
	for (i = 0; i < st.nexporters; i++)
		if (strcmp(st.exporters[i].name, name) == 0)
			return (st.exporters[i].fd);
	if (st.nexporters == EXPORTERS_MAX)
		errx(1, "more than %d exporters", EXPORTERS_MAX);
	e = &st.exporters[st.nexporters++];
	snprintf(e->name, sizeof(e->name), "%s", name);
	if ((e->fd = socket(st.to->ai_family, SOCK_DGRAM, 0)) == -1)
		err(1, "socket");
	if (st.source != NULL)
		bind_to(e->fd, st.source);
	else if (*name != '\0')
		bind_mapped(e->fd, name);
	if (connect(e->fd, st.to->ai_addr, st.to->ai_addrlen) == -1)
		err(1, "connect");
	return (e->fd);
}

/* Until the next datagram is due. */
static void
pace(void)
{
	struct timespec now, nap;
	double due, passed;

	if (st.rate <= 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	passed = (double)(now.tv_sec - st.start.tv_sec) +
	    (double)(now.tv_nsec - st.start.tv_nsec) / 1e9;
	due = (double)st.sent / st.rate - passed;
	if (due <= 0)
		return;
	nap.tv_sec = (time_t)due;
	nap.tv_nsec = (long)((due - (double)nap.tv_sec) * 1e9);
	nanosleep(&nap, NULL);
}

static void
send_one(const char *exporter, const void *p, size_t len)
{
	int fd = socket_of(exporter), tries = 0;

	pace();
	/* A refusal reports on an earlier datagram: nobody listened then. */
	while (send(fd, p, len, 0) == -1) {
		if (errno == ECONNREFUSED && tries++ == 0)
			continue;
		if (errno != ENOBUFS || tries++ > 1000)
			err(1, "send of %zu bytes", len);
		usleep(1000);
	}
	st.sent++;
}

/*
 * Captures.
 */

/* What stands before the network layer, or -1. */
static int
link_skip(int type, struct rd *rd, uint16_t *proto)
{
	*proto = 0;
	switch (type) {
	case DLT_EN10MB:
		if (rd_skip(rd, 12) == -1 || rd_u16(rd, proto) == -1)
			return (-1);
		while (*proto == 0x8100 || *proto == 0x88a8)
			if (rd_skip(rd, 2) == -1 || rd_u16(rd, proto) == -1)
				return (-1);
		return (0);
	case DLT_LINUX_SLL:
		return (rd_skip(rd, 14) == -1 ? -1 : rd_u16(rd, proto));
	case DLT_LINUX_SLL2:
		return (rd_u16(rd, proto) == -1 ? -1 : rd_skip(rd, 18));
	case DLT_NULL:
	case DLT_LOOP:
		return (rd_skip(rd, 4));
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return (0);
	}
	errx(1, "link type %d is none that is known here", type);
}

/* The UDP datagram in a packet and who sent it, or -1. */
static int
find_udp(struct rd rd, char *exporter, struct rd *payload)
{
	uint16_t frag, len, port, udplen;
	struct rd ip;
	size_t hdrlen;

	if (rd.left < 20)
		return (-1);
	if (rd.p[0] >> 4 == 4) {
		hdrlen = (size_t)(rd.p[0] & 15) * 4;
		len = be16(rd.p + 2);
		frag = be16(rd.p + 6);
		if (rd.p[9] != IPPROTO_UDP || len < hdrlen)
			return (-1);
		if ((frag & 0x3fff) != 0) {
			st.fragments++;
			return (-1);
		}
		inet_ntop(AF_INET, rd.p + 12, exporter, ADDR_MAX);
		if (rd_sub(&rd, len, &ip) == -1 || rd_skip(&ip, hdrlen) == -1)
			return (-1);
	} else {
		if (rd.left < 40 || rd.p[0] >> 4 != 6 || rd.p[6] != IPPROTO_UDP)
			return (-1);
		inet_ntop(AF_INET6, rd.p + 8, exporter, ADDR_MAX);
		len = be16(rd.p + 4);
		if (rd_skip(&rd, 40) == -1 || rd_sub(&rd, len, &ip) == -1)
			return (-1);
	}
	if (rd_skip(&ip, 2) == -1 || rd_u16(&ip, &port) == -1 ||
	    rd_u16(&ip, &udplen) == -1 || rd_skip(&ip, 2) == -1 || udplen < 8 ||
	    rd_sub(&ip, (size_t)udplen - 8, payload) == -1)
		return (-1);
	return (st.port == 0 || st.port == port ? 0 : -1);
}

static void
send_pcap(pcap_t *pcap, const char *file)
{
	struct pcap_pkthdr *h;
	struct rd payload, rd;
	const u_char *p;
	char exporter[ADDR_MAX];
	uint16_t proto;
	int e;

	while ((e = pcap_next_ex(pcap, &h, &p)) == 1) {
		rd = rd_init(p, h->caplen);
		if (link_skip(pcap_datalink(pcap), &rd, &proto) == 0 &&
		    find_udp(rd, exporter, &payload) == 0)
			send_one(exporter, payload.p, payload.left);
	}
	if (e == PCAP_ERROR)
		errx(1, "%s: %s", file, pcap_geterr(pcap));
	pcap_close(pcap);
}

/*
 * Hex, and bytes as they are.
 */

/* Appends a line's bytes; -1 if it is not hex. */
static int
hex_line(const char *s, uint8_t *buf, size_t *len)
{
	unsigned int v;

	for (;;) {
		while (isspace((unsigned char)*s))
			s++;
		if (*s == '\0' || *s == '#')
			return (0);
		if (!isxdigit((unsigned char)s[0]) ||
		    !isxdigit((unsigned char)s[1]) ||
		    sscanf(s, "%2x", &v) != 1 || *len == DATAGRAM_MAX)
			return (-1);
		buf[(*len)++] = (uint8_t)v;
		s += 2;
	}
}

static void
send_hex(FILE *fp, const char *file)
{
	static uint8_t buf[DATAGRAM_MAX];
	char exporter[ADDR_MAX] = "";
	char *line = NULL;
	size_t len = 0, size = 0;
	long n = 0;

	while (getline(&line, &size, fp) != -1) {
		n++;
		if (*line == '@') {
			line[strcspn(line, " \r\n")] = '\0';
			snprintf(exporter, sizeof(exporter), "%s", line + 1);
		} else if (line[strspn(line, " \t\r\n")] != '\0') {
			if (hex_line(line, buf, &len) == -1)
				errx(1, "%s:%ld: not hex", file, n);
		} else if (len > 0) {
			send_one(*exporter != '\0' ? exporter : NULL, buf, len);
			len = 0;
		}
	}
	if (len > 0)
		send_one(*exporter != '\0' ? exporter : NULL, buf, len);
	free(line);
}

static bool
is_pcap(const uint8_t *p, size_t len)
{
	uint32_t magic;

	if (len < 4)
		return (false);
	magic = be32(p);
	return (magic == 0xa1b2c3d4 || magic == 0xd4c3b2a1 ||
	    magic == 0xa1b23c4d || magic == 0x4d3cb2a1 || magic == 0x0a0d0d0a);
}

static bool
is_text(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isprint(p[i]) && !isspace(p[i]))
			return (false);
	return (true);
}

static void
send_file(const char *file)
{
	static uint8_t buf[DATAGRAM_MAX];
	char ebuf[PCAP_ERRBUF_SIZE];
	pcap_t *pcap;
	FILE *fp;
	size_t len;

	if (strcmp(file, "-") == 0) {
		send_hex(stdin, "stdin");
		return;
	}
	if ((fp = fopen(file, "r")) == NULL)
		err(1, "%s", file);
	len = fread(buf, 1, sizeof(buf), fp);
	if (ferror(fp))
		err(1, "%s", file);
	if (is_pcap(buf, len)) {
		if ((pcap = pcap_open_offline(file, ebuf)) == NULL)
			errx(1, "%s", ebuf);
		send_pcap(pcap, file);
	} else if (is_text(buf, len)) {
		rewind(fp);
		send_hex(fp, file);
	} else
		send_one(NULL, buf, len);
	fclose(fp);
}

static uint32_t
ipv4(const char *text)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		errx(1, "%s: not an IPv4 address", text);
	return (ntohl(a.s_addr));
}

static void
resolve(const char *host, const char *port)
{
	struct addrinfo hints;
	int e;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_DGRAM;
	hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	if ((e = getaddrinfo(host, port, &hints, &st.to)) != 0)
		errx(1, "%s port %s: %s", host, port, gai_strerror(e));
}

static void __attribute__((__noreturn__)) usage(void)
{
	fprintf(stderr,
	    "usage: flowsend [-v] [-a first] [-m file] [-n repeat] [-p port] "
	    "[-r rate] [-s source]\n"
	    "\taddress port [file ...]\n");
	exit(2);
}

int
main(int argc, char *argv[])
{
	long i, repeat = 1;
	int ch, f, verbose = 0;

	st.rate = 2000;
	while ((ch = getopt(argc, argv, "a:m:n:p:r:s:v")) != -1) {
		switch (ch) {
		case 'a':
			st.first = ipv4(optarg);
			break;
		case 'm':
			if ((st.map = fopen(optarg, "w")) == NULL)
				err(1, "%s", optarg);
			break;
		case 'n':
			repeat = strtol(optarg, NULL, 10);
			break;
		case 'p':
			st.port = (int)strtol(optarg, NULL, 10);
			break;
		case 'r':
			st.rate = strtod(optarg, NULL);
			break;
		case 's':
			st.source = optarg;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc < 2)
		usage();
	resolve(argv[0], argv[1]);
	clock_gettime(CLOCK_MONOTONIC, &st.start);
	for (i = 0; i < repeat; i++) {
		if (argc == 2)
			send_file("-");
		for (f = 2; f < argc; f++)
			send_file(argv[f]);
	}
	if (st.fragments > 0)
		warnx("%llu IP fragments left out",
		    (unsigned long long)st.fragments);
	if (verbose)
		printf("%llu datagrams\n", (unsigned long long)st.sent);
	freeaddrinfo(st.to);
	if (st.map != NULL && fclose(st.map) == EOF)
		err(1, "-m");
	return (0);
}
