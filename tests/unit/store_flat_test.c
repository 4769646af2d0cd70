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
 * Records taken as columns are the flows that store_read() makes of them, up
 * to the same place and for the same reason.
 */

#include <stdlib.h>

#include "archive/batch.h"
#include "archive/rows.h"
#include "tests/unit/flatrow.h"
#include "tests/unit/record.h"

#define RECORDS 1200

static uint8_t bytes[RECORDS * STORE_WRITEMAX];

static uint32_t
any(uint32_t below)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return ((uint32_t)(x >> 16) % below);
}

/* Values that the log takes in a way of its own come often. */
static struct flow
any_flow(void)
{
	static const uint16_t versions[] = {0, 1, 5, 7, 9, 10, 105};
	struct flow f = full_flow(any(2) == 0);
	const struct flow other = full_flow(any(2) == 0);

	if (any(3) == 0)
		f.src_addr = f.dst_addr = other.src_addr;
	if (any(3) == 0)
		f.agent = other.agent;
	if (any(3) == 0)
		f.next_hop = (struct addr){.family = ADDR_NONE};
	f.src_addr.b[3] = (uint8_t)any(256);
	f.recv_time += any(3) * INT64_C(1001000);
	f.version = versions[any(7)];
	f.source_id = any(2) * 77;
	f.sys_uptime = any(2) * (7000000 + any(1000));
	f.export_time = any(3) * (EXPORT / 2) + any(2);
	f.start_uptime = any(9000000);
	f.end_uptime = f.start_uptime + any(5);
	f.engine_type = (uint16_t)(any(2) != 0 ? 0x0300 : any(600));
	f.octets = any(UINT32_MAX) * UINT64_C(77777777);
	return (f);
}

static uint32_t
any_mask(uint32_t kind)
{
	static const uint32_t masks[] = {STORE_ALL, STORE_BRIEF,
	    STORE_BRIEF | STORE_CRC32, STORE_ALL & ~STORE_CRC32};

	return (kind < 4 ? masks[kind] : any(UINT32_MAX) & STORE_ALL);
}

/* A log of records of any masks, or of one. */
static size_t
any_log(uint32_t kind, uint32_t records)
{
	struct wr wr = wr_init(bytes, sizeof(bytes));
	uint32_t mask = any_mask(kind), i;
	struct flow f;

	for (i = 0; i < records; i++) {
		if (kind > 4 && any(20) == 0)
			mask = any_mask(any(6));
		f = any_flow();
		assert_int_equal(store_write(&wr, &f, mask), STORE_OK);
	}
	return (sizeof(bytes) - wr.left);
}

static void
keep_only(struct flow *f, const struct flow_set *keep)
{
	struct flow all = *f;
	size_t i;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < FLOW_NFIELDS; i++) {
		if ((keep->w[i / 64] >> i % 64 & 1) == 0)
			continue;
		if (flow_has(&all, fields[i].bit))
			flow_set(f, fields[i].bit);
		memcpy(field_ptr(f, &fields[i]), field_cptr(&all, &fields[i]),
		    field_size(fields[i].type));
	}
	if (flow_has(f, FLOW_START))
		f->clock = all.clock;
}

/* Rows of so many at a time, all fields or some. */
static void
check_log(size_t len, uint32_t room, const struct flow_set *keep)
{
	const struct flow_set all = store_flow_fields();
	struct flat *t = flat_new(room, keep, &all);
	struct store_taker *x = store_taker_new();
	struct rd rd = rd_init(bytes, len), ref = rd;
	struct store_record rec;
	enum store_err e, want = STORE_OK;
	struct flow f;
	uint32_t i;

	assert_non_null(t);
	assert_non_null(x);
	do {
		flat_clear(t);
		e = store_take(x, &rd, t, any(2) == 0 ? UINT32_MAX : any(700));
		for (i = 0; i < t->n; i++) {
			assert_int_equal(read_sure(&ref, &rec), STORE_OK);
			keep_only(&rec.flow, keep);
			f = flat_row(t, i);
			assert_same_flow(&f, &rec.flow);
		}
		assert_ptr_equal(rd.p, ref.p);
		assert_int_equal(rd.left, ref.left);
	} while (e == STORE_OK || e == STORE_NOSPACE);
	want = read_sure(&ref, &rec);
	assert_int_equal(e, want);
	store_taker_free(x);
	flat_free(t);
}

static const struct flow_set everything = {{UINT64_MAX, UINT64_MAX}};

static void
records_of_any_mask_are_the_same_flows(void **state)
{
	uint32_t kind;

	(void)state;
	for (kind = 0; kind < 40; kind++)
		check_log(any_log(kind, RECORDS), 1 + any(RECORDS),
		    &everything);
}

static void
records_of_each_mask_alone_are_the_same_flows(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 2000; i++)
		check_log(any_log(4, 3), 3, &everything);
}

static void
fields_that_nobody_wants_are_left_out(void **state)
{
	struct flow_set keep;
	uint32_t i;

	(void)state;
	for (i = 0; i < 40; i++) {
		keep.w[0] = (uint64_t)any(UINT32_MAX) << 32 | any(UINT32_MAX);
		keep.w[0] &= store_flow_fields().w[0];
		keep.w[1] = 0;
		check_log(any_log(i, 300), 100, &keep);
	}
}

static void
damage_ends_it_where_it_ends_reading(void **state)
{
	size_t len;
	uint32_t i;

	(void)state;
	for (i = 0; i < 1500; i++) {
		len = any_log(i % 8, 1 + any(40));
		if (any(3) == 0)
			len -= any(len < 400 ? (uint32_t)len : 400);
		else
			bytes[any((uint32_t)len)] ^= (uint8_t)(1 + any(255));
		check_log(len, 1 + any(50), &everything);
	}
}

static void
bytes_of_later_versions_are_skipped(void **state)
{
	size_t len = any_log(3, 3), one = len / 3;
	uint32_t i;

	(void)state;
	/* Each of the three has its own version and four more bytes. */
	for (i = 3; i-- > 0;) {
		memmove(bytes + i * (one + 4), bytes + i * one, one);
		memset(bytes + i * (one + 4) + one, 0xee, 4);
		bytes[i * (one + 4)] = (uint8_t)(STORE_VERSION + 1 + i);
		bytes[i * (one + 4) + 1]++;
	}
	check_log(len + 12, 3, &everything);
}

static void
more_shapes_than_there_is_room_for_have_to_wait(void **state)
{
	struct flow_set all = store_flow_fields();
	struct flat *t = flat_new(RECORDS, &all, &all);
	struct store_taker *x = store_taker_new();
	struct wr wr = wr_init(bytes, sizeof(bytes));
	struct flow f = full_flow(false);
	struct rd rd;
	uint32_t i;

	(void)state;
	for (i = 0; i < 300; i++)
		store_write(&wr, &f,
		    STORE_TAG | (i & 0xf) << 11 |
			(i & 0x10 ? STORE_PROTO_FLAGS_TOS : 0) |
			(i & 0x20 ? STORE_AS_INFO : 0) |
			(i & 0x40 ? STORE_RECV_TIME : 0) |
			(i & 0x80 ? STORE_SRC_ADDR4 : 0) |
			(i & 0x100 ? STORE_DST_ADDR4 : 0));
	rd = rd_init(bytes, sizeof(bytes) - wr.left);
	assert_non_null(t);
	assert_non_null(x);
	assert_int_equal(store_take(x, &rd, t, UINT32_MAX), STORE_NOSPACE);
	assert_int_equal(t->n, FLAT_SHAPES);
	store_taker_free(x);
	flat_free(t);
	check_log(sizeof(bytes) - wr.left, RECORDS, &everything);
}

static void
who_trusts_takes_what_has_a_wrong_checksum(void **state)
{
	struct flow_set all = store_flow_fields();
	struct flat *t = flat_new(RECORDS, &all, &all);
	struct store_taker *x = store_taker_new();
	struct rd rd = rd_init(bytes, any_log(0, 2)), again = rd;

	(void)state;
	assert_non_null(t);
	assert_non_null(x);
	bytes[20] ^= 1;
	assert_int_equal(store_take(x, &rd, t, UINT32_MAX), STORE_CRC);
	assert_int_equal(t->n, 0);
	store_taker_trust(x);
	assert_int_equal(store_take(x, &again, t, UINT32_MAX), STORE_EOF);
	assert_int_equal(t->n, 2);
	store_taker_free(x);
	flat_free(t);
}

static void
no_more_is_taken_than_asked(void **state)
{
	struct flow_set all = store_flow_fields();
	struct flat *t = flat_new(RECORDS - 1, &all, &all);
	struct store_taker *x = store_taker_new();
	struct rd rd = rd_init(bytes, any_log(0, RECORDS));

	(void)state;
	assert_non_null(t);
	assert_non_null(x);
	assert_int_equal(store_take(x, &rd, t, 0), STORE_OK);
	assert_int_equal(t->n, 0);
	assert_int_equal(store_take(x, &rd, t, 131), STORE_OK);
	assert_int_equal(t->n, 131);
	assert_int_equal(t->groups & STORE_CRC32, STORE_CRC32);
	assert_int_equal(store_take(x, &rd, t, UINT32_MAX), STORE_NOSPACE);
	assert_int_equal(t->n, RECORDS - 1);
	flat_clear(t);
	assert_int_equal(store_take(x, &rd, t, UINT32_MAX), STORE_EOF);
	assert_int_equal(t->n, 1);
	store_taker_free(x);
	flat_free(t);
}

/* Of the same records, one by one. */
static struct rows *
rows_of(size_t len, const struct flow_set *keep)
{
	struct rows *r = rows_new(RECORDS, keep);
	struct rd rd = rd_init(bytes, len);
	struct store_record rec;

	assert_non_null(r);
	while (store_read(&rd, &rec) == STORE_OK)
		assert_true(rows_add(r, &rec.flow));
	return (r);
}

static struct flat *
flat_of(size_t len, const struct flow_set *keep)
{
	const struct flow_set all = store_flow_fields();
	struct flat *t = flat_new(RECORDS, keep, &all);
	struct store_taker *x = store_taker_new();
	struct rd rd = rd_init(bytes, len);

	assert_non_null(t);
	assert_non_null(x);
	store_take(x, &rd, t, UINT32_MAX);
	store_taker_free(x);
	return (t);
}

static void
assert_same_batches(struct batch *a, struct batch *b)
{
	struct flow f, g;
	uint32_t i;

	assert_int_equal(batch_flows(a), batch_flows(b));
	for (i = 0; i < FLOW_NFIELDS; i++) {
		assert_int_equal(batch_any(a, i), batch_any(b, i));
		assert_int_equal(batch_all(a, i), batch_all(b, i));
	}
	for (i = 0; i < batch_flows(a); i++) {
		assert_int_equal(batch_row(a, i, NULL, &f), BLOCK_OK);
		assert_int_equal(batch_row(b, i, NULL, &g), BLOCK_OK);
		assert_same_flow(&f, &g);
	}
}

/* What lies there is what a vec of it says. */
static void
assert_plain(struct batch *b, unsigned int id)
{
	const struct vec *v;
	struct plain pl;
	uint64_t number;
	uint32_t i;

	assert_int_equal(batch_plain(b, id, &pl), BLOCK_OK);
	assert_int_equal(batch_column(b, id, &v), BLOCK_OK);
	for (i = 0; pl.p != NULL && i < batch_flows(b); i++) {
		const uint8_t *at = (const uint8_t *)pl.p + i * pl.width;

		if (v->type == CT_ADDR) {
			if (pl.family != NULL)
				assert_int_equal(pl.family[i],
				    vec_addr(v, i)->family);
			assert_memory_equal(vec_addr(v, i)->b,
			    pl.width == 4 || vec_addr(v, i)->family != ADDR_V4
				? at
				: at + 12,
			    vec_addr(v, i)->family == ADDR_V6 ? 16 : 4);
			continue;
		}
		number = pl.width == 1 ? *at
		    : pl.width == 2    ? *(const uint16_t *)at
		    : pl.width == 4    ? *(const uint32_t *)at
				       : *(const uint64_t *)at;
		assert_int_equal(number, vec_number(v, i));
	}
}

static void
batches_of_columns_are_those_of_rows(void **state)
{
	struct batch *a = batch_new(), *b = batch_new();
	struct flow_set keep = everything;
	struct rows *r;
	struct flat *t;
	uint32_t i, id;
	size_t len;

	(void)state;
	for (i = 0; i < 30; i++) {
		len = any_log(i, any(2) == 0 ? 40 : RECORDS / 2);
		r = rows_of(len, &keep);
		t = flat_of(len, &keep);
		batch_set_rows(a, r);
		batch_set_flat(b, t);
		for (id = 0; id < FLOW_NFIELDS && i % 2 == 0; id++)
			if (batch_any(b, id)) {
				assert_plain(a, id);
				assert_plain(b, id);
			}
		assert_same_batches(a, b);
		keep.w[0] = (uint64_t)any(UINT32_MAX) << 32 | any(UINT32_MAX);
		rows_free(r);
		flat_free(t);
	}
	batch_free(a);
	batch_free(b);
}

/* What store_read() says of the groups of each, together. */
static void
groups_are_those_of_all_records(void **state)
{
	struct store_taker *x = store_taker_new();
	struct store_record rec;
	uint32_t kind, seen, expected;
	struct rd rd, one;

	(void)state;
	assert_non_null(x);
	for (kind = 0; kind < 12; kind++) {
		rd = one = rd_init(bytes, any_log(kind, 300));
		for (expected = 0; store_read(&one, &rec) == STORE_OK;)
			expected |= rec.fields;
		seen = 0;
		assert_int_equal(store_groups(x, &rd, &seen), STORE_EOF);
		assert_int_equal(seen, expected);
		assert_int_equal(rd.left, 0);
	}
	store_taker_free(x);
}

static void
addresses_of_one_family_tell_that_there_are_some(void **state)
{
	const uint32_t six = STORE_AGENT_ADDR6 | STORE_SRC_ADDR6 |
	    STORE_DST_ADDR6 | STORE_GATEWAY_ADDR6;
	uint32_t bit;

	(void)state;
	assert_true(store_tells_all(STORE_ALL));
	assert_true(store_tells_all(STORE_ALL & ~STORE_CRC32));
	assert_true(store_tells_all(STORE_ALL & ~six));
	assert_true(store_tells_all(STORE_ALL & ~(six >> 1)));
	assert_false(store_tells_all(STORE_ALL & ~STORE_SRC_ADDR));
	for (bit = 1; bit < STORE_CRC32; bit <<= 1)
		if ((bit & STORE_ALL) != 0 && (bit & (six | six >> 1)) == 0)
			assert_false(store_tells_all(STORE_ALL & ~bit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_of_any_mask_are_the_same_flows),
	    cmocka_unit_test(records_of_each_mask_alone_are_the_same_flows),
	    cmocka_unit_test(fields_that_nobody_wants_are_left_out),
	    cmocka_unit_test(damage_ends_it_where_it_ends_reading),
	    cmocka_unit_test(bytes_of_later_versions_are_skipped),
	    cmocka_unit_test(more_shapes_than_there_is_room_for_have_to_wait),
	    cmocka_unit_test(who_trusts_takes_what_has_a_wrong_checksum),
	    cmocka_unit_test(no_more_is_taken_than_asked),
	    cmocka_unit_test(groups_are_those_of_all_records),
	    cmocka_unit_test(addresses_of_one_family_tell_that_there_are_some),
	    cmocka_unit_test(batches_of_columns_are_those_of_rows),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
