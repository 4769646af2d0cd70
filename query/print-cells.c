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

/* clang-format off */
/* Bytes of a value at most, with its quotes. */
static const size_t most[] = {
	[AS_NUMBER] = 20,
	[AS_TIME] = 40,
	[AS_TIME_MS] = 40,
	[AS_SECONDS] = 22,
	[AS_DURATION] = 32,
	[AS_HUMAN] = 20,
	[AS_PROTOCOL] = 20,
	[AS_FLAGS] = 8,
	[AS_ADDR] = ADDR_STRLEN + 2,
	[AS_BYTES] = 2 + 6 * FLOW_TEXT_MAX + 1,
};
/* clang-format on */

static enum cell_text
text_of_field(const struct print *p, const struct field *fd)
{
	bool table = p->format == PRINT_TABLE;

	switch (fd->type) {
	case FT_TIME:
		return (table ? AS_TIME_MS : AS_TIME);
	case FT_ADDR:
		return (AS_ADDR);
	case FT_MAC:
	case FT_APPID:
	case FT_LABELS:
	case FT_TEXT:
		return (AS_BYTES);
	default:
		break;
	}
	if (!table || !p->human)
		return (AS_NUMBER);
	if (fd->bit == FLOW_PROTOCOL)
		return (AS_PROTOCOL);
	if (fd->bit == FLOW_TCP_FLAGS || fd->bit == FLOW_REVERSE_TCP_FLAGS)
		return (AS_FLAGS);
	return (fd->bit >= FLOW_FLOWS && fd->bit <= FLOW_OUT_OCTETS
		? AS_HUMAN
		: AS_NUMBER);
}

static enum cell_text
text_of_quantity(const struct print *p, enum quantity q)
{
	bool human = p->format == PRINT_TABLE && p->human;

	switch (q) {
	case Q_START:
	case Q_END:
		return (p->format == PRINT_TABLE ? AS_TIME_MS : AS_TIME);
	case Q_DURATION:
		return (human ? AS_DURATION : AS_SECONDS);
	default:
		return (human ? AS_HUMAN : AS_NUMBER);
	}
}

static enum value_style
style(const struct print *p)
{
	switch (p->format) {
	case PRINT_CSV:
		return (VALUE_CSV);
	case PRINT_JSON:
	case PRINT_NDJSON:
		return (VALUE_JSON);
	default:
		return (VALUE_TEXT);
	}
}

/* Through struct text, which knows where the room ends. */
static char *
slow_number(enum cell_text as, uint64_t v, char *to)
{
	struct text t;

	text_init(&t, to, PRINT_SLACK);
	switch (as) {
	case AS_SECONDS:
		value_seconds(&t, (int64_t)v);
		break;
	case AS_DURATION:
		value_duration(&t, (int64_t)v);
		break;
	case AS_HUMAN:
		value_human(&t, v);
		break;
	case AS_PROTOCOL:
		value_protocol(&t, v);
		break;
	case AS_FLAGS:
		value_tcp_flags(&t, v);
		break;
	default:
		break;
	}
	return (to + text_done(&t));
}

static char *
put_number(struct printer *w, const struct print_cells *c, uint64_t v, char *to)
{
	switch (c->as) {
	case AS_NUMBER:
		return (digits_put(to, v));
	case AS_TIME:
		if (c->quoted)
			*to++ = '"';
		to = stamp_put(&w->stamp, to, (int64_t)v);
		if (c->quoted)
			*to++ = '"';
		return (to);
	case AS_TIME_MS:
		return (stamp_put_ms(&w->stamp, to, (int64_t)v));
	default:
		return (slow_number(c->as, v, to));
	}
}

char *
print_number(struct printer *w, const struct print_cells *c, uint32_t row,
    char *to)
{
	return (put_number(w, c, vec_number(c->vec, row), to));
}

static char *
put_addr(struct printer *w, const struct addr *a, char *to)
{
	struct text t;
	int i;

	if (a->family != ADDR_V4) {
		text_init(&t, to, ADDR_STRLEN);
		text_addr(&t, a);
		return (to + text_done(&t));
	}
	for (i = 0; i < 4; i++) {
		memcpy(to, w->octets[a->b[i]].text, 4);
		to += w->octets[a->b[i]].len;
	}
	return (to - 1); /* without the last dot */
}

static char *
put_bytes(struct printer *w, const struct field *fd, const struct flow_text *b,
    char *to)
{
	struct text t;

	text_init(&t, to, most[AS_BYTES] + PRINT_SLACK);
	value_bytes(&t, fd, b, style(w->print));
	return (to + text_done(&t));
}

/* One value of the dictionary becomes a text. */
static const char *
add_text(struct printer *w, struct print_cells *c, const struct field *fd,
    uint32_t code)
{
	char *head, *to, *end;
	uint16_t len;

	head = outbuf_room(&c->texts, sizeof(len) + most[c->as] + PRINT_SLACK);
	if (head == NULL)
		return ("out of memory");
	to = end = head + sizeof(len);
	if (c->as == AS_ADDR) {
		if (c->quoted)
			*end++ = '"';
		end = put_addr(w, &c->vec->addr[code], end);
		if (c->quoted)
			*end++ = '"';
	} else if (c->as == AS_BYTES)
		end = put_bytes(w, fd, &c->vec->bytes[code], end);
	else
		end = put_number(w, c, c->vec->num[code], end);
	len = (uint16_t)(end - to);
	memcpy(head, &len, sizeof(len));
	c->at[code] = (uint32_t)c->texts.len;
	c->texts.len += sizeof(len) + len;
	if (len > c->most)
		c->most = len;
	return (NULL);
}

/* Texts of all values, or of those that the rows have if these are fewer. */
static const char *
add_texts(struct printer *w, struct print_cells *c, const struct field *fd,
    const struct sel *sel)
{
	uint32_t i, code, n = c->vec->ndict;
	const char *error = NULL;
	uint32_t *at;

	if (n > c->maxat) {
		if ((at = realloc(c->at, n * sizeof(*at))) == NULL)
			return ("out of memory");
		c->at = at;
		c->maxat = n;
	}
	c->texts.len = 0;
	if (outbuf_room(&c->texts, 1) == NULL)
		return ("out of memory");
	c->texts.len = 1; /* place 0 is nowhere */
	c->most = 0;
	if (c->vec->kind == VEC_CONST)
		return (add_text(w, c, fd, 0));
	if (sel->n >= n) {
		for (code = 0; code < n && error == NULL; code++)
			error = add_text(w, c, fd, code);
		return (error);
	}
	memset(c->at, 0, n * sizeof(*c->at));
	for (i = 0; i < sel->n && error == NULL; i++) {
		code = c->vec->codes[sel_row(sel, i)];
		if (c->at[code] == 0)
			error = add_text(w, c, fd, code);
	}
	return (error);
}

/* A dictionary of numbers is worth texts if each is met often. */
static enum cell_from
choose(const struct print_cells *c, const struct sel *sel)
{
	switch (c->vec->kind) {
	case VEC_CONST:
		return (FROM_CONST);
	case VEC_CODES:
		if (c->as == AS_ADDR || c->as == AS_BYTES ||
		    c->vec->ndict <= sel->n / 4)
			return (FROM_TEXTS);
		return (FROM_OTHER);
	case VEC_U32:
		return (c->as == AS_NUMBER ? FROM_U32 : FROM_OTHER);
	case VEC_U64:
	default:
		return (c->as == AS_NUMBER ? FROM_U64 : FROM_OTHER);
	}
}

static const char *
column(struct printer *w, struct batch *b, size_t i, const struct sel *sel)
{
	const struct print_column *col = &w->print->columns[i];
	struct print_cells *c = &w->cells[i];
	enum block_err err;
	bool json = style(w->print) == VALUE_JSON;

	if (col->field != NULL)
		err = batch_column(b, col->field->bit, &c->vec);
	else
		err = derive_quantity(w->derive, b, col->quantity, &c->vec);
	if (err != BLOCK_OK)
		return (block_strerror(err));
	c->from = FROM_NONE;
	if (c->vec == NULL)
		return (NULL);
	c->as = col->field != NULL ? text_of_field(w->print, col->field)
				   : text_of_quantity(w->print, col->quantity);
	c->quoted = json && (c->as == AS_TIME || c->as == AS_ADDR);
	c->from = choose(c, sel);
	if (c->from == FROM_TEXTS || c->from == FROM_CONST)
		return (add_texts(w, c, col->field, sel));
	c->most = most[c->as];
	return (NULL);
}

const char *
print_prepare(struct printer *w, struct batch *b, const struct sel *sel)
{
	const char *error = NULL;
	size_t i;

	for (i = 0; i < w->print->ncolumns && error == NULL; i++)
		error = column(w, b, i, sel);
	return (error);
}

int
print_cells_init(struct printer *w)
{
	struct text t;
	unsigned int i;

	for (i = 0; i < 256; i++) {
		text_init(&t, w->octets[i].text, sizeof(w->octets[i].text) + 1);
		text_uint(&t, i);
		text_char(&t, '.');
		w->octets[i].len = (uint8_t)(t.p - t.buf);
	}
	w->cells = calloc(w->print->ncolumns + 1, sizeof(*w->cells));
	return (w->cells == NULL ? -1 : 0);
}

void
print_cells_free(struct printer *w)
{
	size_t i;

	for (i = 0; w->cells != NULL && i < w->print->ncolumns; i++) {
		free(w->cells[i].at);
		outbuf_clear(&w->cells[i].texts);
	}
	free(w->cells);
}
