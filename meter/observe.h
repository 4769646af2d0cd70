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
 * A frame becomes what a flow needs of it.
 */

#ifndef METER_OBSERVE_H
#define METER_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "decode/packet.h"
#include "meter/flowtab.h"

/* As it came from a source (meter/source.h). */
struct frame {
	const uint8_t *data;
	uint32_t caplen;
	uint32_t len;  /* on the wire */
	int64_t time;  /* ns since 1970 */
	bool outgoing; /* this machine sent it; false if not known */
};

/* What became of it; each is counted. */
enum seen {
	SEEN_IP, /* an observation was made */
	SEEN_NOT_IP,
	SEEN_SHORT,   /* cut, or its headers lie */
	SEEN_IGNORED, /* IPv6, where it is not tracked */
	SEEN_OWN,     /* our own export */
	SEEN_MAX
};

/* One packet.  The pointers are good as long as the frame. */
struct observed {
	struct flow_key key;
	uint64_t hash;
	int64_t time;
	uint32_t octets; /* by the IP header, or the frame if so configured */
	uint32_t flow_label;
	uint16_t tcp_flags; /* 12 bits, IE 6 */
	uint16_t vlan;	    /* outer, 0: none */
	uint8_t side;	    /* 0: key.addr[0] is the source */
	uint8_t tos;
	uint8_t ttl;
	bool fragment;	 /* any of a fragmented packet */
	bool no_ports;	 /* a later one whose first was not seen */
	bool wants_data; /* an option looks into the packet: `packet` is needed
			  */
	struct packet packet; /* set only if wants_data */
};

struct observe_config {
	enum packet_link link;
	enum track track;
	bool ipv6;	   /* track it */
	bool inner;	   /* look into tunnels */
	bool frame_octets; /* count what softflowd 1.1 did */
	bool names;	   /* wants_data for DNS and TLS */
	bool tcp;	   /* wants_data for TCP with sequence numbers */
	bool link_data;	   /* wants_data always: MACs, labels, inner VLAN */
};

struct observer;
struct fragments; /* meter/fragments.h */

/* The table is for its hash; it is borrowed.  NULL with errno. */
struct observer *observer_new(const struct observe_config *,
    const struct flowtab *);
void observer_free(struct observer *);

/* Our own export: what goes between these two, or back, is SEEN_OWN. */
struct own {
	uint8_t protocol;
	uint16_t port; /* of the collector */
	struct addr collector;
	struct addr local; /* family ADDR_NONE: whoever talks with it */
};
/* The i-th of them, of OBSERVE_OWN at most; in the place of what it was. */
#define OBSERVE_OWN 16
void observer_own(struct observer *, size_t i, const struct own *);

/* Hostile frames are ordinary: see enum seen. */
enum seen observe(struct observer *, const struct frame *, struct observed *);

#endif /* METER_OBSERVE_H */
