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
 * What a packet of a capture file costs to read, beside libpcap: ns of CPU,
 * the best of several rounds.
 */

#include <sys/time.h>
#include <sys/resource.h>

#include <zlib.h>

#include "tests/unit/capture.h"

#define FRAMES 400000
#define ROUNDS 5

typedef uint64_t read_fn(const char *path);

static uint64_t frames;
static uint64_t octets; /* so that nothing is left out */

static double
cpu(void)
{
	struct rusage ru;

	(void)getrusage(RUSAGE_SELF, &ru);
	return ((double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1e9 +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) * 1e3);
}

static void
take_ours(void *arg, const struct frame *f)
{
	(void)arg;
	frames++;
	octets += f->len;
}

static uint64_t
read_ours(const char *path)
{
	const struct source_config config = {.file = path, .fanout = -1};
	char why[SOURCE_ERRLEN];
	struct source *s;
	int n;

	frames = 0;
	if ((s = source_open(&config, why)) == NULL)
		errx(1, "%s", why);
	while (source_read(s, 1024, take_ours, NULL, &n) == SOURCE_MORE)
		continue;
	source_free(s);
	return (frames);
}

static void
take_theirs(u_char *arg, const struct pcap_pkthdr *hdr, const u_char *bytes)
{
	(void)arg;
	(void)bytes;
	frames++;
	octets += hdr->len;
}

static uint64_t
read_theirs(const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap;

	frames = 0;
	if ((pcap = pcap_open_offline(path, why)) == NULL)
		errx(1, "%s", why);
	(void)pcap_loop(pcap, -1, take_theirs, NULL);
	pcap_close(pcap);
	return (frames);
}

static void
measure(const char *name, read_fn *read_all, const char *path)
{
	double began, spent, best = 1e18;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		began = cpu();
		if (read_all(path) != FRAMES)
			errx(1, "%s: not all frames were read", name);
		spent = cpu() - began;
		if (spent < best)
			best = spent;
	}
	printf("%s %.1f ns\n", name, best / FRAMES);
}

static void
make_pcap(struct capture_file *f)
{
	uint32_t i;

	f->len = 0;
	file_head(f, CAPTURE_MAGIC, 4, 1);
	for (i = 0; i < FRAMES; i++) {
		file_record(f, i / 1000, i, 60 + i % 80, 900);
		file_data(f, i, 60 + i % 80);
	}
}

static void
make_pcapng(struct capture_file *f)
{
	uint32_t i;

	f->len = 0;
	ng_section(f);
	ng_interface(f, 1, 0);
	block_end(f);
	for (i = 0; i < FRAMES; i++) {
		block_begin(f, 6);
		file_number(f, 0, 8);
		file_number(f, i, 4);
		file_number(f, 60 + i % 80, 4);
		file_number(f, 900, 4);
		file_data(f, i, 60 + i % 80);
		block_end(f);
	}
}

/* As gzip(1) has it, in the fastest way. */
static void
pack(const struct capture_file *from, struct capture_file *to)
{
	z_stream z;

	memset(&z, 0, sizeof(z));
	to->len = to->size = from->len + 4096;
	if ((to->b = malloc(to->size)) == NULL ||
	    deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8,
		Z_DEFAULT_STRATEGY) != Z_OK)
		errx(1, "no memory");
	z.next_in = from->b;
	z.avail_in = (uInt)from->len;
	z.next_out = to->b;
	z.avail_out = (uInt)to->size;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		errx(1, "does not fit");
	to->len = z.total_out;
	(void)deflateEnd(&z);
}

int
main(void)
{
	struct capture_file file = {.len = 0}, packed = {.len = 0};
	const char *path;

	make_pcap(&file);
	path = capture_path(file.b, file.len);
	measure("source_pcap", read_ours, path);
	measure("libpcap_pcap", read_theirs, path);
	pack(&file, &packed);
	path = capture_path(packed.b, packed.len);
	measure("source_pcap_gz", read_ours, path);
	make_pcapng(&file);
	path = capture_path(file.b, file.len);
	measure("source_pcapng", read_ours, path);
	measure("libpcap_pcapng", read_theirs, path);
	free(file.b);
	free(packed.b);
	return (octets == 0);
}
