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
 * Messages: their sets, and the header that is written when all is in it.
 */

#include <string.h>

#include "bytes.h"
#include "encode/enc-state.h"

void
draft_begin(struct encoder *e)
{
	struct enc_draft *d = &e->draft;

	d->len = e->hdrlen;
	/* The records of the versions before 9 are one set without a head. */
	d->id = e->config.version < NF_V9 ? 0 : NO_SET;
	d->options = d->defs = d->flows = 0;
	d->since = e->now;
}

size_t
draft_head(const struct encoder *e)
{
	return (e->hdrlen + (e->config.version < NF_V9 ? 0 : NF_SET_HDRLEN));
}

/*
 * RFC 3954 aligns its sets, RFC 7011 need not: so much in front of the next.
 * What could be taken for a record is no padding.
 */
static size_t
padding(const struct encoder *e)
{
	const struct enc_draft *d = &e->draft;
	size_t n = -d->len & 3;

	if (e->config.version != NF_V9 || d->id == NO_SET || n >= d->minlen)
		return (0);
	return (n);
}

uint8_t *
draft_room(const struct encoder *e, uint16_t id, size_t len)
{
	const struct enc_draft *d = &e->draft;
	size_t at = d->len;

	if (d->id != id)
		at += padding(e) + NF_SET_HDRLEN;
	return (len > e->size || at > e->size - len ? NULL : d->buf + at);
}

static void
set_close(struct encoder *e)
{
	struct enc_draft *d = &e->draft;
	size_t n = padding(e);

	if (e->config.version < NF_V9 || d->id == NO_SET)
		return;
	memset(d->buf + d->len, 0, n);
	d->len += n;
	be16_put(d->buf + d->set + 2, (uint16_t)(d->len - d->set));
	d->id = NO_SET;
}

void
draft_took(struct encoder *e, uint16_t id, size_t len)
{
	struct enc_draft *d = &e->draft;

	if (d->id != id) {
		set_close(e);
		d->id = id;
		d->set = d->len;
		d->minlen = len;
		be16_put(d->buf + d->set, id);
		d->len += NF_SET_HDRLEN;
	}
	d->len += len;
}

/* To the millisecond, as the uptime is: the one from the other is exact. */
static void
fixed_header(const struct encoder *e, struct wr *wr)
{
	int64_t ms = e->now / NSEC_PER_MSEC;

	wr_u16(wr, (uint16_t)e->draft.flows);
	wr_u32(wr, (uint32_t)(ms - e->boot));
	wr_u32(wr, (uint32_t)(ms / 1000));
	wr_u32(wr, (uint32_t)(ms % 1000 * NSEC_PER_MSEC));
	if (e->config.version == NF_V1)
		return;
	wr_u32(wr, e->sequence);
	if (e->config.version == NF_V7) {
		wr_u32(wr, 0);
		return;
	}
	wr_u8(wr, e->config.engine_type);
	wr_u8(wr, e->config.engine_id);
	wr_u16(wr, e->config.sampling);
}

/*
 * The header has whole seconds and an uptime in milliseconds.  They are of the
 * same moment, so that times reckoned from them are exact; it is the end of
 * the second, because no flow has ended after it.
 */
static void
v9_header(const struct encoder *e, struct wr *wr)
{
	int64_t sec = (e->now + NSEC_PER_SEC - 1) / NSEC_PER_SEC;

	/* RFC 3954 5.1: records of all kinds. */
	wr_u16(wr,
	    (uint16_t)(e->draft.flows + e->draft.options + e->draft.defs));
	wr_u32(wr, (uint32_t)(sec * 1000 - e->boot));
	wr_u32(wr, (uint32_t)sec);
	wr_u32(wr, e->sequence);
	wr_u32(wr, e->config.source_id);
}

static void
ipfix_header(const struct encoder *e, struct wr *wr)
{
	wr_u16(wr, (uint16_t)e->draft.len);
	wr_u32(wr, (uint32_t)(e->now / NSEC_PER_SEC));
	wr_u32(wr, e->sequence);
	wr_u32(wr, e->config.source_id);
}

/* RFC 3954 counts messages, RFC 7011 3.1 records of data, Cisco flows. */
static uint32_t
amount(const struct encoder *e)
{
	if (e->config.version == NF_V9)
		return (1);
	if (e->config.version == NF_IPFIX)
		return (e->draft.flows + e->draft.options);
	return (e->draft.flows);
}

void
draft_send(struct encoder *e)
{
	struct enc_draft *d = &e->draft;
	struct wr wr = wr_init(d->buf, e->hdrlen);
	struct enc_message m;

	set_close(e);
	wr_u16(&wr, e->config.version);
	if (e->config.version == NF_IPFIX)
		ipfix_header(e, &wr);
	else if (e->config.version == NF_V9)
		v9_header(e, &wr);
	else
		fixed_header(e, &wr);
	m = (struct enc_message){d->buf, d->len, d->flows, d->defs > 0};
	e->sequence += amount(e);
	e->messages++;
	d->len = 0;
	d->id = NO_SET;
	d->flows = 0;
	e->send(e->arg, &m);
}

void
draft_finish(struct encoder *e)
{
	if (e->draft.len == 0)
		return;
	if (e->due && e->ntemplates > 0 && e->draft.flows > 0)
		templates_before(e);
	draft_send(e);
}
