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
 * Record programs at work: what compile.c made of a template, done to a
 * record.
 */

#include "decode/program.h"

/* 1 January 1900 to 1970, RFC 7011 6.1.9 */
#define NTP_TO_UNIX INT64_C(2208988800)
#define NTP_ERA (INT64_C(1) << 32)

static uint64_t
be_uint(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	if (len == 8)
		return (be64(p));
	while (len-- > 0)
		v = v << 8 | *p++;
	return (v);
}

/* RFC 7011 6.2 allows any width; what the member cannot hold is its most. */
static void
put_uint(void *dst, uint8_t size, uint64_t v)
{
	switch (size) {
	case 1:
		*(uint8_t *)dst = (uint8_t)(v > UINT8_MAX ? UINT8_MAX : v);
		break;
	case 2:
		*(uint16_t *)dst = (uint16_t)(v > UINT16_MAX ? UINT16_MAX : v);
		break;
	case 4:
		*(uint32_t *)dst = (uint32_t)(v > UINT32_MAX ? UINT32_MAX : v);
		break;
	default:
		*(uint64_t *)dst = v;
		break;
	}
}

/* Zero is how exporters say that there is none. */
static inline void
put_time(struct flow *f, const struct op *op, uint64_t v, uint64_t unit)
{
	if (v < (uint64_t)TIME_MIN / unit || v > INT64_MAX / unit)
		return;
	*(int64_t *)(void *)((uint8_t *)f + op->dst) = (int64_t)(v * unit);
	flow_set(f, op->field);
}

/*
 * RFC 7011 6.1.9 and 6.1.10.  The seconds wrap in 2036: of the eras, the one
 * that is nearest to when the record came.  The fraction is rounded to the
 * unit of the element, so that what was cut off when it was made comes back.
 */
static void
put_ntp(struct flow *f, const struct op *op, const uint8_t *p, int64_t now)
{
	uint64_t frac = be32(p + 4);
	int64_t sec = (int64_t)be32(p) - NTP_TO_UNIX;

	if (be64(p) == 0)
		return;
	while (now / NSEC_PER_SEC - sec > NTP_ERA / 2)
		sec += NTP_ERA;
	if (op->code == OP_NTP_US)
		frac = ((frac * 1000000 + (UINT64_C(1) << 31)) >> 32) * 1000;
	else
		frac = (frac * 1000000000 + (UINT64_C(1) << 31)) >> 32;
	if (sec < 0)
		return;
	put_time(f, op, (uint64_t)sec * NSEC_PER_SEC + frac, 1);
}

/* With IPv4 and IPv6 in one template, the one that is not zero is meant. */
static void
put_addr_else(struct addr *a, const struct op *op, const uint8_t *p)
{
	struct addr n = {.family = ADDR_V6};

	if (op->code == OP_V4_ELSE)
		n.family = ADDR_V4;
	memcpy(n.b, p, op->len);
	if (addr_is_zero(a) && !addr_is_zero(&n))
		*a = n;
}

static void
put_duration(struct aux *aux, uint64_t v, uint64_t unit)
{
	if (v > INT64_MAX / unit)
		return;
	aux->duration = v * unit;
	aux->has |= AUX_DURATION;
}

static void
put_aux(struct aux *aux, const struct op *op, uint64_t v)
{
	switch (op->code) {
	case OP_BEFORE_US:
		if (op->field == FLOW_START) {
			aux->before[0] = v;
			aux->has |= AUX_BEFORE_START;
		} else {
			aux->before[1] = v;
			aux->has |= AUX_BEFORE_END;
		}
		break;
	case OP_DURATION_MS:
		put_duration(aux, v, NSEC_PER_MSEC);
		break;
	case OP_DURATION_US:
		put_duration(aux, v, 1000);
		break;
	case OP_SAMPLING:
		sampling_take(&aux->sampling, op->arg, v, op->len);
		break;
	case OP_SYSINIT:
		if (v == 0 || v > INT64_MAX / NSEC_PER_MSEC)
			break;
		aux->sysinit = (int64_t)v * NSEC_PER_MSEC;
		aux->has |= AUX_SYSINIT;
		break;
	}
}

static void
put_ms_us(uint32_t *us, uint64_t ms)
{
	*us = ms > UINT32_MAX / 1000 ? UINT32_MAX : (uint32_t)ms * 1000;
}

static void
put_bytes(struct flow *f, const struct op *op, const uint8_t *p, size_t len)
{
	uint8_t *dst = (uint8_t *)f + op->dst;

	if (len < 1 || len > FLOW_APPID_MAX)
		return;
	dst[0] = (uint8_t)len;
	memcpy(dst + 1, p, len);
	flow_set(f, op->field);
}

bool
text_take(struct flow_text *t, const uint8_t *p, size_t len)
{
	const uint8_t *nul;

	if (len == 0) /* p may be NULL */
		return (false);
	if (len > FLOW_TEXT_MAX)
		len = FLOW_TEXT_MAX;
	if ((nul = memchr(p, '\0', len)) != NULL)
		len = (size_t)(nul - p);
	while (len > 0 && p[len - 1] == ' ')
		len--;
	if (len == 0)
		return (false);
	t->p = (const char *)p;
	t->len = (uint16_t)len;
	return (true);
}

static void
put_text(struct flow *f, const struct op *op, const uint8_t *p, size_t len)
{
	if (text_take((void *)((uint8_t *)f + op->dst), p, len))
		flow_set(f, op->field);
}

/* The conversions that are not on the fast path. */
static void
step(const struct op *op, const struct rd *seg, struct flow *f, struct aux *aux)
{
	const uint8_t *p = seg->p + op->src;
	size_t len = op->len == 0 ? seg->left : op->len;
	void *dst = (uint8_t *)f + op->dst;

	switch (op->code) {
	case OP_UINT:
		if (len < 1 || len > 8)
			break; /* of a variable length: not a number */
		put_uint(dst, op->arg, be_uint(p, len));
		flow_set(f, op->field);
		break;
	case OP_V4_ELSE:
	case OP_V6_ELSE:
		put_addr_else(dst, op, p);
		break;
	case OP_MAC:
		memcpy(dst, p, 6);
		break;
	case OP_SECONDS:
		put_time(f, op, be_uint(p, len), NSEC_PER_SEC);
		break;
	case OP_MILLISECONDS:
		put_time(f, op, be_uint(p, len), NSEC_PER_MSEC);
		break;
	case OP_NTP_US:
	case OP_NTP_NS:
		put_ntp(f, op, p, aux->recv_time);
		break;
	case OP_MS_US:
		put_ms_us(dst, be_uint(p, len));
		break;
	case OP_LABEL:
		*(uint32_t *)dst = (uint32_t)be_uint(p, 3) >> 4;
		break;
	case OP_APPID:
		put_bytes(f, op, p, len);
		break;
	case OP_TEXT:
		put_text(f, op, p, len);
		break;
	case OP_FLAGS:
		*(uint16_t *)dst |= (uint16_t)be_uint(p, len);
		break;
	case OP_DSCP:
		*(uint8_t *)dst = (uint8_t)(*p << 2);
		break;
	case OP_PART:
		aux->part[aux->nparts++] = (struct part){*seg, op->arg};
		break;
	case OP_NOTE:
		aux->note[op->arg] = be_uint(p, len);
		aux->noted |= (uint8_t)(1U << op->arg);
		break;
	default:
		put_aux(aux, op, be_uint(p, len));
		break;
	}
}

static inline void
put_addr(struct addr *a, enum addr_family family, const uint8_t *p)
{
	a->family = (uint8_t)family;
	memcpy(a->b, p, family == ADDR_V4 ? 4 : 16);
}

/* Take the unused places out of the label stack: 0 ends it. */
static void
labels_close(struct flow *f)
{
	size_t i, n = 0;

	for (i = 0; i < FLOW_MPLS_MAX; i++)
		if (f->mpls_labels[i] != 0)
			f->mpls_labels[n++] = f->mpls_labels[i];
	while (n < FLOW_MPLS_MAX)
		f->mpls_labels[n++] = 0;
}

void
sampling_finish(struct flow *f, struct sampling *s)
{
	uint8_t method = sampling_method(s);

	if (f->sampling_rate == 0 && s->has & RATE_TELLS) {
		f->sampling_rate = sampling_rate(s);
		flow_set(f, FLOW_SAMPLING_RATE);
	}
	if (method != 0 && !flow_has(f, FLOW_SAMPLING_ALGORITHM)) {
		f->sampling_algorithm = method;
		flow_set(f, FLOW_SAMPLING_ALGORITHM);
	}
	if (flow_has(f, FLOW_SAMPLING_RATE))
		f->sampling = SAMPLING_RECORD;
	s->has = 0;
}

/* A table of the common copies, in the guise of a switch. */
static inline void
copy(const struct op *op, const struct rd *seg, struct flow *f, struct aux *aux)
{
	const uint8_t *p = seg->p + op->src;
	void *dst = (uint8_t *)f + op->dst;

	switch (op->code) {
	case OP_8_1_PAIR:
		((uint8_t *)dst)[1] = p[1];
		__attribute__((__fallthrough__));
	case OP_8_1:
		*(uint8_t *)dst = *p;
		break;
	case OP_16_1_PAIR:
		((uint16_t *)dst)[1] = p[1];
		__attribute__((__fallthrough__));
	case OP_16_1:
		*(uint16_t *)dst = *p;
		break;
	case OP_16_2_PAIR:
		((uint16_t *)dst)[1] = be16(p + 2);
		__attribute__((__fallthrough__));
	case OP_16_2:
		*(uint16_t *)dst = be16(p);
		break;
	case OP_32_2_PAIR:
		((uint32_t *)dst)[1] = be16(p + 2);
		__attribute__((__fallthrough__));
	case OP_32_2:
		*(uint32_t *)dst = be16(p);
		break;
	case OP_32_4_PAIR:
		((uint32_t *)dst)[1] = be32(p + 4);
		__attribute__((__fallthrough__));
	case OP_32_4:
		*(uint32_t *)dst = be32(p);
		break;
	case OP_64_4_PAIR:
		((uint64_t *)dst)[1] = be32(p + 4);
		__attribute__((__fallthrough__));
	case OP_64_4:
		*(uint64_t *)dst = be32(p);
		break;
	case OP_64_8_PAIR:
		((uint64_t *)dst)[1] = be64(p + 8);
		__attribute__((__fallthrough__));
	case OP_64_8:
		*(uint64_t *)dst = be64(p);
		break;
	case OP_V4_PAIR:
		put_addr((struct addr *)dst + 1, ADDR_V4, p + 4);
		__attribute__((__fallthrough__));
	case OP_V4:
		put_addr(dst, ADDR_V4, p);
		break;
	case OP_V6_PAIR:
		put_addr((struct addr *)dst + 1, ADDR_V6, p + 16);
		__attribute__((__fallthrough__));
	case OP_V6:
		put_addr(dst, ADDR_V6, p);
		break;
	default:
		step(op, seg, f, aux);
		break;
	}
}

int
program_run(const struct program *pg, struct rd *rd, struct flow *f,
    struct aux *aux)
{
	const struct op *op = pg->op, *end = pg->op + pg->nops, *last;
	struct rd seg;

	if (pg->direct != NULL) {
		if (rd_sub(rd, pg->minlen, &seg) == -1)
			return (-1);
		pg->direct(seg.p, f);
		return (0);
	}
	while (op < end) {
		if ((op->code == OP_SEGMENT ? rd_sub(rd, op->src, &seg)
					    : rd_variable(rd, &seg)) == -1)
			return (-1);
		for (last = op + op->dst; op < last;)
			copy(++op, &seg, f, aux);
		op++;
	}
	if (pg->labels)
		labels_close(f);
	return (0);
}
