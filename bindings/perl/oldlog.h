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
 * A classic log as the original's modules read it: record by record, and an
 * error where one is, behind the flows in front of it.
 */

#ifndef OLDLOG_H
#define OLDLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

enum oldlog_result {
	OLDLOG_FLOW,
	OLDLOG_END,	   /* no more, at least for now */
	OLDLOG_AGAIN,	   /* a signal came: ask again */
	OLDLOG_UNREAD,	   /* errno says why */
	OLDLOG_CUT_HEADER, /* it ends inside the head of a record */
	OLDLOG_CUT,	   /* it ends inside a record */
	OLDLOG_PACKED,	   /* its compression is damaged: oldlog_text() */
	OLDLOG_BAD,	   /* so is a record */
};

struct oldlog;

/*
 * Compressed or not; "-" is standard input.  stop is asked while nothing comes:
 * true is OLDLOG_AGAIN.  NULL and errno.
 */
struct oldlog *oldlog_open(const char *path, bool (*stop)(void *), void *arg);
void oldlog_free(struct oldlog *);

/*
 * The next record.  What is wrong is behind the cursor then, so that who goes
 * on finds the next record, or the end.
 */
enum oldlog_result oldlog_next(struct oldlog *, struct store_record *);
/* What is wrong. */
const char *oldlog_text(const struct oldlog *);
/* Where the last record, or what is wrong, began. */
uint64_t oldlog_offset(const struct oldlog *);

/* Is it a segment?  1, 0; -1: ask again.  To be asked before any record. */
int oldlog_is_segment(struct oldlog *);

#endif /* OLDLOG_H */
