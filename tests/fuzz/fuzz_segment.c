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
 * Bytes as a segment: as they are; then with checksums that hold, so that what
 * lies behind them is reached, too; and as flows, which come back from a block.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/le.h"
#include "archive/pack.h"
#include "mend.h"
#include "tests/unit/flows.h"
#include "tests/unit/vecs.h"

#define FLOWS_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define SEAL_MAX 4096 /* flows of a block that is worth the time */

static struct batch *batch;
static struct batch *again; /* of what was sealed */
static struct sealer *sealer;
static bool sealing;

static void
check_sealed(const uint8_t *p, size_t len, uint32_t flows)
{
	static struct block b;
	struct rd rd = rd_init(p, len);
	unsigned int id;

	VECS_REQUIRE(block_read(&rd, &b) == BLOCK_OK && rd.left == 0);
	VECS_REQUIRE(b.flows == flows && b.sealed);
	VECS_REQUIRE(batch_check(again, &b, &id) == BLOCK_OK);
}

/* All rows of two batches are the same. */
static void
compare_batches(struct batch *x, struct batch *y)
{
	static struct flow f, g;
	const char *why;
	uint32_t i;

	for (i = 0; i < batch_flows(x); i++) {
		VECS_REQUIRE(batch_row(x, i, NULL, &f) == BLOCK_OK);
		VECS_REQUIRE(batch_row(y, i, NULL, &g) == BLOCK_OK);
		if ((why = flows_differ(&f, &g)) != NULL) {
			fprintf(stderr, "sealed row %u: %s\n", i, why);
			abort();
		}
	}
}

/* Sealing changes no flow, whoever made the block. */
static void
seal(bool whole)
{
	enum block_err err = BLOCK_OK;
	const uint8_t *p;
	size_t len;

	p = sealer_pack(sealer, batch, &len, &err);
	VECS_REQUIRE(p != NULL || (!whole && err != BLOCK_OK));
	if (p == NULL)
		return;
	check_sealed(p, len, batch_flows(batch));
	compare_batches(batch, again);
}

/* Some rows: all of a large block would take the time of many small ones. */
static void
read_rows(const struct block *b)
{
	static struct flow f;
	const uint32_t step = 1 + b->flows / 16;
	uint32_t i;

	for (i = 0; i < b->flows; i += step)
		(void)batch_row(batch, i, NULL, &f);
}

static void
read_columns(const struct block *b)
{
	unsigned int id;
	enum block_err err;
	unsigned int bad;

	VECS_REQUIRE(b->flows >= 1 && b->flows <= BLOCK_FLOWS);
	VECS_REQUIRE(b->ncolumns <= BATCH_COLUMNS);
	batch_set_block(batch, b);
	bad = vecs_check_all(batch);
	read_rows(b);
	if (sealing && b->flows <= SEAL_MAX)
		seal(bad == 0);
	/* what the entries say may be wrong beyond that */
	err = batch_check(batch, b, &id);
	VECS_REQUIRE(err != BLOCK_OK || bad == 0);
}

static void
read_segment(const uint8_t *data, size_t size)
{
	static struct block b;
	struct rd rd = rd_init(data, size);
	enum block_err err;
	size_t left, skip;

	for (;;) {
		left = rd.left;
		if ((err = block_read(&rd, &b)) == BLOCK_OK) {
			VECS_REQUIRE(left - rd.left == b.len && b.len > 0);
			read_columns(&b);
			continue;
		}
		VECS_REQUIRE(rd.left == left && err < BLOCK_ERRS);
		VECS_REQUIRE((err == BLOCK_EOF) == (left == 0));
		if (left == 0)
			break;
		skip = block_resync(&rd);
		VECS_REQUIRE(skip > 0 && rd_skip(&rd, skip) == 0);
	}
}

static void
read_fixed(const uint8_t *data, size_t size)
{
	uint8_t *p;

	size &= ~(size_t)7;
	if (size < BLOCK_HDRLEN)
		return;
	if ((p = malloc(size)) == NULL)
		abort();
	memcpy(p, data, size);
	mend_block(p, size);
	read_segment(p, size);
	free(p);
}

/* Eight bytes are a flow: of four kinds, of two with any fields. */
static void
make_flow(struct flow *f, const uint8_t *data)
{
	const uint64_t r = le64(data);
	size_t k;

	flows_seed = r | 1;
	memset(f, 0, sizeof(*f));
	if (data[0] & 1)
		flows_make(f, data[1]);
	for (k = 0; k < FLOW_NFIELDS && data[0] & 2; k++)
		if (fields[k].bit != FLOW_SRC_PREFIX &&
		    fields[k].bit != FLOW_DST_PREFIX && !flow_has(f, k) &&
		    flows_random() % (1 + data[2] % 8) == 0)
			flows_field(f, &fields[k],
			    flows_random() >> (data[3] % 64));
}

static void
compare_rows(const struct flow *flows, uint32_t n)
{
	const char *why;
	struct flow f;
	uint32_t i;

	for (i = 0; i < n; i++) {
		VECS_REQUIRE(batch_row(batch, i, NULL, &f) == BLOCK_OK);
		if ((why = flows_differ(&f, &flows[i])) != NULL) {
			fprintf(stderr, "row %u: %s\n", i, why);
			abort();
		}
	}
}

static void
write_and_read(const uint8_t *data, size_t size)
{
	static struct flow flows[FLOWS_MAX];
	static struct rows *rows;
	static struct block b;
	struct rd rd;
	unsigned int id;
	uint32_t n = 0;
	uint8_t *p;
	size_t room, len;

	if (rows == NULL && (rows = rows_new(FLOWS_MAX, NULL)) == NULL)
		abort();
	rows_clear(rows);
	for (; n < FLOWS_MAX && size >= 8; n++, data += 8, size -= 8) {
		make_flow(&flows[n], data);
		if (!rows_add(rows, &flows[n]))
			break;
	}
	if (n == 0)
		return;
	batch_set_rows(batch, rows);
	VECS_REQUIRE(vecs_check_all(batch) == 0);
	compare_rows(flows, n);
	if (sealing)
		seal(true);
	room = pack_bound(rows);
	if ((p = malloc(room)) == NULL)
		abort();
	VECS_REQUIRE((len = pack_quick(rows, p, room)) > 0);
	rd = rd_init(p, len);
	VECS_REQUIRE(block_read(&rd, &b) == BLOCK_OK && rd.left == 0);
	VECS_REQUIRE(batch_check(batch, &b, &id) == BLOCK_OK);
	compare_rows(flows, n);
	free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (batch == NULL)
		VECS_REQUIRE((batch = batch_new()) != NULL &&
		    (again = batch_new()) != NULL &&
		    (sealer = sealer_new(1)) != NULL);
	/* Sealing takes a hundred times as long as the rest. */
	sealing = size % 8 == 1;
	read_segment(data, size);
	read_fixed(data, size);
	if (size % 4 == 1)
		write_and_read(data, size);
	return (0);
}
