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
 * How a record becomes a flow.  compile.c makes a program of a template,
 * program.c runs it, and times.c sees to start and end.
 */

#ifndef DECODE_PROGRAM_H
#define DECODE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "field.h"
#include "flow.h"
#include "netflow.h"
#include "decode/sampling.h"

/*
 * A step of a record program.  A segment is a run of bytes of known length:
 * its bounds are checked once, and the steps behind it read inside.
 */
enum op_code {
	OP_SEGMENT,  /* src bytes of the record are the segment now */
	OP_VARIABLE, /* a length on the wire, and that many bytes are */
	/*
	 * The member's bits, the bytes on the wire: all that is common.  Behind
	 * each, two of it side by side: ports, interfaces, counters.
	 */
	OP_8_1,
	OP_8_1_PAIR,
	OP_16_1,
	OP_16_1_PAIR,
	OP_16_2,
	OP_16_2_PAIR,
	OP_32_2,
	OP_32_2_PAIR,
	OP_32_4,
	OP_32_4_PAIR,
	OP_64_4,
	OP_64_4_PAIR,
	OP_64_8,
	OP_64_8_PAIR,
	OP_V4,
	OP_V4_PAIR,
	OP_V6,
	OP_V6_PAIR,
	/* The rest. */
	OP_UINT,    /* any width into any member */
	OP_V4_ELSE, /* if the member is no address yet, or a zero one */
	OP_V6_ELSE,
	OP_MAC,
	OP_SECONDS,
	OP_MILLISECONDS,
	OP_NTP_US,
	OP_NTP_NS,
	OP_BEFORE_US,
	OP_DURATION_MS,
	OP_DURATION_US,
	OP_SYSINIT,
	OP_MS_US, /* to be counted in microseconds */
	OP_LABEL,
	OP_APPID,
	OP_TEXT,
	OP_FLAGS,
	OP_DSCP,
	OP_PART,     /* the whole segment; arg: enum elem_part */
	OP_NOTE,     /* arg: enum elem_note */
	OP_SAMPLING, /* arg: enum rate_part */
};

struct op {
	uint16_t src;  /* where in the segment; of OP_SEGMENT: its length */
	uint16_t dst;  /* where in struct flow; of a segment: its steps */
	uint8_t code;  /* enum op_code */
	uint8_t len;   /* bytes on the wire, 0: the whole segment */
	uint8_t field; /* enum flow_field */
	/*
	 * Of a pair: the field of the second.  OP_UINT: size of the member;
	 * parts: see there.
	 */
	uint8_t arg;
};

struct program {
	struct flow_set has; /* what every record has */
	uint32_t minlen;     /* no record is shorter */
	bool fixed;	     /* every record is minlen bytes */
	bool times;	     /* there is more to do behind the steps */
	bool labels;
	bool parts;
	bool sampling; /* may have a rate, or parts of one */
	bool rare;     /* has something for the members behind FLOW_RARE */
	/* Does the same as the steps, or NULL; the record has all its bytes. */
	void (*direct)(const uint8_t *, struct flow *);
	struct formed *formed; /* form.h; NULL: it does more than copy */
	uint32_t nops;
	struct op *op;
};

/* A template's field list as it is on the wire. */
struct specs {
	struct rd rd;	  /* all of it, nothing else */
	uint16_t version; /* NF_V9 or NF_IPFIX */
	uint16_t nscope;  /* the first fields: their ids are no elements */
};

/*
 * 1980, and no time is before it: a clock that was never set counts from 1970
 * or is zero.
 */
#define TIME_MIN (INT64_C(315532800) * NSEC_PER_SEC)
/* The latest that a header can tell: no sum with it overflows. */
#define TIME_MAX ((uint64_t)UINT32_MAX * NSEC_PER_SEC)

/* What an uptime can tell; exported that long after the least, all make times.
 */
#define UPTIME_RANGE ((INT64_C(1) << 32) * NSEC_PER_MSEC)

/* Of parts, a record's first ones count. */
#define PARTS_MAX 4

struct part {
	struct rd rd;
	uint8_t kind; /* enum elem_part */
};

/* What a record says that no member of struct flow holds. */
struct aux {
	int64_t recv_time;  /* given: tells the era of NTP times */
	uint64_t before[2]; /* us, of the start and the end */
	uint64_t duration;  /* ns */
	int64_t sysinit;    /* ns since 1970 */
	uint8_t has;	    /* AUX_* */
	uint8_t nparts;
	uint8_t noted; /* bits 1 << NOTE_x */
	struct part part[PARTS_MAX];
	uint64_t note[NOTE_MAX];
	struct sampling sampling;
};
#define AUX_BEFORE_START 0x01
#define AUX_BEFORE_END 0x02
#define AUX_DURATION 0x04
#define AUX_SYSINIT 0x08

/*
 * program_measure sets all but the steps, and returns how many steps there
 * will be at most, or -1 for a field list that cannot be.  program_compile
 * then makes them, in room for that many.
 */
int program_measure(const struct specs *, struct program *);
void program_compile(const struct specs *, struct program *, struct op *);

/*
 * Take one record off the cursor and put what it has into the flow, whose
 * other members stay.  -1 if the record goes on behind the end.
 */
int program_run(const struct program *, struct rd *, struct flow *,
    struct aux *);

/*
 * The same of options data: how many steps there are, each to a part of the
 * record that is not empty.  They are made in room for that many, or only
 * counted for NULL.  program_measure knows the rest (options.c).
 */
uint16_t options_compile(const struct specs *, struct op *);
/* Is the nth field, if of no enterprise, of any use in options data? */
bool options_reads(const struct specs *, uint16_t n, uint16_t id);

/*
 * RFC 7011 7: take a length and that many bytes off; the length is a byte, or
 * 255 and two more.
 */
static inline int
rd_variable(struct rd *rd, struct rd *seg)
{
	uint8_t n;
	uint16_t len;

	if (rd_u8(rd, &n) == -1)
		return (-1);
	len = n;
	if (n == NF_VARLEN_LONG && rd_u16(rd, &len) == -1)
		return (-1);
	return (rd_sub(rd, len, seg));
}

/*
 * The bytes of a text: up to the first NUL, as in fields of a fixed size, and
 * without blanks behind.  False if there is none.
 */
bool text_take(struct flow_text *, const uint8_t *, size_t len);

/* Start and end in absolute time, from what the record and aux have. */
void times_finish(struct flow *, const struct aux *);

/*
 * The rate that the parts in the record make, and that it came with it.  There
 * are no parts then: a set begins without.
 */
void sampling_finish(struct flow *, struct sampling *);

#endif /* DECODE_PROGRAM_H */
