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
 * A thread that receives datagrams and puts them into a ring, and what became
 * of each.  Pure C: the thread knows no Python, and never waits for it.
 */

#ifndef LISTENER_H
#define LISTENER_H

#include <pthread.h>
#include <stdatomic.h>

#include "bindings/python/core/ring.h"
#include "decode/decode.h"

/*
 * received = those of results + taken + dropped_ring + what is in the ring.
 */
struct ledger_of {
	uint64_t received;
	uint64_t results[DEC_MAX];
	uint64_t taken; /* as packets */
	uint64_t dropped_ring;
	uint64_t dropped_kernel;
	uint64_t waiting;
};

struct listener {
	pthread_mutex_t lock; /* of the ring and what is below it */
	struct ring ring;
	struct ledger_of ledger; /* but for waiting */
	bool signalled;		 /* a byte is in the pipe */
	bool ended;		 /* the thread is: nothing comes any more */
	int fd;
	int ready[2];	 /* readable: something waits, or it ended */
	int stopping[2]; /* readable: the thread shall end */
	uint32_t buffer; /* bytes that the socket holds, more or less */
	bool counts;	 /* the kernel tells drops when it is asked */
	pthread_t thread;
	bool running;
	pid_t pid; /* that made it */
	struct udp_batch *batch;
};

/*
 * It takes the bound socket.  buffer: bytes, or 0 for much.  NULL: errno says
 * why, and the socket is the caller's still.
 */
struct listener *listener_new(int fd, size_t ring, uint32_t buffer);
/* What the socket holds goes into the ring first, and the thread ends. */
void listener_stop(struct listener *);
void listener_free(struct listener *);

/* The oldest that waits, good until listener_done(); by one thread at a time */
bool listener_next(struct listener *, struct waiting *);
/* It is decoded, or taken: DEC_MAX. */
void listener_done(struct listener *, enum dec_result);
/* Until something waits or it ended: 1; 0: not by then; -1: errno. */
int listener_wait(const struct listener *, int ms);
/* Nothing waits, and nothing will. */
bool listener_over(struct listener *);
void listener_count(struct listener *, struct ledger_of *);

#endif /* LISTENER_H */
