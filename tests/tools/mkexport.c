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
 * mkexport [file]: flow export datagrams out of a readable description.
 *
 *	exporter 192.0.2.1
 *	v5 seq=1 uptime=1000 time=1700000000.500000000 engine_type=1
 *	flow src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 proto=6 packets=1
 *
 *	v9 seq=1 uptime=1000 time=1700000000 source=7
 *	template 256 8:4 12:4 2:4 1:4
 *	record 256 10.0.0.1 10.0.0.2 1 40
 *
 *	ipfix seq=0 time=1700000000 domain=7
 *	template 300 8:4 1:8 9.12235:v
 *	options 301 149:4 / 34:4
 *	record 300 10.0.0.1 1000 "text"
 *	withdraw 300
 *	set 5 x:00112233
 *	raw x:00
 *
 *	sflow agent=192.0.2.1 subagent=0 seq=1 uptime=1000
 *	sample 1 source=7 rate=400 in=1 out=2
 *	part 1 1 64 4 x:0211...
 *	part 1002 10.0.0.254 24 16
 *
 * Headers begin a datagram.  Elements are ID:LENGTH or PEN.ID:LENGTH, v for a
 * variable length; of an options template, the scope stands before the /.
 * Values are numbers, addresses, MACs, "text" without blanks or x:HEX bytes.
 * In a part of a sample, a number has four bytes, an address its type in front,
 * and text or bytes their length.
 * Records of one template that follow each other share a set.  What a header
 * would compute (count, length) can be given, to be wrong on purpose; pad=0
 * leaves out the padding of sets.
 *
 * Writes hex, a blank line after each datagram; "@address" is its exporter.
 * flowsend reads that.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define DATAGRAM_MAX 65535
#define WORDS_MAX 256
#define ELEMENTS_MAX 128
#define TEMPLATES_MAX 64
#define VARLEN 65535

enum kind { NONE, V1, V5, V7, V9, IPFIX, SFLOW };

struct member {
	const char *name;
	size_t off;
	size_t width;
};

struct layout {
	const char *name;
	enum kind kind;
	uint16_t version;
	size_t hdrlen;
	size_t reclen;
	const struct member *header;
	const struct member *record;
};

/* clang-format off */
static const struct member hdr_v1[] = {
	{ "count", 2, 2 }, { "uptime", 4, 4 }, { "sec", 8, 4 },
	{ "nsec", 12, 4 }, { NULL, 0, 0 },
};

static const struct member hdr_v5[] = {
	{ "count", 2, 2 }, { "uptime", 4, 4 }, { "sec", 8, 4 },
	{ "nsec", 12, 4 }, { "seq", 16, 4 }, { "engine_type", 20, 1 },
	{ "engine_id", 21, 1 }, { "sampling", 22, 2 }, { NULL, 0, 0 },
};

static const struct member hdr_v7[] = {
	{ "count", 2, 2 }, { "uptime", 4, 4 }, { "sec", 8, 4 },
	{ "nsec", 12, 4 }, { "seq", 16, 4 }, { "reserved", 20, 4 },
	{ NULL, 0, 0 },
};

static const struct member hdr_v9[] = {
	{ "count", 2, 2 }, { "uptime", 4, 4 }, { "sec", 8, 4 },
	{ "seq", 12, 4 }, { "source", 16, 4 }, { NULL, 0, 0 },
};

static const struct member hdr_ipfix[] = {
	{ "length", 2, 2 }, { "sec", 4, 4 }, { "seq", 8, 4 },
	{ "domain", 12, 4 }, { NULL, 0, 0 },
};

static const struct member rec_v1[] = {
	{ "src", 0, 4 }, { "dst", 4, 4 }, { "next", 8, 4 }, { "in", 12, 2 },
	{ "out", 14, 2 }, { "packets", 16, 4 }, { "octets", 20, 4 },
	{ "first", 24, 4 }, { "last", 28, 4 }, { "sport", 32, 2 },
	{ "dport", 34, 2 }, { "proto", 38, 1 }, { "tos", 39, 1 },
	{ "flags", 40, 1 }, { NULL, 0, 0 },
};

static const struct member rec_v5[] = {
	{ "src", 0, 4 }, { "dst", 4, 4 }, { "next", 8, 4 }, { "in", 12, 2 },
	{ "out", 14, 2 }, { "packets", 16, 4 }, { "octets", 20, 4 },
	{ "first", 24, 4 }, { "last", 28, 4 }, { "sport", 32, 2 },
	{ "dport", 34, 2 }, { "pad", 36, 1 }, { "flags", 37, 1 },
	{ "proto", 38, 1 }, { "tos", 39, 1 }, { "src_as", 40, 2 },
	{ "dst_as", 42, 2 }, { "src_mask", 44, 1 }, { "dst_mask", 45, 1 },
	{ NULL, 0, 0 },
};

static const struct member rec_v7[] = {
	{ "src", 0, 4 }, { "dst", 4, 4 }, { "next", 8, 4 }, { "in", 12, 2 },
	{ "out", 14, 2 }, { "packets", 16, 4 }, { "octets", 20, 4 },
	{ "first", 24, 4 }, { "last", 28, 4 }, { "sport", 32, 2 },
	{ "dport", 34, 2 }, { "valid", 36, 1 }, { "flags", 37, 1 },
	{ "proto", 38, 1 }, { "tos", 39, 1 }, { "src_as", 40, 2 },
	{ "dst_as", 42, 2 }, { "src_mask", 44, 1 }, { "dst_mask", 45, 1 },
	{ "valid2", 46, 2 }, { "router", 48, 4 }, { NULL, 0, 0 },
};

static const struct member hdr_sflow[] = {
	{ "agent", 8, 4 }, { "subagent", 12, 4 }, { "seq", 16, 4 },
	{ "uptime", 20, 4 }, { "count", 24, 4 }, { NULL, 0, 0 },
};

static const struct member sample_flow[] = {
	{ "length", 4, 4 }, { "seq", 8, 4 }, { "source", 12, 4 },
	{ "rate", 16, 4 }, { "pool", 20, 4 }, { "drops", 24, 4 },
	{ "in", 28, 4 }, { "out", 32, 4 }, { "count", 36, 4 }, { NULL, 0, 0 },
};

static const struct member sample_counters[] = {
	{ "length", 4, 4 }, { "seq", 8, 4 }, { "source", 12, 4 },
	{ "count", 16, 4 }, { NULL, 0, 0 },
};

static const struct member sample_expanded[] = {
	{ "length", 4, 4 }, { "seq", 8, 4 }, { "class", 12, 4 },
	{ "source", 16, 4 }, { "rate", 20, 4 }, { "pool", 24, 4 },
	{ "drops", 28, 4 }, { "in_format", 32, 4 }, { "in", 36, 4 },
	{ "out_format", 40, 4 }, { "out", 44, 4 }, { "count", 48, 4 },
	{ NULL, 0, 0 },
};

static const struct member sample_discarded[] = {
	{ "length", 4, 4 }, { "seq", 8, 4 }, { "class", 12, 4 },
	{ "source", 16, 4 }, { "drops", 20, 4 }, { "in", 24, 4 },
	{ "out", 28, 4 }, { "reason", 32, 4 }, { "count", 36, 4 },
	{ NULL, 0, 0 },
};

static const struct member sample_other[] = {
	{ "length", 4, 4 }, { NULL, 0, 0 },
};

/* By format. */
static const struct member *const samples[] = {
	sample_other, sample_flow, sample_counters, sample_expanded,
	sample_other, sample_discarded,
};

static const struct layout layouts[] = {
	{ "v1", V1, 1, 16, 48, hdr_v1, rec_v1 },
	{ "v5", V5, 5, 24, 48, hdr_v5, rec_v5 },
	{ "v7", V7, 7, 24, 52, hdr_v7, rec_v7 },
	{ "v9", V9, 9, 20, 0, hdr_v9, NULL },
	{ "ipfix", IPFIX, 10, 16, 0, hdr_ipfix, NULL },
	{ "sflow", SFLOW, 5, 28, 0, hdr_sflow, NULL },
};
/* clang-format on */

struct template
{
	uint16_t id;
	size_t n;
	uint16_t len[ELEMENTS_MAX];
};

static struct {
	const char *name;
	long line;
	const struct layout *layout; /* NULL: no datagram begun */
	uint8_t buf[DATAGRAM_MAX];
	size_t len;
	size_t set;	 /* where the open set begins, 0: none */
	uint16_t set_id; /* of it */
	size_t sample;	 /* likewise the open sample of sFlow */
	size_t parts_at; /* where its count is, */
	uint16_t parts;	 /* and that */
	bool parts_given;
	uint16_t count; /* of records, templates too */
	bool count_given;
	bool length_given;
	bool pad;
	char exporter[64];
	size_t ntemplates;
	struct template templates[TEMPLATES_MAX];
} st;

static void __attribute__((__noreturn__, __format__(__printf__, 1, 2)))
bad(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%ld: ", st.name, st.line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static uint64_t
number(const char *s)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(s, &end, 0);
	if (errno != 0 || end == s || *end != '\0' || *s == '-')
		bad("not a number: %s", s);
	return (v);
}

/* Big endian, at off. */
static void
put(size_t off, size_t width, uint64_t v)
{
	size_t i;

	if (width < 8 && v >> (8 * width) != 0)
		bad("%llu does not fit in %zu bytes", (unsigned long long)v,
		    width);
	if (off + width > sizeof(st.buf))
		bad("the datagram is too long");
	for (i = 0; i < width; i++)
		st.buf[off + i] =
		    i + 8 < width ? 0 : (uint8_t)(v >> (8 * (width - 1 - i)));
}

static void
append(size_t width, uint64_t v)
{
	put(st.len, width, v);
	st.len += width;
}

static void
append_bytes(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		append(1, p[i]);
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *p;

	if (c == '\0' ||
	    (p = strchr(digits, tolower((unsigned char)c))) == NULL)
		bad("not hex");
	return ((int)(p - digits));
}

/* The bytes of a value that is no number, in out; 0: it is one. */
static size_t
value_bytes(const char *s, uint8_t *out, size_t size)
{
	unsigned int mac[6];
	size_t i, n = strlen(s);

	if (strncmp(s, "x:", 2) == 0) {
		for (i = 0, s += 2; s[i * 2] != '\0' && i < size; i++)
			out[i] = (uint8_t)(hex_digit(s[i * 2]) << 4 |
			    hex_digit(s[i * 2 + 1]));
		return (i);
	}
	if (n >= 2 && s[0] == '"' && s[n - 1] == '"' && n - 2 <= size) {
		memcpy(out, s + 1, n - 2);
		return (n - 2);
	}
	if (n == 17 &&
	    sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x", &mac[0], &mac[1], &mac[2],
		&mac[3], &mac[4], &mac[5]) == 6) {
		for (i = 0; i < 6; i++)
			out[i] = (uint8_t)mac[i];
		return (6);
	}
	if (inet_pton(AF_INET, s, out) == 1)
		return (4);
	if (inet_pton(AF_INET6, s, out) == 1)
		return (16);
	return (0);
}

static void
put_value(size_t off, size_t width, const char *s)
{
	uint8_t b[16];
	size_t i, n;

	if ((n = value_bytes(s, b, sizeof(b))) == 0) {
		put(off, width, number(s));
		return;
	}
	if (n != width)
		bad("%s has %zu bytes, not %zu", s, n, width);
	for (i = 0; i < n; i++)
		put(off + i, 1, b[i]);
}

/* A data field. */
static void
append_value(uint16_t len, const char *s)
{
	static uint8_t b[DATAGRAM_MAX];
	size_t n;

	n = value_bytes(s, b, sizeof(b));
	if (len == VARLEN) {
		if (n == 0 && strcmp(s, "\"\"") != 0 && strcmp(s, "x:") != 0)
			bad("%s: a variable length takes bytes", s);
		if (n < 255)
			append(1, n);
		else {
			append(1, 255);
			append(2, n);
		}
		append_bytes(b, n);
	} else if (n > 0) {
		if (n > len)
			bad("%s has %zu bytes, not %u", s, n, len);
		append_bytes(b, n);
		/* Text is filled up with NULs. */
		for (; n < len; n++)
			append(1, 0);
	} else
		append(len, number(s));
}

static void
close_set(void)
{
	if (st.set == 0)
		return;
	while (st.pad && (st.len - st.set) % 4 != 0)
		append(1, 0);
	put(st.set + 2, 2, st.len - st.set);
	st.set = 0;
}

static void
close_sample(void)
{
	if (st.sample == 0)
		return;
	if (!st.length_given)
		put(st.sample + 4, 4, st.len - st.sample - 8);
	if (!st.parts_given)
		put(st.parts_at, 4, st.parts);
	st.sample = 0;
}

static void
open_set(uint16_t id)
{
	if (st.layout == NULL ||
	    (st.layout->kind != V9 && st.layout->kind != IPFIX))
		bad("sets are for v9 and ipfix");
	if (st.set != 0 && st.set_id == id)
		return;
	close_set();
	st.set = st.len;
	st.set_id = id;
	append(2, id);
	append(2, 0);
}

static void
finish(void)
{
	size_t i;

	if (st.len == 0)
		return;
	close_set();
	close_sample();
	if (st.layout != NULL && st.layout->kind == IPFIX && !st.length_given)
		put(2, 2, st.len);
	if (st.layout != NULL && st.layout->kind == SFLOW && !st.count_given)
		put(24, 4, st.count);
	if (st.layout != NULL && st.layout->kind < IPFIX && !st.count_given)
		put(2, 2, st.count);
	if (st.exporter[0] != '\0')
		printf("@%s\n", st.exporter);
	for (i = 0; i < st.len; i++)
		printf("%02x%s", st.buf[i],
		    i + 1 == st.len || i % 32 == 31 ? "\n" : "");
	putchar('\n');
	st.layout = NULL;
	st.len = 0;
	st.count = 0;
}

/* name=value into a table's member. */
static void
set_member(const struct member *m, size_t base, char *word)
{
	char *eq = strchr(word, '=');

	if (eq == NULL)
		bad("name=value expected, not %s", word);
	*eq = '\0';
	for (; m->name != NULL; m++) {
		if (strcmp(m->name, word) == 0) {
			put_value(base + m->off, m->width, eq + 1);
			return;
		}
	}
	bad("no member %s here", word);
}

static void
header_word(char *word)
{
	char *dot;

	if (strcmp(word, "pad=0") == 0) {
		st.pad = false;
		return;
	}
	st.count_given |= strncmp(word, "count=", 6) == 0;
	st.length_given |= strncmp(word, "length=", 7) == 0;
	if (strncmp(word, "time=", 5) == 0) {
		char sec[64], nsec[64];

		if ((dot = strchr(word, '.')) != NULL) {
			*dot++ = '\0';
			if (strlen(dot) != 9)
				bad("nine digits after the point");
			/* Not octal. */
			dot += strspn(dot, "0");
			snprintf(nsec, sizeof(nsec), "nsec=%s",
			    *dot == '\0' ? "0" : dot);
			set_member(st.layout->header, 0, nsec);
		}
		snprintf(sec, sizeof(sec), "sec=%s", word + 5);
		set_member(st.layout->header, 0, sec);
		return;
	}
	set_member(st.layout->header, 0, word);
}

static void
begin(const struct layout *layout, char **word)
{
	finish();
	st.layout = layout;
	st.len = layout->hdrlen;
	st.count_given = st.length_given = false;
	st.pad = true;
	memset(st.buf, 0, st.len);
	put(0, layout->kind == SFLOW ? 4 : 2, layout->version);
	if (layout->kind == SFLOW)
		put(4, 4, 1); /* the agent has an IPv4 address */
	for (; *word != NULL; word++)
		header_word(*word);
}

static void
do_flow(char **word)
{
	size_t base = st.len;

	if (st.layout == NULL || st.layout->record == NULL)
		bad("flow is for v1, v5 and v7");
	if (base + st.layout->reclen > sizeof(st.buf))
		bad("the datagram is too long");
	memset(st.buf + base, 0, st.layout->reclen);
	st.len += st.layout->reclen;
	st.count++;
	for (; *word != NULL; word++)
		set_member(st.layout->record, base, *word);
}

static struct template *
template_find(uint16_t id)
{
	size_t i;

	for (i = st.ntemplates; i > 0; i--)
		if (st.templates[i - 1].id == id)
			return (&st.templates[i - 1]);
	return (NULL);
}

static struct template *
template_new(uint16_t id)
{
	struct template *t = template_find(id);

	if (t == NULL) {
		if (st.ntemplates == TEMPLATES_MAX)
			bad("more than %d templates", TEMPLATES_MAX);
		t = &st.templates[st.ntemplates++];
	}
	t->id = id;
	t->n = 0;
	return (t);
}

/* [PEN.]ID:LENGTH */
static void
append_element(struct template *t, char *word)
{
	char *colon = strchr(word, ':'), *dot = strchr(word, '.');
	uint64_t id;

	if (colon == NULL || t->n == ELEMENTS_MAX)
		bad("[pen.]id:length expected, not %s", word);
	*colon = '\0';
	id = number(dot != NULL ? dot + 1 : word);
	t->len[t->n] =
	    strcmp(colon + 1, "v") == 0 ? VARLEN : (uint16_t)number(colon + 1);
	if (dot != NULL && st.layout->kind != IPFIX)
		bad("enterprise elements are for ipfix");
	append(2, dot != NULL ? id | 0x8000 : id);
	append(2, t->len[t->n++]);
	if (dot != NULL) {
		*dot = '\0';
		append(4, number(word));
	}
}

static uint16_t
id_of(const char *word)
{
	uint64_t v;

	if (word == NULL || (v = number(word)) > 65535)
		bad("an id expected");
	return ((uint16_t)v);
}

static void
do_template(char **word)
{
	struct template *t = template_new(id_of(*word));
	size_t at;

	open_set(st.layout != NULL && st.layout->kind == V9 ? 0 : 2);
	append(2, t->id);
	at = st.len;
	append(2, 0);
	while (*++word != NULL)
		append_element(t, *word);
	put(at, 2, t->n);
	st.count++;
}

static void
do_options(char **word)
{
	struct template *t = template_new(id_of(*word));
	size_t at, nscope = 0;
	bool v9 = st.layout != NULL && st.layout->kind == V9;

	open_set(v9 ? 1 : 3);
	append(2, t->id);
	at = st.len;
	append(4, 0);
	while (*++word != NULL) {
		if (strcmp(*word, "/") == 0)
			nscope = t->n;
		else
			append_element(t, *word);
	}
	/* v9 counts the bytes of scope and options, ipfix the fields. */
	put(at, 2, v9 ? nscope * 4 : t->n);
	put(at + 2, 2, v9 ? (t->n - nscope) * 4 : nscope);
	st.count++;
}

static void
do_record(char **word)
{
	const struct template *t;
	size_t i;

	if ((t = template_find(id_of(*word))) == NULL)
		bad("no template %s", *word);
	open_set(t->id);
	for (i = 0; i < t->n; i++) {
		if (*++word == NULL)
			bad("template %u has %zu fields", t->id, t->n);
		append_value(t->len[i], *word);
	}
	if (*++word != NULL)
		bad("template %u has only %zu fields", t->id, t->n);
	st.count++;
}

static void
do_withdraw(char **word)
{
	open_set(2);
	append(2, id_of(*word));
	append(2, 0);
}

/* Bytes as they are, in a set or without. */
static void
do_raw(char **word)
{
	static uint8_t b[DATAGRAM_MAX];

	for (; *word != NULL; word++)
		append_bytes(b, value_bytes(*word, b, sizeof(b)));
}

static void
do_set(char **word)
{
	close_set();
	open_set(id_of(*word));
	do_raw(word + 1);
	close_set();
}

static void
do_sample(char **word)
{
	const struct member *m = sample_other, *last;
	uint64_t format;

	if (st.layout == NULL || st.layout->kind != SFLOW || *word == NULL)
		bad("sample FORMAT, in a datagram of sflow");
	close_sample();
	format = number(*word++);
	if (format < sizeof(samples) / sizeof(samples[0]))
		m = samples[format];
	st.sample = st.len;
	st.parts = 0;
	st.parts_given = m == sample_other;
	st.length_given = false;
	append(4, format);
	append(4, 0);
	for (last = m; last->name != NULL; last++)
		st.parts_at = st.sample + last->off;
	for (; last > m + 1; last--)
		append(4, 0);
	for (; *word != NULL; word++) {
		st.length_given |= strncmp(*word, "length=", 7) == 0;
		st.parts_given |= strncmp(*word, "count=", 6) == 0;
		set_member(m, st.sample, *word);
	}
	st.count++;
}

/* As XDR has it. */
static void
append_xdr(const char *s)
{
	static uint8_t b[DATAGRAM_MAX];
	size_t n = value_bytes(s, b, sizeof(b));

	if (n == 0 && strcmp(s, "x:") != 0 && strcmp(s, "\"\"") != 0) {
		append(4, number(s));
		return;
	}
	if (s[0] == 'x' || s[0] == '"')
		append(4, n);
	else if (n != 6)
		append(4, n == 4 ? 1 : 2);
	append_bytes(b, n);
	while (n++ % 4 != 0)
		append(1, 0);
}

/* A record of a sample; length=N in front of it is for a wrong one. */
static void
do_part(char **word)
{
	size_t at;
	const char *given = NULL;

	if (st.sample == 0 || *word == NULL)
		bad("part FORMAT, in a sample");
	append(4, number(*word++));
	at = st.len;
	append(4, 0);
	if (*word != NULL && strncmp(*word, "length=", 7) == 0)
		given = *word++ + 7;
	for (; *word != NULL; word++)
		append_xdr(*word);
	put(at, 4, given != NULL ? number(given) : st.len - at - 4);
	st.parts++;
}

static void
do_exporter(char **word)
{
	finish();
	if (*word == NULL || strlen(*word) >= sizeof(st.exporter))
		bad("an address expected");
	snprintf(st.exporter, sizeof(st.exporter), "%s", *word);
}

/* Copies of all that the datagram has after its header. */
static void
do_repeat(char **word)
{
	uint64_t i, n;
	size_t len;

	if (*word == NULL || st.layout == NULL)
		bad("repeat N, in a datagram");
	close_set();
	n = number(*word);
	len = st.len - st.layout->hdrlen;
	for (i = 1; i < n; i++)
		append_bytes(st.buf + st.layout->hdrlen, len);
	st.count = (uint16_t)(st.count * n);
}

/* clang-format off */
static const struct {
	const char *name;
	void (*fn)(char **);
} verbs[] = {
	{ "exporter", do_exporter },
	{ "flow",     do_flow },
	{ "options",  do_options },
	{ "part",     do_part },
	{ "raw",      do_raw },
	{ "record",   do_record },
	{ "repeat",   do_repeat },
	{ "sample",   do_sample },
	{ "set",      do_set },
	{ "template", do_template },
	{ "withdraw", do_withdraw },
};
/* clang-format on */

static void
do_line(char **word)
{
	size_t i;

	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (strcmp(layouts[i].name, word[0]) == 0) {
			begin(&layouts[i], word + 1);
			return;
		}
	}
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, word[0]) == 0) {
			verbs[i].fn(word + 1);
			return;
		}
	}
	bad("what is %s?", word[0]);
}

static void
read_lines(FILE *fp)
{
	char *line = NULL, *p, *w, *word[WORDS_MAX + 1];
	size_t n, size = 0;

	while (getline(&line, &size, fp) != -1) {
		st.line++;
		line[strcspn(line, "#\n")] = '\0';
		p = line;
		n = 0;
		while ((w = strsep(&p, " \t\r")) != NULL) {
			if (*w == '\0')
				continue;
			if (n == WORDS_MAX)
				bad("more than %d words", WORDS_MAX);
			word[n++] = w;
		}
		word[n] = NULL;
		if (n > 0)
			do_line(word);
	}
	if (ferror(fp))
		err(1, "%s", st.name);
	free(line);
	finish();
}

int
main(int argc, char *argv[])
{
	FILE *fp = stdin;

	if (argc > 2)
		errx(2, "usage: mkexport [file]");
	st.name = argc == 2 ? argv[1] : "stdin";
	if (argc == 2 && (fp = fopen(argv[1], "r")) == NULL)
		err(1, "%s", argv[1]);
	read_lines(fp);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "stdout");
	return (0);
}
