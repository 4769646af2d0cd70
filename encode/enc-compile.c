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
 * Programs of templates.  Fields side by side that are copied in the same way
 * become one step, so that softflowd's record of 17 fields is seven.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "encode/enc-program.h"
#include "field.h"
#include "netflow.h"

#define IE_IP_VERSION 60
#define IE_SAMPLING_SPACE 306
#define AS_TRANS 23456 /* RFC 6793: an AS number of more than 16 bits */

struct build {
	struct enc_program *pg;
	const struct enc_field *field; /* all of them */
	size_t nfields;
	size_t nops;
	size_t max;
};

static int
impossible(void)
{
	errno = EINVAL;
	return (-1);
}

/* The step before takes it along, if it is of the same kind. */
static bool
merge(struct enc_op *last, const struct enc_op *op)
{
	if (op->code == OUT_ZERO && last->code == OUT_ZERO) {
		if (last->len + op->len > ENC_SLACK)
			return (false);
	} else if (op->code == OUT_BYTE && last->code >= OUT_BYTE &&
	    last->code < OUT_BYTE_4) {
		last->code++;
		last->src[last->len] = op->src[0];
	} else if (op->code >= OUT_16_2 && op->code <= OUT_UPTIME &&
	    last->code == op->code && last->over == op->over &&
	    last->arg == op->arg) {
		last->code++;
		last->src[2] = op->src[0];
		last->src[3] = op->src[1];
	} else
		return (false);
	last->len = (uint16_t)(last->len + op->len);
	return (true);
}

static void
add(struct build *b, struct enc_op op)
{
	if (b->nops > 0 && merge(&b->pg->op[b->nops - 1], &op))
		return;
	b->pg->op[b->nops++] = op;
}

static void
add_zero(struct build *b, uint16_t len)
{
	if (len > 0)
		add(b,
		    (struct enc_op){.code =
					len <= ENC_SLACK ? OUT_ZERO : OUT_ZEROS,
			.len = len});
}

static void
add_byte(struct build *b, size_t off)
{
	add(b,
	    (struct enc_op){.src = {(uint16_t)off},
		.code = OUT_BYTE,
		.len = 1});
}

/* Where the low byte of a number of two bytes is. */
static size_t
low_byte(void)
{
	const uint16_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return (first == 1 ? 0 : 1);
}

static bool
is_flags(uint8_t field)
{
	return (field == FLOW_TCP_FLAGS || field == FLOW_REVERSE_TCP_FLAGS);
}

static void
add_uint(struct build *b, const struct field *fd, uint16_t len)
{
	static const struct {
		uint8_t member, len, code;
	} common[] = {
	    {2, 2, OUT_16_2},
	    {4, 2, OUT_32_2},
	    {4, 4, OUT_32_4},
	    {8, 4, OUT_64_4},
	    {8, 8, OUT_64_8},
	};
	struct enc_op op = {.src = {fd->off},
	    .over = UINT16_MAX,
	    .len = len,
	    .code = OUT_UINT,
	    .arg = (uint8_t)field_size(fd->type)};
	size_t i;

	/* Flags that are cut are those of the low byte, not the most. */
	if (op.arg == 1 || (len == 1 && is_flags(fd->bit))) {
		add_zero(b, len - 1);
		add_byte(b, fd->off + (op.arg == 2 ? low_byte() : 0));
		return;
	}
	if (fd->bit == FLOW_SRC_AS || fd->bit == FLOW_DST_AS)
		op.over = AS_TRANS;
	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (common[i].member == op.arg && common[i].len == len)
			op.code = common[i].code;
	add(b, op);
}

static bool
has_element(const struct build *b, uint8_t field, uint8_t conv)
{
	const struct element *el;
	size_t i;

	for (i = 0; i < b->nfields; i++) {
		el = element_find(b->field[i].pen, b->field[i].id);
		if (el != NULL && el->field == field && el->conv == conv)
			return (true);
	}
	return (false);
}

/* 305 with 306 is a pattern, and a rate without. */
static bool
has_space(const struct build *b)
{
	size_t i;

	for (i = 0; i < b->nfields; i++)
		if (b->field[i].pen == 0 && b->field[i].id == IE_SAMPLING_SPACE)
			return (true);
	return (false);
}

/*
 * A flow of the one family is not told by an address of the other, but what
 * comes with it, as the next hop, may be missing.
 */
static void
add_address(struct build *b, const struct element *el, uint16_t len)
{
	bool v4 = el->conv == CONV_ADDR4;
	struct enc_op op = {.src = {fields[el->field].off},
	    .len = len,
	    .code = v4 ? OUT_V4 : OUT_V6,
	    .field = el->field};

	if (el->field == FLOW_SRC_PREFIX || el->field == FLOW_DST_PREFIX)
		op.code = OUT_PREFIX;
	else if (el->field == FLOW_SRC_ADDR || el->field == FLOW_DST_ADDR)
		op.arg =
		    !has_element(b, el->field, v4 ? CONV_ADDR6 : CONV_ADDR4);
	add(b, op);
}

/* Of an uptime: the time it is of, and what it is if there is none. */
static void
add_uptime(struct build *b, const struct element *el, uint16_t len)
{
	bool start = el->field == FLOW_START_UPTIME;

	add(b,
	    (struct enc_op){.src = {fields[start ? FLOW_START : FLOW_END].off,
				fields[el->field].off},
		.len = len,
		.code = len == 4 ? OUT_UPTIME : OUT_UPTIME_WIDE});
}

/* The conversions that become a step of their own. */
static const uint8_t codes[CONV_MAX] = {
    [CONV_MAC] = OUT_MAC,
    [CONV_SECONDS] = OUT_SECONDS,
    [CONV_MILLISECONDS] = OUT_MILLISECONDS,
    [CONV_NTP_US] = OUT_NTP_US,
    [CONV_NTP] = OUT_NTP,
    [CONV_DURATION_MS] = OUT_DURATION,
    [CONV_DURATION_US] = OUT_DURATION,
    [CONV_SYSINIT] = OUT_SYSINIT,
    [CONV_MS_US] = OUT_MS_US,
    [CONV_LABEL] = OUT_LABEL,
    [CONV_APPID] = OUT_APPID,
    [CONV_TEXT] = OUT_TEXT,
    [CONV_DSCP] = OUT_DSCP,
    [CONV_SAMPLING] = OUT_RATE,
};

/* A packet is no part of a flow, and when a record is sent is not known. */
static int
add_other(struct build *b, const struct element *el, uint16_t len)
{
	struct enc_op op = {.len = len,
	    .code = codes[el->conv],
	    .arg = el->index,
	    .field = el->field};

	if (op.code == OUT_END)
		return (impossible());
	op.src[0] = fields[el->field].off;
	if (el->conv == CONV_DURATION_US)
		op.arg = OVER_US;
	else if (el->conv == CONV_DURATION_MS)
		op.arg = OVER_MS;
	else if (el->conv == CONV_SAMPLING && el->index == RATE_TAKEN &&
	    !has_space(b))
		op.arg = RATE_ALONE;
	if (len == ENC_VARIABLE) {
		if (el->conv != CONV_TEXT && el->conv != CONV_APPID)
			return (impossible());
		op.len = 0;
		op.code = el->conv == CONV_TEXT ? OUT_VAR_TEXT : OUT_VAR_APPID;
	}
	add(b, op);
	return (0);
}

static int
add_known(struct build *b, const struct element *el, uint16_t len)
{
	if (!element_fits(el, len))
		return (impossible());
	switch (el->conv) {
	case CONV_UINT:
		if (len == ENC_VARIABLE)
			return (impossible());
		if (el->field == FLOW_START_UPTIME ||
		    el->field == FLOW_END_UPTIME)
			add_uptime(b, el, len);
		else
			add_uint(b, &fields[el->field], len);
		return (0);
	case CONV_ADDR4:
	case CONV_ADDR6:
		add_address(b, el, len);
		return (0);
	case CONV_ICMP: /* the type, and the code behind it */
		add_byte(b, fields[el->field].off);
		add_byte(b, fields[el->field + 1].off);
		return (0);
	case CONV_FLAGS: /* of the first packet, and all: all are of the last */
		if (el->index & 1)
			add_uint(b, &fields[el->field], len);
		else
			add_zero(b, len);
		return (0);
	default:
		return (add_other(b, el, len));
	}
}

static int
add_field(struct build *b, const struct enc_field *f)
{
	const struct element *el = element_find(f->pen, f->id);

	if (f->len == ENC_VARIABLE)
		b->pg->variable = true;
	else
		b->pg->len += f->len;
	if (el != NULL)
		return (add_known(b, el, f->len));
	if (f->len == ENC_VARIABLE)
		add(b, (struct enc_op){.code = OUT_VAR_NONE});
	else if (f->pen == 0 && f->id == IE_IP_VERSION && f->len > 0) {
		/* The family's number is the version. */
		add_zero(b, f->len - 1);
		add_byte(b,
		    offsetof(struct flow, src_addr) +
			offsetof(struct addr, family));
	} else
		add_zero(b, f->len);
	return (0);
}

/* Version 9 has no enterprises, and no lengths in records. */
static bool
is_valid(uint16_t version, const struct enc_field *f)
{
	if (f->len == 0)
		return (false);
	if (version == NF_IPFIX)
		return (f->id < NF_ENTERPRISE);
	return (f->pen == 0 && f->len != ENC_VARIABLE);
}

int
enc_compile(struct enc_program *pg, uint16_t version,
    const struct enc_field *field, size_t n)
{
	struct build b = {.pg = pg, .field = field, .nfields = n};
	size_t i;

	memset(pg, 0, sizeof(*pg));
	/* At most two steps a field: zeros in front of a byte. */
	if ((pg->op = calloc(2 * n + 1, sizeof(*pg->op))) == NULL)
		return (-1);
	for (i = 0; i < n; i++)
		if (!is_valid(version, &field[i]) ||
		    add_field(&b, &field[i]) == -1) {
			enc_program_clear(pg);
			return (impossible());
		}
	for (i = 0; i <= b.nops; i++)
		pg->op[i].put = enc_puts[pg->op[i].code];
	return (0);
}

void
enc_program_clear(struct enc_program *pg)
{
	free(pg->op);
	pg->op = NULL;
}
