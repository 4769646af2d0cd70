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

/* How bytes become a member: its bits, and the bytes there. */
enum how {
	HOW_8_1,
	HOW_16_1,
	HOW_16_2,
	HOW_32_1,
	HOW_32_2,
	HOW_32_4,
	HOW_64_1,
	HOW_64_2,
	HOW_64_4,
	HOW_64_8,
	HOW_ADDR4,
	HOW_ADDR6,
	HOW_MAC,
	HOW_SECONDS_4,
	HOW_SECONDS_8,
	HOW_MSECONDS
};

static uint8_t
how_number(size_t member, uint8_t len)
{
	static const uint8_t first[] =
	    {[1] = HOW_8_1, [2] = HOW_16_1, [4] = HOW_32_1, [8] = HOW_64_1};
	static const uint8_t more[] = {[1] = 0, [2] = 1, [4] = 2, [8] = 3};

	return ((uint8_t)(first[member] + more[len]));
}

static struct peek_step
step_of(const struct copy *c)
{
	static const uint8_t others[] = {
	    [COPY_ADDR4] = HOW_ADDR4,
	    [COPY_ADDR6] = HOW_ADDR6,
	    [COPY_SECONDS] = HOW_SECONDS_4,
	    [COPY_MSECONDS] = HOW_MSECONDS,
	    [COPY_MAC] = HOW_MAC,
	};
	const struct field *fd = &fields[c->field];
	struct peek_step st = {c->src, fd->off, others[c->kind]};

	if (c->kind == COPY_NUMBER)
		st.how = how_number(field_size(fd->type), c->len);
	else if (c->kind == COPY_SECONDS && c->len == 8)
		st.how = HOW_SECONDS_8;
	return (st);
}

/* A table in the guise of a switch. */
static inline void
take(struct peek_step st, const uint8_t *rec, struct flow *f)
{
	const uint8_t *p = rec + st.src;
	void *to = (uint8_t *)f + st.dst;

	switch ((enum how)st.how) {
	case HOW_8_1:
		*(uint8_t *)to = *p;
		break;
	case HOW_16_1:
		*(uint16_t *)to = *p;
		break;
	case HOW_16_2:
		*(uint16_t *)to = be16(p);
		break;
	case HOW_32_1:
		*(uint32_t *)to = *p;
		break;
	case HOW_32_2:
		*(uint32_t *)to = be16(p);
		break;
	case HOW_32_4:
		*(uint32_t *)to = be32(p);
		break;
	case HOW_64_1:
		*(uint64_t *)to = *p;
		break;
	case HOW_64_2:
		*(uint64_t *)to = be16(p);
		break;
	case HOW_64_4:
		*(uint64_t *)to = be32(p);
		break;
	case HOW_64_8:
		*(uint64_t *)to = be64(p);
		break;
	case HOW_ADDR4:
		/* The first has what is around: family and zeros. */
		memcpy(((struct addr *)to)->b, p, 4);
		break;
	case HOW_ADDR6:
		memcpy(((struct addr *)to)->b, p, 16);
		break;
	case HOW_MAC:
		memcpy(to, p, 6);
		break;
	case HOW_SECONDS_4:
		*(int64_t *)to = (int64_t)be32(p) * NSEC_PER_SEC;
		break;
	case HOW_SECONDS_8:
		*(int64_t *)to = (int64_t)be64(p) * NSEC_PER_SEC;
		break;
	case HOW_MSECONDS:
		*(int64_t *)to = (int64_t)be64(p) * NSEC_PER_MSEC;
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
		take(step_of(&r->form->copy[n]), rec, f);
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
	pk->nsteps = 0;
	for (n = 0; n < fm->ncopies; n++)
		if (asked(s, fm->copy[n].field, pk->times))
			pk->step[pk->nsteps++] = step_of(&fm->copy[n]);
}

void
records_peek(const struct records *r, uint32_t i, const struct peek *pk,
    struct flow *f)
{
	const uint8_t *rec = r->p + i * r->len;
	uint16_t n;

	for (n = 0; n < pk->nsteps; n++)
		take(pk->step[n], rec, f);
	if (pk->times && by_uptimes(f))
		take_times(f);
}
