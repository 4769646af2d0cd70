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
 * For the tests of capture files: they are written by hand, and read by us and
 * by libpcap.
 */

#ifndef CAPTURE_H
#define CAPTURE_H

#include <pcap/pcap.h>

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/source.h"

#define CAPTURE_FRAMES 4096
#define CAPTURE_MAGIC 0xa1b2c3d4
#define CAPTURE_NANO 0xa1b23c4d

/* A file that grows. */
struct capture_file {
	uint8_t *b;
	size_t len, size;
	bool big;
	size_t block; /* where the open one begins */
};

struct capture_frame {
	int64_t time;
	uint32_t caplen, len;
	uint64_t hash; /* of the data */
	bool outgoing;
};

/* What came of reading it. */
struct capture_read {
	size_t n; /* of the frames below, at most so many are kept */
	struct capture_frame frame[CAPTURE_FRAMES];
	bool opened;
	bool failed;
	int dlt;
	size_t idle; /* how often there was nothing for the moment */
	uint64_t other_link;
	char error[SOURCE_ERRLEN];
};

static inline void
file_bytes(struct capture_file *f, const void *p, size_t len)
{
	if (f->len + len > f->size) {
		f->size = (f->len + len) * 2 + 1024;
		if ((f->b = realloc(f->b, f->size)) == NULL)
			err(1, NULL);
	}
	memcpy(f->b + f->len, p, len);
	f->len += len;
}

static inline void
file_number(struct capture_file *f, uint64_t v, size_t len)
{
	uint8_t b[8];
	size_t i;

	for (i = 0; i < len; i++)
		b[f->big ? len - 1 - i : i] = (uint8_t)(v >> 8 * i);
	file_bytes(f, b, len);
}

static inline void
file_clear(struct capture_file *f)
{
	f->len = 0;
	f->big = false;
}

static inline void
file_head(struct capture_file *f, uint32_t magic, uint16_t minor, uint32_t link)
{
	file_number(f, magic, 4);
	file_number(f, 2, 2);
	file_number(f, minor, 2);
	file_number(f, 0, 8);
	file_number(f, 65535, 4);
	file_number(f, link, 4);
}

/* The data of frame number i: so many bytes that differ from all others. */
static inline void
file_data(struct capture_file *f, uint32_t i, size_t len)
{
	uint8_t c;

	while (len-- > 0) {
		c = (uint8_t)(i * 31 + len * 7);
		file_bytes(f, &c, 1);
	}
}

static inline void
file_record(struct capture_file *f, uint32_t sec, uint32_t part,
    uint32_t caplen, uint32_t len)
{
	file_number(f, sec, 4);
	file_number(f, part, 4);
	file_number(f, caplen, 4);
	file_number(f, len, 4);
}

static inline void
block_begin(struct capture_file *f, uint32_t type)
{
	f->block = f->len;
	file_number(f, type, 4);
	file_number(f, 0, 4);
}

static inline void
block_end(struct capture_file *f)
{
	struct capture_file len = {.big = f->big};

	while (f->len % 4 != f->block % 4)
		file_bytes(f, "", 1);
	file_number(&len, f->len + 4 - f->block, 4);
	memcpy(f->b + f->block + 4, len.b, 4);
	file_bytes(f, len.b, 4);
	free(len.b);
}

static inline void
ng_section(struct capture_file *f)
{
	block_begin(f, 0x0a0d0d0a);
	file_number(f, 0x1a2b3c4d, 4);
	file_number(f, 1, 2);
	file_number(f, 0, 2);
	file_number(f, UINT64_MAX, 8);
	block_end(f);
}

/* Without an end: options may follow. */
static inline void
ng_interface(struct capture_file *f, uint16_t link, uint32_t snaplen)
{
	block_begin(f, 1);
	file_number(f, link, 2);
	file_number(f, 0, 2);
	file_number(f, snaplen, 4);
}

static inline void
ng_option(struct capture_file *f, uint16_t code, uint64_t value, uint16_t len)
{
	file_number(f, code, 2);
	file_number(f, len, 2);
	file_number(f, value, len);
	while (len++ % 4 != 0)
		file_bytes(f, "", 1);
}

/* Likewise; frame number i has i % 7 + 14 bytes. */
static inline void
ng_frame(struct capture_file *f, uint32_t interface, uint64_t time, uint32_t i)
{
	block_begin(f, 6);
	file_number(f, interface, 4);
	file_number(f, time >> 32, 4);
	file_number(f, (uint32_t)time, 4);
	file_number(f, i % 7 + 14, 4);
	file_number(f, 1000 + i, 4);
	file_data(f, i, i % 7 + 14);
	while (f->len % 4 != f->block % 4)
		file_bytes(f, "", 1);
}

static inline uint64_t
capture_hash(const uint8_t *p, size_t len)
{
	uint64_t h = 14695981039346656037U;

	while (len-- > 0)
		h = (h ^ *p++) * 1099511628211U;
	return (h);
}

static inline void
capture_keep(void *arg, const struct frame *f)
{
	struct capture_read *r = arg;

	if (r->n < CAPTURE_FRAMES)
		r->frame[r->n] = (struct capture_frame){.time = f->time,
		    .caplen = f->caplen,
		    .len = f->len,
		    .hash = capture_hash(f->data, f->caplen),
		    .outgoing = f->outgoing};
	r->n++;
}

/* By us, so many at a time. */
static inline void
capture_ours(struct capture_read *r, const char *path, const char *filter,
    int max)
{
	const struct source_config config = {.file = path,
	    .filter = filter,
	    .fanout = -1};
	struct source_losses losses;
	enum source_state state;
	struct source *s;
	int n;

	memset(r, 0, sizeof(*r));
	if ((s = source_open(&config, r->error)) == NULL)
		return;
	r->opened = true;
	r->dlt = source_dlt(s);
	while (
	    (state = source_read(s, max, capture_keep, r, &n)) <= SOURCE_IDLE)
		r->idle += state == SOURCE_IDLE;
	r->failed = state == SOURCE_FAILED;
	(void)snprintf(r->error, sizeof(r->error), "%s", source_error(s));
	source_losses(s, &losses);
	r->other_link = losses.other_link;
	source_free(s);
}

/* By libpcap. */
static inline void
capture_theirs(struct capture_read *r, const char *path)
{
	struct pcap_pkthdr *hdr;
	const u_char *bytes;
	pcap_t *pcap;
	int got;

	memset(r, 0, sizeof(*r));
	if ((pcap = pcap_open_offline_with_tstamp_precision(path,
		 PCAP_TSTAMP_PRECISION_NANO, r->error)) == NULL)
		return;
	r->opened = true;
	r->dlt = pcap_datalink(pcap);
	while ((got = pcap_next_ex(pcap, &hdr, &bytes)) == 1) {
		const struct frame f = {.data = bytes,
		    .caplen = hdr->caplen,
		    .len = hdr->len,
		    /* May run over. */
		    .time = (int64_t)((uint64_t)hdr->ts.tv_sec * 1000000000 +
			(uint64_t)hdr->ts.tv_usec)};

		capture_keep(r, &f);
	}
	r->failed = got == PCAP_ERROR;
	(void)snprintf(r->error, sizeof(r->error), "%s", pcap_geterr(pcap));
	pcap_close(pcap);
}

static char capture_name[] = "/tmp/flowd-capture.XXXXXX";

static inline void
capture_remove(void)
{
	(void)unlink(capture_name);
}

/* A file with these bytes, the same one each time.  It is gone at the end. */
static inline const char *
capture_path(const uint8_t *p, size_t len)
{
	const char *path = capture_name;
	static int fd = -1;

	if (fd == -1 &&
	    ((fd = mkstemp(capture_name)) == -1 || atexit(capture_remove) != 0))
		err(1, "%s", path);
	if (ftruncate(fd, 0) == -1 ||
	    (len > 0 && pwrite(fd, p, len, 0) != (ssize_t)len))
		err(1, "%s", path);
	return (path);
}

#endif /* CAPTURE_H */
