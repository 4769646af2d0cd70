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
 * Flows of every kind, and whether two are the same.
 */

#ifndef FLOWS_H
#define FLOWS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "flow.h"

static uint64_t flows_seed = 88172645463325252;

static inline uint64_t
flows_random(void)
{
	uint64_t x = flows_seed;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (flows_seed = x);
}

static inline void
flows_addr(struct addr *a, uint64_t r)
{
	unsigned int i;

	memset(a, 0, sizeof(*a));
	a->family = r % 3 == 0 ? ADDR_V6 : ADDR_V4;
	for (i = 0; i < addr_bits(a) / 8; i++)
		a->b[i] = (uint8_t)(r >> i % 8 * 5);
}

static inline void
flows_labels(uint32_t *label, uint64_t r)
{
	unsigned int i, n = (unsigned int)(r % (FLOW_MPLS_MAX + 1));

	for (i = 0; i < FLOW_MPLS_MAX; i++)
		label[i] = i < n ? (uint32_t)(r >> i & 0xfffff) | 1 : 0;
}

/* A field of it: any value, of some that come again. */
static inline void
flows_field(struct flow *f, const struct field *fd, uint64_t r)
{
	static const char text[] = "eth0/0/0.100 and \xff so on";
	struct flow_text *t;
	uint8_t *m = field_ptr(f, fd);

	flow_set(f, fd->bit);
	switch (fd->type) {
	case FT_ADDR:
		flows_addr(field_ptr(f, fd), r);
		return;
	case FT_APPID:
		m[0] = (uint8_t)(r % (FLOW_APPID_MAX + 1));
		memset(m + 1, (int)(r >> 8 & 0xff), m[0]);
		return;
	case FT_LABELS:
		flows_labels(field_ptr(f, fd), r);
		return;
	case FT_TEXT:
		t = field_ptr(f, fd);
		t->p = text + r % 7;
		t->len = (uint16_t)(1 + r / 7 % 15);
		return;
	default:
		memcpy(m, &r, field_size(fd->type));
		return;
	}
}

/*
 * Flow i of a row: common fields as exporters have them, and now and then
 * every other one.
 */
static inline void
flows_make(struct flow *f, uint32_t i)
{
	static const enum flow_field common[] = {FLOW_RECV_TIME, FLOW_AGENT,
	    FLOW_VERSION, FLOW_SEQUENCE, FLOW_EXPORT_TIME, FLOW_SYS_UPTIME,
	    FLOW_START, FLOW_END, FLOW_START_UPTIME, FLOW_END_UPTIME,
	    FLOW_PROTOCOL, FLOW_TCP_FLAGS, FLOW_SRC_ADDR, FLOW_DST_ADDR,
	    FLOW_SRC_PORT, FLOW_DST_PORT, FLOW_PACKETS, FLOW_OCTETS,
	    FLOW_SRC_AS, FLOW_SAMPLING_RATE};
	const uint64_t r = flows_random();
	size_t k;

	memset(f, 0, sizeof(*f));
	for (k = 0; k < sizeof(common) / sizeof(common[0]); k++)
		flow_set(f, common[k]);
	f->recv_time = 1763722800 * NSEC_PER_SEC + i / 30 * INT64_C(1234567);
	f->export_time = 1763722799 * NSEC_PER_SEC + i / 30 * NSEC_PER_SEC;
	f->sys_uptime = 100000 + i / 30 * 1000;
	f->end = f->export_time - (int64_t)(r % 1000) * NSEC_PER_MSEC;
	f->start = f->end - (int64_t)(r % 77777) * NSEC_PER_MSEC;
	f->end_uptime = f->sys_uptime - (uint32_t)(r % 1000);
	f->start_uptime = f->end_uptime - (uint32_t)(r % 77777);
	f->sequence = i / 30 * 30;
	f->version = i / 1000 % 2 ? 9 : 5;
	f->clock = CLOCK_UPTIME;
	f->sampling = SAMPLING_OPTIONS;
	f->sampling_rate = 100;
	flows_addr(&f->agent, 1 + 3 * (i / 30 % 2));
	flows_addr(&f->src_addr, 1 + r % 300 * 3);
	flows_addr(&f->dst_addr, r >> 8 & 0xffffff);
	f->src_as = f->src_addr.b[0] % 7U;
	f->src_port = (uint16_t)(r >> 32);
	f->dst_port = r >> 48 & 1 ? 443 : 53;
	f->protocol = f->dst_port == 443 ? 6 : 17;
	f->tcp_flags = f->dst_port == 443 ? 0x1b : 0;
	f->packets = 1 + (r >> 20) % 100;
	f->octets = f->packets * (40 + (r >> 24) % 1460);
	if (r % 50 == 0)
		f->octets <<= 20;
}

/* The same, and any of the other fields. */
static inline void
flows_make_rare(struct flow *f, uint32_t i)
{
	uint64_t r = flows_random();
	size_t k;

	flows_make(f, i);
	for (k = 0; k < FLOW_NFIELDS; k++)
		if (!flow_has(f, fields[k].bit) &&
		    fields[k].bit != FLOW_SRC_PREFIX &&
		    fields[k].bit != FLOW_DST_PREFIX &&
		    (r >> i / 16 % 8) % 8 == k % 8)
			flows_field(f, &fields[k], flows_random() % 1000 * r);
}

static inline bool
flows_equal_field(const struct flow *a, const struct flow *b,
    const struct field *fd)
{
	const struct flow_text *s, *t;

	if (fd->type != FT_TEXT)
		return (memcmp(field_cptr(a, fd), field_cptr(b, fd),
			    field_size(fd->type)) == 0);
	s = field_cptr(a, fd);
	t = field_cptr(b, fd);
	return (s->len == t->len &&
	    (s->len == 0 || memcmp(s->p, t->p, s->len) == 0));
}

/* NULL, or the name of what differs. */
static inline const char *
flows_differ(const struct flow *a, const struct flow *b)
{
	size_t k;

	if (memcmp(&a->has, &b->has, sizeof(a->has)) != 0)
		return ("which fields there are");
	for (k = 0; k < FLOW_NFIELDS; k++)
		if (!flows_equal_field(a, b, &fields[k]))
			return (fields[k].name);
	if (a->clock != b->clock)
		return ("clock");
	return (a->sampling != b->sampling ? "sampling" : NULL);
}

#endif /* FLOWS_H */
