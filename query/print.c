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

#include "query/digits.h"
#include "query/print-state.h"

/* Which columns */

static int
set_column(struct print_column *c, const char *name)
{
	c->quantity = Q_MAX;
	if ((c->field = field_by_name(name)) != NULL)
		return (0);
	if ((c->quantity = quantity_by_name(name)) == Q_MAX)
		return (-1);
	/* What is stored is not computed: "bytes" are octets. */
	if ((c->field = field_by_name(quantities[c->quantity].name)) != NULL)
		c->quantity = Q_MAX;
	return (0);
}

/* Each at most once: a column given twice is not known the second time. */
static bool
taken(const struct print *p, const struct print_column *c)
{
	size_t i;

	for (i = 0; i < p->ncolumns; i++)
		if (p->columns[i].field == c->field &&
		    p->columns[i].quantity == c->quantity)
			return (true);
	return (false);
}

int
print_columns(struct print *p, const char *list, char *bad)
{
	struct print_column c;
	size_t len, n;

	p->ncolumns = 0;
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		n = len < 63 ? len : 63;
		memcpy(bad, list, n);
		bad[n] = '\0';
		if (len != n || set_column(&c, bad) == -1 || taken(p, &c))
			return (-1);
		p->columns[p->ncolumns++] = c;
		if (list[len] == '\0')
			break;
	}
	bad[0] = '\0';
	return (0);
}

void
print_columns_table(struct print *p)
{
	static const enum flow_field chosen[] = {FLOW_PROTOCOL, FLOW_SRC_ADDR,
	    FLOW_SRC_PORT, FLOW_DST_ADDR, FLOW_DST_PORT, FLOW_TCP_FLAGS,
	    FLOW_PACKETS, FLOW_OCTETS};
	size_t i, n = 0;

	p->columns[n++] = (struct print_column){NULL, Q_START};
	p->columns[n++] = (struct print_column){NULL, Q_DURATION};
	for (i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++)
		p->columns[n++] =
		    (struct print_column){&fields[chosen[i]], Q_MAX};
	p->ncolumns = n;
}

void
print_columns_all(struct print *p)
{
	for (p->ncolumns = 0; p->ncolumns < FLOW_NFIELDS; p->ncolumns++)
		p->columns[p->ncolumns] =
		    (struct print_column){&fields[p->ncolumns], Q_MAX};
}

/* A worker */

static void
printer_free(struct printer *w)
{
	if (w == NULL)
		return;
	derive_free(w->derive);
	print_cells_free(w);
	print_plans_free(w);
	free(w->places);
	free(w);
}

static struct printer *
printer_new(const struct print *p)
{
	struct printer *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	w->print = p;
	/* CSV and JSON are for programs: no time zone. */
	stamp_init(&w->stamp,
	    p->utc || (p->format != PRINT_TABLE && p->format != PRINT_TEXT));
	if (print_cells_init(w) == -1 || print_plans_init(w) == -1 ||
	    (w->derive = derive_new()) == NULL ||
	    (w->places = calloc(PRINT_COLUMNS, sizeof(*w->places))) == NULL) {
		printer_free(w);
		return (NULL);
	}
	w->nplaces = print_table_layout(p, w->places);
	return (w);
}

static inline uint32_t
code_of(const struct print_step *s, uint32_t row)
{
	return (((const uint16_t *)s->of)[row]);
}

/* The value of a step that is no number.  Returns its end. */
static inline char *
print_value(struct printer *w, const struct print_step *s, uint32_t row,
    char *to)
{
	const char *p;
	char *end;
	size_t len;

	switch (s->from) {
	case FROM_SMALL:
		return (
		    print_slot(to, s->slots, ((const uint32_t *)s->of)[row]));
	case FROM_TEXTS:
		p = print_text(&w->cells[s->column], code_of(s, row), &len);
		return (print_copy(to, p, len));
	case FROM_TIME:
		end =
		    stamp_quick(&w->stamp, to, ((const uint64_t *)s->of)[row]);
		break;
	case FROM_SECONDS:
		end = stamp_seconds(&w->stamp, to,
		    ((const uint64_t *)s->of)[row]);
		break;
	case FROM_WORDS:
		return (to);
	default:
		end = NULL;
		break;
	}
	return (
	    end != NULL ? end : print_number(w, &w->cells[s->column], row, to));
}

/* A row by its plan; there is room. */
static inline char *
print_row(struct printer *w, const struct print_plan *plan, uint32_t row,
    char *to)
{
	const struct print_step *s = w->steps + plan->first;
	uint64_t v;

	for (;; s++) {
		memcpy(to, s->words, STEP_WORDS);
		to += s->len;
		switch (s->from) {
		case FROM_NARROW:
			to = print_narrow(to, s->slots, code_of(s, row));
			continue;
		case FROM_SLOTS:
			to = print_slot(to, s->slots, code_of(s, row));
			continue;
		case FROM_U32:
			v = ((const uint32_t *)s->of)[row];
			break;
		case FROM_U64:
			v = ((const uint64_t *)s->of)[row];
			break;
		case FROM_CODES:
			v = s->num[code_of(s, row)];
			break;
		case FROM_END:
			return (to);
		default:
			to = print_value(w, s, row, to);
			continue;
		}
		to = v < 100000000 ? digits_small(to, (uint32_t)v)
				   : digits_put(to, v);
	}
}

/* The shapes of a batch's rows. */
struct shapes {
	const struct flow_set *set;
	const struct vec *of;
	uint32_t n;
};

/* Room for a row at least. */
static inline char *
room(struct outbuf *o, size_t need)
{
	return (
	    o->size - o->len >= need ? o->p + o->len : outbuf_room(o, need));
}

/* The shape of a row; NULL if there is none. */
static inline const struct flow_set *
shape_of(const struct shapes *s, uint32_t row, uint32_t *shape)
{
	*shape = (uint32_t)vec_number(s->of, row);
	return (*shape < s->n ? &s->set[*shape] : NULL);
}

static const char *
print_rows(struct printer *w, const struct shapes *shapes,
    const struct sel *sel, struct outbuf *out)
{
	const struct print_plan *plan;
	const struct flow_set *has;
	uint32_t i, row, shape;
	char *to;

	for (i = 0; i < sel->n; i++) {
		print_ahead(w, sel, i);
		row = sel_row(sel, i);
		if ((has = shape_of(shapes, row, &shape)) == NULL)
			return (block_strerror(BLOCK_COLUMN));
		plan = &w->plans[shape];
		if (!plan->made && (plan = print_plan(w, shape, has)) == NULL)
			return ("out of memory");
		if ((to = room(out, plan->most + PRINT_SLACK)) == NULL)
			return ("out of memory");
		out->len = (size_t)(print_row(w, plan, row, to) - out->p);
	}
	return (NULL);
}

static const char *
print_table(struct printer *w, const struct shapes *shapes,
    const struct sel *sel, struct outbuf *out)
{
	size_t most = print_table_most(w) + PRINT_SLACK;
	const struct flow_set *has;
	uint32_t i, row, shape;
	char *to;

	w->shape = NULL;
	for (i = 0; i < sel->n; i++) {
		print_ahead(w, sel, i);
		row = sel_row(sel, i);
		if ((has = shape_of(shapes, row, &shape)) == NULL)
			return (block_strerror(BLOCK_COLUMN));
		if ((to = room(out, most)) == NULL)
			return ("out of memory");
		to = print_table_row(w, has, row, to);
		out->len = (size_t)(to - out->p);
	}
	return (NULL);
}

static const char *
take(void *worker, struct batch *b, const struct sel *sel, struct outbuf *out)
{
	struct printer *w = worker;
	struct shapes shapes;
	enum block_err err;
	const char *error;

	if (sel->n == 0 || w->print->format == PRINT_NONE)
		return (NULL);
	if ((error = print_prepare(w, b, sel)) != NULL)
		return (error);
	if ((err = batch_column(b, COL_SHAPE, &shapes.of)) != BLOCK_OK)
		return (block_strerror(err));
	shapes.set = batch_shapes(b, &shapes.n);
	if (shapes.n > BATCH_SHAPES)
		return (block_strerror(BLOCK_COLUMN));
	if (w->print->format == PRINT_TABLE)
		return (print_table(w, &shapes, sel, out));
	print_plans_clear(w);
	return (print_rows(w, &shapes, sel, out));
}

/* All workers */

struct printing {
	struct consumer consumer;
	const struct print *print;
	sheet_write *write;
	void *arg;
	bool begun; /* something was written */
};

static void *
begin(void *arg)
{
	struct printing *g = arg;

	return (printer_new(g->print));
}

static const char *
merge(void *arg, void *worker)
{
	(void)arg;
	printer_free(worker);
	return (NULL);
}

static const char *
csv_head(struct printing *g)
{
	const struct print *p = g->print;
	char line[PRINT_COLUMNS * 32];
	struct text t;
	size_t i;

	text_init(&t, line, sizeof(line));
	for (i = 0; i < p->ncolumns; i++) {
		if (i > 0)
			text_char(&t, ',');
		text_str(&t, print_column_name(&p->columns[i]));
	}
	text_char(&t, '\n');
	return (g->write(g->arg, line, text_done(&t)));
}

static const char *
table_head(struct printing *g)
{
	struct print_place places[PRINT_COLUMNS];
	char line[PRINT_COLUMNS * 64];
	size_t n = print_table_layout(g->print, places);
	char *end = print_table_head(g->print, places, n, line);

	return (g->write(g->arg, line, (size_t)(end - line)));
}

static const char *
head(struct printing *g)
{
	g->begun = true;
	switch (g->print->format) {
	case PRINT_TABLE:
		return (table_head(g));
	case PRINT_CSV:
		return (csv_head(g));
	case PRINT_JSON:
		return (g->write(g->arg, "[\n", 2));
	default:
		return (NULL);
	}
}

static const char *
put(void *arg, const char *p, size_t len)
{
	struct printing *g = arg;
	const char *error;

	if (len == 0)
		return (NULL);
	if (!g->begun) {
		if ((error = head(g)) != NULL)
			return (error);
		/* The first of an array has no comma before it. */
		if (g->print->format == PRINT_JSON) {
			p += 2;
			len -= 2;
		}
	}
	return (g->write(g->arg, p, len));
}

static const char *
finish(void *arg, const struct totals *n)
{
	struct printing *g = arg;
	const struct sheet_style style = {SHEET_TABLE, g->print->human,
	    g->print->utc, true};
	char buf[SHEET_SUMMARY_MAX];
	const char *error = NULL;

	if (g->print->format == PRINT_JSON)
		return (g->begun ? g->write(g->arg, "\n]\n", 3)
				 : g->write(g->arg, "[]\n", 3));
	if (!g->begun)
		error = head(g);
	if (error != NULL || n == NULL || !g->print->summary ||
	    g->print->format != PRINT_TABLE)
		return (error);
	return (
	    g->write(g->arg, buf, sheet_summary(buf, sizeof(buf), &style, n)));
}

static void
printing_free(struct consumer *c)
{
	free(c == NULL ? NULL : c->arg);
}

static void
need(struct flow_set *set, enum flow_field bit)
{
	set->w[bit / 64] |= (uint64_t)1 << bit % 64;
}

struct consumer *
print_consumer(const struct print *p, sheet_write *write, void *arg)
{
	struct printing *g;
	size_t i;

	if ((g = calloc(1, sizeof(*g))) == NULL)
		return (NULL);
	g->print = p;
	g->write = write;
	g->arg = arg;
	g->consumer = (struct consumer){.arg = g,
	    .begin = begin,
	    .take = take,
	    .put = put,
	    .merge = merge,
	    .finish = finish,
	    .free = printing_free};
	for (i = 0; i < p->ncolumns && p->format != PRINT_NONE; i++)
		if (p->columns[i].field != NULL)
			need(&g->consumer.needs, p->columns[i].field->bit);
		else
			derive_needs(p->columns[i].quantity,
			    &g->consumer.needs);
	return (&g->consumer);
}
