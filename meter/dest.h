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

/*
 * Cut up the list of -n, "host:port[,host:port...]": IPv6 addresses in
 * brackets, ports as numbers or services; the last ':' separates.  Sets host
 * and port, and nothing else, of up to `max`; they point into the list, which
 * is written to.  How many there are, or -1: err has the wrong part and why,
 * as for more than `max`.
 */
int dest_parse(char *list, struct dest_config *, size_t max, char *err,
    size_t errlen);

struct dest;

/*
 * Looks the name up, makes the socket, and connects.  NULL: see err: a name
 * that is none, an interface or a source address that is not here.
 *
 * What can pass is no error: a destination that refuses, or to which there is
 * no way.  Then err says so (it is "" otherwise), and dest_run tries again
 * after 1, 2, 4 and up to 60 seconds; but with `wait` it is one.  All addresses
 * of a name are tried in turn; the name is not looked up again, so that this
 * works in a chroot.
 *
 * connected() is called within dest_open and dest_run: for each connection, the
 * first too, and when the peer may lack templates: messages were dropped, or a
 * datagram was refused, so that whoever comes back has none.  What is put while
 * it runs goes before all that waits.
 */
typedef void dest_connected_fn(void *arg);
struct dest *dest_open(const struct dest_config *, dest_connected_fn *,
    void *arg, struct counters_dest *, char *err, size_t errlen);
/* Counts what still waits as dropped; the counters must be there. */
void dest_free(struct dest *);

/*
 * Queue a message (copied) that has so many flow records.  A full queue loses
 * its oldest; or it waits (see dest_config) while any message goes within 30
 * seconds.  Each message is counted once, always:
 *	put = messages + failures + dropped + queued
 */
void dest_put(struct dest *, const uint8_t *, size_t len, uint32_t records,
    int64_t now);

/*
 * Send what the pace allows now, some messages at most; connect again if it is
 * time to; notice that the peer went.  Monotonic time, ns.  Returns when to
 * call again, `now` for at once, INT64_MAX: not before dest_put or poll says.
 */
int64_t dest_run(struct dest *, int64_t now);
/*
 * To poll, for these events, or -1; then dest_run.  It changes with
 * connections.
 */
int dest_fd(const struct dest *);
short dest_events(const struct dest *);
/*
 * The end: wait until the queue is empty, or `until` (monotonic, ns).  True if
 * it is.
 */
bool dest_drain(struct dest *, int64_t until);

/* Of those that wait the next one to go whole, borrowed; NULL: none. */
const uint8_t *dest_oldest(const struct dest *, size_t *len);

bool dest_reliable(const struct dest *);    /* TCP, SCTP: templates once */
const char *dest_name(const struct dest *); /* "192.0.2.1:2055", "[::1]:2055" */
const struct addr *dest_addr(const struct dest *);
uint16_t dest_port(const struct dest *);
/* The address that we send from; family ADDR_NONE: not known (yet). */
struct addr dest_local(const struct dest *);

#endif /* METER_DEST_H */
