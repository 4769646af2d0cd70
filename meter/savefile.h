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
 * What the formats of capture files have in common.  For savefile.c, classic.c
 * and pcapng.c.
 */

#ifndef METER_SAVEFILE_H
#define METER_SAVEFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "meter/progress.h"
#include "meter/sieve.h"
#include "meter/source-ops.h"
#include "meter/stream.h"

/* Of a frame: what libpcap takes, too. */
#define SAVEFILE_FRAME_MAX 262144

struct savefile;

/* A call of source_read: the frames that it wants, and what it got. */
struct savefile_call {
	int max;
	source_frame_fn *fn;
	void *arg;
	int *n;
};

struct savefile_format {
	/* SOURCE_MORE: the link type is known; SOURCE_IDLE: call again. */
	enum source_state (*open)(struct savefile *);
	enum source_state (
	    *read)(struct savefile *, const struct savefile_call *);
	void (*close)(struct savefile *);
};

struct savefile {
	struct source *source;
	struct stream *stream;
	struct sieve *sieve; /* NULL: all */
	struct progress *progress;
	const struct savefile_format *format;
	void *self; /* the format's */
	bool big;   /* numbers are big endian */
	bool stopped;
	uint64_t frames; /* handed out */
	uint64_t other_link;
};

extern const struct savefile_format savefile_classic;
extern const struct savefile_format savefile_pcapng;

/* A number as the file has it. */
static inline uint32_t
savefile_u32(bool big, const uint8_t *p)
{
	if (big)
		return (be32(p));
	return ((uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0]);
}

static inline uint16_t
savefile_u16(bool big, const uint8_t *p)
{
	if (big)
		return (be16(p));
	return ((uint16_t)(p[1] << 8 | p[0]));
}

/*
 * SOURCE_MORE: so many bytes are there.  Otherwise what source_read returns:
 * the end of the file is one where nothing was begun.
 */
enum source_state savefile_want(struct savefile *, size_t);
/* Something in the file cannot be: says where. */
enum source_state savefile_bad(struct savefile *, const char *fmt, ...)
    __attribute__((__format__(__printf__, 2, 3)));
/* A link type of a file as libpcap's DLT_x. */
int savefile_dlt(uint32_t linktype);

static inline void
savefile_give(struct savefile *s, const struct savefile_call *call,
    const struct frame *f)
{
	if (s->sieve != NULL && !sieve_match(s->sieve, f))
		return;
	(*call->n)++;
	call->fn(call->arg, f);
}

#endif /* METER_SAVEFILE_H */
