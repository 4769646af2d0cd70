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
 * What the sequence numbers of a TCP connection tell: the round trip, what was
 * sent again and what came out of order.  Seen from the side, and with a
 * memory that is bounded: a guess where much is lost at once.
 */

#ifndef METER_TCPSTATE_H
#define METER_TCPSTATE_H

#include <stdbool.h>
#include <stdint.h>

#define TCPSTATE_HOLES 3

/* Sequence numbers that were jumped over. */
struct tcpstate_hole {
	int64_t time; /* when */
	uint32_t from;
	uint32_t to; /* the first that is not in it */
};

struct tcpstate_side {
	uint32_t next; /* sequence number that is expected */
	uint32_t retransmits;
	uint32_t out_of_order;
	bool seen;
	uint8_t nholes; /* the oldest first */
	struct tcpstate_hole hole[TCPSTATE_HOLES];
};

enum tcpstate_syn {
	SYN_NONE,
	SYN_SENT,
	SYN_AGAIN, /* which one was answered cannot be told */
	SYN_ANSWERED,
};

struct tcpstate {
	struct tcpstate_side side[2];
	int64_t syn;	/* ns since 1970: when it was sent */
	uint32_t rtt;	/* us, from SYN to SYN-ACK; 0: not known */
	uint8_t state;	/* enum tcpstate_syn */
	uint8_t opener; /* the side that sent it */
};

struct tcpstate_segment {
	int64_t time; /* ns since 1970 */
	uint32_t seq;
	uint32_t ack;
	uint32_t len; /* of its payload */
	uint8_t flags;
	uint8_t side;
};

/* All zero is a connection of which nothing was seen. */
void tcpstate_segment(struct tcpstate *, const struct tcpstate_segment *);

#endif /* METER_TCPSTATE_H */
