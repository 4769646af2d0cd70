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
 * A terminal that is drawn on, and is left as it was found.
 */

#ifndef METER_SCREEN_H
#define METER_SCREEN_H

#include <stdbool.h>

/* Standard input and output are a terminal? */
bool screen_here(void);
/* Keys come one by one, the old text is put aside.  0 or -1. */
int screen_begin(void);
void screen_end(void);
void screen_size(int *rows, int *columns);
/* Wait so many ms.  False: q, ^C or a signal says that this is the end. */
bool screen_wait(int ms);

#endif /* METER_SCREEN_H */
