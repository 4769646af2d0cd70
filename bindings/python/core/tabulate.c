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

/* The cells of an answer, put into columns. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/tabulate.h"

#define UNKNOWN COLUMN_KINDS /* nothing came yet */

struct tab {
	char name[48];
	const struct field *field;
	enum column_kind kind;
	bool moved; /* into the columns */
	uint32_t nulls;
	uint8_t *validity;
	uint64_t *number; /* or bits of a double; NULL of texts */
	int32_t *offsets; /* of texts */
	char *bytes;
	size_t size, used;
};

struct tabulate {
	struct sheet_taker taker;
	bool drop;
	uint16_t n;
	uint32_t rows, room;
	struct tab *tab;
};

static const char nomem[] = "out of memory";

static const char *
head(void *arg, const struct sheet_column *c, size_t n)
{
	struct tabulate *t = arg;
	size_t i;

	if (t->tab != NULL || n > UINT16_MAX)
		return ("an answer of several tables");
	if ((t->tab = calloc(n + 1, sizeof(*t->tab))) == NULL)
		return (nomem);
	t->n = (uint16_t)n;
	for (i = 0; i < n; i++) {
		memcpy(t->tab[i].name, c[i].name, sizeof(t->tab[i].name));
		t->tab[i].name[sizeof(t->tab[i].name) - 1] = '\0';
		t->tab[i].field = c[i].field;
		t->tab[i].kind = UNKNOWN;
	}
	return (NULL);
}

static bool
is_long(enum column_kind kind)
{
	return (kind == COLUMN_TEXT || kind == COLUMN_BYTES ||
	    kind == COLUMN_LABELS);
}

/* As realloc, for so many things; the old ones stay where there is no room. */
static bool
grow(void *where, size_t n, size_t size)
{
	void *p, *old;

	memcpy(&old, where, sizeof(old));
	if (n > SIZE_MAX / size || (p = realloc(old, n * size)) == NULL)
		return (false);
	memcpy(where, &p, sizeof(p));
	return (true);
}

static bool
grow_tab(struct tab *tab, uint32_t from, uint32_t room)
{
	const size_t old = (from + 7U) / 8, bits = (room + 7U) / 8;

	if (!grow(&tab->validity, bits, 1))
		return (false);
	memset(tab->validity + old, 0, bits - old);
	if (tab->kind == UNKNOWN)
		return (true);
	if (is_long(tab->kind))
		return (grow(&tab->offsets, (size_t)room + 1,
		    sizeof(*tab->offsets)));
	return (grow(&tab->number, room, sizeof(*tab->number)));
}

static const char *
more_room(struct tabulate *t)
{
	uint32_t room = t->room == 0 ? 256 : t->room * 2;
	uint16_t i;

	if (t->rows < t->room)
		return (NULL);
	if (t->rows >= UINT32_MAX / 2)
		return ("an answer of too many rows");
	for (i = 0; i < t->n; i++)
		if (!grow_tab(&t->tab[i], t->room, room))
			return (nomem);
	t->room = room;
	return (NULL);
}

static enum column_kind
kind_of(const struct tab *tab, const struct cell *c)
{
	switch (c->type) {
	case CELL_TIME:
		return (COLUMN_TIME);
	case CELL_DURATION:
		return (COLUMN_DURATION);
	case CELL_RATE:
		return (COLUMN_RATE);
	case CELL_NUMBER:
		return (COLUMN_U64);
	case CELL_BYTES:
		if (tab->field != NULL && tab->field->type == FT_APPID)
			return (COLUMN_BYTES);
		if (tab->field != NULL && tab->field->type == FT_LABELS)
			return (COLUMN_LABELS);
		return (COLUMN_TEXT);
	default:
		return (COLUMN_TEXT);
	}
}

/* The first value says what the column is of; those before were absent. */
static bool
settle(struct tabulate *t, struct tab *tab, enum column_kind kind)
{
	tab->kind = kind;
	if (!is_long(kind)) {
		tab->number = calloc(t->room, sizeof(*tab->number));
		return (tab->number != NULL);
	}
	tab->offsets = calloc((size_t)t->room + 1, sizeof(*tab->offsets));
	return (tab->offsets != NULL);
}

static const char *
add_bytes(struct tab *tab, const char *p, size_t len)
{
	size_t size = tab->size == 0 ? 4096 : tab->size;

	while (size - tab->used < len)
		size *= 2;
	if (size > INT32_MAX)
		return ("an answer with too much text");
	if (size != tab->size && !grow(&tab->bytes, size, 1))
		return (nomem);
	tab->size = size;
	if (len > 0)
		memcpy(tab->bytes + tab->used, p, len);
	tab->used += len;
	return (NULL);
}

static size_t
mac_text(char *to, const uint8_t *p)
{
	static const char hex[] = "0123456789abcdef";
	int i;

	for (i = 0; i < 6; i++) {
		to[3 * i] = hex[p[i] >> 4];
		to[3 * i + 1] = hex[p[i] & 15];
		to[3 * i + 2] = ':';
	}
	return (17);
}

static const char *
add_text(struct tab *tab, const struct flow_text *text)
{
	char buf[3 * FLOW_TEXT_MAX];
	size_t len;

	if (tab->field != NULL && tab->field->type == FT_MAC && text->len == 6)
		len = mac_text(buf, (const uint8_t *)text->p);
	else if (text->len > FLOW_TEXT_MAX || utf8_clean(text->p, text->len))
		return (add_bytes(tab, text->p, text->len));
	else
		len = utf8_mend(buf, text->p, text->len);
	return (add_bytes(tab, buf, len));
}

/* 4 bytes each, little endian. */
static const char *
add_labels(struct tab *tab, const struct flow_text *text)
{
	uint32_t label[FLOW_MPLS_MAX];
	const uint8_t *b = (const uint8_t *)text->p;
	size_t i, n = text->len / 4U;

	for (i = 0; i < n && i < FLOW_MPLS_MAX; i++)
		label[i] = b[4 * i] | (uint32_t)b[4 * i + 1] << 8 |
		    (uint32_t)b[4 * i + 2] << 16 | (uint32_t)b[4 * i + 3] << 24;
	return (add_bytes(tab, (const char *)label, i * sizeof(label[0])));
}

static const char *
add_long(struct tab *tab, const struct cell *c)
{
	char buf[PREFIX_STRLEN];

	switch (c->type) {
	case CELL_PREFIX:
		if (c->u.prefix.len == addr_bits(&c->u.prefix.addr))
			(void)addr_format(&c->u.prefix.addr, buf);
		else
			(void)prefix_format(&c->u.prefix, buf);
		return (add_bytes(tab, buf, strlen(buf)));
	case CELL_TEXT:
		return (add_bytes(tab, c->u.text, strlen(c->u.text)));
	case CELL_BYTES:
		if (tab->kind == COLUMN_LABELS)
			return (add_labels(tab, &c->u.bytes));
		if (tab->kind == COLUMN_TEXT)
			return (add_text(tab, &c->u.bytes));
		return (add_bytes(tab, c->u.bytes.p, c->u.bytes.len));
	default:
		return (NULL);
	}
}

static const char *
add_cell(struct tabulate *t, struct tab *tab, const struct cell *c)
{
	const char *wrong = NULL;
	bool there = c->type != CELL_NONE;
	uint32_t unit;

	if (there && tab->kind == UNKNOWN && !settle(t, tab, kind_of(tab, c)))
		return (nomem);
	if (there && kind_of(tab, c) != tab->kind)
		return ("values of two kinds in a column");
	if (there)
		tab->validity[t->rows / 8] |= (uint8_t)(1U << t->rows % 8);
	else
		tab->nulls++;
	if (tab->kind == UNKNOWN)
		return (NULL);
	if (is_long(tab->kind)) {
		if (there)
			wrong = add_long(tab, c);
		unit = tab->kind == COLUMN_LABELS ? sizeof(uint32_t) : 1;
		tab->offsets[t->rows + 1] = (int32_t)(tab->used / unit);
	} else {
		tab->number[t->rows] = 0;
		if (there)
			memcpy(&tab->number[t->rows], &c->u.number,
			    sizeof(tab->number[0]));
	}
	return (wrong);
}

static const char *
row(void *arg, const struct cell *c, size_t n)
{
	struct tabulate *t = arg;
	const char *wrong = more_room(t);
	size_t i;

	for (i = 0; i < n && i < t->n && wrong == NULL; i++)
		wrong = add_cell(t, &t->tab[i], &c[i]);
	t->rows++;
	return (wrong);
}

struct tabulate *
tabulate_new(bool drop)
{
	struct tabulate *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->taker = (struct sheet_taker){.head = head, .row = row, .arg = t};
	t->drop = drop;
	return (t);
}

void
tabulate_free(struct tabulate *t)
{
	uint16_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->n; i++) {
		free(t->tab[i].validity);
		free(t->tab[i].number);
		free(t->tab[i].offsets);
		free(t->tab[i].bytes);
	}
	free(t->tab);
	free(t);
}

const struct sheet_taker *
tabulate_taker(const struct tabulate *t)
{
	return (&t->taker);
}

/* What a column without any value would have been of. */
static void
settle_empty(struct tab *tab)
{
	enum quantity q = quantity_by_name(tab->name);

	if (tab->field != NULL)
		tab->kind = column_kind(tab->field, true);
	else if (q == Q_START || q == Q_END || strcmp(tab->name, "time") == 0)
		tab->kind = COLUMN_TIME;
	else
		tab->kind = q == Q_DURATION ? COLUMN_DURATION : COLUMN_U64;
	if (tab->kind == COLUMN_MAC)
		tab->kind = COLUMN_TEXT;
}

/* Numbers as narrow as their field's, in place. */
static void
narrow(struct tab *tab, uint32_t rows)
{
	enum column_kind to;
	uint32_t i;
	void *p = tab->number;

	if (tab->kind != COLUMN_U64 || tab->field == NULL)
		return;
	to = column_kind(tab->field, true);
	if (to > COLUMN_U32)
		return;
	for (i = 0; i < rows; i++) {
		uint64_t v = tab->number[i];

		if (to == COLUMN_U8)
			((uint8_t *)p)[i] = (uint8_t)v;
		else if (to == COLUMN_U16)
			memcpy((uint8_t *)p + 2 * (size_t)i,
			    &(uint16_t){(uint16_t)v}, 2);
		else
			memcpy((uint8_t *)p + 4 * (size_t)i,
			    &(uint32_t){(uint32_t)v}, 4);
	}
	tab->kind = to;
}

/* Its memory goes over to the column. */
static bool
move_tab(struct tabulate *t, struct tab *tab, struct column *c)
{
	if (tab->kind == UNKNOWN) {
		settle_empty(tab);
		if ((tab->validity == NULL &&
			(tab->validity = calloc(1, 1)) == NULL) ||
		    (tab->number = calloc(t->rows + 1U,
			 sizeof(*tab->number))) == NULL ||
		    (is_long(tab->kind) &&
			(tab->offsets = calloc(t->rows + 1U,
			     sizeof(*tab->offsets))) == NULL))
			return (false);
	} else
		narrow(tab, t->rows);
	c->field = tab->field;
	c->kind = tab->kind;
	c->nulls = tab->nulls;
	c->offsets = tab->offsets;
	c->values =
	    tab->bytes != NULL ? (void *)tab->bytes : (void *)tab->number;
	if (c->values == NULL && (c->values = calloc(1, 8)) == NULL)
		return (false);
	if (c->nulls > 0)
		c->validity = tab->validity;
	else
		free(tab->validity);
	tab->validity = NULL;
	tab->number = NULL;
	tab->offsets = NULL;
	tab->bytes = NULL;
	return (true);
}

static bool
take_tab(struct tabulate *t, struct tab *tab, struct columns *cs)
{
	char *name = cs->names + cs->n * sizeof(tab->name);

	if (tab->moved || (t->drop && tab->nulls == t->rows))
		return (true);
	tab->moved = true;
	memcpy(name, tab->name, sizeof(tab->name));
	cs->column[cs->n].name = name;
	return (move_tab(t, tab, &cs->column[cs->n++]));
}

struct columns *
tabulate_columns(struct tabulate *t, const struct asked *a)
{
	struct columns *cs = columns_new(t->n, t->rows);
	bool good;
	uint16_t i, k;

	if (cs == NULL)
		return (NULL);
	cs->n = 0;
	cs->names = calloc(t->n + 1U, sizeof(t->tab[0].name));
	good = cs->names != NULL;
	for (i = 0; good && i < a->n; i++)
		for (k = 0; good && k < t->n; k++)
			if (t->tab[k].field == &fields[a->field[i]])
				good = take_tab(t, &t->tab[k], cs);
	for (k = 0; good && k < t->n; k++)
		good = take_tab(t, &t->tab[k], cs);
	if (good)
		return (cs);
	columns_drop(cs);
	return (NULL);
}
