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
 * Flows into a file of version 3 or 4.  A file that is written anew is written
 * under another name, and gets its own when it is whole; one that is appended
 * to has whole records or blocks at any time.  Never logs and never exits: 0,
 * or -1 and errno.  One thread at a time for each output.
 */

#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/batch.h"
#include "archive/reseal.h"
#include "query/consumer.h"

enum output_mode {
	OUTPUT_REPLACE, /* whatever is there goes, at the end */
	OUTPUT_NEW,	/* EEXIST if something is, then or at the end */
	OUTPUT_APPEND,	/* behind what is there; EINVAL: of another version */
};

struct output_options {
	enum output_mode mode;
	unsigned int version; /* 3: a log; 4: a segment */
	int level;	      /* of zstd, version 4; 0: none */
	uint32_t fields;      /* of version 3: STORE_x */
};

struct output;

/* NULL and errno.  Devices and pipes are written as they are. */
struct output *output_open(const char *path, const struct output_options *);
/* To a descriptor, which it closes in the end. */
struct output *output_fd(int fd, const struct output_options *);
/* The name while it is written; NULL: its own. */
const char *output_temporary(const struct output *);

/* Version 3 keeps the fields of its groups. */
int output_flow(struct output *, const struct flow *);
/*
 * Rows of a batch.  EBADMSG: a column of it is damaged; rows before were
 * written.
 */
int output_batch(struct output *, struct batch *, const struct sel *);
/* Records of version 3, or blocks of version 4 to be packed anew: whole. */
int output_put(struct output *, const uint8_t *, size_t);
/* Flows of output_flow() and output_batch(). */
uint64_t output_written(const struct output *);

/*
 * All records so far are in the file (version 3; the flows of a block are only
 * when it is full).
 */
int output_flush(struct output *);
/* The last block, the last bytes: nothing more can be written. */
int output_end(struct output *);
/*
 * keep: what was written gets its name, after output_end(), which it does
 * itself if that was not done; else it is removed, if it was written anew, by
 * the process that opened it: one that was forked off only lets go of it.
 * Frees it, whatever comes of it.
 */
int output_close(struct output *, bool keep);

#endif /* OUTPUT_H */
