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
 * --every: groups over steps of time.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asked.h"
#include "text.h"

#define STEPS 400
#define STEP (60 * NSEC_PER_SEC)
#define BASE (INT64_C(1699999980) * NSEC_PER_SEC) /* of a step */

__extension__ typedef unsigned __int128 wide;

static struct flow flows[ASKED_FLOWS];
static const struct asked_deal deals[] = {
    {1, 65536, true},
    {1, 100, true},
    {3, 77, false},
};

/* By destination port, 0..4. */
static struct {
	uint64_t flows, packets, octets;
	bool any;
} step[STEPS][5];

static void
make(void)
{
	size_t i;

	for (i = 0; i < ASKED_FLOWS; i++)
		asked_flow(&flows[i], 0, 0);
	memset(step, 0, sizeof(step));
}

static size_t
step_at(int64_t t)
{
	assert_true(t >= BASE && (t - BASE) / STEP < STEPS);
	return ((size_t)((t - BASE) / STEP));
}

static void
at_start(void)
{
	const struct flow *f;
	size_t i, s;

	for (i = 0; i < ASKED_FLOWS; i++) {
		f = &flows[i];
		s = step_at(f->start);
		step[s][f->dst_port].flows++;
		step[s][f->dst_port].packets += f->packets;
		step[s][f->dst_port].octets += f->octets;
		step[s][f->dst_port].any = true;
	}
}

/* What of a counter was counted up to then. */
static uint64_t
upto(uint64_t n, const struct flow *f, int64_t t)
{
	if (t <= f->start)
		return (0);
	if (t >= f->end)
		return (n);
	return ((uint64_t)((wide)n * (uint64_t)(t - f->start) /
	    (uint64_t)(f->end - f->start)));
}

static void
evenly(void)
{
	const struct flow *f;
	size_t i, s, last;
	int64_t from, to;

	for (i = 0; i < ASKED_FLOWS; i++) {
		f = &flows[i];
		s = step_at(f->start);
		step[s][f->dst_port].flows++;
		last = f->end > f->start ? step_at(f->end - 1) : s;
		for (; s <= last; s++) {
			from = BASE + (int64_t)s * STEP;
			to = s == last ? INT64_MAX : from + STEP;
			step[s][f->dst_port].packets +=
			    upto(f->packets, f, to) - upto(f->packets, f, from);
			step[s][f->dst_port].octets +=
			    upto(f->octets, f, to) - upto(f->octets, f, from);
			step[s][f->dst_port].any = true;
		}
	}
}

static size_t
put_time(char *to, size_t room, size_t s)
{
	struct text t;

	text_init(&t, to, room);
	text_time(&t, BASE + (int64_t)s * STEP, true);
	return (text_done(&t));
}

/* Rows of all ports as one, or the first of each step by octets. */
static char *
rows(bool ports, size_t top)
{
	char *text = calloc(STEPS * 6, 200);
	size_t s, p, best, n, len = 0;
	uint64_t f, k, o;
	bool any;

	assert_non_null(text);
	for (s = 0; s < STEPS; s++) {
		f = k = o = 0;
		any = false;
		for (p = 0; p < 5; p++) {
			f += step[s][p].flows;
			k += step[s][p].packets;
			o += step[s][p].octets;
			any = any || step[s][p].any;
		}
		if (!ports && any) {
			len += put_time(text + len, 64, s);
			len += (size_t)snprintf(text + len, 100,
			    ",%llu,%llu,%llu\n", (unsigned long long)f,
			    (unsigned long long)k, (unsigned long long)o);
		}
		for (n = 0; ports && n < top; n++) {
			best = 5;
			for (p = 0; p < 5; p++)
				if (step[s][p].any &&
				    (best == 5 ||
					step[s][p].octets >
					    step[s][best].octets))
					best = p;
			if (best == 5)
				break;
			len += put_time(text + len, 64, s);
			len += (size_t)snprintf(text + len, 100,
			    ",%zu,%llu,%llu,%llu\n", best,
			    (unsigned long long)step[s][best].flows,
			    (unsigned long long)step[s][best].packets,
			    (unsigned long long)step[s][best].octets);
			step[s][best].any = false;
		}
	}
	return (text);
}

static void
check(struct question *q, char *want)
{
	struct asked a;
	size_t i;

	for (i = 0; i < 2 * sizeof(deals) / sizeof(deals[0]); i++) {
		q->memory = i % 2 == 0 ? 0 : 20000;
		q->tmpdir = "/tmp";
		a = asked_group(q, flows, ASKED_FLOWS, &deals[i / 2]);
		asked_same(strchr(a.text, '\n') + 1, want);
		free(a.text);
	}
	free(want);
}

static void
flows_count_in_the_step_they_start_in(void **state)
{
	struct question q = {.threads = 1, .every = STEP};
	char bad[64];

	(void)state;
	make();
	at_start();
	check(&q, rows(false, 0));
	assert_int_equal(question_keys(&q, "dst_port", bad), 0);
	check(&q, rows(true, 5));
}

static void
flows_count_evenly_and_nothing_is_lost(void **state)
{
	struct question q = {.threads = 1,
	    .every = STEP,
	    .spread = SPREAD_EVEN};
	uint64_t sum = 0, want = 0;
	char bad[64];
	size_t i;

	(void)state;
	make();
	evenly();
	for (i = 0; i < STEPS * 5; i++)
		sum += step[i / 5][i % 5].octets;
	for (i = 0; i < ASKED_FLOWS; i++)
		want += flows[i].octets;
	assert_true(sum == want);
	check(&q, rows(false, 0));
	assert_int_equal(question_keys(&q, "dst_port", bad), 0);
	check(&q, rows(true, 5));
}

static void
top_is_of_each_step(void **state)
{
	struct question q = {.threads = 1, .every = STEP, .top = 2};
	char bad[64];

	(void)state;
	make();
	at_start();
	assert_int_equal(question_keys(&q, "dst_port", bad), 0);
	check(&q, rows(true, 2));
}

static void
distinct_values_are_counted_by_step(void **state)
{
	struct question q = {.threads = 1, .every = STEP, .distinct = true};
	char *want = calloc(STEPS, 100), bad[64];
	size_t s, p, n, len = 0;

	(void)state;
	assert_non_null(want);
	make();
	at_start();
	for (s = 0; s < STEPS; s++) {
		for (p = n = 0; p < 5; p++)
			n += step[s][p].any;
		if (n == 0)
			continue;
		len += put_time(want + len, 64, s);
		len += (size_t)snprintf(want + len, 30, ",%zu\n", n);
	}
	assert_int_equal(question_keys(&q, "dst_port", bad), 0);
	check(&q, want);
}

/* A flow of a hundred years does not take as long. */
static void
times_that_cannot_be_take_no_time(void **state)
{
	struct question q = {.threads = 1,
	    .every = NSEC_PER_SEC,
	    .spread = SPREAD_EVEN};
	struct asked a;

	(void)state;
	make();
	flows[0].start = INT64_MIN;
	flows[0].end = INT64_MAX;
	flows[0].octets = 77;
	flows[0].packets = 7;
	flows[1].start = INT64_MAX;
	flows[1].end = INT64_MIN;
	a = asked_group(&q, flows, 1, &deals[0]);
	assert_non_null(strstr(a.text, ",1,7,77\n"));
	free(a.text);
	a = asked_group(&q, flows, 100, &deals[0]);
	free(a.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flows_count_in_the_step_they_start_in),
	    cmocka_unit_test(flows_count_evenly_and_nothing_is_lost),
	    cmocka_unit_test(top_is_of_each_step),
	    cmocka_unit_test(distinct_values_are_counted_by_step),
	    cmocka_unit_test(times_that_cannot_be_take_no_time),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
