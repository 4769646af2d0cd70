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

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <unistd.h>

#include "asked.h"
#include "format.h"
#include "query/derive.h"

static struct flow flows[ASKED_FLOWS];
static const struct asked_deal deals[] = {
    {1, 65536, true},
    {1, 100, true},
    {2, 500, true},
    {3, 77, false},
};
static struct format_columns all;

static void
make(unsigned int missing, unsigned int v6)
{
	size_t i;

	for (i = 0; i < ASKED_FLOWS; i++)
		asked_flow(&flows[i], missing, v6);
}

/* Flows as lines of JSON, as they come. */
static void *
lines_begin(void *arg)
{
	return (arg);
}

static const char *
lines_take(void *worker, struct batch *b, const struct sel *sel,
    struct outbuf *out)
{
	char line[FORMAT_MAX];
	struct flow f;
	size_t len;
	uint32_t i;

	(void)worker;
	for (i = 0; i < sel->n; i++) {
		assert_int_equal(batch_row(b, sel_row(sel, i), NULL, &f),
		    BLOCK_OK);
		len = format_json(line, sizeof(line), &f, &all);
		assert_non_null(outbuf_room(out, len + 1));
		memcpy(out->p + out->len, line, len);
		out->p[out->len + len] = '\n';
		out->len += len + 1;
	}
	return (NULL);
}

static const char *
lines_put(void *arg, const char *p, size_t len)
{
	return (asked_write(arg, p, len));
}

static const char *
lines_merge(void *arg, void *worker)
{
	(void)arg;
	(void)worker;
	return (NULL);
}

static const char *
lines_finish(void *arg, const struct totals *t)
{
	(void)t;
	return (asked_write(arg, "end\n", 4));
}

static void
lines_free(struct consumer *c)
{
	free(c);
}

static struct consumer *
lines(struct asked *a)
{
	struct consumer *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->arg = a;
	c->begin = lines_begin;
	c->take = lines_take;
	c->put = lines_put;
	c->merge = lines_merge;
	c->finish = lines_finish;
	c->free = lines_free;
	memset(&c->needs, 0xff, sizeof(c->needs));
	return (c);
}

static struct asked
asked_lines(struct consumer *(
		*make_consumer)(const struct question *, struct consumer *),
    const struct question *q, const struct asked_deal *deal)
{
	struct asked a = {0};
	struct totals t = {0};
	struct consumer *c = make_consumer(q, lines(&a));
	const char *err;

	assert_non_null(c);
	asked_feed(c, flows, ASKED_FLOWS, deal);
	err = c->finish(c->arg, &t);
	if (err != NULL)
		fail_msg("%s", err);
	c->free(c);
	return (a);
}

static const struct question *sorted_for;

static uint64_t
value(const struct flow *f, enum quantity q)
{
	bool timed = flow_has(f, FLOW_START) && flow_has(f, FLOW_END);
	uint64_t duration =
	    timed && f->end > f->start ? (uint64_t)(f->end - f->start) : 0;

	switch (q) {
	case Q_PACKETS:
		return (f->packets);
	case Q_OCTETS:
		return (f->octets);
	case Q_DURATION:
		return (duration);
	case Q_BPS:
		return (derive_divide(f->octets, 8 * NSEC_PER_SEC, duration));
	case Q_START:
		return ((uint64_t)f->start);
	default:
		fail();
		return (0);
	}
}

static int
cmp_order(const struct order *o, const struct flow *a, const struct flow *b)
{
	const struct field *fd = o->field;
	uint64_t x, y;
	int c;

	if (o->by < Q_MAX) {
		x = value(a, o->by);
		y = value(b, o->by);
		c = x < y ? -1 : x > y;
	} else if (flow_has(a, fd->bit) != flow_has(b, fd->bit))
		c = flow_has(a, fd->bit) ? 1 : -1;
	else if (fd->type == FT_ADDR)
		c = addr_cmp(field_cptr(a, fd), field_cptr(b, fd));
	else
		c = field_number(a, fd) < field_number(b, fd)
		    ? -1
		    : field_number(a, fd) > field_number(b, fd);
	return (o->ascending ? c : -c);
}

static int
cmp_flows(const void *x, const void *y)
{
	const struct flow *const *a = x, *const *b = y;
	size_t i;
	int c = 0;

	for (i = 0; i < sorted_for->norders && c == 0; i++)
		c = cmp_order(&sorted_for->orders[i], *a, *b);
	return (c != 0 ? c : *a < *b ? -1 : *a > *b);
}

static struct asked
naive(const struct question *q)
{
	static const struct flow *sorted[ASKED_FLOWS];
	char line[FORMAT_MAX];
	struct asked a = {0};
	size_t i, len;

	for (i = 0; i < ASKED_FLOWS; i++)
		sorted[i] = &flows[i];
	sorted_for = q;
	qsort(sorted, ASKED_FLOWS, sizeof(sorted[0]), cmp_flows);
	for (i = 0; i < ASKED_FLOWS && (q->top == 0 || i < q->top); i++) {
		len = format_json(line, sizeof(line), sorted[i], &all);
		line[len] = '\n';
		asked_write(&a, line, len + 1);
	}
	asked_write(&a, "end\n", 4);
	return (a);
}

static void
check(const char *orders, uint64_t top, uint64_t memory)
{
	struct question q = {.threads = 1, .top = top, .memory = memory};
	struct asked want, got;
	char bad[64];
	size_t i;

	q.tmpdir = "/tmp";
	assert_int_equal(question_orders(&q, orders, bad), 0);
	want = naive(&q);
	for (i = 0; i < sizeof(deals) / sizeof(deals[0]); i++) {
		got = asked_lines(sort_consumer, &q, &deals[i]);
		asked_same(got.text, want.text);
		free(got.text);
	}
	free(want.text);
}

static void
flows_come_in_order_and_equal_ones_as_they_were(void **state)
{
	(void)state;
	make(0, 0);
	check("start", 0, 0);
	check("-start", 0, 0);
	check("octets", 0, 0);
	check("packets:asc,duration", 0, 0);
	check("src_port,dst_port", 0, 0);
	check("src_addr,-dst_port,bps", 0, 0);
}

static void
absent_fields_come_first(void **state)
{
	(void)state;
	make(8, 3);
	check("src_addr", 0, 0);
	check("-dst_addr,protocol", 0, 0);
	check("bps", 0, 0);
}

static void
the_first_of_all_are_the_same(void **state)
{
	(void)state;
	make(15, 4);
	check("octets", 1, 0);
	check("octets", 10, 0);
	check("octets", 5990, 0);
	check("-duration,src_addr", 100, 0);
	check("dst_addr", 33, 0);
	check("src_port", 33, 0);
}

static void
little_memory_changes_nothing(void **state)
{
	(void)state;
	make(15, 4);
	check("octets", 0, 2000000);
	check("src_addr,dst_port", 0, 2000000);
	check("src_port", 1000, 2000000);
	check("duration", 10, 2000000);
}

static void
no_flows_are_in_order(void **state)
{
	struct question q = {.threads = 1};
	struct asked a = {0};
	struct totals t = {0};
	struct consumer *c;
	char bad[64];

	(void)state;
	assert_int_equal(question_orders(&q, "octets", bad), 0);
	c = sort_consumer(&q, lines(&a));
	assert_null(c->merge(c->arg, c->begin(c->arg)));
	assert_null(c->finish(c->arg, &t));
	c->free(c);
	asked_same(a.text, "end\n");
	free(a.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flows_come_in_order_and_equal_ones_as_they_were),
	    cmocka_unit_test(absent_fields_come_first),
	    cmocka_unit_test(the_first_of_all_are_the_same),
	    cmocka_unit_test(little_memory_changes_nothing),
	    cmocka_unit_test(no_flows_are_in_order),
	};

	format_columns_all(&all);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
