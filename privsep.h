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
 * The privileged half.  It parses nothing that came from a network; it opens
 * sockets and logs, hands out descriptors and does what privsep.c's table
 * permits the collector to ask for.
 */

#ifndef PRIVSEP_H
#define PRIVSEP_H

#include "conf.h"
#include "flowd.h"
#include "ipc.h"
#include "proc.h"

/*
 * What can fail for an operator to mend: the sockets and the log.  Said in the
 * log, and then -1.
 */
int privsep_prepare(const struct options *, struct conf *);

/* Run until told to stop.  Returns the exit status of the program. */
int privsep_run(void);

/*
 * The two steps between them, apart for their fuzzer: take a process for the
 * collector; do what a message of it asks for,
 * or kill it.  With pid 0 nobody is told anything, and nobody killed.
 */
void privsep_adopt(const struct proc *);
void privsep_message(struct ipc_msg *);

#endif /* PRIVSEP_H */
