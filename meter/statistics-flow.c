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

#include "meter/statistics.h"

/* A name and a number behind it. */
static void
put(struct text *t, const char *name, uint64_t n)
{
	text_str(t, name);
	text_uint(t, n);
}

static void
put_address(struct text *t, const struct entry *e, int side)
{
	struct addr a = {.family = e->key.version == 4 ? ADDR_V4 : ADDR_V6};

	memcpy(a.b, e->key.addr[side], sizeof(a.b));
	text_addr(t, &a);
}

static void
put_time(struct text *t, const char *name, int64_t ns)
{
	uint32_t frac;
	int64_t sec = text_seconds(ns, &frac);

	text_str(t, name);
	text_iso_time(t, sec, true);
	text_char(t, '.');
	text_padded(t, frac / 1000000, 3);
}

/* Two digits at least. */
static void
put_flags(struct text *t, const char *name, uint16_t flags)
{
	const uint8_t b[] = {(uint8_t)(flags >> 8), (uint8_t)flags};

	text_str(t, name);
	text_hex(t, b[0] == 0 ? b + 1 : b, b[0] == 0 ? 1 : 2);
}

static void
put_label(struct text *t, const char *name, uint32_t label)
{
	const uint8_t b[] = {(uint8_t)(label >> 24), (uint8_t)(label >> 16),
	    (uint8_t)(label >> 8), (uint8_t)label};

	text_str(t, name);
	text_hex(t, b, sizeof(b));
}

static void
put_link(struct text *t, const char *name, const struct extra *x, int side)
{
	static const uint8_t none[6];
	const uint8_t *m = none;
	size_t i;

	if (x != NULL) {
		m = x->side[side].mac;
		/* Nothing came from there: where the other side sent to. */
		if (memcmp(m, none, sizeof(none)) == 0)
			m = x->side[!side].dst_mac;
	}
	text_str(t, name);
	for (i = 0; i < sizeof(none); i++) {
		if (i > 0)
			text_char(t, ':');
		text_hex(t, m + i, 1);
	}
}

/* Type and code stay with the destination, whoever asked. */
static bool
has_type(const struct flow_key *k)
{
	return (k->protocol == (k->version == 4 ? 1 : 58));
}

void
statistics_flow(struct text *t, const char *what, const struct entry *e,
    const struct extra *x, uint64_t sequence)
{
	int a = (e->bits & ENTRY_TURNED) != 0, b = !a;
	int ap = has_type(&e->key) ? 0 : a;

	text_str(t, what);
	put(t, " seq:", sequence);
	text_str(t, " [");
	put_address(t, e, a);
	put(t, "]:", e->key.port[ap]);
	text_str(t, " <> [");
	put_address(t, e, b);
	put(t, "]:", e->key.port[!ap]);
	put(t, " proto:", e->key.protocol);
	put(t, " octets>:", e->octets[a]);
	put(t, " packets>:", e->packets[a]);
	put(t, " octets<:", e->octets[b]);
	put(t, " packets<:", e->packets[b]);
	put_time(t, " start:", e->first);
	put_time(t, " finish:", e->last);
	put_flags(t, " tcp>:", e->tcp_flags[a]);
	put_flags(t, " tcp<:", e->tcp_flags[b]);
	put_label(t, " flowlabel>:", e->flow_label[a]);
	put_label(t, " flowlabel<:", e->flow_label[b]);
	put(t, " vlan>:", e->vlan[a]);
	put(t, " vlan<:", e->vlan[b]);
	put_link(t, " ether:", x, a);
	put_link(t, " <> ", x, b);
}

/* A time before 1970 is none that a column could have. */
static uint64_t
since_1970(int64_t ns)
{
	return (ns < 0 ? 0 : (uint64_t)ns);
}

void
statistics_top(struct text *t, const struct entry *e)
{
	int a = (e->bits & ENTRY_TURNED) != 0, b = !a;
	int ap = has_type(&e->key) ? 0 : a;

	text_uint(t, e->key.protocol);
	text_char(t, ' ');
	put_address(t, e, a);
	put(t, " ", e->key.port[ap]);
	text_char(t, ' ');
	put_address(t, e, b);
	put(t, " ", e->key.port[!ap]);
	put(t, " ", e->octets[a]);
	put(t, " ", e->packets[a]);
	put(t, " ", e->octets[b]);
	put(t, " ", e->packets[b]);
	put(t, " ", since_1970(e->first));
	put(t, " ", since_1970(e->last));
	text_char(t, '\n');
}
