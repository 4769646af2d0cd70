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
#include <unistd.h>

#include "bytes.h"
#include "field.h"
#include "meter/flowtmpl.h"

/* What a row of a template is for: a setting, or one of the kinds. */
enum want {
	WANT_UPTIME = 1 << TIMES_UPTIME, /* in the order of export_times */
	WANT_SECONDS = 1 << TIMES_SECONDS,
	WANT_MILLISECONDS = 1 << TIMES_MILLISECONDS,
	WANT_MICROSECONDS = 1 << TIMES_MICROSECONDS,
	WANT_NANOSECONDS = 1 << TIMES_NANOSECONDS,
	WANT_NAME = 1 << 5,
	WANT_VLAN = 1 << 6,
	WANT_INNER = 1 << 7,
	WANT_MAC = 1 << 8,
	WANT_BIFLOW = 1 << 9,
	WANT_TCP = 1 << 10,
	WANT_NAMES = 1 << 11,
	WANT_LABEL = 1 << 12, /* and the nine bits above it */
};

#define K4 (1 << KIND_V4 | 1 << KIND_ICMP4)
#define K6 (1 << KIND_V6 | 1 << KIND_ICMP6)
#define KPORTS (1 << KIND_V4 | 1 << KIND_V6)
#define KICMP4 (1 << KIND_ICMP4)
#define KICMP6 (1 << KIND_ICMP6)
#define KALL (K4 | K6)
#define LABEL(n) (WANT_LABEL << (n))

struct row {
	uint32_t pen;
	uint16_t id;
	uint16_t v9; /* length, 0: not there */
	uint16_t ipfix;
	uint16_t kinds;
	uint32_t want; /* 0: always */
};

/* clang-format off */
static const struct row flow_rows[] = {
	/* pen, id, length in v9, in IPFIX, kinds, when */
	{ 0, 8, 4, 4, K4, 0 },
	{ 0, 12, 4, 4, K4, 0 },
	{ 0, 27, 16, 16, K6, 0 },
	{ 0, 28, 16, 16, K6, 0 },
	{ 0, 22, 4, 4, KALL, WANT_UPTIME },
	{ 0, 21, 4, 4, KALL, WANT_UPTIME },
	{ 0, 150, 4, 4, KALL, WANT_SECONDS },
	{ 0, 151, 4, 4, KALL, WANT_SECONDS },
	{ 0, 152, 8, 8, KALL, WANT_MILLISECONDS },
	{ 0, 153, 8, 8, KALL, WANT_MILLISECONDS },
	{ 0, 154, 8, 8, KALL, WANT_MICROSECONDS },
	{ 0, 155, 8, 8, KALL, WANT_MICROSECONDS },
	{ 0, 156, 8, 8, KALL, WANT_NANOSECONDS },
	{ 0, 157, 8, 8, KALL, WANT_NANOSECONDS },
	{ 0, 1, 8, 8, KALL, 0 },
	{ 0, 2, 8, 8, KALL, 0 },
	{ 0, 10, 4, 4, KALL, 0 },
	{ 0, 14, 4, 4, KALL, 0 },
	{ 0, 61, 1, 1, KALL, 0 },
	{ 0, 136, 1, 1, KALL, 0 },
	{ 0, 82, FLOWTMPL_NAME, FLOWTMPL_NAME, KALL, WANT_NAME },
	{ 0, 7, 2, 2, KPORTS, 0 },
	{ 0, 11, 2, 2, KPORTS, 0 },
	{ 0, 32, 2, 2, KICMP4, 0 },
	{ 0, 139, 2, 2, KICMP6, 0 },
	{ 0, 4, 1, 1, KALL, 0 },
	/* RFC 7012 has twelve flags, NetFlow eight. */
	{ 0, 6, 1, 2, KPORTS, 0 },
	{ 0, 60, 1, 1, KALL, 0 },
	{ 0, 5, 1, 1, KALL, 0 },
	{ 0, 192, 1, 1, KALL, 0 },
	{ 0, 31, 4, 4, K6, 0 },
	{ 0, 58, 2, 2, KALL, WANT_VLAN },
	{ 0, 59, 2, 2, KALL, WANT_VLAN },
	{ 0, 245, 2, 2, KALL, WANT_INNER },
	/*
	 * Both addresses are those of the frame that was seen: 80 is its
	 * destination, 57 would be that of a frame sent on from here.
	 */
	{ 0, 56, 6, 6, KALL, WANT_MAC },
	{ 0, 80, 6, 6, KALL, WANT_MAC },
	{ 0, 70, 3, 3, KALL, LABEL(0) },
	{ 0, 71, 3, 3, KALL, LABEL(1) },
	{ 0, 72, 3, 3, KALL, LABEL(2) },
	{ 0, 73, 3, 3, KALL, LABEL(3) },
	{ 0, 74, 3, 3, KALL, LABEL(4) },
	{ 0, 75, 3, 3, KALL, LABEL(5) },
	{ 0, 76, 3, 3, KALL, LABEL(6) },
	{ 0, 77, 3, 3, KALL, LABEL(7) },
	{ 0, 78, 3, 3, KALL, LABEL(8) },
	{ 0, 79, 3, 3, KALL, LABEL(9) },
	{ PEN_REVERSE, 1, 0, 8, KALL, WANT_BIFLOW },
	{ PEN_REVERSE, 2, 0, 8, KALL, WANT_BIFLOW },
	{ PEN_REVERSE, 5, 0, 1, KALL, WANT_BIFLOW },
	{ PEN_REVERSE, 6, 0, 2, KPORTS, WANT_BIFLOW },
	{ PEN_REVERSE, 32, 0, 2, KICMP4, WANT_BIFLOW },
	{ PEN_REVERSE, 139, 0, 2, KICMP6, WANT_BIFLOW },
	{ PEN_CERT, 21, 0, 4, KPORTS, WANT_TCP },
	{ PEN_NTOP, 109, 0, 4, KPORTS, WANT_TCP },
	{ PEN_NTOP, 111, 0, 4, KPORTS, WANT_TCP },
	{ 0, 57581, 4, 0, KPORTS, WANT_TCP },
	{ 0, 57583, 4, 0, KPORTS, WANT_TCP },
	/* Texts of NetFlow 9 have one length: most would be padding. */
	{ PEN_NTOP, 205, 0, ENC_VARIABLE, KPORTS, WANT_NAMES },
	{ PEN_NTOP, 188, 0, ENC_VARIABLE, KPORTS, WANT_NAMES },
};

static const uint16_t ids[KIND_MAX] = {
	[KIND_V4] = 1024,
	[KIND_V6] = 2048,
	[KIND_ICMP4] = 1025,
	[KIND_ICMP6] = 2049,
};
/* clang-format on */

static uint32_t
wants(const struct export_config *c, bool inner)
{
	const uint8_t labels =
	    c->labels < EXTRA_LABELS ? c->labels : EXTRA_LABELS;
	uint32_t want = UINT32_C(1) << c->times;

	if (c->if_name)
		want |= WANT_NAME;
	if (c->track >= TRACK_VLAN)
		want |= WANT_VLAN;
	if (c->track >= TRACK_VLAN && inner)
		want |= WANT_INNER;
	if (c->track == TRACK_ETHER)
		want |= WANT_MAC;
	if (c->biflow)
		want |= WANT_BIFLOW;
	if (c->tcp)
		want |= WANT_TCP;
	if (c->names)
		want |= WANT_NAMES;
	return (want | (LABEL(labels) - WANT_LABEL));
}

static size_t
select_fields(const struct export_config *c, enum flowtmpl_kind kind,
    uint32_t want, struct enc_field *f)
{
	const struct row *r = flow_rows;
	size_t i, n = 0;
	uint16_t len;

	for (i = 0; i < sizeof(flow_rows) / sizeof(flow_rows[0]); i++, r++) {
		len = c->version == 9 ? r->v9 : r->ipfix;
		if (len == 0 || !(r->kinds >> kind & 1) ||
		    (r->want & ~want) != 0)
			continue;
		f[n++] =
		    (struct enc_field){.pen = r->pen, .id = r->id, .len = len};
	}
	return (n);
}

/* The options, both what they are and what they say. */
struct options {
	struct enc_field field[ENC_FIELDS];
	size_t n;
	uint8_t *record;
	size_t len;
};

static void
say_bytes(struct options *o, uint16_t id, const void *p, uint16_t len)
{
	o->field[o->n++] = (struct enc_field){.id = id, .len = len};
	memcpy(o->record + o->len, p, len);
	o->len += len;
}

static void
say(struct options *o, uint16_t id, uint64_t v, uint16_t len)
{
	uint8_t b[8];
	struct wr wr = wr_init(b, sizeof(b));

	(void)wr_u64(&wr, v);
	say_bytes(o, id, b + sizeof(b) - len, len);
}

static void
say_name(struct options *o, const char *name)
{
	char b[FLOWTMPL_NAME] = {0};

	if (name != NULL)
		memcpy(b, name, strnlen(name, sizeof(b)));
	say_bytes(o, 82, b, sizeof(b));
}

/* 130 and 131, or 403 and 404: the one of its family, the other zero. */
static void
say_address(struct options *o, uint16_t id, const struct addr *a)
{
	static const uint8_t none[16];

	say_bytes(o, id, a->family == ADDR_V4 ? a->b : none, 4);
	say_bytes(o, (uint16_t)(id + 1), a->family == ADDR_V6 ? a->b : none,
	    16);
}

static void
say_v9(struct options *o, const struct export_config *c)
{
	/* The scope: this interface, RFC 3954 6.1. */
	say(o, 2, c->ifindex, 4);
	say(o, 34, c->sampling, 4);
	say(o, 35, 1, 1);
	say_name(o, c->interface);
}

static void
say_ipfix(struct options *o, const struct export_config *c)
{
	/* The scope: the process that meters. */
	say(o, 143, (uint64_t)getpid(), 4);
	say(o, 160, c->boot < 0 ? 0 : (uint64_t)(c->boot / NSEC_PER_MSEC), 8);
	say(o, 305, 1, 4);
	say(o, 306, c->sampling - 1, 4);
	say(o, 304, 1, 2);
	say_name(o, c->interface);
	say_address(o, 130, &c->exporter);
	say_address(o, 403, &c->exporter);
	/* RFC 5103 6.3: the first is the initiator, or was chosen freely. */
	if (c->biflow)
		say(o, 239, c->first_order ? 0 : 1, 1);
}

static void
say_all(struct options *o, const struct export_config *config, uint8_t *record)
{
	struct export_config c = *config;

	if (c.sampling == 0)
		c.sampling = 1;
	o->n = 0;
	o->len = 0;
	o->record = record;
	if (c.version == 9)
		say_v9(o, &c);
	else
		say_ipfix(o, &c);
	/* RFC 7014: each has the same chance, and one in so many is chosen. */
	if (c.flow_sampling > 1) {
		say(o, 390, 4, 2);
		say(o, 396, 1, 4);
		say(o, 397, c.flow_sampling - 1, 4);
	}
}

size_t
flowtmpl_record(const struct export_config *c, uint8_t buf[FLOWTMPL_RECORD_MAX])
{
	struct options o;

	say_all(&o, c, buf);
	return (o.len);
}

int
flowtmpl_add(struct encoder *enc, const struct export_config *c, bool inner)
{
	const uint32_t want = wants(c, inner);
	struct enc_field f[ENC_FIELDS];
	uint8_t record[FLOWTMPL_RECORD_MAX];
	struct options o;
	size_t i, n;

	for (i = 0; i < KIND_MAX; i++) {
		n = select_fields(c, (enum flowtmpl_kind)i, want, f);
		if (encoder_template(enc, ids[i], f, n) != (int)i)
			return (-1);
	}
	say_all(&o, c, record);
	return (encoder_options(enc, FLOWTMPL_OPTIONS, o.field, o.n, 1, record,
	    o.len));
}
