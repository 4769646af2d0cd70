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

#include "archive/member.h"
#include "format.h"
#include "query/value.h"

void
value_human(struct text *t, uint64_t v)
{
	static const char units[] = "KMGTPE";
	uint64_t unit = 1000, tenths;
	size_t i = 0;

	if (v < 10000) {
		text_uint(t, v);
		return;
	}
	/* Half a tenth rounds up, also across a unit: 999,950 is 1.0M. */
	while (i < 5 && v >= unit * 1000 - unit / 20) {
		unit *= 1000;
		i++;
	}
	tenths = v / unit * 10 + (v % unit + unit / 20) / (unit / 10);
	text_uint(t, tenths / 10);
	text_char(t, '.');
	text_char(t, (char)('0' + tenths % 10));
	text_char(t, units[i]);
}

static uint64_t
magnitude(struct text *t, int64_t ns)
{
	if (ns >= 0)
		return ((uint64_t)ns);
	text_char(t, '-');
	return (-(uint64_t)ns);
}

void
value_seconds(struct text *t, int64_t ns)
{
	uint64_t v = magnitude(t, ns), frac = v % NSEC_PER_SEC;

	text_uint(t, v / NSEC_PER_SEC);
	if (frac == 0)
		return;
	text_char(t, '.');
	if (frac % 1000000 == 0)
		text_padded(t, frac / 1000000, 3);
	else if (frac % 1000 == 0)
		text_padded(t, frac / 1000, 6);
	else
		text_padded(t, frac, 9);
}

void
value_duration(struct text *t, int64_t ns)
{
	static const struct {
		uint32_t sec;
		char name;
	} units[] = {
	    /* clang-format off */
		{ 24 * 60 * 60, 'd' },
		{ 60 * 60, 'h' },
		{ 60, 'm' },
	    /* clang-format on */
	};
	uint64_t v = magnitude(t, ns), sec = v / NSEC_PER_SEC;
	bool some = false;
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!some && sec < units[i].sec)
			continue;
		text_padded(t, sec / units[i].sec, some ? 2 : 1);
		text_char(t, units[i].name);
		sec %= units[i].sec;
		some = true;
	}
	text_padded(t, sec, some ? 2 : 1);
	text_char(t, '.');
	text_padded(t, v % NSEC_PER_SEC / 1000000, 3);
	text_char(t, 's');
}

void
value_rate(struct text *t, double v)
{
	uint64_t thousandths;
	unsigned int digits = 3;

	if (!(v > 0)) /* nor is it a number */
		v = 0;
	/* Beyond that a double has no thousandths, and in the end no place. */
	if (v >= 9e15) {
		text_uint(t, v < 1.8e19 ? (uint64_t)v : UINT64_MAX);
		return;
	}
	thousandths = (uint64_t)(v * 1000 + 0.5);
	text_uint(t, thousandths / 1000);
	if ((thousandths %= 1000) == 0)
		return;
	for (; thousandths % 10 == 0; digits--)
		thousandths /= 10;
	text_char(t, '.');
	text_padded(t, thousandths, digits);
}

void
value_percent(struct text *t, uint64_t part, uint64_t total)
{
	uint64_t tenths;

	if (total == 0)
		return;
	tenths = (uint64_t)((double)part / (double)total * 1000 + 0.5);
	text_uint(t, tenths / 10);
	text_char(t, '.');
	text_char(t, (char)('0' + tenths % 10));
	text_char(t, '%');
}

void
value_time_ms(struct text *t, int64_t ns, bool utc)
{
	uint32_t frac;

	text_iso_time(t, text_seconds(ns, &frac), utc);
	text_char(t, '.');
	text_padded(t, frac / 1000000, 3);
	if (utc)
		text_char(t, 'Z');
}

void
value_protocol(struct text *t, uint64_t v)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = {
	    /* clang-format off */
		{ 1, "icmp" }, { 2, "igmp" }, { 4, "ipencap" },
		{ 6, "tcp" }, { 8, "egp" }, { 17, "udp" }, { 33, "dccp" },
		{ 41, "ipv6" }, { 46, "rsvp" }, { 47, "gre" }, { 50, "esp" },
		{ 51, "ah" }, { 58, "icmp6" }, { 88, "eigrp" },
		{ 89, "ospf" }, { 94, "ipip" }, { 97, "etherip" },
		{ 103, "pim" }, { 108, "ipcomp" }, { 112, "carp" },
		{ 115, "l2tp" }, { 124, "isis" }, { 132, "sctp" },
		{ 136, "udplite" }, { 240, "pfsync" },
	    /* clang-format on */
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == v) {
			text_str(t, names[i].name);
			return;
		}
	text_uint(t, v);
}

void
value_tcp_flags(struct text *t, uint64_t v)
{
	static const char letters[] = "FSRPAUEC";
	size_t i;

	for (i = 8; i-- > 0;)
		text_char(t, v >> i & 1 ? letters[i] : '.');
}

void
value_bytes(struct text *t, const struct field *fd, const struct flow_text *b,
    enum value_style style)
{
	const struct format_columns one = {1, {fd}};
	char buf[FORMAT_MAX];
	struct flow f = {0};
	size_t len, skip = strlen(fd->name);

	flow_set(&f, fd->bit);
	member_set_bytes(&f, fd, *b);
	switch (style) {
	case VALUE_CSV:
		len = format_csv(buf, sizeof(buf), &f, &one);
		text_mem(t, buf, len);
		break;
	case VALUE_JSON: /* {"name":VALUE} */
		len = format_json(buf, sizeof(buf), &f, &one);
		text_mem(t, buf + skip + 4, len - skip - 5);
		break;
	case VALUE_TEXT: /* name VALUE */
		len = format_text(buf, sizeof(buf), &f, &one, true);
		text_mem(t, buf + skip + 1, len - skip - 1);
		break;
	}
}

size_t
value_width(const char *p, size_t len)
{
	size_t n = 0;

	for (; len > 0; len--, p++)
		n += ((uint8_t)*p & 0xc0) != 0x80;
	return (n);
}
