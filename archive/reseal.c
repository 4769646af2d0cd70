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

#include <stdlib.h>

#include "archive/batch.h"
#include "archive/gather.h"
#include "archive/pack.h"
#include "archive/reseal.h"
#include "archive/rows.h"

/*
 * A sealed block of so many flows stays as it is, and what was gathered before
 * it becomes a block of its own if it is a quarter of one.
 */
#define ENOUGH (BLOCK_FLOWS / 2)
#define PENDING (BLOCK_FLOWS / 4)

struct reseal {
	int (*write)(void *, const uint8_t *, size_t);
	void *arg;
	struct sealer *sealer;
	struct gather *gather;
	struct batch *batch;
	struct rows *rows; /* single flows; NULL until there is one */
	struct block block;
	struct reseal_totals totals;
};

struct reseal *
reseal_new(int level, int (*write)(void *, const uint8_t *, size_t), void *arg)
{
	struct reseal *r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	r->write = write;
	r->arg = arg;
	r->sealer = sealer_new(level);
	r->gather = gather_new();
	r->batch = batch_new();
	if (r->sealer != NULL && r->gather != NULL && r->batch != NULL)
		return (r);
	reseal_free(r);
	return (NULL);
}

void
reseal_free(struct reseal *r)
{
	if (r == NULL)
		return;
	sealer_free(r->sealer);
	gather_free(r->gather);
	batch_free(r->batch);
	rows_free(r->rows);
	free(r);
}

const struct reseal_totals *
reseal_totals(const struct reseal *r)
{
	return (&r->totals);
}

static int
put(struct reseal *r, const uint8_t *p, size_t len, uint32_t flows)
{
	if (r->write(r->arg, p, len) == -1)
		return (-1);
	r->totals.blocks_out++;
	r->totals.flows_out += flows;
	r->totals.bytes_out += len;
	return (0);
}

/* What was gathered becomes a block. */
static int
flush(struct reseal *r)
{
	const uint32_t flows = gather_count(r->gather);
	const uint8_t *p;
	size_t len;

	if (flows == 0)
		return (0);
	if ((p = sealer_pack_gather(r->sealer, r->gather, &len)) == NULL)
		return (-1);
	gather_clear(r->gather);
	return (put(r, p, len, flows));
}

/* All of a batch; BLOCK_NOMEM when it is our end, too. */
static enum block_err
gather_all(struct reseal *r)
{
	const uint32_t flows = batch_flows(r->batch);
	enum block_err err;
	uint32_t from, took;

	for (from = 0; from < flows; from += took) {
		if ((err = gather_take(r->gather, r->batch, from, &took)) !=
		    BLOCK_OK)
			return (err);
		if ((took == 0 || gather_count(r->gather) == BLOCK_FLOWS) &&
		    flush(r) == -1)
			return (BLOCK_NOMEM);
	}
	return (BLOCK_OK);
}

/* Single flows come before what comes behind them. */
static int
gather_rows(struct reseal *r)
{
	if (r->rows == NULL || rows_count(r->rows) == 0)
		return (0);
	batch_set_rows(r->batch, r->rows);
	if (gather_all(r) != BLOCK_OK)
		return (-1);
	rows_clear(r->rows);
	return (0);
}

int
reseal_flow(struct reseal *r, const struct flow *f)
{
	if (r->rows == NULL && (r->rows = rows_new(BLOCK_FLOWS, NULL)) == NULL)
		return (-1);
	if (!rows_add(r->rows, f) &&
	    (gather_rows(r) == -1 || !rows_add(r->rows, f)))
		return (-1);
	r->totals.flows_in++;
	return (0);
}

static void
damage(struct reseal *r, size_t bytes, uint32_t flows)
{
	r->totals.damaged++;
	r->totals.damaged_bytes += bytes;
	r->totals.damaged_flows += flows;
}

/* Is it good enough?  What has columns that are not known keeps them. */
static bool
stays(const struct block *b, uint32_t pending)
{
	if (b->nskipped > 0)
		return (true);
	return (b->sealed && b->flows >= ENOUGH &&
	    (pending == 0 || pending >= PENDING));
}

/* A block as it is, if it is to stay so.  1: done; 0: it is not. */
static int
copy(struct reseal *r)
{
	const struct block *b = &r->block;

	/* Nothing is asked of its values: it is as good as it was. */
	if (!stays(b, gather_count(r->gather)) || block_sums(b) != BLOCK_OK)
		return (0);
	if (flush(r) == -1 || put(r, b->p, b->len, b->flows) == -1)
		return (-1);
	return (1);
}

static int
take_block(struct reseal *r)
{
	const struct block *b = &r->block;
	enum block_err err;
	int copied;

	r->totals.blocks_in++;
	if ((copied = copy(r)) == -1)
		return (-1);
	if (copied == 0) {
		batch_set_block(r->batch, b);
		err = gather_all(r);
		if (err == BLOCK_NOMEM)
			return (-1);
		if (err != BLOCK_OK) {
			damage(r, b->len, b->flows);
			return (0);
		}
	}
	r->totals.flows_in += b->flows;
	return (0);
}

/* A block of a version to come is none of our business, if it is whole. */
static int
take_strange(struct reseal *r, struct rd *rd)
{
	const struct block *b = &r->block;

	if (b->len < BLOCK_HDRLEN || b->len % 8 != 0 ||
	    rd_skip(rd, b->len) == -1)
		return (0);
	r->totals.blocks_in++;
	r->totals.flows_in += b->flows;
	if (flush(r) == -1 || put(r, b->p, b->len, b->flows) == -1)
		return (-1);
	return (1);
}

int
reseal_segment(struct reseal *r, const uint8_t *p, size_t len)
{
	struct rd at, rd = rd_init(p, len);
	enum block_err err;
	int taken;

	if (gather_rows(r) == -1)
		return (-1);
	r->totals.bytes_in += len;
	while ((err = block_read(&rd, &r->block)) != BLOCK_EOF) {
		if (err == BLOCK_OK) {
			if (take_block(r) == -1)
				return (-1);
			continue;
		}
		if (err == BLOCK_MAJOR && (taken = take_strange(r, &rd)) != 0) {
			if (taken == -1)
				return (-1);
			continue;
		}
		/* A header may hold and be one that cannot be. */
		at = rd;
		(void)rd_skip(&rd, 1);
		(void)rd_skip(&rd, block_resync(&rd));
		damage(r, at.left - rd.left, 0);
	}
	return (0);
}

int
reseal_end(struct reseal *r)
{
	return (gather_rows(r) == -1 ? -1 : flush(r));
}
