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

#include <stdio.h>
#include <string.h>

#include "meter/statistics.h"
#include "text.h"

#define NSEC INT64_C(1000000000)

static const char *
address(const struct entry *e, int side, char buf[ADDR_STRLEN])
{
	struct addr a = {.family = e->key.version == 4 ? ADDR_V4 : ADDR_V6};
	struct text t;

	memcpy(a.b, e->key.addr[side], sizeof(a.b));
	text_init(&t, buf, ADDR_STRLEN);
	text_addr(&t, &a);
	(void)text_done(&t);
	return (buf);
}

static const char *
moment(int64_t ns, char buf[40])
{
	struct text t;
	uint32_t frac;
	int64_t sec = text_seconds(ns, &frac);

	text_init(&t, buf, 40);
	text_iso_time(&t, sec, true);
	text_char(&t, '.');
	text_padded(&t, frac / 1000000, 3);
	(void)text_done(&t);
	return (buf);
}

static const char *
link_address(const struct extra *x, int side, char buf[18])
{
	static const uint8_t none[6];
	const uint8_t *m = none;

	if (x != NULL) {
		m = x->side[side].mac;
		/* Nothing came from there: where the other side sent to. */
		if (memcmp(m, none, sizeof(none)) == 0)
			m = x->side[!side].dst_mac;
	}
	snprintf(buf, 18, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
	    m[3], m[4], m[5]);
	return (buf);
}

/* Type and code stay with the destination, whoever asked. */
static bool
has_type(const struct flow_key *k)
{
	return (k->protocol == (k->version == 4 ? 1 : 58));
}

void
statistics_flow(FILE *f, const char *what, const struct entry *e,
    const struct extra *x, uint64_t sequence)
{
	char addr[2][ADDR_STRLEN], start[40], finish[40], mac[2][18];
	int a = (e->bits & ENTRY_TURNED) != 0, b = !a;
	int ap = has_type(&e->key) ? 0 : a;

	fprintf(f, "%s seq:%llu [%s]:%u <> [%s]:%u proto:%u ", what,
	    (unsigned long long)sequence, address(e, a, addr[0]),
	    e->key.port[ap], address(e, b, addr[1]), e->key.port[!ap],
	    e->key.protocol);
	fprintf(f, "octets>:%llu packets>:%llu octets<:%llu packets<:%llu ",
	    (unsigned long long)e->octets[a], (unsigned long long)e->packets[a],
	    (unsigned long long)e->octets[b],
	    (unsigned long long)e->packets[b]);
	fprintf(f, "start:%s finish:%s ", moment(e->first, start),
	    moment(e->last, finish));
	fprintf(f, "tcp>:%02x tcp<:%02x flowlabel>:%08x flowlabel<:%08x ",
	    e->tcp_flags[a], e->tcp_flags[b], e->flow_label[a],
	    e->flow_label[b]);
	fprintf(f, "vlan>:%u vlan<:%u ether:%s <> %s", e->vlan[a], e->vlan[b],
	    link_address(x, a, mac[0]), link_address(x, b, mac[1]));
}

/*
 * One flow of "top": columns with one space between.
 */
void
statistics_top(FILE *f, const struct entry *e)
{
	char addr[2][ADDR_STRLEN];
	int a = (e->bits & ENTRY_TURNED) != 0, b = !a;
	int ap = has_type(&e->key) ? 0 : a;

	fprintf(f, "%u %s %u %s %u ", e->key.protocol, address(e, a, addr[0]),
	    e->key.port[ap], address(e, b, addr[1]), e->key.port[!ap]);
	fprintf(f, "%llu %llu %llu %llu %lld %lld\n",
	    (unsigned long long)e->octets[a], (unsigned long long)e->packets[a],
	    (unsigned long long)e->octets[b], (unsigned long long)e->packets[b],
	    (long long)e->first, (long long)e->last);
}
