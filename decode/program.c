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

#include "decode/state.h"

/* 1 January 1900 to 1970, RFC 7011 6.1.9 */
#define NTP_TO_UNIX INT64_C(2208988800)
#define NTP_ERA (INT64_C(1) << 32)

/*
 * What elements compete for: a field of struct flow, except where two of them
 * work together.
 */
enum {
	/* 0..FLOW_NFIELDS-1: the fields */
	SLOT_ADDR6 = FLOW_NFIELDS, /* IPv6 of an address field */
	SLOT_LABEL = 2 * FLOW_NFIELDS,
	SLOT_BEFORE_START = SLOT_LABEL + FLOW_MPLS_MAX,
	SLOT_BEFORE_END,
	SLOT_DURATION,
	SLOT_SYSINIT,
	SLOT_MAX
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

static bool
conv_fits(uint8_t conv, uint16_t len)
{
	switch (conv) {
	case CONV_ADDR4:
		return (len == 4);
	case CONV_ADDR6:
		return (len == 16);
	case CONV_MAC:
		return (len == 6);
	case CONV_NTP_US:
	case CONV_NTP:
		return (len == 8);
	case CONV_ICMP:
		return (len == 2);
	case CONV_LABEL:
		return (len == 3 || len == 4);
	case CONV_APPID:
		return (
		    (len >= 1 && len <= FLOW_APPID_MAX) || len == NF_VARLEN);
	case CONV_UINT:
		return ((len >= 1 && len <= 8) || len == NF_VARLEN);
	default:
		return (len >= 1 && len <= 8);
	}
}

/* Which slots a field is a candidate for: returns how many, at most two. */
static unsigned int
slots_of(const struct spec *sp, unsigned int slot[2])
{
	const struct element *el = sp->el;

	if (el == NULL || !conv_fits(el->conv, sp->len))
		return (0);
	slot[0] = el->field;
	switch (el->conv) {
	case CONV_ADDR6:
		slot[0] = SLOT_ADDR6 + el->field;
		break;
	case CONV_LABEL:
		slot[0] = SLOT_LABEL + el->index;
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
	case CONV_ICMP:
		slot[1] = FLOW_ICMP_CODE;
		return (2);
	}
	return (1);
}

/* The first of the lowest rank wins: an element given twice is outer, inner. */
static void
build_offer(struct build *b, const struct spec *sp, uint16_t n)
{
	unsigned int i, slot[2], nslots = slots_of(sp, slot);

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
	if (b->op != NULL)
		b->op[b->nops - 1].code = last->code;
	return (true);
}

static size_t
member_size(enum field_type type)
{
	switch (type) {
	case FT_U8:
		return (1);
	case FT_U16:
		return (2);
	case FT_U32:
		return (4);
	default:
		return (8);
	}
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
	    [CONV_LABEL] = OP_LABEL,
	    [CONV_APPID] = OP_APPID,
	};
	bool twice;

	if (el->conv == CONV_UINT || el->conv == CONV_ICMP)
		return (uint_code(member_size(fields[el->field].type), len));
	if (el->conv != CONV_ADDR4 && el->conv != CONV_ADDR6)
		return (codes[el->conv]);
	twice = b->addr.w[el->field / 64] >> el->field % 64 & 1;
	b->addr.w[el->field / 64] |= UINT64_C(1) << el->field % 64;
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
	case CONV_LABEL:
	case CONV_APPID:
		return (true);
	default:
		return (false); /* times: zero is no time */
	}
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
	    .len = (uint8_t)(len == NF_VARLEN ? 0 : len),
	    .field = el->field,
	    .arg = (uint8_t)member_size(fd->type),
	};

	if (el->conv == CONV_LABEL) {
		op.dst = (uint16_t)(op.dst + el->index * sizeof(uint32_t));
		b->pg->labels = true;
	}
	if (always_there(el, len))
		b->pg->has.w[el->field / 64] |= UINT64_C(1) << el->field % 64;
	else if (len != NF_VARLEN)
		b->pg->times = true;
	if (el->field == FLOW_START_UPTIME || el->field == FLOW_END_UPTIME)
		b->pg->times = true;
	if (!build_pair(b, &op))
		build_op(b, op);
}

/* The steps of one field, if it won anything. */
static void
build_field(struct build *b, const struct spec *sp, uint16_t n, uint32_t src)
{
	unsigned int i, slot[2], nslots = slots_of(sp, slot);

	for (i = 0; i < nslots; i++) {
		struct element el = *sp->el;

		if (b->best[slot[i]] != n + 1)
			continue;
		if (el.conv == CONV_ICMP) {
			/* Two numbers of one byte side by side. */
			el.field = (uint8_t)slot[i];
			build_copy(b, &el, src + i, 1);
		} else
			build_copy(b, &el, src, sp->len);
	}
}

/*
 * Like by like: the processor guesses the way through the steps better.  They
 * do not depend on each other, but for OP_V4_ELSE and OP_V6_ELSE, which stay
 * behind what they refer to.
 */
static void
segment_sort(struct op *op, uint32_t n)
{
	struct op x;
	uint32_t i, j;

	for (i = 1; i < n; i++) {
		x = op[i];
		for (j = i; j > 0 && op[j - 1].code > x.code; j--)
			op[j] = op[j - 1];
		op[j] = x;
	}
}

static void
segment_end(struct build *b)
{
	if (b->insegment && b->op != NULL) {
		b->op[b->segment].src = (uint16_t)b->seglen;
		segment_sort(b->op + b->segment + 1, b->nops - b->segment - 1);
	}
	b->insegment = false;
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
		if (sp.len == NF_VARLEN) {
			segment_end(b);
			b->pg->fixed = false;
			b->pg->minlen++;
			build_op(b, (struct op){.code = OP_VARIABLE});
			src = 0;
		} else {
			if (!b->insegment) {
				b->insegment = true;
				b->seglen = 0;
				b->segment = build_op(b,
				    (struct op){.code = OP_SEGMENT});
			}
			src = b->seglen;
			b->seglen += sp.len;
			b->pg->minlen += sp.len;
		}
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

static uint64_t
be_uint(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

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

/* Zero is how exporters say that there is none, and never 1970. */
static void
put_time(struct flow *f, const struct op *op, uint64_t v, uint64_t unit)
{
	if (v == 0 || v > INT64_MAX / unit)
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

static bool
addr_is_zero(const struct addr *a)
{
	static const uint8_t zero[sizeof(a->b)];

	return (memcmp(a->b, zero, sizeof(zero)) == 0);
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
	case OP_SYSINIT:
		if (v == 0 || v > INT64_MAX / NSEC_PER_MSEC)
			break;
		aux->sysinit = (int64_t)v * NSEC_PER_MSEC;
		aux->has |= AUX_SYSINIT;
		break;
	}
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
	case OP_LABEL:
		*(uint32_t *)dst = (uint32_t)be_uint(p, 3) >> 4;
		break;
	case OP_APPID:
		put_bytes(f, op, p, len);
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

/* RFC 7011 7: one byte, or 255 and two more. */
static int
variable(struct rd *rd, struct rd *seg)
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

/* A table of the common copies, in the guise of a switch. */
static inline void
copy(const struct op *op, const struct rd *seg, struct flow *f, struct aux *aux)
{
	const uint8_t *p = seg->p + op->src;
	void *dst = (uint8_t *)f + op->dst;

	switch (op->code) {
	case OP_8_1_PAIR:
		((uint8_t *)dst)[1] = p[1];
		/* FALLTHROUGH */
	case OP_8_1:
		*(uint8_t *)dst = *p;
		break;
	case OP_16_1_PAIR:
		((uint16_t *)dst)[1] = p[1];
		/* FALLTHROUGH */
	case OP_16_1:
		*(uint16_t *)dst = *p;
		break;
	case OP_16_2_PAIR:
		((uint16_t *)dst)[1] = be16(p + 2);
		/* FALLTHROUGH */
	case OP_16_2:
		*(uint16_t *)dst = be16(p);
		break;
	case OP_32_2_PAIR:
		((uint32_t *)dst)[1] = be16(p + 2);
		/* FALLTHROUGH */
	case OP_32_2:
		*(uint32_t *)dst = be16(p);
		break;
	case OP_32_4_PAIR:
		((uint32_t *)dst)[1] = be32(p + 4);
		/* FALLTHROUGH */
	case OP_32_4:
		*(uint32_t *)dst = be32(p);
		break;
	case OP_64_4_PAIR:
		((uint64_t *)dst)[1] = be32(p + 4);
		/* FALLTHROUGH */
	case OP_64_4:
		*(uint64_t *)dst = be32(p);
		break;
	case OP_64_8_PAIR:
		((uint64_t *)dst)[1] = be64(p + 8);
		/* FALLTHROUGH */
	case OP_64_8:
		*(uint64_t *)dst = be64(p);
		break;
	case OP_V4_PAIR:
		put_addr((struct addr *)dst + 1, ADDR_V4, p + 4);
		/* FALLTHROUGH */
	case OP_V4:
		put_addr(dst, ADDR_V4, p);
		break;
	case OP_V6_PAIR:
		put_addr((struct addr *)dst + 1, ADDR_V6, p + 16);
		/* FALLTHROUGH */
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
	const struct op *op = pg->op, *end = pg->op + pg->nops;
	struct rd seg = rd_init(rd->p, 0);

	for (; op < end; op++) {
		if (op->code <= OP_VARIABLE) {
			if ((op->code == OP_SEGMENT ? rd_sub(rd, op->src, &seg)
						    : variable(rd, &seg)) == -1)
				return (-1);
			continue;
		}
		copy(op, &seg, f, aux);
	}
	if (pg->labels)
		labels_close(f);
	return (0);
}
