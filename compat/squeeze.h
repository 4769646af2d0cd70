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
 * Bytes compressed in one piece.
 */

#ifndef SQUEEZE_H
#define SQUEEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct squeeze;

/* NULL: no memory, or this build has no zstd. */
struct squeeze *squeeze_new(int level);
void squeeze_free(struct squeeze *);
bool squeeze_available(void);
/*
 * The bytes used, or 0 if they do not fit.  Each stretch bytes (0: all) have
 * statistics of their own.
 */
size_t squeeze_put(struct squeeze *, uint8_t *to, size_t room, const uint8_t *,
    size_t, size_t stretch);

struct expand;

struct expand *expand_new(void);
void expand_free(struct expand *);
/* Exactly len bytes, or -1. */
int expand_get(struct expand *, uint8_t *to, size_t len, const uint8_t *,
    size_t);

#endif /* SQUEEZE_H */
