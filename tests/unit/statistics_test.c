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

#include <sys/types.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/statistics.h"

#define SECOND INT64_C(1000000000)

static char *text;
static size_t len;

static FILE *
to_text(void)
{
	FILE *f;

	free(text);
	text = NULL;
	f = open_memstream(&text, &len);
	assert_non_null(f);
	return (f);
}

/* Numbers that differ wherever one could stand for another. */
static void
some_counters(struct counters *c)
{
	*c = (struct counters){.unsampled = 77,
	    .fragments = 9,
	    .octets = 15952550,
	    .flows = 519,
	    .active = 1,
	    .expired = 516,
	    .forced = 501,
	    .deleted = 2,
	    .deleted_packets = 3,
	    .deleted_octets = 4,
	    .exported_flows = 515,
	    .exported_records = 913,
	    .flow_octets = 16092530,
	    .flow_octets_min = 42,
	    .flow_octets_max = 11099318,
	    .flow_packets = 20000,
	    .flow_packets_min = 1,
	    .flow_packets_max = 12501,
	    .flow_duration = 4536 * UINT64_C(1000000000),
	    .flow_duration_min = 4999999,
	    .flow_duration_max = 218360000000,
	    .received = 20123,
	    .dropped = 11,
	    .if_dropped = 12,
	    .memory = 65536};
	c->seen[SEEN_IP] = 20000;
	c->seen[SEEN_NOT_IP] = 5;
	c->seen[SEEN_SHORT] = 3;
	c->seen[SEEN_IGNORED] = 2;
	c->seen[SEEN_OWN] = 31;
	c->reason[END_TCP] = 1;
	c->reason[END_TCP_RST] = 2;
	c->reason[END_TCP_FIN] = 3;
	c->reason[END_UDP] = 4;
	c->reason[END_ICMP] = 5;
	c->reason[END_MAXFLOWS] = 100;
	c->reason[END_FLUSHED] = 401;
	c->reason[END_ACTIVE] = 6;
	c->protocol[6] = (struct counters_protocol){300, 5126, 3150235,
	    300 * UINT64_C(9870000000), 122830000000};
	c->protocol[253] = (struct counters_protocol){1, 173, 139780,
	    UINT64_C(17400000000), 17400000000};
	c->ndests = 2;
	c->dest[0] = (struct counters_dest){.records = 900,
	    .messages = 30,
	    .octets = 40000,
	    .failures = 1,
	    .dropped = 2,
	    .records_lost = 13,
	    .connects = 4,
	    .queued = 5,
	    .up = 1};
	c->dest[1] = (struct counters_dest){.messages = 1};
}

static const char *const counts =
    "Number of active flows: 1\n"
    "Packets processed: 20000\n"
    "Packets non-sampled: 77\n"
    "Fragments: 9\n"
    "Ignored packets: 10 (7 non-IP, 3 too short)\n"
    "Flows expired: 516 (501 forced)\n"
    "Flows exported: 515 (913 records) in 30 packets (1 failures)\n"
    "Packets received by libpcap: 20123\n"
    "Packets dropped by libpcap: 11\n"
    "Packets dropped by interface: 12\n"
    "\n";

static const char *const ended =
    "Expired flow statistics:  minimum       average       maximum\n"
    "  Flow bytes:                  42         31187      11099318\n"
    "  Flow packets:                 1            39         12501\n"
    "  Duration:                  0.00s         8.79s       218.36s\n"
    "\n"
    "Expired flow reasons:\n"
    "       tcp =         1   tcp.rst =         2   tcp.fin =         3\n"
    "       udp =         4      icmp =         5   general =         0\n"
    "   maxlife =         0\n"
    "over 2 GiB =         0\n"
    "  maxflows =       100\n"
    "   flushed =       401\n"
    "\n"
    "Per-protocol statistics:     Octets      Packets   Avg Life    Max Life\n"
    "            tcp (6):        3150235         5126       9.87s     122.83s\n"
    "      Unknown (253):         139780          173      17.40s      "
    "17.40s\n";

static const char *const behind =
    "Further statistics:\n"
    "Packets left out: 2 IPv6, 31 own export, 0 while stopped\n"
    "Flows in all: 519 (2 deleted, 0 not for this export, 0 not sampled)\n"
    "Exported while they go on:\n"
    "    active =         6\n"
    "Memory of flows: 65536 bytes\n"
    "To 192.0.2.1:2055 (up): 900 records in 30 packets of 40000 octets, "
    "5 waiting, 2 dropped, 1 failures, 13 records lost, 4 connections\n"
    "To ? (down): 0 records in 1 packets of 0 octets, "
    "0 waiting, 0 dropped, 0 failures, 0 records lost, 0 connections\n";

static void
the_block_is_that_of_softflowd(void **state)
{
	const struct statistics_config conf = {.sampling = true,
	    .live = true,
	    .ndests = 1,
	    .dest = {"192.0.2.1:2055"}};
	struct counters c;
	char want[4096];
	FILE *f = to_text();

	(void)state;
	some_counters(&c);
	statistics_text(f, &c, &conf);
	fclose(f);
	snprintf(want, sizeof(want), "%s%s\n%s", counts, ended, behind);
	assert_string_equal(text, want);
}

static void
without_an_expired_flow_there_is_no_table(void **state)
{
	const struct statistics_config conf = {.ndests = 0};
	struct counters c = {.active = 3};
	FILE *f = to_text();

	(void)state;
	c.seen[SEEN_IP] = 3017;
	statistics_text(f, &c, &conf);
	fclose(f);
	assert_string_equal(text,
	    "Number of active flows: 3\n"
	    "Packets processed: 3017\n"
	    "Fragments: 0\n"
	    "Ignored packets: 0 (0 non-IP, 0 too short)\n"
	    "Flows expired: 0 (0 forced)\n"
	    "Flows exported: 0 (0 records) in 0 packets (0 failures)\n"
	    "\n"
	    "Further statistics:\n"
	    "Packets left out: 0 IPv6, 0 own export, 0 while stopped\n"
	    "Flows in all: 0 (0 deleted, 0 not for this export, "
	    "0 not sampled)\n"
	    "Exported while they go on:\n"
	    "    active =         0\n"
	    "Memory of flows: 0 bytes\n");
}

static void
messages_to_all_are_counted_once(void **state)
{
	struct statistics_config conf = {.balance = false};
	struct counters c = {.ndests = 2,
	    .dest = {{.messages = 31}, {.messages = 30, .failures = 1}}};
	FILE *f = to_text();

	(void)state;
	statistics_text(f, &c, &conf);
	fclose(f);
	assert_non_null(strstr(text, " in 31 packets (1 failures)\n"));
	conf.balance = true;
	f = to_text();
	statistics_text(f, &c, &conf);
	fclose(f);
	assert_non_null(strstr(text, " in 61 packets (1 failures)\n"));
}

static void
counters_beyond_32_bits_are_told(void **state)
{
	const struct statistics_config conf = {.ndests = 0};
	struct counters c = {.expired = 1, .flow_octets = UINT64_C(1) << 50};
	FILE *f = to_text();

	(void)state;
	c.flow_octets_min = c.flow_octets_max = c.flow_octets;
	c.protocol[17].packets = 1;
	c.protocol[17].flows = 1;
	c.protocol[17].octets = c.flow_octets;
	statistics_text(f, &c, &conf);
	fclose(f);
	assert_non_null(strstr(text,
	    "  Flow bytes:        1125899906842624  1125899906842624  "
	    "1125899906842624\n"));
	assert_non_null(strstr(text,
	    "           udp (17): 1125899906842624            1       0.00s"
	    "       0.00s\n"));
}

static const struct statistics_sum *
sum_named(const struct counters *c, const char *name)
{
	static struct statistics_sum sums[STATISTICS_SUMS];
	size_t i;

	statistics_sums(c, sums);
	for (i = 0; i < STATISTICS_SUMS; i++)
		if (strcmp(sums[i].name, name) == 0)
			return (&sums[i]);
	fail_msg("no sum %s", name);
	return (NULL);
}

static void
a_sum_fails_when_something_was_forgotten(void **state)
{
	static const char *const names[STATISTICS_SUMS] = {"frames", "flows",
	    "ends", "forced", "protocol_flows", "protocol_packets",
	    "protocol_octets", "packets", "octets", "exports", "records"};
	struct counters c = {.frames = 10,
	    .unsampled = 3,
	    .stopped = 1,
	    .octets = 600,
	    .flows = 4,
	    .active = 1,
	    .expired = 2,
	    .forced = 1,
	    .deleted = 1,
	    .deleted_packets = 1,
	    .deleted_octets = 100,
	    .exported_flows = 1,
	    .not_exported = 1,
	    .exported_records = 4,
	    .ndests = 2,
	    .dest = {{.records = 1}, {.records = 2, .records_lost = 2}},
	    .flow_packets = 3,
	    .flow_octets = 400};
	size_t i;

	(void)state;
	c.seen[SEEN_IP] = 5;
	c.seen[SEEN_OWN] = 1;
	c.reason[END_UDP] = 1;
	c.reason[END_FLUSHED] = 1;
	c.protocol[6] = (struct counters_protocol){1, 2, 300, 0, 0};
	c.protocol[255] = (struct counters_protocol){1, 1, 100, 0, 0};
	for (i = 0; i < STATISTICS_SUMS; i++)
		assert_true(sum_named(&c, names[i])->ok);
	assert_int_equal(sum_named(&c, "frames")->left, 10);
	assert_int_equal(sum_named(&c, "frames")->right, 10);
	assert_true(sum_named(&c, "packets")->open);
	assert_int_equal(sum_named(&c, "packets")->left, 5);
	assert_int_equal(sum_named(&c, "packets")->right, 4);
	c.frames++;
	assert_false(sum_named(&c, "frames")->ok);
	/* With no flow open they must be the same. */
	c.active = 0;
	assert_false(sum_named(&c, "flows")->ok);
	assert_false(sum_named(&c, "packets")->ok);
	assert_false(sum_named(&c, "octets")->ok);
	c.protocol[255].flows = 0;
	assert_false(sum_named(&c, "protocol_flows")->ok);
	c.unsampled_flows = 1;
	assert_false(sum_named(&c, "exports")->ok);
	c.reason[END_ACTIVE] = 2;
	assert_true(sum_named(&c, "exports")->ok);
	assert_true(sum_named(&c, "ends")->ok);
	c.dest[1].records++;
	assert_false(sum_named(&c, "records")->ok);
	c.reason[END_UDP] = 2;
	assert_false(sum_named(&c, "ends")->ok);
	c.forced = 2;
	assert_false(sum_named(&c, "forced")->ok);
}

static void
json_has_counters_by_name(void **state)
{
	const struct statistics_config conf = {.ndests = 1,
	    .dest = {"a\"\n\033b:2055"}};
	static const char *const parts[] = {
	    "{\"frames\": 0, \"unsampled\": 77, ",
	    "\"flow_octets_max\": 11099318, ",
	    "\"seen\": {\"ip\": 20000, \"not_ip\": 5, \"short\": 3, "
	    "\"ignored\": 2, \"own\": 31}",
	    "\"reasons\": {\"general\": 0, \"tcp\": 1, \"tcp_rst\": 2, "
	    "\"tcp_fin\": 3, \"udp\": 4, \"icmp\": 5, \"maxlife\": 0, "
	    "\"over_bytes\": 0, \"maxflows\": 100, \"flushed\": 401, "
	    "\"active\": 6}",
	    "{\"name\": \"a\\\"\\u000a\\u001bb:2055\", \"records\": 900, "
	    "\"messages\": 30, \"octets\": 40000, \"failures\": 1, "
	    "\"dropped\": 2, \"records_lost\": 13, \"connects\": 4, "
	    "\"queued\": 5, \"up\": 1}",
	    "{\"protocol\": 253, \"name\": \"Unknown\", \"flows\": 1, "
	    "\"packets\": 173, \"octets\": 139780, \"duration\": 17400000000, "
	    "\"max_duration\": 17400000000}",
	    "{\"name\": \"forced\", \"left\": 501, \"relation\": \"=\", "
	    "\"right\": 501, \"ok\": true}",
	    "{\"name\": \"packets\", \"left\": 20000, \"relation\": \">=\", "
	    "\"right\": 20003, \"ok\": false}",
	    "\"balanced\": false}\n"};
	struct counters c;
	FILE *f = to_text();
	size_t i;

	(void)state;
	some_counters(&c);
	statistics_json(f, &c, &conf);
	fclose(f);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(text, parts[i]) == NULL)
			fail_msg("no %s in %s", parts[i], text);
}

static void
timeouts_are_those_of_softflowd(void **state)
{
	struct timeouts t = {.tcp = 100,
	    .tcp_rst = 120,
	    .tcp_fin = 301,
	    .udp = 302,
	    .icmp = 303,
	    .general = 3600,
	    .maxlife = 604800,
	    .expint = 60};
	FILE *f = to_text();
	static const char *const want = "           TCP timeout: 100s\n"
					"  TCP post-RST timeout: 120s\n"
					"  TCP post-FIN timeout: 301s\n"
					"           UDP timeout: 302s\n"
					"          ICMP timeout: 303s\n"
					"       General timeout: 3600s\n"
					"      Maximum lifetime: 604800s\n"
					"       Expiry interval: 60s\n";

	(void)state;
	statistics_timeouts(f, &t);
	fclose(f);
	assert_string_equal(text, want);
	t.active = 1800;
	f = to_text();
	statistics_timeouts(f, &t);
	fclose(f);
	assert_memory_equal(text, want, strlen(want));
	assert_string_equal(text + strlen(want),
	    "        Active timeout: 1800s\n");
}

/* 192.0.2.9:80 answers 203.0.113.1:1234, who began. */
static const struct entry conversation = {.key = {.addr = {{192, 0, 2, 9},
						      {203, 0, 113, 1}},
					      .port = {80, 1234},
					      .protocol = 6,
					      .version = 4},
    .first = 1795249569 * SECOND + 540999999,
    .last = 1795249570 * SECOND + 9000000,
    .octets = {5000000000, 2},
    .packets = {3, 4},
    .flow_label = {5, 0xfffe0300},
    .tcp_flags = {0x12, 0x1b},
    .vlan = {7, 8},
    .bits = ENTRY_LIVE | ENTRY_TURNED};

static char line[1024];

static void
flow_text(const char *what, const struct entry *e, const struct extra *x,
    uint64_t sequence)
{
	struct text t;

	text_init(&t, line, sizeof(line));
	statistics_flow(&t, what, e, x, sequence);
	(void)text_done(&t);
}

static void
a_flow_goes_from_its_initiator(void **state)
{
	(void)state;
	flow_text("ACTIVE", &conversation, NULL, 12);
	assert_string_equal(line,
	    "ACTIVE seq:12 [203.0.113.1]:1234 <> [192.0.2.9]:80 proto:6 "
	    "octets>:2 packets>:4 octets<:5000000000 packets<:3 "
	    "start:2026-11-21T08:26:09.540 finish:2026-11-21T08:26:10.009 "
	    "tcp>:1b tcp<:12 flowlabel>:fffe0300 flowlabel<:00000005 "
	    "vlan>:8 vlan<:7 ether:00:00:00:00:00:00 <> 00:00:00:00:00:00");
}

static void
link_addresses_of_a_silent_side_are_those_it_was_sent_to(void **state)
{
	struct extra x = {.side = {[1] = {.mac = {2, 0, 0, 0, 0, 1},
				       .dst_mac = {2, 0, 0, 0, 0, 0xfe}}}};

	(void)state;
	flow_text("ACTIVE", &conversation, &x, 1);
	assert_non_null(
	    strstr(line, " ether:02:00:00:00:00:01 <> 02:00:00:00:00:fe"));
}

static void
the_type_of_icmp_stays_with_the_destination(void **state)
{
	struct entry e = {.key = {.addr = {{0x20, 1}, {0x20, 2}},
			      .port = {0, 0x8000},
			      .protocol = 58,
			      .version = 6},
	    .bits = ENTRY_LIVE | ENTRY_TURNED};

	(void)state;
	flow_text("EXPIRED", &e, NULL, 1);
	assert_non_null(strstr(line,
	    "EXPIRED seq:1 [2002::]:0 <> [2001::]:32768 proto:58 "));
	/* Without IPv6 58 is something else. */
	e.key.version = 4;
	flow_text("EXPIRED", &e, NULL, 1);
	assert_non_null(strstr(line, " [32.2.0.0]:32768 <> [32.1.0.0]:0 "));
}

static void
a_line_of_top_has_its_columns(void **state)
{
	struct text t;

	(void)state;
	text_init(&t, line, sizeof(line));
	statistics_top(&t, &conversation);
	(void)text_done(&t);
	assert_string_equal(line,
	    "6 203.0.113.1 1234 192.0.2.9 80 2 4 5000000000 3 "
	    "1795249569540999999 1795249570009000000\n");
}

static int
setup(void **state)
{
	(void)state;
	statistics_init();
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	free(text);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_block_is_that_of_softflowd),
	    cmocka_unit_test(without_an_expired_flow_there_is_no_table),
	    cmocka_unit_test(messages_to_all_are_counted_once),
	    cmocka_unit_test(counters_beyond_32_bits_are_told),
	    cmocka_unit_test(a_sum_fails_when_something_was_forgotten),
	    cmocka_unit_test(json_has_counters_by_name),
	    cmocka_unit_test(timeouts_are_those_of_softflowd),
	    cmocka_unit_test(a_flow_goes_from_its_initiator),
	    cmocka_unit_test(
		link_addresses_of_a_silent_side_are_those_it_was_sent_to),
	    cmocka_unit_test(the_type_of_icmp_stays_with_the_destination),
	    cmocka_unit_test(a_line_of_top_has_its_columns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
