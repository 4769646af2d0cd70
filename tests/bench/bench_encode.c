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
 * What a record costs to encode, in nanoseconds: the best of several runs,
 * since the machine may have other things to do.
 *
 *	bench_encode.x [version records]
 *
 * With those it only encodes so many, for counters of another program:
 * perf stat -e instructions:u
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "encode/encode.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define RUNS 9
#define FLOWS 400000
#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)

/* Of softflowd: IPv4, and the counters of 64 bits. */
static const struct enc_field record[] = {{0, 8, 4}, {0, 12, 4}, {0, 22, 4},
    {0, 21, 4}, {0, 1, 8}, {0, 2, 8}, {0, 10, 4}, {0, 14, 4}, {0, 61, 1},
    {0, 136, 1}, {0, 7, 2}, {0, 11, 2}, {0, 4, 1}, {0, 6, 1}, {0, 60, 1},
    {0, 5, 1}};
/* Of both directions, with nanoseconds and names. */
static const struct enc_field biflow[] = {{0, 27, 16}, {0, 28, 16}, {0, 156, 8},
    {0, 157, 8}, {0, 1, 8}, {0, 2, 8}, {0, 10, 4}, {0, 14, 4}, {0, 136, 1},
    {0, 7, 2}, {0, 11, 2}, {0, 4, 1}, {0, 6, 1}, {0, 5, 1}, {29305, 1, 8},
    {29305, 2, 8}, {29305, 6, 1}, {29305, 5, 1}, {0, 58, 2},
    {35632, 205, ENC_VARIABLE}};

static uint64_t octets;

static void
take(void *arg, const struct enc_message *m)
{
	(void)arg;
	octets += m->len;
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
fill(struct flow *f, bool v6)
{
	memset(f, 0, sizeof(*f));
	f->src_addr = (struct addr){v6 ? ADDR_V6 : ADDR_V4, {10, 0, 0, 1}};
	f->dst_addr = (struct addr){v6 ? ADDR_V6 : ADDR_V4, {10, 0, 0, 2}};
	f->start = T0 - 5 * NSEC_PER_SEC;
	f->end = T0 - 123456789;
	f->octets = 123456;
	f->packets = 321;
	f->in_if = f->out_if = 2;
	f->src_port = 51515;
	f->dst_port = 443;
	f->protocol = 6;
	f->tcp_flags = 0x1b;
	f->dns_name = (struct flow_text){"www.example.com", 15};
}

static struct encoder *
stream(uint16_t version, const struct enc_field *field, size_t n)
{
	const struct enc_config config = {.version = version,
	    .payload = 1428,
	    .boot = T0 - 3600 * NSEC_PER_SEC,
	    .every_messages = 16};
	struct encoder *e;

	if ((e = encoder_new(&config, take, NULL)) == NULL ||
	    (version >= 9 && encoder_template(e, 256, field, n) != 0))
		abort();
	return (e);
}

static void
records(struct encoder *e, struct flow *f, uint64_t n)
{
	while (n-- > 0) {
		f->src_port++;
		f->octets += 1000;
		if (encoder_flow(e, 0, f, T0) != ENC_OK)
			abort();
	}
	encoder_flush(e, T0);
}

static void
measure(const char *name, struct encoder *e, bool v6)
{
	struct flow f;
	double t, best = 0;
	int i;

	fill(&f, v6);
	for (i = 0; i < RUNS; i++) {
		t = now();
		records(e, &f, FLOWS);
		t = (now() - t) / FLOWS;
		if (best == 0 || t < best)
			best = t;
	}
	if (octets == 0)
		abort();
	encoder_free(e);
	printf("%s %.1f\n", name, best);
}

int
main(int argc, char **argv)
{
	struct encoder *e;
	struct flow f;

	if (argc == 3) {
		e = stream((uint16_t)strtoul(argv[1], NULL, 10), record,
		    COUNT(record));
		fill(&f, false);
		records(e, &f, strtoull(argv[2], NULL, 10));
		encoder_free(e);
		return (0);
	}
	measure("encode_v5_ns_record", stream(5, NULL, 0), false);
	measure("encode_v9_ns_record", stream(9, record, COUNT(record)), false);
	measure("encode_ipfix_ns_record", stream(10, record, COUNT(record)),
	    false);
	measure("encode_biflow_ns_record", stream(10, biflow, COUNT(biflow)),
	    true);
	return (0);
}
