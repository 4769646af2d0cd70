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
 * A reading, inside of reading.c and ask.c.
 */

#ifndef READING_STATE_H
#define READING_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "query/select.h"
#include "scan/job.h"

struct reading {
	struct scan scan;
	struct reading_options o;
	struct question q;
	struct flow_set needs; /* what is decoded before a batch goes out */
	struct files files;
	struct feed *feed; /* NULL: not begun */
	struct select *select;
	struct batch *batch;
	struct totals totals, told;
	struct sel sel;
	bool working; /* job is not done with */
	bool asked;   /* a question was answered */
	pthread_t caller;
	atomic_bool stopped;
	struct job job;
};

#endif /* READING_STATE_H */
