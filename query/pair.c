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
 * Conversations: flows sorted by their two ends, whichever way round, so that
 * those of a conversation come in a row; what comes out is sorted by start.
 */

#include <stdlib.h>
#include <string.h>

#include "archive/rows.h"
#include "query/giver.h"
#include "query/sort.h"
#include "query/sorter.h"

#define MEMORY "out of memory"
#define PAIR_WORDS 6 /* a hash, and what it is of */
#define ROWS 4096

enum { COL_SRC, COL_DST, COL_SPORT, COL_DPORT, COL_PROTO };
static const enum flow_field pair_fields[] = {FLOW_SRC_ADDR, FLOW_DST_ADDR,
    FLOW_SRC_PORT, FLOW_DST_PORT, FLOW_PROTOCOL};
/* What is summed up. */
static const enum flow_field sum_fields[] = {FLOW_START, FLOW_END, FLOW_FLOWS,
    FLOW_PACKETS, FLOW_OCTETS, FLOW_REVERSE_PACKETS, FLOW_REVERSE_OCTETS,
    FLOW_TCP_FLAGS, FLOW_REVERSE_TCP_FLAGS};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A conversation that may go on. */
struct talk {
	bool open;
	uint64_t word[PAIR_WORDS];
	struct flow f; /* of who began */
	bool turned;   /* the source is the greater end */
	bool only;     /* no flow of the other direction yet */
	char text[FLOW_NFIELDS][FLOW_TEXT_MAX];
};

struct pair {
	const struct question *q;
	struct sorter by_ends;
	struct sorter by_start;
	struct sorter_worker *talks; /* that are done, on their way there */
	struct rows *rows;
	struct batch *from, *to;
	struct hold_view *view;
	struct talk talk;
	uint64_t number;
	struct giver giver;
};

struct end {
	struct addr addr;
	uint64_t port;
};

static struct end
end_of(const struct sorter *s, const struct hold *h, uint32_t row, int addr,
    int port)
{
	const struct addr *a =
	    hold_addr(h, (unsigned int)s->pair_col[addr], row);
	struct end e = {{0}, 0};

	if (a != NULL)
		e.addr = *a;
	e.port = hold_number(h, (unsigned int)s->pair_col[port], row);
	return (e);
}

/* Is a the greater end? */
static bool
is_turned(const struct end *a, const struct end *b)
{
	int c = addr_cmp(&a->addr, &b->addr);

	return (c != 0 ? c > 0 : a->port > b->port);
}

static uint64_t
word_of(const uint8_t *b)
{
	uint64_t word = 0;
	int i;

	for (i = 0; i < 8; i++)
		word = word << 8 | b[i];
	return (word);
}

/* Both ends and the protocol as words; whether the source is the greater. */
static bool
pair_words(const struct sorter *s, const struct hold *h, uint32_t row,
    uint64_t *w)
{
	struct end a = end_of(s, h, row, COL_SRC, COL_SPORT);
	struct end b = end_of(s, h, row, COL_DST, COL_DPORT), x;
	bool turned = is_turned(&a, &b);
	int i;

	if (turned) {
		x = a;
		a = b;
		b = x;
	}
	w[1] = hold_number(h, (unsigned int)s->pair_col[COL_PROTO], row) |
	    (uint64_t)a.addr.family << 8 | (uint64_t)b.addr.family << 16 |
	    a.port << 32 | b.port << 48;
	w[2] = word_of(a.addr.b);
	w[3] = word_of(a.addr.b + 8);
	w[4] = word_of(b.addr.b);
	w[5] = word_of(b.addr.b + 8);
	for (i = 1, w[0] = 0; i < PAIR_WORDS; i++) {
		w[0] = (w[0] ^ w[i]) * UINT64_C(0x9e3779b97f4a7c15);
		w[0] ^= w[0] >> 32;
	}
	return (turned);
}

static uint64_t
pair_word(const struct sorter *s, const struct hold *h, uint32_t row,
    unsigned int word)
{
	uint64_t w[PAIR_WORDS];

	(void)pair_words(s, h, row, w);
	return (w[word]);
}

static uint64_t
sum(uint64_t a, uint64_t b)
{
	return (a + b < a ? UINT64_MAX : a + b);
}

/* The texts of a flow stay when its batch goes. */
static void
keep_texts(struct talk *t)
{
	struct flow_text *x;
	unsigned int i;

	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (fields[i].type != FT_TEXT || !flow_has(&t->f, i))
			continue;
		x = field_ptr(&t->f, &fields[i]);
		if (x->len > 0)
			memcpy(t->text[i], x->p, x->len);
		x->p = t->text[i];
	}
}

static uint64_t
flows_of(const struct flow *f)
{
	return (flow_has(f, FLOW_FLOWS) ? f->flows : 1);
}

/* Counters of the other direction, where there are some. */
static void
add_reverse(struct flow *to, uint64_t packets, uint64_t octets)
{
	to->reverse_packets = sum(to->reverse_packets, packets);
	to->reverse_octets = sum(to->reverse_octets, octets);
	flow_set(to, FLOW_REVERSE_PACKETS);
	flow_set(to, FLOW_REVERSE_OCTETS);
}

static void
add_times(struct flow *to, const struct flow *f)
{
	if (flow_has(f, FLOW_START) &&
	    (!flow_has(to, FLOW_START) || f->start < to->start)) {
		to->start = f->start;
		flow_set(to, FLOW_START);
	}
	if (flow_has(f, FLOW_END) &&
	    (!flow_has(to, FLOW_END) || f->end > to->end)) {
		to->end = f->end;
		flow_set(to, FLOW_END);
	}
}

static void
add_flow(struct flow *to, const struct flow *f, bool same)
{
	uint64_t flows = flows_of(to) + flows_of(f);

	to->flows = flows > UINT32_MAX ? UINT32_MAX : (uint32_t)flows;
	flow_set(to, FLOW_FLOWS);
	add_times(to, f);
	if (same) {
		to->packets = sum(to->packets, f->packets);
		to->octets = sum(to->octets, f->octets);
		to->tcp_flags |= f->tcp_flags;
		to->reverse_tcp_flags |= f->reverse_tcp_flags;
	} else {
		to->reverse_tcp_flags |= f->tcp_flags;
		to->tcp_flags |= f->reverse_tcp_flags;
	}
	if (!same && flow_has(f, FLOW_TCP_FLAGS))
		flow_set(to, FLOW_REVERSE_TCP_FLAGS);
	if (same && flow_has(f, FLOW_PACKETS))
		flow_set(to, FLOW_PACKETS);
	if (same && flow_has(f, FLOW_OCTETS))
		flow_set(to, FLOW_OCTETS);
}

static void
add_counters(struct flow *to, const struct flow *f, bool same)
{
	add_flow(to, f, same);
	if (!same) {
		add_reverse(to, f->packets, f->octets);
		to->packets = sum(to->packets, f->reverse_packets);
		to->octets = sum(to->octets, f->reverse_octets);
	} else if (flow_has(f, FLOW_REVERSE_PACKETS) ||
	    flow_has(f, FLOW_REVERSE_OCTETS))
		add_reverse(to, f->reverse_packets, f->reverse_octets);
}

static const char *
flush(struct pair *p)
{
	struct sel sel = {.n = rows_count(p->rows), .number = p->number++};
	const char *err;

	if (sel.n == 0)
		return (NULL);
	batch_set_rows(p->to, p->rows);
	err = sorter_take(p->talks, p->to, &sel);
	rows_clear(p->rows);
	return (err);
}

static const char *
close_talk(struct pair *p)
{
	const char *err;

	if (!p->talk.open)
		return (NULL);
	p->talk.open = false;
	if (rows_add(p->rows, &p->talk.f))
		return (NULL);
	if ((err = flush(p)) != NULL)
		return (err);
	return (rows_add(p->rows, &p->talk.f) ? NULL : MEMORY);
}

static void
open_talk(struct talk *t, const struct flow *f, bool turned)
{
	t->open = t->only = true;
	t->turned = turned;
	t->f = *f;
	keep_texts(t);
}

/* At the same time, or if nobody knows, the client has the higher port. */
static bool
began(const struct talk *t, const struct flow *f)
{
	if (flow_has(f, FLOW_START) != flow_has(&t->f, FLOW_START) ||
	    f->start != t->f.start)
		return (false);
	return (f->src_port > t->f.src_port);
}

/* One more flow of a conversation: the first ones began it. */
static void
go_on(struct talk *t, const struct flow *f, bool turned)
{
	struct flow first;

	if (turned != t->turned && t->only && began(t, f)) {
		first = t->f;
		open_talk(t, f, turned);
		add_counters(&t->f, &first, false);
		t->only = false;
		return;
	}
	if (turned != t->turned)
		t->only = false;
	add_counters(&t->f, f, turned == t->turned);
}

static const char *
talk_row(struct pair *p, const struct hold *h, uint32_t row)
{
	uint64_t w[PAIR_WORDS];
	const bool turned = pair_words(&p->by_ends, h, row, w);
	enum block_err e;
	struct flow f;
	const char *err;

	e = batch_row(p->from, row, &p->by_ends.spec.fields, &f);
	if (e != BLOCK_OK)
		return (block_strerror(e));
	if (p->talk.open && memcmp(w, p->talk.word, sizeof(w)) == 0) {
		go_on(&p->talk, &f, turned);
		return (NULL);
	}
	if ((err = close_talk(p)) != NULL)
		return (err);
	memcpy(p->talk.word, w, sizeof(w));
	open_talk(&p->talk, &f, turned);
	return (NULL);
}

static const char *
talk_hold(void *arg, struct hold *h)
{
	struct pair *p = arg;
	const char *err = NULL;
	uint32_t row;

	if (hold_view(p->view, h, p->from) == -1)
		return (MEMORY);
	for (row = 0; row < h->n && err == NULL; row++)
		err = talk_row(p, h, row);
	return (err);
}

static const char *
make_talks(struct pair *p)
{
	const struct sorter_sink sink = {talk_hold, p};
	const char *err;

	p->talks = sorter_begin(&p->by_start);
	p->rows = rows_new(ROWS, &p->by_start.spec.fields);
	p->from = batch_new();
	p->to = batch_new();
	p->view = hold_view_new(&p->by_ends.spec);
	if (p->talks == NULL || p->rows == NULL || p->from == NULL ||
	    p->to == NULL || p->view == NULL)
		return (MEMORY);
	if ((err = sorter_finish(&p->by_ends, &sink)) != NULL ||
	    (err = close_talk(p)) != NULL || (err = flush(p)) != NULL)
		return (err);
	err = sorter_merge(&p->by_start, p->talks);
	p->talks = NULL;
	return (err);
}

static void *
begin(void *arg)
{
	struct pair *p = arg;

	return (sorter_begin(&p->by_ends));
}

static const char *
take(void *worker, struct batch *b, const struct sel *sel, struct outbuf *out)
{
	(void)out;
	return (sorter_take(worker, b, sel));
}

static const char *
merge(void *arg, void *worker)
{
	struct pair *p = arg;

	return (sorter_merge(&p->by_ends, worker));
}

static const char *
finish(void *arg, const struct totals *totals)
{
	struct pair *p = arg;
	const struct sorter_sink sink = {giver_hold, &p->giver};
	const char *err = make_talks(p);

	sorter_clear(&p->by_ends);
	if (err == NULL)
		err = giver_begin(&p->giver, &p->by_start.spec);
	if (err == NULL)
		err = sorter_finish(&p->by_start, &sink);
	return (giver_end(&p->giver, err, totals));
}

static void
pair_free(struct consumer *c)
{
	struct pair *p;

	if (c == NULL)
		return;
	p = c->arg;
	if (p != NULL) {
		sorter_clear(&p->by_ends);
		sorter_clear(&p->by_start);
		sorter_worker_free(p->talks);
		rows_free(p->rows);
		batch_free(p->from);
		batch_free(p->to);
		hold_view_free(p->view);
		p->giver.next->free(p->giver.next);
	}
	free(p);
	free(c);
}

static void
need(struct flow_set *set, const enum flow_field *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		set->w[f[i] / 64] |= (uint64_t)1 << f[i] % 64;
}

static void
make_sorters(struct pair *p, const struct flow_set *set)
{
	struct sorter *s = &p->by_ends;
	size_t i;

	sorter_init(s, p->q, set);
	sorter_init(&p->by_start, p->q, set);
	for (i = 0; i < COUNT(pair_fields); i++)
		s->pair_col[i] = hold_spec_find(&s->spec, pair_fields[i]);
	s->pair = pair_word;
	sorter_pair(s, PAIR_WORDS);
	/* Who tells no start comes first. */
	sorter_field(s, &fields[FLOW_START], false);
	s->word[PAIR_WORDS].descending = true; /* those who tell one first */
	sorter_ready(s);
	sorter_field(&p->by_start, &fields[FLOW_START], false);
	sorter_ready(&p->by_start);
	if (s->budget != SIZE_MAX)
		s->budget = p->by_start.budget = s->budget / 2;
}

struct consumer *
pair_consumer(const struct question *q, struct consumer *next)
{
	struct consumer *c = calloc(1, sizeof(*c));
	struct pair *p = calloc(1, sizeof(*p));

	if (c == NULL || p == NULL) {
		free(c);
		free(p);
		next->free(next);
		return (NULL);
	}
	c->needs = next->needs;
	need(&c->needs, pair_fields, COUNT(pair_fields));
	need(&c->needs, sum_fields, COUNT(sum_fields));
	p->q = q;
	p->giver.next = next;
	make_sorters(p, &c->needs);
	c->arg = p;
	c->begin = begin;
	c->take = take;
	c->merge = merge;
	c->finish = finish;
	c->free = pair_free;
	return (c);
}
