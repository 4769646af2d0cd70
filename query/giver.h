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
 * Gives flows that are in holds to another consumer, as batches, and does for
 * it what a scan does.
 */

#ifndef GIVER_H
#define GIVER_H

#include "query/consumer.h"
#include "query/hold.h"

struct giver {
	struct consumer *next;
	void *worker;
	struct batch *batch;
	struct hold_view *view;
	struct outbuf out;
	uint64_t number;
};

/* NULL, or what is wrong. */
const char *giver_begin(struct giver *, const struct hold_spec *);
/* arg: a giver.  "" when no more are wanted, or what is wrong. */
const char *giver_hold(void *arg, struct hold *);
/* err: what was wrong before.  Frees what giver_begin made. */
const char *giver_end(struct giver *, const char *err, const struct totals *);

#endif /* GIVER_H */
