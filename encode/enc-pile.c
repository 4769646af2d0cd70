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
 * Messages of one template: what is sent in a row and is of one length costs
 * the system less (compat/udp.c).
 */

#include <stdlib.h>

#include "bytes.h"
#include "encode/enc-state.h"

#define PILE_BYTES 65536

int
pile_init(const struct encoder *e, struct enc_template *t)
{
	const size_t room = e->size - draft_head(e);
	struct enc_pile *p = &t->pile;

	/* encode.c refuses a template whose records fit no message. */
	if (t->program.len == 0 || t->program.len > room)
		return (0);
	p->each = (uint32_t)(room / t->program.len);
	p->most = e->config.gather;
	if (p->most > PILE_BYTES / e->size)
		p->most = (uint32_t)(PILE_BYTES / e->size);
	if (p->most == 0)
		p->most = 1;
	/* What is never written takes no memory. */
	p->buf = malloc(p->most * e->size + ENC_SLACK);
	return (p->buf == NULL ? -1 : 0);
}

uint32_t
pile_records(const struct enc_pile *p)
{
	return (p->begun * p->each - p->left);
}

static uint32_t
full(const struct enc_pile *p)
{
	return (p->left == 0 ? p->begun : p->begun - 1);
}

void
pile_begin(struct encoder *e, struct enc_template *t)
{
	struct enc_pile *p = &t->pile;

	if (p->begun == p->most) {
		pile_send(e, t);
		pile_empty(p);
	}
	if (p->begun == 0)
		p->since = e->now;
	p->next = p->buf + p->begun * e->size + draft_head(e);
	p->left = p->each;
	p->begun++;
}

void
pile_unbegin(struct enc_pile *p)
{
	p->left = 0;
	p->begun--;
}

/* As if message i were the draft. */
static void
send_one(struct encoder *e, struct enc_template *t, uint32_t i)
{
	const size_t head = draft_head(e);
	uint8_t *buf = t->pile.buf + i * e->size;

	if (templates_next(e))
		templates_before(e);
	e->draft = (struct enc_draft){.buf = buf,
	    .len = head + t->pile.each * t->program.len,
	    .id = t->id,
	    .set = e->hdrlen,
	    .minlen = t->program.len,
	    .flows = t->pile.each};
	if (head > e->hdrlen)
		be16_put(buf + e->hdrlen, t->id);
	draft_send(e);
}

void
pile_send(struct encoder *e, struct enc_template *t)
{
	struct enc_draft waits;
	uint32_t i, n = full(&t->pile);

	if (n == 0)
		return;
	/* Templates that wait there are for these records, too. */
	if (e->draft.len > 0 && e->draft.defs > 0)
		draft_finish(e);
	waits = e->draft;
	for (i = 0; i < n; i++)
		send_one(e, t, i);
	e->draft = waits;
}

uint32_t
pile_rest(const struct encoder *e, const struct enc_template *t,
    const uint8_t **rest)
{
	const struct enc_pile *p = &t->pile;

	if (p->left == 0)
		return (0);
	*rest = p->buf + (p->begun - 1) * e->size + draft_head(e);
	return (p->each - p->left);
}

void
pile_empty(struct enc_pile *p)
{
	p->begun = p->left = 0;
}
