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
 * A socket that is connected, or will be: one that is lost, or refused, is
 * made again, later and later.  Never waits, but for connection_open.
 */

#ifndef METER_CONNECTION_H
#define METER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "meter/outlet.h"

enum connection_state { CONN_DOWN, CONN_CONNECTING, CONN_UP };

struct connection {
	struct outlet outlet;
	enum connection_state state;
	int fd;
	int spare; /* bound to an interface when that was still allowed */
	int spare_family;
	int64_t since;	  /* in this state; monotonic, ns */
	int64_t retry;	  /* CONN_DOWN: when */
	uint32_t backoff; /* seconds, of the last time */
	uint64_t random;
};

/*
 * Look the name up and connect; for a refusal it waits a second.  0, and err
 * is "" or why it is not up yet; -1: it never can be, see err.
 */
int connection_open(struct connection *, const struct dest_config *, char *err,
    size_t errlen);
void connection_close(struct connection *);

/* Go on with it.  True: it has just come up. */
bool connection_run(struct connection *, int64_t now);
/* Reads what the peer says, for nothing.  False: it went away. */
bool connection_alive(const struct connection *);
/* It is no good any more. */
void connection_lost(struct connection *, int64_t now);
/*
 * Of datagrams: another socket, since addresses and routes may have changed.
 * The old one stays if there is none.
 */
void connection_renew(struct connection *);
/* When connection_run has something to do; INT64_MAX: only poll(2) knows. */
int64_t connection_next(const struct connection *);

#endif /* METER_CONNECTION_H */
