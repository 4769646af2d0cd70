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
 * Records of version 3 into columns: checked one by one, then taken a column
 * after the other, some records at a time, so that they stay in the cache.
 */

#include <stdlib.h>

#include "compat/crc.h"
#include "flat.h"
#include "store-groups.h"

#define CHUNK 128  /* records at a time, ... */
#define KINDS 8	   /* ... of so many kinds at most */
#define KNOWN 64   /* kinds that are remembered */
#define NOWHERE -1 /* no shape was asked for yet */

#define NUMBER(group, size, v2size, any, name, v2get) G_##group,
enum group { GROUPS(NUMBER) NGROUPS };
#undef NUMBER

#define ADDRESSES 4

/* clang-format off */
static const struct {
	enum flow_field field;
	enum group v4, v6;
} addresses[ADDRESSES] = {
	{ FLOW_AGENT, G_AGENT_ADDR4, G_AGENT_ADDR6 },
	{ FLOW_SRC_ADDR, G_SRC_ADDR4, G_SRC_ADDR6 },
	{ FLOW_DST_ADDR, G_DST_ADDR4, G_DST_ADDR6 },
	{ FLOW_NEXT_HOP, G_GATEWAY_ADDR4, G_GATEWAY_ADDR6 },
};
/* clang-format on */

/* What values tell of the fields of a flow, ... */
#define NO_SOURCE 1
#define NO_UPTIME 2
#define NO_EXPORT 4
#define TELLING 8 /* values that these have */
/* ... and what else there is to a record. */
#define ENGINE_5 8
#define HAS_TIMES 16

/*
 * Where the halves of an address are in a record, of 16 bytes with an IPv4 one
 * mapped, and what of them counts: no branch depends on its family, for
 * families may alternate.
 */
struct spot {
	uint64_t keep[2]; /* in the order of bytes */
	uint64_t front;	  /* of the second half */
	uint8_t at[2];
	uint8_t family;
};

/* Records with the same head. */
struct kind {
	uint64_t head;
	struct store_head in;
	uint32_t groups;
	uint32_t chunk; /* the last that had one */
	bool odd;
	uint8_t at[NGROUPS]; /* where each is in the record; 0: nowhere */
	int16_t shape[TELLING];
	bool times[TELLING];
	struct spot spot[ADDRESSES];
};

struct store_taker {
	bool trust; /* no checksum is looked at */
	struct kind kind[KNOWN];
	uint32_t nkinds;
	uint32_t last;
	uint32_t chunk; /* its number */
	uint32_t nused;
	uint8_t used[KINDS];
	uint32_t n;
	struct kind *of[CHUNK]; /* kind of each */
	uint8_t bits[CHUNK];	/* what values tell of it */
	const uint8_t *record[CHUNK];
	/* A group of each, or zeros; and which one it is. */
	const uint8_t *at[CHUNK];
	enum group placed;
	uint64_t heap[CHUNK];
};

/* A group that is not there, and others of its distance to it. */
static const uint8_t zeros[STORE_WRITEMAX];

struct store_taker *
store_taker_new(void)
{
	return (calloc(1, sizeof(struct store_taker)));
}

void
store_taker_trust(struct store_taker *x)
{
	x->trust = true;
}

void
store_taker_free(struct store_taker *x)
{
	free(x);
}

struct flow_set
store_flow_fields(void)
{
	struct flow_set s = {{0}};

#define ADD(group, size, v2size, any, name, v2get) s.w[0] |= any;
	GROUPS(ADD)
#undef ADD
	s.w[0] = (s.w[0] & ~NOT_READ) | TIMES;
	return (s);
}

static void
find_groups(struct kind *k)
{
	size_t at = STORE_HDRLEN;

	memset(k->at, 0, sizeof(k->at));
#define PLACE(group, size, v2size, any, name, v2get) \
	if (k->groups & STORE_##group) {             \
		k->at[G_##group] = (uint8_t)at;      \
		at += size;                          \
	}
	GROUPS(PLACE)
#undef PLACE
}

static void
find_spot(struct spot *s, uint8_t v4, uint8_t v6)
{
	static const uint8_t keep[8] = {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t front[8] = {0, 0, 0xff, 0xff};

	*s = (struct spot){.family = ADDR_NONE};
	if (v4 != 0) {
		s->family = ADDR_V4;
		s->at[1] = v4 - 4;
		memcpy(&s->keep[1], keep, 8);
		memcpy(&s->front, front, 8);
	} else if (v6 != 0) {
		s->family = ADDR_V6;
		s->at[0] = v6;
		s->at[1] = v6 + 8;
		s->keep[0] = s->keep[1] = UINT64_MAX;
	}
}

static void
find_spots(struct kind *k)
{
	unsigned int a;

	for (a = 0; a < ADDRESSES; a++)
		find_spot(&k->spot[a], k->at[addresses[a].v4],
		    k->at[addresses[a].v6]);
}

/* The head of a record: without two bytes that say nothing. */
static inline uint64_t
head_of(const uint8_t *p)
{
	static const uint8_t says[8] = {0xff, 0xff, 0, 0, 0xff, 0xff, 0xff,
	    0xff};
	uint64_t head, mask;

	memcpy(&head, p, sizeof(head));
	memcpy(&mask, says, sizeof(mask));
	return (head & mask);
}

/* A record of a kind that was not there before. */
static enum store_err
learn(struct store_taker *x, const struct rd *rd)
{
	struct kind *k = &x->kind[x->nkinds];
	unsigned int i;
	enum store_err err;

	if ((err = store_head(rd->p, rd->left, &k->in)) != STORE_OK)
		return (err);
	k->head = head_of(rd->p);
	k->groups = be32(rd->p + 4) & STORE_ALL;
	k->odd =
	    k->in.crc == 0 && (STORE_MINOR(rd->p[0]) != 0 || k->groups == 0);
	k->chunk = 0;
	for (i = 0; i < TELLING; i++)
		k->shape[i] = NOWHERE;
	find_groups(k);
	find_spots(k);
	x->last = x->nkinds++;
	return (STORE_OK);
}

/* STORE_NOSPACE: not in this chunk. */
static enum store_err
find_kind(struct store_taker *x, const struct rd *rd)
{
	const uint64_t head = rd->left < STORE_HDRLEN ? 0 : head_of(rd->p);
	uint32_t i;

	for (i = 0; i < x->nkinds && rd->left >= STORE_HDRLEN; i++)
		if (x->kind[i].head == head) {
			x->last = i;
			return (STORE_OK);
		}
	if (x->nkinds == KNOWN && x->n > 0)
		return (STORE_NOSPACE);
	if (x->nkinds == KNOWN)
		x->nkinds = 0;
	return (learn(x, rd));
}

static bool
use_kind(struct store_taker *x, struct kind *k)
{
	if (k->chunk == x->chunk)
		return (true);
	if (x->nused == KINDS)
		return (false);
	k->chunk = x->chunk;
	x->used[x->nused++] = (uint8_t)x->last;
	return (true);
}

static enum store_err
take_one(struct store_taker *x, struct rd *rd)
{
	struct kind *k = &x->kind[x->last];
	const uint8_t *p = rd->p;
	enum store_err err;

	if (x->nkinds == 0 || rd->left < STORE_HDRLEN ||
	    head_of(p) != k->head) {
		if ((err = find_kind(x, rd)) != STORE_OK)
			return (err);
		k = &x->kind[x->last];
	}
	if (k->in.len > rd->left)
		return (STORE_SHORT);
	if (k->in.crc != 0 && !x->trust &&
	    be32(p + k->in.crc) != crc_update(0, p, k->in.known))
		return (STORE_CRC);
	if (k->odd && store_resync(rd) != 0)
		return (STORE_VERSION_BAD);
	if (!use_kind(x, k))
		return (STORE_NOSPACE);
	x->of[x->n] = k;
	x->record[x->n++] = p;
	rd_skip(rd, k->in.len);
	return (STORE_OK);
}

static enum store_err
take_chunk(struct store_taker *x, struct rd *rd, uint32_t most)
{
	enum store_err err = STORE_OK;

	x->n = x->nused = 0;
	if (++x->chunk == 0)
		x->chunk = 1;
	x->placed = NGROUPS;
	while (x->n < most && (err = take_one(x, rd)) == STORE_OK)
		continue;
	return (err == STORE_NOSPACE ? STORE_OK : err);
}

/*
 * Where a group of a record is, or zeros: without a branch, for kinds may
 * alternate, and the processor could not tell which is next.
 */
static inline const uint8_t *
group_of(const struct kind *k, const uint8_t *record, enum group g)
{
	const uint8_t at = k->at[g];
	const uintptr_t there = -(uintptr_t)(at != 0);

	return ((const uint8_t *)(((uintptr_t)(record + at) & there) |
	    ((uintptr_t)zeros & ~there)));
}

static inline const uint8_t *
group_at(const struct store_taker *x, uint32_t i, enum group g)
{
	return (group_of(x->of[i], x->record[i], g));
}

static uint8_t
look(const struct store_taker *x, uint32_t i)
{
	struct flow f;

	get_agent_info(group_at(x, i, G_AGENT_INFO), &f);
	get_engine(group_at(x, i, G_FLOW_ENGINE_INFO), &f);
	return ((uint8_t)((lacks_source(&f) ? NO_SOURCE : 0) |
	    (f.version == 10 && f.sys_uptime == 0 ? NO_UPTIME : 0) |
	    (f.export_time == 0 ? NO_EXPORT : 0) |
	    (f.version == 5 ? ENGINE_5 : 0)));
}

static bool
find_shape(const struct store_taker *x, uint32_t i, struct kind *k,
    struct flat *t)
{
	const unsigned int bits = x->bits[i] % TELLING;
	struct flow f;

	store_flow(&f, x->record[i], k->groups);
	k->shape[bits] = (int16_t)flat_shape(t, &f.has);
	k->times[bits] = flow_has(&f, FLOW_START);
	return (k->shape[bits] != NOWHERE);
}

/* The shapes of all.  There may be too many: what is behind has to wait. */
static void
put_shapes(struct store_taker *x, struct flat *t, struct rd *rd)
{
	struct kind *k;
	uint32_t i;

	for (i = 0; i < x->n; i++) {
		k = x->of[i];
		x->bits[i] = look(x, i);
		if (k->shape[x->bits[i] % TELLING] == NOWHERE &&
		    !find_shape(x, i, k, t)) {
			rd->left += (size_t)(rd->p - x->record[i]);
			rd->p = x->record[i];
			x->n = i;
			return;
		}
		t->shape[t->n + i] = (uint8_t)k->shape[x->bits[i] % TELLING];
		x->bits[i] |= k->times[x->bits[i] % TELLING] ? HAS_TIMES : 0;
		t->groups |= k->groups;
	}
}

/* Is a group as far behind another in all kinds of the chunk? */
static bool
goes_with(const struct store_taker *x, enum group g, enum group with)
{
	const struct kind *k, *k0 = &x->kind[x->used[0]];
	uint32_t i;

	for (i = 0; i < x->nused; i++) {
		k = &x->kind[x->used[i]];
		if ((k->at[g] == 0) != (k->at[with] == 0) ||
		    k->at[g] - k->at[with] != k0->at[g] - k0->at[with])
			return (false);
	}
	return (true);
}

/* at has, with an offset, the group of each. */
static size_t
place(struct store_taker *x, enum group g)
{
	const struct kind *k = &x->kind[x->used[0]];
	uint32_t i;

	if (x->placed != NGROUPS && goes_with(x, g, x->placed))
		return ((size_t)(k->at[g] - k->at[x->placed]));
	x->placed = g;
	for (i = 0; i < x->n; i++)
		x->at[i] = group_at(x, i, g);
	return (0);
}

/* Where values of the chunk go; those that nobody wants to a heap. */
static void *
column_of(struct store_taker *x, const struct flat *t, enum flow_field id,
    size_t width)
{
	if (t->v[id] == NULL)
		return (x->heap);
	return ((uint8_t *)t->v[id] + t->n * width);
}

#define COLUMN(member, FIELD)          \
	__typeof__(f.member) *member = \
	    column_of(x, t, FLOW_##FIELD, sizeof(f.member))

/* The members of a group, out of each record. */
#define PUT(name, COLUMNS, VALUES)                                          \
	static void put_##name(struct store_taker *x, const struct flat *t, \
	    size_t off)                                                     \
	{                                                                   \
		const uint32_t n = x->n;                                    \
		struct flow f;                                              \
		uint32_t i;                                                 \
		COLUMNS;                                                    \
                                                                            \
		for (i = 0; i < n; i++) {                                   \
			get_##name(x->at[i] + off, &f);                     \
			VALUES;                                             \
		}                                                           \
	}
#define VALUE(member) member[i] = f.member

PUT(tag, COLUMN(tag, TAG), VALUE(tag))
PUT(recv_time, COLUMN(recv_time, RECV_TIME), VALUE(recv_time))
PUT(proto, COLUMN(tcp_flags, TCP_FLAGS); COLUMN(protocol, PROTOCOL);
    COLUMN(tos, TOS), VALUE(tcp_flags); VALUE(protocol); VALUE(tos))
PUT(ports, COLUMN(src_port, SRC_PORT);
    COLUMN(dst_port, DST_PORT), VALUE(src_port); VALUE(dst_port))
PUT(packets, COLUMN(packets, PACKETS), VALUE(packets))
PUT(octets, COLUMN(octets, OCTETS), VALUE(octets))
PUT(interfaces, COLUMN(in_if, IN_IF); COLUMN(out_if, OUT_IF), VALUE(in_if);
    VALUE(out_if))
PUT(agent_info, COLUMN(sys_uptime, SYS_UPTIME);
    COLUMN(export_time, EXPORT_TIME);
    COLUMN(version, VERSION), VALUE(sys_uptime); VALUE(export_time);
    VALUE(version))
PUT(times, COLUMN(start_uptime, START_UPTIME);
    COLUMN(end_uptime, END_UPTIME), VALUE(start_uptime); VALUE(end_uptime))
PUT(as_info, COLUMN(src_as, SRC_AS); COLUMN(dst_as, DST_AS);
    COLUMN(src_mask, SRC_MASK); COLUMN(dst_mask, DST_MASK), VALUE(src_as);
    VALUE(dst_as); VALUE(src_mask); VALUE(dst_mask))

static uint16_t
engine_value(const struct store_taker *x, uint32_t i, uint16_t v)
{
	return (x->bits[i] & ENGINE_5 ? repair_engine(v) : v);
}
#define ENGINE_VALUE(member) member[i] = engine_value(x, i, f.member)

PUT(engine, COLUMN(engine_type, ENGINE_TYPE); COLUMN(engine_id, ENGINE_ID);
    COLUMN(sequence, SEQUENCE);
    COLUMN(source_id, SOURCE_ID), ENGINE_VALUE(engine_type);
    ENGINE_VALUE(engine_id); VALUE(sequence); VALUE(source_id))

/* clang-format off */
static const struct {
	enum group group;
	void (*put)(struct store_taker *, const struct flat *, size_t off);
	enum flow_field field[4]; /* FLOW_TAG for the rest */
} groups[] = {
	{ G_TAG, put_tag, { FLOW_TAG } },
	{ G_RECV_TIME, put_recv_time, { FLOW_RECV_TIME } },
	{ G_PROTO_FLAGS_TOS, put_proto,
	    { FLOW_PROTOCOL, FLOW_TCP_FLAGS, FLOW_TOS } },
	{ G_SRCDST_PORT, put_ports, { FLOW_SRC_PORT, FLOW_DST_PORT } },
	{ G_PACKETS, put_packets, { FLOW_PACKETS } },
	{ G_OCTETS, put_octets, { FLOW_OCTETS } },
	{ G_IF_INDICES, put_interfaces, { FLOW_IN_IF, FLOW_OUT_IF } },
	{ G_AGENT_INFO, put_agent_info,
	    { FLOW_SYS_UPTIME, FLOW_EXPORT_TIME, FLOW_VERSION } },
	{ G_FLOW_TIMES, put_times, { FLOW_START_UPTIME, FLOW_END_UPTIME } },
	{ G_AS_INFO, put_as_info,
	    { FLOW_SRC_AS, FLOW_DST_AS, FLOW_SRC_MASK, FLOW_DST_MASK } },
	{ G_FLOW_ENGINE_INFO, put_engine,
	    { FLOW_ENGINE_TYPE, FLOW_ENGINE_ID, FLOW_SEQUENCE,
	    FLOW_SOURCE_ID } },
};
/* clang-format on */

/* What the uptimes tell. */
static void
put_ends(struct store_taker *x, const struct flat *t)
{
	const uint32_t n = x->n;
	struct flow f;
	uint32_t i;
	COLUMN(start, START);
	COLUMN(end, END);

	for (i = 0; i < n; i++) {
		get_agent_info(group_at(x, i, G_AGENT_INFO), &f);
		get_times(group_at(x, i, G_FLOW_TIMES), &f);
		start[i] = flow_uptime_to_time(f.export_time, f.sys_uptime,
		    f.start_uptime);
		end[i] = flow_uptime_to_time(f.export_time, f.sys_uptime,
		    f.end_uptime);
		if ((x->bits[i] & HAS_TIMES) == 0)
			start[i] = end[i] = 0;
	}
}

static void
put_addresses(const struct store_taker *x, struct flat *t, unsigned int a)
{
	uint8_t *to = (uint8_t *)t->v[addresses[a].field] + t->n * 16UL;
	uint8_t *family = t->family[addresses[a].field] + t->n;
	const uint32_t n = x->n;
	const struct spot *s;
	uint64_t half[2];
	uint32_t i;

	for (i = 0; i < n; i++, to += 16) {
		s = &x->of[i]->spot[a];
		memcpy(&half[0], x->record[i] + s->at[0], 8);
		memcpy(&half[1], x->record[i] + s->at[1], 8);
		half[0] &= s->keep[0];
		half[1] = (half[1] & s->keep[1]) | s->front;
		memcpy(to, half, 16);
		family[i] = s->family;
	}
}

static bool
wants(const struct flat *t, const enum flow_field *field)
{
	return (t->v[field[0]] != NULL ||
	    (field[1] != FLOW_TAG && t->v[field[1]] != NULL) ||
	    (field[2] != FLOW_TAG && t->v[field[2]] != NULL) ||
	    (field[3] != FLOW_TAG && t->v[field[3]] != NULL));
}

static void
put_columns(struct store_taker *x, struct flat *t)
{
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (wants(t, groups[i].field))
			groups[i].put(x, t, place(x, groups[i].group));
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		if (t->v[addresses[i].field] != NULL)
			put_addresses(x, t, i);
	if (t->v[FLOW_START] != NULL || t->v[FLOW_END] != NULL)
		put_ends(x, t);
	t->n += x->n;
}

static void
forget_shapes(struct store_taker *x)
{
	uint32_t i, k;

	for (i = 0; i < x->nkinds; i++)
		for (k = 0; k < TELLING; k++)
			x->kind[i].shape[k] = NOWHERE;
}

enum store_err
store_take(struct store_taker *x, struct rd *rd, struct flat *t, uint32_t most)
{
	enum store_err err = STORE_OK;
	uint32_t n, took;

	forget_shapes(x);
	t->clock = CLOCK_UPTIME;
	for (; most > 0 && err == STORE_OK; most -= took) {
		if (t->n == t->size)
			return (STORE_NOSPACE);
		n = t->size - t->n < most ? t->size - t->n : most;
		err = take_chunk(x, rd, n < CHUNK ? n : CHUNK);
		took = x->n;
		put_shapes(x, t, rd);
		if (x->n > 0)
			put_columns(x, t);
		if (x->n < took)
			return (STORE_NOSPACE);
	}
	return (err);
}

enum store_err
store_groups(struct store_taker *x, struct rd *rd, uint32_t *seen)
{
	enum store_err err;
	uint32_t i;

	do {
		err = take_chunk(x, rd, CHUNK);
		for (i = 0; i < x->nused; i++)
			*seen |= x->kind[x->used[i]].groups;
	} while (err == STORE_OK);
	return (err);
}

/* Of an address one family will do. */
bool
store_tells_all(uint32_t seen)
{
	static const uint32_t any[] = {STORE_AGENT_ADDR, STORE_SRC_ADDR,
	    STORE_DST_ADDR, STORE_GATEWAY_ADDR};
	uint32_t all = seen | STORE_CRC32;
	size_t i;

	for (i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		if ((seen & any[i]) != 0)
			all |= any[i];
	return ((all & STORE_ALL) == STORE_ALL);
}
