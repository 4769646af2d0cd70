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
 * One pass: where things are in the packet, who speaks to whom, how much.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "meter/counters.h"
#include "meter/fragments.h"
#include "meter/observe.h"

#define IPV4_HDRLEN 20
#define IPV6_HDRLEN 40
#define IPV6_LABEL 0xfffff
#define FRAGMENT_MORE 0x20
#define PORTS_LEN 4
#define TCP_FLAGS_AT 12
#define TCP_FLAGS 0x0fff
#define TCP_HDRLEN 20
#define P_TCP 6
#define P_UDP 17
#define PORT_DNS 53
#define TLS_HANDSHAKE 0x16
#define TLS_MAJOR 3

/* What stands where ports do. */
enum transport { NO_PORTS, TCP, PORTS, ICMP };

static const uint8_t transports[256] = {
    [1] = ICMP,
    [6] = TCP,
    [17] = PORTS, /* UDP */
    [33] = PORTS, /* DCCP */
    [58] = ICMP,
    [132] = PORTS, /* SCTP */
    [136] = PORTS, /* UDP-Lite */
};

struct own {
	uint8_t protocol;
	uint16_t port;
	struct addr dst;
};

struct observer {
	struct observe_config config;
	const struct flowtab *table;
	struct fragments *fragments;
	uint64_t own_ports; /* a bit for each own port's low six bits */
	uint64_t secret;    /* for MAC addresses */
	size_t nown;
	struct own own[COUNTERS_DESTS];
};

/* A packet's own view of itself: the source first. */
struct speech {
	const uint8_t *addr; /* the source's, and then the destination's */
	uint16_t port[2];
	size_t addrlen;
};

struct observer *
observer_new(const struct observe_config *config, const struct flowtab *table)
{
	struct observer *o;

	if ((o = calloc(1, sizeof(*o))) == NULL)
		return (NULL);
	o->config = *config;
	o->table = table;
	if ((o->fragments = fragments_new()) == NULL ||
	    getentropy(&o->secret, sizeof(o->secret)) == -1) {
		observer_free(o);
		return (NULL);
	}
	return (o);
}

void
observer_free(struct observer *o)
{
	if (o == NULL)
		return;
	fragments_free(o->fragments);
	free(o);
}

static uint64_t
port_bit(uint16_t port)
{
	return (UINT64_C(1) << (port & 63));
}

int
observer_own(struct observer *o, uint8_t protocol, const struct addr *dst,
    uint16_t port)
{
	struct own *own;

	if (o->nown == COUNTERS_DESTS)
		return (-1);
	own = &o->own[o->nown++];
	own->protocol = protocol;
	own->port = port;
	own->dst = *dst;
	o->own_ports |= port_bit(port);
	return (0);
}

/* Between us and a collector of ours: i is the collector's side. */
static bool
is_own_side(const struct observer *o, const struct packet *pkt,
    const struct speech *s, size_t i)
{
	const struct own *own;
	size_t n;

	for (n = 0; n < o->nown; n++) {
		own = &o->own[n];
		if (own->port == s->port[i] && own->protocol == pkt->protocol &&
		    own->dst.family == pkt->version &&
		    memcmp(own->dst.b, s->addr + i * s->addrlen, s->addrlen) ==
			0)
			return (true);
	}
	return (false);
}

static inline bool
is_own(const struct observer *o, const struct packet *pkt,
    const struct speech *s)
{
	if (((port_bit(s->port[0]) | port_bit(s->port[1])) & o->own_ports) == 0)
		return (false);
	return (is_own_side(o, pkt, s, 1) || is_own_side(o, pkt, s, 0));
}

/* True if all was there that a port can be. */
static inline bool
read_ports(const struct packet *pkt, uint16_t port[2])
{
	port[0] = port[1] = 0;
	if (pkt->l4 == NULL)
		return (false);
	if (transports[pkt->protocol] == NO_PORTS)
		return (true);
	if (transports[pkt->protocol] == ICMP) {
		/* A type without a code is one with code 0. */
		if (pkt->l4_left > 0)
			port[1] = (uint16_t)(pkt->l4[0] << 8);
		if (pkt->l4_left > 1)
			port[1] |= pkt->l4[1];
		return (pkt->l4_left > 1);
	}
	if (pkt->l4_left < PORTS_LEN)
		return (false);
	port[0] = be16(pkt->l4);
	port[1] = be16(pkt->l4 + 2);
	return (true);
}

static void
fragment_ports(struct observer *o, const struct frame *frame,
    struct packet *pkt, struct observed *ob, struct speech *s)
{
	bool known = read_ports(pkt, s->port);

	ob->fragment = true;
	if (pkt->fragment_offset != 0)
		ob->no_ports =
		    !fragments_find(o->fragments, pkt, frame->time, s->port);
	else if (known && pkt->fragment_flags & FRAGMENT_MORE)
		fragments_note(o->fragments, pkt, s->port, frame->time);
}

static inline void
put_addrs(struct flow_key *key, uint8_t side, const struct speech *s)
{
	memset(key, 0, sizeof(*key));
	memcpy(key->addr[side], s->addr, s->addrlen);
	memcpy(key->addr[!side], s->addr + s->addrlen, s->addrlen);
}

/* Which side of the key the source is on. */
static inline uint8_t
side_of(const struct packet *pkt, const struct speech *s)
{
	int order = memcmp(s->addr, s->addr + s->addrlen, s->addrlen);

	if (order == 0 && transports[pkt->protocol] != ICMP)
		return (s->port[0] > s->port[1]);
	return (order > 0);
}

static inline void
put_key(const struct observer *o, const struct packet *pkt,
    const struct speech *s, struct observed *ob)
{
	enum track track = o->config.track;
	struct flow_key *key = &ob->key;
	uint8_t side = side_of(pkt, s);
	bool turn = side != 0 && transports[pkt->protocol] != ICMP;

	ob->side = side;
	put_addrs(key, side, s);
	key->version = pkt->version;
	if (track >= TRACK_PROTO)
		key->protocol = pkt->protocol;
	if (track >= TRACK_PORT) {
		key->port[turn] = s->port[0];
		key->port[!turn] = s->port[1];
	}
	if (track >= TRACK_VLAN)
		key->vlan = ob->vlan;
}

static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return (h ^ h >> 31);
}

static uint64_t
mac_of(const uint8_t *p)
{
	return ((uint64_t)be32(p) << 16 | be16(p + 4));
}

/* The same for both directions. */
static uint64_t
macs(const struct observer *o, const struct packet *pkt, uint8_t side)
{
	uint64_t mac[2];

	if (o->config.track != TRACK_ETHER || pkt->mac == NULL)
		return (0);
	mac[side] = mac_of(pkt->mac + 6);
	mac[!side] = mac_of(pkt->mac);
	return (mix(mix(o->secret ^ mac[0]) ^ mac[1]));
}

/* As softflowd 1.1 did: all of the frame but its link header. */
static uint32_t
frame_octets(const struct frame *frame, const struct packet *pkt)
{
	const uint8_t *p =
	    pkt->mpls != NULL && !pkt->tunnel ? pkt->mpls : pkt->ip;
	uint32_t head = (uint32_t)(p - frame->data);

	/* Nobody counts less than there is. */
	return (
	    (frame->len < frame->caplen ? frame->caplen : frame->len) - head);
}

static inline void
put_header(const struct packet *pkt, struct observed *ob)
{
	const uint8_t *p = pkt->ip;

	if (pkt->version == 4) {
		ob->tos = p[1];
		ob->ttl = p[8];
		ob->flow_label = 0;
	} else {
		ob->tos = (uint8_t)(be16(p) >> 4);
		ob->ttl = p[7];
		ob->flow_label = be32(p) & IPV6_LABEL;
	}
	ob->tcp_flags = 0;
	if (pkt->protocol == P_TCP && pkt->l4 != NULL &&
	    pkt->l4_left >= TCP_FLAGS_AT + 2)
		ob->tcp_flags = be16(pkt->l4 + TCP_FLAGS_AT) & TCP_FLAGS;
	ob->vlan = pkt->ntags > 0 ? pkt->tag[0] : 0;
}

/* A question or answer of DNS, or what a TLS client says first. */
static bool
has_name(const struct packet *pkt, const struct speech *s)
{
	const uint8_t *p = pkt->l4;
	size_t hlen;

	if (p == NULL || (pkt->protocol != P_UDP && pkt->protocol != P_TCP))
		return (false);
	if (s->port[0] == PORT_DNS || s->port[1] == PORT_DNS)
		return (true);
	if (pkt->protocol != P_TCP || pkt->l4_left < TCP_HDRLEN)
		return (false);
	hlen = (size_t)(p[TCP_FLAGS_AT] >> 4) * 4;
	return (pkt->l4_left >= hlen + 2 && p[hlen] == TLS_HANDSHAKE &&
	    p[hlen + 1] == TLS_MAJOR);
}

static inline bool
wants_data(const struct observe_config *config, const struct packet *pkt,
    const struct speech *s)
{
	return (config->link_data || (config->tcp && pkt->protocol == P_TCP) ||
	    (config->names && has_name(pkt, s)));
}

static enum seen
refused(const struct packet *pkt)
{
	return (pkt->end == PACKET_NOT_IP ? SEEN_NOT_IP : SEEN_SHORT);
}

enum seen
observe(struct observer *o, const struct frame *frame, struct observed *ob)
{
	const struct observe_config *config = &o->config;
	struct packet pkt;
	struct speech s;

	packet_walk(config->link, rd_init(frame->data, frame->caplen),
	    config->inner, &pkt);
	if (pkt.version == 0 || pkt.end == PACKET_LIES)
		return (refused(&pkt));
	if (pkt.version == 6 && !config->ipv6)
		return (SEEN_IGNORED);
	s.addrlen = pkt.version == 4 ? 4 : 16;
	s.addr = pkt.ip + (pkt.version == 4 ? 12 : 8);
	ob->fragment = ob->no_ports = false;
	if (pkt.fragment)
		fragment_ports(o, frame, &pkt, ob, &s);
	else
		(void)read_ports(&pkt, s.port);
	if (is_own(o, &pkt, &s))
		return (SEEN_OWN);
	put_header(&pkt, ob);
	put_key(o, &pkt, &s, ob);
	ob->hash = flowtab_hash(o->table, &ob->key, macs(o, &pkt, ob->side));
	ob->time = frame->time;
	ob->octets = pkt.ip_len;
	if (config->frame_octets || ob->octets == 0)
		ob->octets = frame_octets(frame, &pkt);
	ob->wants_data = wants_data(config, &pkt, &s);
	if (ob->wants_data)
		ob->packet = pkt;
	return (SEEN_IP);
}

int
observe_link(int dlt, enum packet_link *link)
{
	return (packet_dlt(dlt, link));
}
