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
 * Frames as a meter sees them: link type, tracking level and options in the
 * first three bytes, then frames with two bytes of length before each.
 */

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "flow.h"
#include "meter/observe.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define INNER 0x01
#define NAMES 0x02
#define TCP 0x04
#define LINK_DATA 0x08
#define NO_IPV6 0x10
#define LONGER 0x20 /* than what was captured */

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_within(const struct frame *f, const uint8_t *p, size_t len)
{
	return (p == NULL ||
	    (p >= f->data && len <= f->caplen &&
		(size_t)(p - f->data) <= f->caplen - len));
}

static void
check_packet(const struct frame *f, const struct packet *pkt)
{
	need(pkt->version == 4 || pkt->version == 6);
	need(pkt->ip != NULL && is_within(f, pkt->ip, 20));
	need(pkt->version == 4 || is_within(f, pkt->ip, 40));
	need(is_within(f, pkt->mac, 12));
	need(is_within(f, pkt->mpls, (size_t)pkt->labels * 4));
	need(pkt->l4 == NULL || pkt->l4 == pkt->ip + pkt->hdrlen);
	need(is_within(f, pkt->l4, pkt->l4_left));
	need(pkt->hdrlen == 0 ||
	    is_within(f, pkt->ip, pkt->hdrlen + (size_t)pkt->l4_left));
	need(pkt->ntags <= 2 && pkt->end <= PACKET_LIES);
}

/* Side 0 is the lower one. */
static void
check_key(const struct flow_key *key, enum track track)
{
	static const uint8_t zero[12];
	int order = memcmp(key->addr[0], key->addr[1], 16);

	need(order <= 0);
	need(order != 0 || key->port[0] <= key->port[1]);
	need(key->version == 4 || key->version == 6);
	if (key->version == 4)
		need(memcmp(key->addr[0] + 4, zero, 12) == 0 &&
		    memcmp(key->addr[1] + 4, zero, 12) == 0);
	need(track >= TRACK_PROTO || key->protocol == 0);
	need(track >= TRACK_PORT || (key->port[0] == 0 && key->port[1] == 0));
	need(track >= TRACK_VLAN || key->vlan == 0);
}

static void
check(const struct frame *f, const struct observed *ob, enum track track)
{
	check_key(&ob->key, track);
	need(ob->side <= 1 && ob->time == f->time);
	need(ob->octets <= 65535 + 40 || ob->octets <= f->len);
	need(ob->tcp_flags <= 0x0fff && ob->flow_label <= 0xfffff);
	need(ob->vlan <= 0x0fff);
	need(!ob->no_ports ||
	    (ob->fragment && ob->key.port[0] == 0 && ob->key.port[1] == 0));
	if (ob->wants_data)
		check_packet(f, &ob->packet);
}

/* One reads as quickly as it can, the other has to go the long way. */
struct both {
	struct flowtab *table;
	struct observer *quick;
	struct observer *slow;
	enum track track;
};

static void
take(struct both *b, const struct frame *f)
{
	struct observed ob, other;
	enum seen seen;

	memset(&ob, 0, sizeof(ob));
	memset(&other, 0, sizeof(other));
	seen = observe(b->quick, f, &ob);
	need(seen < SEEN_MAX);
	need(observe(b->slow, f, &other) == seen);
	if (seen != SEEN_IP)
		return;
	check(f, &ob, b->track);
	need(other.octets <= f->len);
	if (b->track != TRACK_ETHER) {
		need(ob.hash == flowtab_hash(b->table, &ob.key, 0));
		need(ob.hash == other.hash);
	}
	other.octets = ob.octets;
	other.hash = ob.hash;
	need(memcmp(&ob.key, &other.key, sizeof(ob.key)) == 0);
	need(memcmp(&ob.hash, &other.hash,
		 offsetof(struct observed, packet) -
		     offsetof(struct observed, hash)) == 0);
}

static void
begin(struct both *b, const uint8_t how[3])
{
	static const struct own own = {.protocol = 17,
	    .port = 2055,
	    .collector = {.family = ADDR_V4, .b = {10, 0, 0, 2}}};
	static const uint8_t secret[32] = {1};
	struct observe_config config = {.link = (enum packet_link)(
					    how[0] % PACKET_MAX),
	    .track = (enum track)(how[1] % TRACK_MAX),
	    .inner = (how[2] & INNER) != 0,
	    .names = (how[2] & NAMES) != 0,
	    .tcp = (how[2] & TCP) != 0,
	    .link_data = (how[2] & LINK_DATA) != 0,
	    .ipv6 = (how[2] & NO_IPV6) == 0};

	b->track = config.track;
	b->table = flowtab_new(1, config.track == TRACK_ETHER, secret);
	b->quick = observer_new(&config, b->table);
	config.frame_octets = true;
	b->slow = observer_new(&config, b->table);
	if (b->table == NULL || b->quick == NULL || b->slow == NULL)
		exit(0);
	observer_own(b->quick, 0, &own);
	observer_own(b->slow, 0, &own);
}

/* A copy of its own: a checker sees each byte read too far. */
static void
take_copy(struct both *b, struct rd rd, int64_t now, bool longer)
{
	struct frame f = {.caplen = (uint32_t)rd.left,
	    .len = (uint32_t)rd.left + (longer ? 1000 : 0),
	    .time = now};
	uint8_t *copy = malloc(rd.left == 0 ? 1 : rd.left);

	if (copy == NULL)
		exit(0);
	memcpy(copy, rd.p, rd.left);
	f.data = copy;
	take(b, &f);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len), frame;
	uint8_t how[3];
	int64_t now = 0;
	struct both b;
	uint16_t flen;

	if (rd_bytes(&rd, how, sizeof(how)) == -1)
		return (0);
	begin(&b, how);
	while (rd_u16(&rd, &flen) == 0) {
		if (rd_sub(&rd, flen, &frame) == -1)
			(void)rd_sub(&rd, rd.left, &frame);
		take_copy(&b, frame, now, (how[2] & LONGER) != 0);
		now += NSEC_PER_SEC;
	}
	observer_free(b.quick);
	observer_free(b.slow);
	flowtab_free(b.table);
	return (0);
}
