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
 * --bidirectional: conversations as flows (pair.c) and as groups.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asked.h"

static struct flow flows[ASKED_FLOWS];
static const struct asked_deal deals[] = {
    {1, 65536, true},
    {1, 100, true},
    {3, 77, false},
};

/* A conversation, told the slow way. */
struct talk {
	struct flow first; /* who began */
	uint64_t flows, packets, octets, reverse_packets, reverse_octets;
	int64_t start[2], end; /* of each direction, as first is seen */
	bool seen[2];
};

static struct talk talks[ASKED_FLOWS];
static size_t ntalks;

static bool
same_way(const struct flow *a, const struct flow *b)
{
	return (addr_equal(&a->src_addr, &b->src_addr) &&
	    addr_equal(&a->dst_addr, &b->dst_addr) &&
	    a->src_port == b->src_port && a->dst_port == b->dst_port &&
	    a->protocol == b->protocol);
}

static bool
other_way(const struct flow *a, const struct flow *b)
{
	return (addr_equal(&a->src_addr, &b->dst_addr) &&
	    addr_equal(&a->dst_addr, &b->src_addr) &&
	    a->src_port == b->dst_port && a->dst_port == b->src_port &&
	    a->protocol == b->protocol);
}

static void
tell(const struct flow *f)
{
	struct talk *t;
	size_t i;
	int way;

	for (i = 0; i < ntalks; i++)
		if (same_way(&talks[i].first, f) ||
		    other_way(&talks[i].first, f))
			break;
	t = &talks[i];
	if (i == ntalks) {
		ntalks++;
		memset(t, 0, sizeof(*t));
		t->first = *f;
		t->end = INT64_MIN;
	}
	way = same_way(&t->first, f) ? 0 : 1;
	t->flows++;
	if (way == 0) {
		t->packets += f->packets;
		t->octets += f->octets;
		t->reverse_packets += f->reverse_packets;
		t->reverse_octets += f->reverse_octets;
	} else {
		t->reverse_packets += f->packets;
		t->reverse_octets += f->octets;
		t->packets += f->reverse_packets;
		t->octets += f->reverse_octets;
	}
	if (!t->seen[way] || f->start < t->start[way])
		t->start[way] = f->start;
	t->seen[way] = true;
	if (f->end > t->end)
		t->end = f->end;
}

static void
swap(uint64_t *a, uint64_t *b)
{
	uint64_t x = *a;

	*a = *b;
	*b = x;
}

/* The one who began is the source. */
static void
turn(struct talk *t)
{
	struct flow f = t->first;
	bool turned = t->seen[1] &&
	    (!t->seen[0] || t->start[1] < t->start[0] ||
		(t->start[1] == t->start[0] && f.dst_port > f.src_port));

	if (!turned)
		return;
	t->first.src_addr = f.dst_addr;
	t->first.dst_addr = f.src_addr;
	t->first.src_port = f.dst_port;
	t->first.dst_port = f.src_port;
	swap(&t->packets, &t->reverse_packets);
	swap(&t->octets, &t->reverse_octets);
	t->start[0] = t->start[1];
}

static int
cmp(const void *x, const void *y)
{
	const struct talk *a = x, *b = y;
	int c;

	if (a->octets != b->octets)
		return (a->octets < b->octets ? 1 : -1);
	if ((c = addr_cmp(&a->first.src_addr, &b->first.src_addr)) != 0 ||
	    (c = addr_cmp(&a->first.dst_addr, &b->first.dst_addr)) != 0)
		return (c);
	if (a->first.src_port != b->first.src_port)
		return (a->first.src_port - b->first.src_port);
	if (a->first.dst_port != b->first.dst_port)
		return (a->first.dst_port - b->first.dst_port);
	return (a->first.protocol - b->first.protocol);
}

static void
make(bool many_at_once)
{
	size_t i;

	ntalks = 0;
	for (i = 0; i < ASKED_FLOWS; i++) {
		asked_flow(&flows[i], 0, 4);
		if (many_at_once)
			flows[i].start =
			    flows[i].start / NSEC_PER_SEC % 20 * NSEC_PER_SEC;
		if (asked_random(5) == 0) {
			flow_set(&flows[i], FLOW_REVERSE_PACKETS);
			flow_set(&flows[i], FLOW_REVERSE_OCTETS);
			flows[i].reverse_packets = asked_random(100);
			flows[i].reverse_octets = asked_random(10000);
		}
		tell(&flows[i]);
	}
	for (i = 0; i < ntalks; i++)
		turn(&talks[i]);
	qsort(talks, ntalks, sizeof(talks[0]), cmp);
}

static char *
text_of_talks(void)
{
	char *text = calloc(ntalks + 1, 300), a[ADDR_STRLEN], b[ADDR_STRLEN];
	const struct talk *t;
	size_t i, len = 0;

	assert_non_null(text);
	for (i = 0; i < ntalks; i++) {
		t = &talks[i];
		len += (size_t)snprintf(text + len, 300,
		    "%s,%s,%u,%u,%u,%llu,%llu,%llu,%llu,%llu\n",
		    addr_format(&t->first.src_addr, a),
		    addr_format(&t->first.dst_addr, b), t->first.src_port,
		    t->first.dst_port, t->first.protocol,
		    (unsigned long long)t->flows,
		    (unsigned long long)t->packets,
		    (unsigned long long)t->octets,
		    (unsigned long long)t->reverse_packets,
		    (unsigned long long)t->reverse_octets);
	}
	return (text);
}

#define TUPLE "src_addr,dst_addr,src_port,dst_port,protocol"

static void
check_groups(struct question *q)
{
	char *want = text_of_talks();
	struct asked a;
	size_t i;

	for (i = 0; i < sizeof(deals) / sizeof(deals[0]); i++) {
		a = asked_group(q, flows, ASKED_FLOWS, &deals[i]);
		asked_same(strchr(a.text, '\n') + 1, want);
		free(a.text);
	}
	free(want);
}

static void
both_directions_are_one_group_of_who_began(void **state)
{
	struct question q = {.threads = 1, .bidirectional = true};
	char bad[64];

	(void)state;
	assert_int_equal(question_keys(&q, TUPLE, bad), 0);
	make(false);
	check_groups(&q);
	make(true);
	check_groups(&q);
	q.memory = 50000;
	q.tmpdir = "/tmp";
	check_groups(&q);
}

static uint64_t total[4];

static void *
sum_begin(void *arg)
{
	memset(total, 0, sizeof(total));
	return (arg);
}

/* Each row is a conversation, and one of them only. */
static const char *
sum_take(void *worker, struct batch *b, const struct sel *sel,
    struct outbuf *out)
{
	struct flow f;
	size_t j;
	uint32_t i;

	(void)worker;
	(void)out;
	for (i = 0; i < sel->n; i++) {
		assert_int_equal(batch_row(b, sel_row(sel, i), NULL, &f),
		    BLOCK_OK);
		for (j = 0; j < ntalks; j++)
			if (same_way(&talks[j].first, &f))
				break;
		assert_true(j < ntalks);
		assert_true(talks[j].flows > 0);
		assert_true(talks[j].packets == f.packets);
		assert_true(talks[j].octets == f.octets);
		assert_true(talks[j].reverse_packets == f.reverse_packets);
		assert_true(talks[j].reverse_octets == f.reverse_octets);
		assert_true(talks[j].end == f.end);
		assert_true(
		    talks[j].flows == (flow_has(&f, FLOW_FLOWS) ? f.flows : 1));
		talks[j].flows = 0;
		total[0]++;
		assert_true((int64_t)total[1] <= f.start);
		total[1] = (uint64_t)f.start;
	}
	return (NULL);
}

static const char *
sum_merge(void *arg, void *worker)
{
	(void)arg;
	(void)worker;
	return (NULL);
}

static const char *
sum_finish(void *arg, const struct totals *t)
{
	(void)arg;
	(void)t;
	return (NULL);
}

static void
sum_free(struct consumer *c)
{
	(void)c;
}

static void
check_pairs(uint64_t memory)
{
	struct question q = {.threads = 1,
	    .bidirectional = true,
	    .memory = memory,
	    .tmpdir = "/tmp"};
	struct consumer sum = {.begin = sum_begin,
	    .take = sum_take,
	    .merge = sum_merge,
	    .finish = sum_finish,
	    .free = sum_free};
	struct totals t = {0};
	struct consumer *c;
	const char *err;

	sum.arg = total;
	memset(&sum.needs, 0xff, sizeof(sum.needs));
	c = pair_consumer(&q, &sum);
	assert_non_null(c);
	asked_feed(c, flows, ASKED_FLOWS, &deals[2]);
	err = c->finish(c->arg, &t);
	if (err != NULL)
		fail_msg("%s", err);
	assert_int_equal(total[0], ntalks);
	c->free(c);
}

static void
two_directions_become_one_flow(void **state)
{
	(void)state;
	make(false);
	check_pairs(0);
	make(true);
	check_pairs(0);
	make(false);
	check_pairs(3000000);
}

/* By one end only: conversations first, then who began them. */
static void
conversations_are_grouped_by_who_began_them(void **state)
{
	struct question q = {.threads = 1, .bidirectional = true, .top = 1};
	uint64_t flows_of = 0, octets = 0, reverse = 0, best = 0;
	char bad[64], want[200], a[ADDR_STRLEN];
	struct addr who = {0};
	struct asked x;
	size_t i, j;

	(void)state;
	make(false);
	assert_int_equal(question_keys(&q, "src_addr", bad), 0);
	q.show[0] = Q_OCTETS;
	q.show[1] = Q_REVERSE_OCTETS;
	q.show[2] = Q_FLOWS;
	q.nshow = 3;
	for (i = 0; i < ntalks; i++) {
		octets = 0;
		for (j = 0; j < ntalks; j++)
			if (addr_equal(&talks[i].first.src_addr,
				&talks[j].first.src_addr))
				octets += talks[j].octets;
		if (octets > best) {
			best = octets;
			who = talks[i].first.src_addr;
		}
	}
	for (j = 0; j < ntalks; j++)
		if (addr_equal(&who, &talks[j].first.src_addr)) {
			reverse += talks[j].reverse_octets;
			flows_of += talks[j].flows;
		}
	snprintf(want, sizeof(want),
	    "src_addr,octets,reverse_octets,flows\n%s,%llu,%llu,%llu\n",
	    addr_format(&who, a), (unsigned long long)best,
	    (unsigned long long)reverse, (unsigned long long)flows_of);
	x = asked_group(&q, flows, ASKED_FLOWS, &deals[1]);
	asked_same(x.text, want);
	free(x.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_directions_are_one_group_of_who_began),
	    cmocka_unit_test(two_directions_become_one_flow),
	    cmocka_unit_test(conversations_are_grouped_by_who_began_them),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
