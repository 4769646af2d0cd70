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
#include <string.h>

#include "meter/answer.h"
#include "meter/statistics.h"

#define NSEC UINT64_C(1000000000)
#define DUMP_TEXT 16384 /* bytes, before packets have their turn */
#define TOP_TEXT 240	/* no flow takes more of the list of the largest */
#define SCAN_PIECE 2048 /* places looked at before packets have their turn */
#define TOP_SILENT \
	(60 * (int64_t)NSEC) /* such a flow comes behind all others */

struct place {
	uint64_t size;
	uint32_t number;
};

struct answers {
	struct channel *channel;
	struct answers_config conf;
	bool busy;
	struct request_msg request; /* if busy */
	uint32_t cursor;
	uint32_t want;
	uint32_t n;
	struct place heap[ANSWER_TOP_MAX]; /* the smallest first */
	char text[REQUEST_TEXT_MAX];
};

_Static_assert(ANSWER_TOP_MAX *TOP_TEXT <= REQUEST_TEXT_MAX, "one piece");

struct answers *
answers_new(int fd, const struct answers_config *conf)
{
	struct answers *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return (NULL);
	a->conf = *conf;
	if ((a->channel = channel_new(fd)) == NULL) {
		free(a);
		return (NULL);
	}
	return (a);
}

void
answers_free(struct answers *a)
{
	if (a == NULL)
		return;
	channel_free(a->channel);
	free(a);
}

int
answers_fd(const struct answers *a)
{
	return (channel_fd(a->channel));
}

short
answers_events(const struct answers *a)
{
	return (channel_events(a->channel));
}

void
answers_end(struct answers *a)
{
	(void)channel_flush(a->channel);
}

/* The request is done: text, if there is any, and a number. */
static int
finish(struct answers *a, size_t len, uint64_t number)
{
	const struct answer_msg text = {.what = ANS_TEXT,
	    .id = a->request.id,
	    .text = a->text,
	    .len = len};
	const struct answer_msg last = {.what = ANS_NUMBER,
	    .id = a->request.id,
	    .number = number};

	a->busy = false;
	if (len > 0 && channel_answer(a->channel, &text) == -1)
		return (-1);
	return (channel_answer(a->channel, &last) == -1 ? -1 : 1);
}

static void
put_flow(struct answers *a, struct text *t, const struct entry *e, int64_t now)
{
	uint32_t number = flowtab_number(a->conf.table, e);
	const struct extra *x =
	    a->conf.extras == NULL ? NULL : extras_at(a->conf.extras, e->extra);
	enum end_reason why;
	int64_t due = expire_due(a->conf.expire, e, &why);

	statistics_flow(t, "ACTIVE", e, x, number);
	text_str(t, "\nEXPIRY EVENT for flow ");
	text_uint(t, number);
	if (due > now) {
		text_str(t, " in ");
		text_uint(t, (uint64_t)(due - now) / NSEC);
		text_str(t, " seconds\n\n");
	} else
		text_str(t, " now\n\n");
}

/*
 * The next flow behind the cursor, which moves; of places that are empty only
 * so many are looked at, and *left counts them.  NULL: none, or not yet.
 */
static const struct entry *
next_flow(struct answers *a, uint32_t *left)
{
	const struct entry *e;

	while (*left > 0 && a->cursor < flowtab_top(a->conf.table)) {
		(*left)--;
		e = flowtab_at(a->conf.table, ++a->cursor);
		if ((e->bits & ENTRY_LIVE) != 0)
			return (e);
	}
	return (NULL);
}

/* Some flows behind the one that was asked for. */
static int
dump(struct answers *a, int64_t now)
{
	const struct entry *e;
	uint32_t left = SCAN_PIECE;
	struct text t;

	text_init(&t, a->text, sizeof(a->text));
	while (t.p - t.buf < DUMP_TEXT && (e = next_flow(a, &left)) != NULL)
		put_flow(a, &t, e, now);
	return (finish(a, text_done(&t),
	    a->cursor < flowtab_top(a->conf.table) ? a->cursor : 0));
}

static void
swap(struct place *p, struct place *q)
{
	struct place t = *p;

	*p = *q;
	*q = t;
}

static void
sink(struct place *heap, uint32_t n, uint32_t i)
{
	uint32_t child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && heap[child + 1].size < heap[child].size)
			child++;
		if (heap[i].size <= heap[child].size)
			break;
		swap(&heap[i], &heap[child]);
		i = child;
	}
}

static void
rise(struct place *heap, uint32_t i)
{
	uint32_t parent;

	while (i > 0 && heap[parent = (i - 1) / 2].size > heap[i].size) {
		swap(&heap[i], &heap[parent]);
		i = parent;
	}
}

static void
consider(struct answers *a, const struct entry *e, uint32_t number, int64_t now)
{
	uint64_t octets = e->octets[0] + e->octets[1];
	struct place p = {.number = number};

	p.size = octets & (UINT64_MAX >> 1);
	if (now - e->last <= TOP_SILENT)
		p.size |= UINT64_C(1) << 63;
	if (a->n < a->want) {
		a->heap[a->n] = p;
		rise(a->heap, a->n++);
	} else if (a->n > 0 && a->heap[0].size < p.size) {
		a->heap[0] = p;
		sink(a->heap, a->n, 0);
	}
}

static size_t
put_top(struct answers *a)
{
	const struct entry *e;
	struct text t;
	uint32_t n;

	/* The smallest goes behind the rest, and so on. */
	for (n = a->n; n > 1;) {
		swap(&a->heap[0], &a->heap[--n]);
		sink(a->heap, n, 0);
	}
	text_init(&t, a->text, sizeof(a->text));
	for (n = 0; n < a->n; n++) {
		/* It may have ended, and another have its place. */
		e = flowtab_at(a->conf.table, a->heap[n].number);
		if (e != NULL && (e->bits & ENTRY_LIVE) != 0)
			statistics_top(&t, e);
	}
	return (text_done(&t));
}

static int
top(struct answers *a, int64_t now)
{
	const struct entry *e;
	uint32_t left = SCAN_PIECE;

	while ((e = next_flow(a, &left)) != NULL)
		consider(a, e, a->cursor, now);
	if (a->cursor < flowtab_top(a->conf.table))
		return (1);
	return (finish(a, put_top(a), a->n));
}

static void
begin(struct answers *a)
{
	a->busy = true;
	a->cursor = a->request.what == REQ_DUMP_FLOWS ? a->request.arg : 0;
	a->n = 0;
	a->want =
	    a->request.arg < ANSWER_TOP_MAX ? a->request.arg : ANSWER_TOP_MAX;
}

int
answers_step(struct answers *a, int64_t now)
{
	int got;

	if (channel_flush(a->channel) == -1)
		return (-1);
	if (!a->busy) {
		if ((got = channel_request(a->channel, &a->request)) == 0) {
			if (channel_fill(a->channel) == -1)
				return (-1);
			got = channel_request(a->channel, &a->request);
		}
		if (got != 1)
			return (got);
		begin(a);
	}
	/* Text and number need not wait between the two. */
	if (!channel_room(a->channel))
		return (0);
	if (a->request.what == REQ_DUMP_FLOWS)
		return (dump(a, now));
	if (a->request.what == REQ_TOP)
		return (top(a, now));
	return (finish(a, 0, a->conf.act(a->conf.arg, a->request.what)));
}
