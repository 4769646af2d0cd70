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
 * A small program is read as what exporters do: it makes datagrams that are
 * well formed, and knows which templates they taught.
 */

#ifndef FUZZ_EXPORTER_H
#define FUZZ_EXPORTER_H

#include "bytes.h"
#include "netflow.h"
#include "tests/fuzz/check.h"

#define EXPORTERS 6
#define DOMAINS 2 /* of each, for v9 and IPFIX */
#define IDS 5	  /* templates of a domain */
#define FIELDS 16
#define SETS 8
#define STREAMS 32 /* numberings of an exporter */
#define PACKET_MAX 8192

struct xfield {
	uint32_t pen;
	uint16_t id;
	uint16_t len;
};

struct xtemplate {
	bool known;
	bool options;
	uint16_t nscope;
	uint16_t n;
	uint32_t sent; /* the number of the datagram */
	uint32_t minlen;
	struct xfield f[FIELDS];
};

/* A set of flows that has to come out. */
struct expect {
	struct xtemplate t;
	size_t at;
	unsigned int records;
};

struct stream {
	uint32_t seq;
	bool disorderly; /* it did not always say what it should */
};

struct gen {
	struct rd in;
	uint64_t rnd;
	uint32_t number; /* of the datagram, from 1 */
	uint32_t doubt;	 /* what was taught up to here may be forgotten */
	bool small;	 /* limits are */
	int64_t now;
	uint32_t clock; /* of exporters, against it */
	struct xtemplate t[EXPORTERS][2][DOMAINS][IDS];
	struct stream stream[EXPORTERS][STREAMS];
	/* The datagram. */
	unsigned int who;
	unsigned int dom;
	uint16_t version;
	struct stream *s;
	bool early; /* has data that come before their template */
	bool exact; /* what comes of it is known: */
	uint32_t flows;
	uint32_t options;
	uint32_t unknown; /* sets of no template */
	uint32_t counted; /* how far its number takes the next */
	unsigned int nsets;
	struct expect set[SETS];
	bool full;
	size_t len;
	uint8_t b[PACKET_MAX];
};

/* clang-format off */
static const struct xfield known[] = {
	{ 0, 1, 4 }, { 0, 2, 4 }, { 0, 3, 4 }, { 0, 4, 1 }, { 0, 5, 1 },
	{ 0, 6, 1 }, { 0, 7, 2 }, { 0, 8, 4 }, { 0, 9, 1 }, { 0, 10, 4 },
	{ 0, 11, 2 }, { 0, 12, 4 }, { 0, 13, 1 }, { 0, 14, 4 }, { 0, 15, 4 },
	{ 0, 16, 4 }, { 0, 17, 4 }, { 0, 18, 4 }, { 0, 21, 4 }, { 0, 22, 4 },
	{ 0, 23, 8 }, { 0, 24, 8 }, { 0, 27, 16 }, { 0, 28, 16 },
	{ 0, 29, 1 }, { 0, 30, 1 }, { 0, 31, 3 }, { 0, 32, 2 }, { 0, 34, 4 },
	{ 0, 35, 1 }, { 0, 44, 4 }, { 0, 45, 4 }, { 0, 48, 1 }, { 0, 49, 1 },
	{ 0, 50, 4 }, { 0, 52, 1 }, { 0, 53, 1 }, { 0, 54, 4 }, { 0, 55, 1 },
	{ 0, 56, 6 }, { 0, 57, 6 }, { 0, 58, 2 }, { 0, 59, 2 }, { 0, 61, 1 },
	{ 0, 62, 16 }, { 0, 70, 3 }, { 0, 71, 3 }, { 0, 79, 3 }, { 0, 80, 6 },
	{ 0, 81, 6 }, { 0, 82, 16 }, { 0, 83, 32 }, { 0, 85, 8 }, { 0, 86, 8 },
	{ 0, 88, 2 }, { 0, 89, 1 }, { 0, 94, 40 }, { 0, 95, 4 }, { 0, 96, 24 },
	{ 0, 98, 1 }, { 0, 102, 2 }, { 0, 103, 2 }, { 0, 104, 64 },
	{ 0, 128, 4 }, { 0, 129, 4 }, { 0, 130, 4 }, { 0, 131, 16 },
	{ 0, 136, 1 }, { 0, 139, 2 }, { 0, 145, 2 }, { 0, 148, 8 },
	{ 0, 149, 4 }, { 0, 150, 4 }, { 0, 151, 4 }, { 0, 152, 8 },
	{ 0, 153, 8 }, { 0, 154, 8 }, { 0, 155, 8 }, { 0, 156, 8 },
	{ 0, 157, 8 }, { 0, 158, 4 }, { 0, 159, 4 }, { 0, 160, 8 },
	{ 0, 161, 4 }, { 0, 162, 4 }, { 0, 169, 16 }, { 0, 170, 16 },
	{ 0, 176, 1 }, { 0, 177, 1 }, { 0, 180, 2 }, { 0, 183, 2 },
	{ 0, 190, 2 }, { 0, 192, 1 }, { 0, 195, 1 }, { 0, 197, 1 },
	{ 0, 210, 3 }, { 0, 224, 8 }, { 0, 225, 4 }, { 0, 226, 4 },
	{ 0, 227, 2 }, { 0, 228, 2 }, { 0, 230, 1 }, { 0, 231, 8 },
	{ 0, 232, 8 }, { 0, 233, 1 }, { 0, 234, 4 }, { 0, 235, 4 },
	{ 0, 236, 32 }, { 0, 243, 2 }, { 0, 245, 2 }, { 0, 252, 4 },
	{ 0, 253, 4 }, { 0, 254, 2 }, { 0, 255, 2 }, { 0, 256, 2 },
	{ 0, 281, 16 }, { 0, 282, 16 }, { 0, 291, 65535 }, { 0, 292, 65535 },
	{ 0, 293, 65535 }, { 0, 298, 8 }, { 0, 299, 8 }, { 0, 302, 8 },
	{ 0, 304, 2 }, { 0, 305, 4 }, { 0, 306, 4 }, { 0, 307, 4 },
	{ 0, 308, 4 }, { 0, 309, 4 }, { 0, 310, 4 }, { 0, 311, 8 },
	{ 0, 312, 2 }, { 0, 313, 65535 }, { 0, 314, 65535 }, { 0, 315, 65535 },
	{ 0, 315, 64 }, { 0, 316, 65535 }, { 0, 322, 4 }, { 0, 323, 8 },
	{ 0, 324, 8 }, { 0, 325, 8 }, { 0, 352, 8 }, { 0, 361, 2 },
	{ 0, 362, 2 }, { 0, 371, 65535 }, { 0, 403, 4 }, { 0, 404, 16 },
	{ 0, 408, 2 }, { 0, 409, 2 }, { 0, 410, 2 }, { 0, 33002, 2 },
	{ 0, 40000, 20 }, { 0, 40001, 4 }, { 0, 40003, 2 }, { 0, 40005, 1 },
	{ 637, 91, 4 }, { 637, 93, 65535 }, { 3054, 111, 65535 },
	{ 6871, 14, 1 }, { 6871, 15, 1 }, { 10704, 8, 4 }, { 10704, 9, 2 },
	{ 15397, 1, 65535 }, { 29305, 1, 8 }, { 29305, 2, 8 },
	{ 29305, 85, 8 }, { 35632, 119, 65535 }, { 99, 7, 4 }, { 0, 500, 4 },
};

/* What options data are about. */
static const struct xfield told[] = {
	{ 0, 48, 1 }, { 0, 302, 8 }, { 0, 34, 4 }, { 0, 50, 4 }, { 0, 49, 1 },
	{ 0, 35, 1 }, { 0, 304, 2 }, { 0, 305, 4 }, { 0, 306, 4 },
	{ 0, 307, 4 }, { 0, 308, 4 }, { 0, 309, 4 }, { 0, 310, 4 },
	{ 0, 311, 8 }, { 0, 10, 4 }, { 0, 82, 16 }, { 0, 83, 65535 },
	{ 0, 234, 4 }, { 0, 236, 32 }, { 0, 95, 4 }, { 0, 96, 24 },
	{ 0, 94, 65535 }, { 0, 130, 4 }, { 0, 131, 16 }, { 0, 403, 4 },
	{ 0, 404, 16 }, { 0, 160, 8 }, { 0, 149, 4 }, { 0, 145, 2 },
	{ 0, 210, 3 }, { 99, 7, 4 }, { 0, 41, 8 },
};
/* clang-format on */

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

/* The next byte of the program; zero behind its end. */
static inline uint8_t
byte(struct gen *g)
{
	uint8_t v = 0;

	(void)rd_u8(&g->in, &v);
	return (v);
}

/* What need not be chosen: the same numbers each time. */
static inline uint8_t
noise(struct gen *g)
{
	g->rnd ^= g->rnd << 13;
	g->rnd ^= g->rnd >> 7;
	g->rnd ^= g->rnd << 17;
	return ((uint8_t)(g->rnd >> 24));
}

static inline void
put(struct gen *g, uint64_t v, size_t len)
{
	while (len-- > 0) {
		if (g->len == PACKET_MAX) {
			g->full = true;
			return;
		}
		g->b[g->len++] = (uint8_t)(len < 8 ? v >> 8 * len : 0);
	}
}

static inline void
poke(struct gen *g, size_t at, size_t v)
{
	struct wr wr;

	if (g->full)
		return;
	wr = wr_init(g->b + at, 2);
	(void)wr_u16(&wr, (uint16_t)v);
}

/* Any bytes, small numbers, all zero or all ones. */
static inline void
put_noise(struct gen *g, size_t len)
{
	const unsigned int mode = noise(g) & 7;

	for (; len > 0; len--)
		switch (mode) {
		case 0:
			put(g, 0, 1);
			break;
		case 1:
			put(g, 0xff, 1);
			break;
		case 2:
		case 3:
		case 4:
			put(g, len == 1 ? noise(g) & 3 : 0, 1);
			break;
		default:
			put(g, noise(g), 1);
			break;
		}
}

static inline void
put_letters(struct gen *g, size_t len)
{
	size_t end = noise(g);

	for (; len > 0; len--, end--)
		put(g, end == 0 ? 0 : 'a' + noise(g) % 26, 1);
}

/* A frame, or from the IP header on: IPv4 or 6 in tunnels, with a transport. */
static inline void
put_packet(struct gen *g, size_t len, uint8_t link)
{
	/* clang-format off */
	static const uint8_t protocols[] = { 1, 4, 6, 17, 41, 44, 47, 58, 0,
	    97, 132, 137 };
	static const uint16_t types[] = { 0x800, 0x86dd, 0x8100, 0x88a8,
	    0x8847, 0x8864, 0x0010, 0x88cc };
	/* clang-format on */
	const size_t start = g->len;
	uint16_t type = types[noise(g) % NELEM(types)];
	uint8_t tags;

	if (link == 1) {
		put_noise(g, 12);
		for (tags = noise(g) & 3; tags > 1; tags--)
			put(g, 0x81000064, 4);
		put(g, type, 2);
	}
	if (link == 3 || type == 0x8847)
		put(g, noise(g) & 1 ? 0x0001013f : 0x0001003f, 4);
	if (noise(g) & 1 || type == 0x86dd) {
		put(g, 0x60000000, 4);
		put(g, 40, 2);
		put(g, protocols[noise(g) % NELEM(protocols)], 1);
		put_noise(g, 33);
	} else {
		put(g, 0x45000054, 4);
		put(g, noise(g) & 3 ? 0 : 0x12342001, 4);
		put(g, 64, 1);
		put(g, protocols[noise(g) % NELEM(protocols)], 1);
		put_noise(g, 10);
	}
	put_noise(g, 4);
	put_noise(g, 16);
	/* Cut, or filled up. */
	if (g->len - start < len)
		put_noise(g, len - (g->len - start));
	if (!g->full)
		g->len = start + len;
}

static inline struct xtemplate *
slot(struct gen *g, unsigned int id)
{
	return (&g->t[g->who][g->version == NF_IPFIX][g->dom][id % IDS]);
}

static inline void put_record(struct gen *, const struct xtemplate *,
    unsigned int depth);

/* RFC 6313 */
static inline void
put_list(struct gen *g, uint16_t id, unsigned int depth)
{
	const struct xfield *f = &known[noise(g) % NELEM(known)];
	struct xtemplate one = {.n = 1, .f = {*f}};
	unsigned int i, n = noise(g) & 1 ? 1 : noise(g) & 3, other = noise(g);
	const struct xtemplate *t = slot(g, other);
	size_t at;

	put(g, noise(g) % 5, 1);
	if (id == 291) {
		put(g, f->pen == 0 ? f->id : f->id | NF_ENTERPRISE, 2);
		put(g, f->len, 2);
		if (f->pen != 0 || f->id & NF_ENTERPRISE)
			put(g, f->pen, 4);
		t = &one;
	} else
		put(g, NF_SET_DATA_MIN + other % IDS, 2);
	at = g->len;
	if (id == 293)
		put(g, 0, 2);
	for (i = 0; i < n; i++)
		put_record(g, t, depth);
	if (id == 293)
		poke(g, at, g->len - at + 2);
}

static inline void
put_time(struct gen *g, uint16_t id, size_t len)
{
	const uint64_t sec = (uint64_t)(g->now / NSEC_PER_SEC) - noise(g);

	if (noise(g) % 8 == 0)
		put_noise(g, len);
	else if (id == 150 || id == 151 || id == 322)
		put(g, sec, len);
	else if (id == 160 && noise(g) % 8 == 0)
		put(g, (sec + UINT32_MAX) * 1000, len); /* behind 2106 */
	else if (id == 152 || id == 153 || id == 160 || id == 323)
		put(g, sec * 1000, len);
	else
		put(g, (sec + 2208988800) << 32, len);
}

static inline void
put_value(struct gen *g, const struct xfield *f, size_t len, unsigned int depth)
{
	const size_t start = g->len;

	if (f->id >= 291 && f->id <= 293 && depth < 3) {
		put_list(g, f->id, depth + 1);
		if (f->len == NF_VARLEN)
			return;
		if (g->len - start < len)
			put(g, 0, len - (g->len - start));
		if (!g->full)
			g->len = start + len;
	} else if (f->id == 104 || f->id == 315)
		put_packet(g, len, 1);
	else if (f->id == 313 || f->id == 316)
		put_packet(g, len, 2);
	else if (f->id == 314)
		put_packet(g, len, 3);
	else if ((f->id >= 150 && f->id <= 157) || f->id == 160 ||
	    (f->id >= 322 && f->id <= 325))
		put_time(g, f->id, len);
	else if (len > 8 && len != 16)
		put_letters(g, len);
	else
		put_noise(g, len);
}

static inline void
put_variable(struct gen *g, const struct xfield *f, unsigned int depth)
{
	const size_t at = g->len;
	const uint8_t how = noise(g);
	size_t len = how & 1 ? how >> 2 : how >> 5;

	if ((f->id >= 291 && f->id <= 293 && depth < 3) || how % 8 == 0) {
		put(g, NF_VARLEN_LONG, 1);
		put(g, 0, 2);
		put_value(g, f, how == 0 ? 300 : len, depth);
		poke(g, at + 1, g->len - at - 3);
		return;
	}
	put(g, len, 1);
	put_value(g, f, len, depth);
}

static inline void
put_record(struct gen *g, const struct xtemplate *t, unsigned int depth)
{
	unsigned int i;

	for (i = 0; i < t->n && !g->full; i++)
		if (t->f[i].len == NF_VARLEN)
			put_variable(g, &t->f[i], depth);
		else
			put_value(g, &t->f[i], t->f[i].len, depth);
}

/* One byte takes a field as it should be; more of them make it odd. */
static inline struct xfield
choose(struct gen *g, const struct xfield *rows, size_t nrows)
{
	static const uint16_t odd[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17,
	    64, 255, NF_VARLEN};
	uint8_t b = byte(g);
	struct xfield f = rows[b % nrows];

	if (b >= 0xe0) {
		f = rows[byte(g) % nrows];
		f.len = odd[byte(g) % NELEM(odd)];
	}
	if (g->version == NF_V9)
		f.pen = 0;
	return (f);
}

/* Ids that tell of a number of an enterprise have one, be it 0. */
static inline bool
has_pen(const struct gen *g, const struct xfield *f)
{
	return (
	    g->version == NF_IPFIX && (f->pen != 0 || f->id & NF_ENTERPRISE));
}

static inline void
put_fields(struct gen *g, struct xtemplate *t)
{
	struct xfield *f;

	for (f = t->f; f < t->f + t->n; f++) {
		put(g, has_pen(g, f) ? f->id | NF_ENTERPRISE : f->id, 2);
		put(g, f->len, 2);
		if (!has_pen(g, f))
			continue;
		put(g, f->pen, 4);
		/* The bit is not part of the number. */
		f->id &= NF_ENTERPRISE - 1;
	}
}

static inline size_t
set_begin(struct gen *g, unsigned int id)
{
	put(g, id, 2);
	put(g, 0, 2);
	return (g->len - 4);
}

static inline void
set_end(struct gen *g, size_t at)
{
	poke(g, at + 2, g->len - at);
}

/* The fields of a template, from the program. */
static inline struct xtemplate
design(struct gen *g, bool options)
{
	struct xtemplate t = {.options = options, .sent = g->number};
	uint8_t n = byte(g);
	unsigned int i;

	t.n = (n & 15) + 1;
	if (options) {
		t.nscope = n >> 4 & 3;
		if (t.nscope > t.n)
			t.nscope = t.n;
	}
	for (i = 0; i < t.n; i++) {
		if (options)
			t.f[i] = choose(g, told, NELEM(told));
		else
			t.f[i] = choose(g, known, NELEM(known));
		if (g->version == NF_V9 && i < t.nscope) {
			t.f[i].id = i + n % 5 + 1;
			t.f[i].len = 4;
		}
		t.minlen += t.f[i].len == NF_VARLEN ? 1 : t.f[i].len;
	}
	return (t);
}

/* The set that teaches a template; from then on it is known. */
static inline void
teach(struct gen *g, unsigned int id, struct xtemplate t)
{
	const bool ipfix = g->version == NF_IPFIX;
	size_t at = set_begin(g, (ipfix ? 2 : 0) + t.options);

	put(g, NF_SET_DATA_MIN + id % IDS, 2);
	if (!t.options)
		put(g, t.n, 2);
	else if (ipfix) {
		put(g, t.n, 2);
		put(g, t.nscope, 2);
	} else {
		put(g, t.nscope * 4U, 2);
		put(g, (t.n - t.nscope) * 4U, 2);
	}
	put_fields(g, &t);
	put(g, 0, -g->len & 3 & t.n);
	set_end(g, at);
	t.known = t.minlen > 0;
	g->exact = g->exact && t.known && !g->early;
	*slot(g, id) = t;
}

/* A set of data: known says that the decoder has the template. */
static inline void
put_data(struct gen *g, unsigned int id, const struct xtemplate *t, bool sure)
{
	const unsigned int n = (byte(g) & 3) + 1;
	size_t at = set_begin(g, NF_SET_DATA_MIN + id % IDS), pad;
	unsigned int i;

	g->rnd = byte(g) * UINT64_C(0x9e3779b97f4a7c15) + 1;
	if (!t->options)
		g->set[g->nsets++] = (struct expect){*t, g->len, n};
	for (i = 0; i < n; i++)
		put_record(g, t, 0);
	/* What is shorter than a record is padding. */
	pad = -(g->len - at) & 3;
	put(g, 0, pad < t->minlen ? pad : 0);
	set_end(g, at);
	g->counted += n;
	g->exact = g->exact && sure;
	if (t->options)
		g->options += n;
	else
		g->flows += n;
}

#endif /* FUZZ_EXPORTER_H */
