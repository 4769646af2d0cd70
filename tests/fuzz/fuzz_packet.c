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
 * Captured frames, as flowd-reader --pcap takes them: a byte that chooses the
 * link type, then frames with two bytes of length before each.
 */

#include <pcap/dlt.h>

#include <stdlib.h>

#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const int links[] = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_RAW,
    DLT_NULL, DLT_PPP, DLT_PPP_ETHER, DLT_C_HDLC, DLT_ENC, DLT_PFLOG,
    DLT_USER0};

#define NLINKS (sizeof(links) / sizeof(links[0]))

static void
need(bool holds)
{
	if (!holds)
		abort();
}

/* Every byte of it can be read, which a checker watches. */
static void
touch(const struct rd *rd)
{
	volatile uint8_t sum = 0;
	size_t i;

	for (i = 0; i < rd->left; i++)
		sum = (uint8_t)(sum + rd->p[i]);
}

static void
take(struct frags *frags, int link, struct rd frame, int64_t now)
{
	struct datagram dg;
	enum datagram_result result = datagram_parse(link, frame, &dg);

	need(result < DATAGRAM_MAX);
	if (result != DATAGRAM_UDP && result != DATAGRAM_FRAGMENT)
		return;
	need(dg.src.family == ADDR_V4 || dg.src.family == ADDR_V6);
	need(dg.src.family == dg.dst.family);
	need(dg.payload.p >= frame.p &&
	    dg.payload.p + dg.payload.left <= frame.p + frame.left);
	touch(&dg.payload);
	if (result == DATAGRAM_FRAGMENT && frags_add(frags, &dg, now)) {
		touch(&dg.payload);
		need(datagram_udp(&dg) < DATAGRAM_FRAGMENT ||
		    dg.payload.left <= 65535);
		touch(&dg.payload);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct rd rd = rd_init(p, len), frame;
	struct frags *frags = frags_new();
	int64_t now = 0;
	uint16_t flen;
	uint8_t link;

	if (frags == NULL)
		return (0);
	if (rd_u8(&rd, &link) == 0)
		while (rd_u16(&rd, &flen) == 0) {
			if (rd_sub(&rd, flen, &frame) == -1)
				(void)rd_sub(&rd, rd.left, &frame);
			take(frags, links[link % NLINKS], frame, now);
			now += NSEC_PER_SEC;
		}
	(void)frags_lost(frags);
	frags_free(frags);
	return (0);
}
