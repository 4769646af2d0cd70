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
 * The groups of fields that a record is made of: between those who write
 * records and those who read them, and nobody else.
 */

#ifndef STORE_GROUPS_H
#define STORE_GROUPS_H

#include <string.h>

#include "bytes.h"
#include "store.h"

#define CRCLEN 4

#define BIT(x) ((uint64_t)1 << FLOW_##x)
#define TIMES (BIT(START) | BIT(END))
#define ICMP (BIT(ICMP_TYPE) | BIT(ICMP_CODE))
/* What makes a flow have a group, but not a record. */
#define NOT_READ (TIMES | BIT(SRC_PREFIX) | BIT(DST_PREFIX) | ICMP)
#define ENGINE (BIT(ENGINE_TYPE) | BIT(ENGINE_ID))

_Static_assert(FLOW_DST_MASK < 64, "the groups look at the first word only");

/* clang-format off */
#define PROTO (BIT(PROTOCOL) | BIT(TCP_FLAGS) | BIT(TOS))
#define SRC (BIT(SRC_ADDR) | BIT(SRC_PREFIX))
#define DST (BIT(DST_ADDR) | BIT(DST_PREFIX))
#define PORTS (BIT(SRC_PORT) | BIT(DST_PORT))
#define IFS (BIT(IN_IF) | BIT(OUT_IF))
#define AGENT (BIT(VERSION) | BIT(EXPORT_TIME) | BIT(SYS_UPTIME))
#define UPTIMES (BIT(START_UPTIME) | BIT(END_UPTIME))
#define AS (BIT(SRC_AS) | BIT(DST_AS) | BIT(SRC_MASK) | BIT(DST_MASK))
#define NUMBERS (ENGINE | BIT(SEQUENCE) | BIT(SOURCE_ID))

/*
 * The groups of fields that the log keeps together, in the order of their
 * bits and of the record.  A group is there when the flow has any of its
 * fields.  A list for the preprocessor, because the loops over it are the
 * collector's hottest: unrolled, they cost a quarter of those over a table.
 */
#define GROUPS(X) \
	/* group, bytes, bytes in version 2, any of; put and get, v2's get */ \
	X(TAG, 4, 4, BIT(TAG), tag, get_tag) \
	X(RECV_TIME, 8, 4, BIT(RECV_TIME), recv_time, v2get_recv_time) \
	X(PROTO_FLAGS_TOS, 4, 4, PROTO, proto, get_proto) \
	X(AGENT_ADDR4, 4, 4, BIT(AGENT), agent4, get_agent4) \
	X(AGENT_ADDR6, 16, 16, BIT(AGENT), agent6, get_agent6) \
	X(SRC_ADDR4, 4, 4, SRC, src4, get_src4) \
	X(SRC_ADDR6, 16, 16, SRC, src6, get_src6) \
	X(DST_ADDR4, 4, 4, DST, dst4, get_dst4) \
	X(DST_ADDR6, 16, 16, DST, dst6, get_dst6) \
	X(GATEWAY_ADDR4, 4, 4, BIT(NEXT_HOP), gateway4, get_gateway4) \
	X(GATEWAY_ADDR6, 16, 16, BIT(NEXT_HOP), gateway6, get_gateway6) \
	X(SRCDST_PORT, 4, 4, PORTS | ICMP, ports, get_ports) \
	X(PACKETS, 8, 8, BIT(PACKETS), packets, get_packets) \
	X(OCTETS, 8, 8, BIT(OCTETS), octets, get_octets) \
	X(IF_INDICES, 8, 4, IFS, interfaces, v2get_interfaces) \
	X(AGENT_INFO, 16, 16, AGENT, agent_info, get_agent_info) \
	X(FLOW_TIMES, 8, 8, UPTIMES | TIMES, times, get_times) \
	X(AS_INFO, 12, 8, AS, as_info, v2get_as_info) \
	X(FLOW_ENGINE_INFO, 12, 8, NUMBERS, engine, v2get_engine)
/* clang-format on */

/* IPFIX has no uptime in its header, which the log writes as 0. */
static inline bool
has_uptime(const struct flow *f)
{
	return (flow_has(f, FLOW_SYS_UPTIME) &&
	    (f->version != 10 || f->sys_uptime != 0));
}

/* Neither version 5 nor 7 has one. */
static inline bool
lacks_source(const struct flow *f)
{
	return ((f->version == 5 || f->version == 7) && f->source_id == 0);
}

/*
 * The original wrote the engine of version 5 in the order of its machine's
 * bytes.  It has 8 bits, so that the other order can be told.
 */
static inline uint16_t
repair_engine(uint16_t v)
{
	return (v > 255 && (v & 0xff) == 0 ? v >> 8 : v);
}

/* A group out of the bytes of a record. */
static inline void
get_tag(const uint8_t *p, struct flow *f)
{
	f->tag = be32(p);
}

static inline void
get_recv_time(const uint8_t *p, struct flow *f)
{
	f->recv_time = be32(p) * NSEC_PER_SEC + be32(p + 4) * INT64_C(1000);
}

static inline void
get_proto(const uint8_t *p, struct flow *f)
{
	f->tcp_flags = p[0];
	f->protocol = p[1];
	f->tos = p[2];
}

/* clang-format off */
#define GET_ADDRESS(name, member, fam, len) \
	static inline void \
	get_##name(const uint8_t *p, struct flow *f) \
	{ \
		f->member.family = fam; \
		memcpy(f->member.b, p, len); \
	}

GET_ADDRESS(agent4, agent, ADDR_V4, 4)
GET_ADDRESS(agent6, agent, ADDR_V6, 16)
GET_ADDRESS(src4, src_addr, ADDR_V4, 4)
GET_ADDRESS(src6, src_addr, ADDR_V6, 16)
GET_ADDRESS(dst4, dst_addr, ADDR_V4, 4)
GET_ADDRESS(dst6, dst_addr, ADDR_V6, 16)
GET_ADDRESS(gateway4, next_hop, ADDR_V4, 4)
GET_ADDRESS(gateway6, next_hop, ADDR_V6, 16)
/* clang-format on */

static inline void
get_ports(const uint8_t *p, struct flow *f)
{
	f->src_port = be16(p);
	f->dst_port = be16(p + 2);
}

static inline void
get_packets(const uint8_t *p, struct flow *f)
{
	f->packets = be64(p);
}

static inline void
get_octets(const uint8_t *p, struct flow *f)
{
	f->octets = be64(p);
}

static inline void
get_interfaces(const uint8_t *p, struct flow *f)
{
	f->in_if = be32(p);
	f->out_if = be32(p + 4);
}

static inline void
get_agent_info(const uint8_t *p, struct flow *f)
{
	f->sys_uptime = be32(p);
	f->export_time = be32(p + 4) * NSEC_PER_SEC + be32(p + 8);
	f->version = be16(p + 12);
}

static inline void
get_times(const uint8_t *p, struct flow *f)
{
	f->start_uptime = be32(p);
	f->end_uptime = be32(p + 4);
}

static inline void
get_as_info(const uint8_t *p, struct flow *f)
{
	f->src_as = be32(p);
	f->dst_as = be32(p + 4);
	f->src_mask = p[8];
	f->dst_mask = p[9];
}

static inline void
get_engine(const uint8_t *p, struct flow *f)
{
	f->engine_type = be16(p);
	f->engine_id = be16(p + 2);
	f->sequence = be32(p + 4);
	f->source_id = be32(p + 8);
}

/* Where things are in a record. */
struct store_head {
	size_t len;
	size_t known; /* of it the groups end there, and what is summed */
	size_t crc;   /* 0: there is none */
};

/*
 * All that can be wrong with the record at p but its checksum.  STORE_OK: it
 * is there as a whole.
 */
enum store_err store_head(const uint8_t *p, size_t left, struct store_head *);
/* The flow of such a record. */
void store_flow(struct flow *, const uint8_t *p, uint32_t fields);
/* What the fields of a record imply together. */
void store_derive(struct flow *, uint32_t fields);
/* No address is of both families: STORE_OK, or which is. */
enum store_err store_families(uint32_t fields);

#endif /* STORE_GROUPS_H */
