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

#include "query/sheet.h"
#include "query/value.h"

#define BUFFERED 1000		/* rows of a table that tell its widths */
#define CELL_MAX 2048		/* bytes of a cell as text */
#define FLUSH 65536		/* bytes to write at once */
#define COLUMNS_MAX 64		/* of a question: keys and quantities */
#define SHOWN (2 * COLUMNS_MAX) /* and shares */
#define GAP 2

struct sheet {
	struct sheet_style style;
	sheet_write *write;
	void *arg;
	const struct sheet_taker *taker; /* instead of it; or NULL */
	struct sheet_column columns[COLUMNS_MAX];
	size_t ncolumns;
	uint64_t rows; /* of all tables */
	bool before;   /* there was a table */
	struct outbuf out;
	/* of a table */
	size_t width[SHOWN];
	bool left[SHOWN];     /* ... aligned */
	struct outbuf cells;  /* texts of the first rows, each with its NUL */
	unsigned int waiting; /* these */
	bool laid_out;	      /* the widths are fixed */
};

struct sheet *
sheet_new(const struct sheet_style *style, sheet_write *write, void *arg)
{
	struct sheet *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->style = *style;
	s->write = write;
	s->arg = arg;
	return (s);
}

struct sheet *
sheet_of_cells(const struct sheet_taker *taker)
{
	struct sheet *s;

	if ((s = calloc(1, sizeof(*s))) != NULL)
		s->taker = taker;
	return (s);
}

void
sheet_free(struct sheet *s)
{
	if (s == NULL)
		return;
	outbuf_clear(&s->out);
	outbuf_clear(&s->cells);
	free(s);
}

static const char *
put(struct outbuf *o, const char *p, size_t len)
{
	char *to;

	if ((to = outbuf_room(o, len + 1)) == NULL)
		return ("out of memory");
	memcpy(to, p, len);
	o->len += len;
	return (NULL);
}

static const char *
put_str(struct outbuf *o, const char *p)
{
	return (put(o, p, strlen(p)));
}

static const char *
flush(struct sheet *s, size_t above)
{
	const char *error;

	if (s->out.len <= above)
		return (NULL);
	error = s->write(s->arg, s->out.p, s->out.len);
	s->out.len = 0;
	return (error);
}

/* A number of things, not the name of one. */
static bool
counts(const struct sheet_column *c)
{
	static const enum flow_field counters[] = {FLOW_FLOWS, FLOW_PACKETS,
	    FLOW_OCTETS, FLOW_REVERSE_PACKETS, FLOW_REVERSE_OCTETS,
	    FLOW_OUT_PACKETS, FLOW_OUT_OCTETS};
	size_t i;

	if (c->field == NULL)
		return (true);
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (c->field->bit == counters[i])
			return (true);
	return (false);
}

static void
people_number(struct text *t, const struct sheet *s,
    const struct sheet_column *c, uint64_t v)
{
	if (c->field != NULL && c->field->bit == FLOW_PROTOCOL)
		value_protocol(t, v);
	else if (c->field != NULL &&
	    (c->field->bit == FLOW_TCP_FLAGS ||
		c->field->bit == FLOW_REVERSE_TCP_FLAGS))
		value_tcp_flags(t, v);
	else if (s->style.human && counts(c))
		value_human(t, v);
	else
		text_uint(t, v);
}

static void
prefix_text(struct text *t, const struct prefix *p)
{
	text_addr(t, &p->addr);
	if (p->len < addr_bits(&p->addr)) {
		text_char(t, '/');
		text_uint(t, p->len);
	}
}

static void
people_cell(struct text *t, const struct sheet *s, const struct sheet_column *c,
    const struct cell *cell)
{
	switch (cell->type) {
	case CELL_NONE:
		text_char(t, '-');
		break;
	case CELL_NUMBER:
		people_number(t, s, c, cell->u.number);
		break;
	case CELL_TIME:
		value_time_ms(t, cell->u.time, s->style.utc);
		break;
	case CELL_DURATION:
		if (s->style.human)
			value_duration(t, cell->u.time);
		else
			value_seconds(t, cell->u.time);
		break;
	case CELL_RATE:
		if (s->style.human && cell->u.rate >= 1000)
			value_human(t,
			    cell->u.rate < 1.8e19
				? (uint64_t)(cell->u.rate + 0.5)
				: UINT64_MAX);
		else
			value_rate(t, cell->u.rate);
		break;
	case CELL_PREFIX:
		prefix_text(t, &cell->u.prefix);
		break;
	case CELL_BYTES:
		value_bytes(t, c->field, &cell->u.bytes, VALUE_TEXT);
		break;
	case CELL_TEXT:
		text_str(t, cell->u.text);
		break;
	}
}

static void
exact_cell(struct text *t, const struct sheet_column *c,
    const struct cell *cell, enum value_style style)
{
	const char *quote = style == VALUE_JSON ? "\"" : "";

	switch (cell->type) {
	case CELL_NONE:
		break;
	case CELL_NUMBER:
		text_uint(t, cell->u.number);
		break;
	case CELL_TIME:
		text_str(t, quote);
		text_time(t, cell->u.time, true);
		text_str(t, quote);
		break;
	case CELL_DURATION:
		value_seconds(t, cell->u.time);
		break;
	case CELL_RATE:
		value_rate(t, cell->u.rate);
		break;
	case CELL_PREFIX:
		text_str(t, quote);
		prefix_text(t, &cell->u.prefix);
		text_str(t, quote);
		break;
	case CELL_BYTES:
		value_bytes(t, c->field, &cell->u.bytes, style);
		break;
	case CELL_TEXT:
		if (style == VALUE_JSON)
			text_quoted(t, cell->u.text, strlen(cell->u.text));
		else
			text_str(t, cell->u.text);
		break;
	}
}

/* Tables */

/* Spaces so that a text of so many cells fills its column. */
static const char *
pad(struct outbuf *o, size_t width, size_t used)
{
	char *to;

	if (used >= width)
		return (NULL);
	if ((to = outbuf_room(o, width - used)) == NULL)
		return ("out of memory");
	memset(to, ' ', width - used);
	o->len += width - used;
	return (NULL);
}

/* One row, from texts that stand one behind the other. */
static const char *
table_line(struct sheet *s, const char **texts)
{
	size_t i, last = 0, n = 2 * s->ncolumns;
	const char *p = *texts, *error = NULL;

	for (i = 0; i < n; i++)
		if (s->width[i] > 0)
			last = i;
	for (i = 0; i < n; i++, p += strlen(p) + 1) {
		size_t used = value_width(p, strlen(p));

		if (s->width[i] == 0 || error != NULL)
			continue;
		if (i > 0)
			error = pad(&s->out, GAP, 0);
		if (error == NULL && !s->left[i])
			error = pad(&s->out, s->width[i], used);
		if (error == NULL)
			error = put_str(&s->out, p);
		if (error == NULL && s->left[i] && i < last)
			error = pad(&s->out, s->width[i], used);
	}
	*texts = p;
	if (error == NULL)
		error = put_str(&s->out, "\n");
	return (error == NULL ? flush(s, FLUSH) : error);
}

/* The texts of a row, of each column's value and of its share. */
static const char *
table_cells(struct sheet *s, const struct cell *cells)
{
	const struct sheet_column *c;
	struct text t;
	char *to;
	size_t i;

	for (i = 0; i < s->ncolumns; i++) {
		c = &s->columns[i];
		if ((to = outbuf_room(&s->cells, CELL_MAX + 16)) == NULL)
			return ("out of memory");
		text_init(&t, to, CELL_MAX);
		people_cell(&t, s, c, &cells[i]);
		s->cells.len += text_done(&t) + 1;
		text_init(&t, s->cells.p + s->cells.len, 16);
		if (c->share && cells[i].type == CELL_NUMBER)
			value_percent(&t, cells[i].u.number, c->total);
		s->cells.len += text_done(&t) + 1;
	}
	return (NULL);
}

static const char *
head_cells(struct sheet *s)
{
	const char *error = NULL;
	size_t i;

	for (i = 0; i < s->ncolumns && error == NULL; i++) {
		error = put(&s->cells, s->columns[i].name,
		    strlen(s->columns[i].name) + 1);
		if (error == NULL && s->columns[i].share)
			error = put(&s->cells, "%", 2);
		else if (error == NULL)
			error = put(&s->cells, "", 1);
	}
	return (error);
}

static void
measure(struct sheet *s)
{
	size_t i, used, n = 2 * s->ncolumns;
	const char *p = s->cells.p, *end = p + s->cells.len;

	for (i = 0; p < end; p += strlen(p) + 1, i = (i + 1) % n)
		if ((used = value_width(p, strlen(p))) > s->width[i])
			s->width[i] = used;
	for (i = 0; i < s->ncolumns; i++)
		if (!s->columns[i].share)
			s->width[2 * i + 1] = 0;
}

/* The widths are known: print what waits. */
static const char *
lay_out(struct sheet *s)
{
	const char *p, *end, *error = NULL;

	measure(s);
	s->laid_out = true;
	p = s->cells.p;
	end = p + s->cells.len;
	while (p < end && error == NULL)
		error = table_line(s, &p);
	s->cells.len = 0;
	return (error);
}

/* What a column's first value is says how it is aligned. */
static void
align(struct sheet *s, const struct cell *cells)
{
	const struct field *fd;
	size_t i;

	for (i = 0; i < s->ncolumns; i++) {
		fd = s->columns[i].field;
		switch (cells[i].type) {
		case CELL_TIME:
		case CELL_PREFIX:
		case CELL_BYTES:
		case CELL_TEXT:
			s->left[2 * i] = true;
			break;
		case CELL_NUMBER:
			s->left[2 * i] = fd != NULL && fd->bit == FLOW_PROTOCOL;
			break;
		default:
			break;
		}
	}
}

static const char *
table_row(struct sheet *s, const struct cell *cells)
{
	const char *p, *error;

	if (!s->laid_out)
		align(s, cells);
	if ((error = table_cells(s, cells)) != NULL)
		return (error);
	if (!s->laid_out)
		return (++s->waiting < BUFFERED ? NULL : lay_out(s));
	p = s->cells.p;
	s->cells.len = 0;
	return (table_line(s, &p));
}

/* The other formats */

static const char *
csv_row(struct sheet *s, const struct cell *cells)
{
	struct text t;
	size_t i;
	char *to;

	for (i = 0; i < s->ncolumns; i++) {
		if ((to = outbuf_room(&s->out, CELL_MAX)) == NULL)
			return ("out of memory");
		text_init(&t, to, CELL_MAX);
		exact_cell(&t, &s->columns[i], &cells[i], VALUE_CSV);
		text_char(&t, i + 1 < s->ncolumns ? ',' : '\n');
		s->out.len += text_done(&t);
	}
	return (flush(s, FLUSH));
}

static const char *
object(struct sheet *s, const struct cell *cells)
{
	bool some = false;
	struct text t;
	size_t i;
	char *to;

	for (i = 0; i < s->ncolumns; i++) {
		if (cells[i].type == CELL_NONE)
			continue;
		if ((to = outbuf_room(&s->out, CELL_MAX)) == NULL)
			return ("out of memory");
		text_init(&t, to, CELL_MAX);
		text_str(&t, some ? ",\"" : "{\"");
		text_str(&t, s->columns[i].name);
		text_str(&t, "\":");
		exact_cell(&t, &s->columns[i], &cells[i], VALUE_JSON);
		s->out.len += text_done(&t);
		some = true;
	}
	return (put_str(&s->out, some ? "}" : "{}"));
}

static const char *
json_row(struct sheet *s, const struct cell *cells)
{
	const char *error;

	if ((error = put_str(&s->out, s->rows == 1 ? "[\n" : ",\n")) != NULL ||
	    (error = object(s, cells)) != NULL)
		return (error);
	return (flush(s, FLUSH));
}

static const char *
ndjson_row(struct sheet *s, const struct cell *cells)
{
	const char *error;

	if ((error = object(s, cells)) != NULL ||
	    (error = put_str(&s->out, "\n")) != NULL)
		return (error);
	return (flush(s, FLUSH));
}

/* clang-format off */
static const char *(*const rows[])(struct sheet *, const struct cell *) = {
	[SHEET_TABLE] = table_row,
	[SHEET_CSV] = csv_row,
	[SHEET_JSON] = json_row,
	[SHEET_NDJSON] = ndjson_row,
};
/* clang-format on */

static const char *
csv_head(struct sheet *s)
{
	const char *error = NULL;
	size_t i;

	for (i = 0; i < s->ncolumns && error == NULL; i++)
		if ((error = put_str(&s->out, s->columns[i].name)) == NULL)
			error =
			    put_str(&s->out, i + 1 < s->ncolumns ? "," : "\n");
	return (error);
}

/* What waits of a table before is printed. */
static const char *
next_table(struct sheet *s)
{
	const char *error = NULL;

	if (s->style.format == SHEET_TABLE && !s->laid_out)
		error = lay_out(s);
	s->laid_out = false;
	s->waiting = 0;
	memset(s->width, 0, sizeof(s->width));
	memset(s->left, 0, sizeof(s->left));
	if (error == NULL && s->style.format <= SHEET_CSV)
		error = put_str(&s->out, "\n");
	return (error);
}

const char *
sheet_columns(struct sheet *s, const struct sheet_column *c, size_t n)
{
	const char *error = NULL;

	if (s->taker != NULL)
		return (s->taker->head(s->taker->arg, c, n));
	if (n > COLUMNS_MAX)
		return ("too many columns");
	if (s->before && (error = next_table(s)) != NULL)
		return (error);
	s->before = true;
	memcpy(s->columns, c, n * sizeof(*c));
	s->ncolumns = n;
	if (s->style.format == SHEET_TABLE)
		return (head_cells(s));
	return (s->style.format == SHEET_CSV ? csv_head(s) : NULL);
}

const char *
sheet_row(struct sheet *s, const struct cell *cells, size_t n)
{
	if (s->taker != NULL)
		return (s->taker->row(s->taker->arg, cells, n));
	if (n != s->ncolumns)
		return ("a row of another number of columns");
	s->rows++;
	return (rows[s->style.format](s, cells));
}

static const char *
table_end(struct sheet *s, const struct totals *totals)
{
	char buf[SHEET_SUMMARY_MAX];
	const char *error = NULL;

	if (!s->laid_out)
		error = lay_out(s);
	if (error != NULL || !s->style.summary || totals == NULL)
		return (error);
	return (put(&s->out, buf,
	    sheet_summary(buf, sizeof(buf), &s->style, totals)));
}

const char *
sheet_end(struct sheet *s, const struct totals *totals)
{
	const char *error = NULL;

	if (s->taker != NULL)
		return (NULL);
	if (s->style.format == SHEET_TABLE)
		error = table_end(s, totals);
	else if (s->style.format == SHEET_JSON)
		error = put_str(&s->out, s->rows == 0 ? "[]\n" : "\n]\n");
	return (error == NULL ? flush(s, 0) : error);
}
