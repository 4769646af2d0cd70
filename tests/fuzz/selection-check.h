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
 * One input of selection.h, asked of flows one by one and of columns.
 */

#ifndef FUZZ_SELECTION_CHECK_H
#define FUZZ_SELECTION_CHECK_H

#include "mend.h"
#include "query/anonymize.h"
#include "query/derive.h"
#include "selection.h"

/* What filter.c and the window say, flow by flow. */
struct expected {
	bool selected[SELECTION_FLOWS];
	bool tagged[SELECTION_FLOWS];
	uint32_t tag[SELECTION_FLOWS];
	uint64_t octets[SELECTION_FLOWS];
	char *counts;
};

struct subject {
	struct flow flows[SELECTION_FLOWS];
	uint32_t n;
	char *rules, *clauses; /* texts */
	struct question q;     /* without its filters */
	struct expected want;
};

static void
multiply(uint64_t *counter, uint32_t rate)
{
	*counter = *counter > UINT64_MAX / rate ? UINT64_MAX : *counter * rate;
}

static bool
wanted(const struct question *q, struct flow *f)
{
	if (q->since != INT64_MIN || q->until != INT64_MAX) {
		if (flow_has(f, FLOW_RECV_TIME)) {
			if (f->recv_time < q->since || f->recv_time >= q->until)
				return (false);
		} else if (!flow_has(f, FLOW_START) || f->start < q->since ||
		    f->start >= q->until)
			return (false);
	}
	if (q->scale && flow_has(f, FLOW_SAMPLING_RATE) &&
	    f->sampling_rate > 1) {
		multiply(&f->packets, f->sampling_rate);
		multiply(&f->octets, f->sampling_rate);
	}
	return (filter_match(q->rules, f) == FILTER_ACCEPT &&
	    filter_match(q->clauses, f) == FILTER_ACCEPT);
}

static char *
counts_of(const struct question *q)
{
	char *text;
	size_t len;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		abort();
	filter_print(q->rules, fp, true);
	filter_print(q->clauses, fp, true);
	fclose(fp);
	return (text);
}

static struct question
ask(const struct subject *t)
{
	struct question q = t->q;

	q.rules = parse_rules(t->rules);
	q.clauses = parse_rules(t->clauses);
	if (q.rules == NULL || q.clauses == NULL)
		DIE("these parsed a moment ago\n");
	return (q);
}

static void
ask_end(struct question *q)
{
	filter_free(q->rules);
	filter_free(q->clauses);
}

static void
expect(struct subject *t)
{
	struct question q = ask(t);
	struct flow f;
	uint32_t i;

	for (i = 0; i < t->n; i++) {
		f = t->flows[i];
		t->want.selected[i] = wanted(&q, &f);
		t->want.tagged[i] = flow_has(&f, FLOW_TAG);
		t->want.tag[i] = f.tag;
		t->want.octets[i] = f.octets;
	}
	t->want.counts = counts_of(&q);
	ask_end(&q);
}

static void
check_row(const struct subject *t, struct batch *b, uint32_t row, uint32_t i)
{
	struct flow f;

	if (batch_row(b, row, NULL, &f) != BLOCK_OK)
		DIE("row %u cannot be had\n", row);
	if (flow_has(&f, FLOW_TAG) != t->want.tagged[i] ||
	    f.tag != t->want.tag[i])
		DIE("flow %u has tag %u, not %u\n", i, f.tag, t->want.tag[i]);
	if (f.octets != t->want.octets[i])
		DIE("flow %u is of other octets\n", i);
	if (flow_has(&f, FLOW_DST_PORT) !=
		flow_has(&t->flows[i], FLOW_DST_PORT) ||
	    f.dst_port != t->flows[i].dst_port)
		DIE("flow %u is another\n", i);
}

/* The flows from one on are those of the batch. */
static void
check_batch(const struct subject *t, struct select *s, struct batch *b,
    uint32_t from)
{
	uint32_t i, at = 0, n = batch_flows(b);
	struct sel sel;

	if (select_rows(s, b, &sel) != BLOCK_OK)
		DIE("a column is damaged\n");
	for (i = 0; i < n; i++) {
		if (at < sel.n && sel_row(&sel, at) == i) {
			if (!t->want.selected[from + i])
				DIE("flow %u is too many\n", from + i);
			check_row(t, b, i, from + i);
			at++;
		} else if (t->want.selected[from + i])
			DIE("flow %u is missing\n", from + i);
	}
	if (at != sel.n)
		DIE("rows are not in order\n");
}

static void
check_block(const struct subject *t, struct select *s, struct batch *b,
    uint32_t from)
{
	const struct block *block = batch_block(b);
	uint32_t i;

	if (select_block(s, block)) {
		check_batch(t, s, b, from);
		return;
	}
	for (i = 0; i < block->flows; i++)
		if (t->want.selected[from + i])
			DIE("flow %u is in a block that was skipped\n",
			    from + i);
}

/* How rows become what is asked. */
enum way { WAY_ROWS, WAY_PACKED, WAY_SEALED, WAYS };

static void
check_packed(const struct subject *t, struct select *s, const uint8_t *p,
    size_t len, uint32_t from)
{
	struct batch *b = batch_new();
	struct rd rd = rd_init(p, len);
	struct block block;

	if (b == NULL || block_read(&rd, &block) != BLOCK_OK)
		DIE("what was packed is no block\n");
	batch_set_block(b, &block);
	check_block(t, s, b, from);
	batch_free(b);
}

static void
check_sealed(const struct subject *t, struct select *s, struct batch *b,
    uint32_t from)
{
	struct sealer *sealer = sealer_new(0);
	enum block_err err = BLOCK_NOMEM;
	const uint8_t *p;
	size_t len;

	if (sealer == NULL || (p = sealer_pack(sealer, b, &len, &err)) == NULL)
		DIE("not sealed: %s\n", block_strerror(err));
	check_packed(t, s, p, len, from);
	sealer_free(sealer);
}

static void
check_rows(const struct subject *t, struct select *s, enum way way,
    const struct rows *rows, uint32_t from)
{
	struct batch *b = batch_new();
	size_t room = pack_bound(rows);
	uint8_t *p = malloc(room);

	if (b == NULL || p == NULL)
		abort();
	batch_set_rows(b, rows);
	if (way == WAY_ROWS)
		check_batch(t, s, b, from);
	else if (way == WAY_SEALED)
		check_sealed(t, s, b, from);
	else
		check_packed(t, s, p, pack_quick(rows, p, room), from);
	free(p);
	batch_free(b);
}

static void
check_way(const struct subject *t, struct rows *rows, enum way way,
    uint32_t step)
{
	struct question q = ask(t);
	struct select *s = select_new(&q);
	uint32_t from, i;
	char *counts;

	if (s == NULL)
		abort();
	for (from = 0; from < t->n; from += step) {
		rows_clear(rows);
		for (i = from; i < t->n && i < from + step; i++)
			if (!rows_add(rows, &t->flows[i]))
				DIE("no room for a flow\n");
		check_rows(t, s, way, rows, from);
	}
	select_merge(s);
	select_free(s);
	counts = counts_of(&q);
	if (q.counts && strcmp(counts, t->want.counts) != 0)
		DIE("%sis not what was counted:\n%s", counts, t->want.counts);
	free(counts);
	ask_end(&q);
}

/* Whatever comes out of it: everything that asks columns is asked. */
static void
ask_damaged(struct select *s, struct derive *d, struct anonymize *a,
    struct batch *b)
{
	const struct vec *v;
	struct sel sel;
	struct flow f;
	uint32_t i;
	int q;

	(void)select_block(s, batch_block(b));
	if (select_rows(s, b, &sel) != BLOCK_OK)
		sel.n = 0;
	for (q = 0; q < Q_MAX; q++)
		(void)derive_quantity(d, b, (enum quantity)q, &v);
	(void)derive_scale(d, b);
	if (a != NULL)
		(void)anonymize_batch(a, b, &sel, NULL);
	for (i = 0; i < sel.n; i += 7)
		(void)batch_row(b, sel_row(&sel, i), NULL, &f);
}

/* Bytes here and there are others, and the checksums hold. */
static void
damage(struct selection *s, uint8_t *p, size_t len)
{
	size_t hdrlen = le32(p + 12), n;

	for (n = 1 + upto(s, 6); n > 0; n--)
		p[upto(s, 3) == 0 ? upto(s, (uint32_t)len)
				  : upto(s, (uint32_t)hdrlen)] ^=
		    (uint8_t)(1U << upto(s, 8));
	mend_block(p, len);
}

static void
check_damaged(struct selection *s, const struct subject *t, struct rows *rows)
{
	static const uint8_t key[ANONYMIZE_KEYLEN] = {1};
	struct question q = ask(t);
	struct select *select = select_new(&q);
	struct anonymize *a = anonymize_new(key);
	struct derive *d = derive_new();
	struct batch *b = batch_new();
	struct block block;
	struct rd rd;
	uint8_t *p;
	size_t len;
	int i;

	rows_clear(rows);
	for (i = 0; i < (int)t->n; i++)
		(void)rows_add(rows, &t->flows[i]);
	len = pack_bound(rows);
	if ((p = malloc(len)) == NULL || select == NULL || d == NULL ||
	    b == NULL)
		abort();
	for (i = 0; i < 4; i++) {
		rd = rd_init(p, pack_quick(rows, p, len));
		damage(s, p, rd.left);
		if (block_read(&rd, &block) != BLOCK_OK)
			continue;
		batch_set_block(b, &block);
		ask_damaged(select, d, a, b);
	}
	free(p);
	batch_free(b);
	derive_free(d);
	anonymize_free(a);
	select_free(select);
	ask_end(&q);
}

static void
some_question(struct selection *s, const struct kind *k, struct question *q)
{
	const int64_t span = (int64_t)k->n * k->step * NSEC_PER_SEC;

	q->since = INT64_MIN;
	q->until = INT64_MAX;
	if (upto(s, 4) == 0)
		q->since = BASE * NSEC_PER_SEC + span / 100 * upto(s, 100) - 1;
	if (upto(s, 4) == 0)
		q->until = BASE * NSEC_PER_SEC + span / 100 * upto(s, 120) + 1;
	q->scale = upto(s, 4) == 0;
	q->counts = upto(s, 2) == 0;
}

/* False if the rules do not parse. */
static bool
subject_make(struct selection *s, struct subject *t)
{
	struct filter *rules, *clauses;
	struct kind k = some_kind(s);
	bool ok;

	memset(t, 0, sizeof(*t));
	for (t->n = 0; t->n < k.n; t->n++)
		some_flow(s, &k, t->n, &t->flows[t->n]);
	some_question(s, &k, &t->q);
	t->rules = s->rules != NULL ? strdup(s->rules) : some_rules(s);
	t->clauses = s->clauses != NULL ? strdup(s->clauses) : some_clauses(s);
	rules = parse_rules(t->rules);
	clauses = parse_rules(t->clauses);
	ok = rules != NULL && clauses != NULL;
	filter_free(rules);
	filter_free(clauses);
	return (ok);
}

/* Aborts if columns answer otherwise.  Returns how many flows were selected. */
static uint32_t
selection_check(struct selection *s)
{
	struct subject *t;
	struct rows *rows;
	uint32_t i, n = 0, step;
	int way;

	if ((t = malloc(sizeof(*t))) == NULL ||
	    (rows = rows_new(SELECTION_FLOWS, NULL)) == NULL)
		abort();
	if (subject_make(s, t)) {
		expect(t);
		step = upto(s, 2) ? t->n : 1 + upto(s, t->n);
		for (way = 0; way < WAYS; way++)
			check_way(t, rows, (enum way)way, step);
		check_damaged(s, t, rows);
		for (i = 0; i < t->n; i++)
			n += t->want.selected[i];
		free(t->want.counts);
	}
	free(t->rules);
	free(t->clauses);
	free(t);
	rows_free(rows);
	return (n);
}

#endif /* FUZZ_SELECTION_CHECK_H */
