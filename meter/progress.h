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
 * How far a large file has been read, on a terminal.
 */

#ifndef METER_PROGRESS_H
#define METER_PROGRESS_H

#include <stdint.h>

struct progress;

/*
 * NULL: there is nobody to tell, or too little; the others take that.
 * size: of the file, 0: not known.
 */
struct progress *progress_new(uint64_t size);
/* Wipes the line. */
void progress_free(struct progress *);
/* Bytes of the file and packets so far; not more often than it helps. */
void progress_show(struct progress *, uint64_t taken, uint64_t packets);

#endif /* METER_PROGRESS_H */
