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
 * Zstandard, where the library is.  Without it, zst_open fails with ENOTSUP.
 */

#ifndef COMPAT_ZST_H
#define COMPAT_ZST_H

#include <stdbool.h>

#include "bytes.h"

struct zst;

struct zst *zst_open(void);
void zst_close(struct zst *);
/* 0, or -1: *why.  *ended: at the end of a frame, all of it written. */
int zst_run(struct zst *, struct rd *in, struct wr *out, bool *ended,
    const char **why);

#endif /* COMPAT_ZST_H */
