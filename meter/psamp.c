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

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "flow.h"
#include "meter/psamp.h"

#define VERSION_IPFIX 10
#define SET_TEMPLATES 2
#define SET_OPTIONS 3
#define OPTIONS (PSAMP_TEMPLATE + 1)
#define SEQUENCE_ID 1 /* there is one selection, RFC 5477 8.1.1 */

#define HEADER 16
#define FIXED (4 + 8 + 8 + 2) /* of the set: in front of the frame */
/*
 * softflowd 1.1 has 1390 bytes of the frame in each message, zeros behind it.
 * Ours end with the frame's true length in the place of the last two, where a
 * receiver of theirs does not look: what it reads is 410 bytes long.
 */
#define SECTION_11 (PSAMP_MESSAGE - HEADER - FIXED)
#define SECTION (SECTION_11 - 2)

/* Templates again. */
#define EVERY_MESSAGES 256
#define EVERY_NS (60 * NSEC_PER_SEC)

#define NTP_1970 UINT64_C(2208988800)
#define NTP_US_BITS UINT32_C(2047) /* of the fraction: of no meaning */

struct psamp {
	uint32_t domain;
	uint32_t sampling;
	uint32_t sequence; /* data records before the next message */
	uint32_t messages; /* since the templates */
	int64_t last;	   /* when they went */
	bool begun;
};

struct psamp *
psamp_new(uint32_t domain, uint32_t sampling)
{
	struct psamp *p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (NULL);
	p->domain = domain;
	p->sampling = sampling;
	return (p);
}

void
psamp_free(struct psamp *p)
{
	free(p);
}

bool
psamp_due(const struct psamp *p, int64_t now)
{
	return (!p->begun || p->messages >= EVERY_MESSAGES ||
	    now - p->last >= EVERY_NS || now < p->last);
}

/*
 * RFC 7011 6.1.9, rounded so that who cuts it to microseconds gets those it
 * was.
 */
static uint64_t
ntp_us(int64_t t)
{
	const uint64_t us = (uint64_t)(t < 0 ? 0 : t) / 1000;
	uint64_t fraction = (us % 1000000 << 32) / 1000000;

	fraction = (fraction + 1 + NTP_US_BITS) & ~(uint64_t)NTP_US_BITS;
	if (us % 1000000 == 0)
		fraction = 0;
	return ((us / 1000000 + NTP_1970) << 32 | fraction);
}

static int64_t
from_ntp_us(uint64_t ntp)
{
	const uint32_t fraction = (uint32_t)ntp & ~NTP_US_BITS;
	uint64_t secs = ntp >> 32;

	/* Its second era begins in 2036. */
	if (secs < NTP_1970)
		secs += UINT64_C(1) << 32;
	return ((int64_t)(secs - NTP_1970) * NSEC_PER_SEC +
	    (int64_t)((uint64_t)fraction * 1000000 >> 32) * 1000);
}

static struct wr
message(const struct psamp *p, int64_t now, uint8_t buf[PSAMP_MESSAGE])
{
	struct wr wr = wr_init(buf, PSAMP_MESSAGE);

	(void)wr_u16(&wr, VERSION_IPFIX);
	(void)wr_u16(&wr, PSAMP_MESSAGE);
	(void)wr_u32(&wr, (uint32_t)(now / NSEC_PER_SEC));
	(void)wr_u32(&wr, p->sequence);
	(void)wr_u32(&wr, p->domain);
	return (wr);
}

static void
fields(struct wr *wr, const uint16_t (*f)[2], size_t n)
{
	for (; n > 0; n--, f++) {
		(void)wr_u16(wr, (*f)[0]);
		(void)wr_u16(wr, (*f)[1]);
	}
}
#define NFIELDS(f) (sizeof(f) / sizeof((f)[0]))

static void
put_template(struct wr *wr)
{
	static const uint16_t f[][2] = {{301, 8}, {324, 8}, {410, 2},
	    {315, SECTION}, {312, 2}};

	(void)wr_u16(wr, SET_TEMPLATES);
	(void)wr_u16(wr, 8 + sizeof(f));
	(void)wr_u16(wr, PSAMP_TEMPLATE);
	(void)wr_u16(wr, NFIELDS(f));
	fields(wr, f, NFIELDS(f));
}

/* Of the selection: one packet, and then so many that are left out. */
static void
put_options(const struct psamp *p, struct wr *wr)
{
	static const uint16_t f[][2] = {{301, 8}, {304, 2}, {305, 4}, {306, 4}};

	(void)wr_u16(wr, SET_OPTIONS);
	(void)wr_u16(wr, 10 + sizeof(f));
	(void)wr_u16(wr, OPTIONS);
	(void)wr_u16(wr, NFIELDS(f));
	(void)wr_u16(wr, 1); /* the first is the scope */
	fields(wr, f, NFIELDS(f));
	(void)wr_u16(wr, OPTIONS);
	(void)wr_u16(wr, 4 + 8 + 2 + 4 + 4);
	(void)wr_u64(wr, SEQUENCE_ID);
	(void)wr_u16(wr, 1);
	(void)wr_u32(wr, 1);
	(void)wr_u32(wr, p->sampling - 1);
}

size_t
psamp_template(struct psamp *p, int64_t now, uint8_t buf[PSAMP_MESSAGE])
{
	struct wr wr = message(p, now, buf), length = wr_init(buf + 2, 2);
	size_t len;

	put_template(&wr);
	if (p->sampling > 1) {
		put_options(p, &wr);
		p->sequence++;
	}
	len = PSAMP_MESSAGE - wr.left;
	(void)wr_u16(&length, (uint16_t)len);
	p->begun = true;
	p->messages = 0;
	p->last = now;
	return (len);
}

size_t
psamp_packet(struct psamp *p, const struct frame *f, uint8_t buf[PSAMP_MESSAGE])
{
	const uint16_t part =
	    (uint16_t)(f->caplen < SECTION ? f->caplen : SECTION);
	struct wr wr = message(p, f->time, buf);

	(void)wr_u16(&wr, PSAMP_TEMPLATE);
	(void)wr_u16(&wr, PSAMP_MESSAGE - HEADER);
	(void)wr_u64(&wr, SEQUENCE_ID);
	(void)wr_u64(&wr, ntp_us(f->time));
	(void)wr_u16(&wr, part);
	(void)wr_bytes(&wr, f->data, part);
	memset(wr.p, 0, wr.left);
	wr = wr_init(buf + PSAMP_MESSAGE - 2, 2);
	(void)wr_u16(&wr,
	    (uint16_t)(f->len < UINT16_MAX ? f->len : UINT16_MAX));
	p->sequence++;
	p->messages++;
	return (PSAMP_MESSAGE);
}

/* The record of the set: of softflowd 1.1, or with the true length. */
static int
take_record(struct rd rd, struct frame *f)
{
	uint64_t id, time;
	uint16_t part, len;
	struct rd end;

	if (rd_u64(&rd, &id) == -1 || rd_u64(&rd, &time) == -1 ||
	    rd_u16(&rd, &part) == -1 || rd.left < SECTION_11 || part == 0 ||
	    part > SECTION_11)
		return (-1);
	end = rd_init(rd.p + SECTION, 2);
	if (part > SECTION || rd_u16(&end, &len) == -1 || len < part)
		len = part;
	*f = (struct frame){.data = rd.p,
	    .caplen = part,
	    .len = len,
	    .time = from_ntp_us(time)};
	return (0);
}

int
psamp_frame(const uint8_t *p, size_t n, struct frame *f)
{
	struct rd rd = rd_init(p, n), set;
	uint16_t version, len, id;

	if (rd_u16(&rd, &version) == -1 || version != VERSION_IPFIX ||
	    rd_u16(&rd, &len) == -1 || len < HEADER || len > n)
		return (-1);
	rd = rd_init(p + HEADER, len - HEADER);
	while (rd_u16(&rd, &id) == 0 && rd_u16(&rd, &len) == 0) {
		if (len < 4 || rd_sub(&rd, len - 4, &set) == -1)
			return (-1);
		if (id == PSAMP_TEMPLATE)
			return (take_record(set, f));
	}
	return (-1);
}
