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
 * The pcapng format: blocks, of which some are frames.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "meter/savefile.h"

#define BLOCK_HEAD 8 /* type and length; the length again behind it */
#define BLOCK_LEAST 12
#define BLOCK_MAX (16 * 1024 * 1024)
#define INTERFACES_MAX 65536

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define SECTION_VERSION 1

#define OPT_END 0
#define OPT_IF_TSRESOL 9
#define OPT_IF_TSOFFSET 14
#define OPT_FLAGS 2 /* of a frame */
#define FLAGS_DIRECTION 3
#define FLAGS_OUTBOUND 2

enum block {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
};

struct interface {
	uint32_t dlt;
	uint32_t snaplen; /* 0: no limit */
	uint8_t resolution;
	bool wanted;	   /* its link type is the first one's */
	uint64_t multiply; /* units to ns; 0: see resolution */
	uint64_t units_max;
	int64_t offset; /* ns */
};

struct pcapng {
	struct interface *interfaces; /* of the section */
	size_t n, allocated;
	int64_t last; /* time of the frame before */
	bool known;   /* the link type of the source is set */
};

/* One block: its body, without the lengths. */
struct body {
	struct rd rd;
	uint32_t type;
};

static int
get_u32(const struct savefile *s, struct rd *rd, uint32_t *v)
{
	const uint8_t *p = rd->p;

	if (rd_skip(rd, 4) == -1)
		return (-1);
	*v = savefile_u32(s->big, p);
	return (0);
}

static int
get_u16(const struct savefile *s, struct rd *rd, uint16_t *v)
{
	const uint8_t *p = rd->p;

	if (rd_skip(rd, 2) == -1)
		return (-1);
	*v = savefile_u16(s->big, p);
	return (0);
}

/*
 * The next option.  False: there is none, or its length says more than there
 * is: what stands behind a frame or an interface does not make it unreadable.
 */
static bool
next_option(const struct savefile *s, struct rd *rd, uint16_t *code,
    struct rd *value)
{
	static const uint8_t pad[] = {0, 3, 2, 1};
	uint16_t len;

	if (get_u16(s, rd, code) == -1 || get_u16(s, rd, &len) == -1 ||
	    *code == OPT_END || rd_sub(rd, len, value) == -1)
		return (false);
	if (rd_skip(rd, pad[len & 3]) == -1)
		(void)rd_skip(rd, rd->left);
	return (true);
}

/* Units to ns by one multiplication, where that is all. */
static void
set_resolution(struct interface *ifc, uint8_t resolution)
{
	uint64_t multiply = 1;
	unsigned int i;

	ifc->resolution = resolution;
	ifc->multiply = 0;
	if (resolution > 9)
		return;
	for (i = resolution; i < 9; i++)
		multiply *= 10;
	ifc->multiply = multiply;
	ifc->units_max = (uint64_t)SOURCE_TIME_MAX / multiply;
}

/* The units of an interface that are not ten to the power of -9 or more. */
static uint64_t
odd_units(uint8_t resolution, uint64_t units)
{
	unsigned int power = resolution & 0x7f;
	uint64_t part;

	if ((resolution & 0x80) == 0) {
		for (; power > 9 && units > 0; power--)
			units /= 10;
		return (units);
	}
	if (power > 63)
		return (0);
	part = units & ((UINT64_C(1) << power) - 1);
	units >>= power;
	if (units > UINT32_MAX)
		return ((uint64_t)SOURCE_TIME_MAX);
	/* 34 bits of a second are less than a nanosecond. */
	if (power > 34) {
		part >>= power - 34;
		power = 34;
	}
	return (units * (uint64_t)NSEC_PER_SEC +
	    (part * (uint64_t)NSEC_PER_SEC >> power));
}

static int64_t
time_of(const struct interface *ifc, uint32_t high, uint32_t low)
{
	uint64_t units = (uint64_t)high << 32 | low, ns;
	int64_t t;

	if (ifc->multiply == 0)
		ns = odd_units(ifc->resolution, units);
	else
		ns = units > ifc->units_max ? (uint64_t)SOURCE_TIME_MAX
					    : units * ifc->multiply;
	if (ns > (uint64_t)SOURCE_TIME_MAX)
		ns = (uint64_t)SOURCE_TIME_MAX;
	t = (int64_t)ns + ifc->offset;
	if (t < 0)
		return (0);
	return (t > SOURCE_TIME_MAX ? SOURCE_TIME_MAX : t);
}

/* Seconds of an if_tsoffset; more than all of our time is as good as that. */
static int64_t
offset_of(const struct savefile *s, struct rd value)
{
	uint32_t a = 0, b = 0;
	uint64_t raw;

	(void)get_u32(s, &value, &a);
	(void)get_u32(s, &value, &b);
	raw = s->big ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
	if (raw >> 63 != 0)
		return (~raw > UINT32_MAX
			? -SOURCE_TIME_MAX
			: -(int64_t)(~raw + 1) * NSEC_PER_SEC);
	return (
	    raw > UINT32_MAX ? SOURCE_TIME_MAX : (int64_t)raw * NSEC_PER_SEC);
}

static struct interface *
new_interface(struct pcapng *ng)
{
	struct interface *more;
	size_t want;

	if (ng->n >= INTERFACES_MAX)
		return (NULL);
	if (ng->n == ng->allocated) {
		want = ng->allocated == 0 ? 4 : ng->allocated * 2;
		more = reallocarray(ng->interfaces, want, sizeof(*more));
		if (more == NULL)
			return (NULL);
		ng->interfaces = more;
		ng->allocated = want;
	}
	memset(&ng->interfaces[ng->n], 0, sizeof(*more));
	return (&ng->interfaces[ng->n++]);
}

static enum source_state
take_interface(struct savefile *s, struct body *b, struct frame *f)
{
	struct pcapng *ng = s->self;
	struct interface *ifc;
	uint16_t link, reserved, code;
	uint32_t snaplen;
	struct rd value;

	(void)f;
	if (get_u16(s, &b->rd, &link) == -1 ||
	    get_u16(s, &b->rd, &reserved) == -1 ||
	    get_u32(s, &b->rd, &snaplen) == -1)
		return (savefile_bad(s, "an interface that is cut short"));
	if ((ifc = new_interface(ng)) == NULL)
		return (savefile_bad(s, "too many interfaces"));
	ifc->dlt = (uint32_t)savefile_dlt(link);
	ifc->snaplen = snaplen;
	set_resolution(ifc, 6);
	while (next_option(s, &b->rd, &code, &value)) {
		if (code == OPT_IF_TSRESOL && value.left == 1)
			set_resolution(ifc, value.p[0]);
		else if (code == OPT_IF_TSOFFSET && value.left == 8)
			ifc->offset = offset_of(s, value);
	}
	if (!ng->known)
		s->source->dlt = (int)ifc->dlt;
	ng->known = true;
	ifc->wanted = (int)ifc->dlt == s->source->dlt;
	return (SOURCE_MORE);
}

static enum source_state
take_section(struct savefile *s, struct body *b, struct frame *f)
{
	struct pcapng *ng = s->self;
	uint32_t magic;
	uint16_t major;

	(void)f;
	/* The byte order was found by next_block. */
	if (get_u32(s, &b->rd, &magic) == -1 ||
	    get_u16(s, &b->rd, &major) == -1)
		return (savefile_bad(s, "a section that is cut short"));
	if (major != SECTION_VERSION)
		return (savefile_bad(s,
		    "version %u of the pcapng format is not known", major));
	ng->n = 0;
	return (SOURCE_MORE);
}

static bool
is_outbound(const struct savefile *s, struct rd options)
{
	uint16_t code;
	uint32_t flags;
	struct rd value;

	while (next_option(s, &options, &code, &value))
		if (code == OPT_FLAGS && get_u32(s, &value, &flags) == 0)
			return ((flags & FLAGS_DIRECTION) == FLAGS_OUTBOUND);
	return (false);
}

/* The data and the options behind it become the rest of the frame. */
static enum source_state
take_data(struct savefile *s, struct body *b, const struct interface *ifc,
    struct frame *f)
{
	struct pcapng *ng = s->self;
	struct rd data;

	if (f->caplen > SAVEFILE_FRAME_MAX)
		return (savefile_bad(s, "a frame of %u bytes", f->caplen));
	if (rd_sub(&b->rd, f->caplen, &data) == -1)
		return (savefile_bad(s, "a frame longer than its block"));
	ng->last = f->time;
	if (!ifc->wanted) {
		s->other_link++;
		return (SOURCE_MORE);
	}
	f->data = data.p;
	if (f->len < f->caplen)
		f->len = f->caplen;
	if (b->rd.left > 4 && rd_skip(&b->rd, (4 - (f->caplen & 3)) & 3) == 0)
		f->outgoing = is_outbound(s, b->rd);
	return (SOURCE_MORE);
}

static const struct interface *
find_interface(struct savefile *s, uint32_t number)
{
	struct pcapng *ng = s->self;

	if (number < ng->n)
		return (&ng->interfaces[number]);
	(void)savefile_bad(s, "a frame of interface %u, which is not described",
	    number);
	return (NULL);
}

static enum source_state
take_timed(struct savefile *s, struct body *b, uint32_t number, struct frame *f)
{
	const struct interface *ifc;
	uint32_t high, low;

	if (get_u32(s, &b->rd, &high) == -1 || get_u32(s, &b->rd, &low) == -1 ||
	    get_u32(s, &b->rd, &f->caplen) == -1 ||
	    get_u32(s, &b->rd, &f->len) == -1)
		return (savefile_bad(s, "a frame that is cut short"));
	if ((ifc = find_interface(s, number)) == NULL)
		return (SOURCE_FAILED);
	f->time = time_of(ifc, high, low);
	return (take_data(s, b, ifc, f));
}

static enum source_state
take_enhanced(struct savefile *s, struct body *b, struct frame *f)
{
	uint32_t number;

	if (get_u32(s, &b->rd, &number) == -1)
		return (savefile_bad(s, "a frame that is cut short"));
	return (take_timed(s, b, number, f));
}

static enum source_state
take_packet(struct savefile *s, struct body *b, struct frame *f)
{
	uint16_t number, drops;

	if (get_u16(s, &b->rd, &number) == -1 ||
	    get_u16(s, &b->rd, &drops) == -1)
		return (savefile_bad(s, "a frame that is cut short"));
	return (take_timed(s, b, number, f));
}

/* It has no time: that of the frame before is the best guess. */
static enum source_state
take_simple(struct savefile *s, struct body *b, struct frame *f)
{
	const struct interface *ifc;
	struct pcapng *ng = s->self;

	if (get_u32(s, &b->rd, &f->len) == -1)
		return (savefile_bad(s, "a frame that is cut short"));
	if ((ifc = find_interface(s, 0)) == NULL)
		return (SOURCE_FAILED);
	f->caplen = f->len;
	if (ifc->snaplen != 0 && f->caplen > ifc->snaplen)
		f->caplen = ifc->snaplen;
	f->time = ng->last;
	return (take_data(s, b, ifc, f));
}

static const struct {
	uint32_t type;
	enum source_state (
	    *take)(struct savefile *, struct body *, struct frame *);
} blocks[] = {
    {BLOCK_ENHANCED, take_enhanced},
    {BLOCK_INTERFACE, take_interface},
    {BLOCK_PACKET, take_packet},
    {BLOCK_SIMPLE, take_simple},
    {BLOCK_SECTION, take_section},
};

/* f->data is set if the block is a frame that is wanted. */
static enum source_state
take_block(struct savefile *s, struct body *b, struct frame *f)
{
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (blocks[i].type == b->type)
			return (blocks[i].take(s, b, f));
	return (SOURCE_MORE);
}

/* A section says in which order its bytes are, its own length included. */
static enum source_state
section_order(struct savefile *s)
{
	struct rd *rd = stream_rd(s->stream);
	enum source_state state;

	if ((state = savefile_want(s, BLOCK_HEAD + 4)) != SOURCE_MORE)
		return (state);
	if (be32(rd->p + BLOCK_HEAD) == BYTE_ORDER_MAGIC)
		s->big = true;
	else if (savefile_u32(false, rd->p + BLOCK_HEAD) == BYTE_ORDER_MAGIC)
		s->big = false;
	else
		return (savefile_bad(s, "no byte order"));
	return (SOURCE_MORE);
}

/* All of the next block is in the buffer: how long it is. */
static enum source_state
want_block(struct savefile *s, uint32_t *type, uint32_t *len)
{
	struct rd *rd = stream_rd(s->stream);
	enum source_state state;

	if (rd->left < BLOCK_HEAD &&
	    (state = savefile_want(s, BLOCK_HEAD)) != SOURCE_MORE)
		return (state);
	*type = savefile_u32(s->big, rd->p);
	if (*type == BLOCK_SECTION && (state = section_order(s)) != SOURCE_MORE)
		return (state);
	*len = savefile_u32(s->big, rd->p + 4);
	if (*len < BLOCK_LEAST || *len > BLOCK_MAX || *len % 4 != 0)
		return (savefile_bad(s, "a block of %u bytes", *len));
	if (rd->left < *len && (state = savefile_want(s, *len)) != SOURCE_MORE)
		return (state);
	/* As libpcap has it: some writers do not know a section's length. */
	if (*type != BLOCK_SECTION &&
	    savefile_u32(s->big, rd->p + *len - 4) != *len)
		return (savefile_bad(s, "a block whose two lengths differ"));
	return (SOURCE_MORE);
}

static enum source_state
next_block(struct savefile *s, struct frame *f)
{
	struct rd *rd = stream_rd(s->stream);
	enum source_state state;
	struct body b;
	uint32_t len;

	f->data = NULL;
	f->outgoing = false;
	if ((state = want_block(s, &b.type, &len)) != SOURCE_MORE)
		return (state);
	b.rd = rd_init(rd->p + BLOCK_HEAD, len - BLOCK_LEAST);
	if ((state = take_block(s, &b, f)) == SOURCE_MORE)
		(void)rd_skip(rd, len);
	return (state);
}

static enum source_state
read_pcapng(struct savefile *s, const struct savefile_call *call)
{
	enum source_state state;
	struct frame f;
	int seen;

	/* Blocks count, whatever they are: each call ends. */
	for (seen = 0; seen < call->max; seen++) {
		if ((state = next_block(s, &f)) != SOURCE_MORE)
			return (state);
		if (f.data != NULL)
			savefile_give(s, call, &f);
	}
	return (SOURCE_MORE);
}

/* Up to the first interface: its link type is the one of all. */
static enum source_state
open_pcapng(struct savefile *s)
{
	enum source_state state;
	struct pcapng *ng;
	struct frame f;

	if ((ng = s->self) == NULL &&
	    (ng = s->self = calloc(1, sizeof(*ng))) == NULL)
		return (SOURCE_FAIL(s->source, "%s", strerror(errno)));
	while (!ng->known)
		if ((state = next_block(s, &f)) != SOURCE_MORE)
			return (state == SOURCE_END
				? savefile_bad(s, "no interface is described")
				: state);
	return (SOURCE_MORE);
}

static void
close_pcapng(struct savefile *s)
{
	struct pcapng *ng = s->self;

	free(ng->interfaces);
	free(ng);
}

const struct savefile_format savefile_pcapng = {open_pcapng, read_pcapng,
    close_pcapng};
