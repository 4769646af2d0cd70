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
 * Record programs: a template is looked up in the field table once, when it
 * arrives, and becomes a list of copies.  A record costs those and nothing
 * else.
 */

#include "decode/program.h"

/*
 * What elements compete for: a field of struct flow, except where two of them
 * work together.
 */
enum {
	/* 0..FLOW_NFIELDS-1: the fields */
	SLOT_ADDR6 = FLOW_NFIELDS, /* IPv6 of an address field */
	SLOT_LABEL = 2 * FLOW_NFIELDS,
	SLOT_FLAGS = SLOT_LABEL + FLOW_MPLS_MAX,
	SLOT_BEFORE_START = SLOT_FLAGS + 4,
	SLOT_BEFORE_END,
	SLOT_DURATION,
	SLOT_SYSINIT,
	SLOT_NOTE,
	SLOT_SAMPLING = SLOT_NOTE + NOTE_MAX,
	SLOT_MAX = SLOT_SAMPLING + RATE_PARTS
};

struct spec {
	uint32_t pen;
	uint16_t id;
	uint16_t len;
	const struct element *el; /* NULL: skipped */
};

struct build {
	struct program *pg;
	struct op *op; /* NULL: only counted */
	uint32_t nops;
	uint32_t segment; /* the step that begins the present one */
	uint32_t seglen;
	bool insegment;
	uint32_t nparts;
	bool packets; /* parts of packets are there, so notes are wanted */
	struct op last;
	struct flow_set addr; /* addresses that have a step already */
	/* Per slot, the best field so far: its number from 1, and rank. */
	uint16_t best[SLOT_MAX];
	uint8_t rank[SLOT_MAX];
};

static int
spec_next(const struct specs *specs, struct rd *rd, uint16_t n, struct spec *sp)
{
	if (rd_u16(rd, &sp->id) == -1 || rd_u16(rd, &sp->len) == -1)
		return (-1);
	sp->pen = 0;
	if (specs->version == NF_IPFIX && sp->id & NF_ENTERPRISE) {
		sp->id &= NF_ENTERPRISE - 1;
		if (rd_u32(rd, &sp->pen) == -1)
			return (-1);
	}
	/* A v9 scope has a type of its own numbering, RFC 3954 6.1. */
	sp->el = NULL;
	if (n >= specs->nscope || specs->version == NF_IPFIX)
		sp->el = element_find(sp->pen, sp->id);
	return (0);
}

/* A prefix stands where the address would: one of them wins. */
static uint8_t
rival(uint8_t field)
{
	if (field == FLOW_SRC_PREFIX)
		return (FLOW_SRC_ADDR);
	return (field == FLOW_DST_PREFIX ? FLOW_DST_ADDR : field);
}

/* Which slots a field is a candidate for: returns how many, at most two. */
static unsigned int
slots_of(const struct spec *sp, unsigned int slot[2])
{
	const struct element *el = sp->el;

	if (el == NULL || !element_fits(el, sp->len))
		return (0);
	slot[0] = rival(el->field);
	switch (el->conv) {
	case CONV_ADDR6:
		slot[0] += SLOT_ADDR6;
		break;
	case CONV_LABEL:
		slot[0] = SLOT_LABEL + el->index;
		break;
	case CONV_FLAGS:
		slot[0] = SLOT_FLAGS + el->index;
		break;
	case CONV_BEFORE_US:
		slot[0] = el->field == FLOW_START ? SLOT_BEFORE_START
						  : SLOT_BEFORE_END;
		break;
	case CONV_DURATION_MS:
	case CONV_DURATION_US:
		slot[0] = SLOT_DURATION;
		break;
	case CONV_SYSINIT:
		slot[0] = SLOT_SYSINIT;
		break;
	case CONV_NOTE:
		slot[0] = SLOT_NOTE + el->index;
		break;
	case CONV_PART:
		return (0); /* they do not compete */
	case CONV_SAMPLING:
		slot[0] = SLOT_SAMPLING + el->index;
		break;
	case CONV_ICMP:
		slot[1] = el->field + 1;
		return (2);
	}
	return (1);
}

static bool
is_part(const struct spec *sp)
{
	return (sp->el != NULL && sp->el->conv == CONV_PART &&
	    element_fits(sp->el, sp->len));
}

/* The first of the lowest rank wins: an element given twice is outer, inner. */
static void
build_offer(struct build *b, const struct spec *sp, uint16_t n)
{
	unsigned int i, slot[2], nslots = slots_of(sp, slot);

	if (is_part(sp) && sp->el->index <= PART_MPLS)
		b->packets = true;
	for (i = 0; i < nslots; i++) {
		if (b->best[slot[i]] != 0 && b->rank[slot[i]] <= sp->el->rank)
			continue;
		b->best[slot[i]] = (uint16_t)(n + 1);
		b->rank[slot[i]] = sp->el->rank;
	}
}

static uint32_t
build_op(struct build *b, struct op op)
{
	b->last = op;
	if (b->op != NULL)
		b->op[b->nops] = op;
	return (b->nops++);
}

/* Do the work of this step in the one before, if they are neighbours. */
static bool
build_pair(struct build *b, const struct op *op)
{
	struct op *last = &b->last;
	size_t size = op->arg;

	if (op->code == OP_V4 || op->code == OP_V6)
		size = sizeof(struct addr);
	if (op->code < OP_8_1 || op->code > OP_V6 || last->code != op->code ||
	    last->src + op->len != op->src || last->dst + size != op->dst)
		return (false);
	last->code++;
	last->arg = op->field;
	if (b->op != NULL)
		b->op[b->nops - 1] = *last;
	return (true);
}

static uint8_t
uint_code(size_t member, uint16_t len)
{
	static const struct {
		uint8_t member, len, code;
	} common[] = {
	    {1, 1, OP_8_1},
	    {2, 1, OP_16_1},
	    {2, 2, OP_16_2},
	    {4, 2, OP_32_2},
	    {4, 4, OP_32_4},
	    {8, 4, OP_64_4},
	    {8, 8, OP_64_8},
	};
	size_t i;

	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (common[i].member == member && common[i].len == len)
			return (common[i].code);
	return (OP_UINT);
}

static uint8_t
conv_code(struct build *b, const struct element *el, uint16_t len)
{
	static const uint8_t codes[CONV_MAX] = {
	    [CONV_ADDR4] = OP_V4,
	    [CONV_ADDR6] = OP_V6,
	    [CONV_MAC] = OP_MAC,
	    [CONV_SECONDS] = OP_SECONDS,
	    [CONV_MILLISECONDS] = OP_MILLISECONDS,
	    [CONV_NTP_US] = OP_NTP_US,
	    [CONV_NTP] = OP_NTP_NS,
	    [CONV_BEFORE_US] = OP_BEFORE_US,
	    [CONV_DURATION_MS] = OP_DURATION_MS,
	    [CONV_DURATION_US] = OP_DURATION_US,
	    [CONV_SYSINIT] = OP_SYSINIT,
	    [CONV_MS_US] = OP_MS_US,
	    [CONV_LABEL] = OP_LABEL,
	    [CONV_APPID] = OP_APPID,
	    [CONV_TEXT] = OP_TEXT,
	    [CONV_FLAGS] = OP_FLAGS,
	    [CONV_DSCP] = OP_DSCP,
	    [CONV_SAMPLING] = OP_SAMPLING,
	};
	uint8_t f;
	bool twice;

	if (el->conv == CONV_UINT || el->conv == CONV_ICMP)
		return (uint_code(field_size(fields[el->field].type), len));
	if (el->conv != CONV_ADDR4 && el->conv != CONV_ADDR6)
		return (codes[el->conv]);
	f = rival(el->field);
	twice = b->addr.w[f / 64] >> f % 64 & 1;
	b->addr.w[f / 64] |= UINT64_C(1) << f % 64;
	if (el->conv == CONV_ADDR4)
		return (twice ? OP_V4_ELSE : OP_V4);
	return (twice ? OP_V6_ELSE : OP_V6);
}

/* Does having this element in the template mean having it in every record? */
static bool
always_there(const struct element *el, uint16_t len)
{
	if (len == NF_VARLEN)
		return (false);
	switch (el->conv) {
	case CONV_UINT:
	case CONV_ICMP:
	case CONV_ADDR4:
	case CONV_ADDR6:
	case CONV_MAC:
	case CONV_MS_US:
	case CONV_LABEL:
	case CONV_APPID:
	case CONV_FLAGS:
	case CONV_DSCP:
		return (true);
	default:
		return (false); /* times and texts: zero is none */
	}
}

/* Of a text no more is wanted than the flow can have. */
static uint8_t
wire_len(uint16_t len)
{
	if (len == NF_VARLEN)
		return (0);
	return ((uint8_t)(len < FLOW_TEXT_MAX ? len : FLOW_TEXT_MAX));
}

static void
build_copy(struct build *b, const struct element *el, uint32_t src,
    uint16_t len)
{
	const struct field *fd = &fields[el->field];
	struct op op = {
	    .src = (uint16_t)src,
	    .dst = fd->off,
	    .code = conv_code(b, el, len),
	    .len = wire_len(len),
	    .field = el->field,
	    .arg = (uint8_t)field_size(fd->type),
	};

	if (el->conv == CONV_LABEL) {
		op.dst = (uint16_t)(op.dst + el->index * sizeof(uint32_t));
		b->pg->labels = true;
	}
	if (el->conv == CONV_SAMPLING)
		op.arg = el->index;
	if (el->conv == CONV_SAMPLING || el->field == FLOW_SAMPLING_RATE)
		b->pg->times = b->pg->sampling = true;
	if (op.dst >= FLOW_RARE)
		b->pg->rare = true;
	if (always_there(el, len))
		b->pg->has.w[el->field / 64] |= UINT64_C(1) << el->field % 64;
	else if (el->conv >= CONV_SECONDS && el->conv <= CONV_SYSINIT)
		b->pg->times = true;
	if (el->field == FLOW_START_UPTIME || el->field == FLOW_END_UPTIME)
		b->pg->times = true;
	if (!build_pair(b, &op))
		build_op(b, op);
}

static void
build_part(struct build *b, uint8_t kind)
{
	if (b->nparts++ >= PARTS_MAX)
		return;
	b->pg->parts = true;
	b->pg->times = b->pg->sampling = true;
	b->pg->rare = true;
	build_op(b, (struct op){.code = OP_PART, .arg = kind});
}

static void
build_note(struct build *b, const struct spec *sp, uint32_t src)
{
	if (b->packets)
		build_op(b,
		    (struct op){.code = OP_NOTE,
			.src = (uint16_t)src,
			.len = (uint8_t)sp->len,
			.arg = sp->el->index});
}

/* The steps of one field, if it won anything. */
static void
build_field(struct build *b, const struct spec *sp, uint16_t n, uint32_t src)
{
	unsigned int i, slot[2], nslots = slots_of(sp, slot);

	if (is_part(sp))
		build_part(b, sp->el->index);
	for (i = 0; i < nslots; i++) {
		struct element el = *sp->el;

		if (b->best[slot[i]] != n + 1)
			continue;
		if (el.conv == CONV_NOTE) {
			build_note(b, sp, src);
			continue;
		}
		/* Flags in parts are for those who have them in no other way.
		 */
		if (el.conv == CONV_FLAGS && b->best[el.field] != 0)
			continue;
		if (el.conv == CONV_ICMP) {
			/* Two numbers of one byte side by side. */
			el.field = (uint8_t)slot[i];
			build_copy(b, &el, src + i, 1);
		} else
			build_copy(b, &el, src, sp->len);
	}
}

static void
segment_begin(struct build *b, enum op_code code)
{
	b->seglen = 0;
	b->segment = build_op(b, (struct op){.code = (uint8_t)code});
}

static void
segment_end(struct build *b)
{
	if (b->nops > 0 && b->op != NULL) {
		b->op[b->segment].src = (uint16_t)b->seglen;
		b->op[b->segment].dst = (uint16_t)(b->nops - b->segment - 1);
	}
	b->insegment = false;
}

/* Where the field is in its segment.  A part has one of its own. */
static uint32_t
build_place(struct build *b, const struct spec *sp)
{
	uint32_t src;

	if (sp->len == NF_VARLEN) {
		segment_end(b);
		b->pg->fixed = false;
		b->pg->minlen++;
		segment_begin(b, OP_VARIABLE);
		return (0);
	}
	if (!b->insegment || is_part(sp)) {
		segment_end(b);
		segment_begin(b, OP_SEGMENT);
		b->insegment = !is_part(sp);
	}
	src = b->seglen;
	b->seglen += sp->len;
	b->pg->minlen += sp->len;
	return (src);
}

static int
build_all(struct build *b, const struct specs *specs)
{
	struct rd rd = specs->rd;
	struct spec sp;
	uint16_t n;
	uint32_t src;

	for (n = 0; rd.left > 0; n++) {
		if (spec_next(specs, &rd, n, &sp) == -1)
			return (-1);
		src = build_place(b, &sp);
		if (b->pg->minlen > NF_RECLEN_MAX)
			return (-1);
		build_field(b, &sp, n, src);
	}
	segment_end(b);
	return (0);
}

static int
build(const struct specs *specs, struct program *pg, struct op *op)
{
	struct build b;
	struct rd rd = specs->rd;
	struct spec sp;
	uint16_t n;

	memset(&b, 0, sizeof(b));
	memset(pg, 0, sizeof(*pg));
	b.pg = pg;
	b.op = op;
	pg->op = op;
	pg->fixed = true;
	for (n = 0; rd.left > 0; n++) {
		if (spec_next(specs, &rd, n, &sp) == -1)
			return (-1);
		build_offer(&b, &sp, n);
	}
	if (build_all(&b, specs) == -1)
		return (-1);
	pg->nops = b.nops;
	return (0);
}

int
program_measure(const struct specs *specs, struct program *pg)
{
	/* A record of no bytes would never use its set up. */
	if (build(specs, pg, NULL) == -1 || pg->minlen == 0)
		return (-1);
	return ((int)pg->nops);
}

void
program_compile(const struct specs *specs, struct program *pg, struct op *op)
{
	build(specs, pg, op);
}
