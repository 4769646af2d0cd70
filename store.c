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
#include <strings.h>

#include "compat/crc.h"
#include "store.h"

#define CRCLEN 4
#define KNOWN (STORE_ALL & ~STORE_CRC32) /* the groups of the table */
#define V2_VERSION 0x40			 /* major 2, for struct store_record */

/*
 * A group of fields that the log keeps together.  The rows stand in the order
 * of the bits, which is that of the record.
 */
struct group {
	uint32_t mask;
	uint16_t size;
	uint16_t v2size; /* in version 2 */
	uint64_t any;	 /* present when the flow has one of these */
	size_t off;	 /* of the address in struct flow, for those */
	void (*put)(uint8_t *, const struct flow *, const struct group *);
	void (*get)(const uint8_t *, struct flow *, const struct group *);
	void (*v2get)(const uint8_t *, struct flow *, const struct group *);
};

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
	int64_t sec = floor_div(ns, NSEC_PER_SEC);

	*frac = (uint32_t)(ns - sec * NSEC_PER_SEC);
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
 * The agent's uptime for a record.  Where the agent gave none, but absolute
 * times, one is made up such that the times of the flow can be had from the
 * record by the arithmetic that holds for all others: docs/store.md.
 */
static uint32_t
uptime(const struct flow *f)
{
	uint32_t ms;

	if (has_uptime(f) || (f->has.w[0] & TIMES) == 0)
		return (f->sys_uptime);
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

static void
put_tag(uint8_t *p, const struct flow *f, const struct group *g)
{
	(void)g;
	put32(p, f->tag);
}

static void
get_tag(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->tag = be32(p);
}

static void
put_recv_time(uint8_t *p, const struct flow *f, const struct group *g)
{
	uint32_t ns;

	(void)g;
	put32(p, split(f->recv_time, &ns));
	put32(p + 4, ns / 1000);
}

static void
get_recv_time(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->recv_time = be32(p) * NSEC_PER_SEC + be32(p + 4) * INT64_C(1000);
}

static void
v2get_recv_time(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->recv_time = be32(p) * NSEC_PER_SEC;
}

static void
put_proto(uint8_t *p, const struct flow *f, const struct group *g)
{
	(void)g;
	p[0] = (uint8_t)f->tcp_flags;
	p[1] = f->protocol;
	p[2] = f->tos;
	p[3] = 0;
}

static void
get_proto(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->tcp_flags = p[0];
	f->protocol = p[1];
	f->tos = p[2];
}

static void
put_addr4(uint8_t *p, const struct flow *f, const struct group *g)
{
	const struct addr *a = (const void *)((const uint8_t *)f + g->off);

	memcpy(p, a->b, 4);
}

static void
put_addr6(uint8_t *p, const struct flow *f, const struct group *g)
{
	const struct addr *a = (const void *)((const uint8_t *)f + g->off);

	memcpy(p, a->b, 16);
}

static void
get_addr(const uint8_t *p, struct flow *f, const struct group *g)
{
	struct addr *a = (void *)((uint8_t *)f + g->off);

	a->family = g->size == 4 ? ADDR_V4 : ADDR_V6;
	memcpy(a->b, p, g->size);
}

static void
put_ports(uint8_t *p, const struct flow *f, const struct group *g)
{
	(void)g;
	put16(p, f->src_port);
	put16(p + 2, f->dst_port);
}

static void
get_ports(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->src_port = be16(p);
	f->dst_port = be16(p + 2);
}

static void
put_packets(uint8_t *p, const struct flow *f, const struct group *g)
{
	(void)g;
	put64(p, f->packets);
}

static void
get_packets(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->packets = be64(p);
}

static void
put_octets(uint8_t *p, const struct flow *f, const struct group *g)
{
	(void)g;
	put64(p, f->octets);
}

static void
get_octets(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->octets = be64(p);
}

static void
put_interfaces(uint8_t *p, const struct flow *f, const struct group *g)
{
	(void)g;
	put32(p, f->in_if);
	put32(p + 4, f->out_if);
}

static void
get_interfaces(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->in_if = be32(p);
	f->out_if = be32(p + 4);
}

static void
v2get_interfaces(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->in_if = be16(p);
	f->out_if = be16(p + 2);
}

static void
put_agent_info(uint8_t *p, const struct flow *f, const struct group *g)
{
	uint32_t ns;

	(void)g;
	put32(p, uptime(f));
	put32(p + 4, split(f->export_time, &ns));
	put32(p + 8, ns);
	put16(p + 12, f->version);
	put16(p + 14, 0);
}

static void
get_agent_info(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->sys_uptime = be32(p);
	f->export_time = be32(p + 4) * NSEC_PER_SEC + be32(p + 8);
	f->version = be16(p + 12);
}

/*
 * Absolute times are written as the uptimes that give them; one alone stands
 * for both, as it would be read as the time of the agent's start otherwise.
 */
static void
put_times(uint8_t *p, const struct flow *f, const struct group *g)
{
	uint32_t start = f->start_uptime, end = f->end_uptime, up;
	int64_t from = f->start, to = f->end;

	(void)g;
	if ((f->has.w[0] & (BIT(START_UPTIME) | BIT(END_UPTIME))) == 0) {
		if (!flow_has(f, FLOW_START))
			from = to;
		if (!flow_has(f, FLOW_END))
			to = from;
		up = uptime(f);
		start = up + ms_between(f->export_time, from);
		end = up + ms_between(f->export_time, to);
	}
	put32(p, start);
	put32(p + 4, end);
}

static void
get_times(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->start_uptime = be32(p);
	f->end_uptime = be32(p + 4);
}

static void
put_as_info(uint8_t *p, const struct flow *f, const struct group *g)
{
	(void)g;
	put32(p, f->src_as);
	put32(p + 4, f->dst_as);
	p[8] = f->src_mask;
	p[9] = f->dst_mask;
	put16(p + 10, 0);
}

static void
get_as_info(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->src_as = be32(p);
	f->dst_as = be32(p + 4);
	f->src_mask = p[8];
	f->dst_mask = p[9];
}

static void
v2get_as_info(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->src_as = be16(p);
	f->dst_as = be16(p + 2);
	f->src_mask = p[4];
	f->dst_mask = p[5];
}

static void
put_engine(uint8_t *p, const struct flow *f, const struct group *g)
{
	(void)g;
	put16(p, f->engine_type);
	put16(p + 2, f->engine_id);
	put32(p + 4, f->sequence);
	put32(p + 8, f->source_id);
}

static void
get_engine(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->engine_type = be16(p);
	f->engine_id = be16(p + 2);
	f->sequence = be32(p + 4);
	f->source_id = be32(p + 8);
}

static void
v2get_engine(const uint8_t *p, struct flow *f, const struct group *g)
{
	(void)g;
	f->engine_type = p[0];
	f->engine_id = p[1];
	f->sequence = be32(p + 4);
}

/* clang-format off */
#define ADDR(group, member, len, fam) \
	{ STORE_##group##_ADDR##fam, len, len, BIT(FIELD_##group), \
	    offsetof(struct flow, member), put_addr##fam, get_addr, get_addr }
#define FLOW_FIELD_AGENT FLOW_AGENT
#define FLOW_FIELD_SRC FLOW_SRC_ADDR
#define FLOW_FIELD_DST FLOW_DST_ADDR
#define FLOW_FIELD_GATEWAY FLOW_NEXT_HOP

static const struct group groups[] = {
	/* mask, bytes, bytes in version 2, any of; put, get, get version 2 */
	{ STORE_TAG, 4, 4, BIT(TAG), 0,
	    put_tag, get_tag, get_tag },
	{ STORE_RECV_TIME, 8, 4, BIT(RECV_TIME), 0,
	    put_recv_time, get_recv_time, v2get_recv_time },
	{ STORE_PROTO_FLAGS_TOS, 4, 4,
	    BIT(PROTOCOL) | BIT(TCP_FLAGS) | BIT(TOS), 0,
	    put_proto, get_proto, get_proto },
	ADDR(AGENT, agent, 4, 4),
	ADDR(AGENT, agent, 16, 6),
	ADDR(SRC, src_addr, 4, 4),
	ADDR(SRC, src_addr, 16, 6),
	ADDR(DST, dst_addr, 4, 4),
	ADDR(DST, dst_addr, 16, 6),
	ADDR(GATEWAY, next_hop, 4, 4),
	ADDR(GATEWAY, next_hop, 16, 6),
	{ STORE_SRCDST_PORT, 4, 4, BIT(SRC_PORT) | BIT(DST_PORT), 0,
	    put_ports, get_ports, get_ports },
	{ STORE_PACKETS, 8, 8, BIT(PACKETS), 0,
	    put_packets, get_packets, get_packets },
	{ STORE_OCTETS, 8, 8, BIT(OCTETS), 0,
	    put_octets, get_octets, get_octets },
	{ STORE_IF_INDICES, 8, 4, BIT(IN_IF) | BIT(OUT_IF), 0,
	    put_interfaces, get_interfaces, v2get_interfaces },
	{ STORE_AGENT_INFO, 16, 16,
	    BIT(VERSION) | BIT(EXPORT_TIME) | BIT(SYS_UPTIME), 0,
	    put_agent_info, get_agent_info, get_agent_info },
	{ STORE_FLOW_TIMES, 8, 8,
	    BIT(START_UPTIME) | BIT(END_UPTIME) | TIMES, 0,
	    put_times, get_times, get_times },
	{ STORE_AS_INFO, 12, 8,
	    BIT(SRC_AS) | BIT(DST_AS) | BIT(SRC_MASK) | BIT(DST_MASK), 0,
	    put_as_info, get_as_info, v2get_as_info },
	{ STORE_FLOW_ENGINE_INFO, 12, 8,
	    ENGINE | BIT(SEQUENCE) | BIT(SOURCE_ID), 0,
	    put_engine, get_engine, v2get_engine },
};
/* clang-format on */

#define NGROUPS (sizeof(groups) / sizeof(groups[0]))

/* The group of the lowest bit. */
static inline const struct group *
first(uint32_t fields)
{
	return (&groups[ffs((int)fields) - 1]);
}

/* The bit of the family that an address is not of; both if it has none. */
static inline uint32_t
other(const struct addr *a, uint32_t v4, uint32_t v6)
{
	if (a->family == ADDR_V4)
		return (v6);
	return (a->family == ADDR_V6 ? v4 : v4 | v6);
}

/* The groups that a flow has. */
static uint32_t
present(const struct flow *f)
{
	uint64_t has = f->has.w[0];
	uint32_t fields = 0;
	size_t i;

	for (i = 0; i < NGROUPS; i++)
		fields |= (has & groups[i].any) != 0 ? groups[i].mask : 0;
	fields &= ~other(&f->agent, STORE_AGENT_ADDR4, STORE_AGENT_ADDR6);
	fields &= ~other(&f->src_addr, STORE_SRC_ADDR4, STORE_SRC_ADDR6);
	fields &= ~other(&f->dst_addr, STORE_DST_ADDR4, STORE_DST_ADDR6);
	fields &=
	    ~other(&f->next_hop, STORE_GATEWAY_ADDR4, STORE_GATEWAY_ADDR6);
	/* The original has it for IPFIX only with elements 38 or 39. */
	if (f->version == 10 && (has & ENGINE) == 0)
		fields &= ~STORE_FLOW_ENGINE_INFO;
	return (fields);
}

enum store_err
store_write(struct wr *wr, const struct flow *f, uint32_t mask)
{
	uint32_t fields = present(f) & mask, left;
	uint8_t rec[STORE_WRITEMAX], *p = rec + STORE_HDRLEN;
	const struct group *g;
	size_t len;

	for (left = fields; left != 0; left &= left - 1) {
		g = first(left);
		g->put(p, f, g);
		p += g->size;
	}
	len = (size_t)(p - rec);
	if (mask & STORE_CRC32) {
		fields |= STORE_CRC32;
		len += CRCLEN;
	}
	if (len > wr->left)
		return (STORE_NOSPACE);
	rec[0] = STORE_VERSION;
	rec[1] = (uint8_t)((len - STORE_HDRLEN) / 4);
	put16(rec + 2, 0);
	put32(rec + 4, fields);
	if (mask & STORE_CRC32)
		put32(p, crc_update(0, rec, len - CRCLEN));
	wr_bytes(wr, rec, len);
	return (STORE_OK);
}

/* The original's names of what cannot be both. */
static const struct {
	uint32_t both;
	enum store_err err;
} pairs[] = {
    {STORE_AGENT_ADDR, STORE_BOTH_AGENT},
    {STORE_SRC_ADDR, STORE_BOTH_SRC},
    {STORE_DST_ADDR, STORE_BOTH_DST},
    {STORE_GATEWAY_ADDR, STORE_BOTH_GATEWAY},
};

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
static size_t
size_of(uint32_t fields, bool v2)
{
	size_t n = 0;

	for (fields &= KNOWN; fields != 0; fields &= fields - 1)
		n += v2 ? first(fields)->v2size : first(fields)->size;
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
	if ((fields & STORE_FLOW_TIMES) == 0)
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
take(struct flow *f, const uint8_t *p, uint32_t fields, bool v2)
{
	const struct group *g;
	uint32_t left;

	memset(f, 0, sizeof(*f));
	for (left = fields & KNOWN; left != 0; left &= left - 1) {
		g = first(left);
		if (v2) {
			g->v2get(p, f, g);
			p += g->v2size;
		} else {
			g->get(p, f, g);
			p += g->size;
		}
		f->has.w[0] |= g->any & ~TIMES;
	}
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
	known = STORE_HDRLEN + size_of(fields, false);
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
	take(&rec->flow, p + STORE_HDRLEN, rec->fields, false);
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
	known = 4 + size_of(fields, true);
	len = known + (fields & STORE_CRC32 ? CRCLEN : 0);
	if (len > rd->left)
		return (STORE_SHORT);
	if (len > known && be32(p + known) != crc_update(0, p, known))
		return (STORE_CRC);
	rec->version = V2_VERSION;
	rec->fields = fields;
	rec->crc = len > known ? be32(p + known) : 0;
	take(&rec->flow, p + 4, fields, true);
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
	need = size_of(fields, false) + (fields & STORE_CRC32 ? CRCLEN : 0);
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

/* The widest first, for store_keyword_next(). */
static const struct {
	const char *name;
	uint32_t mask;
} keywords[] = {
    {"ALL", STORE_ALL},
    {"TAG", STORE_TAG},
    {"RECV_TIME", STORE_RECV_TIME},
    {"PROTO_FLAGS_TOS", STORE_PROTO_FLAGS_TOS},
    {"AGENT_ADDR", STORE_AGENT_ADDR},
    {"AGENT_ADDR4", STORE_AGENT_ADDR4},
    {"AGENT_ADDR6", STORE_AGENT_ADDR6},
    {"SRCDST_ADDR", STORE_SRCDST_ADDR},
    {"SRCDST_ADDR4", STORE_SRC_ADDR4 | STORE_DST_ADDR4},
    {"SRCDST_ADDR6", STORE_SRC_ADDR6 | STORE_DST_ADDR6},
    {"SRC_ADDR", STORE_SRC_ADDR},
    {"SRC_ADDR4", STORE_SRC_ADDR4},
    {"SRC_ADDR6", STORE_SRC_ADDR6},
    {"DST_ADDR", STORE_DST_ADDR},
    {"DST_ADDR4", STORE_DST_ADDR4},
    {"DST_ADDR6", STORE_DST_ADDR6},
    {"GATEWAY_ADDR", STORE_GATEWAY_ADDR},
    {"GATEWAY_ADDR4", STORE_GATEWAY_ADDR4},
    {"GATEWAY_ADDR6", STORE_GATEWAY_ADDR6},
    {"SRCDST_PORT", STORE_SRCDST_PORT},
    {"PACKETS_OCTETS", STORE_PACKETS | STORE_OCTETS},
    {"PACKETS", STORE_PACKETS},
    {"OCTETS", STORE_OCTETS},
    {"IF_INDICES", STORE_IF_INDICES},
    {"AGENT_INFO", STORE_AGENT_INFO},
    {"FLOW_TIMES", STORE_FLOW_TIMES},
    {"AS_INFO", STORE_AS_INFO},
    {"FLOW_ENGINE_INFO", STORE_FLOW_ENGINE_INFO},
    {"CRC32", STORE_CRC32},
};

#define NKEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

uint32_t
store_keyword(const char *name)
{
	size_t i;

	for (i = 0; i < NKEYWORDS; i++)
		if (strcasecmp(keywords[i].name, name) == 0)
			return (keywords[i].mask);
	return (0);
}

const char *
store_keyword_next(uint32_t *mask)
{
	size_t i;

	for (i = 0; i < NKEYWORDS; i++) {
		if ((*mask & keywords[i].mask) != keywords[i].mask)
			continue;
		*mask &= ~keywords[i].mask;
		return (keywords[i].name);
	}
	*mask = 0; /* bits without a name */
	return (NULL);
}

static const char *const errors[STORE_MAX] = {
    [STORE_OK] = "No error",
    [STORE_EOF] = "End of file",
    [STORE_SHORT] = "Record is cut off",
    [STORE_VERSION_BAD] = "Unsupported version",
    [STORE_TOOLONG] =
	"internal flow buffer too small (flow is probably corrupt)",
    [STORE_UNKNOWN] = "Flow has unknown fields",
    [STORE_LENGTH] = "Record is shorter than its fields",
    [STORE_BOTH_AGENT] = "Flow has both v4/v6 agent addrs",
    [STORE_BOTH_SRC] = "Flow has both v4/v6 src addrs",
    [STORE_BOTH_DST] = "Flow has both v4/v6 dst addrs",
    [STORE_BOTH_GATEWAY] = "Flow has both v4/v6 gateway addrs",
    [STORE_CRC] = "Flow checksum mismatch",
    [STORE_NOSPACE] = "No room for the record",
    [STORE_MAGIC] = "Bad magic",
    [STORE_IO] = "Input/output error",
};

const char *
store_strerror(enum store_err err)
{
	if ((unsigned int)err >= STORE_MAX)
		return ("Unknown error");
	return (errors[err]);
}
