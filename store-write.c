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
 * Records of version 3, made.
 */

#include "compat/crc.h"
#include "store-groups.h"

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

/* The agent's clock, or that of arrival for an agent that has none. */
static inline int64_t
sent(const struct flow *f)
{
	return (f->clock == CLOCK_RECEIVED ? f->recv_time : f->export_time);
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
		ms = f->start_uptime + ms_between(f->start, sent(f));
	else if (flow_has(f, FLOW_END_UPTIME) && flow_has(f, FLOW_END))
		ms = f->end_uptime + ms_between(f->end, sent(f));
	else if (f->has.w[0] & (BIT(START_UPTIME) | BIT(END_UPTIME)))
		return (f->sys_uptime);
	else
		ms = ms_between(0, sent(f));
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
put_recv_time(uint8_t *p, const struct flow *f)
{
	uint32_t ns;

	put32(p, split(f->recv_time, &ns));
	put32(p + 4, ns / 1000);
}

static inline void
put_proto(uint8_t *p, const struct flow *f)
{
	p[0] = (uint8_t)f->tcp_flags;
	p[1] = f->protocol;
	p[2] = f->tos;
	p[3] = 0;
}

/* clang-format off */
#define PUT_ADDRESS(name, member, len) \
	static inline void \
	put_##name(uint8_t *p, const struct flow *f) \
	{ \
		memcpy(p, f->member.b, len); \
	}

PUT_ADDRESS(agent4, agent, 4)
PUT_ADDRESS(agent6, agent, 16)
PUT_ADDRESS(src4, src_addr, 4)
PUT_ADDRESS(src6, src_addr, 16)
PUT_ADDRESS(dst4, dst_addr, 4)
PUT_ADDRESS(dst6, dst_addr, 16)
PUT_ADDRESS(gateway4, next_hop, 4)
PUT_ADDRESS(gateway6, next_hop, 16)
/* clang-format on */

/* Without a port, the type of ICMP stands where version 5 has it. */
static inline void
put_ports(uint8_t *p, const struct flow *f)
{
	put16(p, f->src_port);
	if (flow_has(f, FLOW_DST_PORT))
		put16(p + 2, f->dst_port);
	else
		put16(p + 2, (uint16_t)(f->icmp_type << 8 | f->icmp_code));
}

static inline void
put_packets(uint8_t *p, const struct flow *f)
{
	put64(p, f->packets);
}

static inline void
put_octets(uint8_t *p, const struct flow *f)
{
	put64(p, f->octets);
}

static inline void
put_interfaces(uint8_t *p, const struct flow *f)
{
	put32(p, f->in_if);
	put32(p + 4, f->out_if);
}

static inline void
put_agent_info(uint8_t *p, const struct flow *f)
{
	uint32_t ns;

	put32(p, uptime(f));
	put32(p + 4, split(sent(f), &ns));
	put32(p + 8, ns);
	put16(p + 12, f->version);
	put16(p + 14, 0);
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

	put32(p, up + ms_between(sent(f), from));
	put32(p + 4, up + ms_between(sent(f), to));
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
put_as_info(uint8_t *p, const struct flow *f)
{
	put32(p, f->src_as);
	put32(p + 4, f->dst_as);
	p[8] = f->src_mask;
	p[9] = f->dst_mask;
	put16(p + 10, 0);
}

static inline void
put_engine(uint8_t *p, const struct flow *f)
{
	put16(p, f->engine_type);
	put16(p + 2, f->engine_id);
	put32(p + 4, f->sequence);
	put32(p + 8, f->source_id);
}

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
