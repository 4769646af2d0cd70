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
 * Ports of first fragments: kept for a while, and never too many.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "flow.h"
#include "frame.h"
#include "meter/fragments.h"

static struct fragments *fs;

/* A fragment of 10.net.0.1 with that id. */
static void
make(uint8_t net, uint16_t id, uint8_t protocol)
{
	m.len = 0;
	ipv4(protocol, net, 40);
	poke16(&m, 4, id);
	poke16(&m, 6, 0x2000);
	put(&m, 0, 20);
	memset(&pkt, 0, sizeof(pkt));
	packet_walk(PACKET_IP, rd_init(m.b, m.len), false, &pkt);
	assert_true(pkt.fragment);
}

static bool
known(int64_t now, uint32_t *ports)
{
	return (fragments_find(fs, &pkt, now, ports));
}

static void
only_the_same_packet_is_found(void **state)
{
	uint32_t ports;

	(void)state;
	make(1, 7, 17);
	fragments_note(fs, &pkt, 0x12345678, 100);
	assert_true(known(100, &ports));
	assert_int_equal(ports, 0x12345678);
	make(2, 7, 17);
	assert_false(known(100, &ports));
	make(1, 8, 17);
	assert_false(known(100, &ports));
	make(1, 7, 6);
	assert_false(known(100, &ports));
	/* The other way it is another packet. */
	make(1, 7, 17);
	m.b[15] = 2;
	m.b[19] = 1;
	assert_false(known(100, &ports));
}

static void
an_id_that_comes_again_has_the_last_ports(void **state)
{
	uint32_t ports;

	(void)state;
	make(1, 7, 17);
	fragments_note(fs, &pkt, 1, 100);
	fragments_note(fs, &pkt, 2, 200);
	assert_true(known(200, &ports));
	assert_int_equal(ports, 2);
}

static void
what_is_old_is_not_known(void **state)
{
	uint32_t ports;

	(void)state;
	make(1, 7, 17);
	fragments_note(fs, &pkt, 1, 40 * NSEC_PER_SEC);
	assert_true(known(70 * NSEC_PER_SEC, &ports));
	assert_false(known(70 * NSEC_PER_SEC + 1, &ports));
	/* Time may go back, a little. */
	assert_true(known(39 * NSEC_PER_SEC, &ports));
	assert_false(known(INT64_MIN, &ports));
	fragments_note(fs, &pkt, 1, INT64_MAX);
	assert_true(known(INT64_MAX, &ports));
	assert_false(known(INT64_MIN + 31 * NSEC_PER_SEC, &ports));
}

/* 4096 places: of 65536 the last ones are still there, the first are not. */
static void
a_flood_pushes_out_the_oldest(void **state)
{
	uint32_t i, ports, early = 0, late = 0;

	(void)state;
	for (i = 0; i < 65536; i++) {
		make(1, (uint16_t)i, 17);
		fragments_note(fs, &pkt, i, i);
	}
	for (i = 0; i < 1000; i++) {
		make(1, (uint16_t)i, 17);
		early += known(65536, &ports);
		make(1, (uint16_t)(65535 - i), 17);
		if (known(65536, &ports)) {
			assert_int_equal(ports, 65535 - i);
			late++;
		}
	}
	assert_int_equal(early, 0);
	assert_true(late > 950);
}

static int
begin(void **state)
{
	(void)state;
	return ((fs = fragments_new()) == NULL);
}

static int
end(void **state)
{
	(void)state;
	fragments_free(fs);
	return (0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(only_the_same_packet_is_found),
	    T(an_id_that_comes_again_has_the_last_ports),
	    T(what_is_old_is_not_known),
	    T(a_flood_pushes_out_the_oldest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
