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
 * No column that is damaged passes for good, and none that lies does harm.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "archive/le.h"
#include "tests/unit/schemes.h"

/*
 * Each bit of the block in turn: the block is refused, or a column, or what
 * comes out is what went in.
 */
static void
flip_all(bool squeezed)
{
	struct batch *batch = batch_new();
	size_t len, bit, passed = 0;
	struct blocks m;

	len = make(&m, squeezed);
	for (bit = 0; bit < len * 8; bit++) {
		m.p[bit / 8] ^= 1 << bit % 8;
		if (open_block(m.p, len) == BLOCK_OK) {
			batch_set_block(batch, &b);
			if (vecs_check_all(batch) == 0) {
				assert_null(compare(batch));
				passed++;
			}
		}
		m.p[bit / 8] ^= 1 << bit % 8;
	}
	/* the minor version, and zeros between the parts */
	assert_in_range(passed, 5, 5 + (size_t)b.ncolumns * 2 * 7 * 8);
	batch_free(batch);
	free(m.p);
}

static void
no_bit_can_flip_unnoticed(void **state)
{
	(void)state;
	flip_all(false);
}

static void
no_bit_can_flip_unnoticed_in_zstd(void **state)
{
	(void)state;
	if (!squeeze_available())
		skip();
	flip_all(true);
}

/* The checksums made right after a change of entry i and its parts. */
static void
fix(uint8_t *p, size_t entry_at, size_t parts)
{
	uint8_t *e = p + entry_at;
	uint32_t crc;

	crc = block_crc(0, p + parts, le32(e + 16));
	crc = block_crc(crc, p + parts + (le32(e + 16) + 7) / 8 * 8,
	    le32(e + 24));
	le32_put(e + 32, crc);
	le32_put(p + 8, block_crc(0, p + 12, le32(p + 12) - 12));
}

static size_t
entry_of(unsigned int id, size_t *parts)
{
	const struct block_column *c = block_column(&b, id);

	assert_non_null(c);
	*parts = (size_t)(c->dict.p - b.p);
	return (BLOCK_HDRLEN + FLOW_WORDS * 8 +
	    (size_t)(c - b.columns) * BLOCK_COLUMNLEN);
}

/* Any byte of any entry, with checksums that hold: a refusal, or no harm. */
static void
lie_all(bool squeezed)
{
	static const uint8_t xor [] = {1, 2, 4, 8, 16, 32, 64, 128, 0xff};
	struct batch *batch = batch_new();
	struct blocks m;
	size_t len = make(&m, squeezed), k, at, parts, i, x;
	uint8_t *copy = malloc(len);

	assert_non_null(copy);
	for (k = 0; k < NIDS; k++)
		for (i = 0; i < BLOCK_COLUMNLEN; i++)
			for (x = 0; x < sizeof(xor); x++) {
				memcpy(copy, m.p, len);
				assert_int_equal(open_block(copy, len),
				    BLOCK_OK);
				at = entry_of(ids[k], &parts);
				copy[at + i] ^= xor[x];
				le32_put(copy + 8,
				    block_crc(0, copy + 12,
					le32(copy + 12) - 12));
				if (open_block(copy, len) != BLOCK_OK)
					continue;
				batch_set_block(batch, &b);
				(void)vecs_check_all(batch);
			}
	batch_free(batch);
	free(copy);
	free(m.p);
}

static void
entries_that_lie_do_no_harm(void **state)
{
	(void)state;
	lie_all(false);
	if (squeeze_available())
		lie_all(true);
}

/* Any byte of the parts, with checksums that hold. */
static void
parts_that_lie_do_no_harm(void **state)
{
	struct batch *batch = batch_new();
	struct blocks m;
	size_t len, k, at, parts, i, end;
	unsigned int id;
	uint8_t *copy, byte;

	(void)state;
	len = make(&m, false);
	assert_non_null(copy = malloc(len));
	for (k = 0; k < NIDS; k++) {
		memcpy(copy, m.p, len);
		assert_int_equal(open_block(copy, len), BLOCK_OK);
		at = entry_of(ids[k], &parts);
		end = parts + le32(copy + at + 16) + le32(copy + at + 24);
		for (i = parts; i < end; i++) {
			byte = copy[i];
			copy[i] = (uint8_t)(i * 73 + 0x80);
			fix(copy, at, parts);
			assert_int_equal(open_block(copy, len), BLOCK_OK);
			batch_set_block(batch, &b);
			(void)vecs_check_all(batch);
			(void)block_check(&b, &id);
			copy[i] = byte;
		}
	}
	batch_free(batch);
	free(copy);
	free(m.p);
}

struct lie {
	unsigned int id;
	size_t at; /* in the entry, or behind it in the parts */
	size_t bytes;
	uint64_t value;
};

/* What the column says then. */
static enum block_err
lied(const struct lie *l, bool squeezed)
{
	struct batch *batch = batch_new();
	const struct vec *vec;
	enum block_err err;
	struct blocks m;
	size_t len = make(&m, squeezed), at, parts, i;

	assert_int_equal(open_block(m.p, len), BLOCK_OK);
	at = entry_of(l->id, &parts);
	for (i = 0; i < l->bytes; i++)
		m.p[(l->at < BLOCK_COLUMNLEN ? at : parts - BLOCK_COLUMNLEN) +
		    l->at + i] = (uint8_t)(l->value >> 8 * i);
	fix(m.p, at, parts);
	assert_int_equal(open_block(m.p, len), BLOCK_OK);
	batch_set_block(batch, &b);
	err = batch_column(batch, l->id, &vec);
	assert_int_equal(vec == NULL, err != BLOCK_OK);
	batch_free(batch);
	free(m.p);
	return (err);
}

static void
columns_that_cannot_be_are_refused(void **state)
{
	static const struct lie bad[] = {
	    {FLOW_SRC_PORT, 7, 1, 24},	   /* more bits than bytes */
	    {FLOW_SRC_PORT, 28, 4, 201},   /* expanded is not stored */
	    {FLOW_SRC_PORT, 64, 8, 65536}, /* no port */
	    {FLOW_VERSION, 64, 8, 65536},
	    {COL_CLOCK, 64, 8, 256},
	    {FLOW_SRC_PORT, 5, 1, CS_RUNS}, /* without a dictionary */
	    {FLOW_SRC_PORT, 5, 1, CS_DICT},
	    {FLOW_SRC_PORT, 5, 1, CS_ADDR4}, /* numbers */
	    {FLOW_SRC_ADDR, 5, 1, CS_PLAIN}, /* addresses */
	    {FLOW_SRC_ADDR, 5, 1, CS_DELTA},
	    {FLOW_SRC_ADDR, 12, 4, 3}, /* of four */
	    {FLOW_SRC_ADDR, 12, 4, 5},
	    {FLOW_SRC_ADDR, 12, 4, 0},
	    {FLOW_SRC_AS, 12, 4, 3},	      /* the parent has four */
	    {FLOW_SRC_AS, 2, 2, FLOW_START},  /* which has no codes */
	    {FLOW_PROTOCOL, 12, 4, 1},	      /* codes above */
	    {FLOW_SYS_UPTIME, 12, 4, 3},      /* too few runs */
	    {FLOW_SYS_UPTIME, 72 + 24, 1, 0}, /* a run of none */
	    {FLOW_AGENT, 12, 4, 0},
	    {FLOW_AGENT, 12, 4, 2},
	    {FLOW_IN_SRC_MAC, 72, 1, 5}, /* bytes of a MAC address */
	    {FLOW_DST_ADDR, 5, 1, CS_ADDR6},
	    {FLOW_DST_ADDR, 28, 4, 396},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(lied(&bad[i], false), BLOCK_COLUMN);
}

/* Expanded, the column may not be a byte longer than its rows need. */
static void
bombs_are_refused(void **state)
{
	static const struct lie bad[] = {
	    {FLOW_SRC_PORT, 28, 4, UINT32_MAX},
	    {FLOW_SRC_PORT, 28, 4, 201},
	    {FLOW_SRC_PORT, 28, 4, 199},
	    {FLOW_SRC_ADDR, 20, 4, UINT32_MAX},
	    {FLOW_IN_SRC_MAC, 20, 4, 3 * 256 + 1},
	    {FLOW_DST_ADDR, 28, 4, UINT32_MAX},
	};
	size_t i;

	(void)state;
	if (!squeeze_available())
		skip();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(lied(&bad[i], true), BLOCK_COLUMN);
	/* what zstd has is longer or shorter than said */
	assert_int_equal(lied(&(struct lie){FLOW_IN_SRC_MAC, 20, 4, 14}, true),
	    BLOCK_SQUEEZE);
	assert_int_equal(lied(&(struct lie){FLOW_IN_SRC_MAC, 20, 4, 16}, true),
	    BLOCK_SQUEEZE);
	assert_int_equal(lied(&(struct lie){FLOW_IN_SRC_MAC, 72, 1, 0}, true),
	    BLOCK_SQUEEZE);
}

/* Who skips blocks by their headers can have them verified. */
static void
entries_that_lie_of_values_are_found(void **state)
{
	static const struct lie lies[] = {{FLOW_SRC_PORT, 40, 8, 1},
	    {FLOW_SRC_PORT, 48, 8, 1}, {FLOW_SRC_PORT, 56, 8, 1},
	    {FLOW_OCTETS, 48, 8, 7}, {FLOW_START, 40, 8, 0},
	    {FLOW_SRC_ADDR, 40, 8, 0}, {FLOW_AGENT, 48, 8, 0}};
	struct blocks m;
	unsigned int id;
	size_t i, at, parts, len;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		len = make(&m, false);
		assert_int_equal(open_block(m.p, len), BLOCK_OK);
		at = entry_of(lies[i].id, &parts);
		if (le64(m.p + at + lies[i].at) == lies[i].value)
			continue; /* this half of the sketch is empty */
		le64_put(m.p + at + lies[i].at, lies[i].value);
		fix(m.p, at, parts);
		assert_int_equal(open_block(m.p, len), BLOCK_OK);
		assert_int_equal(block_check(&b, &id), BLOCK_COLUMN);
		assert_int_equal(id, lies[i].id);
		free(m.p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_bit_can_flip_unnoticed),
	    cmocka_unit_test(no_bit_can_flip_unnoticed_in_zstd),
	    cmocka_unit_test(entries_that_lie_do_no_harm),
	    cmocka_unit_test(parts_that_lie_do_no_harm),
	    cmocka_unit_test(columns_that_cannot_be_are_refused),
	    cmocka_unit_test(bombs_are_refused),
	    cmocka_unit_test(entries_that_lie_of_values_are_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
