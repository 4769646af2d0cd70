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
 * The rows in the window of time, then those that the rules accept.  Each rule
 * takes its rows out of those that none before it had won; a column is not
 * decoded before somebody who still has rows asks for it.
 */

#include <stdlib.h>
#include <string.h>

#include "query/derive.h"
#include "query/head.h"
#include "query/look.h"
#include "query/plan.h"
#include "query/select.h"

struct select {
	const struct question *q;
	bool windowed;
	int64_t first, last; /* of the window, both in */
	struct plan *rules;  /* or NULL */
	struct plan *clauses;
	struct flow_set needs;	 /* of both, and of the window */
	bool scale_first;	 /* they ask for what is scaled */
	struct flow_set changed; /* fields that are not as the block has them */
	struct flow_set tagged;	 /* likewise, after the rules */
	struct derive *derive;
	struct tagging *tagging;
	struct look *look;
	uint64_t rows[BITMAP_WORDS];
	uint16_t list[BLOCK_FLOWS];
};

void
select_free(struct select *s)
{
	if (s == NULL)
		return;
	plan_free(s->rules);
	plan_free(s->clauses);
	derive_free(s->derive);
	tagging_free(s->tagging);
	look_free(s->look);
	free(s);
}

static void
need(struct flow_set *s, enum flow_field f)
{
	s->w[f / 64] |= UINT64_C(1) << f % 64;
}

/* Nobody need be asked if all are accepted, unless it is counted. */
static int
filter_plan(struct filter *f, bool counts, struct plan **p)
{
	if (f == NULL || (filter_is_empty(f) && !counts))
		return (0);
	return ((*p = plan_new(f)) == NULL ? -1 : 0);
}

static int
prepare(struct select *s)
{
	const struct question *q = s->q;

	if (filter_plan(q->rules, q->counts, &s->rules) == -1 ||
	    filter_plan(q->clauses, q->counts, &s->clauses) == -1 ||
	    (s->look = look_new()) == NULL ||
	    (q->scale && (s->derive = derive_new()) == NULL))
		return (-1);
	if (s->rules != NULL && plan_tags(s->rules) &&
	    (s->tagging = tagging_new()) == NULL)
		return (-1);
	return (0);
}

static void
gather_needs(struct select *s)
{
	size_t i;

	if (s->windowed) {
		need(&s->needs, FLOW_RECV_TIME);
		need(&s->needs, FLOW_START);
	}
	if (s->rules != NULL)
		plan_needs(s->rules, &s->needs);
	if (s->clauses != NULL)
		plan_needs(s->clauses, &s->needs);
	if (s->q->scale) {
		derive_scale_needs(&s->changed);
		s->changed.w[FLOW_SAMPLING_RATE / 64] &=
		    ~(UINT64_C(1) << FLOW_SAMPLING_RATE % 64);
		for (i = 0; i < FLOW_WORDS; i++)
			s->scale_first = s->scale_first ||
			    (s->changed.w[i] & s->needs.w[i]) != 0;
		derive_scale_needs(&s->needs);
	}
	s->tagged = s->changed;
	if (s->tagging != NULL)
		need(&s->tagged, FLOW_TAG);
}

struct select *
select_new(const struct question *q)
{
	struct select *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->q = q;
	s->windowed = q->since != INT64_MIN || q->until != INT64_MAX;
	s->first = q->since;
	s->last = q->until == INT64_MIN ? INT64_MIN : q->until - 1;
	if (prepare(s) == -1) {
		select_free(s);
		return (NULL);
	}
	gather_needs(s);
	return (s);
}

void
select_needs(const struct select *s, struct flow_set *needs)
{
	size_t i;

	for (i = 0; i < FLOW_WORDS; i++)
		needs->w[i] |= s->needs.w[i];
}

static bool
window_empty(const struct select *s)
{
	return (s->windowed && s->q->since >= s->q->until);
}

bool
select_block(const struct select *s, const struct block *b)
{
	if (window_empty(s) ||
	    (s->windowed && head_window(b, s->first, s->last) == HEAD_NONE))
		return (false);
	/* Rules count the flows that they discard. */
	if (s->q->counts)
		return (true);
	if (s->rules != NULL && !plan_block(s->rules, b, &s->changed))
		return (false);
	return (s->clauses == NULL || plan_block(s->clauses, b, &s->tagged));
}

/* By the time of receipt; those who do not know it by their start. */
static enum block_err
window(struct select *s, struct batch *b)
{
	const struct test t = {.ranged = true,
	    .lo = (uint64_t)s->first,
	    .span = (uint64_t)s->last - (uint64_t)s->first};
	const struct block *block = batch_block(b);
	uint64_t received[BITMAP_WORDS];
	struct look *l = s->look;
	enum block_err err;
	const uint64_t *p;
	enum presence how;

	if (block != NULL && head_window(block, s->first, s->last) == HEAD_ALL)
		return (BLOCK_OK);
	err = look_field(l, FLOW_RECV_TIME, &t, s->rows, received);
	if (err == BLOCK_OK)
		err = look_present(l, FLOW_RECV_TIME, &how, &p);
	if (err != BLOCK_OK)
		return (err);
	if (how == PRESENT_ALL) {
		memcpy(s->rows, received, l->words * sizeof(*s->rows));
		return (BLOCK_OK);
	}
	if (how == PRESENT_SOME)
		bitmap_without(s->rows, s->rows, p, l->words);
	err = look_field(l, FLOW_START, &t, s->rows, s->rows);
	bitmap_or(s->rows, s->rows, received, l->words);
	return (err);
}

static enum block_err
rules(struct select *s, struct batch *b)
{
	enum block_err err;

	if (s->tagging != NULL)
		tagging_begin(s->tagging, b);
	err = plan_rows(s->rules, s->look, &s->changed, s->tagging, s->rows);
	if (err != BLOCK_OK || s->tagging == NULL)
		return (err);
	look_forget(s->look, FLOW_TAG);
	return (tagging_end(s->tagging, s->rows));
}

static enum block_err
narrow(struct select *s, struct batch *b)
{
	enum block_err err = BLOCK_OK;

	if (s->windowed)
		err = window(s, b);
	if (err == BLOCK_OK && s->scale_first)
		err = derive_scale(s->derive, b);
	if (err == BLOCK_OK && s->rules != NULL)
		err = rules(s, b);
	if (err == BLOCK_OK && s->clauses != NULL)
		err = plan_rows(s->clauses, s->look, &s->tagged, NULL, s->rows);
	if (err == BLOCK_OK && s->q->scale && !s->scale_first &&
	    !bitmap_empty(s->rows, s->look->words))
		err = derive_scale(s->derive, b);
	return (err);
}

enum block_err
select_rows(struct select *s, struct batch *b, struct sel *sel)
{
	enum block_err err;

	look_begin(s->look, b);
	bitmap_fill(s->rows, s->look->n);
	sel->n = 0;
	sel->row = NULL;
	if (window_empty(s))
		return (BLOCK_OK);
	if ((err = narrow(s, b)) != BLOCK_OK)
		return (err);
	sel->n = bitmap_count(s->rows, s->look->words);
	if (sel->n < s->look->n) {
		bitmap_rows(s->rows, s->look->words, s->list);
		sel->row = s->list;
	}
	return (BLOCK_OK);
}

void
select_merge(struct select *s)
{
	if (s->rules != NULL)
		plan_merge(s->rules);
	if (s->clauses != NULL)
		plan_merge(s->clauses);
}
