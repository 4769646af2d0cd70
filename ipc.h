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
 * What the parent and the collector say to each other.  A message is one
 * datagram of a SOCK_SEQPACKET pair: two bytes of type, then its fields,
 * written and read with cursors.  It may carry one descriptor.  No struct, no
 * pointer, no path from the collector, and no descriptor's number crosses.
 */

#ifndef IPC_H
#define IPC_H

#include <stdint.h>

#include "bytes.h"

#define IPC_MAX 16384 /* bytes of a message's fields */

enum ipc_type {
	/* parent to collector */
	/* u32 generation, u32 bytes of text, u32 worker, u32 workers */
	M_CONF_BEGIN = 1,
	M_CONF_TEXT,	/* a part of flowd.conf as conf_print gives it */
	M_CONF_LISTEN,	/* u32 socket, u32 bytes of its buffer; descriptor */
	M_CONF_FORWARD, /* u32 index; descriptor */
	M_CONF_COMMIT,	/* u32 generation: from now on */
	/* u32 log, u8 1: others write to it, too; descriptor */
	M_LOG_FD,
	M_LOG_CUT_DONE, /* u32 log, u8 1 if it was cut */
	M_LOGSOCK_FD,	/* descriptor */
	M_STATS,	/* tell of each exporter */
	/* descriptor: what an earlier one learned; as many as there are */
	M_STATE,
	M_STATE_FD, /* descriptor to write that to, or none */
	M_STOP,	    /* drain, flush, exit */
	/* u32 segment, u64 ns: for flows received from then on; descriptor, or
	   none: no archive */
	M_ARCHIVE_FD,
	M_ARCHIVE_CUT_DONE, /* u32 segment, u8 1 if it was cut */
	M_ARCHIVE_HOLD,	    /* u8 1: the disk is too full to write; 0: go on */
	/* collector to parent: privsep.c has the table */
	M_READY = 64,	/* u32 generation: in force */
	M_SAY,		/* u8 syslog level, text */
	M_LOG_WANT,	/* u32 log: it is gone or broken, open it anew */
	M_LOG_CUT,	/* u32 log, u64 size: take a part-written record off */
	M_LOGSOCK_WANT, /* nobody listens there: try anew */
	M_EXPORTER, /* u8 family, 16 bytes, u16 port, u64 last, u8 1: it has a
		       clock, that is u64 ms ahead, u64 at least, u64 at most,
		       L_MAX times u64 */
	M_STATS_END,
	M_STOPPED, /* everything is on disk */
	M_IGNORED, /* u64 more; then u32 enterprise, u16 element, u64 records */
	M_STATE_WANT,	/* something was learned */
	M_STATE_DONE,	/* u64 bytes written, 0: it failed */
	M_ARCHIVE_WANT, /* u32 segment: it is gone or broken */
	M_ARCHIVE_CUT,	/* u32 segment, u64 size */
	M_ARCHIVE_LEFT, /* u32 segment: nothing more goes to those before it */
};

struct ipc_msg {
	uint16_t type;
	int fd;		/* -1: none; the receiver's from now on */
	struct rd data; /* into buf */
	uint8_t buf[2 + IPC_MAX];
};

/* A connected pair, close-on-exec, not blocking.  0 or -1. */
int ipc_pair(int sv[2]);

/* For building a message: the fields are written with wr_*. */
struct ipc_out {
	struct wr data;
	uint8_t buf[2 + IPC_MAX];
};
void ipc_new(struct ipc_out *, enum ipc_type);

/*
 * Send it, with a descriptor unless that is -1.  Waits up to a number of
 * milliseconds for room (0: not at all).  0, or -1 with errno (EAGAIN: no
 * room).
 */
int ipc_send(int sock, const struct ipc_out *, int fd, int wait_ms);

/*
 * 1 and a message; 0 when the other end is gone; -1 with errno: EAGAIN when
 * there is none now, EBADMSG when it was cut short or carried too much.
 */
int ipc_recv(int sock, struct ipc_msg *);

#endif /* IPC_H */
