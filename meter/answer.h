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
 * A meter's side of the requests of the control process (meter/request.h): a
 * bounded piece of work each time, so that packets do not wait.
 *
 *	answers_new once; then in each turn of the loop
 *
 *	poll	answers_fd for answers_events; not longer than 0 if the last
 *		answers_step said 1
 *	step	if anything is there, or the last one said 1
 */

#ifndef METER_ANSWER_H
#define METER_ANSWER_H

#include <stdint.h>

#include "meter/expire.h"
#include "meter/extra.h"
#include "meter/flowtab.h"
#include "meter/request.h"

#define ANSWER_TOP_MAX 200 /* flows, however many were asked for */

/*
 * Everything but REQ_DUMP_FLOWS and REQ_TOP is done by the meter, in here.
 * What it returns goes back as a number: of flows, or 0.
 */
typedef uint64_t answer_fn(void *arg, enum request);

struct answers;

/* All of it is borrowed. */
struct answers_config {
	const struct flowtab *table;
	const struct expire *expire;
	const struct extras *extras; /* or NULL */
	answer_fn *act;
	void *arg;
};

/* The descriptor is the channel's from now on.  NULL with errno. */
struct answers *answers_new(int fd, const struct answers_config *);
void answers_free(struct answers *);

int answers_fd(const struct answers *);
short answers_events(const struct answers *);

/*
 * One piece.  now: ns since 1970, as in expire_run.  0: nothing to do until
 * the descriptor is ready.  1: there is more.  -1: the control process is gone
 * or mad; the meter closes the channel and goes on, or ends.
 */
int answers_step(struct answers *, int64_t now);
/* REQ_SHUTDOWN and REQ_EXIT: say that it was done before the process ends. */
void answers_end(struct answers *);

#endif /* METER_ANSWER_H */
