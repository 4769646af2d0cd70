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
 * Packets: the link and whether tunnels are entered in the first byte, and
 * then a frame.
 */

#include <stdlib.h>
#include <string.h>

#include "decode/packet.h"
#include "field.h"

#define INNER 0x80

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static void
decode(uint8_t how, const uint8_t *p, size_t len, struct flow *f)
{
	struct packet pkt;
	uint8_t *copy;

	if ((copy = malloc(len == 0 ? 1 : len)) == NULL)
		exit(0);
	memcpy(copy, p, len);
	memset(f, 0, sizeof(*f));
	packet_decode((enum packet_link)(how % PACKET_MAX), rd_init(copy, len),
	    (how & INNER) != 0, f, &pkt);
	free(copy);
	need((how & INNER) != 0 || !pkt.tunnel);
	need(pkt.ip_len <= 65535 + 40);
}

/* What has no bit is as it was. */
static void
check(const struct flow *f)
{
	static const struct flow none;
	static const size_t size[FT_MAX] = {[FT_U8] = 1,
	    [FT_U16] = 2,
	    [FT_U32] = 4,
	    [FT_U64] = 8,
	    [FT_TIME] = 8,
	    [FT_ADDR] = sizeof(struct addr),
	    [FT_MAC] = 6,
	    [FT_LABELS] = FLOW_MPLS_MAX * sizeof(uint32_t)};
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		/* A prefix is in the place of the address. */
		if (!flow_has(f, fields[i].bit) &&
		    fields[i].bit != FLOW_SRC_PREFIX &&
		    fields[i].bit != FLOW_DST_PREFIX)
			need(memcmp(field_cptr(f, &fields[i]),
				 field_cptr(&none, &fields[i]),
				 size[fields[i].type]) == 0);
	need(!flow_has(f, FLOW_SRC_PREFIX) && !flow_has(f, FLOW_DST_PREFIX));
	need(!flow_has(f, FLOW_DST_ADDR) || flow_has(f, FLOW_SRC_ADDR));
	need(f->src_addr.family == f->dst_addr.family ||
	    !flow_has(f, FLOW_DST_ADDR));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct flow whole, part;
	uint8_t how;
	size_t i;

	if (len == 0)
		return (0);
	how = *p++;
	len--;
	decode(how, p, len, &whole);
	check(&whole);
	decode(how, p, len / 2, &part);
	check(&part);
	/* A cut adds nothing.  (Outside of a tunnel there is more to say.) */
	for (i = 0; i < FLOW_WORDS && (how & INNER) == 0; i++)
		need((part.has.w[i] & ~whole.has.w[i]) == 0);
	return (0);
}
