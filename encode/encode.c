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
 * A stream of messages: flows go in, messages come out, templates in front of
 * what needs them.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "encode/enc-state.h"

static size_t
header_length(uint16_t version)
{
	static const uint8_t lens[] = {
	    [NF_V1] = NF_V1_HDRLEN,
	    [NF_V5] = NF_V5_HDRLEN,
	    [NF_V7] = NF_V7_HDRLEN,
	    [NF_V9] = NF_V9_HDRLEN,
	    [NF_IPFIX] = NF_IPFIX_HDRLEN,
	};

	return (version < sizeof(lens) ? lens[version] : 0);
}

static int
set_up(struct encoder *e)
{
	struct enc_config *c = &e->config;

	e->boot = c->boot / NSEC_PER_MSEC;
	e->due = c->version >= NF_V9;
	if ((e->hdrlen = header_length(c->version)) == 0 ||
	    c->payload > ENC_PAYLOAD_MAX)
		return (-1);
	if (c->version < NF_V9) {
		c->every_messages = 0;
		if ((e->size = fixed_size(e)) == 0 || fixed_template(e) == -1)
			return (-1);
	} else {
		/* Of version 9 sets are padded: then there is room for it. */
		e->size = c->payload;
		if (c->version == NF_V9)
			e->size &= ~(size_t)3;
		if (e->size <= e->hdrlen + NF_SET_HDRLEN)
			return (-1);
	}
	e->draft.id = NO_SET;
	if ((e->draft.buf = malloc(e->size + ENC_SLACK)) == NULL ||
	    (e->spare = malloc(e->size + ENC_SLACK)) == NULL)
		return (-1);
	return (0);
}

struct encoder *
encoder_new(const struct enc_config *config, enc_send_fn *send, void *arg)
{
	struct encoder *e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		return (NULL);
	e->config = *config;
	e->send = send;
	e->arg = arg;
	errno = EINVAL;
	if (set_up(e) == -1) {
		encoder_free(e);
		return (NULL);
	}
	return (e);
}

void
encoder_free(struct encoder *e)
{
	size_t i;

	if (e == NULL)
		return;
	for (i = 0; i < e->ntemplates; i++)
		template_clear(&e->template[i]);
	free(e->draft.buf);
	free(e->spare);
	free(e);
}

/* May there be one more, of this id and so many fields? */
static struct enc_template *
template_place(struct encoder *e, uint16_t id, const struct enc_fields *fields)
{
	size_t i;

	errno = EINVAL;
	if (e->config.version < NF_V9 || e->ntemplates == ENC_TEMPLATES ||
	    id < NF_SET_DATA_MIN || fields->n == 0 || fields->n > ENC_FIELDS ||
	    fields->nscope > fields->n)
		return (NULL);
	for (i = 0; i < e->ntemplates; i++)
		if (e->template[i].id == id)
			return (NULL);
	e->template[e->ntemplates].id = id;
	return (&e->template[e->ntemplates]);
}

/* It counts, if a message can hold it and the shortest of its records. */
static int
template_done(struct encoder *e, struct enc_template *t, int r, size_t reclen)
{
	size_t room = e->size - e->hdrlen - NF_SET_HDRLEN;

	if (r == 0 && (t->deflen > room || reclen > room)) {
		errno = EINVAL;
		r = -1;
	}
	if (r == -1) {
		template_clear(t);
		return (-1);
	}
	e->due = true;
	return ((int)e->ntemplates++);
}

int
encoder_template(struct encoder *e, uint16_t id, const struct enc_field *field,
    size_t n)
{
	const struct enc_fields fields = {field, n, 0};
	struct enc_template *t;
	int r;

	if ((t = template_place(e, id, &fields)) == NULL)
		return (-1);
	r = enc_compile(&t->program, e->config.version, field, n);
	if (r == 0)
		r = template_define(t, e->config.version, &fields);
	if (r == 0 && !t->program.variable)
		r = pile_init(e, t);
	return (template_done(e, t, r, t->program.len));
}

int
encoder_options(struct encoder *e, uint16_t id, const struct enc_field *field,
    size_t n, size_t nscope, const uint8_t *record, size_t len)
{
	const struct enc_fields fields = {field, n, nscope};
	struct enc_template *t;
	int r;

	if ((t = template_place(e, id, &fields)) == NULL)
		return (-1);
	t->options = true;
	r = template_define(t, e->config.version, &fields);
	if (r == 0)
		r = template_record(t, &fields, record, len);
	return (template_done(e, t, r, len));
}

void
encoder_record(struct encoder *e, int options, const uint8_t *record)
{
	struct enc_template *t;

	if (options < 0 || (size_t)options >= e->ntemplates)
		return;
	t = &e->template[options];
	if (t->options)
		memcpy(t->record, record, t->reclen);
}

static void
begin(struct encoder *e)
{
	draft_begin(e);
	if (templates_next(e))
		templates_put(e);
}

/* A place for a record in another message; NULL if none can hold it. */
static uint8_t *
place(struct encoder *e, uint16_t id, size_t len)
{
	uint8_t *p;

	if (len > e->size || draft_head(e) > e->size - len)
		return (NULL);
	if (e->draft.len > 0) {
		if ((p = draft_room(e, id, len)) != NULL)
			return (p);
		draft_finish(e);
	}
	begin(e);
	if ((p = draft_room(e, id, len)) != NULL)
		return (p);
	/* It is full of templates. */
	draft_send(e);
	draft_begin(e);
	return (draft_room(e, id, len));
}

/* One that may be of any length. */
static enum enc_error
draft_flow(struct encoder *e, const struct enc_template *t,
    const struct flow *f)
{
	size_t len;
	uint8_t *p;

	if (t->options)
		return (ENC_TEMPLATE);
	len = enc_length(&t->program, f);
	if ((p = place(e, t->id, len)) == NULL)
		return (ENC_TOOLONG);
	if (!enc_run(&t->program, f, e->boot, p))
		return (ENC_FAMILY);
	draft_took(e, t->id, len);
	e->draft.flows++;
	return (ENC_OK);
}

/*
 * What does not go into a message that is begun.  Its registers are not saved
 * for those that do.
 */
static enum enc_error __attribute__((__noinline__))
flow_slow(struct encoder *e, struct enc_template *t, const struct flow *f)
{
	struct enc_pile *p = &t->pile;

	if (p->buf == NULL)
		return (draft_flow(e, t, f));
	pile_begin(e, t);
	if (!enc_run(&t->program, f, e->boot, p->next)) {
		pile_unbegin(p);
		return (ENC_FAMILY);
	}
	p->next += t->program.len;
	p->left--;
	return (ENC_OK);
}

enum enc_error
encoder_flow(struct encoder *e, int tmpl, const struct flow *f, int64_t now)
{
	struct enc_template *t;

	if (e->config.version < NF_V9)
		tmpl = 0;
	if ((size_t)(unsigned int)tmpl >= e->ntemplates)
		return (ENC_TEMPLATE);
	t = &e->template[tmpl];
	e->now = now;
	if (t->pile.left == 0)
		return (flow_slow(e, t, f));
	if (!enc_run(&t->program, f, e->boot, t->pile.next))
		return (ENC_FAMILY);
	t->pile.next += t->program.len;
	t->pile.left--;
	return (ENC_OK);
}

/* What fills no message shares one with others. */
static void
spill(struct encoder *e, struct enc_template *t)
{
	const size_t len = t->program.len;
	const uint8_t *rest;
	uint32_t n = pile_rest(e, t, &rest);
	uint8_t *p;

	for (; n > 0 && (p = place(e, t->id, len)) != NULL; n--) {
		memcpy(p, rest, len);
		draft_took(e, t->id, len);
		e->draft.flows++;
		rest += len;
	}
	pile_empty(&t->pile);
}

/* All that waits. */
static void
send_all(struct encoder *e)
{
	size_t i;

	for (i = 0; i < e->ntemplates; i++)
		pile_send(e, &e->template[i]);
	for (i = 0; i < e->ntemplates; i++)
		spill(e, &e->template[i]);
	if (e->draft.len > e->hdrlen)
		draft_finish(e);
}

bool
encoder_pending(const struct encoder *e, int64_t *since)
{
	const struct enc_pile *p;
	bool waits = e->draft.len > e->hdrlen;
	size_t i;

	if (waits)
		*since = e->draft.since;
	for (i = 0; i < e->ntemplates; i++) {
		p = &e->template[i].pile;
		if (pile_records(p) == 0 || (waits && *since <= p->since))
			continue;
		*since = p->since;
		waits = true;
	}
	return (waits);
}

void
encoder_flush(struct encoder *e, int64_t now)
{
	e->now = now;
	send_all(e);
	if (templates_due(e)) {
		draft_begin(e);
		templates_put(e);
		draft_send(e);
	}
}

void
encoder_refresh(struct encoder *e)
{
	e->due = e->config.version >= NF_V9;
}

static void
send_nowhere(void *arg, const struct enc_message *m)
{
	(void)arg;
	(void)m;
}

/* What is sent twice is counted the first time, and numbered the second. */
void
encoder_restart(struct encoder *e, const uint8_t *next, size_t len)
{
	enc_send_fn *send = e->send;
	uint32_t sequence = e->sequence, first;

	if (next == NULL || e->config.version < NF_V9 || e->ntemplates == 0 ||
	    len < e->hdrlen) {
		encoder_refresh(e);
		return;
	}
	first = be32(next + (e->config.version == NF_V9 ? 12 : 8));
	e->send = send_nowhere;
	templates_before(e);
	e->send = send;
	e->sequence = first - (e->sequence - sequence);
	templates_before(e);
	e->sequence = sequence;
}

void
encoder_withdraw(struct encoder *e, int64_t now)
{
	e->now = now;
	send_all(e);
	e->draft.len = 0;
	templates_withdraw(e);
}

void
encoder_boot(struct encoder *e, int64_t boot)
{
	send_all(e);
	e->draft.len = 0;
	e->boot = boot / NSEC_PER_MSEC;
}
