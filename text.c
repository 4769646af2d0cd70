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

#include <time.h>

#include "bytes.h"
#include "flow.h"
#include "text.h"

#define DIGITS_MAX 20 /* of a uint64_t */

/* clang-format off */
static const char pairs[] =
	"0001020304050607080910111213141516171819"
	"2021222324252627282930313233343536373839"
	"4041424344454647484950515253545556575859"
	"6061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";
/* clang-format on */

static const char hex[] = "0123456789abcdef";

/* Writes backwards from end; returns where the number begins. */
static inline char *
digits(char *end, uint64_t v)
{
	uint32_t low;

	for (; v > UINT32_MAX; v /= 100)
		memcpy(end -= 2, pairs + v % 100 * 2, 2);
	for (low = (uint32_t)v; low >= 100; low /= 100)
		memcpy(end -= 2, pairs + low % 100 * 2, 2);
	if (low >= 10)
		memcpy(end -= 2, pairs + low * 2, 2);
	else
		*--end = (char)('0' + low);
	return (end);
}

void
text_uint(struct text *t, uint64_t v)
{
	char buf[DIGITS_MAX], *end = buf + sizeof(buf), *p = digits(end, v);

	while (p < end)
		text_char(t, *p++);
}

void
text_padded(struct text *t, uint64_t v, unsigned int width)
{
	char buf[DIGITS_MAX], *end = buf + sizeof(buf), *p = digits(end, v);

	while (p > buf && (size_t)(end - p) < width)
		*--p = '0';
	text_mem(t, p, (size_t)(end - p));
}

/* The two digits of 0..99. */
static inline void
two(struct text *t, unsigned int v)
{
	text_mem(t, pairs + v * 2, 2);
}

void
text_hex(struct text *t, const uint8_t *p, size_t len)
{
	for (; len > 0; len--, p++) {
		text_char(t, hex[*p >> 4]);
		text_char(t, hex[*p & 15]);
	}
}

static void
addr4(struct text *t, const uint8_t *b)
{
	char buf[4 * 4], *p = buf + sizeof(buf);
	unsigned int i;

	for (i = 4; i-- > 0;) {
		*--p = '.';
		p = digits(p, b[i]);
	}
	text_mem(t, p, (size_t)(buf + sizeof(buf) - 1 - p));
}

/* The longest run of two zero words or more, the first of equals; 8 is none. */
static unsigned int
zero_run(const uint16_t *w, unsigned int *len)
{
	unsigned int i, n, best = 8;

	*len = 1;
	for (i = 0; i < 8; i += n + 1) {
		for (n = 0; i + n < 8 && w[i + n] == 0; n++)
			;
		if (n > *len) {
			*len = n;
			best = i;
		}
	}
	return (best);
}

/* No zeros in front. */
static void
word(struct text *t, uint16_t w)
{
	int shift = w > 0xfff ? 12 : w > 0xff ? 8 : w > 0xf ? 4 : 0;

	for (; shift >= 0; shift -= 4)
		text_char(t, hex[w >> shift & 15]);
}

/* RFC 5952. */
static void
addr6(struct text *t, const uint8_t *b)
{
	unsigned int i, run, len;
	uint16_t w[8];

	for (i = 0; i < 8; i++)
		w[i] = be16(b + 2 * i);
	run = zero_run(w, &len);
	for (i = 0; i < 8; i++) {
		if (i == run) {
			text_mem(t, "::", 2);
			i += len - 1;
			continue;
		}
		if (i > 0 && i != run + len)
			text_char(t, ':');
		/* IPv4-mapped and -compatible addresses. */
		if (i == 6 && run == 0 &&
		    (len == 6 || (len == 5 && w[5] == 0xffff))) {
			addr4(t, b + 12);
			break;
		}
		word(t, w[i]);
	}
}

/* The bytes of the UTF-8 character at p (RFC 3629), or 0 if it is none. */
static size_t
utf8(const uint8_t *p, size_t left, uint32_t *c)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least; /* shorter ones say it in fewer bytes */
	} forms[] = {
	    /* clang-format off */
		{ 0x80, 0x00, 0 },
		{ 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 },
	    /* clang-format on */
	};
	size_t i, n;

	for (n = 0; n < 4; n++)
		if ((p[0] & forms[n].mask) == forms[n].lead)
			break;
	if (n == 4 || n >= left)
		return (0);
	*c = p[0] & (uint8_t)~forms[n].mask;
	for (i = 1; i <= n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return (0);
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < forms[n].least || *c > 0x10ffff || *c >> 11 == 0xd800 >> 11)
		return (0);
	return (n + 1);
}

/* Not what commands a terminal, has no width, or turns the line around. */
static bool
printable(uint32_t c)
{
	static const struct {
		uint32_t lo, hi;
	} not [] = {
	    /* clang-format off */
		{ 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad },
		{ 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, 0x10ffff },
	    /* clang-format on */
	};
	size_t i;

	for (i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
		if (c >= not [i].lo && c <= not [i].hi)
			return (false);
	return (true);
}

static void
escape16(struct text *t, uint32_t c)
{
	const uint8_t b[] = {(uint8_t)(c >> 8), (uint8_t)c};

	text_str(t, "\\u");
	text_hex(t, b, sizeof(b));
}

static void
escape(struct text *t, uint32_t c)
{
	if (c > 0xffff) {
		escape16(t, 0xd800 | (c - 0x10000) >> 10);
		c = 0xdc00 | (c & 0x3ff);
	}
	escape16(t, c);
}

/* In quotes; before those inside stands a \ or a second one. */
static void
quoted(struct text *t, const char *s, size_t len, char before)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t n;
	uint32_t c;

	for (; len > 0; p += n, len -= n) {
		if ((n = utf8(p, len, &c)) == 0) {
			n = 1;
			escape(t, *p);
		} else if (!printable(c))
			escape(t, c);
		else {
			if (c == '"' || (c == '\\' && before == '\\'))
				text_char(t, before);
			text_mem(t, (const char *)p, n);
		}
	}
	text_char(t, '"');
}

void
text_quoted(struct text *t, const char *p, size_t len)
{
	text_char(t, '"');
	quoted(t, p, len, '\\');
}

void
text_csv(struct text *t, const char *p, size_t len)
{
	text_char(t, '"');
	if (len > 0 && strchr("=+-@", *p) != NULL && *p != '\0')
		text_char(t, '\'');
	quoted(t, p, len, '"');
}

void
text_addr(struct text *t, const struct addr *a)
{
	if (a->family == ADDR_V4)
		addr4(t, a->b);
	else if (a->family == ADDR_V6)
		addr6(t, a->b);
	else
		text_str(t, "none");
}

int64_t
text_seconds(int64_t ns, uint32_t *frac)
{
	int64_t rest = ns % NSEC_PER_SEC;

	*frac = (uint32_t)(rest < 0 ? rest + NSEC_PER_SEC : rest);
	return (ns / NSEC_PER_SEC - (rest < 0));
}

static void
date(struct text *t, int64_t year, unsigned int month, unsigned int day)
{
	if (year < 0)
		text_char(t, '-');
	text_padded(t, (uint64_t)(year < 0 ? -year : year), 4);
	text_char(t, '-');
	two(t, month);
	text_char(t, '-');
	two(t, day);
}

static void
clock_time(struct text *t, unsigned int hour, unsigned int min,
    unsigned int sec)
{
	text_char(t, 'T');
	two(t, hour);
	text_char(t, ':');
	two(t, min);
	text_char(t, ':');
	two(t, sec);
}

/* The date of a day since 1970-01-01, in the Gregorian calendar. */
static void
utc_date(struct text *t, int64_t day)
{
	unsigned int doe, yoe, doy, month;
	int64_t era;

	/*
	 * Count from 0000-03-01, so that a leap day ends its year, in eras
	 * of 400 years, which are all of a length.
	 */
	day += 719468;
	era = (day >= 0 ? day : day - 146096) / 146097;
	doe = (unsigned int)(day - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	month = (5 * doy + 2) / 153; /* 0 is March */
	date(t, era * 400 + yoe + (month >= 10),
	    month < 10 ? month + 3 : month - 9,
	    doy - (153 * month + 2) / 5 + 1);
}

void
text_iso_time(struct text *t, int64_t sec, bool utc)
{
	time_t when = (time_t)sec;
	struct tm tm;
	unsigned int rest;
	int64_t day;

	if (!utc && localtime_r(&when, &tm) != NULL) {
		date(t, (int64_t)tm.tm_year + 1900, (unsigned int)tm.tm_mon + 1,
		    (unsigned int)tm.tm_mday);
		clock_time(t, (unsigned int)tm.tm_hour, (unsigned int)tm.tm_min,
		    (unsigned int)tm.tm_sec);
		return;
	}
	day = sec / 86400 - (sec % 86400 < 0);
	rest = (unsigned int)(sec % 86400 + (sec % 86400 < 0 ? 86400 : 0));
	utc_date(t, day);
	clock_time(t, rest / 3600, rest / 60 % 60, rest % 60);
}

void
text_time(struct text *t, int64_t ns, bool utc)
{
	uint32_t frac;

	text_iso_time(t, text_seconds(ns, &frac), utc);
	if (frac != 0) {
		text_char(t, '.');
		if (frac % 1000000 == 0)
			text_padded(t, frac / 1000000, 3);
		else if (frac % 1000 == 0)
			text_padded(t, frac / 1000, 6);
		else
			text_padded(t, frac, 9);
	}
	if (utc)
		text_char(t, 'Z');
}

void
text_interval(struct text *t, uint32_t sec)
{
	static const struct {
		uint32_t sec;
		char name;
	} units[] = {
	    /* clang-format off */
		{ 7 * 24 * 60 * 60, 'w' },
		{ 24 * 60 * 60, 'd' },
		{ 60 * 60, 'h' },
		{ 60, 'm' },
	    /* clang-format on */
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (sec < units[i].sec)
			continue;
		text_uint(t, sec / units[i].sec);
		text_char(t, units[i].name);
		sec %= units[i].sec;
	}
	text_uint(t, sec);
	text_char(t, 's');
}
