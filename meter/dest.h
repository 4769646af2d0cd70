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
 * A destination: its socket, the messages that wait for it, and the pace at
 * which they go.  None waits for another.
 */

#ifndef METER_DEST_H
#define METER_DEST_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "meter/counters.h"

enum dest_transport { DEST_UDP, DEST_TCP, DEST_SCTP, DEST_MAX };

struct dest_config {
	enum dest_transport transport;
	const char *host;      /* name or address */
	const char *port;      /* number or service */
	int ttl;	       /* multicast; -1: the system's */
	const char *interface; /* leave by this one, or NULL */
	struct addr source;    /* family ADDR_NONE: any */
	uint32_t rate;	       /* messages a second at most; 0: as they come */
	uint32_t queue;	       /* messages that may wait */
	bool wait;	       /* a full queue waits: a file is being read */
};

struct dest;

/*
 * Looks the name up, makes the socket, and connects.  A TCP connection that is
 * refused is an error here, and tried again later on.  NULL: see err.
 * connected() is called for each connection, the first too: templates go again.
 * What it puts goes before all that waits: no data without their templates.
 */
typedef void dest_connected_fn(void *arg);
struct dest *dest_open(const struct dest_config *, dest_connected_fn *,
    void *arg, struct counters_dest *, char *err, size_t errlen);
void dest_free(struct dest *);

/* Queue a message (copied) that has so many flow records. */
void dest_put(struct dest *, const uint8_t *, size_t len, uint32_t records,
    int64_t now);

/*
 * Send what the pace allows now, connect again if it is time to.  Monotonic
 * time, ns.  Returns when to call again, INT64_MAX: not before dest_put.
 */
int64_t dest_run(struct dest *, int64_t now);
/* To poll for POLLOUT (connecting, or a full socket), or -1. */
int dest_fd(const struct dest *);
short dest_events(const struct dest *);
/* Until the queue is empty, or `until`.  True if it is. */
bool dest_drain(struct dest *, int64_t until);

bool dest_reliable(const struct dest *);    /* TCP, SCTP: templates once */
const char *dest_name(const struct dest *); /* "192.0.2.1:2055", "[::1]:2055" */
const struct addr *dest_addr(const struct dest *);
uint16_t dest_port(const struct dest *);

#endif /* METER_DEST_H */
