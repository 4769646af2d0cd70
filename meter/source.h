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
 * Where packets come from: an interface, a capture file, another meter that
 * sends them (PSAMP).
 *
 * Opening needs privileges and paths; the rest works in a chroot and in a
 * sandbox that allows, on Linux:
 *	an interface: poll, munmap, close, recvfrom, getsockname,
 *	    ioctl (SIOCGIFFLAGS), getsockopt (SO_ERROR, PACKET_STATISTICS),
 *	    pread64, and to stop and start: setsockopt (SO_ATTACH_FILTER,
 *	    SO_DETACH_FILTER), fcntl (F_GETFL, F_SETFL);
 *	    closing: setsockopt (PACKET_RX_RING)
 *	a file: read, poll, close; write to standard error (progress)
 *	PSAMP: recvmmsg
 * and memory and clocks for all.
 */

#ifndef METER_SOURCE_H
#define METER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "meter/observe.h"

#define SOURCE_ERRLEN 512

struct source_config {
	const char *interface; /* one of these three */
	const char *file;      /* "-": standard input */
	uint16_t psamp_port;
	const char *filter; /* BPF expression, or NULL */
	int snaplen;
	int buffer; /* bytes, 0: ours */
	bool promiscuous;
	int fanout;    /* group of -j, or -1 */
	bool progress; /* of a file, on standard error */
};

/* How many packets did not come through. */
struct source_losses {
	uint64_t received; /* that libpcap had */
	uint64_t dropped;
	uint64_t if_dropped;
	uint64_t other_link; /* in a file: of interfaces of another kind */
	uint64_t refused;    /* PSAMP: datagrams that hold no packet */
};

typedef void source_frame_fn(void *arg, const struct frame *);

enum source_state {
	SOURCE_MORE,
	SOURCE_IDLE,   /* nothing for the moment: poll */
	SOURCE_END,    /* of the file */
	SOURCE_FAILED, /* see source_error */
};

struct source;

/* NULL: the reason is in err, one line. */
struct source *source_open(const struct source_config *,
    char err[SOURCE_ERRLEN]);
void source_free(struct source *);

/* Up to `max` frames to the function; *n is how many. */
enum source_state source_read(struct source *, int max, source_frame_fn *,
    void *arg, int *n);

int source_fd(const struct source *);  /* to poll, or -1: always ready */
int source_dlt(const struct source *); /* DLT_x of libpcap: packet_dlt */
const char *source_name(const struct source *); /* interface or file */
uint32_t source_ifindex(const struct source *); /* 0: none */
bool source_mac(const struct source *, uint8_t mac[6]);
bool source_live(const struct source *);
void source_losses(struct source *, struct source_losses *);
const char *source_error(const struct source *);
/* Something that did not go as asked when it was opened, or NULL. */
const char *source_warning(const struct source *);

/*
 * No packets from here on, but those that wait can be read still: until
 * SOURCE_END, which comes within a fifth of a second.
 */
void source_stop(struct source *);
void source_start(struct source *);

#endif /* METER_SOURCE_H */
