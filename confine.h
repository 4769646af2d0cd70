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
 * What the collector gives up before it receives anything, and the sealer
 * before it reads anything: user, directory, limits and the sandbox.
 */

#ifndef CONFINE_H
#define CONFINE_H

/* The signals that operators send are for the parent. */
void confine_signals(void);

/*
 * All the rest.  What cannot be given up ends the process.  `threads` makes the
 * threads that there will be, at the only moment when these can be made and
 * have all of it, too: it returns 0, or -1 with errno.
 */
void confine(unsigned int descriptors, int (*threads)(void *), void *arg);
/* The same for who seals segments, alone. */
void confine_sealer(unsigned int descriptors);

#endif /* CONFINE_H */
