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
 * Start and end of flows that their uptimes tell: nothing of them is stored
 * while all rows have them so.
 */

#include "archive/rows-inside.h"

static uint32_t
least(uint32_t a, uint32_t b)
{
	return (a < b ? a : b);
}

static void
reckon(const struct rows *r, const struct rows_column *c, uint32_t n,
    int64_t *to)
{
	const unsigned int id =
	    c->id == FLOW_START ? FLOW_START_UPTIME : FLOW_END_UPTIME;
	const uint32_t *stamp = r->column[id]->v;
	struct rows_walk export = {.c = r->column[FLOW_EXPORT_TIME]};
	struct rows_walk uptime = {.c = r->column[FLOW_SYS_UPTIME]};
	uint32_t i = 0, stop;

	while (i < n) {
		rows_walk_to(&export, i);
		rows_walk_to(&uptime, i);
		stop = least(n, least(export.until, uptime.until));
		for (; i < stop; i++)
			to[i] = (int64_t)(export.value +
			    (uint64_t)flow_uptime_to_time(0,
				(uint32_t)uptime.value, stamp[i]));
	}
}

void
rows_times(const struct rows *r, const struct rows_column *c, int64_t *to)
{
	reckon(r, c, r->n, to);
}

/* The columns of const rows may change: what they say stays. */
void
rows_reckon(const struct rows *r, struct rows_column *c, uint32_t n)
{
	reckon(r, c, n, c->v);
	c->kind = ROWS_NUMBERS;
	rows_plans_stale(r->plans);
}
