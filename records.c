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

#include <string.h>

#include "bytes.h"
#include "field.h"
#include "records.h"

static uint64_t
number(const uint8_t *p, uint8_t len)
{
	switch (len) {
	case 1:
		return (*p);
	case 2:
		return (be16(p));
	case 4:
		return (be32(p));
	default:
		return (be64(p));
	}
}

static void
put_number(void *to, enum field_type type, uint64_t v)
{
	switch (type) {
	case FT_U8:
		*(uint8_t *)to = (uint8_t)v;
		break;
	case FT_U16:
		*(uint16_t *)to = (uint16_t)v;
		break;
	case FT_U32:
		*(uint32_t *)to = (uint32_t)v;
		break;
	default:
		*(uint64_t *)to = v;
		break;
	}
}

static void
take(const struct copy *c, const uint8_t *rec, struct flow *f)
{
	const struct field *fd = &fields[c->field];
	const uint8_t *p = rec + c->src;
	void *to = field_ptr(f, fd);

	switch (c->kind) {
	case COPY_ADDR4:
	case COPY_ADDR6:
		/* The first has what is around: family and zeros. */
		memcpy(((struct addr *)to)->b, p, c->len);
		break;
	case COPY_MAC:
		memcpy(to, p, c->len);
		break;
	case COPY_SECONDS:
		*(int64_t *)to = (int64_t)number(p, c->len) * NSEC_PER_SEC;
		break;
	case COPY_MSECONDS:
		*(int64_t *)to = (int64_t)number(p, c->len) * NSEC_PER_MSEC;
		break;
	default:
		put_number(to, fd->type, number(p, c->len));
		break;
	}
}

/* Of records of which the first has them so, all have. */
static bool
by_uptimes(const struct flow *f)
{
	return (f->clock == CLOCK_UPTIME && flow_has(f, FLOW_START) &&
	    flow_has(f, FLOW_END));
}

static void
take_times(struct flow *f)
{
	f->start =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->start_uptime);
	f->end =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->end_uptime);
}

void
records_flow(const struct records *r, uint32_t i, struct flow *f)
{
	const uint8_t *rec = r->p + i * r->len;
	uint16_t n;

	*f = *r->first;
	for (n = 0; n < r->form->ncopies; n++)
		take(&r->form->copy[n], rec, f);
	if (by_uptimes(f))
		take_times(f);
}

static bool
in(const struct flow_set *s, unsigned int bit)
{
	return (s->w[bit / 64] >> bit % 64 & 1);
}

/* An address and a prefix are one member. */
static bool
asked(const struct flow_set *s, uint8_t field, bool times)
{
	switch (field) {
	case FLOW_SRC_ADDR:
	case FLOW_SRC_PREFIX:
		return (in(s, FLOW_SRC_ADDR) || in(s, FLOW_SRC_PREFIX));
	case FLOW_DST_ADDR:
	case FLOW_DST_PREFIX:
		return (in(s, FLOW_DST_ADDR) || in(s, FLOW_DST_PREFIX));
	case FLOW_START_UPTIME:
	case FLOW_END_UPTIME:
		return (times || in(s, field));
	default:
		return (in(s, field));
	}
}

void
records_choose(const struct form *fm, const struct flow_set *s, struct peek *pk)
{
	uint16_t n;

	pk->form = fm->id;
	pk->times = in(s, FLOW_START) || in(s, FLOW_END);
	pk->ncopies = 0;
	for (n = 0; n < fm->ncopies; n++)
		if (asked(s, fm->copy[n].field, pk->times))
			pk->copy[pk->ncopies++] = fm->copy[n];
}

void
records_peek(const struct records *r, uint32_t i, const struct peek *pk,
    struct flow *f)
{
	const uint8_t *rec = r->p + i * r->len;
	uint16_t n;

	for (n = 0; n < pk->ncopies; n++)
		take(&pk->copy[n], rec, f);
	if (pk->times && by_uptimes(f))
		take_times(f);
}
