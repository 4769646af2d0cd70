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
 * Records of version 3, read, and found again behind damage.
 */

#include "compat/crc.h"
#include "store-groups.h"

/* The original's names of what cannot be both. */
/* clang-format off */
static const struct {
	uint32_t both;
	enum store_err err;
} pairs[] = {
	{ STORE_AGENT_ADDR, STORE_BOTH_AGENT },
	{ STORE_SRC_ADDR, STORE_BOTH_SRC },
	{ STORE_DST_ADDR, STORE_BOTH_DST },
	{ STORE_GATEWAY_ADDR, STORE_BOTH_GATEWAY },
};
/* clang-format on */

enum store_err
store_families(uint32_t fields)
{
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if ((fields & pairs[i].both) == pairs[i].both)
			return (pairs[i].err);
	return (STORE_OK);
}

/* Bytes of the groups, without the checksum. */
static inline size_t
size_of(uint32_t fields)
{
	size_t n = 0;

#define SIZE(group, size, v2size, any, name, v2get) \
	n += fields & STORE_##group ? size : 0;
	GROUPS(SIZE)
#undef SIZE
	return (n);
}

void
store_derive(struct flow *f, uint32_t fields)
{
	if ((fields & STORE_AGENT_INFO) == 0)
		return;
	if (f->version == 5) {
		f->engine_type = repair_engine(f->engine_type);
		f->engine_id = repair_engine(f->engine_id);
	}
	if (lacks_source(f))
		flow_unset(f, FLOW_SOURCE_ID);
	if (!has_uptime(f)) {
		flow_unset(f, FLOW_SYS_UPTIME);
		return;
	}
	/* A router that was never told the time says 0. */
	if ((fields & STORE_FLOW_TIMES) == 0 || f->export_time == 0)
		return;
	f->start =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->start_uptime);
	f->end =
	    flow_uptime_to_time(f->export_time, f->sys_uptime, f->end_uptime);
	flow_set(f, FLOW_START);
	flow_set(f, FLOW_END);
	f->clock = CLOCK_UPTIME;
}

void
store_flow(struct flow *f, const uint8_t *p, uint32_t fields)
{
	p += STORE_HDRLEN;
	flow_clear(f);
#define GET(group, size, v2size, any, name, v2get) \
	if (fields & STORE_##group) {              \
		get_##name(p, f);                  \
		p += size;                         \
		f->has.w[0] |= (any) & ~NOT_READ;  \
	}
	GROUPS(GET)
#undef GET
	store_derive(f, fields);
}

enum store_err
store_head(const uint8_t *p, size_t left, struct store_head *h)
{
	uint32_t fields;
	enum store_err err;

	if (left == 0)
		return (STORE_EOF);
	if (left < STORE_HDRLEN)
		return (STORE_SHORT);
	if (STORE_MAJOR(p[0]) != 3)
		return (STORE_VERSION_BAD);
	h->len = STORE_HDRLEN + (size_t)p[1] * 4;
	if (h->len > STORE_RECMAX)
		return (STORE_TOOLONG);
	fields = be32(p + 4);
	if (STORE_MINOR(p[0]) == 0 && (fields & ~STORE_ALL) != 0)
		return (STORE_UNKNOWN);
	if ((err = store_families(fields)) != STORE_OK)
		return (err);
	h->known = STORE_HDRLEN + size_of(fields);
	if (h->len < h->known + (fields & STORE_CRC32 ? CRCLEN : 0))
		return (STORE_LENGTH);
	/* Fields of a later minor version stand between, and are not in it. */
	h->crc = fields & ~STORE_ALL ? h->len - CRCLEN : h->known;
	if ((fields & STORE_CRC32) == 0)
		h->crc = 0;
	return (h->len > left ? STORE_SHORT : STORE_OK);
}

/* The same, and its checksum; no value is looked at. */
static enum store_err
check(const uint8_t *p, size_t left, struct store_head *h)
{
	enum store_err err = store_head(p, left, h);

	if (err != STORE_OK || h->crc == 0)
		return (err);
	return (be32(p + h->crc) == crc_update(0, p, h->known) ? STORE_OK
							       : STORE_CRC);
}

enum store_err
store_read(struct rd *rd, struct store_record *rec)
{
	const uint8_t *p = rd->p;
	struct store_head h;
	enum store_err err;

	if ((err = check(p, rd->left, &h)) != STORE_OK)
		return (err);
	rec->version = p[0];
	rec->fields = be32(p + 4) & STORE_ALL;
	rec->crc = h.crc != 0 ? be32(p + h.crc) : 0;
	store_flow(&rec->flow, p, rec->fields);
	rd_skip(rd, h.len);
	return (STORE_OK);
}

/*
 * Stricter than check(): a header as some writer made it, for bytes that may
 * be anything.
 */
static bool
is_head(const uint8_t *p, size_t left)
{
	size_t len, need;
	uint32_t fields;

	if (left < STORE_HDRLEN)
		return (STORE_MAJOR(p[0]) == 3);
	if (STORE_MAJOR(p[0]) != 3 || p[2] != 0 || p[3] != 0)
		return (false);
	fields = be32(p + 4);
	len = (size_t)p[1] * 4;
	need = size_of(fields) + (fields & STORE_CRC32 ? CRCLEN : 0);
	if (len + STORE_HDRLEN > STORE_RECMAX ||
	    store_families(fields) != STORE_OK)
		return (false);
	if (STORE_MINOR(p[0]) == 0)
		return ((fields & ~STORE_ALL) == 0 && len == need);
	return (len >= need);
}

/*
 * A checksum that holds is proof enough; without one, what is behind the
 * record has to look right, too.
 */
static bool
is_record(const uint8_t *p, size_t left)
{
	struct store_head h;

	if (!is_head(p, left) || check(p, left, &h) != STORE_OK)
		return (false);
	return (
	    h.crc != 0 || h.len == left || is_head(p + h.len, left - h.len));
}

size_t
store_resync(const struct rd *rd)
{
	size_t i;

	for (i = 0; i < rd->left; i++)
		if (STORE_MAJOR(rd->p[i]) == 3 &&
		    is_record(rd->p + i, rd->left - i))
			return (i);
	return (rd->left);
}
