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
 * Both ends of the channel between the control process and a meter, fed with
 * what the other might say that was taken over.  The first byte: how many
 * bytes come at a time.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define REQUIRE(x)                                                         \
	do {                                                               \
		if (!(x)) {                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
			    #x);                                           \
			abort();                                           \
		}                                                          \
	} while (0)

static int
take_requests(struct channel *c)
{
	struct request_msg m;
	int rc;

	while ((rc = channel_request(c, &m)) == 1)
		REQUIRE((unsigned int)m.what < REQ_MAX);
	return (rc);
}

static int
take_replies(struct channel *c)
{
	static char copy[REQUEST_TEXT_MAX];
	struct answer_msg m;
	int rc;

	while ((rc = channel_reply(c, &m)) == 1) {
		REQUIRE((unsigned int)m.what < ANS_MAX);
		REQUIRE(m.len <= REQUEST_TEXT_MAX);
		REQUIRE((m.what == ANS_TEXT) == (m.len > 0));
		memcpy(copy, m.text, m.len);
		/* What was heard can be said. */
		REQUIRE(channel_room(c));
	}
	return (rc);
}

static void
feed(const uint8_t *data, size_t size, size_t step,
    int (*take)(struct channel *))
{
	struct channel *c;
	int sv[2], rc = 0;
	size_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1 ||
	    (c = channel_new(sv[0])) == NULL)
		abort();
	for (; size > 0 && rc == 0; data += n, size -= n) {
		n = size < step ? size : step;
		REQUIRE(write(sv[1], data, n) == (ssize_t)n);
		REQUIRE(channel_fill(c) == 0);
		rc = take(c);
	}
	close(sv[1]);
	channel_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step;

	if (size == 0 || size > 65536)
		return (0);
	step = data[0] == 0 ? 65536 : data[0];
	feed(data + 1, size - 1, step, take_requests);
	feed(data + 1, size - 1, step, take_replies);
	return (0);
}
