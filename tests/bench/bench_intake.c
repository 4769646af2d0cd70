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
 * What a flow costs in the collector behind the socket, in nanoseconds of all
 * its threads: datagrams made beforehand go through intake into an archive,
 * which is a file in TMPDIR.  The best of several runs counts, since the
 * machine may have other things to do.
 *
 *	bench_intake [format [rules [datagrams]]]
 *
 * With arguments, one run of that: for callgrind (tests/bench/profile).  rules
 * is their number, or "table" for one with 100,000 prefixes in a table.
 */

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "intake.h"
#include "tests/tools/flowload.h"

#define RUNS 5
#define FLOWS 3000000
#define PREFIXES 100000
#define PATH_LEN 512
#define TEXT_MAX (4 * 1024 * 1024)

static struct ledger_page page;
static char path[PATH_LEN];
static char text[TEXT_MAX];
static size_t textlen;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
say(void *arg, bool error, const char *msg)
{
	(void)arg;
	if (error)
		errx(1, "%s", msg);
}

static void __attribute__((__format__(__printf__, 1, 2)))
line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	textlen +=
	    (size_t)vsnprintf(text + textlen, sizeof(text) - textlen, fmt, ap);
	va_end(ap);
	if (textlen >= sizeof(text))
		abort();
}

/* Rules that look at all of them and decide about none. */
static struct conf *
configuration(const char *rules)
{
	struct conf_input input = {.name = "bench", .text = text, .say = say};
	struct conf *conf;
	long i, n = strtol(rules, NULL, 10);

	textlen = 0;
	line("listen on 127.0.0.1:2055\narchive \"/archive\"\naccept all\n");
	if (strcmp(rules, "table") == 0) {
		line("table <t> {\n");
		for (i = 0; i < PREFIXES; i++)
			line("198.%ld.%ld.%ld/32\n", 18 + i / 65536,
			    i / 256 % 256, i % 256);
		line("}\ndiscard src <t>\n");
	} else
		for (i = 0; i < n; i++)
			line("discard src 198.51.%ld.%ld dst port %ld\n",
			    i / 256, i % 256, 20000 + i);
	input.textlen = textlen;
	if ((conf = conf_parse(&input)) == NULL)
		exit(1);
	return (conf);
}

static void
begin(struct intake *in, const struct conf *conf, int *file)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	snprintf(path, sizeof(path), "%s/flowd-bench.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if ((fd = mkstemp(path)) == -1 || (*file = dup(fd)) == -1)
		err(1, "%s", path);
	memset(&page, 0, sizeof(page));
	if (intake_init(in, &page) == -1)
		err(1, "memory");
	intake_configure(in, conf);
	intake_set_archive(in, fd, 1, 0);
}

/* The datagrams of one exporter, in order. */
static void
replay(struct intake *in, struct load *l, uint64_t datagrams, int file)
{
	static uint8_t buf[2048];
	struct udp_datagram d = {.data = buf,
	    .from = {.family = ADDR_V4, .b = {192, 0, 2, 1}}};
	uint32_t seq = 0;
	uint64_t i;
	uint8_t *p;

	for (i = 0; i < datagrams; i++, seq += l->step) {
		/* What is written is not to fill a memory. */
		if (i % 1024 == 0) {
			if (ftruncate(file, 0) == -1)
				err(1, "%s", path);
		}
		load_clock(l);
		load_header(l, buf, i % 100 == 0 && l->ntemplates > 0, seq);
		p = buf + l->nheader;
		if (i % 100 == 0) {
			memcpy(p, l->templates, l->ntemplates);
			p += l->ntemplates;
		}
		memcpy(p, load_body(l, i % LOAD_BODIES), l->nbody);
		d.len = (size_t)(p - buf) + l->nbody;
		d.time = (int64_t)l->now.tv_sec * NSEC_PER_SEC + l->now.tv_nsec;
		page.ledger.n[L_RECEIVED]++;
		intake_datagram(in, &d);
	}
	intake_flush(in);
}

/* Nanoseconds a flow, and bytes that it takes. */
static double
run(const char *format, const struct conf *conf, uint64_t datagrams,
    double *bytes)
{
	static struct intake in;
	struct load l = {.seed = 1};
	double t;
	int file;

	if (!load_make(&l, format))
		errx(1, "%s: no format", format);
	if (datagrams == 0)
		datagrams = FLOWS / l.records;
	begin(&in, conf, &file);
	t = now();
	replay(&in, &l, datagrams, file);
	t = now() - t;
	if (page.ledger.n[L_RECORDS] != datagrams * l.records ||
	    page.ledger.n[L_ARCHIVED] != page.ledger.n[L_ACCEPTED])
		errx(1, "%s: not all were archived", format);
	*bytes = (double)page.ledger.n[L_ARCHIVED_BYTES] /
	    (double)page.ledger.n[L_ARCHIVED];
	intake_clear(&in);
	close(file);
	unlink(path);
	free(l.bodies);
	return (t / (double)(datagrams * l.records));
}

static void
measure(const char *format, const char *rules)
{
	struct conf *conf = configuration(rules);
	double t, best = 0, bytes;
	uint64_t flows = FLOWS;
	int i;

	/* Few flows where each takes long. */
	if (strtol(rules, NULL, 10) >= 1000)
		flows = FLOWS / 30;
	for (i = 0; i < RUNS; i++) {
		t = run(format, conf, flows / 25, &bytes);
		if (best == 0 || t < best)
			best = t;
	}
	printf("intake_%s_rules_%s %.1f ns/flow\n", format, rules, best);
	if (strcmp(rules, "0") == 0)
		printf("intake_%s_bytes %.1f B/flow\n", format, bytes);
	conf_free(conf);
}

int
main(int argc, char *argv[])
{
	static const char *const formats[] = {"v5", "v9", "ipfix", "sflow"};
	static const char *const rules[] = {"10", "1000", "table"};
	struct conf *conf;
	double bytes, t;
	size_t i;

	if (argc > 1) {
		conf = configuration(argc > 2 ? argv[2] : "0");
		t = run(argv[1], conf,
		    argc > 3 ? strtoull(argv[3], NULL, 10) : 0, &bytes);
		printf("%s %.1f ns/flow\n", argv[1], t);
		conf_free(conf);
		return (0);
	}
	for (i = 0; i < 4; i++)
		measure(formats[i], "0");
	for (i = 0; i < 3; i++) {
		measure("v5", rules[i]);
		measure("ipfix", rules[i]);
	}
	return (0);
}
