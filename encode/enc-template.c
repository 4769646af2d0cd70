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
 * Templates, options with what they tell, and when they go out.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "encode/enc-state.h"

bool
templates_due(const struct encoder *e)
{
	const struct enc_config *c = &e->config;
	int64_t since = e->now - e->told_at;

	if (e->ntemplates == 0 || c->version < NF_V9)
		return (false);
	if (e->due)
		return (true);
	/* The clock may have been set back. */
	return (c->every_ns != 0 &&
	    (since >= c->every_ns || since <= -c->every_ns));
}

bool
templates_next(const struct encoder *e)
{
	const uint32_t every = e->config.every_messages;

	return (templates_due(e) || (every != 0 && e->messages >= every));
}

/* There is room in a message of its own: encode.c has seen to it. */
static void
put(struct encoder *e, uint16_t id, const uint8_t *bytes, size_t len)
{
	uint8_t *p;

	if ((p = draft_room(e, id, len)) == NULL) {
		draft_send(e);
		draft_begin(e);
		if ((p = draft_room(e, id, len)) == NULL)
			return;
	}
	memcpy(p, bytes, len);
	draft_took(e, id, len);
}

static uint16_t
set_id(const struct encoder *e, bool options)
{
	if (e->config.version == NF_V9)
		return (options ? NF_V9_SET_OPTIONS : NF_V9_SET_TEMPLATE);
	return (options ? NF_IPFIX_SET_OPTIONS : NF_IPFIX_SET_TEMPLATE);
}

static void
put_defs(struct encoder *e, bool options)
{
	const struct enc_template *t, *end = e->template + e->ntemplates;

	for (t = e->template; t < end; t++)
		if (t->options == options) {
			put(e, set_id(e, options), t->def, t->deflen);
			e->draft.defs++;
		}
}

void
templates_put(struct encoder *e)
{
	const struct enc_template *t, *end = e->template + e->ntemplates;

	put_defs(e, false);
	put_defs(e, true);
	for (t = e->template; t < end; t++)
		if (t->options) {
			put(e, t->id, t->record, t->reclen);
			e->draft.options++;
		}
	e->due = false;
	e->told = true;
	e->told_at = e->now;
	e->messages = 0;
}

void
templates_before(struct encoder *e)
{
	struct enc_draft waits = e->draft;

	e->draft.buf = e->spare;
	draft_begin(e);
	templates_put(e);
	draft_send(e);
	e->draft = waits;
}

/* RFC 7011 8.1: a template without fields. */
void
templates_withdraw(struct encoder *e)
{
	const struct enc_template *t, *end = e->template + e->ntemplates;
	uint8_t none[NF_TEMPLATE_HDRLEN];
	int options;

	if (e->config.version != NF_IPFIX || !e->told)
		return;
	draft_begin(e);
	for (options = 0; options < 2; options++)
		for (t = e->template; t < end; t++)
			if (t->options == (options == 1)) {
				be16_put(none, t->id);
				be16_put(none + 2, 0);
				put(e, set_id(e, t->options), none,
				    sizeof(none));
			}
	draft_send(e);
	e->told = false;
	e->due = true;
}

/* The specifiers of fields; RFC 7011 3.2 and 3.4.2. */
static void
put_specs(struct wr *wr, const struct enc_field *field, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		wr_u16(wr,
		    (uint16_t)(field[i].id |
			(field[i].pen != 0 ? NF_ENTERPRISE : 0)));
		wr_u16(wr, field[i].len);
		if (field[i].pen != 0)
			wr_u32(wr, field[i].pen);
	}
}

int
template_define(struct enc_template *t, uint16_t version,
    const struct enc_fields *fields)
{
	size_t size = NF_IPFIX_OPTIONS_HDRLEN + fields->n * (NF_SPEC_LEN + 4);
	struct wr wr;

	if ((t->def = malloc(size)) == NULL)
		return (-1);
	wr = wr_init(t->def, size);
	wr_u16(&wr, t->id);
	if (!t->options)
		wr_u16(&wr, (uint16_t)fields->n);
	else if (version == NF_V9) {
		/* RFC 3954 6.1: in bytes */
		wr_u16(&wr, (uint16_t)(fields->nscope * NF_SPEC_LEN));
		wr_u16(&wr,
		    (uint16_t)((fields->n - fields->nscope) * NF_SPEC_LEN));
	} else {
		wr_u16(&wr, (uint16_t)fields->n);
		wr_u16(&wr, (uint16_t)fields->nscope);
	}
	put_specs(&wr, fields->field, fields->n);
	t->deflen = size - wr.left;
	return (0);
}

/* Does the record have all of the fields, and no more? */
static bool
record_fits(const struct enc_fields *fields, struct rd rd)
{
	size_t i;
	uint16_t len;
	uint8_t n;

	for (i = 0; i < fields->n; i++) {
		len = fields->field[i].len;
		if (len == ENC_VARIABLE) {
			if (rd_u8(&rd, &n) == -1)
				return (false);
			len = n;
			if (n == NF_VARLEN_LONG && rd_u16(&rd, &len) == -1)
				return (false);
		}
		if (rd_skip(&rd, len) == -1)
			return (false);
	}
	return (rd.left == 0);
}

int
template_record(struct enc_template *t, const struct enc_fields *fields,
    const uint8_t *record, size_t len)
{
	if (len == 0 || !record_fits(fields, rd_init(record, len))) {
		errno = EINVAL;
		return (-1);
	}
	if ((t->record = malloc(len)) == NULL)
		return (-1);
	memcpy(t->record, record, len);
	t->reclen = len;
	return (0);
}

void
template_clear(struct enc_template *t)
{
	enc_program_clear(&t->program);
	free(t->pile.buf);
	free(t->def);
	free(t->record);
	memset(t, 0, sizeof(*t));
}
