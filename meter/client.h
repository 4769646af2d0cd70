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
 * One who is served at the control socket: says a line, gets a text, and is
 * gone.  What it does not take waits in a buffer that does not grow.
 */

#ifndef METER_CLIENT_H
#define METER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "meter/command.h"
#include "meter/control.h"

#define CLIENT_BUFFER (2 * REQUEST_TEXT_MAX)

struct client {
	int fd;		  /* -1: this place is free */
	bool spoke;	  /* its line is there */
	bool finished;	  /* the rest of its text is in the buffer */
	int64_t patience; /* ms of the monotonic clock: then it is cut */
	struct command command;
	/* Of what meters were asked for it. */
	uint32_t id;	  /* of the requests that wait, 0: none do */
	uint32_t waiting; /* how many */
	int64_t overdue;  /* when they are, as above */
	size_t meter;	  /* whose text it is getting */
	uint32_t cursor;  /* how far it is */
	uint64_t sum;	  /* of numbers */
	size_t len;
	size_t start, end; /* of what waits in out */
	char line[CONTROL_LINE_MAX];
	char out[CLIENT_BUFFER];
};

/* 1: its line is there, without its end; 0: not yet; -1: cut it. */
int client_read(struct client *);
/* 1: something went; 0: nothing; -1: it is gone. */
int client_write(struct client *);
/* A stream to what is behind its text, or NULL; client_close ends it. */
FILE *client_open(struct client *);
void client_close(struct client *, FILE *);
/* Room for the largest answer of a meter? */
bool client_room(const struct client *);
void client_put(struct client *, const char *, size_t);

#endif /* METER_CLIENT_H */
