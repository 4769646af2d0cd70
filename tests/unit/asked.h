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
 * Random flows, and questions asked of them by a consumer: of group_test.c and
 * its siblings.
 */

#ifndef ASKED_H
#define ASKED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/batch.h"
#include "archive/rows.h"
#include "query/group.h"
#include "query/question.h"
#include "query/sort.h"

#define ASKED_FLOWS 6000

struct asked {
	char *text;
	size_t len;
};

static uint64_t asked_seed = 1;

static inline uint64_t
asked_random(uint64_t below)
{
	uint64_t z = (asked_seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return ((z ^ z >> 31) % below);
}

static inline void
asked_addr(struct addr *a, bool v6)
{
	memset(a, 0, sizeof(*a));
	a->family = v6 ? ADDR_V6 : ADDR_V4;
	a->b[0] = v6 ? 0x20 : 10;
	a->b[1] = (uint8_t)asked_random(3);
	a->b[3] = (uint8_t)asked_random(12);
	if (v6)
		a->b[15] = (uint8_t)asked_random(4);
}

/* What a field has, but now and then it is absent. */
static inline bool
asked_has(struct flow *f, enum flow_field bit, unsigned int missing)
{
	if (missing > 0 && asked_random(missing) == 0)
		return (false);
	flow_set(f, bit);
	return (true);
}

/* missing: one in so many has not the field; 0: all have all. */
static inline void
asked_flow(struct flow *f, unsigned int missing, unsigned int v6)
{
	bool six = v6 > 0 && asked_random(v6) == 0;

	memset(f, 0, sizeof(*f));
	if (asked_has(f, FLOW_SRC_ADDR, missing))
		asked_addr(&f->src_addr, six);
	if (asked_has(f, FLOW_DST_ADDR, missing))
		asked_addr(&f->dst_addr, six);
	if (asked_has(f, FLOW_SRC_PORT, missing))
		f->src_port = (uint16_t)asked_random(5);
	if (asked_has(f, FLOW_DST_PORT, missing))
		f->dst_port = (uint16_t)asked_random(5);
	if (asked_has(f, FLOW_PROTOCOL, missing))
		f->protocol = asked_random(2) ? 6 : 17;
	if (asked_has(f, FLOW_PACKETS, missing))
		f->packets = asked_random(100);
	if (asked_has(f, FLOW_OCTETS, missing))
		f->octets = asked_random(100000);
	if (flow_has(f, FLOW_OCTETS) && missing > 0 && asked_random(500) == 0)
		f->octets = UINT64_MAX - asked_random(1000);
	if (asked_has(f, FLOW_START, missing))
		f->start = (int64_t)(1700000000 * NSEC_PER_SEC +
		    (int64_t)asked_random(600) * NSEC_PER_SEC +
		    (int64_t)asked_random(1000000000));
	if (asked_has(f, FLOW_END, missing))
		f->end = f->start +
		    (int64_t)asked_random(3) * (int64_t)asked_random(200) *
			NSEC_PER_SEC +
		    (int64_t)asked_random(1000000);
	if (missing > 0 && asked_random(3) == 0 &&
	    asked_has(f, FLOW_FLOWS, missing))
		f->flows = (uint32_t)asked_random(4);
	if (missing > 0 && asked_random(2) == 0 &&
	    asked_has(f, FLOW_IN_SRC_MAC, 0))
		f->in_src_mac[5] = (uint8_t)asked_random(5);
	if (missing > 0 && asked_random(2) == 0 &&
	    asked_has(f, FLOW_USER_NAME, 0)) {
		f->user_name.p = asked_random(2) ? "anna" : "bertha, or so";
		f->user_name.len = (uint16_t)(1 + asked_random(4));
	}
}

static inline const char *
asked_write(void *arg, const char *p, size_t len)
{
	struct asked *a = arg;
	char *text = realloc(a->text, a->len + len + 1);

	assert_non_null(text);
	memcpy(text + a->len, p, len);
	a->text = text;
	a->len += len;
	text[a->len] = '\0';
	return (NULL);
}

/* The first line that differs, if one does. */
static inline void
asked_same(const char *a, const char *b)
{
	size_t n, m;

	for (; strcmp(a, b) != 0; a += n + (a[n] != 0), b += m + (b[m] != 0)) {
		n = strcspn(a, "\n");
		m = strcspn(b, "\n");
		if (n != m || memcmp(a, b, n) != 0 || a[n] != b[m])
			fail_msg("%.*s is not %.*s", (int)n, a, (int)m, b);
	}
}

/* How flows are dealt out: to so many workers, so many in a batch. */
struct asked_deal {
	unsigned int workers;
	uint32_t batch;
	bool turns; /* or who is next is random */
};

static inline void
asked_feed(struct consumer *c, const struct flow *f, size_t n,
    const struct asked_deal *deal)
{
	struct rows *rows = rows_new(deal->batch, NULL);
	struct batch *b = batch_new();
	struct outbuf out = {0};
	void *worker[8];
	unsigned int w;
	struct sel sel = {0};
	const char *err;
	size_t i = 0;

	assert_non_null(rows);
	assert_non_null(b);
	for (w = 0; w < deal->workers; w++)
		assert_non_null(worker[w] = c->begin(c->arg));
	for (; i < n; sel.number++) {
		rows_clear(rows);
		while (i < n && rows_count(rows) < deal->batch)
			if (!rows_add(rows, &f[i++])) {
				i--;
				break;
			}
		batch_set_rows(b, rows);
		sel.n = rows_count(rows);
		w = (unsigned int)(deal->turns ? sel.number % deal->workers
					       : asked_random(deal->workers));
		err = c->take(worker[w], b, &sel, &out);
		if (err != NULL)
			fail_msg("%s", err);
	}
	/* In any order. */
	for (w = deal->workers; w-- > 0;)
		assert_null(c->merge(c->arg, worker[w]));
	outbuf_clear(&out);
	batch_free(b);
	rows_free(rows);
}

static inline void
asked_totals(struct totals *t, const struct flow *f, size_t n)
{
	size_t i;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < n; i++) {
		t->flows += flow_has(&f[i], FLOW_FLOWS) ? f[i].flows : 1;
		t->packets += f[i].packets;
		t->octets += f[i].octets;
	}
}

/* The answer as CSV. */
static inline struct asked
asked_group(const struct question *q, const struct flow *f, size_t n,
    const struct asked_deal *deal)
{
	const struct sheet_style style = {.format = SHEET_CSV, .utc = true};
	struct asked a = {0};
	struct totals t;
	struct sheet *sheet = sheet_new(&style, asked_write, &a);
	struct consumer *c = group_consumer(q, sheet);
	const char *err;

	assert_non_null(c);
	asked_totals(&t, f, n);
	asked_feed(c, f, n, deal);
	err = c->finish(c->arg, &t);
	if (err != NULL)
		fail_msg("%s", err);
	c->free(c);
	sheet_free(sheet);
	assert_non_null(a.text);
	return (a);
}

#endif /* ASKED_H */
