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
 * How a flow becomes a record: enc-compile.c makes a program of a template's
 * fields, the mirror of decode/program.h, and enc-run.c runs it.
 */

#ifndef ENCODE_ENC_PROGRAM_H
#define ENCODE_ENC_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "encode/encode.h"
#include "flow.h"

/* clang-format off */
#define OUT_CODES(X) \
	X(END, end) \
	X(ZERO, zero) /* eight bytes at most; they may reach over the end */ \
	X(ZEROS, zeros) \
	/* So many single bytes, each from where it is. */ \
	X(BYTE, byte) \
	X(BYTE_2, byte_2) \
	X(BYTE_3, byte_3) \
	X(BYTE_4, byte_4) \
	/* \
	 * The member's bits, the bytes on the wire: all that is common. \
	 * Behind each, two of it in a row. \
	 */ \
	X(16_2, 16_2) \
	X(16_2_PAIR, 16_2_pair) \
	X(32_2, 32_2) \
	X(32_2_PAIR, 32_2_pair) \
	X(32_4, 32_4) \
	X(32_4_PAIR, 32_4_pair) \
	X(64_4, 64_4) \
	X(64_4_PAIR, 64_4_pair) \
	X(64_8, 64_8) \
	X(64_8_PAIR, 64_8_pair) \
	X(V4, v4) \
	X(V4_PAIR, v4_pair) \
	X(V6, v6) \
	X(V6_PAIR, v6_pair) \
	X(UPTIME, uptime) \
	X(UPTIME_PAIR, uptime_pair) \
	/* The rest. */ \
	X(UINT, uint) /* any member, any width */ \
	X(UPTIME_WIDE, uptime_wide) \
	X(PREFIX, prefix) /* an address, if it is a prefix */ \
	X(MAC, mac) \
	X(SECONDS, seconds) \
	X(MILLISECONDS, milliseconds) \
	X(NTP_US, ntp_us) \
	X(NTP, ntp) \
	X(DURATION, duration) /* arg: OVER_MS, OVER_US */ \
	X(SYSINIT, sysinit) \
	X(MS_US, ms_us) \
	X(LABEL, label) /* arg: which */ \
	X(APPID, appid) \
	X(TEXT, text) \
	X(DSCP, dscp) \
	X(RATE, rate) /* arg: enum rate_part, or RATE_ALONE */ \
	/* Of a variable length. */ \
	X(VAR_NONE, var_none) \
	X(VAR_APPID, var_appid) \
	X(VAR_TEXT, var_text)

enum enc_code {
#define CODE(name, put) OUT_##name,
	OUT_CODES(CODE)
#undef CODE
	OUT_MAX
};
/* clang-format on */

#define OVER_MS 0
#define OVER_US 1
#define RATE_ALONE 0xff /* 305 without 306 is the rate */

/*
 * A step writes its bytes and calls the next: that is a jump, and cheaper than
 * a loop around a switch.  False: see enc_run.  `boot` is ms since 1970.
 */
struct enc_op;
typedef bool enc_put_fn(const struct enc_op *, const struct flow *,
    int64_t boot, uint8_t *);

struct enc_op {
	enc_put_fn *put;
	uint16_t src[4]; /* where in struct flow */
	uint16_t over;	 /* for what two bytes cannot hold */
	uint16_t len;	 /* bytes on the wire; 0: variable */
	uint8_t code;	 /* enum enc_code */
	uint8_t arg;   /* size of the member; addresses: no other family goes */
	uint8_t field; /* enum flow_field */
};

/* Steps may write so many bytes behind the end of a record. */
#define ENC_SLACK 8

struct enc_program {
	struct enc_op *op; /* OUT_END ends them */
	uint32_t len;	   /* of a record; without texts if it is variable */
	bool variable;
};

/*
 * Make the program of n fields.  0, or -1 with errno: EINVAL for a field that
 * cannot be made of a flow.
 */
int enc_compile(struct enc_program *, uint16_t version,
    const struct enc_field *, size_t n);
void enc_program_clear(struct enc_program *);

/* How long the record of a flow is, if that differs. */
size_t enc_length(const struct enc_program *, const struct flow *);
/* What each code does. */
extern enc_put_fn *const enc_puts[OUT_MAX];

/*
 * Write a record where there is room for it.  `boot` is ms since 1970.  False
 * if the template has no place for the addresses of the flow.
 */
static inline bool
enc_run(const struct enc_program *pg, const struct flow *f, int64_t boot,
    uint8_t *p)
{
	return (pg->op->put(pg->op, f, boot, p));
}

#endif /* ENCODE_ENC_PROGRAM_H */
