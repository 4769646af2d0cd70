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
 * mkpcap [-6eFR] [-f bytes] [-l link] [-p port] [-s snaplen] [file]: a
 * capture, on standard output, of the datagrams that mkexport writes.
 *
 * -l	ethernet vlan qinq mpls pppoe snap sll sll2 raw null loop ppp hdlc enc
 *	pflog, or a number: that link type around the bare IP packet
 * -6	over IPv6; -e with extension headers before UDP
 * -f	in fragments of so many bytes; -F without the last, -R backwards
 * -s	cut each packet to so many bytes
 *
 * Packet n was captured at 1700000000 + n seconds and 123456789 ns.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "bytes.h"

#define PACKET_MAX 65536
#define NHEX 256
#define T0 1700000000
#define IPV4 0x0800
#define IPV6 0x86dd

struct frame {
	uint8_t b[PACKET_MAX + NHEX];
	size_t len;
};

/* clang-format off */
static const struct link {
	const char *name;
	int dlt;
	/* Before the IP header, in hex; TT the Ethernet type, PP PPP's. */
	const char *head;
} links[] = {
	{ "ethernet", DLT_EN10MB, "020000000001020000000002TT" },
	{ "vlan", DLT_EN10MB, "02000000000102000000000281000064TT" },
	{ "qinq", DLT_EN10MB, "02000000000102000000000288a8006481000065TT" },
	{ "mpls", DLT_EN10MB, "02000000000102000000000288470001004000020140" },
	{ "pppoe", DLT_EN10MB, "020000000001020000000002886411000001ffffPP" },
	{ "snap", DLT_EN10MB, "0200000000010200000000020400aaaa03000000TT" },
	{ "sll", DLT_LINUX_SLL, "0000000100060200000000010000TT" },
	{ "sll2", DLT_LINUX_SLL2, "TT000000000002000100060200000000010000" },
	{ "raw", DLT_RAW, "" },
	{ "null", DLT_NULL, "02000000" },
	{ "loop", DLT_LOOP, "00000002" },
	{ "ppp", DLT_PPP, "ff03PP" },
	{ "hdlc", DLT_C_HDLC, "0f00TT" },
	{ "labels", DLT_MPLS, "00064040000c8140" },
	{ "enc", DLT_ENC, "020000000000000000000000" },
	{ "pflog", DLT_PFLOG, "3d020000" },
};

static struct link link_now;
static bool ipv6, extended, no_last, backwards;
static size_t fragment_size;
static uint16_t port = 2055;
static uint32_t snaplen = 262144;
static unsigned int npackets;
static uint16_t datagram_id;
static pcap_dumper_t *dumper;

static void
put(struct frame *f, const void *p, size_t len)
{
	if (len > sizeof(f->b) - f->len)
		errx(1, "datagram too long");
	memcpy(f->b + f->len, p, len);
	f->len += len;
}

static void
put_hex(struct frame *f, const char *hex)
{
	const uint16_t type = ipv6 ? IPV6 : IPV4, ppp = ipv6 ? 0x57 : 0x21;
	uint16_t v;
	unsigned int b;

	for (; *hex != '\0'; hex += 2) {
		if (*hex == 'T' || *hex == 'P') {
			v = htons(*hex == 'T' ? type : ppp);
			put(f, &v, sizeof(v));
		} else if (sscanf(hex, "%2x", &b) == 1)
			put(f, &(uint8_t){(uint8_t)b}, 1);
	}
}

static void
dump(const struct frame *f)
{
	struct pcap_pkthdr h = {0};

	h.ts.tv_sec = T0 + (time_t)npackets;
	h.ts.tv_usec = 123456789;
	h.len = (uint32_t)f->len;
	h.caplen = f->len > snaplen ? snaplen : (uint32_t)f->len;
	pcap_dump((u_char *)dumper, &h, f->b);
	npackets++;
}

struct piece {
	size_t at;
	size_t len;
	bool more;
};

static void
head4(struct wr *wr, const struct piece *pc, uint8_t agent)
{
	wr_u16(wr, 0x4500);
	wr_u16(wr, (uint16_t)(20 + pc->len));
	wr_u16(wr, datagram_id);
	wr_u16(wr, (uint16_t)(pc->at / 8 | (pc->more ? 0x2000 : 0)));
	wr_u32(wr, 64U << 24 | 17 << 16);
	wr_u32(wr, 0xc0000200 | agent);
	wr_u32(wr, 0xc00002ff);
}

static void
head6(struct wr *wr, const struct piece *pc, uint8_t agent)
{
	const bool split = pc->more || pc->at > 0;
	const uint8_t next = split ? 44 : 17;

	wr_u32(wr, 0x60000000);
	wr_u16(wr, (uint16_t)(pc->len + (extended ? 16 : 0) +
		       (split ? 8 : 0)));
	wr_u8(wr, extended ? 0 : next);
	wr_u8(wr, 64);
	wr_bytes(wr, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0", 15);
	wr_u8(wr, agent);
	wr_bytes(wr, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\xff", 16);
	if (extended) {
		wr_bytes(wr, "\x3c\0\1\4\0\0\0\0", 8);
		wr_u8(wr, next);
		wr_bytes(wr, "\0\1\4\0\0\0\0", 7);
	}
	if (split) {
		wr_u16(wr, 17 << 8);
		wr_u16(wr, (uint16_t)(pc->at | pc->more));
		wr_u32(wr, datagram_id);
	}
}

/* One IP packet with a piece of the datagram. */
static void
send_piece(const struct frame *udp, size_t at, size_t len, uint8_t agent)
{
	const struct piece pc = { at, len, at + len < udp->len };
	static struct frame f;
	uint8_t ip[256];
	struct wr wr = wr_init(ip, sizeof(ip));

	f.len = 0;
	put_hex(&f, link_now.head);
	/* The header of pflog says its length, padding apart. */
	while (link_now.dlt == DLT_PFLOG && f.len < 64)
		put(&f, "", 1);
	if (ipv6)
		head6(&wr, &pc, agent);
	else
		head4(&wr, &pc, agent);
	put(&f, ip, sizeof(ip) - wr.left);
	put(&f, udp->b + at, len);
	/* Ethernet does not send frames shorter than that. */
	while (link_now.dlt == DLT_EN10MB && f.len < 60)
		put(&f, "", 1);
	dump(&f);
}

static void
send_datagram(const struct frame *payload, uint8_t agent)
{
	static struct frame udp;
	uint8_t head[8];
	struct wr wr = wr_init(head, sizeof(head));
	size_t at, step = fragment_size == 0 ? PACKET_MAX : fragment_size;

	wr_u16(&wr, 50000);
	wr_u16(&wr, port);
	wr_u16(&wr, (uint16_t)(8 + payload->len));
	wr_u16(&wr, 0);
	datagram_id++;
	udp.len = 0;
	put(&udp, head, sizeof(head));
	put(&udp, payload->b, payload->len);
	if (backwards) {
		for (at = (udp.len - 1) / step * step;; at -= step) {
			send_piece(&udp, at,
			    udp.len - at < step ? udp.len - at : step, agent);
			if (at == 0)
				break;
		}
		return;
	}
	for (at = 0; at < udp.len; at += step) {
		if (no_last && at + step >= udp.len && at > 0)
			break;
		send_piece(&udp, at, udp.len - at < step ? udp.len - at : step,
		    agent);
	}
}

static int
hex_digit(int c)
{
	if (!isxdigit(c))
		return (-1);
	return (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
}

static void
add_hex(struct frame *f, const char *line)
{
	uint8_t b;

	for (; hex_digit(line[0]) != -1 && hex_digit(line[1]) != -1;
	     line += 2) {
		b = (uint8_t)(hex_digit(line[0]) << 4 | hex_digit(line[1]));
		put(f, &b, 1);
	}
}

static void
read_hex(FILE *in)
{
	static struct frame payload;
	static char line[4 * PACKET_MAX];
	uint8_t agent = 1;
	const char *dot;

	while (fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		/* Its last number: 192.0.2.N or 2001:db8::N. */
		if (*line == '@') {
			dot = strrchr(line, '.');
			agent = dot == NULL ?
				  1 :
				  (uint8_t)strtonum(dot + 1, 0, 255, NULL);
		} else if (*line == '\0' && payload.len > 0) {
			send_datagram(&payload, agent);
			payload.len = 0;
		} else
			add_hex(&payload, line);
	}
	if (payload.len > 0)
		send_datagram(&payload, agent);
}

static unsigned int
number(const char *s, unsigned int max)
{
	const char *bad;
	long long n = strtonum(s, 0, max, &bad);

	if (bad != NULL)
		errx(1, "%s: %s", s, bad);
	return ((unsigned int)n);
}

static void
set_link(const char *name)
{
	size_t i;

	if (isdigit((unsigned char)*name)) {
		link_now = (struct link){name, (int)number(name, 1000), ""};
		return;
	}
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (strcmp(links[i].name, name) == 0) {
			link_now = links[i];
			return;
		}
	errx(1, "%s: no such link", name);
}

int
main(int argc, char **argv)
{
	pcap_t *pcap;
	int ch;

	set_link("ethernet");
	while ((ch = getopt(argc, argv, "6eFf:l:p:Rs:")) != -1)
		switch (ch) {
		case '6':
			ipv6 = true;
			break;
		case 'e':
			extended = true;
			break;
		case 'F':
			no_last = true;
			break;
		case 'f':
			fragment_size = number(optarg, 65528) & ~7U;
			break;
		case 'l':
			set_link(optarg);
			break;
		case 'p':
			port = (uint16_t)number(optarg, 65535);
			break;
		case 'R':
			backwards = true;
			break;
		case 's':
			snaplen = number(optarg, 262144);
			break;
		default:
			return (1);
		}
	if (argc > optind && freopen(argv[optind], "r", stdin) == NULL)
		err(1, "%s", argv[optind]);
	pcap = pcap_open_dead_with_tstamp_precision(link_now.dlt, 262144,
	    PCAP_TSTAMP_PRECISION_NANO);
	if (pcap == NULL || (dumper = pcap_dump_fopen(pcap, stdout)) == NULL)
		errx(1, "no capture");
	read_hex(stdin);
	pcap_dump_close(dumper);
	pcap_close(pcap);
	return (0);
}
