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
 * encodehex [-o] [-n flows] [-S seed] [-t file] version [times]: messages of
 * known flows, as encode/ makes them, in the hexadecimal of mkexport.
 *
 * Version is 1, 5, 7, 9 or 10; times, of 9 and 10, are uptime, seconds,
 * milliseconds, microseconds or nanoseconds.  -o: with options data that tell
 * the sampling rate, 1.  -t writes what the flows are:
 * addresses, ports, protocol, packets, bytes, start and end in milliseconds.
 */

#include <arpa/inet.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "encode/encode.h"

#define T0 (INT64_C(1700000000) * NSEC_PER_SEC)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
static const struct {
	const char *name;
	uint16_t start, end, len;
} times[] = {
	{ "uptime", 22, 21, 4 },
	{ "seconds", 150, 151, 4 },
	{ "milliseconds", 152, 153, 8 },
	{ "microseconds", 154, 155, 8 },
	{ "nanoseconds", 156, 157, 8 },
};
/* clang-format on */

static uint64_t random_state = 1;

static uint32_t
next(uint32_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return ((uint32_t)(random_state >> 33) % below);
}

static void
print_message(void *arg, const struct enc_message *m)
{
	size_t i;

	(void)arg;
	for (i = 0; i < m->len; i++)
		printf("%02x%s", m->data[i], i % 32 == 31 ? "\n" : "");
	printf("\n\n");
}

static struct addr
address(bool v6, uint32_t net)
{
	struct addr a = {.family = v6 ? ADDR_V6 : ADDR_V4};
	uint32_t host = 1 + next(60000);

	if (v6) {
		memcpy(a.b, "\x20\x01\x0d\xb8", 4);
		a.b[7] = (uint8_t)net;
	} else {
		a.b[0] = 10;
		a.b[1] = (uint8_t)net;
	}
	a.b[v6 ? 14 : 2] = (uint8_t)(host >> 8);
	a.b[v6 ? 15 : 3] = (uint8_t)host;
	return (a);
}

static void
make(struct flow *f, bool v6)
{
	static const uint8_t protocols[] = {6, 6, 17, 17, 47, 132};

	memset(f, 0, sizeof(*f));
	f->src_addr = address(v6, 1);
	f->dst_addr = address(v6, 2);
	f->protocol = protocols[next(COUNT(protocols))];
	if (f->protocol != 47) {
		f->src_port = (uint16_t)(1024 + next(60000));
		f->dst_port = (uint16_t)(1 + next(1023));
	}
	f->tcp_flags = f->protocol == 6 ? (uint16_t)next(64) : 0;
	f->tos = (uint8_t)(next(64) << 2);
	f->packets = 1 + next(100000);
	f->octets = f->packets * (40 + next(1400));
	f->end = T0 - next(1000000) * INT64_C(1000003);
	f->start = f->end - next(1000000) * INT64_C(1000003);
	f->in_if = 1 + next(100);
	f->out_if = 1 + next(100);
	f->end_reason = (uint8_t)(1 + next(5));
	f->direction = (uint8_t)next(2);
}

static void
print_truth(FILE *fp, const struct flow *f)
{
	int family = f->src_addr.family == ADDR_V6 ? AF_INET6 : AF_INET;
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	if (inet_ntop(family, f->src_addr.b, src, sizeof(src)) == NULL ||
	    inet_ntop(family, f->dst_addr.b, dst, sizeof(dst)) == NULL)
		err(1, "inet_ntop");
	fprintf(fp,
	    "%s %u %s %u %u %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 "\n",
	    src, f->src_port, dst, f->dst_port, f->protocol, f->packets,
	    f->octets, f->start / NSEC_PER_MSEC, f->end / NSEC_PER_MSEC);
}

/* Those of softflowd, for either family: handles 0 and 1. */
static void
templates(struct encoder *e, size_t t)
{
	struct enc_field field[] = {{0, 8, 4}, {0, 12, 4},
	    {0, times[t].start, times[t].len}, {0, times[t].end, times[t].len},
	    {0, 1, 8}, {0, 2, 8}, {0, 10, 4}, {0, 14, 4}, {0, 61, 1},
	    {0, 136, 1}, {0, 7, 2}, {0, 11, 2}, {0, 4, 1}, {0, 6, 1},
	    {0, 60, 1}, {0, 5, 1}};

	if (encoder_template(e, 1024, field, COUNT(field)) != 0)
		err(1, "template");
	field[0] = (struct enc_field){0, 27, 16};
	field[1] = (struct enc_field){0, 28, 16};
	if (encoder_template(e, 2048, field, COUNT(field)) != 1)
		err(1, "template");
}

static void
sampling(struct encoder *e, uint16_t version)
{
	/* Of the system, or of the domain. */
	const struct enc_field options[] = {{0, version == 9 ? 1 : 149, 4},
	    {0, 34, 4}, {0, 35, 1}};
	static const uint8_t record[] = {0, 0, 0, 0, 0, 0, 0, 1, 1};

	if (encoder_options(e, 256, options, COUNT(options), 1, record,
		sizeof(record)) != 2)
		err(1, "options");
}

static size_t
find_times(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(times); i++)
		if (strcmp(times[i].name, name) == 0)
			return (i);
	errx(1, "%s: no times", name);
}

int
main(int argc, char **argv)
{
	struct enc_config config = {.payload = 1428,
	    .boot = T0 - 36000 * NSEC_PER_SEC,
	    .every_messages = 16};
	struct encoder *e;
	struct flow f;
	FILE *truth = NULL;
	unsigned long n = 100;
	bool v6, options = false;
	int ch;

	while ((ch = getopt(argc, argv, "n:oS:t:")) != -1)
		if (ch == 'n')
			n = strtoul(optarg, NULL, 10);
		else if (ch == 'o')
			options = true;
		else if (ch == 'S')
			random_state = strtoull(optarg, NULL, 10);
		else if (ch != 't' || (truth = fopen(optarg, "w")) == NULL)
			err(1, "%s", optarg == NULL ? "usage" : optarg);
	argc -= optind;
	argv += optind;
	if (argc < 1)
		errx(1, "which version?");
	config.version = (uint16_t)strtoul(argv[0], NULL, 10);
	if ((e = encoder_new(&config, print_message, NULL)) == NULL)
		err(1, "version %s", argv[0]);
	if (config.version >= 9)
		templates(e, find_times(argc > 1 ? argv[1] : "uptime"));
	if (options)
		sampling(e, config.version);
	while (n-- > 0) {
		v6 = config.version >= 9 && next(4) == 0;
		make(&f, v6);
		if (encoder_flow(e, v6, &f, T0 + 123456789) != ENC_OK)
			errx(1, "a flow that cannot be");
		if (truth != NULL)
			print_truth(truth, &f);
	}
	encoder_flush(e, T0 + 123456789);
	encoder_free(e);
	if (truth != NULL && fclose(truth) != 0)
		err(1, "truth");
	return (0);
}
