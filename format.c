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
#include <time.h>

#include "format.h"

/*
 * A line under construction.  What does not fit is cut; there is always room
 * for the NUL.
 */
struct out {
	char *p;
	char *end; /* of the room for text */
	char *buf;
};

#define DIGITS_MAX 20 /* of a uint64_t */

static void
out_init(struct out *o, char *buf, size_t size)
{
	o->buf = o->p = buf;
	o->end = size == 0 ? buf : buf + size - 1;
}

static size_t
out_done(struct out *o)
{
	*o->p = '\0';
	return ((size_t)(o->p - o->buf));
}

static void
put(struct out *o, const char *s, size_t len)
{
	if (len > (size_t)(o->end - o->p))
		len = (size_t)(o->end - o->p);
	memcpy(o->p, s, len);
	o->p += len;
}

static void
put_str(struct out *o, const char *s)
{
	put(o, s, strlen(s));
}

static void
put_char(struct out *o, char c)
{
	if (o->p < o->end)
		*o->p++ = c;
}

/* At least width digits. */
static void
put_padded(struct out *o, uint64_t v, unsigned int width)
{
	char buf[DIGITS_MAX], *p = buf + sizeof(buf);

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	while (p > buf && (size_t)(buf + sizeof(buf) - p) < width)
		*--p = '0';
	put(o, p, (size_t)(buf + sizeof(buf) - p));
}

static void
put_uint(struct out *o, uint64_t v)
{
	put_padded(o, v, 1);
}

static void
put_sint(struct out *o, int64_t v)
{
	if (v < 0)
		put_char(o, '-');
	put_uint(o, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

/* Digits of one byte or more, without a prefix. */
static void
put_hex(struct out *o, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		put_char(o, digits[p[i] >> 4]);
		put_char(o, digits[p[i] & 15]);
	}
}

static void
put_addr4(struct out *o, const uint8_t *b)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (i > 0)
			put_char(o, '.');
		put_uint(o, b[i]);
	}
}

/* The longest run of two zero words or more, the first of equals. */
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

static void
put_word(struct out *o, uint16_t w)
{
	const uint8_t b[] = {(uint8_t)(w >> 8), (uint8_t)w};
	char buf[4];
	struct out hex = {buf, buf + sizeof(buf), buf};
	size_t skip;

	put_hex(&hex, b, sizeof(b));
	for (skip = 0; skip < 3 && buf[skip] == '0'; skip++)
		;
	put(o, buf + skip, sizeof(buf) - skip);
}

/* RFC 5952, as inet_ntop(3) has it. */
static void
put_addr6(struct out *o, const uint8_t *b)
{
	unsigned int i, run, len;
	uint16_t w[8];

	for (i = 0; i < 8; i++)
		w[i] = be16(b + 2 * i);
	run = zero_run(w, &len);
	for (i = 0; i < 8; i++) {
		if (i == run) {
			put(o, "::", 2);
			i += len - 1;
			continue;
		}
		if (i > 0 && (run == 8 || i != run + len))
			put_char(o, ':');
		/* IPv4-mapped and -compatible addresses. */
		if (i == 6 && run == 0 &&
		    (len == 6 || (len == 5 && w[5] == 0xffff))) {
			put_addr4(o, b + 12);
			break;
		}
		put_word(o, w[i]);
	}
}

static void
put_addr(struct out *o, const struct addr *a)
{
	if (a->family == ADDR_V4)
		put_addr4(o, a->b);
	else if (a->family == ADDR_V6)
		put_addr6(o, a->b);
	else
		put_str(o, "none");
}

/* Year, month and day of a day since 1970-01-01, in the Gregorian calendar. */
static void
put_date(struct out *o, int64_t day)
{
	int64_t era, year;
	unsigned int doe, yoe, doy, mp, month;

	/* Count from 0000-03-01, so that a leap day ends its year. */
	day += 719468;
	era = (day >= 0 ? day : day - 146096) / 146097;
	doe = (unsigned int)(day - era * 146097); /* 0..146096 */
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153; /* 0 is March */
	month = mp < 10 ? mp + 3 : mp - 9;
	year = yoe + era * 400 + (month <= 2);
	if (year < 0) {
		put_char(o, '-');
		year = -year;
	}
	put_padded(o, (uint64_t)year, 4);
	put_char(o, '-');
	put_padded(o, month, 2);
	put_char(o, '-');
	put_padded(o, doy - (153 * mp + 2) / 5 + 1, 2);
}

static void
put_clock(struct out *o, unsigned int hour, unsigned int min, unsigned int sec)
{
	put_char(o, 'T');
	put_padded(o, hour, 2);
	put_char(o, ':');
	put_padded(o, min, 2);
	put_char(o, ':');
	put_padded(o, sec, 2);
}

static void
put_iso_time(struct out *o, int64_t sec, bool utc)
{
	time_t t = (time_t)sec;
	struct tm tm;
	int64_t day;
	unsigned int rest;

	if (!utc && localtime_r(&t, &tm) != NULL) {
		put_padded(o, (uint64_t)(tm.tm_year + 1900), 4);
		put_char(o, '-');
		put_padded(o, (uint64_t)tm.tm_mon + 1, 2);
		put_char(o, '-');
		put_padded(o, (uint64_t)tm.tm_mday, 2);
		put_clock(o, (unsigned int)tm.tm_hour, (unsigned int)tm.tm_min,
		    (unsigned int)tm.tm_sec);
		return;
	}
	day = sec / 86400 - (sec % 86400 < 0);
	rest = (unsigned int)(sec - day * 86400);
	put_date(o, day);
	put_clock(o, rest / 3600, rest / 60 % 60, rest % 60);
}

size_t
format_iso_time(char *buf, size_t size, int64_t sec, bool utc)
{
	struct out o;

	out_init(&o, buf, size);
	put_iso_time(&o, sec, utc);
	return (out_done(&o));
}

static void
put_interval(struct out *o, uint32_t sec)
{
	static const struct {
		uint32_t sec;
		char name;
	} units[] = {
	    {7 * 24 * 60 * 60, 'w'},
	    {24 * 60 * 60, 'd'},
	    {60 * 60, 'h'},
	    {60, 'm'},
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (sec < units[i].sec)
			continue;
		put_uint(o, sec / units[i].sec);
		put_char(o, units[i].name);
		sec %= units[i].sec;
	}
	put_uint(o, sec);
	put_char(o, 's');
}

size_t
format_interval(char *buf, size_t size, uint32_t sec)
{
	struct out o;

	out_init(&o, buf, size);
	put_interval(&o, sec);
	return (out_done(&o));
}

/* Whole seconds towards the past, and the rest. */
static int64_t
split(int64_t ns, uint32_t *frac)
{
	int64_t sec = ns / NSEC_PER_SEC - (ns % NSEC_PER_SEC < 0);

	*frac = (uint32_t)(ns - sec * NSEC_PER_SEC);
	return (sec);
}

/* With as many threes of digits as it needs; UTC says so. */
static void
put_time(struct out *o, int64_t ns, bool utc)
{
	uint32_t frac;

	put_iso_time(o, split(ns, &frac), utc);
	if (frac != 0) {
		put_char(o, '.');
		if (frac % 1000000 == 0)
			put_padded(o, frac / 1000000, 3);
		else if (frac % 1000 == 0)
			put_padded(o, frac / 1000, 6);
		else
			put_padded(o, frac, 9);
	}
	if (utc)
		put_char(o, 'Z');
}

/* A word and a number, as most of the classic line is made of. */
static void
word_uint(struct out *o, const char *word, uint64_t v)
{
	put_str(o, word);
	put_uint(o, v);
	put_char(o, ' ');
}

/* The original prints interfaces as signed numbers. */
static void
word_int(struct out *o, const char *word, uint32_t v)
{
	put_str(o, word);
	put_sint(o, (int32_t)v);
	put_char(o, ' ');
}

static void
word_uptime(struct out *o, const char *word, uint32_t ms)
{
	put_str(o, word);
	put_interval(o, ms / 1000);
	put_char(o, '.');
	put_padded(o, ms % 1000, 3);
	put_char(o, ' ');
}

static void
word_addr(struct out *o, const char *word, const struct addr *a)
{
	put_str(o, word);
	put_char(o, '[');
	put_addr(o, a);
	put_char(o, ']');
}

/* The context of a classic line. */
struct classic {
	const struct flow *f;
	uint32_t show;
	bool utc;
};

static void
classic_recv_time(struct out *o, const struct classic *c)
{
	uint32_t ns;
	int64_t sec = split(c->f->recv_time, &ns);

	put_str(o, "recv_time ");
	put_iso_time(o, sec, c->utc);
	/* Five digits, not six: so did the original. */
	put_char(o, '.');
	put_padded(o, ns / 1000, 5);
	put_char(o, ' ');
}

static void
classic_proto(struct out *o, const struct classic *c)
{
	const uint8_t flags = (uint8_t)c->f->tcp_flags;

	word_uint(o, "proto ", c->f->protocol);
	put_str(o, "tcpflags ");
	put_hex(o, &flags, 1);
	put_str(o, " tos ");
	put_hex(o, &c->f->tos, 1);
	put_char(o, ' ');
}

static void
classic_end(struct out *o, const struct classic *c, const char *word,
    const struct addr *a, uint16_t port)
{
	word_addr(o, word, a);
	if (c->show & STORE_SRCDST_PORT) {
		put_char(o, ':');
		put_uint(o, port);
	}
	put_char(o, ' ');
}

static void
classic_agent_info(struct out *o, const struct classic *c)
{
	uint32_t ns;
	int64_t sec = split(c->f->export_time, &ns);

	word_uptime(o, "sys_uptime_ms ", c->f->sys_uptime);
	put_str(o, "time_sec ");
	put_iso_time(o, sec, c->utc);
	put_char(o, ' ');
	word_uint(o, "time_nanosec ", ns);
	word_uint(o, "netflow ver ", c->f->version);
}

/* Everything up to the counters. */
static void
classic_head(struct out *o, const struct classic *c)
{
	const struct flow *f = c->f;

	if (c->show & STORE_TAG)
		word_uint(o, "tag ", f->tag);
	if (c->show & STORE_RECV_TIME)
		classic_recv_time(o, c);
	if (c->show & STORE_PROTO_FLAGS_TOS)
		classic_proto(o, c);
	if (c->show & STORE_AGENT_ADDR) {
		word_addr(o, "agent ", &f->agent);
		put_char(o, ' ');
	}
	if (c->show & STORE_SRC_ADDR)
		classic_end(o, c, "src ", &f->src_addr, f->src_port);
	if (c->show & STORE_DST_ADDR)
		classic_end(o, c, "dst ", &f->dst_addr, f->dst_port);
	if (c->show & STORE_GATEWAY_ADDR) {
		word_addr(o, "gateway ", &f->next_hop);
		put_char(o, ' ');
	}
}

static void
classic_tail(struct out *o, const struct classic *c)
{
	const struct flow *f = c->f;

	if (c->show & STORE_PACKETS)
		word_uint(o, "packets ", f->packets);
	if (c->show & STORE_OCTETS)
		word_uint(o, "octets ", f->octets);
	if (c->show & STORE_IF_INDICES) {
		word_int(o, "in_if ", f->in_if);
		word_int(o, "out_if ", f->out_if);
	}
	if (c->show & STORE_AGENT_INFO)
		classic_agent_info(o, c);
	if (c->show & STORE_FLOW_TIMES) {
		word_uptime(o, "flow_start ", f->start_uptime);
		word_uptime(o, "flow_finish ", f->end_uptime);
	}
	if (c->show & STORE_AS_INFO) {
		word_uint(o, "src_AS ", f->src_as);
		word_uint(o, "src_masklen ", f->src_mask);
		word_uint(o, "dst_AS ", f->dst_as);
		word_uint(o, "dst_masklen ", f->dst_mask);
	}
	if (c->show & STORE_FLOW_ENGINE_INFO) {
		word_uint(o, "engine_type ", f->engine_type);
		word_uint(o, "engine_id ", f->engine_id);
		word_uint(o, "seq ", f->sequence);
		word_uint(o, "source ", f->source_id);
	}
}

size_t
format_classic(char *buf, size_t size, const struct store_record *rec,
    uint32_t mask, bool utc)
{
	const struct classic c = {&rec->flow, rec->fields & mask, utc};
	const uint8_t crc[] = {(uint8_t)(rec->crc >> 24),
	    (uint8_t)(rec->crc >> 16), (uint8_t)(rec->crc >> 8),
	    (uint8_t)rec->crc};
	struct out o;

	out_init(&o, buf, size);
	put_str(&o, "FLOW ");
	classic_head(&o, &c);
	classic_tail(&o, &c);
	if (c.show & STORE_CRC32) {
		put_str(&o, "crc32 ");
		put_hex(&o, crc, sizeof(crc));
		put_char(&o, ' ');
	}
	return (out_done(&o));
}

const char format_flowtools_header[] =
    "#:unix_secs,unix_nsecs,sysuptime,exaddr,dpkts,doctets,first,last,"
    "engine_type,engine_id,srcaddr,dstaddr,nexthop,input,output,srcport,"
    "dstport,prot,tos,tcp_flags,src_mask,dst_mask,src_as,dst_as";

static void
comma_uint(struct out *o, uint64_t v)
{
	put_uint(o, v);
	put_char(o, ',');
}

static void
comma_addr(struct out *o, const struct addr *a)
{
	if (a->family == ADDR_NONE)
		put_str(o, "(null)");
	else
		put_addr(o, a);
	put_char(o, ',');
}

size_t
format_flowtools(char *buf, size_t size, const struct store_record *rec)
{
	const struct flow *f = &rec->flow;
	struct out o;
	uint32_t ns;

	out_init(&o, buf, size);
	comma_uint(&o, (uint32_t)split(f->export_time, &ns));
	comma_uint(&o, ns);
	comma_uint(&o, f->sys_uptime);
	comma_addr(&o, &f->agent);
	comma_uint(&o, f->packets);
	comma_uint(&o, f->octets);
	comma_uint(&o, f->start_uptime);
	comma_uint(&o, f->end_uptime);
	comma_uint(&o, f->engine_type);
	comma_uint(&o, f->engine_id);
	comma_addr(&o, &f->src_addr);
	comma_addr(&o, &f->dst_addr);
	comma_addr(&o, &f->next_hop);
	comma_uint(&o, f->in_if);
	comma_uint(&o, f->out_if);
	comma_uint(&o, f->src_port);
	comma_uint(&o, f->dst_port);
	comma_uint(&o, f->protocol);
	comma_uint(&o, f->tos);
	comma_uint(&o, (uint8_t)f->tcp_flags);
	comma_uint(&o, f->src_mask);
	comma_uint(&o, f->dst_mask);
	comma_uint(&o, f->src_as);
	put_uint(&o, f->dst_as);
	return (out_done(&o));
}

void
format_columns_all(struct format_columns *cols)
{
	for (cols->n = 0; cols->n < FLOW_NFIELDS; cols->n++)
		cols->col[cols->n] = &fields[cols->n];
}

/* Each field at most once: a column given twice is not known the second time.
 */
static const struct field *
new_column(const struct format_columns *cols, const char *name)
{
	const struct field *fd = field_by_name(name);
	size_t i;

	for (i = 0; fd != NULL && i < cols->n; i++)
		if (cols->col[i] == fd)
			return (NULL);
	return (fd);
}

int
format_columns_parse(struct format_columns *cols, const char *list, char *bad)
{
	struct format_columns c;
	size_t len, n;

	c.n = 0;
	for (;;) {
		len = strcspn(list, ",");
		n = len < 63 ? len : 63;
		memcpy(bad, list, n);
		bad[n] = '\0';
		if (len != n || (c.col[c.n] = new_column(&c, bad)) == NULL)
			return (-1);
		c.n++;
		if (list[len] == '\0')
			break;
		list += len + 1;
	}
	bad[0] = '\0';
	*cols = c;
	return (0);
}

/* How a field of each type is printed. */
static void
print_uint(struct out *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	(void)utc;
	put_uint(o, field_number(f, fd));
}

static void
print_time(struct out *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	const int64_t *t = field_cptr(f, fd);

	put_time(o, *t, utc);
}

static void
print_addr(struct out *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	(void)utc;
	put_addr(o, field_cptr(f, fd));
}

static void
print_mac(struct out *o, const struct flow *f, const struct field *fd, bool utc)
{
	const uint8_t *p = field_cptr(f, fd);
	unsigned int i;

	(void)utc;
	for (i = 0; i < 6; i++) {
		if (i > 0)
			put_char(o, ':');
		put_hex(o, p + i, 1);
	}
}

static void
print_appid(struct out *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	const uint8_t *p = field_cptr(f, fd);

	(void)utc;
	put_hex(o, p + 1, p[0] < FLOW_APPID_MAX ? p[0] : FLOW_APPID_MAX);
}

static void
put_labels(struct out *o, const struct flow *f, const struct field *fd,
    char sep)
{
	const uint32_t *label = field_cptr(f, fd);
	unsigned int i;

	for (i = 0; i < FLOW_MPLS_MAX && label[i] != 0; i++) {
		if (i > 0)
			put_char(o, sep);
		put_uint(o, label[i]);
	}
}

static void
print_labels(struct out *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	(void)utc;
	put_labels(o, f, fd, '/');
}

static void
json_labels(struct out *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	(void)utc;
	put_char(o, '[');
	put_labels(o, f, fd, ',');
	put_char(o, ']');
}

typedef void print_fn(struct out *, const struct flow *, const struct field *,
    bool);

/*
 * None of them prints a character that JSON, CSV or a terminal would want
 * escaped: a type of text would have to bring that along.
 */
static const struct {
	print_fn *print;
	print_fn *json;
	const char *quote; /* around it in JSON */
} printers[FT_MAX] = {
    [FT_U8] = {print_uint, print_uint, ""},
    [FT_U16] = {print_uint, print_uint, ""},
    [FT_U32] = {print_uint, print_uint, ""},
    [FT_U64] = {print_uint, print_uint, ""},
    [FT_TIME] = {print_time, print_time, "\""},
    [FT_ADDR] = {print_addr, print_addr, "\""},
    [FT_MAC] = {print_mac, print_mac, "\""},
    [FT_APPID] = {print_appid, print_appid, "\""},
    [FT_LABELS] = {print_labels, json_labels, ""},
};

size_t
format_json(char *buf, size_t size, const struct flow *f,
    const struct format_columns *cols)
{
	const struct field *fd;
	struct out o;
	size_t i;

	out_init(&o, buf, size);
	for (i = 0; i < cols->n; i++) {
		fd = cols->col[i];
		if (!flow_has(f, fd->bit))
			continue;
		put_str(&o, o.p == o.buf ? "{\"" : ",\"");
		put_str(&o, fd->name);
		put_str(&o, "\":");
		put_str(&o, printers[fd->type].quote);
		printers[fd->type].json(&o, f, fd, true);
		put_str(&o, printers[fd->type].quote);
	}
	put_str(&o, o.p == o.buf ? "{}" : "}");
	return (out_done(&o));
}

size_t
format_csv(char *buf, size_t size, const struct flow *f,
    const struct format_columns *cols)
{
	const struct field *fd;
	struct out o;
	size_t i;

	out_init(&o, buf, size);
	for (i = 0; i < cols->n; i++) {
		fd = cols->col[i];
		if (i > 0)
			put_char(&o, ',');
		if (flow_has(f, fd->bit))
			printers[fd->type].print(&o, f, fd, true);
	}
	return (out_done(&o));
}

size_t
format_csv_header(char *buf, size_t size, const struct format_columns *cols)
{
	struct out o;
	size_t i;

	out_init(&o, buf, size);
	for (i = 0; i < cols->n; i++) {
		if (i > 0)
			put_char(&o, ',');
		put_str(&o, cols->col[i]->name);
	}
	return (out_done(&o));
}

size_t
format_text(char *buf, size_t size, const struct flow *f,
    const struct format_columns *cols, bool utc)
{
	const struct field *fd;
	struct out o;
	size_t i;

	out_init(&o, buf, size);
	for (i = 0; i < cols->n; i++) {
		fd = cols->col[i];
		if (!flow_has(f, fd->bit))
			continue;
		if (o.p != o.buf)
			put_char(&o, ' ');
		put_str(&o, fd->name);
		put_char(&o, ' ');
		printers[fd->type].print(&o, f, fd, utc);
	}
	return (out_done(&o));
}
