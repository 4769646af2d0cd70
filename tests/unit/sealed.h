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
 * Flows through a sealed segment and back.
 */

#ifndef TESTS_UNIT_SEALED_H
#define TESTS_UNIT_SEALED_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/batch.h"
#include "archive/pack.h"
#include "archive/reseal.h"
#include "archive/rows.h"
#include "tests/unit/flows.h"

struct bytes {
	uint8_t *p;
	size_t len;
};

static inline int
bytes_put(void *arg, const uint8_t *p, size_t len)
{
	struct bytes *b = arg;

	if ((b->p = realloc(b->p, b->len + len)) == NULL)
		abort();
	memcpy(b->p + b->len, p, len);
	b->len += len;
	return (0);
}

/* A quick block of flows, behind what there is. */
static inline void
bytes_quick(struct bytes *b, const struct flow *f, uint32_t n)
{
	struct rows *r = rows_new(BLOCK_FLOWS, NULL);
	uint8_t *p;
	size_t len;
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!rows_add(r, &f[i]))
			abort();
	p = malloc(pack_bound(r));
	len = pack_quick(r, p, pack_bound(r));
	if (len == 0)
		abort();
	(void)bytes_put(b, p, len);
	free(p);
	rows_free(r);
}

/* All of them sealed, one after the other. */
static inline void
bytes_seal(struct bytes *b, const struct flow *f, uint32_t n, int level)
{
	struct reseal *r = reseal_new(level, bytes_put, b);
	uint32_t i;

	for (i = 0; i < n; i++)
		if (reseal_flow(r, &f[i]) == -1)
			abort();
	if (reseal_end(r) == -1)
		abort();
	reseal_free(r);
}

/*
 * The flows of a segment: each is compared with what went in, whose number is
 * the next one, or of which[] when that is given.  How many there are; the
 * name of what differs first is in *differs.
 */
static inline uint32_t
bytes_compare(const struct bytes *b, const struct flow *f,
    const uint32_t *which, const char **differs)
{
	struct rd rd = rd_init(b->p, b->len);
	struct batch *batch = batch_new();
	struct block block;
	struct flow got;
	uint32_t i, n = 0;

	*differs = NULL;
	while (block_read(&rd, &block) == BLOCK_OK) {
		batch_set_block(batch, &block);
		for (i = 0; i < block.flows; i++, n++) {
			memset(&got, 0, sizeof(got));
			if (batch_row(batch, i, NULL, &got) != BLOCK_OK)
				*differs = "not to be read";
			if (*differs == NULL)
				*differs = flows_differ(&got,
				    &f[which != NULL ? which[n] : n]);
		}
	}
	if (rd.left > 0 && *differs == NULL)
		*differs = "no block";
	batch_free(batch);
	return (n);
}

#endif /* TESTS_UNIT_SEALED_H */
