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
 * Export datagrams made beforehand, for loads: a header to be filled in, and
 * bodies of flows that look like those of a network: some addresses have most
 * of the flows, some ports too, most flows are short.
 */

#ifndef FLOWLOAD_H
#define FLOWLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOAD_HEADER 32
#define LOAD_BODIES 1024
#define LOAD_UPTIME 3600000 /* ms, when it begins */
#define LOAD_TEMPLATE 260
#define LOAD_TEMPLATES_MAX 256

enum load_value {
	LV_NONE,
	LV_SRC,
	LV_DST,
	LV_NEXTHOP,
	LV_IN,
	LV_OUT,
	LV_PACKETS,
	LV_OCTETS,
	LV_FIRST, /* ms of uptime, or since 1970 where 8 bytes are */
	LV_LAST,
	LV_SPORT,
	LV_DPORT,
	LV_FLAGS,
	LV_PROTO,
	LV_TOS,
	LV_SRC_AS,
	LV_DST_AS,
	LV_SRC_MASK,
	LV_DST_MASK,
	LV_DIRECTION,
	LV_FORWARDING,
	LV_VLAN,
	LV_ICMP,
	LV_VALUES
};

struct load_field {
	uint16_t id; /* of the template */
	uint8_t len;
	uint8_t value; /* enum load_value */
};

struct load_format;

struct load {
	uint64_t seed;
	uint32_t begin; /* uptime in ms to begin with; 0: LOAD_UPTIME */
	const char *name;
	const struct load_format *format;
	size_t nheader, nbody, nrecord;
	uint32_t records; /* of a datagram */
	uint32_t step;	  /* of its sequence number */
	uint8_t *bodies;
	uint8_t templates[LOAD_TEMPLATES_MAX];
	size_t ntemplates; /* bytes; 0: of a format without */
	uint32_t packets[LOAD_BODIES];
	uint64_t octets[LOAD_BODIES];
	size_t times[2]; /* where in a record */
	size_t timelen;
	struct timespec now;
	uint32_t uptime; /* ms */
	int64_t boot;	 /* ms since 1970 */
	uint32_t aged;	 /* the uptime of the flows' times */
};

struct load_format {
	const char *name;
	uint16_t version;
	uint32_t records;
	bool by_records; /* what sequence numbers count */
	size_t nheader;
	const struct load_field *fields;
	size_t nfields;
	void (*header)(const struct load *, uint8_t *, bool, uint32_t);
};

/* clang-format off */
static const struct load_field load_v5[] = {
	{ 0, 4, LV_SRC }, { 0, 4, LV_DST }, { 0, 4, LV_NEXTHOP },
	{ 0, 2, LV_IN }, { 0, 2, LV_OUT }, { 0, 4, LV_PACKETS },
	{ 0, 4, LV_OCTETS }, { 0, 4, LV_FIRST }, { 0, 4, LV_LAST },
	{ 0, 2, LV_SPORT }, { 0, 2, LV_DPORT }, { 0, 1, LV_NONE },
	{ 0, 1, LV_FLAGS }, { 0, 1, LV_PROTO }, { 0, 1, LV_TOS },
	{ 0, 2, LV_SRC_AS }, { 0, 2, LV_DST_AS }, { 0, 1, LV_SRC_MASK },
	{ 0, 1, LV_DST_MASK }, { 0, 2, LV_NONE },
};
static const struct load_field load_v9[] = {
	{ 21, 4, LV_LAST }, { 22, 4, LV_FIRST }, { 2, 4, LV_PACKETS },
	{ 1, 4, LV_OCTETS }, { 10, 2, LV_IN }, { 14, 2, LV_OUT },
	{ 8, 4, LV_SRC }, { 12, 4, LV_DST }, { 4, 1, LV_PROTO },
	{ 5, 1, LV_TOS }, { 7, 2, LV_SPORT }, { 11, 2, LV_DPORT },
	{ 15, 4, LV_NEXTHOP }, { 13, 1, LV_DST_MASK }, { 9, 1, LV_SRC_MASK },
	{ 6, 1, LV_FLAGS }, { 61, 1, LV_DIRECTION }, { 16, 2, LV_SRC_AS },
	{ 17, 2, LV_DST_AS }, { 58, 2, LV_VLAN }, { 32, 2, LV_ICMP },
	{ 89, 1, LV_FORWARDING }, { 210, 1, LV_NONE },
};
static const struct load_field load_ipfix[] = {
	{ 8, 4, LV_SRC }, { 12, 4, LV_DST }, { 7, 2, LV_SPORT },
	{ 11, 2, LV_DPORT }, { 4, 1, LV_PROTO }, { 6, 1, LV_FLAGS },
	{ 5, 1, LV_TOS }, { 61, 1, LV_DIRECTION }, { 10, 4, LV_IN },
	{ 14, 4, LV_OUT }, { 2, 4, LV_PACKETS }, { 1, 4, LV_OCTETS },
	{ 152, 8, LV_FIRST }, { 153, 8, LV_LAST }, { 9, 1, LV_SRC_MASK },
	{ 13, 1, LV_DST_MASK }, { 16, 2, LV_SRC_AS }, { 17, 2, LV_DST_AS },
};
/* clang-format on */

#define LOAD_NELEM(a) (sizeof(a) / sizeof((a)[0]))

static inline void
load_put(uint8_t *p, uint64_t v, size_t len)
{
	while (len-- > 0) {
		p[len] = (uint8_t)v;
		v >>= 8;
	}
}

static inline uint64_t
load_get(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	while (len-- > 0)
		v = v << 8 | *p++;
	return (v);
}

static void
load_header_v5(const struct load *l, uint8_t *p, bool template, uint32_t seq)
{
	(void)template;
	load_put(p, 5, 2);
	load_put(p + 2, l->records, 2);
	load_put(p + 4, l->uptime, 4);
	load_put(p + 8, (uint64_t)l->now.tv_sec, 4);
	load_put(p + 12, (uint64_t)l->now.tv_nsec, 4);
	load_put(p + 16, seq, 4);
	load_put(p + 20, 0, 4);
}

static void
load_header_v9(const struct load *l, uint8_t *p, bool template, uint32_t seq)
{
	load_put(p, 9, 2);
	load_put(p + 2, l->records + template, 2);
	load_put(p + 4, l->uptime, 4);
	load_put(p + 8, (uint64_t)l->now.tv_sec, 4);
	load_put(p + 12, seq, 4);
	load_put(p + 16, 0, 4);
}

static void
load_header_ipfix(const struct load *l, uint8_t *p, bool template, uint32_t seq)
{
	load_put(p, 10, 2);
	load_put(p + 2, l->nheader + l->nbody + (template ? l->ntemplates : 0),
	    2);
	load_put(p + 4, (uint64_t)l->now.tv_sec, 4);
	load_put(p + 8, seq, 4);
	load_put(p + 12, 1, 4);
}

static void
load_header_sflow(const struct load *l, uint8_t *p, bool template, uint32_t seq)
{
	(void)template;
	load_put(p, 5, 4);
	load_put(p + 4, 1, 4);
	load_put(p + 8, 0xc0000201, 4);
	load_put(p + 12, 0, 4);
	load_put(p + 16, seq, 4);
	load_put(p + 20, l->uptime, 4);
	load_put(p + 24, l->records, 4);
}

/* clang-format off */
static const struct load_format load_formats[] = {
	{ "v5", 5, 30, true, 24, load_v5, LOAD_NELEM(load_v5),
	    load_header_v5 },
	{ "v9", 9, 25, false, 20, load_v9, LOAD_NELEM(load_v9),
	    load_header_v9 },
	{ "ipfix", 10, 25, true, 16, load_ipfix, LOAD_NELEM(load_ipfix),
	    load_header_ipfix },
	{ "sflow", 0, 6, false, 28, NULL, 0, load_header_sflow },
};
/* clang-format on */

static inline uint32_t
load_draw(struct load *l)
{
	uint64_t x;

	l->seed = l->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	x = l->seed;
	x ^= x >> 29;
	return ((uint32_t)(x >> 24));
}

/* A number below 2^bits: each order of magnitude is as frequent. */
static inline uint32_t
load_skewed(struct load *l, unsigned int bits)
{
	uint32_t n = load_draw(l) % (bits + 1);

	return (load_draw(l) & ((UINT32_C(1) << n) - 1));
}

/* A client and a server, one way or the other. */
static inline void
load_ends(struct load *l, uint64_t *v)
{
	static const uint16_t services[] = {443, 443, 443, 80, 53, 53, 22, 123,
	    8080, 993, 3389, 5060};
	uint32_t client = load_skewed(l, 14), server = load_skewed(l, 15);
	uint16_t port = services[load_draw(l) % LOAD_NELEM(services)];
	bool back = load_draw(l) & 1;

	v[LV_PROTO] = port == 53 || port == 123 || port == 5060 ||
		(port == 443 && load_draw(l) % 4 == 0)
	    ? 17
	    : 6;
	v[LV_SRC] = 0x0a000000 + client * 37;
	v[LV_DST] = 0x51000000 + server * 7919;
	v[LV_SPORT] = 32768 + load_draw(l) % 28232;
	v[LV_DPORT] = port;
	v[LV_IN] = 10 + client % 24;
	v[LV_OUT] = 1 + server % 4;
	v[LV_SRC_AS] = 64500;
	v[LV_DST_AS] = 1000 + server % 3000;
	v[LV_SRC_MASK] = 24;
	v[LV_DST_MASK] = 14 + server % 11;
	if (back) {
#define LOAD_SWAP(a, b)            \
	do {                       \
		uint64_t t = v[a]; \
		v[a] = v[b];       \
		v[b] = t;          \
	} while (0)
		LOAD_SWAP(LV_SRC, LV_DST);
		LOAD_SWAP(LV_SPORT, LV_DPORT);
		LOAD_SWAP(LV_IN, LV_OUT);
		LOAD_SWAP(LV_SRC_AS, LV_DST_AS);
		LOAD_SWAP(LV_SRC_MASK, LV_DST_MASK);
#undef LOAD_SWAP
	}
	v[LV_NEXTHOP] = 0xc0000200 + v[LV_OUT];
	v[LV_DIRECTION] = back;
}

static inline void
load_flow(struct load *l, uint64_t *v)
{
	memset(v, 0, sizeof(*v) * LV_VALUES);
	load_ends(l, v);
	v[LV_PACKETS] = 1 + load_skewed(l, 11);
	v[LV_OCTETS] = v[LV_PACKETS] *
	    (v[LV_PACKETS] == 1 ? 40 + load_draw(l) % 128
				: 52 + load_draw(l) % 1400);
	v[LV_FLAGS] = v[LV_PROTO] == 6 ? 0x1b : 0;
	if (v[LV_PROTO] == 6 && load_draw(l) % 8 == 0)
		v[LV_FLAGS] = 0x02;
	v[LV_TOS] = load_draw(l) % 16 == 0 ? 0xb8 : 0;
	v[LV_FORWARDING] = 64;
	v[LV_VLAN] = 100 + v[LV_IN] % 8;
	v[LV_LAST] = l->begin - load_draw(l) % 1000;
	v[LV_FIRST] = v[LV_LAST];
	if (v[LV_PACKETS] > 1)
		v[LV_FIRST] -= load_skewed(l, 16);
}

/* The same on the wire, of a packet that was sampled: 128 bytes of it. */
static inline uint8_t *
load_frame(uint8_t *p, const uint64_t *v, size_t frame)
{
	load_put(p, 0x0211223344550266, 8);
	load_put(p + 8, 0x778899aa0800, 6);
	load_put(p + 14, 0x4500, 2);
	load_put(p + 16, frame - 18, 2);
	load_put(p + 20, 0x4000400000000000, 8);
	p[23] = (uint8_t)v[LV_PROTO];
	load_put(p + 26, v[LV_SRC], 4);
	load_put(p + 30, v[LV_DST], 4);
	load_put(p + 34, v[LV_SPORT], 2);
	load_put(p + 36, v[LV_DPORT], 2);
	p[46] = 0x50;
	p[47] = (uint8_t)v[LV_FLAGS];
	return (p + 128);
}

static inline uint8_t *
load_sample(struct load *l, uint8_t *p)
{
	uint64_t v[LV_VALUES];
	uint32_t words[] = {1, 208, 0, 4, 1000, 4096, 0, 0, 0, 2, 1, 144, 1, 0,
	    4, 128};
	size_t i;

	load_flow(l, v);
	words[2] = load_draw(l);
	words[7] = (uint32_t)v[LV_IN];
	words[8] = (uint32_t)v[LV_OUT];
	words[13] = 64 + load_draw(l) % 1400;
	for (i = 0; i < LOAD_NELEM(words); i++)
		load_put(p + i * 4, words[i], 4);
	p = load_frame(p + sizeof(words), v, words[13]);
	load_put(p, UINT64_C(0x000003e900000010), 8);
	load_put(p + 8, v[LV_VLAN] << 32, 8);
	load_put(p + 16, v[LV_VLAN] << 32, 8);
	return (p + 24);
}

static inline void
load_record(struct load *l, uint8_t *p, uint32_t body)
{
	uint64_t v[LV_VALUES];
	const struct load_field *f = l->format->fields;
	size_t i;

	load_flow(l, v);
	l->packets[body] += (uint32_t)v[LV_PACKETS];
	l->octets[body] += v[LV_OCTETS];
	for (i = 0; i < l->format->nfields; i++) {
		if (f[i].len == 8)
			v[f[i].value] += (uint64_t)l->boot;
		load_put(p, v[f[i].value], f[i].len);
		p += f[i].len;
	}
}

static inline uint8_t *
load_body(const struct load *l, uint32_t i)
{
	return (l->bodies + i * l->nbody);
}

/* The template's set, and where a record has its times. */
static inline void
load_template(struct load *l)
{
	const struct load_format *f = l->format;
	uint8_t *p = l->templates;
	size_t i;

	for (i = 0, l->nrecord = 0; i < f->nfields; i++) {
		if (f->fields[i].value == LV_FIRST)
			l->times[0] = l->nrecord;
		if (f->fields[i].value == LV_LAST)
			l->times[1] = l->nrecord;
		if (f->fields[i].value == LV_LAST)
			l->timelen = f->fields[i].len;
		l->nrecord += f->fields[i].len;
	}
	if (f->version < 9)
		return;
	l->ntemplates = 8 + 4 * f->nfields;
	load_put(p, f->version == 9 ? 0 : 2, 2);
	load_put(p + 2, l->ntemplates, 2);
	load_put(p + 4, LOAD_TEMPLATE, 2);
	load_put(p + 6, f->nfields, 2);
	for (i = 0; i < f->nfields; i++) {
		load_put(p + 8 + 4 * i, f->fields[i].id, 2);
		load_put(p + 10 + 4 * i, f->fields[i].len, 2);
	}
}

/* Flows ended lately, however long the load goes on. */
static inline void
load_age(struct load *l)
{
	uint32_t body, i, k, by = l->uptime - l->aged;
	uint8_t *p, *t;

	l->aged = l->uptime;
	if (l->timelen == 0)
		return;
	for (body = 0; body < LOAD_BODIES; body++) {
		p = load_body(l, body) + (l->ntemplates > 0 ? 4 : 0);
		for (i = 0; i < l->records; i++, p += l->nrecord)
			for (k = 0; k < 2; k++) {
				t = p + l->times[k];
				load_put(t, load_get(t, l->timelen) + by,
				    l->timelen);
			}
	}
}

/* The time of the datagrams from here on. */
static inline void
load_clock(struct load *l)
{
	int64_t ms;

	clock_gettime(CLOCK_REALTIME, &l->now);
	ms = (int64_t)l->now.tv_sec * 1000 + l->now.tv_nsec / 1000000;
	l->uptime = (uint32_t)(ms - l->boot);
	if (l->uptime - l->aged >= 1000)
		load_age(l);
}

/* All of it; false if there is no such format. */
static inline bool
load_make(struct load *l, const char *name)
{
	uint32_t body, i;
	uint8_t *p;

	for (i = 0; i < LOAD_NELEM(load_formats); i++)
		if (strcmp(load_formats[i].name, name) == 0)
			l->format = &load_formats[i];
	if (l->format == NULL)
		return (false);
	l->name = l->format->name;
	l->records = l->format->records;
	l->step = l->format->by_records ? l->records : 1;
	l->nheader = l->format->nheader;
	clock_gettime(CLOCK_REALTIME, &l->now);
	if (l->begin == 0)
		l->begin = LOAD_UPTIME;
	l->boot =
	    (int64_t)l->now.tv_sec * 1000 + l->now.tv_nsec / 1000000 - l->begin;
	l->aged = l->begin;
	load_template(l);
	if (l->format->fields == NULL)
		l->nrecord = 64 + 128 + 24;
	l->nbody = l->records * l->nrecord + (l->ntemplates > 0 ? 4 : 0);
	if ((l->bodies = calloc(LOAD_BODIES, l->nbody)) == NULL)
		abort();
	for (body = 0; body < LOAD_BODIES; body++) {
		p = load_body(l, body);
		if (l->ntemplates > 0) {
			load_put(p, LOAD_TEMPLATE, 2);
			load_put(p + 2, l->nbody, 2);
			p += 4;
		}
		for (i = 0; i < l->records; i++, p += l->nrecord)
			if (l->format->fields == NULL)
				(void)load_sample(l, p);
			else
				load_record(l, p, body);
	}
	load_clock(l);
	return (true);
}

static inline void
load_header(const struct load *l, uint8_t *p, bool template, uint32_t seq)
{
	l->format->header(l, p, template, seq);
}

/* What the flows of so many datagrams say, from the first on. */
static inline void
load_totals(const struct load *l, uint64_t n, uint64_t *packets,
    uint64_t *octets)
{
	uint32_t i;

	*packets = *octets = 0;
	for (i = 0; i < LOAD_BODIES; i++) {
		*packets += l->packets[i] * (n / LOAD_BODIES);
		*octets += l->octets[i] * (n / LOAD_BODIES);
		if (i < n % LOAD_BODIES) {
			*packets += l->packets[i];
			*octets += l->octets[i];
		}
	}
}

#endif /* FLOWLOAD_H */
