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

/* Values of any length: texts, addresses as text, bytes, labels. */

#include <stdlib.h>
#include <string.h>

#include "bindings/python/core/columns.h"
#include "text.h"

/* Bytes of the character that begins there; 0 if none does (RFC 3629). */
static size_t
utf8_one(const uint8_t *p, size_t left)
{
	static const struct {
		uint8_t first, last; /* of the first byte */
		uint8_t low, high;   /* of the second */
		uint8_t len;
	} rows[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
	    {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
	size_t i, k;

	if (p[0] < 0x80)
		return (1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (p[0] >= rows[i].first && p[0] <= rows[i].last)
			break;
	if (i == sizeof(rows) / sizeof(rows[0]) || left < rows[i].len ||
	    p[1] < rows[i].low || p[1] > rows[i].high)
		return (0);
	for (k = 2; k < rows[i].len; k++)
		if (p[k] >> 6 != 2)
			return (0);
	return (rows[i].len);
}

bool
utf8_clean(const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t i, n;

	for (i = 0; i < len; i += n)
		if ((n = utf8_one(p + i, len - i)) == 0)
			return (false);
	return (true);
}

size_t
utf8_mend(char *to, const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *)s;
	char *start = to;
	size_t i, n;

	for (i = 0; i < len; i += n) {
		if ((n = utf8_one(p + i, len - i)) == 0) {
			memcpy(to, "\xef\xbf\xbd", 3);
			to += 3;
			n = 1;
			continue;
		}
		memcpy(to, s + i, n);
		to += n;
	}
	return ((size_t)(to - start));
}

/* The values of a dictionary as the column has them, and their memory. */
struct words {
	struct flow_text *word;
	char *arena;
};

static bool
words_init(struct gather *g, struct words *w, size_t n, size_t bytes)
{
	w->word = malloc((n == 0 ? 1 : n) * sizeof(*w->word));
	w->arena = malloc(bytes == 0 ? 1 : bytes);
	if (w->word == NULL || w->arena == NULL)
		g->err = BLOCK_NOMEM;
	return (w->word != NULL && w->arena != NULL);
}

static void
words_clear(struct words *w)
{
	free(w->word);
	free(w->arena);
}

static bool
words_addrs(struct gather *g, struct words *w, const struct vec *v)
{
	struct text t;
	char *to;
	uint32_t i;

	if (!words_init(g, w, v->ndict, (size_t)v->ndict * ADDR_STRLEN))
		return (false);
	for (i = 0, to = w->arena; i < v->ndict; i++, to += ADDR_STRLEN) {
		text_init(&t, to, ADDR_STRLEN);
		if (v->addr[i].family != ADDR_NONE)
			text_addr(&t, &v->addr[i]);
		w->word[i] = (struct flow_text){to, (uint16_t)text_done(&t)};
	}
	return (true);
}

/* Labels are 4 bytes each, little endian. */
static struct flow_text
native_labels(char *to, const struct flow_text *t)
{
	const uint8_t *b = (const uint8_t *)t->p;
	uint32_t n, i;

	for (i = 0; i < t->len / 4U; i++) {
		n = b[4 * i] | (uint32_t)b[4 * i + 1] << 8 |
		    (uint32_t)b[4 * i + 2] << 16 | (uint32_t)b[4 * i + 3] << 24;
		memcpy(to + 4 * (size_t)i, &n, 4);
	}
	return ((struct flow_text){to, (uint16_t)(t->len / 4 * 4)});
}

static bool
words_bytes(struct gather *g, struct words *w, const struct vec *v,
    enum column_kind kind)
{
	const struct flow_text *t;
	size_t bytes = 0;
	uint32_t i;
	char *to;

	for (i = 0; i < v->ndict; i++)
		bytes += (size_t)v->bytes[i].len * 3;
	if (!words_init(g, w, v->ndict, bytes))
		return (false);
	for (i = 0, to = w->arena; i < v->ndict; i++) {
		t = &v->bytes[i];
		w->word[i] = *t;
		if (kind == COLUMN_LABELS)
			w->word[i] = native_labels(to, t);
		else if (kind == COLUMN_TEXT && !utf8_clean(t->p, t->len))
			w->word[i] = (struct flow_text){to,
			    (uint16_t)utf8_mend(to, t->p, t->len)};
		to += (size_t)t->len * 3;
	}
	return (true);
}

/* Offsets first: then it is known how many bytes there are. */
static bool
put_words(struct gather *g, const struct words *w, const struct vec *v,
    struct column *c)
{
	const struct sel *sel = g->sel;
	const struct flow_text *t;
	uint32_t i, unit = c->kind == COLUMN_LABELS ? 4 : 1;
	size_t at = 0;
	char *to;

	c->offsets = gather_room(g, ((size_t)sel->n + 1) * sizeof(int32_t));
	if (c->offsets == NULL)
		return (false);
	for (i = 0; i < sel->n; i++) {
		c->offsets[i] = (int32_t)(at / unit);
		t = &w->word[v->kind == VEC_CONST ? 0
						  : v->codes[sel_row(sel, i)]];
		at += column_has(c, i) ? t->len : 0;
	}
	c->offsets[i] = (int32_t)(at / unit);
	if ((to = c->values = gather_room(g, at)) == NULL)
		return (false);
	for (i = 0; i < sel->n; i++) {
		t = &w->word[v->kind == VEC_CONST ? 0
						  : v->codes[sel_row(sel, i)]];
		if (t->len == 0 || !column_has(c, i))
			continue;
		memcpy(to, t->p, t->len);
		to += t->len;
	}
	return (true);
}

bool
gather_texts(struct gather *g, const struct vec *v, struct column *c)
{
	struct words w = {NULL, NULL};
	bool good;

	good = c->field->type == FT_ADDR ? words_addrs(g, &w, v)
					 : words_bytes(g, &w, v, c->kind);
	good = good && put_words(g, &w, v, c);
	words_clear(&w);
	return (good);
}

/* IPv4 addresses side by side, as text. */
bool
gather_text4(struct gather *g, const uint8_t *p, struct column *c)
{
	const size_t longest = sizeof("255.255.255.255") - 1;
	struct addr a = {.family = ADDR_V4};
	char buf[ADDR_STRLEN], *to;
	struct text t;
	size_t len, at = 0;
	uint32_t i, n = g->sel->n;

	c->offsets = gather_room(g, ((size_t)n + 1) * sizeof(int32_t));
	to = c->values = gather_room(g, longest * n);
	if (c->offsets == NULL || to == NULL)
		return (false);
	for (i = 0; i < n; i++) {
		c->offsets[i] = (int32_t)at;
		if (!column_has(c, i))
			continue;
		memcpy(a.b, p + 4 * (size_t)sel_row(g->sel, i), 4);
		text_init(&t, buf, sizeof(buf));
		text_addr(&t, &a);
		len = text_done(&t);
		memcpy(to + at, buf, len);
		at += len;
	}
	c->offsets[i] = (int32_t)at;
	return (true);
}
