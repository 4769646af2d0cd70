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

#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "field.h"

#define REQUIRE(x)               \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct dec_limits limits = {.domains = 8,
    .domains_exporter = 3,
    .templates = 24,
    .templates_domain = 12,
    .facts = 32,
    .facts_domain = 16,
    .bytes = 64 * 1024};

static bool
is_zero(const struct flow *f, const struct field *fd)
{
	static const struct flow none;

	/* It has the place of an address. */
	if (fd->bit == FLOW_SRC_PREFIX || fd->bit == FLOW_DST_PREFIX)
		return (true);
	if (flow_has(f, FLOW_SRC_PREFIX) && fd->bit == FLOW_SRC_ADDR)
		return (true);
	if (flow_has(f, FLOW_DST_PREFIX) && fd->bit == FLOW_DST_ADDR)
		return (true);
	return (memcmp(field_cptr(f, fd), field_cptr(&none, fd),
		    field_size(fd->type)) == 0);
}

/* All of it can be read. */
static void
check_text(const struct flow_text *t)
{
	REQUIRE(t->len > 0 && t->len <= FLOW_TEXT_MAX);
	REQUIRE(t->p[0] != '\0' && memchr(t->p, '\0', t->len) == NULL);
}

/* All of a text can be read. */
static bool
is_there(const struct flow_text *t)
{
	return (t->len <= FLOW_TEXT_MAX &&
	    (t->len == 0 || memchr(t->p, '\0', t->len) != t->p + t->len));
}

static void
check_flow(void *arg, struct flow *f)
{
	uint32_t *flows = arg;
	size_t i;

	/* A field whose bit is clear reads as zero. */
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (!flow_has(f, fields[i].bit))
			REQUIRE(is_zero(f, &fields[i]));
		else if (fields[i].type == FT_TEXT)
			check_text(field_cptr(f, &fields[i]));
	for (i = 0; i < FLOW_NFIELDS; i++)
		if (fields[i].type == FT_TEXT && flow_has(f, fields[i].bit))
			REQUIRE(is_there(field_cptr(f, &fields[i])));
	REQUIRE(flow_has(f, FLOW_AGENT) && flow_has(f, FLOW_VERSION));
	REQUIRE(!flow_has(f, FLOW_TAG));
	REQUIRE(f->application_id[0] <= FLOW_APPID_MAX);
	if (flow_has(f, FLOW_START) || flow_has(f, FLOW_END))
		REQUIRE(f->clock != CLOCK_NONE);
	/* An unset clock makes no flow of 1970. */
	if (flow_has(f, FLOW_START))
		REQUIRE(f->start >= INT64_C(315532800) * NSEC_PER_SEC);
	if (flow_has(f, FLOW_END))
		REQUIRE(f->end >= INT64_C(315532800) * NSEC_PER_SEC);
	++*flows;
	/* What is done to a flow is not seen in the next. */
	f->tag = UINT32_MAX;
	flow_set(f, FLOW_TAG);
}

static void
feed(struct decoder *d, uint8_t who, const struct rd *pkt, uint32_t *flows)
{
	static uint64_t lost, recovered;
	struct dec_source src = {.recv_time = INT64_C(1700000000000000000)};
	struct dec_report r;
	struct dec_usage u;
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
	decode_usage(d, &u);
	REQUIRE(u.domains <= limits.domains);
	REQUIRE(u.templates <= limits.templates);
	REQUIRE(u.facts <= limits.facts);
	REQUIRE(u.bytes <= limits.bytes);
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

	if ((d = decode_new(&limits, check_flow, &flows)) == NULL)
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
