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

#include "meter/statistics.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "meter/statistics.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))
#define NSEC 1e9
#define NAME_MAX_LEN 19

static struct {
	char name[256][NAME_MAX_LEN + 1]; /* of protocols */
} names;

void
statistics_init(void)
{
	const struct protoent *p;

	setprotoent(1);
	while ((p = getprotoent()) != NULL)
		if (p->p_proto >= 0 && p->p_proto <= 255 &&
		    names.name[p->p_proto][0] == '\0')
			snprintf(names.name[p->p_proto], NAME_MAX_LEN + 1, "%s",
			    p->p_name);
	endprotoent();
}

const char *
statistics_protocol(uint8_t protocol)
{
	const char *name = names.name[protocol];

	return (name[0] != '\0' ? name : "Unknown");
}

#define LU(n) ((unsigned long long)(n))

/* What goes to all is counted once, as softflowd 1.1 did. */
static uint64_t
messages(const struct counters *c, bool balance, uint64_t *failures)
{
	uint64_t sum = 0, most = 0;
	size_t i;

	*failures = 0;
	for (i = 0; i < c->ndests && i < COUNTERS_DESTS; i++) {
		sum += c->dest[i].messages;
		if (c->dest[i].messages > most)
			most = c->dest[i].messages;
		*failures += c->dest[i].failures;
	}
	return (balance ? sum : most);
}

static void
packets(FILE *f, const struct counters *c, const struct statistics_config *conf)
{
	/* IPv6 where it is not tracked was not IP to softflowd 1.1. */
	uint64_t not_ip = c->seen[SEEN_NOT_IP] + c->seen[SEEN_IGNORED];
	uint64_t cut = c->seen[SEEN_SHORT], sent, failures;

	fprintf(f, "Number of active flows: %llu\n", LU(c->active));
	fprintf(f, "Packets processed: %llu\n", LU(c->seen[SEEN_IP]));
	if (conf->sampling)
		fprintf(f, "Packets non-sampled: %llu\n", LU(c->unsampled));
	fprintf(f, "Fragments: %llu\n", LU(c->fragments));
	fprintf(f, "Ignored packets: %llu (%llu non-IP, %llu too short)\n",
	    LU(not_ip + cut), LU(not_ip), LU(cut));
	fprintf(f, "Flows expired: %llu (%llu forced)\n", LU(c->expired),
	    LU(c->forced));
	sent = messages(c, conf->balance, &failures);
	fprintf(f,
	    "Flows exported: %llu (%llu records) in %llu packets "
	    "(%llu failures)\n",
	    LU(c->exported_flows), LU(c->exported_records), LU(sent),
	    LU(failures));
	if (conf->live) {
		fprintf(f, "Packets received by libpcap: %llu\n",
		    LU(c->received));
		fprintf(f, "Packets dropped by libpcap: %llu\n",
		    LU(c->dropped));
		fprintf(f, "Packets dropped by interface: %llu\n",
		    LU(c->if_dropped));
	}
	fprintf(f, "\n");
}

static void
extremes(FILE *f, const struct counters *c)
{
	double n = (double)c->expired;

	fprintf(f,
	    "Expired flow statistics:  minimum       average       "
	    "maximum\n");
	fprintf(f, "  Flow bytes:        %12.0f  %12.0f  %12.0f\n",
	    (double)c->flow_octets_min, (double)c->flow_octets / n,
	    (double)c->flow_octets_max);
	fprintf(f, "  Flow packets:      %12.0f  %12.0f  %12.0f\n",
	    (double)c->flow_packets_min, (double)c->flow_packets / n,
	    (double)c->flow_packets_max);
	fprintf(f, "  Duration:          %12.2fs %12.2fs %12.2fs\n",
	    (double)c->flow_duration_min / NSEC,
	    (double)c->flow_duration / n / NSEC,
	    (double)c->flow_duration_max / NSEC);
	fprintf(f, "\n");
}

/* In the order of its lines; a line ends behind those marked. */
static const struct {
	const char *label;
	enum end_reason reason;
	bool last;
} reasons[] = {
    {"       tcp = ", END_TCP, false},
    {"   tcp.rst = ", END_TCP_RST, false},
    {"   tcp.fin = ", END_TCP_FIN, true},
    {"       udp = ", END_UDP, false},
    {"      icmp = ", END_ICMP, false},
    {"   general = ", END_GENERAL, true},
    {"   maxlife = ", END_MAXLIFE, true},
    {"over 2 GiB = ", END_OVERBYTES, true},
    {"  maxflows = ", END_MAXFLOWS, true},
    {"   flushed = ", END_FLUSHED, true},
};

static void
ends(FILE *f, const struct counters *c)
{
	size_t i;

	fprintf(f, "Expired flow reasons:\n");
	for (i = 0; i < NELEM(reasons); i++)
		fprintf(f, "%s%9llu%s", reasons[i].label,
		    LU(c->reason[reasons[i].reason]),
		    reasons[i].last ? "\n" : "");
	fprintf(f, "\n");
}

static void
protocols(FILE *f, const struct counters *c)
{
	const struct counters_protocol *p;
	char name[NAME_MAX_LEN + 8];
	unsigned int i;

	fprintf(f,
	    "Per-protocol statistics:     Octets      Packets   "
	    "Avg Life    Max Life\n");
	for (i = 0; i < NELEM(c->protocol); i++) {
		p = &c->protocol[i];
		if (p->packets == 0)
			continue;
		snprintf(name, sizeof(name), "%s (%u)",
		    statistics_protocol((uint8_t)i), i);
		fprintf(f, "  %17s: %14llu %12llu   %8.2fs %10.2fs\n", name,
		    LU(p->octets), LU(p->packets),
		    p->flows == 0
			? 0
			: (double)p->duration / (double)p->flows / NSEC,
		    (double)p->max_duration / NSEC);
	}
}

static void
destination(FILE *f, const struct counters_dest *d, const char *name)
{
	fprintf(f,
	    "To %s (%s): %llu records in %llu packets of %llu octets, "
	    "%llu waiting, %llu dropped, %llu failures, %llu records lost, "
	    "%llu connections\n",
	    name == NULL ? "?" : name, d->up ? "up" : "down", LU(d->records),
	    LU(d->messages), LU(d->octets), LU(d->queued), LU(d->dropped),
	    LU(d->failures), LU(d->records_lost), LU(d->connects));
}

/* What softflowd 1.1 did not tell comes last. */
static void
further(FILE *f, const struct counters *c, const struct statistics_config *conf)
{
	size_t i;

	fprintf(f, "%sFurther statistics:\n", c->expired > 0 ? "\n" : "");
	fprintf(f,
	    "Packets left out: %llu IPv6, %llu own export, %llu while "
	    "stopped\n",
	    LU(c->seen[SEEN_IGNORED]), LU(c->seen[SEEN_OWN]), LU(c->stopped));
	fprintf(f,
	    "Flows in all: %llu (%llu deleted, %llu not for this export, "
	    "%llu not sampled)\n",
	    LU(c->flows), LU(c->deleted), LU(c->not_exported),
	    LU(c->unsampled_flows));
	fprintf(f, "Exported while they go on:\n    active = %9llu\n",
	    LU(c->reason[END_ACTIVE]));
	fprintf(f, "Memory of flows: %llu bytes\n", LU(c->memory));
	for (i = 0; i < c->ndests && i < COUNTERS_DESTS; i++)
		destination(f, &c->dest[i],
		    i < conf->ndests ? conf->dest[i] : NULL);
}

void
statistics_text(FILE *f, const struct counters *c,
    const struct statistics_config *conf)
{
	packets(f, c, conf);
	if (c->expired > 0) {
		extremes(f, c);
		ends(f, c);
		protocols(f, c);
	}
	further(f, c, conf);
}

void
statistics_timeouts(FILE *f, const struct timeouts *t)
{
	const struct {
		const char *name;
		uint32_t seconds;
	} rows[] = {
	    {"TCP timeout", t->tcp},
	    {"TCP post-RST timeout", t->tcp_rst},
	    {"TCP post-FIN timeout", t->tcp_fin},
	    {"UDP timeout", t->udp},
	    {"ICMP timeout", t->icmp},
	    {"General timeout", t->general},
	    {"Maximum lifetime", t->maxlife},
	    {"Expiry interval", t->expint},
	    {"Active timeout", t->active},
	};
	size_t i;

	/* The last is not of softflowd 1.1. */
	for (i = 0; i < NELEM(rows) - (t->active == 0); i++)
		fprintf(f, "%22s: %us\n", rows[i].name, rows[i].seconds);
}
