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
 * Flows that are numbered, by their octets, and files of them.
 */

#ifndef NUMBERED_H
#define NUMBERED_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow.h"
#include "scan/output.h"
#include "store.h"

#define NUMBERED_SINCE (INT64_C(1700000000) * NSEC_PER_SEC)

/* Every second one is TCP, a second after the one before. */
static inline struct flow
numbered(uint64_t i)
{
	struct flow f;

	memset(&f, 0, sizeof(f));
	f.recv_time = NUMBERED_SINCE + (int64_t)i * NSEC_PER_SEC;
	flow_set(&f, FLOW_RECV_TIME);
	f.protocol = i % 2 == 0 ? 6 : 17;
	flow_set(&f, FLOW_PROTOCOL);
	f.src_addr.family = f.dst_addr.family = ADDR_V4;
	f.src_addr.b[0] = f.dst_addr.b[0] = 10;
	f.src_addr.b[3] = (uint8_t)(i % 4);
	flow_set(&f, FLOW_SRC_ADDR);
	flow_set(&f, FLOW_DST_ADDR);
	f.packets = 1;
	flow_set(&f, FLOW_PACKETS);
	f.octets = i;
	flow_set(&f, FLOW_OCTETS);
	return (f);
}

#define NUMBERED_FIELDS                                                \
	(STORE_RECV_TIME | STORE_PROTO_FLAGS_TOS | STORE_SRCDST_ADDR | \
	    STORE_PACKETS | STORE_OCTETS | STORE_CRC32)

/* Flows from to to - 1.  0, or -1. */
static inline int
numbered_file(const char *path, unsigned int version, uint64_t from,
    uint64_t to)
{
	const struct output_options o = {.version = version,
	    .level = 1,
	    .fields = NUMBERED_FIELDS};
	struct output *out = output_open(path, &o);
	struct flow f;

	for (; out != NULL && from < to; from++) {
		f = numbered(from);
		if (output_flow(out, &f) == -1)
			break;
	}
	return (out == NULL ? -1 : output_close(out, from == to));
}

struct blob {
	uint8_t *p;
	size_t len;
};

/* All of a file; p is NULL if it cannot be read. */
static inline struct blob
blob_of(const char *path)
{
	struct blob b = {NULL, 0};
	FILE *fp = fopen(path, "r");

	if (fp == NULL)
		return (b);
	if (fseek(fp, 0, SEEK_END) == 0) {
		b.len = (size_t)ftell(fp);
		b.p = malloc(b.len + 1);
	}
	if (b.p != NULL) {
		rewind(fp);
		b.len = fread(b.p, 1, b.len, fp);
	}
	fclose(fp);
	return (b);
}

/* 0, or -1. */
static inline int
blob_put(const char *path, const void *p, size_t len)
{
	FILE *fp = fopen(path, "w");
	size_t n;

	if (fp == NULL)
		return (-1);
	n = fwrite(p, 1, len, fp);
	return (fclose(fp) == 0 && n == len ? 0 : -1);
}

#endif /* NUMBERED_H */
