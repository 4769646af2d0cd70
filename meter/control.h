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
 * The process that answers softflowctl(8).  It has the counters of all meters
 * and a channel to each, and is the only one that a client can keep waiting.
 */

#ifndef METER_CONTROL_H
#define METER_CONTROL_H

#include <stddef.h>

#include "meter/counters.h"
#include "meter/request.h"
#include "meter/statistics.h"

#define CONTROL_CLIENTS 16 /* at once; others wait in the kernel's queue */
#define CONTROL_LINE_MAX 256
#define CONTROL_CLIENT_MS 10000 /* for a client to say what it wants */
#define CONTROL_METER_MS 5000	/* for a meter to answer */

struct control_config {
	int listener; /* bound and listening */
	size_t nmeters;
	const struct counters *const *counters; /* a page each */
	const int *channels;			/* a descriptor each */
	long pid;	   /* in replies; 0: the parent's */
	int64_t client_ms; /* 0: CONTROL_x_MS */
	int64_t meter_ms;
	struct timeouts timeouts;
	struct statistics_config statistics;
};

/*
 * Until the monitor says so (SIGTERM), or all meters are gone.  Returns the
 * exit status.
 */
int control_main(const struct control_config *);

/* Make the listening socket.  -1: see err. */
int control_listen(const char *path, const char *owner, unsigned mode,
    char *err, size_t errlen);

#endif /* METER_CONTROL_H */
