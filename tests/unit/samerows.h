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
 * What rows have, compared with flows that went in.
 */

#ifndef SAMEROWS_H
#define SAMEROWS_H

#include <stdlib.h>
#include <string.h>

#include "archive/member.h"
#include "archive/rows-state.h"

/* The run that a row is of, looked for from the front. */
static inline uint64_t
run_at(const struct rows_column *c, uint32_t row)
{
	uint32_t k = 0;

	assert_int_equal(c->from[0], 0);
	while (k + 1 < c->n && c->from[k + 1] <= row) {
		assert_true(c->from[k] < c->from[k + 1]);
		k++;
	}
	return (c->run[k]);
}

static inline uint64_t
number_at(const struct rows_column *c, uint32_t row)
{
	if (c->kind == ROWS_RUNS)
		return (run_at(c, row));
	assert_int_equal(c->kind, ROWS_NUMBERS);
	switch (c->width) {
	case 1:
		return (((const uint8_t *)c->v)[row]);
	case 2:
		return (((const uint16_t *)c->v)[row]);
	case 4:
		return (((const uint32_t *)c->v)[row]);
	default:
		return (((const uint64_t *)c->v)[row]);
	}
}

static inline struct addr
addr_at(const struct rows_column *c, uint32_t row)
{
	struct addr got = {.family = ADDR_V4};

	if (c->kind == ROWS_IPV4) {
		memcpy(got.b, (const uint8_t *)c->v + row * 4, 4);
		return (got);
	}
	assert_int_equal(c->kind, ROWS_CODES);
	assert_true(((const uint16_t *)c->v)[row] < c->ndict);
	return (c->addr[((const uint16_t *)c->v)[row]]);
}

static inline void
same_bytes_at(const struct rows_column *c, uint32_t row, const struct flow *f)
{
	char buf[MEMBER_MAX];
	struct flow_text want = {"", 0}, got;

	if (flow_has(f, (enum flow_field)c->id))
		want = member_bytes(f, &fields[c->id], buf);
	got = c->bytes[((const uint16_t *)c->v)[row]];
	assert_int_equal(got.len, want.len);
	if (want.len > 0)
		assert_memory_equal(got.p, want.p, want.len);
}

static inline void
same_field_at(const struct rows_column *c, uint32_t row, const struct flow *f)
{
	bool has = flow_has(f, (enum flow_field)c->id);
	struct addr none = {0}, got;

	switch (c->type) {
	case CT_ADDR:
		got = addr_at(c, row);
		assert_memory_equal(&got,
		    has ? field_cptr(f, &fields[c->id]) : &none, sizeof(got));
		return;
	case CT_BYTES:
		same_bytes_at(c, row, f);
		return;
	default:
		assert_true(number_at(c, row) ==
		    (has ? member_number(f, &fields[c->id]) : 0));
	}
}

/* Everything that the rows have is as it was in flow[], and all is there. */
static inline void
same_rows(const struct rows *r, const struct flow *flow, uint32_t n)
{
	int64_t *t = malloc((n + 1UL) * sizeof(*t));
	const struct flow_set *shapes;
	const struct rows_column *c;
	struct flow_set any = {{0}};
	uint32_t row, nshapes;
	uint64_t number;
	unsigned int id;

	assert_int_equal(rows_count(r), n);
	shapes = rows_shapes(r, &nshapes);
	for (row = 0; row < n; row++) {
		number = run_at(rows_column(r, COL_SHAPE), row);
		assert_true(number < nshapes);
		assert_memory_equal(&shapes[number], &flow[row].has,
		    sizeof(struct flow_set));
		any.w[0] |= flow[row].has.w[0];
		any.w[1] |= flow[row].has.w[1];
		assert_int_equal(flow[row].clock,
		    run_at(rows_column(r, COL_CLOCK), row));
		assert_int_equal(flow[row].sampling,
		    run_at(rows_column(r, COL_SAMPLING), row));
	}
	for (id = 0; id < FLOW_NFIELDS; id++) {
		c = rows_column(r, id);
		assert_int_equal(c != NULL, any.w[id / 64] >> id % 64 & 1);
		if (c != NULL && c->kind == ROWS_UPTIMES) {
			rows_times(r, c, t);
			for (row = 0; row < n; row++)
				assert_true(t[row] ==
				    (id == FLOW_START ? flow[row].start
						      : flow[row].end));
			continue;
		}
		for (row = 0; c != NULL && row < n; row++)
			same_field_at(c, row, &flow[row]);
	}
	free(t);
}

#endif /* SAMEROWS_H */
