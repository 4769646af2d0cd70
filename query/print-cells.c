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

#define NOMEM "out of memory"

/* clang-format off */
/* Bytes of a value at most; of bytes with their quotes. */
static const size_t most[] = {
	[AS_NUMBER] = 20,
	[AS_TIME] = 40,
	[AS_TIME_MS] = 40,
	[AS_SECONDS] = 24,
	[AS_DURATION] = 32,
	[AS_HUMAN] = 20,
	[AS_PROTOCOL] = 20,
	[AS_FLAGS] = 8,
	[AS_ADDR] = ADDR_STRLEN,
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

/* 12.345: most durations have milliseconds, and the rest may take longer. */
static char *
put_seconds(struct printer *w, int64_t ns, char *to)
{
	char *end = stamp_seconds(&w->stamp, to, (uint64_t)ns);
	struct text t;

	if (end != NULL)
		return (end);
	text_init(&t, to, PRINT_SLACK);
	value_seconds(&t, ns);
	return (to + text_done(&t));
}

static char *
put_duration(int64_t ns, char *to)
{
	struct text t;

	if (ns < 0 || ns >= 60 * NSEC_PER_SEC) {
		text_init(&t, to, PRINT_SLACK);
		value_duration(&t, ns);
		return (to + text_done(&t));
	}
	to = digits_put(to, (uint64_t)(ns / NSEC_PER_SEC));
	*to++ = '.';
	to = digits_three(to, (uint32_t)(ns % NSEC_PER_SEC / NSEC_PER_MSEC));
	*to++ = 's';
	return (to);
}

/* Through struct text, which knows where the room ends. */
static char *
slow_number(enum cell_text as, uint64_t v, char *to)
{
	struct text t;

	text_init(&t, to, PRINT_SLACK);
	switch (as) {
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
		return (stamp_put(&w->stamp, to, (int64_t)v));
	case AS_TIME_MS:
		return (stamp_put_ms(&w->stamp, to, (int64_t)v));
	case AS_SECONDS:
		return (put_seconds(w, (int64_t)v, to));
	case AS_DURATION:
		return (put_duration((int64_t)v, to));
	case AS_HUMAN:
		if (v < 10000)
			return (digits_put(to, v));
		return (slow_number(c->as, v, to));
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
		memcpy(to, w->octets[a->b[i]], 4);
		to += w->octetlen[a->b[i]];
		*to++ = '.';
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

static char *
put_value(struct printer *w, struct print_cells *c, const struct field *fd,
    uint32_t code, char *to)
{
	if (c->as == AS_BYTES)
		return (put_bytes(w, fd, &c->vec->bytes[code], to));
	if (c->as != AS_ADDR)
		return (put_number(w, c, c->vec->num[code], to));
	return (put_addr(w, &c->vec->addr[code], to));
}

/* One value of the dictionary becomes a text. */
static const char *
add_text(struct printer *w, struct print_cells *c, const struct field *fd,
    uint32_t code)
{
	char *head, *to;
	uint16_t len;

	head = outbuf_room(&c->texts, sizeof(len) + most[c->as] + PRINT_SLACK);
	if (head == NULL)
		return (NOMEM);
	to = head + sizeof(len);
	len = (uint16_t)(put_value(w, c, fd, code, to) - to);
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
			return (NOMEM);
		c->at = at;
		c->maxat = n;
	}
	c->texts.len = 0;
	if (outbuf_room(&c->texts, 1) == NULL)
		return (NOMEM);
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

static void
add_slot(struct print_cells *c, uint32_t code, const char *text, size_t len)
{
	char *slot = c->slots.p + (size_t)code * SLOT;

	memcpy(slot, text, SLOT);
	slot[SLOT - 1] = (char)len;
	if (len > c->most)
		c->most = len;
}

/*
 * The same in slots.  False if a text is too long for one, or if there is no
 * memory: the other way takes less.
 */
static bool
add_slots(struct printer *w, struct print_cells *c, const struct field *fd,
    const struct sel *sel)
{
	uint32_t code, n = c->vec->ndict;
	char text[PRINT_SLACK * 2];
	size_t len;

	if (c->as == AS_BYTES || sel->n < n)
		return (false);
	c->slots.len = 0;
	if (outbuf_room(&c->slots, (size_t)n * SLOT) == NULL)
		return (false);
	c->most = 0;
	for (code = 0; code < n; code++) {
		len = (size_t)(put_value(w, c, fd, code, text) - text);
		if (len >= SLOT)
			return (false);
		add_slot(c, code, text, len);
	}
	return (true);
}

/*
 * Numbers of up to seven digits.  To make one costs little more than to copy
 * it, so it pays even where each is met but twice.
 */
static bool
add_narrow(struct print_cells *c, const struct sel *sel)
{
	const uint64_t *num = c->vec->num;
	uint32_t i, n = c->vec->ndict;
	uint64_t all = 0;
	char *to;

	if (c->as != AS_NUMBER || n > sel->n / 2)
		return (false);
	for (i = 0; i < n; i++)
		all |= num[i];
	c->slots.len = 0;
	if (all >= UINT64_C(1) << 23 ||
	    (to = outbuf_room(&c->slots, (size_t)n * NARROW)) == NULL)
		return (false);
	for (i = 0; i < n; i++, to += NARROW)
		to[NARROW - 1] =
		    (char)(digits_small(to, (uint32_t)num[i]) - to);
	c->most = NARROW - 1;
	return (true);
}

#define SMALL_MAX 4096

/* Numbers so small that all up to them become texts. */
static bool
add_small(struct printer *w, struct print_cells *c, const struct sel *sel)
{
	uint32_t i, max = 0, limit = sel->n / 8;
	char text[PRINT_SLACK * 2];
	size_t len;

	if (limit > SMALL_MAX)
		limit = SMALL_MAX;
	for (i = 0; i < c->vec->n; i++)
		max = c->vec->u32[i] > max ? c->vec->u32[i] : max;
	c->slots.len = 0;
	if (max > limit ||
	    outbuf_room(&c->slots, ((size_t)max + 1) * SLOT) == NULL)
		return (false);
	c->most = 0;
	for (i = 0; i <= max; i++) {
		len = (size_t)(put_number(w, c, i, text) - text);
		if (len >= SLOT)
			return (false);
		add_slot(c, i, text, len);
	}
	return (true);
}

/*
 * A dictionary of numbers is worth texts if each is met often; addresses and
 * bytes always are.
 */
static const char *
choose(struct printer *w, struct print_cells *c, const struct field *fd,
    const struct sel *sel)
{
	const struct vec *v = c->vec;

	c->most = most[c->as];
	c->from = FROM_OTHER;
	if (v->kind == VEC_U32 && add_small(w, c, sel))
		c->from = FROM_SMALL;
	else if (v->kind == VEC_U32 && c->as == AS_NUMBER)
		c->from = FROM_U32;
	else if (v->kind == VEC_U64 && c->as == AS_NUMBER)
		c->from = FROM_U64;
	else if (v->kind == VEC_U64 && c->as == AS_TIME)
		c->from = FROM_TIME;
	else if (v->kind == VEC_U64 && c->as == AS_SECONDS)
		c->from = FROM_SECONDS;
	else if (v->kind == VEC_CODES && add_narrow(c, sel)) {
		c->from = FROM_NARROW;
		return (NULL);
	} else if (v->kind == VEC_CODES && c->as == AS_NUMBER)
		c->from = FROM_CODES;
	if (v->kind == VEC_U32 || v->kind == VEC_U64 ||
	    (v->kind == VEC_CODES && c->as != AS_ADDR && c->as != AS_BYTES &&
		v->ndict > sel->n / 4)) {
		if (c->from != FROM_SMALL)
			c->most = most[c->as];
		return (NULL);
	}
	if (v->kind == VEC_CODES && add_slots(w, c, fd, sel)) {
		c->from = FROM_SLOTS;
		return (NULL);
	}
	c->from = v->kind == VEC_CODES ? FROM_TEXTS : FROM_CONST;
	return (add_texts(w, c, fd, sel));
}

static const char *
column(struct printer *w, struct batch *b, size_t i, const struct sel *sel)
{
	const struct print_column *col = &w->print->columns[i];
	struct print_cells *c = &w->cells[i];
	enum block_err err;

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
	c->quoted = style(w->print) == VALUE_JSON &&
	    (c->as == AS_TIME || c->as == AS_ADDR);
	return (choose(w, c, col->field, sel));
}

#define NEAR 8192 /* bytes of a dictionary that are in a cache anyway */

static void
add_far(struct printer *w, const struct print_cells *c)
{
	struct print_far f = {.codes = NULL};

	if (c->from == FROM_NONE || c->vec->kind != VEC_CODES)
		return;
	f.codes = c->vec->codes;
	if (c->from == FROM_SLOTS) {
		f.base = c->slots.p;
		f.stride = SLOT;
	} else if (c->from == FROM_NARROW) {
		f.base = c->slots.p;
		f.stride = NARROW;
	} else if (c->from == FROM_TEXTS) {
		f.base = (const char *)c->at;
		f.stride = sizeof(*c->at);
	} else {
		f.base = (const char *)c->vec->num;
		f.stride = sizeof(*c->vec->num);
	}
	if (c->vec->ndict * f.stride > NEAR)
		w->far[w->nfar++] = f;
}

const char *
print_prepare(struct printer *w, struct batch *b, const struct sel *sel)
{
	const char *error = NULL;
	size_t i;

	w->nfar = 0;
	for (i = 0; i < w->print->ncolumns && error == NULL; i++) {
		error = column(w, b, i, sel);
		if (error == NULL)
			add_far(w, &w->cells[i]);
	}
	return (error);
}

int
print_cells_init(struct printer *w)
{
	struct text t;
	unsigned int i;

	for (i = 0; i < 256; i++) {
		text_init(&t, w->octets[i], sizeof(w->octets[i]));
		text_uint(&t, i);
		w->octetlen[i] = (uint8_t)text_done(&t);
	}
	w->cells = calloc(w->print->ncolumns + 1, sizeof(*w->cells));
	w->far = calloc(w->print->ncolumns + 1, sizeof(*w->far));
	return (w->cells == NULL || w->far == NULL ? -1 : 0);
}

void
print_cells_free(struct printer *w)
{
	size_t i;

	for (i = 0; w->cells != NULL && i < w->print->ncolumns; i++) {
		free(w->cells[i].at);
		outbuf_clear(&w->cells[i].texts);
		outbuf_clear(&w->cells[i].slots);
	}
	free(w->cells);
	free(w->far);
}
