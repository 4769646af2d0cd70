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

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "decode/plain.h"
#include "meter/counters.h"
#include "meter/flowhash.h"
#include "meter/fragments.h"
#include "meter/observe.h"

#define IPV4_ADDRS 12 /* source, then destination */
#define IPV6_ADDRS 8
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
enum transport { NO_PORTS, PORTS, ICMP };

static const uint8_t transports[256] = {
    [1] = ICMP,
    [6] = PORTS,
    [17] = PORTS, /* TCP, UDP */
    [33] = PORTS, /* DCCP */
    [58] = ICMP,
    [132] = PORTS, /* SCTP */
    [136] = PORTS, /* UDP-Lite */
};

struct observer {
	struct observe_config config;
	const uint64_t *hash_secret;
	struct fragments *fragments;
	bool plain;	    /* a look is enough for plain packets */
	bool looks;	    /* wants_data is for some */
	uint64_t key_mask;  /* what counts of a key's last word */
	uint64_t own_ports; /* a bit for each own port's low six bits */
	uint64_t secret;    /* for MAC addresses */
	size_t nown;
	struct own own[OBSERVE_OWN];
};

/*
 * Keys are laid down eight bytes at a time, and read so by the hash: what is
 * written in pieces and read as a whole makes the processor wait.  Which side
 * is the source is a matter of chance, so there is no branch on it.
 */
static inline bool
little_endian(void)
{
	const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return (first != 0);
}

static inline void
put_word(struct flow_key *key, size_t i, uint64_t word)
{
	memcpy((uint8_t *)key + i * sizeof(word), &word, sizeof(word));
}

/* Four bytes, and four of zero behind them. */
static inline uint64_t
load32(const uint8_t *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return (little_endian() ? n : (uint64_t)n << 32);
}

static inline uint64_t
load64(const uint8_t *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof(n));
	return (n);
}

_Static_assert(offsetof(struct flow_key, port) == 32 &&
	offsetof(struct flow_key, protocol) == 36 &&
	offsetof(struct flow_key, version) == 37 &&
	offsetof(struct flow_key, vlan) == 38,
    "the last word of a key is put together by its places");

/* The first port stands in the lower half of `ports`. */
static inline uint64_t
last_word(uint32_t ports, uint64_t protocol, uint64_t version, uint64_t vlan)
{
	if (little_endian())
		return (ports | protocol << 32 | version << 40 | vlan << 48);
	ports = ports << 16 | ports >> 16;
	return ((uint64_t)ports << 32 | protocol << 24 | version << 16 | vlan);
}

static uint64_t
key_mask(enum track track)
{
	uint32_t ports = track >= TRACK_PORT ? UINT32_MAX : 0;

	return (last_word(ports, track >= TRACK_PROTO ? UINT8_MAX : 0,
	    UINT8_MAX, track >= TRACK_VLAN ? UINT16_MAX : 0));
}

struct observer *
observer_new(const struct observe_config *config, const struct flowtab *table)
{
	struct observer *o;

	if ((o = calloc(1, sizeof(*o))) == NULL)
		return (NULL);
	o->config = *config;
	o->hash_secret = flowtab_secret(table);
	o->plain = config->link == PACKET_ETHERNET &&
	    config->track != TRACK_ETHER && !config->frame_octets;
	o->looks = config->names || config->tcp || config->link_data;
	o->key_mask = key_mask(config->track);
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

static inline uint64_t
port_bit(uint32_t port)
{
	return (UINT64_C(1) << (port & 63));
}

void
observer_own(struct observer *o, size_t i, const struct own *own)
{
	o->own[i] = *own;
	o->own_ports |= port_bit(own->port);
	if (o->nown <= i)
		o->nown = i + 1;
}

/* Could one of the ports be that of a collector of ours? */
static inline bool
maybe_own(const struct observer *o, uint32_t ports)
{
	return (
	    ((port_bit(ports >> 16) | port_bit(ports)) & o->own_ports) != 0);
}

static bool
is_addr(const struct addr *a, const struct packet *pkt, const uint8_t *p)
{
	return (a->family == pkt->version &&
	    memcmp(a->b, p, pkt->version == 4 ? 4 : 16) == 0);
}

/* Is one side a collector of ours, at that port, and the other one us? */
static bool
is_own_side(const struct observer *o, const struct packet *pkt, uint16_t port,
    bool to)
{
	const uint8_t *src =
	    pkt->ip + (pkt->version == 4 ? IPV4_ADDRS : IPV6_ADDRS);
	const uint8_t *dst = src + (pkt->version == 4 ? 4 : 16);
	const struct own *own;

	for (own = o->own; own < o->own + o->nown; own++)
		if (own->port == port && own->protocol == pkt->protocol &&
		    is_addr(&own->collector, pkt, to ? dst : src) &&
		    (own->local.family == ADDR_NONE ||
			is_addr(&own->local, pkt, to ? src : dst)))
			return (true);
	return (false);
}

/* To a collector of ours, or from it. */
static bool
is_own(const struct observer *o, const struct packet *pkt, uint32_t ports)
{
	return (maybe_own(o, ports) &&
	    (is_own_side(o, pkt, ports & 0xffff, true) ||
		is_own_side(o, pkt, ports >> 16, false)));
}

/* Is the source side 1, where addresses are the same? */
static inline bool
ports_turn(uint32_t ports)
{
	return (ports >> 16 > (ports & 0xffff));
}

static inline bool
put_ipv4(const uint8_t *ip, uint32_t ports, struct observed *ob)
{
	const uint8_t *p = ip + IPV4_ADDRS;
	uint32_t src = be32(p), dst = be32(p + 4);
	bool turn = src > dst;

	if (src == dst)
		turn = ports_turn(ports);
	put_word(&ob->key, 0, load32(p + 4 * turn));
	put_word(&ob->key, 1, 0);
	put_word(&ob->key, 2, load32(p + 4 * !turn));
	put_word(&ob->key, 3, 0);
	ob->tos = ip[1];
	ob->ttl = ip[8];
	ob->flow_label = 0;
	return (turn);
}

static inline bool
put_ipv6(const uint8_t *ip, uint32_t ports, struct observed *ob)
{
	const uint8_t *p = ip + IPV6_ADDRS;
	uint64_t src = be64(p), dst = be64(p + 16);
	bool turn;

	if (src == dst) {
		src = be64(p + 8);
		dst = be64(p + 24);
	}
	turn = src > dst;
	if (src == dst)
		turn = ports_turn(ports);
	put_word(&ob->key, 0, load64(p + 16 * turn));
	put_word(&ob->key, 1, load64(p + 16 * turn + 8));
	put_word(&ob->key, 2, load64(p + 16 * !turn));
	put_word(&ob->key, 3, load64(p + 16 * !turn + 8));
	ob->tos = (uint8_t)(be16(ip) >> 4);
	ob->ttl = ip[7];
	ob->flow_label = be32(ip) & IPV6_LABEL;
	return (turn);
}

/* All but the hash and what tells fragments; `ordered`: ports have sides. */
static inline __attribute__((__always_inline__)) void
put(const struct observer *o, const struct packet *pkt, uint32_t ports,
    bool ordered, struct observed *ob)
{
	bool turn = pkt->version == 4 ? put_ipv4(pkt->ip, ports, ob)
				      : put_ipv6(pkt->ip, ports, ob);
	unsigned int half = turn && ordered ? 0 : 16;

	ob->side = turn;
	ob->vlan = pkt->tag[0];
	/* The source's port is in the upper half, and side 0's goes down. */
	ports = ports << half | ports >> (-half & 31);
	put_word(&ob->key, 4,
	    last_word(ports, pkt->protocol, pkt->version, ob->vlan) &
		o->key_mask);
	ob->octets = pkt->ip_len;
	ob->tcp_flags = 0;
	if (pkt->protocol == P_TCP && pkt->l4 != NULL &&
	    pkt->l4_left >= TCP_FLAGS_AT + 2)
		ob->tcp_flags = be16(pkt->l4 + TCP_FLAGS_AT) & TCP_FLAGS;
}

/* A question or answer of DNS, or what a TLS client says first. */
static bool
has_name(uint8_t protocol, uint32_t ports, const uint8_t *p, size_t left)
{
	size_t hlen;

	if (protocol != P_UDP && protocol != P_TCP)
		return (false);
	if (ports >> 16 == PORT_DNS || (ports & 0xffff) == PORT_DNS)
		return (true);
	if (protocol != P_TCP || left < TCP_HDRLEN)
		return (false);
	hlen = (size_t)(p[TCP_FLAGS_AT] >> 4) * 4;
	return (left >= hlen + 2 && p[hlen] == TLS_HANDSHAKE &&
	    p[hlen + 1] == TLS_MAJOR);
}

/* The transport's header and what of it is there; NULL: none. */
static bool
wants_data(const struct observe_config *config, uint8_t protocol,
    uint32_t ports, const uint8_t *l4, size_t left)
{
	return (config->link_data || (config->tcp && protocol == P_TCP) ||
	    (config->names && l4 != NULL &&
		has_name(protocol, ports, l4, left)));
}

/*
 * The packet once more, for the options that look into it: so it need not be
 * in memory for all the others.
 */
static __attribute__((__noinline__)) void
look(const struct observer *o, const struct frame *frame, uint32_t ports,
    struct observed *ob)
{
	struct packet *pkt = &ob->packet;

	ob->wants_data = plain_walk(frame->data, frame->caplen, pkt) &&
	    wants_data(&o->config, pkt->protocol, ports, pkt->l4, pkt->l4_left);
}

/* Most packets are done here.  False: the long way. */
static inline bool
observe_plain(const struct observer *o, const struct frame *frame,
    struct observed *ob)
{
	struct packet pkt;
	uint32_t ports;

	if (!plain_walk(frame->data, frame->caplen, &pkt) ||
	    (pkt.protocol == P_UDP && o->config.inner) ||
	    (pkt.version == 6 && !o->config.ipv6))
		return (false);
	ports = be32(pkt.l4);
	if (maybe_own(o, ports))
		return (false);
	put(o, &pkt, ports, true, ob);
	ob->hash = flowhash(o->hash_secret, &ob->key, 0);
	ob->time = frame->time;
	ob->fragment = ob->no_ports = false;
	ob->wants_data = false;
	if (o->looks)
		look(o, frame, ports, ob);
	return (true);
}

/*
 * Source and destination port, or ICMP's type and code as if it were the
 * destination's.  True if all of it is there.
 */
static bool
read_ports(const struct packet *pkt, uint32_t *ports)
{
	uint8_t transport = transports[pkt->protocol];

	*ports = 0;
	if (pkt->l4 == NULL)
		return (false);
	if (transport == ICMP) {
		/* Cut: a type without a code. */
		if (pkt->l4_left > 0)
			*ports = (uint32_t)pkt->l4[0] << 8;
		if (pkt->l4_left > 1)
			*ports |= pkt->l4[1];
		return (pkt->l4_left > 1);
	}
	if (transport == PORTS && pkt->l4_left >= PORTS_LEN)
		*ports = be32(pkt->l4);
	return (transport == NO_PORTS || pkt->l4_left >= PORTS_LEN);
}

/* What read_ports had of the first fragment, for those behind it. */
static uint32_t
fragment_ports(struct observer *o, const struct frame *frame,
    struct packet *pkt, struct observed *ob)
{
	uint32_t ports;

	if (pkt->fragment_offset != 0) {
		ob->no_ports =
		    !fragments_find(o->fragments, pkt, frame->time, &ports);
		return (ob->no_ports ? 0 : ports);
	}
	if (read_ports(pkt, &ports) && pkt->fragment_flags & FRAGMENT_MORE)
		fragments_note(o->fragments, pkt, ports, frame->time);
	return (ports);
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

/* As softflowd 1.1 counts: all of the frame but its link header. */
static uint32_t
frame_octets(const struct frame *frame, const struct packet *pkt)
{
	const uint8_t *p =
	    pkt->mpls != NULL && !pkt->tunnel ? pkt->mpls : pkt->ip;
	uint32_t len = frame->len < frame->caplen ? frame->caplen : frame->len;

	return (len - (uint32_t)(p - frame->data));
}

static enum seen
refused(const struct observer *o, const struct packet *pkt)
{
	if (pkt->end == PACKET_NOT_IP)
		return (SEEN_NOT_IP);
	if (pkt->version == 0 || pkt->end == PACKET_LIES)
		return (SEEN_SHORT);
	return (pkt->version == 6 && !o->config.ipv6 ? SEEN_IGNORED : SEEN_IP);
}

static __attribute__((__noinline__)) enum seen
observe_walk(struct observer *o, const struct frame *frame, struct observed *ob)
{
	struct packet pkt;
	enum seen seen;
	uint32_t ports;

	packet_walk(o->config.link, rd_init(frame->data, frame->caplen),
	    o->config.inner, &pkt);
	if ((seen = refused(o, &pkt)) != SEEN_IP)
		return (seen);
	ob->no_ports = false;
	ob->fragment = pkt.fragment;
	if (pkt.fragment)
		ports = fragment_ports(o, frame, &pkt, ob);
	else
		(void)read_ports(&pkt, &ports);
	if (is_own(o, &pkt, ports))
		return (SEEN_OWN);
	put(o, &pkt, ports, transports[pkt.protocol] != ICMP, ob);
	ob->hash = flowhash(o->hash_secret, &ob->key, macs(o, &pkt, ob->side));
	ob->time = frame->time;
	if (o->config.frame_octets || ob->octets == 0)
		ob->octets = frame_octets(frame, &pkt);
	ob->wants_data =
	    wants_data(&o->config, pkt.protocol, ports, pkt.l4, pkt.l4_left);
	if (ob->wants_data)
		ob->packet = pkt;
	return (SEEN_IP);
}

enum seen
observe(struct observer *o, const struct frame *frame, struct observed *ob)
{
	if (o->plain && observe_plain(o, frame, ob))
		return (SEEN_IP);
	return (observe_walk(o, frame, ob));
}
