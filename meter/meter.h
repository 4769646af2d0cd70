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

#include "meter/counters.h"
#include "meter/option.h"
#include "meter/source.h"

struct meter;

struct meter_config {
	const struct settings *settings;
	struct source *source; /* open, as the destinations */
	struct dest **dest;    /* ndests of the settings */
	struct counters *counters;
	int channel; /* to the control process, or -1; the meter's from now */
	int alive;   /* ends when the monitor does, or -1 */
};

/*
 * All that needs a privilege or a path is done before.  NULL with errno.
 * Signals are caught (signals.h), and blocked but for files.
 */
struct meter *meter_new(const struct meter_config *);
void meter_free(struct meter *);
/* The dest_connected_fn of destination i; arg is a struct meter_dest. */
struct meter_dest {
	struct meter *meter; /* NULL before meter_new */
	size_t i;
};
void meter_connected(void *arg);

/*
 * Until the end of the file, SIGTERM or a request; then all that was seen is
 * exported.  The exit status.
 */
int meter_main(struct meter *);

#endif /* METER_METER_H */
