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
 * What is taken from records is what their flows, added one by one, would have
 * been.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/batch.h"
#include "archive/pack.h"
#include "bytes.h"
#include "tests/unit/anyflow.h"
#include "tests/unit/samerows.h"

#define ROOM 4000
#define RECORDS 60
#define RECLEN 800

static struct anyflow *a;
static struct flow *flow; /* what went in */

/* Records of any form, and what is borrowed by them. */
struct any_records {
	struct records r;
	struct flow first;
	struct form *form;
	uint8_t bytes[RECORDS * RECLEN];
	struct flow flow[RECORDS];
};

static struct any_records *rec;

static int
setup(void **state)
{
	(void)state;
	a = calloc(1, sizeof(*a));
	flow = calloc(ROOM, sizeof(*flow));
	rec = calloc(1, sizeof(*rec));
	assert_true(a != NULL && flow != NULL && rec != NULL);
	rec->form =
	    calloc(1, sizeof(*rec->form) + FLOW_NFIELDS * sizeof(struct copy));
	assert_non_null(rec->form);
	anyflow_init(a, 5);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	free(rec->form);
	free(rec);
	free(a);
	free(flow);
	return (0);
}

/* A member as the record's bytes say. */
static void
copy_member(struct flow *f, const struct copy *c, const uint8_t *p)
{
	const struct field *fd = &fields[c->field];
	struct addr addr = {.family = ADDR_NONE};
	uint64_t v = 0;
	unsigned int i;

	switch (c->kind) {
	case COPY_MAC:
		memcpy(field_ptr(f, fd), p, 6);
		return;
	case COPY_ADDR4:
	case COPY_ADDR6:
		addr.family = c->len == 4 ? ADDR_V4 : ADDR_V6;
		memcpy(addr.b, p, c->len);
		memcpy(field_ptr(f, fd), &addr, sizeof(addr));
		return;
	default:
		for (i = 0; i < c->len; i++)
			v = v << 8 | p[i];
		if (c->kind == COPY_SECONDS)
			v *= (uint64_t)NSEC_PER_SEC;
		if (c->kind == COPY_MSECONDS)
			v *= (uint64_t)NSEC_PER_MSEC;
		member_set_number(f, fd, v);
	}
}

static bool
by_uptimes(const struct flow *f)
{
	return (f->clock == CLOCK_UPTIME && flow_has(f, FLOW_START) &&
	    flow_has(f, FLOW_END));
}

static void
flow_of(const struct records *r, uint32_t i, struct flow *f)
{
	uint32_t k;

	*f = *r->first;
	for (k = 0; k < r->form->ncopies; k++)
		copy_member(f, &r->form->copy[k],
		    r->p + i * r->len + r->form->copy[k].src);
	if (!by_uptimes(f))
		return;
	f->start =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->start_uptime);
	f->end =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->end_uptime);
}

static uint8_t
pick(const uint8_t *of, unsigned int n)
{
	return (of[any(a) % n]);
}

/* False: it is not copied, of any form. */
static bool
any_copy(struct copy *c, unsigned int field)
{
	static const uint8_t widths[] = {1, 2, 4, 8};

	c->field = (uint8_t)field;
	c->kind = COPY_NUMBER;
	switch (fields[field].type) {
	case FT_U8:
		c->len = 1;
		break;
	case FT_U16:
		c->len = pick(widths, 2);
		break;
	case FT_U32:
		c->len = pick(widths, 3);
		break;
	case FT_U64:
		c->len = pick(widths, 4);
		break;
	case FT_TIME:
		c->kind = any(a) % 2 ? COPY_SECONDS : COPY_MSECONDS;
		c->len = c->kind == COPY_SECONDS ? pick(widths + 2, 2) : 8;
		break;
	case FT_ADDR:
		c->kind = any(a) % 4 == 0 ? COPY_ADDR6 : COPY_ADDR4;
		c->len = c->kind == COPY_ADDR6 ? 16 : 4;
		break;
	case FT_MAC:
		c->kind = COPY_MAC;
		c->len = 6;
		break;
	default:
		return (false);
	}
	/* Of the header, so of all records alike. */
	return (field != FLOW_RECV_TIME && field != FLOW_EXPORT_TIME &&
	    field != FLOW_SYS_UPTIME);
}

/* Some of the first's fields, anywhere in the record, with gaps. */
static void
any_form(unsigned int one_in, bool uptimes)
{
	static uint64_t id;
	struct form *form = rec->form;
	struct copy c;
	unsigned int i, at = 1 + any(a) % 4;

	form->id = ++id;
	form->ncopies = 0;
	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (!flow_has(&rec->first, (enum flow_field)i) ||
		    any(a) % one_in != 0 || !any_copy(&c, i) ||
		    (uptimes && (i == FLOW_START || i == FLOW_END)))
			continue;
		c.src = (uint16_t)at;
		at += c.len + (any(a) % 8 == 0 ? 3 : 0);
		form->copy[form->ncopies++] = c;
	}
	rec->r.len = at + any(a) % 3;
	assert_true(rec->r.len <= RECLEN);
}

static const enum flow_field timed[] = {FLOW_START, FLOW_END, FLOW_START_UPTIME,
    FLOW_END_UPTIME, FLOW_SYS_UPTIME, FLOW_EXPORT_TIME};

/* One in so many of the fields, and of them one in so many in the record. */
static void
any_records_of(const struct flow_set *set, unsigned int one_in, bool uptimes)
{
	struct flow_set all = *set;
	uint32_t i, same;
	size_t k;

	for (i = 0; i < 6 && uptimes; i++)
		all.w[0] |= UINT64_C(1) << timed[i];
	any_flow(a, &rec->first, &all);
	rec->first.export_time %= INT64_MAX / 2;
	rec->first.clock = CLOCK_ABSOLUTE;
	if (uptimes)
		rec->first.clock = CLOCK_UPTIME;
	rec->r.first = &rec->first;
	rec->r.form = rec->form;
	rec->r.p = rec->bytes;
	rec->r.n = 1 + any(a) % RECORDS;
	any_form(one_in, uptimes);
	for (k = 0; k < rec->r.len * rec->r.n; k++)
		rec->bytes[k] = (uint8_t)any64(a);
	/* Some like others. */
	for (same = any(a) % 3; same > 0; same--)
		memmove(rec->bytes + any(a) % rec->r.n * rec->r.len,
		    rec->bytes + any(a) % rec->r.n * rec->r.len, rec->r.len);
	for (i = 0; i < rec->r.n; i++)
		flow_of(&rec->r, i, &rec->flow[i]);
	/* As the decoder has it: it is the first of them. */
	rec->first = rec->flow[0];
}

/* What was packed, read again, is what was sent. */
static void
packs(const struct rows *r, uint32_t n)
{
	static struct block block;
	struct batch *b = batch_new();
	size_t room = pack_bound(r), len;
	uint8_t *bytes = malloc(room);
	struct flow got;
	struct rd rd;
	uint32_t i;
	unsigned int id;

	assert_true(b != NULL && bytes != NULL);
	len = pack_quick(r, bytes, room);
	assert_true(len > 0 && len <= room);
	rd = rd_init(bytes, len);
	assert_int_equal(block_read(&rd, &block), BLOCK_OK);
	batch_set_block(b, &block);
	for (i = 0; i < n; i++) {
		assert_int_equal(batch_row(b, i, NULL, &got), BLOCK_OK);
		for (id = 0; id < FLOW_NFIELDS; id++)
			if (flow_has(&got, id) &&
			    (member_type(id) == CT_NUMBER ||
				member_type(id) == CT_TIME))
				assert_true(member_number(&got, &fields[id]) ==
				    member_number(&flow[i], &fields[id]));
	}
	batch_free(b);
	free(bytes);
}

/* The flow with what is kept of it. */
static void
expect(uint32_t row, const struct flow *f, const struct flow_set *keep)
{
	unsigned int w;

	flow[row] = *f;
	for (w = 0; w < FLOW_WORDS; w++)
		flow[row].has.w[w] &= keep->w[w];
}

/* By records or by flows; how many went in. */
static uint32_t
take_or_add(struct rows *r, uint32_t n, const struct flow_set *keep)
{
	uint32_t i, took = 0;

	if (any(a) % 4 != 0) {
		took = rows_take(r, &rec->r);
		assert_true(took <= rec->r.n);
	} else {
		while (took < rec->r.n && rows_add(r, &rec->flow[took]))
			took++;
	}
	assert_int_equal(rows_count(r), n + took);
	for (i = 0; i < took; i++)
		expect(n + i, &rec->flow[i], keep);
	return (took);
}

static void
many_blocks(const struct flow_set *keep, unsigned int shapes,
    unsigned int uptimes_in)
{
	struct rows *r = rows_new(ROOM - 100, keep);
	struct flow_set set[8];
	unsigned int i, block;
	uint32_t n, took;

	for (i = 0; i < shapes; i++)
		any_set(a, &set[i], 1 + any(a) % 6);
	for (block = 0; block < 12; block++) {
		for (n = 0;; n += took) {
			any_records_of(&set[any(a) % shapes], 1 + any(a) % 3,
			    any(a) % uptimes_in == 0);
			took = take_or_add(r, n, keep);
			if (took < rec->r.n || any(a) % 40 == 0) {
				n += took;
				break;
			}
		}
		if (n > 0) {
			same_rows(r, flow, n);
			if (block % 3 == 0)
				packs(r, n);
		}
		if (block % 2 == 0) /* it is told of once more */
			same_rows(r, flow, n);
		rows_clear(r);
	}
	rows_free(r);
}

static void
records_of_any_form_are_taken_as_their_flows(void **state)
{
	struct flow_set keep;
	unsigned int i;

	(void)state;
	memset(&keep, 0xff, sizeof(keep));
	for (i = 0; i < 12; i++)
		many_blocks(&keep, 1 + i % 8, 1 + i % 3);
}

static void
only_fields_that_are_kept_are_taken(void **state)
{
	struct flow_set keep;
	unsigned int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		any_set(a, &keep, 1 + any(a) % 4);
		many_blocks(&keep, 1 + i % 8, 1 + i % 2);
	}
}

/* The fields of a router that sends uptimes, like NetFlow 5. */
static void
router(struct flow_set *set)
{
	static const enum flow_field has[] = {FLOW_RECV_TIME, FLOW_AGENT,
	    FLOW_SRC_ADDR, FLOW_DST_ADDR, FLOW_PACKETS, FLOW_OCTETS};
	size_t i;

	memset(set, 0, sizeof(*set));
	for (i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		set->w[0] |= UINT64_C(1) << has[i];
}

static uint32_t
some(struct rows *r, uint32_t n, bool uptimes, bool take)
{
	struct flow_set set, keep;
	uint32_t i;

	router(&set);
	memset(&keep, 0xff, sizeof(keep));
	if (!uptimes)
		set.w[0] |= UINT64_C(1) << FLOW_START | UINT64_C(1) << FLOW_END;
	any_records_of(&set, 1, uptimes);
	for (i = 0; i < rec->r.n; i++)
		expect(n + i, &rec->flow[i], &keep);
	if (take)
		assert_int_equal(rows_take(r, &rec->r), rec->r.n);
	for (i = 0; i < rec->r.n && !take; i++)
		assert_true(rows_add(r, &rec->flow[i]));
	return (rec->r.n);
}

static int
kind_of(const struct rows *r, unsigned int id)
{
	return (rows_column(r, id)->kind);
}

static void
times_that_uptimes_tell_are_not_stored(void **state)
{
	struct rows *r = rows_new(ROOM, NULL);
	unsigned int round, i;
	uint32_t n;

	(void)state;
	for (round = 0; round < 8; round++) {
		for (n = 0, i = 0; i < 20; i++)
			n += some(r, n, true, any(a) % 2);
		assert_int_equal(kind_of(r, FLOW_START), ROWS_UPTIMES);
		assert_int_equal(kind_of(r, FLOW_END), ROWS_UPTIMES);
		same_rows(r, flow, n);
		/* Another kind of clock comes, and then the first again. */
		if (round % 2) {
			n += some(r, n, false, round % 4 == 1);
			assert_int_equal(kind_of(r, FLOW_START), ROWS_NUMBERS);
			n += some(r, n, true, true);
			same_rows(r, flow, n);
		}
		rows_clear(r);
	}
	rows_free(r);
}

static void
a_wrong_uptime_is_no_time(void **state)
{
	struct rows *r = rows_new(ROOM, NULL);
	uint32_t n;

	(void)state;
	n = some(r, 0, true, true);
	flow[n] = flow[0];
	flow[n].end++;
	assert_true(rows_add(r, &flow[n++]));
	assert_int_equal(kind_of(r, FLOW_START), ROWS_UPTIMES);
	assert_int_equal(kind_of(r, FLOW_END), ROWS_NUMBERS);
	same_rows(r, flow, n);
	rows_free(r);
}

/* Octets in so many bytes. */
static uint32_t
octets(struct rows *r, uint32_t n, unsigned int width)
{
	struct flow_set set = {{UINT64_C(1) << FLOW_OCTETS}}, keep;
	uint32_t i;

	memset(&keep, 0xff, sizeof(keep));
	do
		any_records_of(&set, 1, false);
	while (rec->form->copy[0].len != width);
	assert_int_equal(rows_take(r, &rec->r), rec->r.n);
	for (i = 0; i < rec->r.n; i++)
		expect(n + i, &rec->flow[i], &keep);
	return (rec->r.n);
}

static void
numbers_are_as_wide_as_some_were_sent(void **state)
{
	static const struct {
		uint8_t sent[2];
		uint8_t width[2];
	} blocks[] = {{{2, 2}, {8, 8}}, {{2, 2}, {2, 2}}, {{1, 4}, {2, 4}},
	    {{1, 1}, {4, 4}}, {{1, 8}, {1, 8}}, {{8, 1}, {8, 8}}};
	struct rows *r = rows_new(ROOM, NULL);
	uint32_t n;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		for (n = 0, k = 0; k < 2; k++) {
			n += octets(r, n, blocks[i].sent[k]);
			assert_int_equal(rows_column(r, FLOW_OCTETS)->width,
			    blocks[i].width[k]);
		}
		same_rows(r, flow, n);
		packs(r, n);
		rows_clear(r);
	}
	rows_free(r);
}

/* The column has codes from the flow on that has none. */
static void
a_flow_without_the_address_between_spoils_no_other(void **state)
{
	struct flow_set set = {{UINT64_C(1) << FLOW_SRC_ADDR}};
	struct rows *r = rows_new(ROOM, NULL);
	struct flow none;
	uint32_t many, i;

	(void)state;
	do
		any_records_of(&set, 1, false);
	while (rec->form->copy[0].kind != COPY_ADDR4 || rec->r.n < 8);
	many = rec->r.n;
	rec->r.n = 2;
	assert_int_equal(rows_take(r, &rec->r), 2);
	none = rec->first;
	flow_unset(&none, FLOW_SRC_ADDR);
	memset(&none.src_addr, 0, sizeof(none.src_addr));
	assert_true(rows_add(r, &none));
	rec->r.n = many;
	assert_int_equal(rows_take(r, &rec->r), many);
	flow[0] = rec->flow[0];
	flow[1] = rec->flow[1];
	flow[2] = none;
	for (i = 0; i < many; i++)
		flow[3 + i] = rec->flow[i];
	same_rows(r, flow, 3 + many);
	rows_free(r);
}

static void
what_does_not_fit_stays_outside(void **state)
{
	struct rows *r = rows_new(100, NULL);
	struct flow_set set;
	uint32_t n = 0, took, i;

	(void)state;
	router(&set);
	do {
		any_records_of(&set, 1, true);
		took = rows_take(r, &rec->r);
		for (i = 0; i < took; i++)
			flow[n++] = rec->flow[i];
	} while (took == rec->r.n);
	assert_int_equal(n, 100);
	assert_int_equal(rows_take(r, &rec->r), 0);
	same_rows(r, flow, 100);
	rows_clear(r);
	assert_int_equal(rows_take(r, &rec->r), rec->r.n);
	same_rows(r, rec->flow, rec->r.n);
	rows_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_of_any_form_are_taken_as_their_flows),
	    cmocka_unit_test(only_fields_that_are_kept_are_taken),
	    cmocka_unit_test(times_that_uptimes_tell_are_not_stored),
	    cmocka_unit_test(a_wrong_uptime_is_no_time),
	    cmocka_unit_test(numbers_are_as_wide_as_some_were_sent),
	    cmocka_unit_test(
		a_flow_without_the_address_between_spoils_no_other),
	    cmocka_unit_test(what_does_not_fit_stays_outside),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
