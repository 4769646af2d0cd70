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

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "meter/statistics.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))
#define LU(n) ((unsigned long long)(n))

struct member {
	const char *name;
	size_t offset;
};

/* clang-format off */
#define M(x) {#x, offsetof(struct counters, x)}
static const struct member members[] = {
    M(frames), M(unsampled), M(stopped), M(fragments), M(octets),
    M(flows), M(active), M(expired), M(forced),
    M(deleted), M(deleted_packets), M(deleted_octets),
    M(exported_flows), M(exported_records), M(exported_packets),
    M(exported_octets), M(not_exported), M(unsampled_flows),
    M(flow_octets), M(flow_octets_min), M(flow_octets_max),
    M(flow_packets), M(flow_packets_min), M(flow_packets_max),
    M(flow_duration), M(flow_duration_min), M(flow_duration_max),
    M(received), M(dropped), M(if_dropped),
    M(started), M(now), M(memory),
};
#undef M
#define M(x) {#x, offsetof(struct counters_dest, x)}
static const struct member dest_members[] = {
    M(records), M(messages), M(octets), M(failures), M(dropped),
    M(records_lost), M(connects), M(queued), M(up),
};
#undef M
#define M(x) {#x, offsetof(struct counters_protocol, x)}
static const struct member protocol_members[] = {
    M(flows), M(packets), M(octets), M(duration), M(max_duration),
};
#undef M
static const char *const seen_names[SEEN_MAX] = {
    [SEEN_IP] = "ip", [SEEN_NOT_IP] = "not_ip", [SEEN_SHORT] = "short",
    [SEEN_IGNORED] = "ignored", [SEEN_OWN] = "own",
};
static const char *const reason_names[END_MAX] = {
    [END_GENERAL] = "general", [END_TCP] = "tcp", [END_TCP_RST] = "tcp_rst",
    [END_TCP_FIN] = "tcp_fin", [END_UDP] = "udp", [END_ICMP] = "icmp",
    [END_MAXLIFE] = "maxlife", [END_OVERBYTES] = "over_bytes",
    [END_MAXFLOWS] = "maxflows", [END_FLUSHED] = "flushed",
    [END_ACTIVE] = "active",
};
/* clang-format on */

static uint64_t
member(const void *base, const struct member *m)
{
	uint64_t n;

	memcpy(&n, (const char *)base + m->offset, sizeof(n));
	return (n);
}

static void
put_members(FILE *f, const void *base, const struct member *m, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		fprintf(f, "%s\"%s\": %llu", i == 0 ? "" : ", ", m[i].name,
		    LU(member(base, &m[i])));
}

static void
put_named(FILE *f, const char *name, const uint64_t *v,
    const char *const *names, size_t n)
{
	size_t i;

	fprintf(f, ",\n\"%s\": {", name);
	for (i = 0; i < n; i++)
		fprintf(f, "%s\"%s\": %llu", i == 0 ? "" : ", ", names[i],
		    LU(v[i]));
	fprintf(f, "}");
}

static void
put_string(FILE *f, const char *s)
{
	char buf[1024];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_quoted(&t, s, strnlen(s, 128));
	(void)text_done(&t);
	fputs(buf, f);
}

static void
put_destinations(FILE *f, const struct counters *c,
    const struct statistics_config *conf)
{
	size_t i;

	fprintf(f, ",\n\"destinations\": [");
	for (i = 0; i < c->ndests && i < COUNTERS_DESTS; i++) {
		fprintf(f, "%s\n{\"name\": ", i == 0 ? "" : ",");
		put_string(f,
		    i < conf->ndests && conf->dest[i] != NULL ? conf->dest[i]
							      : "");
		fprintf(f, ", ");
		put_members(f, &c->dest[i], dest_members, NELEM(dest_members));
		fprintf(f, "}");
	}
	fprintf(f, "]");
}

static void
put_protocols(FILE *f, const struct counters *c)
{
	const char *comma = "";
	unsigned int i;

	fprintf(f, ",\n\"protocols\": [");
	for (i = 0; i < NELEM(c->protocol); i++) {
		if (c->protocol[i].flows == 0 && c->protocol[i].packets == 0)
			continue;
		fprintf(f, "%s\n{\"protocol\": %u, \"name\": ", comma, i);
		put_string(f, statistics_protocol((uint8_t)i));
		fprintf(f, ", ");
		put_members(f, &c->protocol[i], protocol_members,
		    NELEM(protocol_members));
		fprintf(f, "}");
		comma = ",";
	}
	fprintf(f, "]");
}

static void
put_sums(FILE *f, const struct counters *c)
{
	struct statistics_sum sums[STATISTICS_SUMS];
	bool all = true;
	size_t i;

	statistics_sums(c, sums);
	fprintf(f, ",\n\"sums\": [");
	for (i = 0; i < STATISTICS_SUMS; i++) {
		fprintf(f, "%s\n{\"name\": \"%s\", \"left\": %llu, ",
		    i == 0 ? "" : ",", sums[i].name, LU(sums[i].left));
		fprintf(f, "\"relation\": \"%s\", \"right\": %llu, ",
		    sums[i].open ? ">=" : "=", LU(sums[i].right));
		fprintf(f, "\"ok\": %s}", sums[i].ok ? "true" : "false");
		all = all && sums[i].ok;
	}
	fprintf(f, "],\n\"balanced\": %s", all ? "true" : "false");
}

void
statistics_json(FILE *f, const struct counters *c,
    const struct statistics_config *conf)
{
	fprintf(f, "{");
	put_members(f, c, members, NELEM(members));
	put_named(f, "seen", c->seen, seen_names, SEEN_MAX);
	put_named(f, "reasons", c->reason, reason_names, END_MAX);
	put_destinations(f, c, conf);
	put_protocols(f, c);
	put_sums(f, c);
	fprintf(f, "}\n");
}

static void
sum(struct statistics_sum *s, const char *name, uint64_t left, uint64_t right)
{
	*s = (struct statistics_sum){.name = name,
	    .left = left,
	    .right = right,
	    .ok = left == right};
}

/* What is open is in none of the counters on the right yet. */
static void
sum_open(struct statistics_sum *s, bool open)
{
	s->open = open;
	if (open)
		s->ok = s->left >= s->right;
}

void
statistics_sums(const struct counters *c,
    struct statistics_sum s[STATISTICS_SUMS])
{
	uint64_t seen = c->unsampled + c->stopped, ended = 0, told = 0;
	struct counters_protocol p = {0};
	bool open = c->active > 0;
	size_t i;

	for (i = 0; i < SEEN_MAX; i++)
		seen += c->seen[i];
	for (i = 0; i < END_MAX; i++)
		ended += i == END_ACTIVE ? 0 : c->reason[i];
	for (i = 0; i < NELEM(c->protocol); i++) {
		p.flows += c->protocol[i].flows;
		p.packets += c->protocol[i].packets;
		p.octets += c->protocol[i].octets;
	}
	for (i = 0; i < c->ndests && i < COUNTERS_DESTS; i++)
		if (c->dest[i].records + c->dest[i].records_lost > told)
			told = c->dest[i].records + c->dest[i].records_lost;
	sum(s++, "frames", c->frames, seen);
	sum(s++, "flows", c->flows, c->active + c->expired + c->deleted);
	sum(s++, "ends", c->expired, ended);
	sum(s++, "forced", c->forced,
	    c->reason[END_MAXFLOWS] + c->reason[END_FLUSHED]);
	sum(s++, "protocol_flows", c->expired, p.flows);
	sum(s++, "protocol_packets", c->flow_packets, p.packets);
	sum(s++, "protocol_octets", c->flow_octets, p.octets);
	sum(s, "packets", c->seen[SEEN_IP],
	    c->flow_packets + c->deleted_packets);
	sum_open(s++, open);
	sum(s, "octets", c->octets, c->flow_octets + c->deleted_octets);
	sum_open(s++, open);
	/* The last part of a flow may be empty. */
	sum(s, "exports", c->expired + c->reason[END_ACTIVE],
	    c->exported_flows + c->not_exported + c->unsampled_flows);
	sum_open(s++, c->reason[END_ACTIVE] > 0);
	sum(s, "records", c->exported_records, told);
	sum_open(s, true);
}
