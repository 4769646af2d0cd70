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
 * The signals of the parent: noted when they come, answered when there is
 * time.
 */

#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/*
 * Catch them all.  They are blocked from here on, and arrive in ppoll(2) and
 * in signals_let_in, nowhere else.
 */
void signals_catch(sigset_t *blocked);

/*
 * ppoll(2) lets none in when its descriptor is ready: a collector that never
 * stops talking would keep us from ever being told to stop.
 */
void signals_let_in(const sigset_t *blocked);

/*
 * Has it come since it was asked for last?  SIGINT counts as SIGTERM, and
 * SIGINFO as SIGUSR2.
 */
bool signals_take(int sig);

#endif /* SIGNALS_H */
