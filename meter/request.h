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
 * What the control process asks of a meter, over a socket that both made
 * before they gave up their privileges.  Fixed sizes; a meter that sends
 * anything else is not believed, and a request that is not in the table ends
 * the meter.
 */

#ifndef METER_REQUEST_H
#define METER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Each is answered by at most one text and then a number, or ANS_DONE.  A long
 * answer is asked for piece by piece: nothing waits in a meter for a client
 * that is slow.
 */
enum request {
	REQ_DUMP_FLOWS, /* some flows behind `arg`, and the number to go on
			   behind, or 0 */
	REQ_TOP,	/* the `arg` largest flows, as text in columns; their
			   number */
	REQ_EXPIRE_ALL, /* how many */
	REQ_DELETE_ALL,
	REQ_SEND_TEMPLATE,
	REQ_DEBUG_UP,
	REQ_DEBUG_DOWN,
	REQ_STOP_GATHER,
	REQ_START_GATHER,
	REQ_SHUTDOWN,
	REQ_EXIT,
	REQ_MAX
};

enum answer {
	ANS_TEXT,   /* another follows */
	ANS_NUMBER, /* the last of its request, as ANS_DONE */
	ANS_DONE,
	ANS_MAX
};

#define REQUEST_TEXT_MAX 49152

struct request_msg {
	enum request what;
	uint32_t id;  /* comes back in each answer */
	uint32_t arg; /* REQ_DUMP_FLOWS: behind which; REQ_TOP: how many */
};

struct answer_msg {
	enum answer what;
	uint32_t id;
	uint64_t number;
	const char *text; /* borrowed until the next call */
	size_t len;
};

struct channel; /* one end, non-blocking; pieces wait in it */

/* The descriptor is the channel's: channel_free closes it. */
struct channel *channel_new(int fd);
void channel_free(struct channel *);
int channel_fd(const struct channel *);
short channel_events(const struct channel *);
/* Room for the largest text, and the number behind it? */
bool channel_room(const struct channel *);

/* 0, or -1: the other end is gone, or does not speak as it should. */
int channel_flush(struct channel *);
int channel_fill(struct channel *); /* read what is there */
int channel_ask(struct channel *, const struct request_msg *);
int channel_answer(struct channel *, const struct answer_msg *);
/* 1: *m is one; 0: none yet; -1 */
int channel_request(struct channel *, struct request_msg *);
int channel_reply(struct channel *, struct answer_msg *);

#endif /* METER_REQUEST_H */
