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

#include "query/print-state.h"

#define GAP 2

static const char spaces[PRINT_SLACK] =
    "                                                               ";

/* Which columns are numbers, and stand at the right; the others' widths. */
static size_t
width_of(const struct print *p, const struct print_column *c, bool *left)
{
	static const uint8_t digits[] = {[FT_U8] = 3,
	    [FT_U16] = 5,
	    [FT_U32] = 10,
	    [FT_U64] = 12,
	    [FT_TIME] = 23,
	    [FT_ADDR] = 15,
	    [FT_MAC] = 17,
	    [FT_APPID] = 8,
	    [FT_LABELS] = 7,
	    [FT_TEXT] = 20};
	enum quantity q = c->quantity;

	*left = true;
	if (c->field == NULL && (q == Q_START || q == Q_END))
		return (p->utc ? 24U : 23U);
	if (c->field != NULL && c->field->type == FT_TIME)
		return (p->utc ? 24U : 23U);
	if (c->field != NULL && c->field->type > FT_TIME)
		return (digits[c->field->type]);
	*left = false;
	if (c->field == NULL)
		return (q == Q_DURATION ? 12 : p->human ? 6 : 12);
	if (p->human && c->field->bit == FLOW_PROTOCOL) {
		*left = true;
		return (5);
	}
	if (p->human &&
	    (c->field->bit == FLOW_TCP_FLAGS ||
		c->field->bit == FLOW_REVERSE_TCP_FLAGS)) {
		*left = true;
		return (8);
	}
	if (p->human && c->field->bit >= FLOW_FLOWS &&
	    c->field->bit <= FLOW_OUT_OCTETS)
		return (6);
	return (digits[c->field->type]);
}

/* A port behind its address. */
static bool
joined(const struct print *p, size_t i)
{
	static const enum flow_field ends[][2] = {{FLOW_SRC_ADDR,
						      FLOW_SRC_PORT},
	    {FLOW_DST_ADDR, FLOW_DST_PORT},
	    {FLOW_POST_NAT_SRC_ADDR, FLOW_POST_NAT_SRC_PORT},
	    {FLOW_POST_NAT_DST_ADDR, FLOW_POST_NAT_DST_PORT}};
	size_t k;

	if (i + 1 >= p->ncolumns || p->columns[i].field == NULL ||
	    p->columns[i + 1].field == NULL)
		return (false);
	for (k = 0; k < sizeof(ends) / sizeof(ends[0]); k++)
		if (p->columns[i].field->bit == ends[k][0] &&
		    p->columns[i + 1].field->bit == ends[k][1])
			return (true);
	return (false);
}

size_t
print_table_layout(const struct print *p, struct print_place *places)
{
	struct print_place *o = places;
	size_t i, at = 0, name;

	for (i = 0; i < p->ncolumns; i++, o++) {
		o->column = (uint16_t)i;
		o->port = joined(p, i);
		o->width = (uint16_t)width_of(p, &p->columns[i], &o->left);
		name = strlen(print_column_name(&p->columns[i]));
		if (o->port) {
			o->width += 6;
			name += 5;
			i++;
		}
		if (o->width < name)
			o->width = (uint16_t)name;
		o->at = (uint16_t)(at + (o->left ? 0 : o->width));
		at += o->width + GAP;
	}
	return ((size_t)(o - places));
}

/* Spaces up to a column's place: at least one, if something is before it. */
static inline char *
space_to(char *line, char *to, size_t at)
{
	char *want = line + at;

	if (want <= to) {
		if (to > line)
			*to++ = ' ';
		return (to);
	}
	if (want - to <= PRINT_SLACK / 2)
		memcpy(to, spaces, PRINT_SLACK / 2);
	else
		memset(to, ' ', (size_t)(want - to));
	return (want);
}

char *
print_table_head(const struct print *p, const struct print_place *places,
    size_t n, char *line)
{
	const struct print_place *o;
	char *to = line;
	const char *name;
	size_t len;

	for (o = places; o < places + n; o++) {
		name = print_column_name(&p->columns[o->column]);
		len = strlen(name);
		to = space_to(line, to,
		    o->left ? o->at : o->at - len - (o->port ? 5 : 0));
		memcpy(to, name, len);
		to += len;
		if (o->port) {
			memcpy(to, ":port", 5);
			to += 5;
		}
	}
	*to++ = '\n';
	return (to);
}

static inline char *
value(struct printer *w, size_t i, uint32_t row, char *to)
{
	const struct print_cells *c = &w->cells[i];
	const char *p;
	size_t len;

	switch (c->from) {
	case FROM_SLOTS:
		return (print_slot(to, c->slots.p, c->vec->codes[row]));
	case FROM_NARROW:
		return (print_narrow(to, c->slots.p, c->vec->codes[row]));
	case FROM_SMALL:
		return (print_slot(to, c->slots.p, c->vec->u32[row]));
	case FROM_TEXTS:
	case FROM_CONST:
		p = print_text(c,
		    c->from == FROM_CONST ? 0 : c->vec->codes[row], &len);
		return (print_copy(to, p, len));
	default:
		return (print_number(w, c, row, to));
	}
}

/* [2001:db8::1]:443: the brackets tell where the address ends. */
static char *
with_port(struct printer *w, size_t i, uint32_t row, char *from, char *to)
{
	if (vec_addr(w->cells[i].vec, row)->family == ADDR_V6) {
		memmove(from + 1, from, (size_t)(to - from));
		*from = '[';
		to++;
		*to++ = ']';
	}
	*to++ = ':';
	return (value(w, i + 1, row, to));
}

/* Texts may have characters of several bytes. */
static size_t
surplus(const struct print_cells *c, const char *from, const char *to)
{
	size_t len = (size_t)(to - from);

	return (c->as == AS_BYTES ? len - value_width(from, len) : 0);
}

/* At the right end of its place. */
static inline char *
right(char *line, char *to, size_t at, const char *text, size_t len)
{
	to = space_to(line, to, at > len ? at - len : 0);
	return (print_copy(to, text, len));
}

static void
look_at_shape(struct printer *w, const struct flow_set *has)
{
	size_t i;

	if (w->shape == has)
		return;
	w->shape = has;
	for (i = 0; i < w->print->ncolumns; i++)
		w->present[i] = print_present(w, has, i);
}

char *
print_table_row(struct printer *w, const struct flow_set *has, uint32_t row,
    char *line)
{
	const struct print_place *o, *end = w->places + w->nplaces;
	char *to = line, *from, text[PRINT_SLACK * 2];

	look_at_shape(w, has);
	for (o = w->places; o < end; o++) {
		if (!w->present[o->column]) {
			to = space_to(line, to, o->left ? o->at : o->at - 1U);
			*to++ = '-';
		} else if (!o->left) {
			from = value(w, o->column, row, text);
			to =
			    right(line, to, o->at, text, (size_t)(from - text));
		} else {
			from = to = space_to(line, to, o->at);
			to = value(w, o->column, row, to);
			if (o->port && w->present[o->column + 1U])
				to = with_port(w, o->column, row, from, to);
			line += surplus(&w->cells[o->column], from, to);
		}
	}
	*to++ = '\n';
	return (to);
}

size_t
print_table_most(const struct printer *w)
{
	size_t i, n = PRINT_SLACK;

	for (i = 0; i < w->nplaces; i++)
		n += w->places[i].width + GAP;
	for (i = 0; i < w->print->ncolumns; i++)
		n += w->cells[i].most + 4;
	return (n);
}
