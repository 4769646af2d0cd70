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
 * Programs at work: what enc-compile.c made of a template, done to a flow.
 * There is a function for each kind of step.
 */

#include <string.h>

#include "bytes.h"
#include "encode/enc-program.h"
#include "field.h"

#define NTP_TO_UNIX INT64_C(2208988800) /* 1 January 1900 to 1970 */
#define NTP_US_UNUSED 0x7ff /* RFC 7011 6.1.9: the low bits of microseconds */
#define LONG_LEN 255	    /* RFC 7011 7: from here on three bytes tell it */

static inline const void *
at(const struct flow *f, uint16_t off)
{
	return ((const uint8_t *)f + off);
}

static uint64_t
get_uint(const void *p, uint8_t size)
{
	switch (size) {
	case 1:
		return (*(const uint8_t *)p);
	case 2:
		return (*(const uint16_t *)p);
	case 4:
		return (*(const uint32_t *)p);
	default:
		return (*(const uint64_t *)p);
	}
}

/* In any width; what it cannot hold is its most. */
static void
put_number(uint8_t *p, size_t len, uint64_t v)
{
	if (len < 8 && v >> 8 * len != 0)
		v = UINT64_MAX;
	while (len > 0) {
		p[--len] = (uint8_t)v;
		v >>= 8;
	}
}

/* clang-format off */
#define PUT(name) \
	static bool \
	put_##name(const struct enc_op *op, const struct flow *f, \
	    int64_t boot, uint8_t *p)
#define NEXT(width) return (op[1].put(op + 1, f, boot, p + (width)))
/* One of it, and two in a row. */
#define COPY(name, width, copy) \
	PUT(name) \
	{ \
		copy(p, f, op->src, op); \
		NEXT(width); \
	} \
	PUT(name##_pair) \
	{ \
		copy(p, f, op->src, op); \
		copy(p + (width), f, op->src + 2, op); \
		NEXT(2 * (width)); \
	}
#define ADDRESS(name, fam, width) \
	PUT(name) \
	{ \
		const struct addr *a = at(f, op->src[0]); \
		if (a->family == fam) \
			memcpy(p, a->b, width); \
		else if (a->family == ADDR_NONE) \
			memset(p, 0, width); \
		else \
			return (put_odd(op, f, boot, p)); \
		NEXT(width); \
	} \
	PUT(name##_pair) \
	{ \
		const struct addr *a = at(f, op->src[0]); \
		const struct addr *b = at(f, op->src[2]); \
		if (a->family != fam || b->family != fam) \
			return (put_odd(op, f, boot, p)); \
		memcpy(p, a->b, width); \
		memcpy(p + (width), b->b, width); \
		NEXT(2 * (width)); \
	}
/* clang-format on */

static inline void
copy_16_2(uint8_t *p, const struct flow *f, const uint16_t *src,
    const struct enc_op *op)
{
	(void)op;
	be16_put(p, *(const uint16_t *)at(f, *src));
}

static inline void
copy_32_2(uint8_t *p, const struct flow *f, const uint16_t *src,
    const struct enc_op *op)
{
	uint32_t v = *(const uint32_t *)at(f, *src);

	be16_put(p, v > UINT16_MAX ? op->over : (uint16_t)v);
}

static inline void
copy_32_4(uint8_t *p, const struct flow *f, const uint16_t *src,
    const struct enc_op *op)
{
	(void)op;
	be32_put(p, *(const uint32_t *)at(f, *src));
}

static inline void
copy_64_4(uint8_t *p, const struct flow *f, const uint16_t *src,
    const struct enc_op *op)
{
	uint64_t v = *(const uint64_t *)at(f, *src);

	(void)op;
	be32_put(p, v > UINT32_MAX ? UINT32_MAX : (uint32_t)v);
}

static inline void
copy_64_8(uint8_t *p, const struct flow *f, const uint16_t *src,
    const struct enc_op *op)
{
	(void)op;
	be64_put(p, *(const uint64_t *)at(f, *src));
}

/* Of the other family, or none: that may be an error. */
static bool
odd_address(uint8_t *p, const struct addr *a, size_t width, bool strict)
{
	if (a->family == (width == 4 ? ADDR_V4 : ADDR_V6)) {
		memcpy(p, a->b, width);
		return (true);
	}
	memset(p, 0, width);
	return (!strict || a->family == ADDR_NONE);
}

/* Addresses, one of which at least is not what it should be. */
PUT(odd)
{
	size_t width = op->code < OUT_V6 ? 4 : 16;

	if (!odd_address(p, at(f, op->src[0]), width, op->arg))
		return (false);
	if (op->len > width &&
	    !odd_address(p + width, at(f, op->src[2]), width, op->arg))
		return (false);
	NEXT(op->len);
}

static inline uint32_t
uptime(const struct flow *f, const uint16_t *src, int64_t boot)
{
	int64_t t = *(const int64_t *)at(f, src[0]);

	if (t <= 0)
		return (*(const uint32_t *)at(f, src[1]));
	return ((uint32_t)((uint64_t)t / NSEC_PER_MSEC) - (uint32_t)boot);
}

PUT(end)
{
	(void)op;
	(void)f;
	(void)p;
	(void)boot;
	return (true);
}

/* Always eight: the next writes over what is too much. */
PUT(zero)
{
	be64_put(p, 0);
	NEXT(op->len);
}

PUT(zeros)
{
	memset(p, 0, op->len);
	NEXT(op->len);
}

#define BYTE(i) p[i] = *(const uint8_t *)at(f, op->src[i])

PUT(byte)
{
	BYTE(0);
	NEXT(1);
}

PUT(byte_2)
{
	BYTE(0);
	BYTE(1);
	NEXT(2);
}

PUT(byte_3)
{
	BYTE(0);
	BYTE(1);
	BYTE(2);
	NEXT(3);
}

PUT(byte_4)
{
	BYTE(0);
	BYTE(1);
	BYTE(2);
	BYTE(3);
	NEXT(4);
}

COPY(16_2, 2, copy_16_2)
COPY(32_2, 2, copy_32_2)
COPY(32_4, 4, copy_32_4)
COPY(64_4, 4, copy_64_4)
COPY(64_8, 8, copy_64_8)
ADDRESS(v4, ADDR_V4, 4)
ADDRESS(v6, ADDR_V6, 16)

PUT(uptime)
{
	be32_put(p, uptime(f, op->src, boot));
	NEXT(4);
}

PUT(uptime_pair)
{
	be32_put(p, uptime(f, op->src, boot));
	be32_put(p + 4, uptime(f, op->src + 2, boot));
	NEXT(8);
}

/* The rest: numbers first. */
#define NUMBER(v)                    \
	put_number(p, op->len, (v)); \
	NEXT(op->len)

PUT(uint)
{
	NUMBER(get_uint(at(f, op->src[0]), op->arg));
}

PUT(uptime_wide)
{
	NUMBER(uptime(f, op->src, boot));
}

static uint64_t
since_1970(const struct flow *f, const struct enc_op *op, int64_t unit)
{
	int64_t t = *(const int64_t *)at(f, op->src[0]);

	return (t > 0 ? (uint64_t)(t / unit) : 0);
}

PUT(seconds)
{
	NUMBER(since_1970(f, op, NSEC_PER_SEC));
}

PUT(milliseconds)
{
	NUMBER(since_1970(f, op, NSEC_PER_MSEC));
}

static uint64_t
flow_duration(const struct flow *f, uint8_t unit)
{
	if (f->start <= 0 || f->end <= f->start)
		return (0);
	return ((uint64_t)(f->end - f->start) /
	    (unit == OVER_US ? 1000 : (uint64_t)NSEC_PER_MSEC));
}

PUT(duration)
{
	NUMBER(flow_duration(f, op->arg));
}

PUT(sysinit)
{
	NUMBER(boot > 0 ? (uint64_t)boot : 0);
}

/* To the nearest. */
PUT(ms_us)
{
	NUMBER(((uint64_t) * (const uint32_t *)at(f, op->src[0]) + 500) / 1000);
}

PUT(dscp)
{
	NUMBER(*(const uint8_t *)at(f, op->src[0]) >> 2);
}

/* RFC 5477: of a deterministic choice one in a row, of a random one of N. */
static uint64_t
sampling(const struct flow *f, uint8_t part)
{
	switch (part) {
	case RATE_ALONE:
	case RATE_POPULATION:
		return (f->sampling_rate);
	case RATE_TAKEN:
	case RATE_SIZE:
		return (f->sampling_rate > 0);
	case RATE_SPACE:
		return (f->sampling_rate > 0 ? f->sampling_rate - 1 : 0);
	case RATE_SELECTOR:
		if (f->sampling_algorithm > 2)
			return (0);
		return (f->sampling_algorithm == 2 ? 3 : f->sampling_algorithm);
	default:
		return (0);
	}
}

PUT(rate)
{
	NUMBER(sampling(f, op->arg));
}

PUT(prefix)
{
	const struct addr *a = at(f, op->src[0]);

	memset(p, 0, op->len);
	if (flow_has(f, op->field) &&
	    a->family == (op->len == 4 ? ADDR_V4 : ADDR_V6))
		memcpy(p, a->b, op->len);
	NEXT(op->len);
}

PUT(mac)
{
	memcpy(p, at(f, op->src[0]), 6);
	NEXT(6);
}

/*
 * The fraction is rounded up, so that it is the same time to those who round
 * as to those who cut off.
 */
static void
copy_ntp(uint8_t *p, int64_t t, bool us)
{
	uint64_t frac, ns;

	memset(p, 0, 8);
	if (t <= 0)
		return;
	ns = (uint64_t)(t % NSEC_PER_SEC);
	if (us)
		frac =
		    ((((ns / 1000) << 32) + 999999) / 1000000 + NTP_US_UNUSED) &
		    ~(uint64_t)NTP_US_UNUSED;
	else
		frac = ((ns << 32) + NSEC_PER_SEC - 1) / NSEC_PER_SEC;
	/* Beyond 2036 it is the next era. */
	be32_put(p, (uint32_t)(t / NSEC_PER_SEC + NTP_TO_UNIX));
	be32_put(p + 4, (uint32_t)frac);
}

PUT(ntp_us)
{
	copy_ntp(p, *(const int64_t *)at(f, op->src[0]), true);
	NEXT(8);
}

PUT(ntp)
{
	copy_ntp(p, *(const int64_t *)at(f, op->src[0]), false);
	NEXT(8);
}

/* RFC 3032: the label, and whether it is the bottom of the stack. */
static void
copy_label(uint8_t *p, const uint32_t *labels, size_t i, size_t len)
{
	bool bottom = i + 1 == FLOW_MPLS_MAX || labels[i + 1] == 0;

	memset(p, 0, len);
	if (labels[i] == 0)
		return;
	p[0] = (uint8_t)(labels[i] >> 12);
	p[1] = (uint8_t)(labels[i] >> 4);
	p[2] = (uint8_t)(labels[i] << 4 | bottom);
}

PUT(label)
{
	copy_label(p, at(f, op->src[0]), op->arg, op->len);
	NEXT(op->len);
}

/*
 * RFC 6759: the engine, then what it calls the application, in as many bytes
 * as there are.  One that does not fit would be another.
 */
static void
copy_appid(uint8_t *p, const uint8_t *appid, size_t len)
{
	size_t n = appid[0];

	memset(p, 0, len);
	if (n == 0 || n > len || n > FLOW_APPID_MAX)
		return;
	p[0] = appid[1];
	memcpy(p + len - (n - 1), appid + 2, n - 1);
}

PUT(appid)
{
	copy_appid(p, at(f, op->src[0]), op->len);
	NEXT(op->len);
}

static void
copy_text(uint8_t *p, const struct flow_text *text, size_t len)
{
	size_t n = text->len < len ? text->len : len;

	if (n > 0)
		memcpy(p, text->p, n);
	memset(p + n, 0, len - n);
}

PUT(text)
{
	copy_text(p, at(f, op->src[0]), op->len);
	NEXT(op->len);
}

/* A length and the bytes.  Returns how many that was. */
static size_t
copy_variable(uint8_t *p, const void *bytes, size_t len)
{
	size_t head = len < LONG_LEN ? 1 : 3;

	p[0] = (uint8_t)(len < LONG_LEN ? len : LONG_LEN);
	if (head == 3)
		be16_put(p + 1, (uint16_t)len);
	if (len > 0)
		memcpy(p + head, bytes, len);
	return (head + len);
}

PUT(var_none)
{
	NEXT(copy_variable(p, NULL, 0));
}

PUT(var_appid)
{
	const uint8_t *appid = at(f, op->src[0]);

	NEXT(copy_variable(p, appid + 1, appid[0]));
}

PUT(var_text)
{
	const struct flow_text *text = at(f, op->src[0]);

	NEXT(copy_variable(p, text->p, text->len));
}

enc_put_fn *const enc_puts[OUT_MAX] = {
#define ROW(name, put) [OUT_##name] = put_##put,
    OUT_CODES(ROW)
#undef ROW
};

static size_t
var_len(const struct enc_op *op, const struct flow *f)
{
	const struct flow_text *text = at(f, op->src[0]);

	switch (op->code) {
	case OUT_VAR_TEXT:
		return (text->len);
	case OUT_VAR_APPID:
		return (*(const uint8_t *)at(f, op->src[0]));
	default:
		return (0);
	}
}

size_t
enc_length(const struct enc_program *pg, const struct flow *f)
{
	const struct enc_op *op;
	size_t n, len = pg->len;

	if (!pg->variable)
		return (len);
	for (op = pg->op; op->code != OUT_END; op++)
		if (op->code >= OUT_VAR_NONE) {
			n = var_len(op, f);
			len += n + (n < LONG_LEN ? 1 : 3);
		}
	return (len);
}
