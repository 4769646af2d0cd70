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

static bool
has_field(const struct flow_set *has, enum flow_field bit)
{
	return (has->w[bit / 64] >> bit % 64 & 1);
}

bool
print_present(const struct printer *w, const struct flow_set *has, size_t i)
{
	const struct field *fd = w->print->columns[i].field;

	return (w->cells[i].from != FROM_NONE &&
	    (fd == NULL || has_field(has, fd->bit)));
}

const char *
print_column_name(const struct print_column *c)
{
	return (
	    c->field != NULL ? c->field->name : quantities[c->quantity].name);
}

/* A plan being made. */
struct making {
	struct printer *w;
	struct print_plan *plan;
	bool any; /* a value is there */
	bool failed;
};

static void
say_mem(struct making *m, const char *p, size_t len)
{
	struct outbuf *o = &m->w->words;
	char *to;

	if ((to = outbuf_room(o, len + PRINT_SLACK)) == NULL) {
		m->failed = true;
		return;
	}
	memcpy(to, p, len);
	o->len += len;
}

static void
say(struct making *m, const char *s)
{
	say_mem(m, s, strlen(s));
}

static const void *
values(const struct print_cells *c)
{
	switch (c->from) {
	case FROM_SLOTS:
	case FROM_NARROW:
	case FROM_TEXTS:
	case FROM_CODES:
		return (c->vec->codes);
	case FROM_SMALL:
	case FROM_U32:
		return (c->vec->u32);
	case FROM_U64:
	case FROM_TIME:
	case FROM_SECONDS:
		return (c->vec->u64);
	default:
		return (NULL);
	}
}

/* A step of up to STEP_WORDS bytes. */
static struct print_step *
step(struct making *m, const char *words, size_t len)
{
	struct printer *w = m->w;
	struct print_step *s;
	size_t max = w->maxsteps == 0 ? 256 : 2 * w->maxsteps;

	if (w->nsteps == w->maxsteps) {
		if ((s = realloc(w->steps, max * sizeof(*s))) == NULL) {
			m->failed = true;
			return (NULL);
		}
		w->steps = s;
		w->maxsteps = max;
	}
	s = &w->steps[w->nsteps++];
	*s = (struct print_step){.from = FROM_WORDS, .len = len};
	memcpy(s->words, words, len);
	m->plan->most += len;
	return (s);
}

/* The words that were said, in as many steps as they take: the last of them. */
static struct print_step *
steps(struct making *m)
{
	size_t at = 0, len = m->failed ? 0 : m->w->words.len;
	const char *words = len == 0 ? "" : m->w->words.p;

	m->w->words.len = 0;
	for (; len - at > STEP_WORDS; at += STEP_WORDS)
		if (step(m, words + at, STEP_WORDS) == NULL)
			return (NULL);
	return (step(m, words + at, len - at));
}

static void
step_column(struct making *m, size_t column)
{
	const struct print_cells *c = &m->w->cells[column];
	struct print_step *s;

	if ((s = steps(m)) == NULL)
		return;
	s->from = c->from;
	s->column = (uint32_t)column;
	s->of = values(c);
	s->slots = c->slots.p;
	s->num = c->vec->num;
	m->plan->most += c->most;
}

/* What stands before a value, or in the place of one that is not there. */
static void
words_csv(struct making *m, size_t i, bool present)
{
	(void)present;
	if (i > 0)
		say(m, ",");
}

static void
words_json(struct making *m, size_t i, bool present)
{
	if (!present)
		return;
	say(m, m->any ? ",\"" : "{\"");
	say(m, print_column_name(&m->w->print->columns[i]));
	say(m, "\":");
}

static void
words_text(struct making *m, size_t i, bool present)
{
	if (!present)
		return;
	if (m->any)
		say(m, " ");
	say(m, print_column_name(&m->w->print->columns[i]));
	say(m, " ");
}

/* clang-format off */
static const struct {
	void (*words)(struct making *, size_t, bool);
	const char *before; /* a row */
	const char *behind;
	const char *empty;  /* instead of behind, if nothing is there */
} formats[] = {
	[PRINT_TEXT] = { words_text, "", "\n", "\n" },
	[PRINT_CSV] = { words_csv, "", "\n", "\n" },
	[PRINT_JSON] = { words_json, ",\n", "}", "{}" },
	[PRINT_NDJSON] = { words_json, "", "}\n", "{}\n" },
};
/* clang-format on */

static void
make(struct making *m, const struct flow_set *has)
{
	const struct printer *w = m->w;
	enum print_format f = w->print->format;
	const struct print_cells *c;
	const char *p;
	struct print_step *end;
	size_t i, len;
	bool present;

	say(m, formats[f].before);
	for (i = 0; i < w->print->ncolumns; i++) {
		c = &w->cells[i];
		present = print_present(w, has, i);
		formats[f].words(m, i, present);
		if (!present)
			continue;
		m->any = true;
		say(m, c->quoted ? "\"" : "");
		if (c->from == FROM_CONST) {
			p = print_text(c, 0, &len);
			say_mem(m, p, len);
		} else
			step_column(m, i);
		say(m, c->quoted ? "\"" : "");
	}
	say(m, m->any ? formats[f].behind : formats[f].empty);
	if ((end = steps(m)) != NULL)
		end->from = FROM_END;
}

const struct print_plan *
print_plan(struct printer *w, uint32_t shape, const struct flow_set *has)
{
	struct print_plan *p = &w->plans[shape];
	struct making m = {.w = w, .plan = p};

	if (p->made)
		return (p);
	w->words.len = 0;
	p->first = (uint32_t)w->nsteps;
	p->most = 0;
	make(&m, has);
	if (m.failed)
		return (NULL);
	p->made = true;
	return (p);
}

void
print_plans_clear(struct printer *w)
{
	memset(w->plans, 0, BATCH_SHAPES * sizeof(*w->plans));
	w->nsteps = 0;
}

int
print_plans_init(struct printer *w)
{
	w->plans = calloc(BATCH_SHAPES, sizeof(*w->plans));
	return (w->plans == NULL ? -1 : 0);
}

void
print_plans_free(struct printer *w)
{
	free(w->plans);
	free(w->steps);
	outbuf_clear(&w->words);
}
