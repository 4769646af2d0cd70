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
 * What a decoder learned, as bytes: for the next one.  docs/state.md has the
 * format.
 */

#ifndef DECODE_SAVE_H
#define DECODE_SAVE_H

#include "decode/decode.h"

#define STATE_MAGIC 0x666c7374U /* "flst" */
#define STATE_MAJOR 1
#define STATE_MINOR 0
#define STATE_HDRLEN 20
#define STATE_CLEAN 0x0001 /* nothing was received after it was written */

#define STATE_CHUNK_MAGIC 0xf10dU
#define STATE_CHUNK_HDRLEN 16
#define STATE_CHUNK_MAX (128U * 1024) /* of what is written */

enum state_chunk {
	STATE_DOMAIN = 1, /* of an exporter: all of one, or a part */
	STATE_END = 2,
};

enum state_item {
	STATE_SEQUENCE = 1,
	STATE_SYSINIT = 2,
	STATE_NAMED = 3,
	STATE_TEMPLATE = 4,
	STATE_FACT = 5,
};

struct state_info {
	int64_t time; /* ns since 1970, when it was saved */
	bool clean;   /* no datagram comes to this decoder any more */
};

/* Takes all of the bytes, or returns -1. */
typedef int (*state_write_fn)(void *arg, const void *, size_t);

/*
 * Hands everything over in pieces, the exporters heard last before the others.
 * 0; -1 if write did, or for want of memory.
 */
int decode_save(const struct decoder *, const struct state_info *,
    state_write_fn write, void *arg);

enum state_result {
	STATE_OK,      /* as far as the report says */
	STATE_EMPTY,   /* no bytes */
	STATE_FOREIGN, /* no state of a decoder, or its head is damaged */
	STATE_NEWER,   /* of a later major version */
};

struct state_report {
	struct state_info info;
	uint32_t exporters;
	uint32_t domains;
	uint32_t templates;
	uint32_t facts;
	uint32_t damaged;  /* places where bytes were passed over */
	uint32_t unknown;  /* chunks and items of a kind that is not known */
	uint32_t unwanted; /* chunks of exporters that were turned away */
	uint32_t refused;  /* items that cannot be, or found no room */
	bool cut;	   /* it has no end */
};

struct state_reader {
	int64_t time; /* now */
	/*
	 * Who is it?  Agent and port are set, all else may be; false turns the
	 * exporter away.
	 */
	bool (*source)(void *arg, struct dec_source *);
	void *arg;
};

/*
 * Take in what another decoder saved: any bytes are safe.  Within limits, and
 * never at the expense of what is known already.
 */
enum state_result decode_load(struct decoder *, struct rd,
    const struct state_reader *, struct state_report *);

#endif /* DECODE_SAVE_H */
