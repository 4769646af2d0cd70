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

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "encode/encode.h"
#include "flow.h"
#include "meter/export.h"
#include "meter/flowtmpl.h"

/* Tunnels and PPPoE have room for it; softflowd 1.1 took the same. */
#define PAYLOAD 1428
/* A message that is not full waits for so long. */
#define LINGER NSEC_PER_SEC
/* Full ones of a template that go together: templates come as often. */
#define TOGETHER 16

/* What one destination gets. */
struct stream {
	struct export *export;
	struct encoder *enc;
	struct dest *dest; /* NULL: there is none at all */
	size_t i;
	int64_t now; /* of the call that makes it send */
	bool reliable;
};

struct export
{
	struct export_config cfg;
	struct extras *extras;
	struct counters *counters;
	struct stream stream[COUNTERS_DESTS];
	size_t nstreams;
	size_t turn;	  /* the first of those that get the next flow: */
	size_t nturn;	  /* with balance it is one, or else all */
	int options;	  /* handle, -1: none */
	int64_t earliest; /* time that an uptime can tell */
	bool rare;	  /* records have something of the extras */
	/*
	 * One of each kind: what is the same for all flows is set, the rest
	 * is overwritten by each, so that nothing has to be cleared.
	 */
	struct flow flow[KIND_MAX];
};

static const struct extra no_extra;

static void
send_message(void *arg, const struct enc_message *m)
{
	struct stream *s = arg;
	struct export *x = s->export;
	const uint8_t *data = m->data;
	uint8_t copy[PAYLOAD];

	/*
	 * A full queue that is waited for may connect again, which has
	 * templates made where these were.
	 */
	if (s->reliable && m->len <= sizeof(copy))
		data = memcpy(copy, data, m->len);
	if (s->dest != NULL)
		dest_put(s->dest, data, m->len, m->flows, s->now);
	if (x->cfg.balance && m->flows > 0 && s->i == x->turn)
		x->turn = (x->turn + 1) % x->nstreams;
}

/* 14 bits of interval behind the mode: 1, one packet after so many. */
static uint16_t
sampling_v5(uint32_t n)
{
	if (n <= 1)
		return (0);
	return ((uint16_t)(0x4000 | (n < 0x3fff ? n : 0x3fff)));
}

static int
stream_open(struct stream *s, struct export *x)
{
	const struct export_config *c = &x->cfg;
	struct enc_config e = {
	    .version = c->version,
	    .payload = PAYLOAD,
	    .source_id = c->domain,
	    .sampling = sampling_v5(c->sampling),
	    .boot = c->boot,
	    /* In turn is one by one. */
	    .gather = c->balance ? 1 : TOGETHER,
	};

	s->export = x;
	s->reliable = s->dest != NULL && dest_reliable(s->dest);
	if (!s->reliable) {
		e.every_messages = c->template_messages;
		e.every_ns = c->template_seconds * NSEC_PER_SEC;
	}
	if ((s->enc = encoder_new(&e, send_message, s)) == NULL)
		return (-1);
	if (c->version < 9)
		return (0);
	x->options = flowtmpl_add(s->enc, c, x->extras != NULL);
	return (x->options == -1 ? -1 : 0);
}

static void
set_bits(struct flow *f, const enum flow_field *bits, size_t n)
{
	while (n-- > 0)
		flow_set(f, bits[n]);
}
#define SET_BITS(f, ...)                                      \
	set_bits((f), (const enum flow_field[]){__VA_ARGS__}, \
	    sizeof((const enum flow_field[]){__VA_ARGS__}) /  \
		sizeof(enum flow_field))

static void
flow_prepare(struct flow *f, const struct export_config *c,
    enum flowtmpl_kind kind)
{
	const bool v4 = kind == KIND_V4 || kind == KIND_ICMP4;

	SET_BITS(f, FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_START, FLOW_END,
	    FLOW_OCTETS, FLOW_PACKETS, FLOW_IN_IF, FLOW_OUT_IF, FLOW_DIRECTION,
	    FLOW_END_REASON, FLOW_SRC_PORT, FLOW_DST_PORT, FLOW_PROTOCOL,
	    FLOW_TCP_FLAGS, FLOW_TOS, FLOW_TTL);
	if (!v4)
		flow_set(f, FLOW_FLOW_LABEL);
	if (kind == KIND_ICMP4 || kind == KIND_ICMP6)
		SET_BITS(f, FLOW_ICMP_TYPE, FLOW_ICMP_CODE);
	if (c->track >= TRACK_VLAN)
		SET_BITS(f, FLOW_VLAN, FLOW_POST_VLAN, FLOW_CUSTOMER_VLAN);
	if (c->track == TRACK_ETHER)
		SET_BITS(f, FLOW_IN_SRC_MAC, FLOW_IN_DST_MAC);
	if (c->labels > 0)
		flow_set(f, FLOW_MPLS_LABELS);
	if (c->biflow)
		SET_BITS(f, FLOW_REVERSE_OCTETS, FLOW_REVERSE_PACKETS,
		    FLOW_REVERSE_TOS, FLOW_REVERSE_TCP_FLAGS,
		    FLOW_REVERSE_ICMP_TYPE, FLOW_REVERSE_ICMP_CODE);
	if (c->tcp)
		SET_BITS(f, FLOW_TCP_RTT, FLOW_TCP_RETRANSMITS,
		    FLOW_TCP_OUT_OF_ORDER);
	f->src_addr.family = f->dst_addr.family = v4 ? ADDR_V4 : ADDR_V6;
	f->in_if = f->out_if = c->ifindex;
	if (c->interface != NULL) {
		flow_set(f, FLOW_IN_IF_NAME);
		f->in_if_name.p = c->interface;
		f->in_if_name.len =
		    (uint16_t)strnlen(c->interface, FLOWTMPL_NAME);
	}
}

static void
set_boot(struct export *x, int64_t boot)
{
	const struct export_config *c = &x->cfg;

	x->cfg.boot = boot;
	x->earliest =
	    c->version < 9 || c->times == TIMES_UPTIME ? boot : INT64_MIN;
}

struct export *
export_new(const struct export_config *c, struct dest **dest, size_t n,
    struct extras *extras, struct counters *counters)
{
	struct export *x;
	size_t i;

	if (n > COUNTERS_DESTS) {
		errno = EINVAL;
		return (NULL);
	}
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (NULL);
	x->cfg = *c;
	if (c->version != 10)
		x->cfg.biflow = false; /* no other can tell of it */
	x->extras = extras;
	x->counters = counters;
	x->options = -1;
	set_boot(x, c->boot);
	x->rare = extras != NULL &&
	    (c->track >= TRACK_VLAN || c->labels > 0 || c->tcp || c->names);
	for (i = 0; i < KIND_MAX; i++)
		flow_prepare(&x->flow[i], &x->cfg, (enum flowtmpl_kind)i);
	/* Without a destination flows are made all the same, and counted. */
	x->nstreams = n > 0 ? n : 1;
	x->nturn = c->balance ? 1 : x->nstreams;
	for (i = 0; i < x->nstreams; i++) {
		x->stream[i].i = i;
		x->stream[i].dest = n > 0 ? dest[i] : NULL;
		if (stream_open(&x->stream[i], x) == -1) {
			export_free(x);
			return (NULL);
		}
	}
	return (x);
}

void
export_free(struct export *x)
{
	size_t i;

	if (x == NULL)
		return;
	for (i = 0; i < x->nstreams; i++)
		encoder_free(x->stream[i].enc);
	free(x);
}

static enum flowtmpl_kind
kind_of(const struct flow_key *k)
{
	if (k->version == 4)
		return (k->protocol == 1 ? KIND_ICMP4 : KIND_V4);
	return (k->protocol == 58 ? KIND_ICMP6 : KIND_V6);
}

static uint64_t
mix(uint64_t h, const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return (h ^ h >> 29);
}

/*
 * Flow sampling: by addresses, ports and protocol, so that both directions and
 * all parts of a flow share a fate; by a secret, so that nobody can choose
 * flows that are never seen.
 */
static bool
chosen(const struct export *x, const struct flow_key *key)
{
	const uint64_t rest[] = {(uint64_t)key->port[0] << 48 |
	    (uint64_t)key->port[1] << 32 | key->protocol};
	uint64_t h = x->cfg.secret;
	size_t i;

	for (i = 0; i < sizeof(key->addr); i += 8)
		h = mix(h, (const uint8_t *)key->addr + i);
	h = mix(h, rest);
	h = mix(h, &x->cfg.secret);
	return ((h >> 32) % x->cfg.flow_sampling == 0);
}

/*
 * An uptime wraps, and collectors know: a flow may begin before it does, but
 * end after that.  IPFIX reckons from the start of the system, never back.
 */
static void
clip_times(const struct export *x, struct flow *f)
{
	if (f->end < x->earliest)
		f->end = x->earliest;
	if (f->start < x->earliest && x->cfg.version == 10)
		f->start = x->earliest;
}

/* What both directions have. */
static void
fill_common(const struct export *x, struct flow *f, const struct entry *e,
    enum end_reason why)
{
	f->start = e->first;
	f->end = e->last;
	if (f->start < x->earliest)
		clip_times(x, f);
	f->protocol = e->key.protocol;
	f->end_reason = end_reason_wire(why);
	f->vlan = f->post_vlan = e->key.vlan;
}

/* What side s sent. */
static void
fill_side(struct flow *f, const struct entry *e, int s)
{
	memcpy(f->src_addr.b, e->key.addr[s], sizeof(f->src_addr.b));
	memcpy(f->dst_addr.b, e->key.addr[!s], sizeof(f->dst_addr.b));
	f->octets = e->octets[s];
	f->packets = e->packets[s];
	f->tcp_flags = e->tcp_flags[s];
	f->tos = e->tos[s];
	f->ttl = e->ttl[s];
	f->flow_label = e->flow_label[s];
	f->src_port = e->key.port[s];
	f->dst_port = e->key.port[!s];
}

/* Type and code are not of a side: they have the place of a port. */
static void
fill_icmp(struct flow *f, const struct entry *e)
{
	const uint16_t port = e->key.port[1];

	f->src_port = 0;
	f->dst_port = port;
	f->icmp_type = (uint8_t)(port >> 8);
	f->icmp_code = (uint8_t)port;
	f->reverse_icmp_type = f->icmp_type;
	f->reverse_icmp_code = f->icmp_code;
}

static void
fill_reverse(struct flow *f, const struct entry *e, int s)
{
	f->reverse_octets = e->octets[s];
	f->reverse_packets = e->packets[s];
	f->reverse_tcp_flags = e->tcp_flags[s];
	f->reverse_tos = e->tos[s];
}

static void
fill_text(struct flow *f, enum flow_field bit, struct flow_text *t,
    const char *p, uint8_t len)
{
	flow_unset(f, bit);
	*t = (struct flow_text){.p = p, .len = len};
	if (len > 0)
		flow_set(f, bit);
}

static void
fill_labels(const struct export *x, struct flow *f, const struct extra_side *xs)
{
	size_t i;

	for (i = 0; i < x->cfg.labels && i < FLOW_MPLS_MAX; i++)
		f->mpls_labels[i] = i < xs->nlabels ? xs->labels[i] >> 12 : 0;
}

/* Our interface's address tells which way it went; without it, the side. */
static void
fill_link(const struct export *x, struct flow *f, const struct extra_side *xs)
{
	memcpy(f->in_src_mac, xs->mac, sizeof(f->in_src_mac));
	memcpy(f->in_dst_mac, xs->dst_mac, sizeof(f->in_dst_mac));
	if (!x->cfg.has_mac)
		return;
	if (memcmp(xs->mac, x->cfg.mac, sizeof(x->cfg.mac)) == 0)
		f->direction = 1;
	else if (memcmp(xs->dst_mac, x->cfg.mac, sizeof(x->cfg.mac)) == 0)
		f->direction = 0;
}

static void
fill_extra(const struct export *x, struct flow *f, const struct entry *e, int s)
{
	const struct extra *extra = extras_at(x->extras, e->extra);
	const struct extra_side *xs;

	if (extra == NULL)
		extra = &no_extra;
	xs = &extra->side[s];
	f->customer_vlan = xs->customer_vlan;
	fill_labels(x, f, xs);
	if (x->cfg.track == TRACK_ETHER)
		fill_link(x, f, xs);
	f->tcp_rtt = extra->tcp.rtt;
	f->tcp_retransmits = extra->tcp.side[s].retransmits;
	f->tcp_out_of_order = extra->tcp.side[s].out_of_order;
	/* There are no elements for those of the answer: they are of both. */
	if (x->cfg.biflow) {
		f->tcp_retransmits += extra->tcp.side[!s].retransmits;
		f->tcp_out_of_order += extra->tcp.side[!s].out_of_order;
	}
	if (!x->cfg.names)
		return;
	fill_text(f, FLOW_DNS_NAME, &f->dns_name, extra->dns_name,
	    extra->dns_len);
	fill_text(f, FLOW_TLS_SERVER_NAME, &f->tls_server_name, extra->tls_name,
	    extra->tls_len);
}

static enum enc_error
stream_flow(struct stream *s, int kind, const struct flow *f, int64_t now)
{
	s->now = now;
	return (encoder_flow(s->enc, kind, f, now));
}

static inline bool
put(struct export *x, int kind, const struct flow *f, int64_t now)
{
	struct stream *s = &x->stream[x->turn], *end = s + x->nturn;
	enum enc_error err;

	do
		err = stream_flow(s, kind, f, now);
	while (++s < end);
	if (err != ENC_OK)
		return (false);
	x->counters->exported_records++;
	x->counters->exported_packets += f->packets;
	x->counters->exported_octets += f->octets;
	return (true);
}

/*
 * The initiator comes first, but not if only the answer was seen; in a part of
 * a flow it may be silent, it spoke before.
 */
static bool
put_biflow(struct export *x, const struct entry *e, int kind, int64_t now)
{
	struct flow *f = &x->flow[kind];
	int s = (e->bits & ENTRY_TURNED) != 0;

	if (e->packets[s] == 0 && !(e->bits & ENTRY_INTERIM))
		s = !s;
	fill_side(f, e, s);
	fill_reverse(f, e, !s);
	f->direction = 0;
	if (kind == KIND_ICMP4 || kind == KIND_ICMP6)
		fill_icmp(f, e);
	if (x->rare)
		fill_extra(x, f, e, s);
	if (!put(x, kind, f, now))
		return (false);
	x->counters->exported_packets += f->reverse_packets;
	x->counters->exported_octets += f->reverse_octets;
	return (true);
}

static bool
put_uniflow(struct export *x, const struct entry *e, int kind, int64_t now)
{
	struct flow *f = &x->flow[kind];
	const int forward = (e->bits & ENTRY_TURNED) != 0;
	bool sent = true;
	int i, s;

	for (i = 0; i < 2; i++) {
		s = forward ^ i;
		if (e->packets[s] == 0)
			continue;
		fill_side(f, e, s);
		f->direction = (uint8_t)i;
		if (kind == KIND_ICMP4 || kind == KIND_ICMP6)
			fill_icmp(f, e);
		if (x->rare)
			fill_extra(x, f, e, s);
		if (!put(x, kind, f, now))
			sent = false;
	}
	return (sent);
}

/* What an interim record told is not told again. */
static void
part_told(struct export *x, const struct entry *e)
{
	struct extra *extra;
	int s;

	if (!x->rare || (extra = extras_at(x->extras, e->extra)) == NULL)
		return;
	for (s = 0; s < 2; s++)
		extra->tcp.side[s].retransmits =
		    extra->tcp.side[s].out_of_order = 0;
}

void
export_flow(struct export *x, const struct entry *e, enum end_reason why,
    int64_t now)
{
	struct counters *n = x->counters;
	enum flowtmpl_kind kind = kind_of(&e->key);
	bool sent;

	if (e->packets[0] == 0 && e->packets[1] == 0)
		return;
	if (x->cfg.flow_sampling > 1 && !chosen(x, &e->key)) {
		n->unsampled_flows++;
		return;
	}
	if (x->cfg.version < 9 && e->key.version != 4) {
		n->not_exported++;
		return;
	}
	fill_common(x, &x->flow[kind], e, why);
	sent = x->cfg.biflow ? put_biflow(x, e, kind, now)
			     : put_uniflow(x, e, kind, now);
	if (sent)
		n->exported_flows++;
	else
		n->not_exported++;
	if (why == END_ACTIVE)
		part_told(x, e);
}

int64_t
export_run(struct export *x, int64_t now)
{
	int64_t next = INT64_MAX, since;
	struct stream *s;

	for (s = x->stream; s < x->stream + x->nstreams; s++) {
		if (!encoder_pending(s->enc, &since))
			continue;
		s->now = now;
		/* A clock that was set back must not hold it for long. */
		if (now >= since + LINGER || now < since - LINGER)
			encoder_flush(s->enc, now);
		else if (since + LINGER < next)
			next = since + LINGER;
	}
	return (next);
}

void
export_flush(struct export *x, int64_t now)
{
	struct stream *s;

	for (s = x->stream; s < x->stream + x->nstreams; s++) {
		s->now = now;
		encoder_flush(s->enc, now);
	}
}

void
export_refresh(struct export *x)
{
	size_t i;

	for (i = 0; i < x->nstreams; i++)
		encoder_refresh(x->stream[i].enc);
}

void
export_connected(struct export *x, size_t i)
{
	const struct stream *s = &x->stream[i];
	const uint8_t *next;
	size_t len = 0;

	if (i >= x->nstreams)
		return;
	/* What waits needs them first. */
	next = s->dest != NULL ? dest_oldest(s->dest, &len) : NULL;
	encoder_restart(s->enc, next, len);
}

void
export_end(struct export *x, int64_t now)
{
	struct stream *s;

	export_flush(x, now);
	/* Not over UDP (RFC 7011 8), where it might overtake flows. */
	for (s = x->stream; s < x->stream + x->nstreams; s++)
		if (x->cfg.version == 10 && s->reliable)
			encoder_withdraw(s->enc, now);
}

void
export_boot(struct export *x, int64_t boot)
{
	uint8_t record[FLOWTMPL_RECORD_MAX];
	size_t i;

	set_boot(x, boot);
	if (x->options != -1)
		(void)flowtmpl_record(&x->cfg, record);
	for (i = 0; i < x->nstreams; i++) {
		encoder_boot(x->stream[i].enc, boot);
		if (x->options != -1)
			encoder_record(x->stream[i].enc, x->options, record);
	}
}
