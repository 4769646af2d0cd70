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
 * A state file of any bytes is loaded into a decoder with small limits; then a
 * datagram is decoded by what it taught, and all of it is saved and loaded
 * again.  An input is
 *	2 bytes	length of the datagram, which comes
 *	...	first
 *	...	the state file
 */

#include <stdlib.h>
#include <string.h>

#include "decode/save.h"

#define NOW (INT64_C(1700000000) * NSEC_PER_SEC)
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
    .facts = 24,
    .facts_domain = 12,
    .bytes = 64 * 1024};

struct file {
	uint8_t b[1 << 20];
	size_t len;
};

static void
ignore(void *arg, struct flow *f)
{
	(void)arg;
	(void)f;
}

static int
append(void *arg, const void *p, size_t len)
{
	struct file *f = arg;

	REQUIRE(len <= sizeof(f->b) - f->len);
	memcpy(f->b + f->len, p, len);
	f->len += len;
	return (0);
}

static bool
source(void *arg, struct dec_source *src)
{
	(void)arg;
	src->configured = (src->agent.b[3] & 1) != 0;
	return (src->agent.b[0] != 1);
}

static const struct state_reader how = {.time = NOW, .source = source};

static void
check(const struct decoder *d)
{
	struct dec_usage u;

	decode_usage(d, &u);
	REQUIRE(u.domains <= limits.domains);
	REQUIRE(u.templates <= limits.templates);
	REQUIRE(u.facts <= limits.facts);
	REQUIRE(u.bytes <= limits.bytes);
}

/* All that was saved is understood, and all of it finds room. */
static void
check_round(const struct decoder *d)
{
	const struct state_info info = {.time = NOW, .clean = true};
	static struct file file;
	struct decoder *again = decode_new(NULL, ignore, NULL);
	struct state_report report;
	struct dec_usage a, b;

	REQUIRE(again != NULL);
	file.len = 0;
	REQUIRE(decode_save(d, &info, append, &file) == 0);
	REQUIRE(decode_load(again, rd_init(file.b, file.len), &how, &report) ==
	    STATE_OK);
	REQUIRE(report.damaged + report.unknown + report.refused == 0);
	REQUIRE(!report.cut);
	decode_usage(d, &a);
	decode_usage(again, &b);
	if (report.unwanted == 0)
		REQUIRE(a.templates == b.templates && a.facts == b.facts);
	decode_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dec_source src = {.recv_time = NOW};
	struct decoder *d = decode_new(&limits, ignore, NULL);
	struct state_report state;
	struct dec_report report;
	struct rd rd = rd_init(data, size), pkt = {0};
	uint16_t len;

	REQUIRE(d != NULL);
	if (rd_u16(&rd, &len) == 0 && rd_sub(&rd, len, &pkt) == 0) {
		(void)decode_load(d, rd, &how, &state);
		check(d);
		check_round(d);
		src.agent.family = ADDR_V4;
		src.agent.b[0] = 192;
		src.agent.b[3] = 1;
		(void)decode_packet(d, &src, pkt, &report);
		check(d);
		check_round(d);
	}
	decode_free(d);
	return (0);
}
