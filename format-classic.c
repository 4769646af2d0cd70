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
 * The two forms of the original reader, byte for byte.
 */

#include "format.h"
#include "text.h"

/* A word and a number, as most of the classic line is made of. */
static void
word_uint(struct text *o, const char *word, uint64_t v)
{
	text_str(o, word);
	text_uint(o, v);
	text_char(o, ' ');
}

/* The original prints interfaces as signed numbers. */
static void
word_int(struct text *o, const char *word, uint32_t v)
{
	text_str(o, word);
	if (v > INT32_MAX) {
		text_char(o, '-');
		v = -v;
	}
	text_uint(o, v);
	text_char(o, ' ');
}

static void
word_uptime(struct text *o, const char *word, uint32_t ms)
{
	text_str(o, word);
	text_interval(o, ms / 1000);
	text_char(o, '.');
	text_padded(o, ms % 1000, 3);
	text_char(o, ' ');
}

static void
word_addr(struct text *o, const char *word, const struct addr *a)
{
	text_str(o, word);
	text_char(o, '[');
	text_addr(o, a);
	text_char(o, ']');
}

/* The context of a classic line. */
struct classic {
	const struct flow *f;
	uint32_t show;
	bool utc;
};

static void
classic_recv_time(struct text *o, const struct classic *c)
{
	uint32_t ns;
	int64_t sec = text_seconds(c->f->recv_time, &ns);

	text_str(o, "recv_time ");
	text_iso_time(o, sec, c->utc);
	/* Five digits, not six: so did the original. */
	text_char(o, '.');
	text_padded(o, ns / 1000, 5);
	text_char(o, ' ');
}

static void
classic_proto(struct text *o, const struct classic *c)
{
	const uint8_t flags = (uint8_t)c->f->tcp_flags;

	word_uint(o, "proto ", c->f->protocol);
	text_str(o, "tcpflags ");
	text_hex(o, &flags, 1);
	text_str(o, " tos ");
	text_hex(o, &c->f->tos, 1);
	text_char(o, ' ');
}

static void
classic_end(struct text *o, const struct classic *c, const char *word,
    const struct addr *a, uint16_t port)
{
	word_addr(o, word, a);
	if (c->show & STORE_SRCDST_PORT) {
		text_char(o, ':');
		text_uint(o, port);
	}
	text_char(o, ' ');
}

static void
classic_agent_info(struct text *o, const struct classic *c)
{
	uint32_t ns;
	int64_t sec = text_seconds(c->f->export_time, &ns);

	word_uptime(o, "sys_uptime_ms ", c->f->sys_uptime);
	text_str(o, "time_sec ");
	text_iso_time(o, sec, c->utc);
	text_char(o, ' ');
	word_uint(o, "time_nanosec ", ns);
	word_uint(o, "netflow ver ", c->f->version);
}

/* Everything up to the counters. */
static void
classic_head(struct text *o, const struct classic *c)
{
	const struct flow *f = c->f;

	if (c->show & STORE_TAG)
		word_uint(o, "tag ", f->tag);
	if (c->show & STORE_RECV_TIME)
		classic_recv_time(o, c);
	if (c->show & STORE_PROTO_FLAGS_TOS)
		classic_proto(o, c);
	if (c->show & STORE_AGENT_ADDR) {
		word_addr(o, "agent ", &f->agent);
		text_char(o, ' ');
	}
	if (c->show & STORE_SRC_ADDR)
		classic_end(o, c, "src ", &f->src_addr, f->src_port);
	if (c->show & STORE_DST_ADDR)
		classic_end(o, c, "dst ", &f->dst_addr, f->dst_port);
	if (c->show & STORE_GATEWAY_ADDR) {
		word_addr(o, "gateway ", &f->next_hop);
		text_char(o, ' ');
	}
}

static void
classic_tail(struct text *o, const struct classic *c)
{
	const struct flow *f = c->f;

	if (c->show & STORE_PACKETS)
		word_uint(o, "packets ", f->packets);
	if (c->show & STORE_OCTETS)
		word_uint(o, "octets ", f->octets);
	if (c->show & STORE_IF_INDICES) {
		word_int(o, "in_if ", f->in_if);
		word_int(o, "out_if ", f->out_if);
	}
	if (c->show & STORE_AGENT_INFO)
		classic_agent_info(o, c);
	if (c->show & STORE_FLOW_TIMES) {
		word_uptime(o, "flow_start ", f->start_uptime);
		word_uptime(o, "flow_finish ", f->end_uptime);
	}
	if (c->show & STORE_AS_INFO) {
		word_uint(o, "src_AS ", f->src_as);
		word_uint(o, "src_masklen ", f->src_mask);
		word_uint(o, "dst_AS ", f->dst_as);
		word_uint(o, "dst_masklen ", f->dst_mask);
	}
	if (c->show & STORE_FLOW_ENGINE_INFO) {
		word_uint(o, "engine_type ", f->engine_type);
		word_uint(o, "engine_id ", f->engine_id);
		word_uint(o, "seq ", f->sequence);
		word_uint(o, "source ", f->source_id);
	}
}

size_t
format_classic(char *buf, size_t size, const struct store_record *rec,
    uint32_t mask, bool utc)
{
	const struct classic c = {&rec->flow, rec->fields & mask, utc};
	const uint8_t crc[] = {(uint8_t)(rec->crc >> 24),
	    (uint8_t)(rec->crc >> 16), (uint8_t)(rec->crc >> 8),
	    (uint8_t)rec->crc};
	struct text o;

	text_init(&o, buf, size);
	text_str(&o, "FLOW ");
	classic_head(&o, &c);
	classic_tail(&o, &c);
	if (c.show & STORE_CRC32) {
		text_str(&o, "crc32 ");
		text_hex(&o, crc, sizeof(crc));
		text_char(&o, ' ');
	}
	return (text_done(&o));
}

const char format_flowtools_header[] =
    "#:unix_secs,unix_nsecs,sysuptime,exaddr,dpkts,doctets,first,last,"
    "engine_type,engine_id,srcaddr,dstaddr,nexthop,input,output,srcport,"
    "dstport,prot,tos,tcp_flags,src_mask,dst_mask,src_as,dst_as";

static void
comma_uint(struct text *o, uint64_t v)
{
	text_uint(o, v);
	text_char(o, ',');
}

static void
comma_addr(struct text *o, const struct addr *a)
{
	if (a->family == ADDR_NONE)
		text_str(o, "(null)");
	else
		text_addr(o, a);
	text_char(o, ',');
}

size_t
format_flowtools(char *buf, size_t size, const struct store_record *rec)
{
	const struct flow *f = &rec->flow;
	struct text o;
	uint32_t ns;

	text_init(&o, buf, size);
	comma_uint(&o, (uint32_t)text_seconds(f->export_time, &ns));
	comma_uint(&o, ns);
	comma_uint(&o, f->sys_uptime);
	comma_addr(&o, &f->agent);
	comma_uint(&o, f->packets);
	comma_uint(&o, f->octets);
	comma_uint(&o, f->start_uptime);
	comma_uint(&o, f->end_uptime);
	comma_uint(&o, f->engine_type);
	comma_uint(&o, f->engine_id);
	comma_addr(&o, &f->src_addr);
	comma_addr(&o, &f->dst_addr);
	comma_addr(&o, &f->next_hop);
	comma_uint(&o, f->in_if);
	comma_uint(&o, f->out_if);
	comma_uint(&o, f->src_port);
	comma_uint(&o, f->dst_port);
	comma_uint(&o, f->protocol);
	comma_uint(&o, f->tos);
	comma_uint(&o, (uint8_t)f->tcp_flags);
	comma_uint(&o, f->src_mask);
	comma_uint(&o, f->dst_mask);
	comma_uint(&o, f->src_as);
	text_uint(&o, f->dst_as);
	return (text_done(&o));
}
