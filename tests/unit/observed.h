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
 * For the tests of meter/observe.c: frames made by hand, and what is seen.
 */

#ifndef OBSERVED_H
#define OBSERVED_H

#include "frame.h"
#include "meter/observe.h"

static const uint8_t secret[32] = {7};
static struct flowtab *table;
static struct observer *observer;
static struct observed ob;
static int64_t clock_now;

/* Options that differ from these. */
static inline struct observe_config
usual(void)
{
	return ((struct observe_config){.link = PACKET_ETHERNET,
	    .track = TRACK_FULL,
	    .ipv6 = true});
}

static inline void
stop(void)
{
	observer_free(observer);
	flowtab_free(table);
	observer = NULL;
	table = NULL;
}

static inline void
start(struct observe_config config)
{
	stop();
	table = flowtab_new(10, config.track == TRACK_ETHER, secret);
	observer = observer_new(&config, table);
	assert_non_null(table);
	assert_non_null(observer);
}

/* The frame in m, of which `caplen` bytes were captured. */
static inline enum seen
see_part(size_t caplen)
{
	uint8_t *copy = malloc(caplen == 0 ? 1 : caplen);
	struct frame frame = {.data = copy,
	    .caplen = (uint32_t)caplen,
	    .len = (uint32_t)m.len,
	    .time = clock_now};
	enum seen seen;

	if (copy == NULL)
		abort();
	memcpy(copy, m.b, caplen);
	memset(&ob, 0xff, sizeof(ob));
	seen = observe(observer, &frame, &ob);
	free(copy);
	return (seen);
}

static inline void
see(void)
{
	assert_int_equal(see_part(m.len), SEEN_IP);
}

/* Addresses of an IPv4 header that begins there, and ports behind it. */
static inline void
turn(size_t at)
{
	uint8_t b[4];

	memcpy(b, m.b + at + 12, 4);
	memcpy(m.b + at + 12, m.b + at + 16, 4);
	memcpy(m.b + at + 16, b, 4);
	memcpy(b, m.b + at + 20, 2);
	memcpy(m.b + at + 20, m.b + at + 22, 2);
	memcpy(m.b + at + 22, b, 2);
}

static inline void
tcp_frame(void)
{
	m.len = 0;
	ethernet(0x0800);
	ipv4(6, 0, 40);
	tcp(0x012);
}

static inline int
end(void **state)
{
	(void)state;
	stop();
	return (0);
}

#define T(name) cmocka_unit_test(name)

#endif /* OBSERVED_H */
