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

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/rows.h"
#include "query/percentile.h"
#include "query/summary.h"
#include "query/tally.h"

static char got[65536];
static size_t len;

static const char *
keep(void *arg, const char *p, size_t n)
{
	(void)arg;
	assert_true(len + n < sizeof(got));
	memcpy(got + len, p, n);
	got[len += n] = '\0';
	return (NULL);
}

static uint64_t seed;

static uint64_t
any(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return ((seed >> 20) % below);
}

static void
set(struct flow *f, enum flow_field field)
{
	flow_set(f, field);
}

/* A flow of so many octets. */
static struct flow
flow(const char *agent, uint8_t protocol, uint64_t packets, uint64_t octets)
{
	struct flow f = {.protocol = protocol,
	    .packets = packets,
	    .octets = octets};

	assert_int_equal(addr_parse(agent, &f.agent), 0);
	f.start = 1795255200 * NSEC_PER_SEC;
	f.end = f.start + (int64_t)octets * NSEC_PER_MSEC;
	set(&f, FLOW_AGENT);
	set(&f, FLOW_PROTOCOL);
	set(&f, FLOW_PACKETS);
	set(&f, FLOW_OCTETS);
	set(&f, FLOW_START);
	set(&f, FLOW_END);
	return (f);
}

/* The flows to so many workers in turn, a batch of so many at a time. */
static const char *
summary_of(const struct flow *flows, size_t n, size_t batch, size_t workers,
    enum sheet_format format)
{
	const struct sheet_style style = {format, false, true, false};
	struct sheet *sheet = sheet_new(&style, keep, NULL);
	struct consumer *c = summary_consumer(NULL, sheet);
	struct batch *b = batch_new();
	struct rows *rows = rows_new((uint32_t)batch, NULL);
	struct outbuf out = {0};
	struct sel sel = {0};
	void *w[8];
	size_t i, k, turn = 0;

	len = 0;
	got[0] = '\0';
	for (i = 0; i < workers; i++)
		assert_non_null(w[i] = c->begin(c->arg));
	for (i = 0; i < n; i += sel.n, turn++) {
		rows_clear(rows);
		for (k = i; k < n && k < i + batch; k++)
			assert_true(rows_add(rows, &flows[k]));
		batch_set_rows(b, rows);
		sel.n = batch_flows(b);
		assert_null(c->take(w[turn % workers], b, &sel, &out));
	}
	for (i = 0; i < workers; i++)
		assert_null(c->merge(c->arg, w[i]));
	assert_null(c->finish(c->arg, NULL));
	c->free(c);
	sheet_free(sheet);
	batch_free(b);
	rows_free(rows);
	return (got);
}

static void
a_summary_has_totals_and_parts(void **state)
{
	struct flow flows[4];

	(void)state;
	flows[0] = flow("192.0.2.1", 6, 10, 1000);
	flows[1] = flow("192.0.2.1", 17, 1, 100);
	flows[2] = flow("2001:db8::1", 6, 20, 3000);
	flows[3] = flow("192.0.2.1", 6, 9, 900);
	flows[3].flows = 5;
	set(&flows[3], FLOW_FLOWS);
	flows[1].sampling_rate = 100;
	set(&flows[1], FLOW_SAMPLING_RATE);
	assert_string_equal(summary_of(flows, 4, 100, 1, SHEET_CSV),
	    "records,flows,packets,octets,bpp,pps,bps,first,last\n"
	    "4,8,40,5000,125,13.333,13333.333,2026-11-21T10:00:00Z,"
	    "2026-11-21T10:00:03Z\n"
	    "\n"
	    "protocol,flows,packets,octets\n"
	    "6,7,39,4900\n"
	    "17,1,1,100\n"
	    "\n"
	    "agent,flows,packets,octets\n"
	    "2001:db8::1,1,20,3000\n"
	    "192.0.2.1,7,20,2000\n"
	    "\n"
	    "sampling_rate,flows,packets,octets\n"
	    ",7,39,4900\n"
	    "100,1,1,100\n"
	    "\n"
	    "of_a_flow,mean,min,p50,p90,p95,p99,p99.9,max\n"
	    "octets,1250,100,902,3000,3000,3000,3000,3000\n"
	    "packets,10,1,9,20,20,20,20,20\n"
	    "bpp,112.5,100,100,150,150,150,150,150\n"
	    "duration,1.250,0.100,0.899678208,2.995,2.995,2.995,2.995,3\n");
}

static void
a_summary_of_nothing_is_whole(void **state)
{
	(void)state;
	assert_string_equal(summary_of(NULL, 0, 1, 1, SHEET_NDJSON),
	    "{\"records\":0,\"flows\":0,\"packets\":0,\"octets\":0}\n");
}

static void
workers_and_batches_are_not_seen(void **state)
{
	static const char *const agents[] = {"192.0.2.1", "192.0.2.2",
	    "192.0.2.3", "2001:db8::1", "::"};
	static struct flow flows[3000];
	static char first[sizeof(got)];
	size_t i;

	(void)state;
	seed = 1;
	for (i = 0; i < 3000; i++) {
		flows[i] = flow(agents[any(5)], (uint8_t)any(256), any(1000),
		    any(UINT64_C(1) << any(30)));
		flows[i].sampling_rate = (uint32_t)any(4);
		if (any(3) != 0)
			set(&flows[i], FLOW_SAMPLING_RATE);
		else
			flows[i].sampling_rate = 0;
	}
	memcpy(first, summary_of(flows, 3000, 3000, 1, SHEET_JSON),
	    sizeof(first));
	assert_string_equal(summary_of(flows, 3000, 17, 5, SHEET_JSON), first);
	assert_string_equal(summary_of(flows, 3000, 1, 8, SHEET_JSON), first);
	assert_string_equal(summary_of(flows, 3000, 1024, 2, SHEET_JSON),
	    first);
}

static int
ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x < *y ? -1 : *x > *y);
}

static void
percentiles_are_as_near_as_they_say(void **state)
{
	static const unsigned int permilles[] = {0, 1, 10, 100, 250, 500, 900,
	    950, 990, 999, 1000};
	static struct percentile p, half[2];
	static uint64_t v[20000];
	size_t i, k, turn, n;
	uint64_t want, have;
	double sum;

	(void)state;
	seed = 2;
	for (turn = 0; turn < 20; turn++) {
		n = turn < 10 ? 1 + any(300) : 20000;
		memset(&p, 0, sizeof(p));
		memset(half, 0, sizeof(half));
		for (sum = 0, i = 0; i < n; i++) {
			v[i] = any(UINT64_C(1) << (1 + any(1 + 2 * turn)));
			if (turn == 19 && any(10) == 0)
				v[i] = UINT64_MAX - any(1000);
			percentile_add(&half[any(2)], v[i]);
			sum += (double)v[i];
		}
		percentile_merge(&p, &half[0]);
		percentile_merge(&p, &half[1]);
		qsort(v, n, sizeof(v[0]), ascending);
		assert_int_equal(p.n, n);
		assert_int_equal(p.min, v[0]);
		assert_int_equal(p.max, v[n - 1]);
		assert_true(percentile_mean(&p) >= sum / (double)n * 0.999999);
		assert_true(percentile_mean(&p) <= sum / (double)n * 1.000001);
		for (i = 0; i < 11; i++) {
			/* The nearest rank. */
			k = (n * permilles[i] + 999) / 1000;
			want = v[k == 0 ? 0 : k - 1];
			have = percentile_at(&p, permilles[i]);
			if (want < 256)
				assert_int_equal(have, want);
			assert_true((double)have >= (double)want * 0.996);
			assert_true((double)have <= (double)want * 1.004);
		}
	}
}

static void
every_number_has_a_bucket(void **state)
{
	static struct percentile p;
	int i;

	(void)state;
	for (i = 0; i < 64; i++) {
		assert_true(
		    percentile_bucket((UINT64_C(1) << i)) < PERCENTILE_BUCKETS);
		percentile_add(&p, UINT64_C(1) << i);
	}
	assert_int_equal(percentile_bucket(UINT64_MAX), PERCENTILE_BUCKETS - 1);
	assert_int_equal(percentile_bucket(255), 255);
	assert_int_equal(percentile_bucket(256), 256);
	assert_int_equal(percentile_at(&p, 1000), UINT64_C(1) << 63);
	assert_int_equal(percentile_at(&p, 1), 1);
}

static void
tallies_hold_any_keys(void **state)
{
	const struct sums one = {.records = 1, .octets = 1};
	struct tally t = {0};
	struct addr key;
	uint64_t i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		key = tally_number(i % 7000);
		assert_null(tally_add(&t, &key, &one));
	}
	assert_int_equal(t.used, 7000);
	tally_sort(&t);
	/* 20,000 are 2 times 7,000 and 6,000 of the least once more. */
	for (i = 0; i < 7000; i++) {
		assert_int_equal(tally_number_of(&t.entry[i].key), i);
		assert_int_equal(t.entry[i].sums.records, i < 6000 ? 3 : 2);
	}
	tally_clear(&t);
}

static void
too_many_keys_are_an_error(void **state)
{
	const struct sums one = {.records = 1};
	struct tally t = {0};
	struct addr key;
	uint64_t i;

	(void)state;
	for (i = 0; i < TALLY_MAX; i++) {
		key = tally_number(i);
		assert_null(tally_add(&t, &key, &one));
	}
	assert_null(tally_add(&t, &key, &one));
	key = tally_number(i);
	assert_non_null(tally_add(&t, &key, &one));
	tally_clear(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_summary_has_totals_and_parts),
	    cmocka_unit_test(a_summary_of_nothing_is_whole),
	    cmocka_unit_test(workers_and_batches_are_not_seen),
	    cmocka_unit_test(percentiles_are_as_near_as_they_say),
	    cmocka_unit_test(every_number_has_a_bucket),
	    cmocka_unit_test(tallies_hold_any_keys),
	    cmocka_unit_test(too_many_keys_are_an_error),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
