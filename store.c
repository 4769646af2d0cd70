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

#include <string.h>

#include "compat/crc.h"
#include "store.h"

#define CRCLEN 4
#define V2_VERSION 0x40 /* major 2, for struct store_record */

#define BIT(x) ((uint64_t)1 << FLOW_##x)
#define TIMES (BIT(START) | BIT(END))
#define ENGINE (BIT(ENGINE_TYPE) | BIT(ENGINE_ID))

_Static_assert(FLOW_DST_MASK < 64, "the groups look at the first word only");

static inline void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline void
put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)(v >> 32));
	put32(p + 4, (uint32_t)v);
}

/* Rounds towards the past, before 1970 too. */
static inline int64_t
floor_div(int64_t n, int64_t by)
{
	return (n / by - (n % by < 0));
}

/* Seconds, and what is left of ns. */
static inline uint32_t
split(int64_t ns, uint32_t *frac)
{
	int64_t sec = ns / NSEC_PER_SEC, rest = ns - sec * NSEC_PER_SEC;

	if (rest < 0) {
		rest += NSEC_PER_SEC;
		sec--;
	}
	*frac = (uint32_t)rest;
	return ((uint32_t)sec);
}

/* From one time to another in ms, modulo 2^32. */
static uint32_t
ms_between(int64_t from, int64_t to)
{
	return ((uint32_t)(floor_div(to, NSEC_PER_MSEC) -
	    floor_div(from, NSEC_PER_MSEC)));
}

/* IPFIX has no uptime in its header, which the log writes as 0. */
static inline bool
has_uptime(const struct flow *f)
{
	return (flow_has(f, FLOW_SYS_UPTIME) &&
	    (f->version != 10 || f->sys_uptime != 0));
}

/*
 * Where the agent gave no uptime, but absolute times, one is made up such that
 * the times of the flow can be had from the record by the arithmetic that
 * holds for all others: docs/store.md.
 */
static uint32_t
made_up_uptime(const struct flow *f)
{
	uint32_t ms;

	if (flow_has(f, FLOW_START_UPTIME) && flow_has(f, FLOW_START))
		ms = f->start_uptime + ms_between(f->start, f->export_time);
	else if (flow_has(f, FLOW_END_UPTIME) && flow_has(f, FLOW_END))
		ms = f->end_uptime + ms_between(f->end, f->export_time);
	else if (f->has.w[0] & (BIT(START_UPTIME) | BIT(END_UPTIME)))
		return (f->sys_uptime);
	else
		ms = ms_between(0, f->export_time);
	return (ms == 0 ? 1 : ms); /* 0 says that there is none */
}

/* The agent's uptime for a record. */
static inline uint32_t
uptime(const struct flow *f)
{
	if (has_uptime(f) || (f->has.w[0] & TIMES) == 0)
		return (f->sys_uptime);
	return (made_up_uptime(f));
}

static inline void
put_tag(uint8_t *p, const struct flow *f)
{
	put32(p, f->tag);
}

static inline void
get_tag(const uint8_t *p, struct flow *f)
{
	f->tag = be32(p);
}

static inline void
put_recv_time(uint8_t *p, const struct flow *f)
{
	uint32_t ns;

	put32(p, split(f->recv_time, &ns));
	put32(p + 4, ns / 1000);
}

static inline void
get_recv_time(const uint8_t *p, struct flow *f)
{
	f->recv_time = be32(p) * NSEC_PER_SEC + be32(p + 4) * INT64_C(1000);
}

static inline void
v2get_recv_time(const uint8_t *p, struct flow *f)
{
	f->recv_time = be32(p) * NSEC_PER_SEC;
}

static inline void
put_proto(uint8_t *p, const struct flow *f)
{
	p[0] = (uint8_t)f->tcp_flags;
	p[1] = f->protocol;
	p[2] = f->tos;
	p[3] = 0;
}

static inline void
get_proto(const uint8_t *p, struct flow *f)
{
	f->tcp_flags = p[0];
	f->protocol = p[1];
	f->tos = p[2];
}

/* clang-format off */
#define ADDRESS(name, member, fam, len) \
	static inline void \
	put_##name(uint8_t *p, const struct flow *f) \
	{ \
		memcpy(p, f->member.b, len); \
	} \
	static inline void \
	get_##name(const uint8_t *p, struct flow *f) \
	{ \
		f->member.family = fam; \
		memcpy(f->member.b, p, len); \
	}

ADDRESS(agent4, agent, ADDR_V4, 4)
ADDRESS(agent6, agent, ADDR_V6, 16)
ADDRESS(src4, src_addr, ADDR_V4, 4)
ADDRESS(src6, src_addr, ADDR_V6, 16)
ADDRESS(dst4, dst_addr, ADDR_V4, 4)
ADDRESS(dst6, dst_addr, ADDR_V6, 16)
ADDRESS(gateway4, next_hop, ADDR_V4, 4)
ADDRESS(gateway6, next_hop, ADDR_V6, 16)
/* clang-format on */

static inline void
put_ports(uint8_t *p, const struct flow *f)
{
	put16(p, f->src_port);
	put16(p + 2, f->dst_port);
}

static inline void
get_ports(const uint8_t *p, struct flow *f)
{
	f->src_port = be16(p);
	f->dst_port = be16(p + 2);
}

static inline void
put_packets(uint8_t *p, const struct flow *f)
{
	put64(p, f->packets);
}

static inline void
get_packets(const uint8_t *p, struct flow *f)
{
	f->packets = be64(p);
}

static inline void
put_octets(uint8_t *p, const struct flow *f)
{
	put64(p, f->octets);
}

static inline void
get_octets(const uint8_t *p, struct flow *f)
{
	f->octets = be64(p);
}

static inline void
put_interfaces(uint8_t *p, const struct flow *f)
{
	put32(p, f->in_if);
	put32(p + 4, f->out_if);
}

static inline void
get_interfaces(const uint8_t *p, struct flow *f)
{
	f->in_if = be32(p);
	f->out_if = be32(p + 4);
}

static inline void
v2get_interfaces(const uint8_t *p, struct flow *f)
{
	f->in_if = be16(p);
	f->out_if = be16(p + 2);
}

static inline void
put_agent_info(uint8_t *p, const struct flow *f)
{
	uint32_t ns;

	put32(p, uptime(f));
	put32(p + 4, split(f->export_time, &ns));
	put32(p + 8, ns);
	put16(p + 12, f->version);
	put16(p + 14, 0);
}

static inline void
get_agent_info(const uint8_t *p, struct flow *f)
{
	f->sys_uptime = be32(p);
	f->export_time = be32(p + 4) * NSEC_PER_SEC + be32(p + 8);
	f->version = be16(p + 12);
}

/*
 * Absolute times are written as the uptimes that give them; one alone stands
 * for both, as it would be read as the time of the agent's start otherwise.
 */
static void
put_absolute(uint8_t *p, const struct flow *f)
{
	const int64_t from = flow_has(f, FLOW_START) ? f->start : f->end;
	const int64_t to = flow_has(f, FLOW_END) ? f->end : f->start;
	const uint32_t up = uptime(f);

	put32(p, up + ms_between(f->export_time, from));
	put32(p + 4, up + ms_between(f->export_time, to));
}

static inline void
put_times(uint8_t *p, const struct flow *f)
{
	if ((f->has.w[0] & (BIT(START_UPTIME) | BIT(END_UPTIME))) == 0) {
		put_absolute(p, f);
		return;
	}
	put32(p, f->start_uptime);
	put32(p + 4, f->end_uptime);
}

static inline void
get_times(const uint8_t *p, struct flow *f)
{
	f->start_uptime = be32(p);
	f->end_uptime = be32(p + 4);
}

static inline void
put_as_info(uint8_t *p, const struct flow *f)
{
	put32(p, f->src_as);
	put32(p + 4, f->dst_as);
	p[8] = f->src_mask;
	p[9] = f->dst_mask;
	put16(p + 10, 0);
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
v2get_as_info(const uint8_t *p, struct flow *f)
{
	f->src_as = be16(p);
	f->dst_as = be16(p + 2);
	f->src_mask = p[4];
	f->dst_mask = p[5];
}

static inline void
put_engine(uint8_t *p, const struct flow *f)
{
	put16(p, f->engine_type);
	put16(p + 2, f->engine_id);
	put32(p + 4, f->sequence);
	put32(p + 8, f->source_id);
}

static inline void
get_engine(const uint8_t *p, struct flow *f)
{
	f->engine_type = be16(p);
	f->engine_id = be16(p + 2);
	f->sequence = be32(p + 4);
	f->source_id = be32(p + 8);
}

static inline void
v2get_engine(const uint8_t *p, struct flow *f)
{
	f->engine_type = p[0];
	f->engine_id = p[1];
	f->sequence = be32(p + 4);
}

/* clang-format off */
#define PROTO (BIT(PROTOCOL) | BIT(TCP_FLAGS) | BIT(TOS))
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
	X(SRC_ADDR4, 4, 4, BIT(SRC_ADDR), src4, get_src4) \
	X(SRC_ADDR6, 16, 16, BIT(SRC_ADDR), src6, get_src6) \
	X(DST_ADDR4, 4, 4, BIT(DST_ADDR), dst4, get_dst4) \
	X(DST_ADDR6, 16, 16, BIT(DST_ADDR), dst6, get_dst6) \
	X(GATEWAY_ADDR4, 4, 4, BIT(NEXT_HOP), gateway4, get_gateway4) \
	X(GATEWAY_ADDR6, 16, 16, BIT(NEXT_HOP), gateway6, get_gateway6) \
	X(SRCDST_PORT, 4, 4, PORTS, ports, get_ports) \
	X(PACKETS, 8, 8, BIT(PACKETS), packets, get_packets) \
	X(OCTETS, 8, 8, BIT(OCTETS), octets, get_octets) \
	X(IF_INDICES, 8, 4, IFS, interfaces, v2get_interfaces) \
	X(AGENT_INFO, 16, 16, AGENT, agent_info, get_agent_info) \
	X(FLOW_TIMES, 8, 8, UPTIMES | TIMES, times, get_times) \
	X(AS_INFO, 12, 8, AS, as_info, v2get_as_info) \
	X(FLOW_ENGINE_INFO, 12, 8, NUMBERS, engine, v2get_engine)
/* clang-format on */

/* The bit of the family that an address is not of; both if it has none. */
static inline uint32_t
other(const struct addr *a, uint32_t v4, uint32_t v6)
{
	if (a->family == ADDR_V4)
		return (v6);
	return (a->family == ADDR_V6 ? v4 : v4 | v6);
}

/* What a flow cannot have, whatever its presence bits say. */
static inline uint32_t
impossible(const struct flow *f)
{
	uint32_t no;

	no = other(&f->agent, STORE_AGENT_ADDR4, STORE_AGENT_ADDR6) |
	    other(&f->src_addr, STORE_SRC_ADDR4, STORE_SRC_ADDR6) |
	    other(&f->dst_addr, STORE_DST_ADDR4, STORE_DST_ADDR6) |
	    other(&f->next_hop, STORE_GATEWAY_ADDR4, STORE_GATEWAY_ADDR6);
	/* The original has it for IPFIX only with elements 38 or 39. */
	if (f->version == 10 && (f->has.w[0] & ENGINE) == 0)
		no |= STORE_FLOW_ENGINE_INFO;
	return (no);
}

/* A flow that has one field of each group has all groups but the tag. */
#define ONE_OF_EACH                                                            \
	(BIT(RECV_TIME) | BIT(PROTOCOL) | BIT(AGENT) | BIT(SRC_ADDR) |         \
	    BIT(DST_ADDR) | BIT(NEXT_HOP) | BIT(SRC_PORT) | BIT(PACKETS) |     \
	    BIT(OCTETS) | BIT(IN_IF) | BIT(VERSION) | BIT(END) | BIT(SRC_AS) | \
	    BIT(SEQUENCE))

/* The groups of mask that a flow has. */
static inline uint32_t
groups_of(const struct flow *f, uint32_t mask)
{
	const uint64_t has = f->has.w[0];
	uint32_t groups = 0;

	if ((has & (ONE_OF_EACH | BIT(TAG))) == ONE_OF_EACH)
		groups = STORE_ALL & ~STORE_TAG;
	else {
#define HAS(group, size, v2size, any, name, v2get) \
	groups |= has & (any) ? STORE_##group : 0;
		GROUPS(HAS)
#undef HAS
	}
	return (groups & mask & ~impossible(f));
}

/* Put these groups at p.  Returns where they end. */
#define PUT(group, size, v2size, any, name, v2get) \
	if (groups & STORE_##group) {              \
		put_##name(p, f);                  \
		p += size;                         \
	}
#define PUT_GROUPS(fn, which)                                                 \
	static uint8_t *fn(uint8_t *p, const struct flow *f, uint32_t fields) \
	{                                                                     \
		const uint32_t groups = (which);                              \
                                                                              \
		(void)fields;                                                 \
		GROUPS(PUT)                                                   \
		return (p);                                                   \
	}

/* What a router sends and store ALL keeps: nothing is left to ask for. */
#define NO_TAG (STORE_ALL & ~(STORE_CRC32 | STORE_TAG | STORE_AGENT_ADDR6))
#define ALL_V4 \
	(NO_TAG & ~(STORE_SRC_ADDR6 | STORE_DST_ADDR6 | STORE_GATEWAY_ADDR6))
#define ALL_V6 \
	(NO_TAG & ~(STORE_SRC_ADDR4 | STORE_DST_ADDR4 | STORE_GATEWAY_ADDR4))
PUT_GROUPS(put_v4, ALL_V4)
PUT_GROUPS(put_v6, ALL_V6)
PUT_GROUPS(put_ipfix4, ALL_V4 & ~STORE_FLOW_ENGINE_INFO)
PUT_GROUPS(put_ipfix6, ALL_V6 & ~STORE_FLOW_ENGINE_INFO)
PUT_GROUPS(put_any, fields)

static inline uint8_t *
put_groups(uint8_t *p, const struct flow *f, uint32_t fields)
{
	switch (fields) {
	case ALL_V4:
		return (put_v4(p, f, fields));
	case ALL_V6:
		return (put_v6(p, f, fields));
	case ALL_V4 & ~STORE_FLOW_ENGINE_INFO:
		return (put_ipfix4(p, f, fields));
	case ALL_V6 & ~STORE_FLOW_ENGINE_INFO:
		return (put_ipfix6(p, f, fields));
	default:
		return (put_any(p, f, fields));
	}
}

/* Into rec, which has room for STORE_WRITEMAX.  Returns the length. */
static size_t
build(uint8_t *rec, const struct flow *f, uint32_t mask)
{
	uint32_t fields = groups_of(f, mask & ~STORE_CRC32);
	uint8_t *p = put_groups(rec + STORE_HDRLEN, f, fields);
	const uint32_t crc = mask & STORE_CRC32;
	size_t len = (size_t)(p - rec) + (crc ? CRCLEN : 0);

	rec[0] = STORE_VERSION;
	rec[1] = (uint8_t)((len - STORE_HDRLEN) / 4);
	put16(rec + 2, 0);
	put32(rec + 4, fields | crc);
	if (crc)
		put32(p, crc_update(0, rec, len - CRCLEN));
	return (len);
}

enum store_err
store_write(struct wr *wr, const struct flow *f, uint32_t mask)
{
	uint8_t rec[STORE_WRITEMAX];
	size_t len;

	if (wr->left >= STORE_WRITEMAX) {
		len = build(wr->p, f, mask);
		wr->p += len;
		wr->left -= len;
		return (STORE_OK);
	}
	len = build(rec, f, mask);
	return (wr_bytes(wr, rec, len) == -1 ? STORE_NOSPACE : STORE_OK);
}

/* The original's names of what cannot be both. */
/* clang-format off */
static const struct {
	uint32_t both;
	enum store_err err;
} pairs[] = {
	{ STORE_AGENT_ADDR, STORE_BOTH_AGENT },
	{ STORE_SRC_ADDR, STORE_BOTH_SRC },
	{ STORE_DST_ADDR, STORE_BOTH_DST },
	{ STORE_GATEWAY_ADDR, STORE_BOTH_GATEWAY },
};
/* clang-format on */

static enum store_err
check_families(uint32_t fields)
{
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if ((fields & pairs[i].both) == pairs[i].both)
			return (pairs[i].err);
	return (STORE_OK);
}

/* Bytes of the groups, without the checksum. */
static inline size_t
size_of(uint32_t fields)
{
	size_t n = 0;

#define SIZE(group, size, v2size, any, name, v2get) \
	n += fields & STORE_##group ? size : 0;
	GROUPS(SIZE)
#undef SIZE
	return (n);
}

static size_t
v2size_of(uint32_t fields)
{
	size_t n = 0;

#define SIZE(group, size, v2size, any, name, v2get) \
	n += fields & STORE_##group ? v2size : 0;
	GROUPS(SIZE)
#undef SIZE
	return (n);
}

/*
 * The original wrote the engine of version 5 in the order of its machine's
 * bytes.  It has 8 bits, so that the other order can be told.
 */
static uint16_t
repair(uint16_t v)
{
	return (v > 255 && (v & 0xff) == 0 ? v >> 8 : v);
}

/* What the fields of a record imply together. */
static void
derive(struct flow *f, uint32_t fields)
{
	if ((fields & STORE_AGENT_INFO) == 0)
		return;
	if (f->version == 5) {
		f->engine_type = repair(f->engine_type);
		f->engine_id = repair(f->engine_id);
	}
	/* Neither has one. */
	if ((f->version == 5 || f->version == 7) && f->source_id == 0)
		flow_unset(f, FLOW_SOURCE_ID);
	if (!has_uptime(f)) {
		flow_unset(f, FLOW_SYS_UPTIME);
		return;
	}
	/* A router that was never told the time says 0. */
	if ((fields & STORE_FLOW_TIMES) == 0 || f->export_time == 0)
		return;
	f->start =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->start_uptime);
	f->end =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->end_uptime);
	flow_set(f, FLOW_START);
	flow_set(f, FLOW_END);
	f->clock = CLOCK_UPTIME;
}

/* Take the groups at p, which are known to be there. */
static void
take(struct flow *f, const uint8_t *p, uint32_t fields)
{
	memset(f, 0, sizeof(*f));
#define GET(group, size, v2size, any, name, v2get) \
	if (fields & STORE_##group) {              \
		get_##name(p, f);                  \
		p += size;                         \
		f->has.w[0] |= (any) & ~TIMES;     \
	}
	GROUPS(GET)
#undef GET
	derive(f, fields);
}

static void
v2take(struct flow *f, const uint8_t *p, uint32_t fields)
{
	memset(f, 0, sizeof(*f));
#define GET(group, size, v2size, any, name, v2get) \
	if (fields & STORE_##group) {              \
		v2get(p, f);                       \
		p += v2size;                       \
		f->has.w[0] |= (any) & ~TIMES;     \
	}
	GROUPS(GET)
#undef GET
	derive(f, fields);
}

/*
 * Check the record at the head of left bytes, without looking at its values.
 * On STORE_OK, *len is its length and *crc where its checksum is, or 0.
 */
static enum store_err
check(const uint8_t *p, size_t left, size_t *len, size_t *crc)
{
	uint32_t fields;
	size_t need, known;
	enum store_err err;

	if (left == 0)
		return (STORE_EOF);
	if (left < STORE_HDRLEN)
		return (STORE_SHORT);
	if (STORE_MAJOR(p[0]) != 3)
		return (STORE_VERSION_BAD);
	*len = STORE_HDRLEN + (size_t)p[1] * 4;
	if (*len > STORE_RECMAX)
		return (STORE_TOOLONG);
	fields = be32(p + 4);
	if (STORE_MINOR(p[0]) == 0 && (fields & ~STORE_ALL) != 0)
		return (STORE_UNKNOWN);
	if ((err = check_families(fields)) != STORE_OK)
		return (err);
	known = STORE_HDRLEN + size_of(fields);
	need = known + (fields & STORE_CRC32 ? CRCLEN : 0);
	if (*len < need)
		return (STORE_LENGTH);
	if (*len > left)
		return (STORE_SHORT);
	*crc = 0;
	if ((fields & STORE_CRC32) == 0)
		return (STORE_OK);
	/* Fields of a later minor version stand between, and are not in it. */
	*crc = fields & ~STORE_ALL ? *len - CRCLEN : known;
	return (
	    be32(p + *crc) == crc_update(0, p, known) ? STORE_OK : STORE_CRC);
}

enum store_err
store_read(struct rd *rd, struct store_record *rec)
{
	const uint8_t *p = rd->p;
	enum store_err err;
	size_t len, crc;

	if ((err = check(p, rd->left, &len, &crc)) != STORE_OK)
		return (err);
	rec->version = p[0];
	rec->fields = be32(p + 4) & STORE_ALL;
	rec->crc = crc != 0 ? be32(p + crc) : 0;
	take(&rec->flow, p + STORE_HDRLEN, rec->fields);
	rd_skip(rd, len);
	return (STORE_OK);
}

enum store_err
store_v2_header(struct rd *rd, uint32_t *start_time)
{
	const uint8_t *p = rd->p;

	if (rd->left == 0)
		return (STORE_EOF);
	if (rd->left < STORE_V2_HDRLEN)
		return (STORE_SHORT);
	if (be32(p) != STORE_V2_MAGIC)
		return (STORE_MAGIC);
	if (be32(p + 4) != 2)
		return (STORE_VERSION_BAD);
	*start_time = be32(p + 8);
	rd_skip(rd, STORE_V2_HDRLEN);
	return (STORE_OK);
}

enum store_err
store_v2_read(struct rd *rd, struct store_record *rec)
{
	const uint8_t *p = rd->p;
	uint32_t fields;
	size_t known, len;
	enum store_err err;

	if (rd->left == 0)
		return (STORE_EOF);
	if (rd->left < 4)
		return (STORE_SHORT);
	fields = be32(p);
	if ((fields & ~STORE_ALL) != 0)
		return (STORE_UNKNOWN);
	if ((err = check_families(fields)) != STORE_OK)
		return (err);
	known = 4 + v2size_of(fields);
	len = known + (fields & STORE_CRC32 ? CRCLEN : 0);
	if (len > rd->left)
		return (STORE_SHORT);
	if (len > known && be32(p + known) != crc_update(0, p, known))
		return (STORE_CRC);
	rec->version = V2_VERSION;
	rec->fields = fields;
	rec->crc = len > known ? be32(p + known) : 0;
	v2take(&rec->flow, p + 4, fields);
	rd_skip(rd, len);
	return (STORE_OK);
}

/*
 * Stricter than check(): a header as some writer made it, for bytes that may
 * be anything.
 */
static bool
is_head(const uint8_t *p, size_t left)
{
	size_t len, need;
	uint32_t fields;

	if (left < STORE_HDRLEN)
		return (STORE_MAJOR(p[0]) == 3);
	if (STORE_MAJOR(p[0]) != 3 || p[2] != 0 || p[3] != 0)
		return (false);
	fields = be32(p + 4);
	len = (size_t)p[1] * 4;
	need = size_of(fields) + (fields & STORE_CRC32 ? CRCLEN : 0);
	if (len + STORE_HDRLEN > STORE_RECMAX ||
	    check_families(fields) != STORE_OK)
		return (false);
	if (STORE_MINOR(p[0]) == 0)
		return ((fields & ~STORE_ALL) == 0 && len == need);
	return (len >= need);
}

/*
 * A checksum that holds is proof enough; without one, what is behind the
 * record has to look right, too.
 */
static bool
is_record(const uint8_t *p, size_t left)
{
	size_t len, crc;

	if (!is_head(p, left) || check(p, left, &len, &crc) != STORE_OK)
		return (false);
	return (crc != 0 || len == left || is_head(p + len, left - len));
}

size_t
store_resync(const struct rd *rd)
{
	size_t i;

	for (i = 0; i < rd->left; i++)
		if (STORE_MAJOR(rd->p[i]) == 3 &&
		    is_record(rd->p + i, rd->left - i))
			return (i);
	return (rd->left);
}
