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
 * mktraffic: packets of made-up conversations, as a capture file on standard
 * output, and on standard error, as one line of JSON, what a meter must find.
 *
 *	mktraffic [-6 percent] [-a active] [-f flows] [-m percent] [-p packets]
 *	    [-S seed] [-s seconds] [-v percent]
 *
 * So many flows (-f) come and go, and so many are open at a time (-a); of them
 * some speak much and most little.  -6, -v: flows over IPv6, and with a VLAN
 * tag; -m: packets of UDP that come in two fragments.  All of it happens
 * within so many seconds, without a FIN or RST: no timeout of a minute splits
 * a flow.  The same seed makes the same bytes.  Frames are cut to 96 bytes.
 *
 * "records" counts directions of flows, with fragments as what they are part
 * of; "octets" are those of IP, "frame_octets" those behind Ethernet and tag.
 */

#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"

#define SNAPLEN 96
#define FRAME_MIN 60 /* without its checksum */
#define ETHERNET 14
#define TAG 4
#define IPV4 20
#define IPV6 40
#define TCP 20
#define UDP 8
#define FRAGMENT_FIRST 1480 /* octets of the first fragment's payload */
#define T0 1700000000
#define P_ICMP 1
#define P_TCP 6
#define P_UDP 17
#define P_ESP 50

struct options {
	uint32_t packets;
	uint32_t flows;
	uint32_t active;
	uint32_t seconds;
	uint32_t v6;
	uint32_t vlan;
	uint32_t fragments;
	uint64_t seed;
};

struct truth {
	uint64_t packets;
	uint64_t octets;
	uint64_t frame_octets;
	uint64_t fragments;
	uint64_t vlan;
	uint64_t v6;
	uint64_t flows;
	uint64_t records;
	uint64_t protocol[256][2]; /* packets, octets */
};

/* What does not change: all of it comes from a flow's number. */
struct conversation {
	uint32_t number;
	uint64_t mixed;
	bool v6;
	bool vlan;
	uint8_t protocol;
	uint16_t port[2];
};

/* One packet, or fragment of it. */
struct piece {
	int side;	 /* who sends */
	uint32_t len;	 /* of the IP packet */
	uint16_t offset; /* of a fragment, in octets */
	bool more;
	uint16_t id;
	uint8_t flags; /* of TCP */
};

static struct options opt = {1000000, 10000, 10000, 40, 15, 10, 2, 1};
static struct truth truth;
static uint8_t *seen; /* by flow: a bit for each side */

static uint64_t
mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15) * (opt.seed + 1);
	x = (x ^ x >> 31) * UINT64_C(0xa24baed4963ee407);
	x = (x ^ x >> 29) * UINT64_C(0x9fb21c651e98df25);
	return (x ^ x >> 32);
}

static uint64_t
number(const char *s, uint64_t max)
{
	char *end;
	unsigned long long n = strtoull(s, &end, 10);

	if (*s < '0' || *s > '9' || *end != '\0' || n > max)
		errx(1, "%s: not a number up to %" PRIu64, s, max);
	return (n);
}

static struct conversation
conversation(uint32_t n)
{
	uint64_t m = mix(n);
	struct conversation c = {.number = n,
	    .mixed = m,
	    .v6 = m % 100 < opt.v6,
	    .vlan = (m >> 8) % 100 < opt.vlan,
	    .port = {(uint16_t)(1024 + (m >> 16) % 60000), 443}};
	uint32_t kind = (uint32_t)(m >> 40) % 100;

	c.protocol = kind < 60	 ? P_TCP
	    : kind < 95		 ? P_UDP
	    : kind < 98 && !c.v6 ? P_ICMP
				 : P_ESP;
	if (c.protocol == P_UDP)
		c.port[1] = 53;
	return (c);
}

static void
put_ipv6(struct wr *w, const struct conversation *c, const struct piece *p)
{
	int i;

	wr_u32(w, 0x60000000 | (uint32_t)(c->mixed & 0xfffff));
	wr_u16(w, (uint16_t)(p->len - IPV6));
	wr_u8(w, c->protocol);
	wr_u8(w, 60);
	for (i = 0; i < 2; i++) {
		wr_u64(w, UINT64_C(0x20010db800000000) | (i ^ p->side));
		wr_u64(w, i == p->side ? c->mixed : c->number % 5000);
	}
}

static void
put_ipv4(struct wr *w, const struct conversation *c, const struct piece *p)
{
	uint8_t *start = w->p;
	uint32_t sum = 0, net;
	struct wr at;
	int i;

	wr_u16(w, 0x4500);
	wr_u16(w, (uint16_t)p->len);
	wr_u16(w, p->id);
	wr_u16(w, (uint16_t)(p->offset / 8 | (p->more ? 0x2000 : 0)));
	wr_u8(w, 60);
	wr_u8(w, c->protocol);
	wr_u16(w, 0);
	for (i = 0; i < 2; i++) {
		net = i == p->side ? 10 : 172;
		wr_u32(w,
		    net << 24 |
			(i == p->side ? (uint32_t)(c->mixed >> 8) & 0xffffff
				      : UINT32_C(0x100000) + c->number));
	}
	for (i = 0; i < IPV4; i += 2)
		sum += be16(start + i);
	sum = (sum & 0xffff) + (sum >> 16);
	at = wr_init(start + 10, 2);
	wr_u16(&at, (uint16_t) ~(sum + (sum >> 16)));
}

static void
put_transport(struct wr *w, const struct conversation *c, const struct piece *p)
{
	if (p->offset > 0)
		return;
	if (c->protocol == P_ICMP) {
		wr_u16(w, 0x0300); /* unreachable: both sides alike */
		return;
	}
	if (c->protocol == P_ESP) {
		wr_u32(w, (uint32_t)c->mixed);
		return;
	}
	wr_u16(w, c->port[p->side]);
	wr_u16(w, c->port[!p->side]);
	if (c->protocol == P_UDP) {
		wr_u16(w, (uint16_t)(p->len - (c->v6 ? IPV6 : IPV4)));
		wr_u16(w, 0);
		return;
	}
	wr_u64(w, c->mixed);
	wr_u16(w, 0x5000 | p->flags);
	wr_u16(w, 0xffff);
	wr_u32(w, 0);
}

static void
count(const struct conversation *c, const struct piece *p, uint32_t behind)
{
	uint8_t bit = (uint8_t)(1 << p->side);

	truth.packets++;
	truth.octets += p->len;
	truth.frame_octets += behind;
	truth.fragments += p->more || p->offset > 0;
	truth.vlan += c->vlan;
	truth.v6 += c->v6;
	truth.protocol[c->protocol][0]++;
	truth.protocol[c->protocol][1] += p->len;
	truth.flows += seen[c->number] == 0;
	truth.records += (seen[c->number] & bit) == 0;
	seen[c->number] |= bit;
}

static void
put_u32(uint32_t n)
{
	if (fwrite(&n, sizeof(n), 1, stdout) != 1)
		err(1, "standard output");
}

static void
write_frame(uint64_t us, const uint8_t *frame, uint32_t len)
{
	uint32_t caplen = len < SNAPLEN ? len : SNAPLEN;

	put_u32((uint32_t)(T0 + us / 1000000));
	put_u32((uint32_t)(us % 1000000));
	put_u32(caplen);
	put_u32(len);
	if (fwrite(frame, 1, caplen, stdout) != caplen)
		err(1, "standard output");
}

static void
send_piece(const struct conversation *c, const struct piece *p, uint64_t us)
{
	uint8_t frame[SNAPLEN + 64];
	struct wr w = wr_init(frame, sizeof(frame));
	uint32_t head = ETHERNET + (c->vlan ? TAG : 0);
	uint32_t len = head + p->len;

	memset(frame, 0, sizeof(frame));
	wr_u32(&w, 0x02000000);
	wr_u16(&w, (uint16_t)!p->side);
	wr_u32(&w, 0x02000000);
	wr_u16(&w, (uint16_t)p->side);
	if (c->vlan) {
		wr_u16(&w, 0x8100);
		wr_u16(&w, (uint16_t)(1 + c->number % 4000));
	}
	wr_u16(&w, c->v6 ? 0x86dd : 0x0800);
	if (c->v6)
		put_ipv6(&w, c, p);
	else
		put_ipv4(&w, c, p);
	put_transport(&w, c, p);
	if (len < FRAME_MIN)
		len = FRAME_MIN;
	count(c, p, len - head);
	write_frame(us, frame, len);
}

/* Small ones and full ones, as there are in the world. */
static uint32_t
length(const struct conversation *c, uint64_t r)
{
	uint32_t head = (c->v6 ? IPV6 : IPV4) + TCP;

	if (r % 10 < 4)
		return (head + (uint32_t)(r >> 8) % 20);
	if (r % 10 < 6)
		return (head + (uint32_t)(r >> 8) % 1000);
	return (1500);
}

/*
 * One of those that are open: every other packet is of any, the rest of few,
 * by the product of four chances.
 */
static uint32_t
pick(uint64_t r)
{
	uint64_t at = opt.active;
	int i;

	if (r % 2 == 0)
		return ((uint32_t)((r >> 32) * at >> 32));
	for (i = 0, r >>= 1; i < 4; i++, r >>= 15)
		at = ((at << 15) * (r & 0x7fff)) >> 30;
	return ((uint32_t)at);
}

static uint32_t
send_packet(uint32_t i)
{
	uint64_t r = mix(UINT64_C(0x100000000) + i);
	uint64_t us = (uint64_t)i * opt.seconds * 1000000 / opt.packets;
	uint64_t first = (uint64_t)i * (opt.flows - opt.active) / opt.packets;
	struct conversation c =
	    conversation((uint32_t)first + pick(mix(r ^ i)));
	struct piece p = {.side = (int)(r >> 33 & 1),
	    .id = (uint16_t)i,
	    .flags = 0x10};

	p.len = length(&c, r >> 36);
	if (seen[c.number] == 0) {
		p.side = 0;
		p.flags = 0x02;
	}
	if (c.v6 || c.protocol != P_UDP || (r >> 50) % 100 >= opt.fragments) {
		send_piece(&c, &p, us);
		return (1);
	}
	p.more = true;
	p.len = IPV4 + FRAGMENT_FIRST;
	send_piece(&c, &p, us);
	p.more = false;
	p.offset = FRAGMENT_FIRST;
	p.len = IPV4 + 100 + (uint32_t)(r >> 40) % 1000;
	send_piece(&c, &p, us);
	return (2);
}

static void
print_truth(void)
{
	int i;

	fprintf(stderr,
	    "{\"packets\":%" PRIu64 ",\"octets\":%" PRIu64
	    ",\"frame_octets\":%" PRIu64 ",\"fragments\":%" PRIu64
	    ",\"vlan\":%" PRIu64 ",\"v6\":%" PRIu64 ",\"flows\":%" PRIu64
	    ",\"records\":%" PRIu64,
	    truth.packets, truth.octets, truth.frame_octets, truth.fragments,
	    truth.vlan, truth.v6, truth.flows, truth.records);
	for (i = 0; i < 256; i++)
		if (truth.protocol[i][0] > 0)
			fprintf(stderr,
			    ",\"proto%d\":[%" PRIu64 ",%" PRIu64 "]", i,
			    truth.protocol[i][0], truth.protocol[i][1]);
	fprintf(stderr, "}\n");
}

static void
options(int argc, char **argv)
{
	const struct {
		int letter;
		uint32_t *to;
		uint32_t max;
	} words[] = {{'6', &opt.v6, 100}, {'a', &opt.active, 1 << 24},
	    {'f', &opt.flows, 1 << 20}, {'m', &opt.fragments, 100},
	    {'p', &opt.packets, 1 << 30}, {'s', &opt.seconds, 1 << 20},
	    {'v', &opt.vlan, 100}};
	bool active = false;
	size_t i;
	int ch;

	while ((ch = getopt(argc, argv, "6:a:f:m:p:S:s:v:")) != -1) {
		if (ch == '?')
			exit(1);
		active = active || ch == 'a';
		if (ch == 'S')
			opt.seed = number(optarg, UINT32_MAX);
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (words[i].letter == ch)
				*words[i].to =
				    (uint32_t)number(optarg, words[i].max);
	}
	if (!active || opt.active > opt.flows)
		opt.active = opt.flows;
	if (argc != optind || opt.flows == 0 || opt.packets == 0)
		errx(1, "see mktraffic.c for what to say");
}

int
main(int argc, char **argv)
{
	uint32_t i;

	options(argc, argv);
	if ((seen = calloc(opt.flows, 1)) == NULL)
		err(1, "memory");
	put_u32(0xa1b2c3d4);
	put_u32(2 | 4 << 16);
	put_u32(0);
	put_u32(0);
	put_u32(SNAPLEN);
	put_u32(1);
	for (i = 0; i < opt.packets;)
		i += send_packet(i);
	if (fflush(stdout) == EOF)
		err(1, "standard output");
	print_truth();
	free(seen);
	return (0);
}
