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

/* Flows as hashes in the original's names. */

#include <sys/socket.h>

#include "bindings/perl/perlflow.h"
#include "text.h"

/* What a key of the original is made of. */
enum kind {
	K_U8,
	K_U16,
	K_U32,
	K_U64,
	K_SEC,	/* of a time */
	K_USEC, /* the rest of it */
	K_NSEC,
	K_ADDR,
	K_AF,
	K_CRC,
};

struct old_key {
	const char *name;
	enum kind kind;
	uint32_t group;
	uint16_t off;
	enum flow_field bit;
};

/* clang-format off */
#define KEY(name, kind, group, member, bit) \
	{ name, K_##kind, STORE_##group, \
	    (uint16_t)offsetof(struct flow, member), FLOW_##bit }
#define ADDR_KEYS(name, group, member, bit) \
	KEY(name, ADDR, group, member, bit), \
	KEY(name "_af", AF, group, member, bit)

static const struct old_key old_keys[] = {
	KEY("tag", U32, TAG, tag, TAG),
	KEY("recv_sec", SEC, RECV_TIME, recv_time, RECV_TIME),
	KEY("recv_usec", USEC, RECV_TIME, recv_time, RECV_TIME),
	KEY("tcp_flags", U16, PROTO_FLAGS_TOS, tcp_flags, TCP_FLAGS),
	KEY("protocol", U8, PROTO_FLAGS_TOS, protocol, PROTOCOL),
	KEY("tos", U8, PROTO_FLAGS_TOS, tos, TOS),
	ADDR_KEYS("agent_addr", AGENT_ADDR, agent, AGENT),
	ADDR_KEYS("src_addr", SRC_ADDR, src_addr, SRC_ADDR),
	ADDR_KEYS("dst_addr", DST_ADDR, dst_addr, DST_ADDR),
	ADDR_KEYS("gateway_addr", GATEWAY_ADDR, next_hop, NEXT_HOP),
	KEY("src_port", U16, SRCDST_PORT, src_port, SRC_PORT),
	KEY("dst_port", U16, SRCDST_PORT, dst_port, DST_PORT),
	KEY("flow_packets", U64, PACKETS, packets, PACKETS),
	KEY("flow_octets", U64, OCTETS, octets, OCTETS),
	KEY("if_index_in", U32, IF_INDICES, in_if, IN_IF),
	KEY("if_index_out", U32, IF_INDICES, out_if, OUT_IF),
	KEY("sys_uptime_ms", U32, AGENT_INFO, sys_uptime, SYS_UPTIME),
	KEY("time_sec", SEC, AGENT_INFO, export_time, EXPORT_TIME),
	KEY("time_nanosec", NSEC, AGENT_INFO, export_time, EXPORT_TIME),
	KEY("netflow_version", U16, AGENT_INFO, version, VERSION),
	KEY("flow_start", U32, FLOW_TIMES, start_uptime, START_UPTIME),
	KEY("flow_finish", U32, FLOW_TIMES, end_uptime, END_UPTIME),
	KEY("src_as", U32, AS_INFO, src_as, SRC_AS),
	KEY("dst_as", U32, AS_INFO, dst_as, DST_AS),
	KEY("src_mask", U8, AS_INFO, src_mask, SRC_MASK),
	KEY("dst_mask", U8, AS_INFO, dst_mask, DST_MASK),
	KEY("engine_type", U16, FLOW_ENGINE_INFO, engine_type, ENGINE_TYPE),
	KEY("engine_id", U16, FLOW_ENGINE_INFO, engine_id, ENGINE_ID),
	KEY("flow_sequence", U32, FLOW_ENGINE_INFO, sequence, SEQUENCE),
	KEY("source_id", U32, FLOW_ENGINE_INFO, source_id, SOURCE_ID),
	{ "crc", K_CRC, STORE_CRC32, 0, 0 },
};
/* clang-format on */

#define NOLD (sizeof(old_keys) / sizeof(old_keys[0]))

const char *
old_key_name(size_t i)
{
	if (i < NOLD)
		return (old_keys[i].name);
	return (i == NOLD ? "fields" : i == NOLD + 1 ? "flow_ver" : NULL);
}

static SV *
family_sv(pTHX_ const struct addr *a)
{
	return (newSViv(a->family == ADDR_V4 ? AF_INET
		: a->family == ADDR_V6	     ? AF_INET6
					     : 0));
}

/* Seconds, and what is left. */
static SV *
time_sv(pTHX_ int64_t ns, enum kind kind)
{
	uint32_t rest;
	int64_t sec = text_seconds(ns, &rest);

	if (kind == K_SEC)
		return (signed_sv(aTHX_ sec));
	return (newSVuv(kind == K_USEC ? rest / 1000 : rest));
}

static SV *
old_value(pTHX_ const struct store_record *rec, const struct old_key *k)
{
	const void *p = (const uint8_t *)&rec->flow + k->off;

	switch (k->kind) {
	case K_U8:
		return (newSVuv(*(const uint8_t *)p));
	case K_U16:
		return (newSVuv(*(const uint16_t *)p));
	case K_U32:
		return (newSVuv(*(const uint32_t *)p));
	case K_U64:
		return (number_sv(aTHX_ * (const uint64_t *)p));
	case K_ADDR:
		return (addr_sv(aTHX_ p));
	case K_AF:
		return (family_sv(aTHX_ p));
	case K_CRC:
		return (newSVuv(rec->crc));
	default:
		return (time_sv(aTHX_ * (const int64_t *)p, k->kind));
	}
}

HV *
hash_of_record(pTHX_ SV **keys, const struct store_record *rec)
{
	HV *hv = newHV();
	size_t i;

	hv_ksplit(hv, 32);
	hash_put(aTHX_ hv, keys[FLOW_NFIELDS + NOLD], newSVuv(rec->fields));
	hash_put(aTHX_ hv, keys[FLOW_NFIELDS + NOLD + 1],
	    newSVuv(rec->version));
	for (i = 0; i < NOLD; i++)
		if (rec->fields & old_keys[i].group)
			hash_put(aTHX_ hv, keys[FLOW_NFIELDS + i],
			    old_value(aTHX_ rec, &old_keys[i]));
	return (hv);
}

/* A part of a time joins the other. */
static void
add_time(pTHX_ SV *sv, int64_t *ns, const struct old_key *k)
{
	/* clang-format off */
	static const struct {
		uint64_t max;
		int64_t unit;
	} units[] = {
		[K_SEC] = { UINT32_MAX, NSEC_PER_SEC },
		[K_USEC] = { UINT32_MAX, 1000 },
		[K_NSEC] = { UINT32_MAX, 1 },
	};
	/* clang-format on */

	*ns += (int64_t)number_of(aTHX_ sv, units[k->kind].max, k->name) *
	    units[k->kind].unit;
}

static void
old_take(pTHX_ SV *sv, struct store_record *rec, const struct old_key *k)
{
	void *p = (uint8_t *)&rec->flow + k->off;

	switch (k->kind) {
	case K_U8:
		*(uint8_t *)p = (uint8_t)number_of(aTHX_ sv, 0xff, k->name);
		break;
	case K_U16:
		*(uint16_t *)p = (uint16_t)number_of(aTHX_ sv, 0xffff, k->name);
		break;
	case K_U32:
		*(uint32_t *)p =
		    (uint32_t)number_of(aTHX_ sv, UINT32_MAX, k->name);
		break;
	case K_U64:
		*(uint64_t *)p = number_of(aTHX_ sv, UINT64_MAX, k->name);
		break;
	case K_ADDR:
		addr_of(aTHX_ sv, p, k->name);
		break;
	case K_CRC:
		rec->crc = (uint32_t)number_of(aTHX_ sv, UINT32_MAX, k->name);
		break;
	case K_AF: /* the address tells */
		break;
	default:
		add_time(aTHX_ sv, p, k);
		break;
	}
}

void
record_of_hash(pTHX_ HV *hv, uint32_t mask, struct store_record *rec)
{
	const struct old_key *k;
	SV **sv;

	memset(rec, 0, sizeof(*rec));
	sv = hv_fetchs(hv, "fields", 0);
	if (sv == NULL || !is_there(aTHX_ * sv))
		croak("the flow has no \"fields\"");
	rec->fields = (uint32_t)number_of(aTHX_ * sv, UINT32_MAX, "fields");
	rec->fields &= mask;
	for (k = old_keys; k < old_keys + NOLD; k++) {
		if ((rec->fields & k->group) == 0)
			continue;
		sv = hv_fetch(hv, k->name, (I32)strlen(k->name), 0);
		if (sv != NULL && is_there(aTHX_ * sv))
			old_take(aTHX_ * sv, rec, k);
		if (k->kind != K_CRC)
			flow_set(&rec->flow, k->bit);
	}
}
