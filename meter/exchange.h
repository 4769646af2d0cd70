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
 * softflowctl's side of the control socket: a line goes out, a text comes
 * back.  Whoever listens there is not believed to send plain text, nor to
 * answer at all.
 */

#ifndef METER_EXCHANGE_H
#define METER_EXCHANGE_H

#include <stddef.h>

#define EXCHANGE_SECONDS 30 /* without a byte, then it is given up */
#define EXCHANGE_LINE 4096  /* bytes; longer lines come in pieces */

/* A line of the reply without its end; all of it is printable. */
typedef void exchange_line_fn(void *arg, const char *line);

/* 0: the reply is complete; -1: see err. */
int exchange(const char *path, const char *command, exchange_line_fn *,
    void *arg, char *err, size_t errlen);

#endif /* METER_EXCHANGE_H */
