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
 * Records of version 2, which nobody writes any more.
 */

#include "compat/crc.h"
#include "store-groups.h"

#define V2_VERSION 0x40 /* major 2, for struct store_record */

static inline void
v2get_recv_time(const uint8_t *p, struct flow *f)
{
	f->recv_time = be32(p) * NSEC_PER_SEC;
}

static inline void
v2get_interfaces(const uint8_t *p, struct flow *f)
{
	f->in_if = be16(p);
	f->out_if = be16(p + 2);
}

static inline void
v2get_as_info(const uint8_t *p, struct flow *f)
{
	f->src_as = be16(p);
	f->dst_as = be16(p + 2);
	f->src_mask = p[4];
	f->dst_mask = p[5];
}

static inline void
v2get_engine(const uint8_t *p, struct flow *f)
{
	f->engine_type = p[0];
	f->engine_id = p[1];
	f->sequence = be32(p + 4);
}

static size_t
v2size_of(uint32_t fields)
{
	size_t n = 0;

#define SIZE(group, size, v2size, any, name, v2get) \
	n += fields & STORE_##group ? v2size : 0;
	GROUPS(SIZE)
#undef SIZE
	return (n);
}

static void
v2take(struct flow *f, const uint8_t *p, uint32_t fields)
{
	flow_clear(f);
#define GET(group, size, v2size, any, name, v2get) \
	if (fields & STORE_##group) {              \
		v2get(p, f);                       \
		p += v2size;                       \
		f->has.w[0] |= (any) & ~NOT_READ;  \
	}
	GROUPS(GET)
#undef GET
	store_derive(f, fields);
}

enum store_err
store_v2_header(struct rd *rd, uint32_t *start_time)
{
	const uint8_t *p = rd->p;

	if (rd->left == 0)
		return (STORE_EOF);
	if (rd->left < STORE_V2_HDRLEN)
		return (STORE_SHORT);
	if (be32(p) != STORE_V2_MAGIC)
		return (STORE_MAGIC);
	if (be32(p + 4) != 2)
		return (STORE_VERSION_BAD);
	*start_time = be32(p + 8);
	rd_skip(rd, STORE_V2_HDRLEN);
	return (STORE_OK);
}

enum store_err
store_v2_read(struct rd *rd, struct store_record *rec)
{
	const uint8_t *p = rd->p;
	uint32_t fields;
	size_t known, len;
	enum store_err err;

	if (rd->left == 0)
		return (STORE_EOF);
	if (rd->left < 4)
		return (STORE_SHORT);
	fields = be32(p);
	if ((fields & ~STORE_ALL) != 0)
		return (STORE_UNKNOWN);
	if ((err = store_families(fields)) != STORE_OK)
		return (err);
	known = 4 + v2size_of(fields);
	len = known + (fields & STORE_CRC32 ? CRCLEN : 0);
	if (len > rd->left)
		return (STORE_SHORT);
	if (len > known && be32(p + known) != crc_update(0, p, known))
		return (STORE_CRC);
	rec->version = V2_VERSION;
	rec->fields = fields;
	rec->crc = len > known ? be32(p + known) : 0;
	v2take(&rec->flow, p + 4, fields);
	rd_skip(rd, len);
	return (STORE_OK);
}
