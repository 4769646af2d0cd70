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
 * A program of exporters (exporter.h), what their datagrams are to a decoder,
 * and what a simple model says that it has to be.  An input is
 *	1 byte	bit 0 small limits, bit 1 templates expire, bit 2 names, bits
 *		3-4 how wrong clocks are
 * and for each datagram
 *	1 byte	bits 0-2 the exporter, 3-5 the protocol, or an event; see turns
 *	1 byte	bits 0-2 sequence number, bit 3 domain, bit 4 damage,
 *		bits 5-7 time since the last one
 *	...	what is in it
 */

#include "decode/layout.h"
#include "decode/save.h"
#include "tests/fuzz/model.h"

#define TURNS_MAX 400
#define COUNTS_OTHERWISE 5 /* an exporter, and not as its protocol should */
#define SAVED_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct run {
	struct gen g;
	struct dec_limits limits;
	struct decoder *d;
	struct sink sink;
	struct decoder *twin; /* that was loaded with what d had saved */
	struct sink twin_sink;
	bool configured[EXPORTERS];
	bool was_configured; /* any: it stays so until it sends */
	uint64_t lost, recovered;
	uint8_t options; /* the first byte */
};

struct saved {
	uint64_t sum; /* of the pieces, in any order */
	size_t len;
	uint8_t b[SAVED_MAX];
};

/* Two of an address, one of IPv6. */
static void
source_of(const struct run *run, unsigned int who, struct dec_source *src)
{
	memset(src, 0, sizeof(*src));
	src->agent.family = who == 4 ? ADDR_V6 : ADDR_V4;
	src->agent.b[0] = 10;
	src->agent.b[3] = who == 3 ? 2 : (uint8_t)who;
	src->port = who == 2 || who == 3 ? (uint16_t)(2000 + who) : 0;
	src->recv_time = run->g.now;
	src->configured = run->configured[who];
	src->trusted = (who & 1) != 0;
	src->inner = who >= 3;
	src->sampling = who == 0 ? 10 : 0;
}

static bool
source(void *arg, struct dec_source *to)
{
	const struct run *run = arg;
	struct dec_source src;
	unsigned int i;

	for (i = 0; i < EXPORTERS; i++) {
		source_of(run, i, &src);
		if (src.port == to->port && addr_equal(&src.agent, &to->agent))
			to->configured = src.configured;
	}
	return (true);
}

static uint64_t
hits(const struct dec_usage *u)
{
	uint64_t n = u->evicted + u->refused + u->facts_refused;
	size_t i;

	for (i = 0; i < DEC_CAPS; i++)
		n += u->hits[i];
	return (n);
}

static int
append(void *arg, const void *p, size_t len)
{
	struct saved *s = arg;

	REQUIRE(len <= sizeof(s->b) - s->len);
	memcpy(s->b + s->len, p, len);
	s->len += len;
	s->sum += mix(UINT64_C(0xcbf29ce484222325), p, len);
	return (0);
}

static void
save(const struct run *run, const struct decoder *d, struct saved *s)
{
	const struct state_info info = {.time = run->g.now, .clean = true};

	s->sum = s->len = 0;
	REQUIRE(decode_save(d, &info, append, s) == 0);
}

/*
 * What was saved is loaded, and saved again: that is the same, though the
 * configured exporters are in any order.
 */
static void
make_twin(struct run *run)
{
	static struct saved first, second;
	const struct state_reader how = {.time = run->g.now,
	    .source = source,
	    .arg = run};
	const struct dec_limits big = {.expire_v9 = run->limits.expire_v9,
	    .expire_ipfix = run->limits.expire_ipfix};
	struct state_report r;

	decode_free(run->twin);
	run->twin = decode_new(&big, sink_flow, &run->twin_sink);
	REQUIRE(run->twin != NULL);
	decode_names(run->twin, (run->options & 4) != 0);
	save(run, run->d, &first);
	REQUIRE(decode_load(run->twin, rd_init(first.b, first.len), &how, &r) ==
	    STATE_OK);
	REQUIRE(r.damaged + r.unknown + r.unwanted + r.refused == 0 && !r.cut);
	save(run, run->twin, &second);
	REQUIRE(first.len == second.len && first.sum == second.sum);
}

/* The twin does the same, unless there was no room for something. */
static void
check_twin(struct run *run, const struct dec_source *src, struct rd pkt,
    const struct dec_report *r)
{
	struct dec_report t;

	sink_begin(&run->twin_sink, NULL);
	run->twin_sink.summed = true;
	(void)decode_packet(run->twin, src, pkt, &t);
	if (r == NULL)
		return;
	REQUIRE(t.flows == r->flows && t.options == r->options);
	REQUIRE(t.templates == r->templates);
	REQUIRE(t.templates_withdrawn == r->templates_withdrawn);
	REQUIRE(t.sets_no_template == r->sets_no_template);
	REQUIRE(run->twin_sink.sum == run->sink.sum);
}

static void
check_report(struct run *run, enum dec_result result,
    const struct dec_report *r)
{
	REQUIRE(result < DEC_MAX && dec_strerror(result) != NULL);
	REQUIRE(r->flows == run->sink.flows);
	REQUIRE(result != DEC_NOTEMPLATE ||
	    (r->flows == 0 && r->templates == 0 && r->sets_no_template > 0));
	REQUIRE(r->error_at == 0 ||
	    (result != DEC_OK && result != DEC_NOTEMPLATE &&
		r->error_at <= run->g.len));
	REQUIRE(r->seq_unit < SEQ_UNITS);
	run->lost += r->seq_lost;
	run->recovered += r->seq_recovered;
	REQUIRE(run->recovered <= run->lost);
	check_usage(run->d, &run->limits);
}

/* Nothing was in the way, and the datagram is whole. */
static void
check_exact(struct run *run, enum dec_result result, const struct dec_report *r)
{
	const struct gen *g = &run->g;

	if (run->sink.wrong != NULL)
		fprintf(stderr, "datagram %u: %s\n", g->number,
		    run->sink.wrong);
	REQUIRE(run->sink.wrong == NULL);
	REQUIRE(
	    result == DEC_OK || (result == DEC_NOTEMPLATE && g->unknown > 0));
	REQUIRE(r->flows == g->flows && r->options == g->options);
	REQUIRE(r->sets_no_template == g->unknown);
	REQUIRE(r->templates_refused == 0);
	if (!g->s->disorderly)
		REQUIRE(r->seq_lost == 0 && r->seq_duplicates == 0 &&
		    r->seq_reordered == 0 && r->seq_reset == 0);
}

static void
deliver(struct run *run)
{
	struct gen *g = &run->g;
	struct dec_source src;
	struct dec_usage before, after;
	struct dec_report r;
	enum dec_result result;
	uint8_t *copy = malloc(g->len + 1);
	struct rd pkt = rd_init(copy, g->len);
	bool room;

	REQUIRE(copy != NULL);
	memcpy(copy, g->b, g->len);
	source_of(run, g->who, &src);
	sink_begin(&run->sink, g->exact && g->nsets > 0 ? g : NULL);
	run->sink.summed = run->twin != NULL;
	decode_usage(run->d, &before);
	result = decode_packet(run->d, &src, pkt, &r);
	decode_usage(run->d, &after);
	room = hits(&before) == hits(&after);
	check_report(run, result, &r);
	if (!room || before.expired != after.expired || !g->exact)
		g->s->disorderly = true;
	else
		check_exact(run, result, &r);
	if (!room || before.expired != after.expired)
		g->doubt = g->number;
	/* The template that made room was used by none: it is in no report. */
	if (g->small && before.templates >= run->limits.templates_domain)
		room = false;
	if (run->twin != NULL)
		check_twin(run, &src, pkt, room ? &r : NULL);
	if (run->twin != NULL && (g->number & 1 || !room)) {
		decode_free(run->twin);
		run->twin = NULL;
	}
	if (g->who == COUNTS_OTHERWISE) {
		g->s->seq += g->version == NF_V9 ? g->flows : 1;
		g->s->disorderly = true;
	} else
		g->s->seq += g->exact ? g->counted : r.flows + r.options;
	free(copy);
}

/* The template of that id is known to the decoder for sure. */
static bool
sure(const struct gen *g, const struct xtemplate *t)
{
	return (t->known && t->sent > g->doubt &&
	    (!g->small || t->sent == g->number));
}

static void
withdraw(struct gen *g, unsigned int id, uint8_t how)
{
	const bool options = (how & 1) != 0;
	const uint16_t set = (uint16_t)(2 + options);
	size_t at;
	unsigned int i;

	g->exact = g->exact && !g->early;
	if (g->version != NF_IPFIX) {
		g->exact = false; /* a template without fields */
		at = set_begin(g, 0);
		put(g, NF_SET_DATA_MIN + id % IDS, 2);
		put(g, 0, 2);
		slot(g, id)->known = false;
	} else if (how & 2) {
		at = set_begin(g, set);
		put(g, set, 2);
		put(g, 0, 2);
		for (i = 0; i < IDS; i++)
			if (slot(g, i)->options == options)
				slot(g, i)->known = false;
	} else {
		at = set_begin(g, set);
		put(g, NF_SET_DATA_MIN + id % IDS, 2);
		put(g, 0, 2);
		slot(g, id)->known = false;
	}
	set_end(g, at);
}

/* Data, and then their template: in a message they belong together. */
static void
put_early(struct gen *g, unsigned int id)
{
	struct xtemplate t = design(g, false);
	const bool first = !slot(g, id)->known && g->doubt == 0 && !g->small;

	put_data(g, id, &t, first && t.minlen > 0);
	teach(g, id, t);
	g->early = true;
	/* Options are read at once, and another one might replace it. */
	slot(g, id)->sent = first ? g->number : 0;
}

/* Data of a template that was withdrawn. */
static void
put_unknown(struct gen *g, unsigned int id, const struct xtemplate *t)
{
	size_t at = set_begin(g, NF_SET_DATA_MIN + id % IDS);

	put_record(g, t, 0);
	set_end(g, at);
	g->counted++;
	g->unknown++;
	g->early = true; /* unless it is taught in the same message */
}

static void
put_set(struct gen *g)
{
	uint8_t op = byte(g);
	const unsigned int id = op >> 3 & 7;
	const struct xtemplate *t = slot(g, id);
	size_t at;

	switch (op & 7) {
	case 0:
	case 1:
		teach(g, id, design(g, (op & 1) != 0));
		break;
	case 5:
		withdraw(g, id, op >> 6);
		break;
	case 6:
		put_early(g, id);
		break;
	case 7:
		at = set_begin(g, 4 + op % 200);
		put_noise(g, op >> 6);
		set_end(g, at);
		break;
	default:
		if (t->n == 0)
			break;
		if (t->known || g->doubt > 0 || g->small || g->early)
			put_data(g, id, t, sure(g, t));
		else
			put_unknown(g, id, t);
		break;
	}
}

static void
put_sets(struct gen *g)
{
	uint8_t n = byte(g);

	for (n = n % (SETS - 1) + 1; n > 0; n--)
		put_set(g);
}

/* Of the exporter's clock, which may be far off. */
static uint32_t
seconds(const struct gen *g)
{
	return ((uint32_t)((uint64_t)g->now / NSEC_PER_SEC + g->clock));
}

static void
turn_v9(struct gen *g)
{
	g->version = NF_V9;
	g->s = &g->stream[g->who][g->dom];
	put(g, NF_V9, 2);
	put(g, g->number, 2);
	put(g, (uint64_t)g->now / NSEC_PER_MSEC, 4);
	put(g, seconds(g), 4);
	put(g, g->s->seq, 4);
	put(g, g->dom, 4);
	put_sets(g);
	g->counted = 1;
}

static void
turn_ipfix(struct gen *g)
{
	g->version = NF_IPFIX;
	g->s = &g->stream[g->who][2 + g->dom];
	put(g, NF_IPFIX, 2);
	put(g, 0, 2);
	put(g, seconds(g), 4);
	put(g, g->s->seq, 4);
	put(g, g->dom, 4);
	put_sets(g);
	poke(g, 2, g->len);
}

/* The record of NetFlow 5, and its like of the others. */
static struct xtemplate
fixed(const struct layout *l)
{
	struct xtemplate t = {.known = true, .minlen = l->reclen};
	const struct layout_field *f;
	size_t at = 0;

	if (l->version == NF_V5)
		return ((struct xtemplate){.known = true,
		    .n = 16,
		    .minlen = 48,
		    .f = {{0, 8, 4}, {0, 12, 4}, {0, 15, 4}, {0, 10, 2},
			{0, 14, 2}, {0, 2, 4}, {0, 1, 4}, {0, 22, 4},
			{0, 21, 4}, {0, 7, 2}, {0, 11, 2}, {0, 210, 1},
			{0, 6, 1}, {0, 4, 1}, {0, 5, 1}, {0, 210, 8}}});
	/* The others by as many bytes. */
	for (f = l->field; f->len > 0; f++)
		at += f->len;
	t.n = 1;
	t.f[0] = (struct xfield){0, 210, (uint16_t)at};
	return (t);
}

static void
turn_fixed(struct gen *g)
{
	uint8_t op = byte(g);
	const struct layout *l = &layouts[op % LAYOUTS];
	const struct xtemplate t = fixed(l);
	const unsigned int n = (op >> 5) + 1;
	unsigned int i;

	g->version = l->version;
	g->s = &g->stream[g->who][4 + op % LAYOUTS];
	put(g, l->version, 2);
	put(g, n, 2);
	put(g, (uint64_t)g->now / NSEC_PER_MSEC, 4);
	put(g, seconds(g), 4);
	put(g, 0, 4);
	if (l->version != NF_V1) {
		put(g, g->s->seq, 4);
		put(g, g->who, 2);
	}
	if (l->version == NF_V5 || l->version == NF_V7)
		put(g, l->version == NF_V7 ? 0 : byte(g), 2);
	if (l->version == NF_V8) {
		put(g, l->aggregation, 1);
		put(g, NF_V8_AGG_VERSION, 1);
		put(g, 0, 4);
	}
	g->set[g->nsets++] = (struct expect){t, g->len, n};
	g->rnd = byte(g) * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (i = 0; i < n; i++)
		put_record(g, &t, 0);
	put(g, 0, op & 3);
	g->counted = g->flows = n;
}

/* XDR: a length, and bytes up to a multiple of four. */
static size_t
opaque_begin(struct gen *g, uint32_t format)
{
	put(g, format, 4);
	put(g, 0, 4);
	return (g->len);
}

static void
opaque_end(struct gen *g, size_t at)
{
	poke(g, at - 2, g->len - at);
	put(g, 0, -(g->len - at) & 3);
}

/* A record of a sample; true if it tells of a packet. */
static bool
put_sflow_record(struct gen *g, uint8_t op)
{
	/* clang-format off */
	static const struct {
		uint16_t format, len;
	} rows[] = {
		{ 1, 0 }, { 2, 20 }, { 3, 32 }, { 4, 56 }, { 1001, 16 },
		{ 1002, 16 }, { 1003, 44 }, { 1004, 24 }, { 1006, 24 },
		{ 1007, 16 }, { 1012, 12 }, { 1020, 8 }, { 1005, 8 },
		{ 1, 0 }, { 1, 0 }, { 1, 0 },
	};
	/* clang-format on */
	static const uint8_t links[] = {1, 1, 11, 13, 7, 14, 12, 2};
	const uint8_t how = noise(g);
	const uint8_t link = links[how % NELEM(links)];
	size_t at = opaque_begin(g, rows[op % NELEM(rows)].format);

	if (rows[op % NELEM(rows)].format != 1) {
		/* Many begin with the family of an address, or a count. */
		put(g, how & 3, 4);
		put_noise(g, rows[op % NELEM(rows)].len - 4);
	} else {
		put(g, link, 4);
		put(g, 1000, 4);
		put(g, 4, 4);
		put(g, 32 + how / 2, 4);
		put_packet(g, 32 + how / 2,
		    link == 1 ? 1 : (link == 13 ? 3 : 2));
	}
	opaque_end(g, at);
	return (rows[op % NELEM(rows)].format <= 4);
}

static void
put_sample(struct gen *g)
{
	static const uint8_t words[] = {0, 8, 0, 11, 0, 8};
	uint8_t op = byte(g);
	const unsigned int format = op % 6, n = op >> 6;
	const size_t at = opaque_begin(g, format);
	bool packet = false;
	unsigned int i;

	g->rnd = byte(g) * UINT64_C(0x9e3779b97f4a7c15) + 1;
	if (format == 0 || words[format] == 0) {
		put_noise(g, 24); /* counters, or nobody knows what */
		opaque_end(g, at);
		return;
	}
	for (i = 0; i + 1 < words[format]; i++)
		put_noise(g, 4);
	put(g, n, 4);
	for (i = 0; i < n; i++)
		packet |= put_sflow_record(g, byte(g));
	opaque_end(g, at);
	g->flows += packet;
}

static void
turn_sflow(struct gen *g)
{
	uint8_t op = byte(g);
	unsigned int i, n = op & 3;

	g->version = NF_SFLOW5;
	g->s = &g->stream[g->who][4 + LAYOUTS + g->dom + (op >> 3 & 4)];
	put(g, SFLOW_V5, 4);
	put(g, 1, 4);
	put(g, op & 32 ? 0x0a0000ff : 0x0a000000 + g->who, 4);
	put(g, g->dom, 4);
	put(g, g->s->seq, 4);
	put(g, (uint64_t)g->now / NSEC_PER_MSEC, 4);
	put(g, n, 4);
	for (i = 0; i < n; i++)
		put_sample(g);
	g->counted = 1;
}

/* Bytes and lengths of what was well formed. */
static void
damage(struct gen *g)
{
	uint8_t op = byte(g);
	unsigned int i;
	size_t at;

	g->exact = false;
	for (i = 0; i < (op & 3) + 1U && g->len > 0; i++) {
		at = ((size_t)byte(g) << 3 | op >> 5) % g->len;
		switch (op >> 2 & 3) {
		case 0:
			g->b[at] ^= byte(g);
			break;
		case 1:
			g->b[at] = byte(g);
			break;
		case 2:
			g->len = at;
			break;
		case 3:
			put(g, byte(g), at & 15);
			break;
		}
	}
	/* Any template of the exporter may be another one now. */
	g->doubt = g->number;
}

static void
number(struct gen *g, uint8_t how)
{
	struct stream *s;
	unsigned int i;

	if (how < 4)
		return;
	for (i = 0; i < STREAMS; i++) {
		s = &g->stream[g->who][i];
		s->disorderly = true;
		if (how == 4)
			s->seq += 5;
		else if (how == 5)
			s->seq -= 3;
		else
			s->seq = how == 6 ? 0 : UINT32_MAX - 2;
	}
}

static void
ignored(void *arg, const struct dec_ignored *ig)
{
	unsigned int *n = arg;

	REQUIRE(ig->records > 0);
	++*n;
}

/* What the configured have is never forgotten, whatever the limits are. */
static void
change_limits(struct run *run, bool tiny)
{
	if (run->was_configured || !run->g.small)
		return;
	run->limits.domains = tiny ? 3 : limits_small.domains;
	run->limits.templates = tiny ? 4 : limits_small.templates;
	run->limits.facts = tiny ? 5 : limits_small.facts;
	run->limits.bytes = tiny ? 24 * 1024 : limits_small.bytes;
	decode_limit(run->d, &run->limits);
	check_usage(run->d, &run->limits);
}

/* The operator's part. */
static void
turn_event(struct run *run)
{
	struct gen *g = &run->g;
	uint8_t op = byte(g);
	struct dec_source src;
	unsigned int n = 0;

	source_of(run, g->who, &src);
	switch (op % 7) {
	case 0:
	case 1:
		make_twin(run);
		return;
	case 2:
		decode_forget(run->d, &src.agent, src.port);
		break;
	case 3:
		run->configured[g->who] = !run->configured[g->who];
		run->was_configured = true;
		break;
	case 4:
		(void)decode_ignored(run->d, ignored, &n);
		REQUIRE(n <= DEC_IGNORED_MAX);
		return;
	case 5:
		decode_reserve(run->d, (size_t)(op / 7) * 1024);
		break;
	case 6:
		change_limits(run, (op / 7 & 1) != 0);
		break;
	}
	g->doubt = g->number;
	decode_free(run->twin);
	run->twin = NULL;
}

static void
turn(struct run *run)
{
	static void (*const turns[8])(struct gen *) = {turn_v9, turn_v9,
	    turn_ipfix, turn_ipfix, turn_ipfix, turn_fixed, turn_sflow, NULL};
	static const uint16_t steps[8] = {1, 1, 1, 0, 0, 30, 700, 7200};
	struct gen *g = &run->g;
	uint8_t op = byte(g), how = byte(g);

	g->number++;
	g->who = (op & 7) % EXPORTERS;
	g->dom = how >> 3 & 1;
	g->now += steps[how >> 5] * NSEC_PER_SEC;
	g->exact = true;
	g->full = g->early = false;
	g->flows = g->options = g->unknown = 0;
	g->counted = g->nsets = 0;
	g->len = 0;
	number(g, how & 7);
	if (turns[op >> 3 & 7] == NULL) {
		turn_event(run);
		return;
	}
	turns[op >> 3 & 7](g);
	if (how & 16)
		damage(g);
	if (g->full) { /* what it taught was not sent */
		g->doubt = g->number;
		g->s->disorderly = true;
	} else
		deliver(run);
}

static void
begin(struct run *run, const uint8_t *data, size_t size)
{
	/* Of 1980, of 2106, of 1970. */
	static const uint32_t clocks[] = {0, 315532800U - 1700000000U,
	    UINT32_MAX - 1700000000U, 0U - 1700000000U};

	memset(run, 0, sizeof(*run));
	run->g.in = rd_init(data, size);
	run->g.now = INT64_C(1700000000) * NSEC_PER_SEC;
	run->g.rnd = 1;
	run->options = byte(&run->g);
	run->g.small = (run->options & 1) != 0;
	run->g.clock = clocks[run->options >> 3 & 3];
	if (run->g.small)
		run->limits = limits_small;
	if (run->options & 2)
		run->limits.expire_v9 = run->limits.expire_ipfix = 600;
	run->d = decode_new(&run->limits, sink_flow, &run->sink);
	REQUIRE(run->d != NULL);
	decode_names(run->d, (run->options & 4) != 0);
	/* Those that are taken for zero. */
	if (!run->g.small)
		run->limits.domains = run->limits.templates =
		    run->limits.facts = 1000,
		run->limits.bytes = 16 << 20;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run run;
	struct dec_source src;
	struct dec_usage u;
	unsigned int i;

	begin(&run, data, size);
	for (i = 0; i < TURNS_MAX && run.g.in.left > 0; i++)
		turn(&run);
	for (i = 0; i < EXPORTERS; i++) {
		source_of(&run, i, &src);
		decode_forget(run.d, &src.agent, src.port);
	}
	/* What is forgotten is given back. */
	decode_usage(run.d, &u);
	REQUIRE(u.domains == 0 && u.templates == 0 && u.facts == 0);
	/* But for the hash tables: so many slots, or more. */
	REQUIRE(u.bytes % (64 * sizeof(void *)) == 0);
	decode_free(run.twin);
	decode_free(run.d);
	return (0);
}
