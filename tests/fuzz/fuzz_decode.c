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
 *		trusted, bit 5 with a sampling rate; of the first one bit 6:
 *		flows get names
 *	2 bytes	length
 *	...	the datagram
 * The limits are small, so that what happens at them is met.  What comes out is
 * compared with what does if records are taken together.
 */

#include "tests/fuzz/check.h"
#include "tests/unit/bothways.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
feed(struct bothways *b, uint8_t who, const struct rd *pkt)
{
	static uint64_t lost, recovered;
	struct dec_source src = {.recv_time = INT64_C(1700000000000000000)};
	const struct dec_report *r = &b->report;
	const char *differs;
	uint8_t *copy;
	size_t i;

	src.agent.family = ADDR_V4;
	src.agent.b[0] = 10;
	src.agent.b[3] = who & 7;
	src.configured = (who & 8) != 0;
	src.trusted = (who & 16) != 0;
	src.sampling = (who & 32) != 0 ? 10 : 0;
	if ((copy = malloc(pkt->left + 1)) == NULL)
		return;
	memcpy(copy, pkt->p, pkt->left);
	if ((differs = bothways_feed(b, &src, rd_init(copy, pkt->left))) !=
	    NULL) {
		fprintf(stderr, "differs: %s\n", differs);
		abort();
	}
	for (i = 0; i < b->n; i++)
		check_flow(&b->f[i]);
	free(copy);
	REQUIRE(b->result < DEC_MAX && dec_strerror(b->result) != NULL);
	REQUIRE(b->result != DEC_NOTEMPLATE ||
	    (r->flows == 0 && r->templates == 0 && r->sets_no_template > 0));
	lost += r->seq_lost;
	recovered += r->seq_recovered;
	REQUIRE(recovered <= lost);
	check_usage(b->plain, &limits_small);
	check_usage(b->together, &limits_small);
	if (who & 0x80) {
		decode_forget(b->plain, &src.agent, 0);
		decode_forget(b->together, &src.agent, 0);
	}
}

/* What is forgotten is given back. */
static void
forget(struct decoder *d)
{
	struct addr agent = {.family = ADDR_V4, .b = {10}};
	struct dec_usage u;

	for (agent.b[3] = 0; agent.b[3] < 8; agent.b[3]++)
		decode_forget(d, &agent, 0);
	decode_usage(d, &u);
	REQUIRE(u.domains == 0 && u.templates == 0 && u.facts == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd rd = rd_init(data, size), pkt;
	struct bothways b;
	uint16_t len;
	uint8_t who;

	bothways_init(&b, &limits_small);
	b.whim = (enum whim)(size % TAKE_WHIMS);
	if (size > 0 && data[0] & 0x40) {
		decode_names(b.plain, true);
		decode_names(b.together, true);
	}
	while (rd_u8(&rd, &who) == 0 && rd_u16(&rd, &len) == 0) {
		if (len > rd.left)
			len = (uint16_t)rd.left;
		if (rd_sub(&rd, len, &pkt) == -1)
			break;
		feed(&b, who, &pkt);
	}
	forget(b.plain);
	forget(b.together);
	bothways_clear(&b);
	return (0);
}
