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
 * What a collector may ask of the privileged half: the boundary between them.
 */

#ifndef PRIVSEP_H
#define PRIVSEP_H

#include "ipc.h"
#include "parent.h"

/*
 * Do what a message of a worker asks for, or kill it.  With pid 0 nobody is
 * told anything, and nobody killed.
 */
void privsep_message(struct parent *, struct worker *, struct ipc_msg *);

/* All that it said lately, or its end. */
void privsep_listen(struct parent *, struct worker *);

#endif /* PRIVSEP_H */
