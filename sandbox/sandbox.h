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
 * Giving up what is not needed, one file a system.
 */

#ifndef SANDBOX_H
#define SANDBOX_H

/*
 * The collector, from here on: descriptors it has or is handed may be read,
 * written and polled, memory allocated, the clock read.  No file is opened, no
 * socket made, no program run, and no log cut, rewritten or read.  Returns what
 * does it, for the log, or NULL with errno if it could not be done.
 */
const char *sandbox_collector(void);

/*
 * Before threads are made that are to be in the sandbox: what they have to have
 * from their birth, for a thread can give it up for itself alone.  The rest
 * comes to all of them with the sandbox.  0, or -1 with errno.
 */
int sandbox_threads(void);

/*
 * Who seals segments, from here on: descriptors it has may be read, written,
 * mapped for reading and synced, memory allocated.  Likewise.
 */
const char *sandbox_sealer(void);

/*
 * A meter (softflowd(8)), from here on: as the collector, and sockets of IPv4
 * and IPv6 may be made and connected, for a collector that comes back, a file
 * that is open may be read anywhere.  Likewise.
 */
const char *sandbox_meter(void);
/* Who talks to softflowctl(8): connections may be accepted.  Likewise. */
const char *sandbox_control(void);

/* What sandbox_collector would use, without doing it; "nothing" for none. */
const char *sandbox_name(void);

/* The parent, where the system can tell a parent's needs: likewise. */
const char *sandbox_parent(void);

#endif /* SANDBOX_H */
