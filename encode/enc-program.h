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

enum enc_code {
	OUT_END,
	OUT_ZERO,
	/* So many single bytes, each from where it is. */
	OUT_BYTE,
	OUT_BYTE_2,
	OUT_BYTE_3,
	OUT_BYTE_4,
	/*
	 * The member's bits, the bytes on the wire: all that is common.  Behind
	 * each, two of it in a row.
	 */
	OUT_16_2,
	OUT_16_2_PAIR,
	OUT_32_2,
	OUT_32_2_PAIR,
	OUT_32_4,
	OUT_32_4_PAIR,
	OUT_64_4,
	OUT_64_4_PAIR,
	OUT_64_8,
	OUT_64_8_PAIR,
	OUT_V4,
	OUT_V4_PAIR,
	OUT_V6,
	OUT_V6_PAIR,
	OUT_UPTIME,
	OUT_UPTIME_PAIR,
	/* The rest. */
	OUT_UINT, /* any member, any width */
	OUT_UPTIME_WIDE,
	OUT_PREFIX, /* an address, if it is a prefix */
	OUT_MAC,
	OUT_SECONDS,
	OUT_MILLISECONDS,
	OUT_NTP_US,
	OUT_NTP,
	OUT_DURATION, /* arg: OVER_MS, OVER_US */
	OUT_SYSINIT,
	OUT_MS_US,
	OUT_LABEL, /* arg: which */
	OUT_APPID,
	OUT_TEXT,
	OUT_DSCP,
	OUT_RATE, /* arg: enum rate_part, or RATE_ALONE */
	/* Of a variable length. */
	OUT_VAR_NONE,
	OUT_VAR_APPID,
	OUT_VAR_TEXT,
};

#define OVER_MS 0
#define OVER_US 1
#define RATE_ALONE 0xff /* 305 without 306 is the rate */

struct enc_op {
	uint16_t src[4]; /* where in struct flow */
	uint16_t over;	 /* for what two bytes cannot hold */
	uint16_t len;	 /* bytes on the wire; 0: variable */
	uint8_t code;	 /* enum enc_code */
	uint8_t arg;   /* size of the member; addresses: no other family goes */
	uint8_t field; /* enum flow_field */
};

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
/*
 * Write a record where there is room for it.  `boot` is ms since 1970.  False
 * if the template has no place for the addresses of the flow.
 */
bool enc_run(const struct enc_program *, const struct flow *, int64_t boot,
    uint8_t *);

#endif /* ENCODE_ENC_PROGRAM_H */
