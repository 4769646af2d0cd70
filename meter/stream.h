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
 * The bytes of a file or of a pipe, inflated if they begin like .gz or .zst,
 * through one buffer.
 */

#ifndef METER_STREAM_H
#define METER_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

#define STREAM_WANT_MAX (17 * 1024 * 1024)

enum stream_state {
	STREAM_READY, /* what was wanted is there */
	STREAM_WAIT,  /* a pipe has no more for the moment */
	STREAM_END,   /* there is less, and it is all */
	STREAM_FAILED /* see stream_error */
};

struct stream;

/* "-" is standard input.  NULL with errno. */
struct stream *stream_open(const char *path);
void stream_free(struct stream *);

/* What is in the buffer.  Take from its front. */
struct rd *stream_rd(struct stream *);
/*
 * At least so many bytes (STREAM_WANT_MAX) in stream_rd; what was there moves.
 */
enum stream_state stream_fill(struct stream *, size_t want);

int stream_fd(const struct stream *);	       /* to poll, or -1: a file */
uint64_t stream_offset(const struct stream *); /* of stream_rd, inflated */
uint64_t stream_taken(const struct stream *);  /* of the file itself */
uint64_t stream_size(const struct stream *);   /* the file's; 0: not known */
const char *stream_error(const struct stream *);

#endif /* METER_STREAM_H */
