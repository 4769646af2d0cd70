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
 * What a collector tells its parent, and asks it for; ipc.h has the messages.
 * A parent that does not take one for ten seconds has failed, and the process
 * ends.
 */

#ifndef UPCALL_H
#define UPCALL_H

#include <stdbool.h>
#include <stdint.h>

#include "intake.h"

/* A line of the log.  Never waits: false, the parent has no room for it. */
bool upcall_say(int level, const char *line);
/* The configuration of that number is in force. */
void upcall_ready(uint32_t generation);
/* Something was learned; so many bytes of it were written, 0: it failed. */
void upcall_want_state(void);
void upcall_saved(uint64_t bytes);
/* All of the statistics, as they are. */
void upcall_stats(struct intake *);
/* What log, archive and log socket want, once. */
void upcall_wants(struct intake *);
/* It is the last one: who does not listen is waited for a second only. */
void upcall_stopped(void);

#endif /* UPCALL_H */
