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
 * Sequences of datagrams, fed to one decoder: templates, data, templates that
 * replace them.  An input is a run of
 *	1 byte	who sends: bits 0-2 the exporter, bit 3 configured, bit 4
 *		trusted, bit 5 with a sampling rate
 *	2 bytes	length
 *	...	the datagram
 * The limits are small, so that what happens at them is met.
 */

#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
take(void *arg, struct flow *f)
{
	uint32_t *flows = arg;

	check_flow(f);
	++*flows;
}

static void
feed(struct decoder *d, uint8_t who, const struct rd *pkt, uint32_t *flows)
{
	static uint64_t lost, recovered;
	struct dec_source src = {.recv_time = INT64_C(1700000000000000000)};
	struct dec_report r;
	enum dec_result result;
	uint8_t *copy;

	src.agent.family = ADDR_V4;
	src.agent.b[0] = 10;
	src.agent.b[3] = who & 7;
	src.configured = (who & 8) != 0;
	src.trusted = (who & 16) != 0;
	src.sampling = (who & 32) != 0 ? 10 : 0;
	if ((copy = malloc(pkt->left + 1)) == NULL)
		return;
	memcpy(copy, pkt->p, pkt->left);
	*flows = 0;
	result = decode_packet(d, &src, rd_init(copy, pkt->left), &r);
	free(copy);
	REQUIRE(result < DEC_MAX && dec_strerror(result) != NULL);
	REQUIRE(r.flows == *flows);
	REQUIRE(result != DEC_NOTEMPLATE ||
	    (r.flows == 0 && r.templates == 0 && r.sets_no_template > 0));
	lost += r.seq_lost;
	recovered += r.seq_recovered;
	REQUIRE(recovered <= lost);
	check_usage(d, &limits_small);
	if (who & 0x80)
		decode_forget(d, &src.agent, 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd rd = rd_init(data, size), pkt;
	struct decoder *d;
	struct dec_usage u;
	struct addr agent = {.family = ADDR_V4, .b = {10}};
	uint32_t flows;
	uint16_t len;
	uint8_t who;

	if ((d = decode_new(&limits_small, take, &flows)) == NULL)
		return (0);
	decode_names(d, true);
	while (rd_u8(&rd, &who) == 0 && rd_u16(&rd, &len) == 0) {
		if (len > rd.left)
			len = (uint16_t)rd.left;
		if (rd_sub(&rd, len, &pkt) == -1)
			break;
		feed(d, who, &pkt, &flows);
	}
	for (who = 0; who < 8; who++) {
		agent.b[3] = who;
		decode_forget(d, &agent, 0);
	}
	/* What is forgotten is given back. */
	decode_usage(d, &u);
	REQUIRE(u.domains == 0 && u.templates == 0 && u.facts == 0);
	decode_free(d);
	return (0);
}
