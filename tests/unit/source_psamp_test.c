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

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "meter/psamp.h"
#include "meter/source.h"

#define NSEC INT64_C(1000000000)
#define FRAME_LEN 60

static struct source *source;
static int sender = -1;
static struct frame got[8];
static uint8_t got_data[8][FRAME_LEN];
static int frames;

static void
take(void *arg, const struct frame *f)
{
	(void)arg;
	assert_in_range(frames, 0, 7);
	assert_in_range(f->caplen, 0, FRAME_LEN);
	got[frames] = *f;
	memcpy(got_data[frames++], f->data, f->caplen);
}

/* A port that was free a moment ago. */
static uint16_t
free_port(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	(void)close(fd);
	return (ntohs(sin.sin_port));
}

static void
open_source(const char *filter)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	struct source_config config = {.filter = filter, .fanout = -1};
	char why[SOURCE_ERRLEN];

	config.psamp_port = free_port();
	source = source_open(&config, why);
	if (source == NULL)
		fail_msg("%s", why);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons(config.psamp_port);
	sender = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(connect(sender, (struct sockaddr *)&sin, sizeof(sin)),
	    0);
	frames = 0;
}

static void
close_source(void)
{
	source_free(source);
	(void)close(sender);
}

static enum source_state
read_all(void)
{
	enum source_state state;
	int n;

	while ((state = source_read(source, 3, take, NULL, &n)) == SOURCE_MORE)
		continue;
	return (state);
}

static void
wait_for(int n)
{
	struct pollfd pfd = {.fd = source_fd(source), .events = POLLIN};
	int tries;

	for (tries = 0; tries < 100 && frames < n; tries++) {
		(void)poll(&pfd, 1, 50);
		(void)read_all();
	}
	assert_int_equal(frames, n);
}

static void
send_bytes(const void *p, size_t len)
{
	assert_int_equal(send(sender, p, len, 0), len);
}

/* Ethernet, IPv4 and UDP to a port. */
static void
send_frame(struct psamp *p, uint16_t port, int64_t time)
{
	static const uint8_t front[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8,
	    0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0,
	    2, 0x9c, 0x40};
	uint8_t data[FRAME_LEN] = {0}, buf[PSAMP_MESSAGE];
	const struct frame f = {.data = data,
	    .caplen = sizeof(data),
	    .len = 1000,
	    .time = time};
	struct wr wr = wr_init(data, sizeof(data));

	assert_int_equal(wr_bytes(&wr, front, sizeof(front)), 0);
	assert_int_equal(wr_u16(&wr, port), 0);
	send_bytes(buf, psamp_packet(p, &f, buf));
}

static void
frames_of_another_meter_are_taken(void **state)
{
	struct psamp *p = psamp_new(0, 1);
	struct source_losses l;
	int i;

	(void)state;
	open_source(NULL);
	assert_int_equal(source_dlt(source), 1);
	assert_true(source_fd(source) >= 0);
	assert_int_equal(read_all(), SOURCE_IDLE);
	for (i = 0; i < 5; i++)
		send_frame(p, (uint16_t)(i + 1), (1700000000 + i) * NSEC);
	wait_for(5);
	for (i = 0; i < 5; i++) {
		assert_int_equal(got[i].caplen, FRAME_LEN);
		assert_int_equal(got[i].len, 1000);
		assert_int_equal(got[i].time / 1000000,
		    (1700000000 + i) * INT64_C(1000));
		assert_int_equal(be16(got_data[i] + 36), i + 1);
	}
	source_losses(source, &l);
	assert_int_equal(l.received, 5);
	assert_int_equal(l.refused, 0);
	assert_int_equal(l.dropped, 0);
	psamp_free(p);
	close_source();
}

static void
what_holds_no_frame_is_counted(void **state)
{
	struct psamp *p = psamp_new(0, 1);
	uint8_t buf[PSAMP_MESSAGE];
	struct source_losses l;

	(void)state;
	open_source(NULL);
	send_bytes("", 0);
	send_bytes("nonsense", 8);
	send_bytes(buf, psamp_template(p, 1700000000 * NSEC, buf));
	send_frame(p, 9, 1700000000 * NSEC);
	wait_for(1);
	source_losses(source, &l);
	assert_int_equal(l.received, 4);
	assert_int_equal(l.refused, 3);
	psamp_free(p);
	close_source();
}

static void
a_filter_holds_for_them_too(void **state)
{
	struct psamp *p = psamp_new(0, 1);

	(void)state;
	open_source("udp and port 53");
	send_frame(p, 80, 1700000000 * NSEC);
	send_frame(p, 53, 1700000000 * NSEC);
	send_frame(p, 80, 1700000000 * NSEC);
	send_frame(p, 53, 1700000000 * NSEC);
	wait_for(2);
	assert_int_equal(be16(got_data[1] + 36), 53);
	psamp_free(p);
	close_source();
}

static void
what_waits_is_read_before_a_stop_is_an_end(void **state)
{
	struct psamp *p = psamp_new(0, 1);

	(void)state;
	open_source(NULL);
	/* Over loopback: they are there when this returns. */
	send_frame(p, 1, 1700000000 * NSEC);
	send_frame(p, 2, 1700000000 * NSEC);
	source_stop(source);
	assert_int_equal(read_all(), SOURCE_END);
	assert_int_equal(frames, 2);
	source_start(source);
	assert_int_equal(read_all(), SOURCE_IDLE);
	psamp_free(p);
	close_source();
}

static void
a_port_that_is_taken_is_an_error(void **state)
{
	struct source_config config = {.fanout = -1};
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	char why[SOURCE_ERRLEN];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	config.psamp_port = ntohs(sin.sin_port);
	assert_null(source_open(&config, why));
	assert_string_equal(why, "Address already in use");
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_of_another_meter_are_taken),
	    cmocka_unit_test(what_holds_no_frame_is_counted),
	    cmocka_unit_test(a_filter_holds_for_them_too),
	    cmocka_unit_test(what_waits_is_read_before_a_stop_is_an_end),
	    cmocka_unit_test(a_port_that_is_taken_is_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
