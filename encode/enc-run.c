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
 */

#include <string.h>

#include "bytes.h"
#include "encode/enc-program.h"
#include "field.h"

#define NTP_TO_UNIX INT64_C(2208988800) /* 1 January 1900 to 1970 */
#define NTP_US_UNUSED 0x7ff /* RFC 7011 6.1.9: the low bits of microseconds */
#define LONG_LEN 255	    /* RFC 7011 7: from here on three bytes tell it */

struct run {
	const struct flow *f;
	int64_t boot; /* ms since 1970 */
	bool fits;
};

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
put_uint(uint8_t *p, size_t len, uint64_t v)
{
	if (len < 8 && v >> 8 * len != 0)
		v = UINT64_MAX;
	while (len > 0) {
		p[--len] = (uint8_t)v;
		v >>= 8;
	}
}

/*
 * The common copies: the ith of a step that has two.
 */
static inline void
put_16_2(uint8_t *p, const struct run *r, const struct enc_op *op, size_t i)
{
	be16_put(p, *(const uint16_t *)at(r->f, op->src[2 * i]));
}

static inline void
put_32_2(uint8_t *p, const struct run *r, const struct enc_op *op, size_t i)
{
	uint32_t v = *(const uint32_t *)at(r->f, op->src[2 * i]);

	be16_put(p, v > UINT16_MAX ? op->over : (uint16_t)v);
}

static inline void
put_32_4(uint8_t *p, const struct run *r, const struct enc_op *op, size_t i)
{
	be32_put(p, *(const uint32_t *)at(r->f, op->src[2 * i]));
}

static inline void
put_64_4(uint8_t *p, const struct run *r, const struct enc_op *op, size_t i)
{
	uint64_t v = *(const uint64_t *)at(r->f, op->src[2 * i]);

	be32_put(p, v > UINT32_MAX ? UINT32_MAX : (uint32_t)v);
}

static inline void
put_64_8(uint8_t *p, const struct run *r, const struct enc_op *op, size_t i)
{
	be64_put(p, *(const uint64_t *)at(r->f, op->src[2 * i]));
}

/* An address of the other family may be an error. */
static inline bool
put_addr(uint8_t *p, size_t len, const struct addr *a, bool strict)
{
	if (a->family == (len == 4 ? ADDR_V4 : ADDR_V6)) {
		memcpy(p, a->b, len);
		return (true);
	}
	memset(p, 0, len);
	return (!strict || a->family == ADDR_NONE);
}

static inline void
put_v4(uint8_t *p, struct run *r, const struct enc_op *op, size_t i)
{
	if (!put_addr(p, 4, at(r->f, op->src[2 * i]), op->arg))
		r->fits = false;
}

static inline void
put_v6(uint8_t *p, struct run *r, const struct enc_op *op, size_t i)
{
	if (!put_addr(p, 16, at(r->f, op->src[2 * i]), op->arg))
		r->fits = false;
}

static inline uint32_t
uptime(const struct run *r, const struct enc_op *op, size_t i)
{
	int64_t t = *(const int64_t *)at(r->f, op->src[2 * i]);

	if (t <= 0)
		return (*(const uint32_t *)at(r->f, op->src[2 * i + 1]));
	return ((uint32_t)((uint64_t)t / NSEC_PER_MSEC - (uint64_t)r->boot));
}

static inline void
put_uptime(uint8_t *p, const struct run *r, const struct enc_op *op, size_t i)
{
	be32_put(p, uptime(r, op, i));
}

/*
 * The fraction is rounded up, so that it is the same time to those who round
 * as to those who cut off.
 */
static void
put_ntp(uint8_t *p, int64_t t, bool us)
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

static uint64_t
duration(const struct flow *f, uint8_t unit)
{
	if (f->start <= 0 || f->end <= f->start)
		return (0);
	return ((uint64_t)(f->end - f->start) /
	    (unit == OVER_US ? 1000 : (uint64_t)NSEC_PER_MSEC));
}

/* RFC 3032: the label, and whether it is the bottom of the stack. */
static void
put_label(uint8_t *p, const uint32_t *labels, size_t i, size_t len)
{
	bool bottom = i + 1 == FLOW_MPLS_MAX || labels[i + 1] == 0;

	memset(p, 0, len);
	if (labels[i] == 0)
		return;
	p[0] = (uint8_t)(labels[i] >> 12);
	p[1] = (uint8_t)(labels[i] >> 4);
	p[2] = (uint8_t)(labels[i] << 4 | bottom);
}

/*
 * RFC 6759: the engine, then what it calls the application, in as many bytes
 * as there are.  One that does not fit would be another.
 */
static void
put_appid(uint8_t *p, const uint8_t *appid, size_t len)
{
	size_t n = appid[0];

	memset(p, 0, len);
	if (n == 0 || n > len || n > FLOW_APPID_MAX)
		return;
	p[0] = appid[1];
	memcpy(p + len - (n - 1), appid + 2, n - 1);
}

static void
put_text(uint8_t *p, const struct flow_text *text, size_t len)
{
	size_t n = text->len < len ? text->len : len;

	if (n > 0)
		memcpy(p, text->p, n);
	memset(p + n, 0, len - n);
}

/* RFC 5477: of a deterministic choice one in a row, of a random one of N. */
static uint64_t
rate(const struct flow *f, uint8_t part)
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

/* A length and the bytes.  Returns how many that was. */
static size_t
put_variable(uint8_t *p, const void *bytes, size_t len)
{
	size_t head = len < LONG_LEN ? 1 : 3;

	p[0] = (uint8_t)(len < LONG_LEN ? len : LONG_LEN);
	if (head == 3)
		be16_put(p + 1, (uint16_t)len);
	if (len > 0)
		memcpy(p + head, bytes, len);
	return (head + len);
}

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

	for (op = pg->op; op->code != OUT_END; op++)
		if (op->code >= OUT_VAR_NONE) {
			n = var_len(op, f);
			len += n + (n < LONG_LEN ? 1 : 3);
		}
	return (len);
}

static uint8_t *
step_variable(const struct enc_op *op, const struct flow *f, uint8_t *p)
{
	const struct flow_text *text = at(f, op->src[0]);
	const uint8_t *bytes = at(f, op->src[0]);

	if (op->code == OUT_VAR_TEXT)
		return (p + put_variable(p, text->p, text->len));
	if (op->code == OUT_VAR_APPID)
		return (p + put_variable(p, bytes + 1, bytes[0]));
	return (p + put_variable(p, NULL, 0));
}

/* Numbers that are reckoned. */
static uint64_t
number(const struct enc_op *op, const struct run *r)
{
	const void *src = at(r->f, op->src[0]);
	int64_t t;

	switch (op->code) {
	case OUT_UINT:
		return (get_uint(src, op->arg));
	case OUT_UPTIME_WIDE:
		return (uptime(r, op, 0));
	case OUT_SECONDS:
		t = *(const int64_t *)src;
		return (t > 0 ? (uint64_t)(t / NSEC_PER_SEC) : 0);
	case OUT_MILLISECONDS:
		t = *(const int64_t *)src;
		return (t > 0 ? (uint64_t)(t / NSEC_PER_MSEC) : 0);
	case OUT_DURATION:
		return (duration(r->f, op->arg));
	case OUT_SYSINIT:
		return (r->boot > 0 ? (uint64_t)r->boot : 0);
	case OUT_MS_US: /* to the nearest */
		return (((uint64_t) * (const uint32_t *)src + 500) / 1000);
	case OUT_DSCP:
		return (*(const uint8_t *)src >> 2);
	default:
		return (rate(r->f, op->arg));
	}
}

/* What is not on the fast path. */
static void
step(const struct enc_op *op, const struct run *r, uint8_t *p)
{
	const void *src = at(r->f, op->src[0]);

	switch (op->code) {
	case OUT_PREFIX:
		memset(p, 0, op->len);
		if (flow_has(r->f, op->field))
			put_addr(p, op->len, src, false);
		break;
	case OUT_MAC:
		memcpy(p, src, 6);
		break;
	case OUT_NTP_US:
	case OUT_NTP:
		put_ntp(p, *(const int64_t *)src, op->code == OUT_NTP_US);
		break;
	case OUT_LABEL:
		put_label(p, src, op->arg, op->len);
		break;
	case OUT_APPID:
		put_appid(p, src, op->len);
		break;
	case OUT_TEXT:
		put_text(p, src, op->len);
		break;
	default:
		put_uint(p, op->len, number(op, r));
		break;
	}
}

#define FALLTHROUGH __attribute__((__fallthrough__))
/* clang-format off */
#define BYTE(i) p[i] = *(const uint8_t *)at(f, op->src[i])
#define COPY(code, width, put) \
	case OUT_##code##_PAIR: \
		put(p + width, &r, op, 1); \
		FALLTHROUGH; \
	case OUT_##code: \
		put(p, &r, op, 0); \
		break
/* clang-format on */

/* A table of the common copies, in the guise of a switch. */
bool
enc_run(const struct enc_program *pg, const struct flow *f, int64_t boot,
    uint8_t *p)
{
	struct run r = {f, boot, true};
	const struct enc_op *op;

	for (op = pg->op; op->code != OUT_END; p += op->len, op++)
		switch (op->code) {
		case OUT_ZERO:
			memset(p, 0, op->len);
			break;
		case OUT_BYTE_4:
			BYTE(3);
			FALLTHROUGH;
		case OUT_BYTE_3:
			BYTE(2);
			FALLTHROUGH;
		case OUT_BYTE_2:
			BYTE(1);
			FALLTHROUGH;
		case OUT_BYTE:
			BYTE(0);
			break;
			COPY(16_2, 2, put_16_2);
			COPY(32_2, 2, put_32_2);
			COPY(32_4, 4, put_32_4);
			COPY(64_4, 4, put_64_4);
			COPY(64_8, 8, put_64_8);
			COPY(V4, 4, put_v4);
			COPY(V6, 16, put_v6);
			COPY(UPTIME, 4, put_uptime);
		case OUT_VAR_NONE:
		case OUT_VAR_APPID:
		case OUT_VAR_TEXT:
			p = step_variable(op, f, p);
			break;
		default:
			step(op, &r, p);
			break;
		}
	return (r.fits);
}
