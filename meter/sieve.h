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
 * A BPF expression applied to frames that no kernel has filtered.
 */

#ifndef METER_SIEVE_H
#define METER_SIEVE_H

#include <stdbool.h>
#include <stddef.h>

#include "meter/observe.h"

struct sieve;

/* For a link type.  NULL: see err. */
struct sieve *sieve_new(const char *expression, int dlt, char *err,
    size_t errlen);
void sieve_free(struct sieve *);
bool sieve_match(const struct sieve *, const struct frame *);

#endif /* METER_SIEVE_H */
