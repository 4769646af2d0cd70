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
 * Logs that others took the place of, in the parent: for as long as a collector
 * may be writing to them, for it may die while it does.
 */

#ifndef OLDLOGS_H
#define OLDLOGS_H

#include <stddef.h>
#include <stdint.h>

#include "ledger.h"
#include "logopen.h"

#define OLDLOGS (LEDGER_LOGS - 1)

struct oldlogs {
	struct logopen log[OLDLOGS]; /* the oldest first */
	size_t n;
};

/* The log is about to be another; its descriptor is duplicated. */
void oldlogs_add(struct oldlogs *, const struct logopen *);
/* Once a second: those that the collector lists no more are closed. */
void oldlogs_check(struct oldlogs *, const struct ledger_segment[LEDGER_LOGS]);
/* As logopen_cut, of the one of that number; failed if there is none. */
enum logopen_cut oldlogs_cut(struct oldlogs *, uint32_t number, uint64_t size,
    uint64_t most);
/* The collector crashed: what it did not count is cut off, and all closed. */
void oldlogs_crashed(struct oldlogs *, const struct ledger_segment[LEDGER_LOGS],
    uint64_t most);

#endif /* OLDLOGS_H */
