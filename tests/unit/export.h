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
 * For the tests of export.c: destinations that decode what they are sent.
 */

#ifndef EXPORT_H
#define EXPORT_H

#include "meter/export.h"
#include "wire.h"

#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)
#define MS NSEC_PER_MSEC
#define DESTS 3
#define FLOWS 4096

struct dest {
	struct rx *rx;
	bool reliable;
	bool waits; /* the last message does */
	size_t messages;
	size_t templates; /* messages that had some */
	size_t records;
	size_t bad;
	size_t longest;
	uint64_t lost; /* by their sequence numbers */
	uint8_t last[2000];
	size_t len;
};

static struct dest dests[DESTS];
static struct flow flows[FLOWS]; /* that came to the first of them */
static char texts[FLOWS][64];
static size_t nflows;
static struct counters counters;
static struct export_config config;
static struct export *export;
static struct extras *extras;
static struct entry entry;

bool
dest_reliable(const struct dest *d)
{
	return (d->reliable);
}

const uint8_t *
dest_oldest(const struct dest *d, size_t *len)
{
	*len = d->len;
	return (d->waits ? d->last : NULL);
}

/* The texts point into the datagram: kept for as long as the flow is. */
static inline void
keep(const struct flow *f)
{
	struct flow *to = &flows[nflows];

	assert_true(nflows < FLOWS);
	*to = *f;
	if (flow_has(f, FLOW_DNS_NAME)) {
		memcpy(texts[nflows], f->dns_name.p, f->dns_name.len);
		to->dns_name.p = texts[nflows];
	}
	nflows++;
}

void
dest_put(struct dest *d, const uint8_t *p, size_t len, uint32_t records,
    int64_t now)
{
	size_t i;

	(void)now;
	assert_true(len <= sizeof(d->last));
	memcpy(d->last, p, len);
	d->len = len;
	d->messages++;
	d->records += records;
	if (len > d->longest)
		d->longest = len;
	if (rx_feed(d->rx, p, len) != DEC_OK || d->rx->n != records)
		d->bad++;
	if (d->rx->report.templates > 0)
		d->templates++;
	d->lost += d->rx->report.seq_lost;
	for (i = 0; d == &dests[0] && i < d->rx->n; i++)
		keep(&d->rx->f[i]);
}

static inline void
config_default(uint16_t version)
{
	config = (struct export_config){.version = version,
	    .track = TRACK_FULL,
	    .sampling = 1,
	    .flow_sampling = 1,
	    .domain = 7,
	    .template_messages = 16,
	    .template_seconds = 60,
	    .ifindex = 5,
	    .interface = "eth0",
	    .boot = T0,
	    .secret = UINT64_C(0x0123456789abcdef)};
}

static inline void
export_begin(size_t n)
{
	struct dest *d[DESTS];
	size_t i;

	memset(&counters, 0, sizeof(counters));
	nflows = 0;
	for (i = 0; i < DESTS; i++) {
		d[i] = &dests[i];
		d[i]->rx = rx_new(NULL);
		d[i]->rx->src.trusted = true;
	}
	export = export_new(&config, d, n, extras, &counters);
	assert_non_null(export);
}

static inline void
export_done(void)
{
	size_t i;

	export_free(export);
	extras_free(extras);
	extras = NULL;
	for (i = 0; i < DESTS; i++) {
		assert_int_equal(dests[i].bad, 0);
		assert_int_equal(dests[i].lost, 0);
		assert_true(dests[i].longest <= 1428);
		rx_free(dests[i].rx);
	}
	memset(dests, 0, sizeof(dests));
}

/*
 * 10.0.0.1 and 10.0.0.2, or 2001:db8::1 and ::2: side 0 of port 40000 sent 10
 * packets from the start on, side 1 of port 443 sent 20.
 */
static inline void
entry_default(uint8_t version, uint8_t protocol)
{
	static const uint8_t v6[] = {0x20, 1, 0x0d, 0xb8};
	int s;

	memset(&entry, 0, sizeof(entry));
	entry.key.version = version;
	entry.key.protocol = protocol;
	for (s = 0; s < 2; s++) {
		if (version == 4)
			entry.key.addr[s][0] = 10;
		else
			memcpy(entry.key.addr[s], v6, sizeof(v6));
		entry.key.addr[s][version == 4 ? 3 : 15] = (uint8_t)(s + 1);
		entry.octets[s] = (uint64_t)(s + 1) * 1000;
		entry.packets[s] = (uint64_t)(s + 1) * 10;
		entry.tcp_flags[s] = s == 0 ? 0x11b : 0x12;
		entry.tos[s] = (uint8_t)(s == 0 ? 0xb8 : 0x20);
		entry.ttl[s] = (uint8_t)(s == 0 ? 64 : 57);
		entry.flow_label[s] = s == 0 ? 0xabcde : 0x12345;
	}
	if (protocol == 1 || protocol == 58)
		entry.key.port[1] = 8 * 256 + 3;
	else {
		entry.key.port[0] = 40000;
		entry.key.port[1] = 443;
	}
	entry.first = T0 + 1000 * MS + 123456;
	entry.last = T0 + 3500 * MS + 654321;
	entry.bits = ENTRY_LIVE;
}

/* One flow, and all messages that come of it. */
static inline void
export_one(enum end_reason why)
{
	export_flow(export, &entry, why, T0 + 5000 * MS);
	export_flush(export, T0 + 5000 * MS);
}

#endif /* EXPORT_H */
