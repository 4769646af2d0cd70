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
 * One meter: packets from a source, flows, and their export.
 */

#ifndef METER_METER_H
#define METER_METER_H

#include <signal.h>

#include "meter/counters.h"
#include "meter/option.h"
#include "meter/source.h"

struct meter;

/*
 * All that needs a privilege or a path is done before: the source is open, and
 * so are the destinations (n of settings).  channel: to the control process,
 * or -1.  NULL: see err.
 */
struct meter *meter_new(const struct settings *, struct source *,
    struct dest **, struct counters *, int channel, char *err, size_t errlen);
void meter_free(struct meter *);
/* The dest_connected_fn of destination i; arg is a struct meter_dest. */
struct meter_dest {
	struct meter *meter; /* NULL before meter_new */
	size_t i;
};
void meter_connected(void *arg);

/* Until the end of the file, a signal or a request.  The exit status. */
int meter_main(struct meter *);

/* Set by SIGTERM and SIGINT: finish, export everything. */
extern volatile sig_atomic_t meter_stop;

#endif /* METER_METER_H */
