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
 * The file with the number of a running daemon.
 */

#ifndef METER_PIDLOCK_H
#define METER_PIDLOCK_H

/* Both say who it is if it runs: the number, else 0; -1 with errno. */

/* Is another one running? */
long pidlock_check(const char *path);
/*
 * Write our number.  The file is locked as long as *fd is open, which is why
 * a number that by chance lives again is not taken for us.  EWOULDBLOCK: one
 * runs that has not written it yet.
 */
long pidlock_take(const char *path, int *fd);
/* Remove it, if it is ours still. */
void pidlock_release(const char *path, int fd);

#endif /* METER_PIDLOCK_H */
