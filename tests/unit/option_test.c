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
 * Each option does to the settings what the manual says, as a letter, as a
 * word and as a line of a file.  Each case is a process of its own, since
 * what is wrong ends the process.
 */

#include <sys/types.h>
#include <sys/wait.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/duration.h"
#include "meter/option.h"

#define WORDS 24
#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

static char file[] = "/tmp/flowd-option.XXXXXX";
static struct settings s;

/* Split at blanks; '_' stands for one within a word. */
static int
split(const char *line, char **argv)
{
	static char copy[2048];
	char *word, *next = copy, *p;
	int n = 0;

	snprintf(copy, sizeof(copy), "softflowd %s", line);
	while ((word = strsep(&next, " ")) != NULL) {
		if (*word == '\0')
			continue;
		for (p = word; *p != '\0'; p++)
			if (*p == '_')
				*p = ' ';
		argv[n++] = word;
	}
	argv[n] = NULL;
	return (n);
}

/* What the options say, and what read them said: the status, -1 for a signal.
 */
static int
read_them(const char *line, bool (*check)(void), char *said, size_t size)
{
	char *argv[WORDS];
	int status, out[2];
	size_t got = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	if ((pid = fork()) == 0) {
		dup2(out[1], 2);
		dup2(out[1], 1);
		close(out[0]);
		options_read(&s, split(line, argv), argv);
		_exit(check == NULL || check() ? 0 : 99);
	}
	close(out[1]);
	while (got < size - 1 &&
	    (n = read(out[0], said + got, size - 1 - got)) > 0)
		got += (size_t)n;
	said[got] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void
must_be(const char *line, bool (*check)(void), const char *what)
{
	char said[8192];
	int status = read_them(line, check, said, sizeof(said));

	if (status != 0)
		fail_msg("%s: not so: %s (status %d)\n%s", line, what, status,
		    said);
}

static void
write_file(const char *text)
{
	FILE *fp = fopen(file, "w");

	assert_non_null(fp);
	fputs(text, fp);
	assert_int_equal(fclose(fp), 0);
}

#define CHECK(name, expression)      \
	static bool name(void)       \
	{                            \
		return (expression); \
	}
#define IS(member, text) (s.member != NULL && strcmp(s.member, text) == 0)

/* What each option is to do; the source is there already. */
CHECK(is_first_order, s.first_order &&s.export.first_order)
CHECK(is_v9, s.export.version == 9 && s.observe.ipv6)
CHECK(is_v1, s.export.version == 1 && !s.observe.ipv6)
CHECK(is_ipfix, s.export.version == 10)
CHECK(is_psamp, s.export.version == 0)
CHECK(is_biflow, s.export.biflow)
CHECK(is_balance, s.export.balance)
CHECK(is_tcp_transport, s.dest[0].transport == DEST_TCP)
CHECK(is_sctp, s.dest[0].transport == DEST_SCTP)
CHECK(is_ttl, s.dest[0].ttl == 7)
CHECK(is_send_interface, IS(dest[0].interface, "eth9"))
CHECK(is_source,
    s.dest[0].source.family == ADDR_V4 && s.dest[0].source.b[3] == 9 &&
	s.export.exporter.b[3] == 9)
CHECK(is_two_dests,
    s.ndests == 2 && IS(dest[0].host, "192.0.2.1") &&
	IS(dest[1].host, "2001:db8::1") && IS(dest[1].port, "4739"))
CHECK(is_milli, s.export.times == TIMES_MILLISECONDS)
CHECK(is_nano, s.export.times == TIMES_NANOSECONDS)
CHECK(is_packet_time, s.packet_time)
CHECK(is_uptime, s.uptime_max == 2 * 86400)
CHECK(is_uptime_capped, s.uptime_max == 4294944)
CHECK(is_sampled, s.sampling == 100 && s.export.sampling == 100)
CHECK(is_not_sampled, s.sampling == 1 && s.export.sampling == 1)
CHECK(is_vlan, s.export.track == TRACK_VLAN && s.observe.track == TRACK_VLAN)
CHECK(is_ether, s.export.track == TRACK_ETHER && s.observe.link_data)
CHECK(is_mac,
    s.export.has_mac &&memcmp(s.export.mac, "\2\0\x5e\x10\0\1", 6) == 0)
CHECK(is_labels, s.export.labels == 3 && s.observe.link_data)
CHECK(is_max, s.max_flows == 100000)
CHECK(is_timeout, s.timeouts.tcp == 5400 && s.timeouts.tcp_fin == 300)
CHECK(is_idle,
    s.timeouts.tcp == 15 && s.timeouts.udp == 15 && s.timeouts.icmp == 15 &&
	s.timeouts.general == 15 && s.timeouts.tcp_rst == 120)
CHECK(is_active, s.timeouts.active == 60)
CHECK(is_expint, s.timeouts.expint == 60)
CHECK(is_ipv6, s.observe.ipv6 &&s.source.snaplen == 160)
CHECK(is_snaplen, s.source.snaplen == 2000)
CHECK(is_buffer, s.source.buffer == 1048576)
CHECK(is_not_promiscuous, !s.source.promiscuous)
CHECK(is_pidfile, IS(pidfile, "/x/pid"))
CHECK(is_control, IS(ctlsock, "/x/ctl") && s.ctlsock_given)
CHECK(is_no_control, s.ctlsock == NULL)
CHECK(is_foreground, s.foreground)
CHECK(is_debug, s.foreground &&s.debug &&s.observe.ipv6)
CHECK(is_clocks, s.clocks)
CHECK(is_meters, s.meters == 4)
CHECK(is_tunnels, s.observe.inner)
CHECK(is_tcp, s.observe.tcp &&s.export.tcp)
CHECK(is_names, s.observe.names &&s.export.names &&s.source.snaplen == 1600)
CHECK(is_own, s.own_export)
CHECK(is_frame, s.observe.frame_octets)
CHECK(is_flow_sampling, s.export.flow_sampling == 10)
CHECK(is_rate, s.dest[0].rate == 500)
CHECK(is_no_rate, s.dest[0].rate == 0)
CHECK(is_queue, s.dest[0].queue == 77)
CHECK(is_template_messages, s.export.template_messages == 3)
CHECK(is_template_time, s.export.template_seconds == 600)
CHECK(is_domain, s.export.domain == 4294967295u)
CHECK(is_if_name, s.export.if_name)
CHECK(is_owner, IS(ctl_owner, "a:b"))
CHECK(is_mode, s.ctl_mode == 0660)
CHECK(is_user, IS(user, "nobody"))
CHECK(is_chroot, IS(chroot, "/x"))
CHECK(is_filter, IS(source.filter, "tcp port 80"))

/* As arguments, and as a line of a file: NULL if it is the same. */
static const struct {
	const char *letter; /* or NULL */
	const char *word;
	const char *value;
	bool (*check)(void);
	const char *with; /* other arguments that it needs */
} options[] = {
    {NULL, "address-order", NULL, is_first_order, ""},
    {"v", "export", "9", is_v9, ""},
    {"v", "export", "1", is_v1, ""},
    {"v", "export", "IPFIX", is_ipfix, ""},
    {"v", "export", "psamp", is_psamp, ""},
    {"b", "biflow", NULL, is_biflow, "-v 10"},
    {"l", "balance", NULL, is_balance, "-n 192.0.2.1:1,192.0.2.2:1"},
    {"P", "transport", "TCP", is_tcp_transport, "-n 192.0.2.1:1"},
    {"P", "transport", "sctp", is_sctp, "-n 192.0.2.1:1"},
    {"L", "ttl", "7", is_ttl, "-n 192.0.2.1:1"},
    {"S", "send-interface", "eth9", is_send_interface, "-n 192.0.2.1:1"},
    {"e", "source", "192.0.2.9", is_source, "-n 192.0.2.1:1"},
    {"n", "collector", "192.0.2.1:1,[2001:db8::1]:4739", is_two_dests, ""},
    {"A", "timestamps", "Milli", is_milli, ""},
    {"A", "timestamps", "nano", is_nano, ""},
    {"a", "packet-time", NULL, is_packet_time, ""},
    {"I", "reset-uptime", "2d", is_uptime, ""},
    {"I", "reset-uptime", "49d18h", is_uptime_capped, ""},
    {"s", "sampling", "100", is_sampled, ""},
    {"s", "sampling", "0", is_not_sampled, ""},
    {"s", "sampling", "1", is_not_sampled, ""},
    {"T", "track", "VLAN", is_vlan, ""},
    {"T", "track", "ether", is_ether, ""},
    {"H", "mac", "2:0:5E:10:0:1", is_mac, "-T ether"},
    {"x", "mpls", "3", is_labels, "-v 9"},
    {"m", "max-flows", "100000", is_max, ""},
    {"t", "timeout", "tcp=1h30m", is_timeout, ""},
    {"t", "timeout", "idle=15", is_idle, ""},
    {"t", "timeout", "active=1m", is_active, ""},
    {"t", "timeout", "ExpInt=60", is_expint, ""},
    {"6", "ipv6", NULL, is_ipv6, ""},
    {"C", "snaplen", "2000", is_snaplen, ""},
    {"B", "buffer", "1048576", is_buffer, ""},
    {"N", "no-promiscuous", NULL, is_not_promiscuous, ""},
    {"p", "pidfile", "/x/pid", is_pidfile, ""},
    {"c", "control", "/x/ctl", is_control, ""},
    {"c", "control", "none", is_no_control, ""},
    {"d", "foreground", NULL, is_foreground, ""},
    {"D", "debug", NULL, is_debug, ""},
    {"g", "clocks", NULL, is_clocks, ""},
    {"j", "meters", "4", is_meters, ""},
    {NULL, "tunnels", NULL, is_tunnels, ""},
    {NULL, "tcp", NULL, is_tcp, "-v 10"},
    {NULL, "names", NULL, is_names, "-v 10"},
    {NULL, "own-export", NULL, is_own, ""},
    {NULL, "frame-octets", NULL, is_frame, ""},
    {NULL, "flow-sampling", "10", is_flow_sampling, ""},
    {NULL, "rate", "500", is_rate, "-n 192.0.2.1:1"},
    {NULL, "rate", "0", is_no_rate, "-n 192.0.2.1:1"},
    {NULL, "queue", "77", is_queue, "-n 192.0.2.1:1"},
    {NULL, "template-messages", "3", is_template_messages, ""},
    {NULL, "template-time", "10m", is_template_time, ""},
    {NULL, "domain", "4294967295", is_domain, ""},
    {NULL, "if-name", NULL, is_if_name, ""},
    {NULL, "control-owner", "a:b", is_owner, ""},
    {NULL, "control-mode", "0660", is_mode, ""},
    {NULL, "user", "nobody", is_user, ""},
    {NULL, "chroot", "/x", is_chroot, ""},
    {NULL, "filter", "tcp_port_80", is_filter, ""},
};

static void
each_letter_does_what_it_says(void **state)
{
	char line[512];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(options); i++) {
		if (options[i].letter == NULL)
			continue;
		snprintf(line, sizeof(line), "-i lo %s -%s %s", options[i].with,
		    options[i].letter,
		    options[i].value == NULL ? "" : options[i].value);
		must_be(line, options[i].check, options[i].word);
	}
}

static void
each_word_does_what_it_says(void **state)
{
	char line[512];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(options); i++) {
		snprintf(line, sizeof(line), "-i lo %s --%s %s",
		    options[i].with, options[i].word,
		    options[i].value == NULL ? "" : options[i].value);
		must_be(line, options[i].check, options[i].word);
	}
}

static void
each_line_of_a_file_does_what_its_word_does(void **state)
{
	char line[512], *p;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(options); i++) {
		snprintf(line, sizeof(line), "# a comment\n\n  %s %s # more\n",
		    options[i].word,
		    options[i].value == NULL ? "" : options[i].value);
		for (p = line; (p = strchr(p, '_')) != NULL;)
			*p = ' ';
		write_file(line);
		snprintf(line, sizeof(line), "-i lo %s -f %s", options[i].with,
		    file);
		must_be(line, options[i].check, options[i].word);
	}
}

CHECK(has_defaults,
    IS(source.interface, "lo") && s.source.promiscuous &&
	s.source.snaplen == 96 && s.export.version == 5 &&
	s.export.track == TRACK_FULL && s.timeouts.tcp == 3600 &&
	s.timeouts.tcp_rst == 120 && s.timeouts.tcp_fin == 300 &&
	s.timeouts.udp == 300 && s.timeouts.icmp == 300 &&
	s.timeouts.general == 3600 && s.timeouts.maxlife == 604800 &&
	s.timeouts.expint == 0 && s.timeouts.active == 0 &&
	s.max_flows == 8192 && s.sampling == 1 && s.meters == 1 &&
	s.ndests == 0 && !s.observe.ipv6 && !s.foreground && !s.packet_time &&
	s.export.times == TIMES_UPTIME && s.export.template_messages == 16 &&
	s.export.template_seconds == 60 && s.ctl_mode == 0600 &&
	IS(pidfile, RUNDIR "/softflowd.pid") &&
	IS(ctlsock, RUNDIR "/softflowd.ctl") && !s.ctlsock_given)

static void
defaults_are_those_of_the_manual(void **state)
{
	(void)state;
	must_be("-i lo", has_defaults, "defaults");
}

CHECK(is_of_a_file,
    s.packet_time &&s.foreground &&s.ctlsock == NULL && IS(source.file, "-") &&
	s.common.wait)

static void
a_capture_file_brings_its_own_time_and_no_control_socket(void **state)
{
	(void)state;
	must_be("-r -", is_of_a_file, "-r");
}

CHECK(has_index, s.has_ifindex &&s.ifindex == 7 && IS(source.interface, "eth0"))
CHECK(is_an_alias, !s.has_ifindex && IS(source.interface, "eth0:1"))

static void
an_index_is_digits_and_anything_else_is_a_name(void **state)
{
	(void)state;
	must_be("-i 7:eth0", has_index, "an index");
	must_be("-i eth0:1", is_an_alias, "a name");
}

static void
what_is_left_is_a_filter(void **state)
{
	char line[128];

	(void)state;
	must_be("-i lo tcp port 80", is_filter, "a filter");
	must_be("-i lo tcp port 80 -v 9", is_filter, "a filter");
	write_file("filter udp\n");
	snprintf(line, sizeof(line), "-i lo -f %s tcp port 80", file);
	must_be(line, is_filter, "a filter");
}

CHECK(is_bundled,
    s.foreground &&s.packet_time &&s.observe.ipv6 &&s.export.version == 9)

static void
letters_can_be_bundled(void **state)
{
	(void)state;
	must_be("-da6v9 -ilo", is_bundled, "all of them");
}

/* As in /etc/softflowd/default.conf of Debian. */
CHECK(is_debian,
    s.ndests == 1 && IS(dest[0].host, "127.0.0.1") && s.export.version == 9 &&
	s.timeouts.maxlife == 300 && s.max_flows == 65536 &&
	IS(pidfile, "/run/softflowd/default.pid") && !s.foreground)

static void
the_unit_of_debian_works_as_it_is(void **state)
{
	(void)state;
	must_be("-i eth0 -p /run/softflowd/default.pid "
		"-c /run/softflowd/default.ctl -v 9 -n 127.0.0.1:9995 "
		"-t maxlife=300 -m 65536",
	    is_debian, "Debian's");
}

CHECK(is_overridden,
    IS(source.file, "x") && s.source.interface == NULL && s.ndests == 1 &&
	IS(dest[0].host, "192.0.2.9") && s.export.version == 5 &&
	s.timeouts.udp == 10 && s.timeouts.icmp == 20 && !s.export.balance)

static void
the_command_line_counts_for_more_than_the_file(void **state)
{
	char line[256];

	(void)state;
	write_file("interface eth0\ncollector 192.0.2.1:1\n"
		   "collector 192.0.2.2:1\nexport 9\ntimeout udp=20\n"
		   "timeout icmp=20\nbalance no\n");
	/* Wherever -f stands. */
	snprintf(line, sizeof(line), "-v 5 -r x -t udp=10 -n 192.0.2.9:1 -f %s",
	    file);
	must_be(line, is_overridden, "the arguments");
}

CHECK(is_quoted, IS(source.filter, "host \"a\" # b"))

static void
a_quoted_value_may_have_anything(void **state)
{
	char line[256];

	(void)state;
	write_file("filter \"host \\\"a\\\" # b\"   # a comment\n");
	snprintf(line, sizeof(line), "-i lo -f %s", file);
	must_be(line, is_quoted, "quotes");
}

static void
must_fail(const char *line, const char *says)
{
	char said[8192];
	int status = read_them(line, NULL, said, sizeof(said));

	if (status != 1 || strstr(said, says) == NULL)
		fail_msg("%s: status %d, said: %s", line, status, said);
}

static void
what_is_wrong_is_said_and_ends_with_status_1(void **state)
{
	static const struct {
		const char *line;
		const char *says;
	} wrong[] = {
	    {"", "no packet source"},
	    {"-z", "invalid option"},
	    {"-i lo --nonsense", "unrecognized option"},
	    {"-i lo -i eth0", "-i eth0: another packet source"},
	    {"-i lo -r x", "-r x: another packet source"},
	    {"-R 9 -r x", "another packet source"},
	    {"-R 65536", "-R 65536: expected 1 to 65535"},
	    {"-R 9 -v psamp", "not both"},
	    {"-R 9 tcp", "a filter is for"},
	    {"-i 70000:lo", "an index is at most 65535"},
	    {"-i lo -v 7", "-v 7: expected 1, 5, 9, 10"},
	    {"-i lo -v ntopng", "ntopng"},
	    {"-i lo -t tcp", "expected name=time"},
	    {"-i lo -t tcp=", "not a time"},
	    {"-i lo -t tcp=-1", "not a time"},
	    {"-i lo -t tcp=1x", "not a time"},
	    {"-i lo -t tcp=99999999999", "not a time"},
	    {"-i lo -t nonsense=1", "expected tcp, tcp.rst"},
	    {"-i lo -t general=0", "general"},
	    {"-i lo -n nohost", "no port"},
	    {"-i lo -T nonsense", "expected ip, proto"},
	    {"-i lo -A nonsense", "expected sec"},
	    {"-i lo -P nonsense", "expected udp, tcp or sctp"},
	    {"-i lo -H 1:2:3:4:5", "not an address"},
	    {"-i lo -H 1:2:3:4:5:6:7", "not an address"},
	    {"-i lo -x 11", "expected 0 to 10"},
	    {"-i lo -m 0", "expected 1 to"},
	    {"-i lo -m 1k", "not a number"},
	    {"-i lo -m -1", "not a number"},
	    {"-i lo -s 4294967296", "expected 0 to 4294967295"},
	    {"-i lo -L 256", "expected 0 to 255"},
	    {"-i lo -e host", "not an address"},
	    {"-i lo -j 65", "expected 1 to 64"},
	    {"-r x -j 2", "-j is for -i"},
	    {"-i lo --control-mode 8", "not a number"},
	    {"-i lo --control-mode 1777", "expected 0 to 777"},
	    {"-i lo -f /nonexistent", "/nonexistent: No such file"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(wrong); i++)
		must_fail(wrong[i].line, wrong[i].says);
}

static void
what_is_wrong_in_a_file_is_said_with_its_line(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} wrong[] = {
	    {"nonsense 1\n", ":1: nonsense: there is no such word"},
	    {"\n# x\nexport 7\n", ":3: expected 1, 5, 9, 10"},
	    {"export\n", ":1: export: the version is missing"},
	    {"export # 9\n", ":1: export: the version is missing"},
	    {"balance maybe\n", ":1: expected yes or no"},
	    {"filter \"udp\n", ":1: a quote is missing"},
	    {"filter \"udp\" tcp\n", ":1: tcp: behind the quote"},
	    {"config x\n", ":1: config: on the command line only"},
	    {"help\n", ":1: help: on the command line only"},
	    {"interface a\ninterface b", ":2: another packet source"},
	};
	char line[128];
	size_t i;

	(void)state;
	snprintf(line, sizeof(line), "-f %s", file);
	for (i = 0; i < NELEM(wrong); i++) {
		write_file(wrong[i].text);
		must_fail(line, wrong[i].says);
	}
}

static void
more_collectors_than_there_is_room_for_are_refused(void **state)
{
	char line[1024] = "-i lo -n 192.0.2.1:1";
	int i;

	(void)state;
	for (i = 1; i < COUNTERS_DESTS; i++)
		(void)strlcat(line, ",192.0.2.1:1", sizeof(line));
	must_be(line, NULL, "as many as there may be");
	(void)strlcat(line, " -n 192.0.2.1:2", sizeof(line));
	must_fail(line, "-n 192.0.2.1:2: ");
}

static void
help_and_version_end_with_status_0(void **state)
{
	static const char *const lines[] = {"-h", "--help", "-i lo --version"};
	char said[8192];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(lines); i++)
		assert_int_equal(read_them(lines[i], NULL, said, sizeof(said)),
		    0);
	assert_non_null(strstr(said, "softflowd " VERSION));
}

static void
times_are_sums(void **state)
{
	uint32_t n;

	(void)state;
	assert_int_equal(duration_parse("90", &n), 0);
	assert_int_equal(n, 90);
	assert_int_equal(duration_parse("1h30m", &n), 0);
	assert_int_equal(n, 5400);
	assert_int_equal(duration_parse("1w2d3h4m5s6", &n), 0);
	assert_int_equal(n, 604800 + 2 * 86400 + 3 * 3600 + 4 * 60 + 11);
	assert_int_equal(duration_parse("2147483647", &n), 0);
	assert_int_equal(n, INT32_MAX);
	assert_int_equal(duration_parse("2147483648", &n), -1);
	assert_int_equal(duration_parse("2147483647s1s", &n), -1);
	assert_int_equal(duration_parse("99999999999999999999", &n), -1);
	assert_int_equal(duration_parse("3551w", &n), -1);
	assert_int_equal(duration_parse("", &n), -1);
	assert_int_equal(duration_parse("h", &n), -1);
	assert_int_equal(duration_parse("1 h", &n), -1);
	assert_int_equal(duration_parse("-1", &n), -1);
}

static int
setup(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	return (fd == -1 || close(fd) == -1 ? -1 : 0);
}

static int
teardown(void **state)
{
	(void)state;
	return (unlink(file));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults_are_those_of_the_manual),
	    cmocka_unit_test(each_letter_does_what_it_says),
	    cmocka_unit_test(each_word_does_what_it_says),
	    cmocka_unit_test(each_line_of_a_file_does_what_its_word_does),
	    cmocka_unit_test(
		a_capture_file_brings_its_own_time_and_no_control_socket),
	    cmocka_unit_test(an_index_is_digits_and_anything_else_is_a_name),
	    cmocka_unit_test(what_is_left_is_a_filter),
	    cmocka_unit_test(letters_can_be_bundled),
	    cmocka_unit_test(the_unit_of_debian_works_as_it_is),
	    cmocka_unit_test(the_command_line_counts_for_more_than_the_file),
	    cmocka_unit_test(a_quoted_value_may_have_anything),
	    cmocka_unit_test(what_is_wrong_is_said_and_ends_with_status_1),
	    cmocka_unit_test(what_is_wrong_in_a_file_is_said_with_its_line),
	    cmocka_unit_test(
		more_collectors_than_there_is_room_for_are_refused),
	    cmocka_unit_test(help_and_version_end_with_status_0),
	    cmocka_unit_test(times_are_sums),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return (cmocka_run_group_tests(tests, setup, teardown));
}
