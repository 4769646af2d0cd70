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
 * sFlow 5 (sflow.org, 2004): datagrams of samples, samples of records.  Each
 * sample that tells of a packet becomes a flow of one packet.
 *
 * Everything has a length, and what is not known is stepped over by it.  The
 * lengths that agents write are not always right: a sample is read as far as
 * the datagram goes, and a record as far as its sample goes.
 */

#include "decode/sflow.h"

#define FORMAT_COUNTERS 2
#define FORMAT_COUNTERS_EXPANDED 4

/* What the number of an interface is: the upper two bits of a short one. */
#define IF_INDEX 0
#define IF_DISCARD 1 /* why the packet was dropped */
#define IF_FORMAT_SHIFT 30
#define IF_VALUE 0x3fffffff

#define SOURCE_CLASS_SHIFT 24
#define SOURCE_INDEX 0xffffff
/* A class that there is not: discarded packets are counted apart. */
#define SOURCE_DISCARDED UINT32_C(0x80000000)

/* A smaller step than this is none back. */
#define DROPS_MAX (UINT32_C(1) << 31)
/* Milliseconds of uptime.  What is older is of before a restart. */
#define LATE_MAX 10000

/* RFC 7270 4.12: forwarding status of a dropped packet. */
#define DROPPED 128
#define DROPPED_ACL 129
#define DROPPED_UNROUTABLE 131
#define DROPPED_ADJACENCY 132
#define DROPPED_FRAGMENT 133
#define DROPPED_TTL 137
#define DROPPED_POLICER 138
#define DROPPED_WRED 139
#define DROPPED_RPF 140

/* The head of a sample. */
struct sample {
	uint32_t source_class;
	uint32_t source_index;
	uint32_t rate; /* 0: not sampled */
	uint32_t drops;
	uint32_t in_format;
	uint32_t in;
	uint32_t out_format;
	uint32_t out;
	bool discarded;
	uint32_t reason; /* of that */
	uint32_t records;
};

static int
flow(struct rd *rd, struct sample *s)
{
	uint32_t seq, source, pool;

	if (rd_u32(rd, &seq) == -1 || rd_u32(rd, &source) == -1 ||
	    rd_u32(rd, &s->rate) == -1 || rd_u32(rd, &pool) == -1 ||
	    rd_u32(rd, &s->drops) == -1 || rd_u32(rd, &s->in) == -1 ||
	    rd_u32(rd, &s->out) == -1 || rd_u32(rd, &s->records) == -1)
		return (-1);
	s->source_class = source >> SOURCE_CLASS_SHIFT;
	s->source_index = source & SOURCE_INDEX;
	s->in_format = s->in >> IF_FORMAT_SHIFT;
	s->in &= IF_VALUE;
	s->out_format = s->out >> IF_FORMAT_SHIFT;
	s->out &= IF_VALUE;
	return (0);
}

static int
flow_expanded(struct rd *rd, struct sample *s)
{
	uint32_t seq, pool;

	if (rd_u32(rd, &seq) == -1 || rd_u32(rd, &s->source_class) == -1 ||
	    rd_u32(rd, &s->source_index) == -1 || rd_u32(rd, &s->rate) == -1 ||
	    rd_u32(rd, &pool) == -1 || rd_u32(rd, &s->drops) == -1 ||
	    rd_u32(rd, &s->in_format) == -1 || rd_u32(rd, &s->in) == -1 ||
	    rd_u32(rd, &s->out_format) == -1 || rd_u32(rd, &s->out) == -1 ||
	    rd_u32(rd, &s->records) == -1)
		return (-1);
	return (0);
}

/* sFlow Dropped Packet Notification Structures, 2020. */
static int
discarded(struct rd *rd, struct sample *s)
{
	uint32_t seq;

	if (rd_u32(rd, &seq) == -1 || rd_u32(rd, &s->source_class) == -1 ||
	    rd_u32(rd, &s->source_index) == -1 || rd_u32(rd, &s->drops) == -1 ||
	    rd_u32(rd, &s->in) == -1 || rd_u32(rd, &s->out) == -1 ||
	    rd_u32(rd, &s->reason) == -1 || rd_u32(rd, &s->records) == -1)
		return (-1);
	s->source_class |= SOURCE_DISCARDED;
	s->discarded = true;
	return (0);
}

/* clang-format off */
static const struct {
	uint32_t format;	/* of no enterprise: the upper 20 bits are 0 */
	int (*head)(struct rd *, struct sample *);
} samples[] = {
	{ 1, flow },
	{ 3, flow_expanded },
	{ 5, discarded },
};

/* Up to 15 they are codes of ICMP "unreachable". */
static const struct {
	uint16_t reason;
	uint8_t status;
} reasons[] = {
	{ 0, DROPPED_UNROUTABLE },	/* net */
	{ 1, DROPPED_ADJACENCY },	/* host */
	{ 4, DROPPED_FRAGMENT },	/* may not be fragmented */
	{ 6, DROPPED_UNROUTABLE },
	{ 7, DROPPED_UNROUTABLE },
	{ 9, DROPPED_ACL },		/* prohibited, to 10 and 13 */
	{ 10, DROPPED_ACL },
	{ 13, DROPPED_ACL },
	{ 257, DROPPED_TTL },
	{ 258, DROPPED_ACL },
	{ 260, DROPPED_WRED },
	{ 261, DROPPED_POLICER },
	{ 262, DROPPED_FRAGMENT },	/* too big */
	{ 269, DROPPED_UNROUTABLE },	/* black hole */
	{ 279, DROPPED_ADJACENCY },	/* neighbour not resolved */
	{ 280, DROPPED_RPF },		/* of multicast */
};
/* clang-format on */

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

static void
drop(struct flow *f, uint32_t reason)
{
	size_t i;

	for (i = 0; i < NELEM(reasons); i++)
		if (reasons[i].reason == reason)
			break;
	f->forwarding_status = i < NELEM(reasons) ? reasons[i].status : DROPPED;
	flow_set(f, FLOW_FORWARDING_STATUS);
}

/*
 * An output may be none or several, whose number is known at most: neither is
 * an index.  0 says that it is not known, and 0x3fffffff is the agent itself.
 */
static void
interfaces(struct flow *f, const struct sample *s)
{
	if (s->in_format == IF_INDEX) {
		f->in_if = s->in;
		flow_set(f, FLOW_IN_IF);
	}
	if (s->out_format == IF_INDEX) {
		f->out_if = s->out;
		flow_set(f, FLOW_OUT_IF);
	} else if (s->out_format == IF_DISCARD)
		drop(f, s->out);
	if (s->discarded)
		drop(f, s->reason);
}

/* Numbers of a datagram that came behind a younger one would count twice. */
static bool
is_late(const struct ctx *x)
{
	uint32_t before = x->dom->sequence.uptime - x->base.sys_uptime;

	return (before - 1 < LATE_MAX);
}

/*
 * The agent counts since its start what it should have sampled and could not,
 * for each source of samples.  What was lost before the first number that is
 * not zero is not known to be ours.
 */
static void
drops(struct ctx *x, const struct sample *s)
{
	struct fact now = {.kind = FACT_SFLOW_DROPS, .rate = s->drops};
	struct wr wr = wr_init(now.key, sizeof(now.key));
	const struct fact *before;

	if (s->drops == 0 || x->dom == NULL || is_late(x))
		return;
	if (wr_u32(&wr, s->source_class) == -1 ||
	    wr_u32(&wr, s->source_index) == -1)
		return;
	now.keylen = (uint8_t)(sizeof(now.key) - wr.left);
	before = fact_find(x->d, x->dom, FACT_SFLOW_DROPS, now.key, now.keylen);
	if (before != NULL && s->drops - before->rate < DROPS_MAX)
		x->report->samples_dropped += s->drops - before->rate;
	(void)fact_set(x->d, x->dom, &now, "");
}

static void
sample(struct ctx *x, uint32_t format, struct rd rd)
{
	struct flow *f = &x->flow;
	struct sample s = {0};
	size_t i;

	if (format == FORMAT_COUNTERS || format == FORMAT_COUNTERS_EXPANDED) {
		x->report->samples_counters++;
		return;
	}
	for (i = 0; i < NELEM(samples); i++)
		if (samples[i].format == format)
			break;
	if (i == NELEM(samples) || samples[i].head(&rd, &s) == -1) {
		x->report->samples_skipped++;
		return;
	}
	drops(x, &s);
	memcpy(f, &x->base, x->flowlen);
	x->rare = true;
	f->packets = 1;
	flow_set(f, FLOW_PACKETS);
	if (s.rate != 0) {
		f->sampling_rate = s.rate;
		f->sampling = SAMPLING_RECORD;
		flow_set(f, FLOW_SAMPLING_RATE);
	}
	interfaces(f, &s);
	if (sflow_records(x, rd, s.records))
		ctx_flow(x);
	else
		x->report->samples_skipped++;
}

/*
 * The numbering that the datagram is of.  One address may send for several
 * agents, each with numbers of its own: a proxy, or NAT.
 */
static uint32_t
numbering(const struct ctx *x, const struct addr *agent, uint32_t subagent)
{
	if (addr_equal(agent, &x->src->agent))
		return (subagent);
	return ((uint32_t)hash_add(addr_hash(agent, 0), subagent));
}

/* sFlow knows no time but the uptime: the flows are of when they came. */
static void
base(struct ctx *x, const struct addr *agent, uint32_t subagent)
{
	struct flow *f = &x->base;

	f->source_id = subagent;
	flow_set(f, FLOW_SOURCE_ID);
	f->start = f->end = x->src->recv_time;
	flow_set(f, FLOW_START);
	flow_set(f, FLOW_END);
	f->clock = CLOCK_RECEIVED;
	if (agent->family == ADDR_NONE)
		return;
	f->exporter = *agent;
	x->base_rare = true;
	flow_set(f, FLOW_EXPORTER);
}

static int
header(struct ctx *x, struct rd *pkt, uint32_t *nsamples)
{
	struct addr agent;
	uint32_t subagent, seq;

	if (sflow_addr(pkt, &agent) == -1 || rd_u32(pkt, &subagent) == -1 ||
	    rd_u32(pkt, &seq) == -1 || rd_u32(pkt, &x->base.sys_uptime) == -1 ||
	    rd_u32(pkt, nsamples) == -1)
		return (-1);
	flow_set(&x->base, FLOW_SYS_UPTIME);
	ctx_sequence(x, seq);
	base(x, &agent, subagent);
	ctx_domain(x, numbering(x, &agent, subagent));
	x->report->source_id = subagent;
	apply_begin(x, NULL);
	return (0);
}

/* What follows the last sample is padding. */
void
sflow_decode(struct ctx *x, struct rd *pkt)
{
	const uint8_t *at = NULL; /* the length of the sample */
	uint32_t i, n, format;
	struct rd body;
	bool cut = false;

	if (header(x, pkt, &n) == -1) {
		ctx_fail(x, DEC_SHORT, pkt->p);
		return;
	}
	for (i = 0; i < n && !cut; i++) {
		at = pkt->p;
		if (rd_u32(pkt, &format) == -1)
			break;
		at = pkt->p;
		if (sflow_opaque(pkt, &body, &cut) == -1)
			break;
		sample(x, format, body);
		x->records++;
	}
	x->report->records_short += n - i;
	sequence_check(x, x->base.sequence, 1);
	if (i < n || cut)
		ctx_fail(x, DEC_SHORT, at);
}
