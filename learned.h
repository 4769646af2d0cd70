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
#include <stddef.h>
#include <stdint.h>

#include "allot.h"
#include "intake.h"
#include "writer.h"

struct learned {
	uint64_t changes;   /* of the decoder, as they were saved */
	uint64_t confirmed; /* L_TEMPLATES then */
	int64_t tried;	    /* ns of the monotonic clock, or 0 */
	uint64_t bytes;	    /* of the last one */
	bool asked;    /* the parent was, and what came of it is not done */
	bool stale;    /* what is kept says that nothing came after it */
	bool complete; /* nothing more is received */
	/* that is being written */
	struct writing w;
	int fd;
	uint8_t *buf;
	size_t len, size;
	uint64_t now_changes, now_confirmed;
	bool now_clean;
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
 * Begin to write all of it, to a descriptor that is taken; without a writer,
 * the writing w is done at once.  0; -1 if there is
 * nothing to wait for, as it failed, or fd is -1.
 */
int learned_save(struct learned *, const struct intake *, struct writer *,
    int fd);
/*
 * A writing is done.  True if that was the last of it: how many bytes it
 * became, 0 if it failed.
 */
bool learned_wrote(struct learned *, struct writer *, const struct writing *,
    uint64_t *bytes);

#endif /* LEARNED_H */
