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
 * The reader's own consumers, beside those of query/.
 */

#ifndef READER_ANSWER_H
#define READER_ANSWER_H

#include "query/sheet.h"
#include "reader-ask.h"
#include "reader.h"
#include "scan/flow-cells.h"
#include "scan/output.h"
#include "scan/pool.h"

/* reader-consumer.c.  Each: NULL for want of memory. */
/* A line of the classic formats for each flow. */
struct consumer *consumer_classic(struct reader *);
/* What both print and write take; owns them. */
struct consumer *consumer_both(struct consumer *, struct consumer *);

/* That nobody reads standard output any more: an end without a word. */
extern const char scan_unread[];

/* reader-gauge.c: how far it is, on a terminal, after a second. */
struct gauge;
struct gauge *gauge_begin(bool wanted, uint64_t bytes);
/* arg is the gauge, or NULL. */
void gauge_show(void *arg, uint64_t bytes, uint64_t flows);
void gauge_end(struct gauge *);
/* -v: what was read, and what not. */
void reader_tell_totals(const struct reader *, const struct totals *);

/*
 * reader-write.c: the flows, in a file that gets its name when it is whole.
 * Ends the program if that cannot be.
 */
struct written;
struct written *written_open(const char *path, unsigned int version, int level,
    const struct files *inputs);
/* Records or blocks.  NULL, or scan_unread. */
const char *written_put(struct written *, const uint8_t *, size_t);
void written_flow(struct written *, const struct flow *);
/* keep: under its name; else it is removed. */
void written_close(struct written *, bool keep);
/* raw: blocks may be taken as they are, nothing in them is changed. */
struct consumer *consumer_write(struct written *, uint32_t store_mask,
    bool raw);

#endif /* READER_ANSWER_H */
