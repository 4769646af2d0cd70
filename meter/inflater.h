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
 * Compressed streams become plain ones, a piece at a time, in bounded memory.
 */

#ifndef METER_INFLATER_H
#define METER_INFLATER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

#define INFLATER_MAGIC 4 /* bytes that tell */

struct inflater;

/* Is it of a kind that this build knows?  1: *inf is one; 0; -1 with errno. */
int inflater_new(const uint8_t magic[INFLATER_MAGIC], struct inflater **inf);
void inflater_free(struct inflater *);

/* From in to out, what fits.  0, or -1: inflater_error says why. */
int inflater_run(struct inflater *, struct rd *in, struct wr *out);
/* The bytes may end here. */
bool inflater_done(const struct inflater *);
const char *inflater_error(const struct inflater *);

#endif /* METER_INFLATER_H */
