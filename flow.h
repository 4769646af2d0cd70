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
 * One flow, as every part of flowd sees it: host byte order, times in
 * nanoseconds since 1970 (before it, too: a router without a clock says so),
 * and a bit for each field that was on the wire.  Nothing behind the decoder
 * knows which protocol a flow came in by, except from its version field.
 */

#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "flow-bits.h"

/* How start and end became absolute. */
enum flow_clock {
	CLOCK_NONE,	/* they did not */
	CLOCK_UPTIME,	/* the agent's uptime, from the packet's header */
	CLOCK_ABSOLUTE, /* absolute elements */
	CLOCK_DELTA,	/* relative to the export time */
	CLOCK_DURATION, /* one from the other, by a duration */
	CLOCK_RECEIVED, /* when they came: sFlow tells no time */
};

/* Where the sampling rate came from. */
enum flow_sampling {
	SAMPLING_NONE,
	SAMPLING_HEADER,
	SAMPLING_RECORD,
	SAMPLING_OPTIONS,
	SAMPLING_CONFIG,
};

/* Not a string: no NUL ends it, and its bytes are the exporter's. */
struct flow_text {
	const char *p; /* good as long as the flow */
	uint16_t len;  /* FLOW_TEXT_MAX at most */
};

#define FLOW_MPLS_MAX 10
#define FLOW_APPID_MAX 15
#define FLOW_TEXT_MAX 255

/*
 * What most exporters send comes first: a record whose template has nothing
 * from event_time on costs nothing of it (decode/decode.c).
 */
struct flow {
	struct flow_set has; /* what is here: bits 1 << FLOW_x */

	int64_t recv_time;   /* ns since 1970, when the kernel had it */
	int64_t export_time; /* ns since 1970, from the packet's header */
	int64_t start;	     /* ns since 1970: first packet */
	int64_t end;	     /* ns since 1970: last packet */

	uint64_t packets; /* counters are raw, never scaled by sampling */
	uint64_t octets;

	uint32_t tag;
	uint32_t source_id;    /* IPFIX: observation domain, sFlow: sub-agent */
	uint32_t sequence;     /* of the packet's header */
	uint32_t sys_uptime;   /* ms, of the packet's header */
	uint32_t start_uptime; /* ms, as on the wire */
	uint32_t end_uptime;
	uint32_t in_if;
	uint32_t out_if;
	uint32_t src_as;
	uint32_t dst_as;
	uint32_t sampling_rate; /* one packet in so many */

	uint16_t version;     /* 1, 5, 7, 8, 9, 10; NF_SFLOW5 */
	uint16_t engine_type; /* 8 bits on the wire of v5 */
	uint16_t engine_id;
	uint16_t tcp_flags;
	uint16_t src_port;
	uint16_t dst_port;

	uint8_t protocol;
	uint8_t tos;
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint8_t src_mask; /* prefix lengths */
	uint8_t dst_mask;
	uint8_t direction;
	uint8_t end_reason;
	uint8_t sampling_algorithm;
	uint8_t clock;	     /* enum flow_clock */
	uint8_t sampling;    /* enum flow_sampling */
	uint8_t aggregation; /* of v8: what it sums up by, 1..14 */

	struct addr agent;    /* who exported it */
	struct addr src_addr; /* or a prefix: see the bits */
	struct addr dst_addr;
	struct addr next_hop;

	int64_t event_time; /* ns since 1970: of a firewall or NAT event */

	uint64_t reverse_packets; /* RFC 5103 */
	uint64_t reverse_octets;
	uint64_t out_packets; /* after the observation point */
	uint64_t out_octets;
	uint64_t sampler_id; /* or selector; the options data know it */
	uint64_t flow_id;    /* the exporter's; of a firewall: connection */

	uint32_t flows; /* that were summed up */
	uint32_t in_vrf;
	uint32_t out_vrf;
	uint32_t flow_label;
	uint32_t fragment_id;
	uint32_t src_peer_as; /* the neighbour towards the source */
	uint32_t dst_peer_as;
	uint32_t tcp_rtt; /* us, from the SYN to its answer */
	uint32_t tcp_retransmits;
	uint32_t tcp_out_of_order;

	struct addr bgp_next_hop;
	struct addr post_nat_src_addr;
	struct addr post_nat_dst_addr;
	struct addr exporter; /* as it names itself: behind a relay or NAT */

	uint16_t vlan;
	uint16_t post_vlan;
	uint16_t fragment_offset;
	uint16_t post_nat_src_port;
	uint16_t post_nat_dst_port;
	uint16_t fw_ext_event;
	uint16_t customer_vlan; /* the inner of two tags */
	uint16_t post_customer_vlan;
	uint16_t ethertype;
	uint16_t nat_port_first; /* of a port block, both ends in */
	uint16_t nat_port_last;
	uint16_t reverse_tcp_flags; /* RFC 5103, as the rest of the kind */

	uint8_t forwarding_status;
	uint8_t ttl;
	uint8_t min_ttl;
	uint8_t max_ttl;
	uint8_t nat_event;
	uint8_t firewall_event;
	uint8_t post_tos;
	uint8_t fragment_flags;
	uint8_t reverse_tos;
	uint8_t reverse_icmp_type;
	uint8_t reverse_icmp_code;

	uint8_t in_src_mac[6];
	uint8_t in_dst_mac[6];
	uint8_t out_src_mac[6];
	uint8_t out_dst_mac[6];

	/* length, then that many bytes (RFC 6759) */
	uint8_t application_id[1 + FLOW_APPID_MAX];
	uint32_t
	    mpls_labels[FLOW_MPLS_MAX]; /* 20 bits each, top first; 0 ends */

	struct flow_text in_if_name;
	struct flow_text out_if_name;
	struct flow_text in_vrf_name;
	struct flow_text out_vrf_name;
	struct flow_text application_name;
	struct flow_text user_name;
	struct flow_text dns_name;
	struct flow_text tls_server_name;
};

/* Where the members begin that few exporters fill. */
#define FLOW_RARE offsetof(struct flow, event_time)

static inline bool
flow_has(const struct flow *f, enum flow_field bit)
{
	return (f->has.w[bit / 64] >> bit % 64 & 1);
}

static inline void
flow_set(struct flow *f, enum flow_field bit)
{
	f->has.w[bit / 64] |= (uint64_t)1 << bit % 64;
}

static inline void
flow_unset(struct flow *f, enum flow_field bit)
{
	f->has.w[bit / 64] &= ~((uint64_t)1 << bit % 64);
}

/* All of it is zero. */
void flow_clear(struct flow *);

#define NSEC_PER_SEC INT64_C(1000000000)
#define NSEC_PER_MSEC INT64_C(1000000)

/*
 * When something happened that the agent stamped with its uptime (ms), given
 * its uptime in the header and the time of export.  The uptime wraps every
 * 2^32 ms: of the two readings the one that is not after the export, except
 * that a stamp up to an hour ahead of the header is believed (agents read the
 * clock of a flow after that of the packet).  ns since 1970.
 */
#define FLOW_AHEAD_MAX UINT32_C(3600000) /* ms */
int64_t flow_uptime_to_time(int64_t export_time, uint32_t sys_uptime,
    uint32_t stamp);

#endif /* FLOW_H */
