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

/* Flows that are written.  Nothing of Perl, as in source.h. */

#ifndef TARGET_H
#define TARGET_H

#include <stdint.h>

#include "flow.h"

struct target;

struct target_ask {
	char mode;	      /* 'w' replaces, 'x' does not, 'a' appends */
	unsigned int version; /* 3 or 4 */
	int level;	      /* of zstd, version 4 */
	uint32_t fields;      /* of version 3 */
};

/* 0 or not NULL, or -1 or NULL and errno. */
struct target *target_open(const char *path, const struct target_ask *);
int target_flow(struct target *, const struct flow *);
int target_flush(struct target *);
uint64_t target_written(const struct target *);
/* keep: as output_close().  Frees it, whatever comes of it. */
int target_close(struct target *, bool keep);

#endif /* TARGET_H */
