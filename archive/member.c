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

#include <string.h>

#include "archive/member.h"

enum column_type
member_type(unsigned int id)
{
	static const enum column_type types[FT_MAX] = {
	    [FT_U8] = CT_NUMBER,
	    [FT_U16] = CT_NUMBER,
	    [FT_U32] = CT_NUMBER,
	    [FT_U64] = CT_NUMBER,
	    [FT_TIME] = CT_TIME,
	    [FT_ADDR] = CT_ADDR,
	    [FT_MAC] = CT_BYTES,
	    [FT_APPID] = CT_BYTES,
	    [FT_LABELS] = CT_BYTES,
	    [FT_TEXT] = CT_BYTES,
	};

	return (id < FLOW_NFIELDS ? types[fields[id].type] : CT_NUMBER);
}

static struct flow_text
labels(const uint32_t *label, char *buf)
{
	unsigned int i;

	for (i = 0; i < FLOW_MPLS_MAX && label[i] != 0; i++) {
		buf[i * 4] = (char)label[i];
		buf[i * 4 + 1] = (char)(label[i] >> 8);
		buf[i * 4 + 2] = (char)(label[i] >> 16);
		buf[i * 4 + 3] = (char)(label[i] >> 24);
	}
	return ((struct flow_text){buf, (uint16_t)(i * 4)});
}

struct flow_text
member_bytes(const struct flow *f, const struct field *fd, char *buf)
{
	const void *m = field_cptr(f, fd);
	const uint8_t *b = m;

	switch (fd->type) {
	case FT_MAC:
		return ((struct flow_text){m, 6});
	case FT_APPID:
		return ((struct flow_text){(const char *)b + 1,
		    b[0] <= FLOW_APPID_MAX ? b[0] : FLOW_APPID_MAX});
	case FT_LABELS:
		return (labels(m, buf));
	case FT_TEXT:
		return (*(const struct flow_text *)m);
	default:
		return ((struct flow_text){NULL, 0});
	}
}

static void
set_labels(uint32_t *label, struct flow_text t)
{
	const uint8_t *b = (const uint8_t *)t.p;
	unsigned int i;

	memset(label, 0, FLOW_MPLS_MAX * sizeof(*label));
	for (i = 0; i < FLOW_MPLS_MAX && i < t.len / 4U; i++, b += 4)
		label[i] = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
		    (uint32_t)b[3] << 24;
}

void
member_set_bytes(struct flow *f, const struct field *fd, struct flow_text t)
{
	void *m = field_ptr(f, fd);
	uint8_t *b = m;

	switch (fd->type) {
	case FT_MAC:
		memset(b, 0, 6);
		memcpy(b, t.len == 0 ? "" : t.p, t.len < 6 ? t.len : 6);
		return;
	case FT_APPID:
		if (t.len > FLOW_APPID_MAX)
			t.len = FLOW_APPID_MAX;
		memset(b, 0, 1 + FLOW_APPID_MAX);
		b[0] = (uint8_t)t.len;
		memcpy(b + 1, t.len == 0 ? "" : t.p, t.len);
		return;
	case FT_LABELS:
		set_labels(m, t);
		return;
	case FT_TEXT:
		*(struct flow_text *)m = t;
		return;
	default:
		return;
	}
}

uint64_t
member_number(const struct flow *f, const struct field *fd)
{
	int64_t t;

	if (fd->type != FT_TIME)
		return (field_number(f, fd));
	memcpy(&t, field_cptr(f, fd), sizeof(t));
	return ((uint64_t)t);
}

void
member_set_number(struct flow *f, const struct field *fd, uint64_t n)
{
	void *m = field_ptr(f, fd);

	switch (fd->type) {
	case FT_U8:
		*(uint8_t *)m = (uint8_t)n;
		return;
	case FT_U16:
		*(uint16_t *)m = (uint16_t)n;
		return;
	case FT_U32:
		*(uint32_t *)m = (uint32_t)n;
		return;
	case FT_U64:
		*(uint64_t *)m = n;
		return;
	case FT_TIME:
		*(int64_t *)m = (int64_t)n;
		return;
	default:
		return;
	}
}
