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
 * A destination from the inside, for the two files that are it.
 */

#ifndef METER_DEST_STATE_H
#define METER_DEST_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "compat/compat.h"
#include "meter/connection.h"
#include "meter/dest.h"
#include "meter/msgqueue.h"
#include "meter/pacer.h"

#define DEST_BATCH UDP_BATCH /* messages that are sent at once */

struct dest {
	struct connection conn;
	bool wait;
	struct counters_dest *counters;
	dest_connected_fn *connected;
	void *arg;
	struct msgqueue *queue;
	struct msgqueue *first; /* what is put on connecting */
	struct pacer pacer;
	/* Written in part: it is not dropped, or the stream would be torn. */
	struct {
		uint8_t *data;
		uint32_t len;
		uint32_t done;
		uint32_t records;
	} torn;
	uint32_t first_done; /* bytes of the oldest of `first` */
	int full;	     /* why the system takes no more: an errno, or 0 */
	bool greeting;	     /* within connected() */
	bool runs;	     /* udp_send: the socket takes several as one */
	bool failed;	     /* the oldest datagram did, once */
	bool untold;	     /* the peer may lack templates */
	int64_t greeted;
	int64_t renewed; /* its socket */
	int64_t stuck;	 /* nothing went since; 0: something did */
};

/* dest-send.c */

/* Messages that are not counted otherwise yet. */
uint32_t dest_waiting(const struct dest *);
void dest_count_waiting(struct dest *);
void dest_drop(struct dest *, uint32_t records);
void dest_drop_oldest(struct dest *, struct msgqueue *);
/* There is a connection; there is none any more. */
void dest_came_up(struct dest *, int64_t now);
void dest_lost(struct dest *, int64_t now);
/* Templates, if the peer may lack some and is not told too often. */
void dest_greet_again(struct dest *, int64_t now);
/* A batch, or as many as the pace allows. */
void dest_send(struct dest *, int64_t now);

#endif /* METER_DEST_STATE_H */
