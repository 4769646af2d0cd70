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
 * Flows as rows of cells.  Workers write the cells of a row to their text, with
 * its bytes behind them; whoever puts them out in their order points the cells
 * to their bytes.
 */

#include <stdlib.h>
#include <string.h>

#include "archive/member.h"
#include "scan/flow-cells.h"
#include "scan/pool.h"

struct cells {
	struct consumer c;
	const struct sheet_taker *taker;
	uint64_t most, given;
	bool headed;
	size_t n; /* columns */
	const struct field *field[FLOW_NFIELDS];
	struct cell row[FLOW_NFIELDS];
};

static void *
begin(void *arg)
{
	return (arg);
}

static const char *
merge(void *arg, void *worker)
{
	(void)arg;
	(void)worker;
	return (NULL);
}

/* Room for a row's cells and so many of its bytes. */
static bool
put_bytes(struct outbuf *out, const void *p, size_t len)
{
	char *to = outbuf_room(out, len);

	if (to == NULL)
		return (false);
	if (len > 0)
		memcpy(to, p, len);
	out->len += len;
	return (true);
}

static bool
put_cell(struct outbuf *out, const struct flow *f, const struct field *fd)
{
	struct cell c;
	char buf[MEMBER_MAX];

	memset(&c, 0, sizeof(c));
	if (!flow_has(f, fd->bit))
		return (put_bytes(out, &c, sizeof(c)));
	switch (member_type(fd->bit)) {
	case CT_TIME:
		c.type = CELL_TIME;
		c.u.time = (int64_t)member_number(f, fd);
		break;
	case CT_ADDR:
		c.type = CELL_PREFIX;
		c.u.prefix.addr = *(const struct addr *)field_cptr(f, fd);
		c.u.prefix.len = (uint8_t)addr_bits(&c.u.prefix.addr);
		break;
	case CT_BYTES:
		c.type = CELL_BYTES;
		c.u.bytes = member_bytes(f, fd, buf);
		return (put_bytes(out, &c, sizeof(c)) &&
		    put_bytes(out, c.u.bytes.p, c.u.bytes.len));
	case CT_NUMBER:
	default:
		c.type = CELL_NUMBER;
		c.u.number = member_number(f, fd);
	}
	return (put_bytes(out, &c, sizeof(c)));
}

static const char *
take(void *worker, struct batch *b, const struct sel *sel, struct outbuf *out)
{
	const struct cells *s = worker;
	struct flow f;
	enum block_err e;
	uint32_t i;
	size_t k;

	for (i = 0; i < sel->n; i++) {
		e = batch_row(b, sel_row(sel, i), &s->c.needs, &f);
		if (e != BLOCK_OK)
			return (
			    e == BLOCK_NOMEM ? "out of memory" : scan_damaged);
		for (k = 0; k < s->n; k++)
			if (!put_cell(out, &f, s->field[k]))
				return ("out of memory");
	}
	return (NULL);
}

static const char *
head(struct cells *s)
{
	struct sheet_column *columns;
	const char *error;
	size_t i;

	if (s->headed)
		return (NULL);
	s->headed = true;
	if ((columns = calloc(s->n + 1, sizeof(*columns))) == NULL)
		return ("out of memory");
	for (i = 0; i < s->n; i++) {
		(void)strlcpy(columns[i].name, s->field[i]->name,
		    sizeof(columns[i].name));
		columns[i].field = s->field[i];
	}
	error = s->taker->head(s->taker->arg, columns, s->n);
	free(columns);
	return (error);
}

/* One row of what take() wrote; where the next one is. */
static const char *
get_row(struct cells *s, const char *p)
{
	size_t k;

	for (k = 0; k < s->n; k++) {
		memcpy(&s->row[k], p, sizeof(s->row[k]));
		p += sizeof(s->row[k]);
		if (s->row[k].type != CELL_BYTES)
			continue;
		s->row[k].u.bytes.p = p;
		p += s->row[k].u.bytes.len;
	}
	return (p);
}

static bool
enough(void *arg)
{
	const struct cells *s = arg;

	return (s->most > 0 && s->given >= s->most);
}

static const char *
put(void *arg, const char *p, size_t len)
{
	struct cells *s = arg;
	const char *const end = p + len, *error = head(s);

	while (p < end && error == NULL && !enough(s)) {
		p = get_row(s, p);
		error = s->taker->row(s->taker->arg, s->row, s->n);
		s->given++;
	}
	return (error);
}

static const char *
finish(void *arg, const struct totals *t)
{
	(void)t;
	return (head(arg));
}

static void
cells_free(struct consumer *c)
{
	free(c->arg);
}

struct consumer *
flow_cells(const struct flow_set *set, uint64_t most,
    const struct sheet_taker *taker)
{
	struct cells *s;
	bool any = false;
	size_t i;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	for (i = 0; i < FLOW_WORDS; i++)
		any = any || set->w[i] != 0;
	s->taker = taker;
	s->most = most;
	s->c = (struct consumer){.arg = s,
	    .begin = begin,
	    .take = take,
	    .put = put,
	    .merge = merge,
	    .finish = finish,
	    .free = cells_free,
	    .enough = enough};
	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (any && (set->w[i / 64] >> i % 64 & 1) == 0)
			continue;
		s->field[s->n++] = &fields[i];
		s->c.needs.w[i / 64] |= (uint64_t)1 << i % 64;
	}
	return (&s->c);
}
