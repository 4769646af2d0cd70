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
 * Small consumers: of nothing, and of totals.
 */

#include <stdlib.h>
#include <string.h>

#include "scan/flow-cells.h"

static void *
no_state(void *arg)
{
	return (arg);
}

static const char *
no_take(void *worker, struct batch *b, const struct sel *sel,
    struct outbuf *out)
{
	(void)worker;
	(void)b;
	(void)sel;
	(void)out;
	return (NULL);
}

static const char *
no_merge(void *arg, void *worker)
{
	(void)arg;
	(void)worker;
	return (NULL);
}

static const char *
no_put(void *arg, const char *p, size_t len)
{
	(void)arg;
	(void)p;
	(void)len;
	return (NULL);
}

static const char *
no_finish(void *arg, const struct totals *t)
{
	(void)arg;
	(void)t;
	return (NULL);
}

static void
plain_free(struct consumer *c)
{
	free(c);
}

struct consumer *
consumer_none(void)
{
	struct consumer *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (NULL);
	c->arg = c;
	c->begin = no_state;
	c->take = no_take;
	c->put = no_put;
	c->finish = no_finish;
	c->merge = no_merge;
	c->free = plain_free;
	return (c);
}

static void
cell_of(struct cell *cell, enum cell_type type, uint64_t n)
{
	cell->type = type;
	if (type == CELL_TIME)
		cell->u.time = (int64_t)n;
	else
		cell->u.number = n;
}

static const char *
count_finish(void *arg, const struct totals *t)
{
	static const struct sheet_column columns[] = {{.name = "flows"},
	    {.name = "packets"}, {.name = "octets"}, {.name = "start"},
	    {.name = "end"}};
	enum cell_type time = t->first > t->last ? CELL_NONE : CELL_TIME;
	struct cell cells[5];
	struct totals below = *t;
	const char *error;

	below.told = true;
	memset(cells, 0, sizeof(cells));
	cell_of(&cells[0], CELL_NUMBER, t->flows);
	cell_of(&cells[1], CELL_NUMBER, t->packets);
	cell_of(&cells[2], CELL_NUMBER, t->octets);
	cell_of(&cells[3], time, (uint64_t)t->first);
	cell_of(&cells[4], time, (uint64_t)t->last);
	if ((error = sheet_columns(arg, columns, 5)) != NULL ||
	    (error = sheet_row(arg, cells, 5)) != NULL)
		return (error);
	return (sheet_end(arg, &below));
}

struct consumer *
consumer_count(struct sheet *sheet)
{
	struct consumer *c;

	if ((c = consumer_none()) == NULL)
		return (NULL);
	c->arg = sheet;
	c->finish = count_finish;
	return (c);
}
