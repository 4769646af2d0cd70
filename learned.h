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
 * What the decoder learned, kept outside of the collector: when that is worth
 * a file, and the file, by descriptors that the parent opened.
 */

#ifndef LEARNED_H
#define LEARNED_H

#include <stdbool.h>
#include <stdint.h>

#include "allot.h"
#include "intake.h"

struct learned {
	uint64_t changes;   /* of the decoder, as they were saved */
	uint64_t confirmed; /* L_TEMPLATES then */
	int64_t tried;	    /* ns of the monotonic clock, or 0 */
	uint64_t bytes;	    /* of the last one */
	bool asked;	    /* the parent was, for a descriptor */
	bool stale;	    /* what is kept says that nothing came after it */
};

#define LEARNED_FILES WORKERS_MAX

/* Whose exporters are kept. */
struct share {
	uint32_t worker;
	uint32_t workers;
	bool groups; /* datagrams to groups come, too: to the first worker */
};

/*
 * Take in what is kept in so many files, before the first datagram: of an
 * exporter that several have, the latest counts.  Says so in the log, and what
 * was wrong with it.  The descriptors stay the caller's.
 */
void learned_load(struct learned *, struct intake *, const struct share *,
    const int *fd, size_t n);

/* Should the parent be asked now? */
bool learned_due(const struct learned *, const struct intake *, int64_t now);

/*
 * Write all of it.  clean: nothing more is received.  Returns how many bytes
 * that was, 0 if it failed or fd is -1.
 */
uint64_t learned_save(struct learned *, const struct intake *, int fd,
    bool clean);

#endif /* LEARNED_H */
