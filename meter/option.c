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

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter/option.h"
#include "meter/optrow.h"

/* Where a field is, and how large. */
#define AT(member)                         \
	offsetof(struct settings, member), \
	    sizeof(((struct settings *)0)->member)
#define OWN 0, 0
#define MAX32 UINT32_MAX

/* Letters that are no letters: getopt_long(3) returns the row. */
#define ROW_BASE 1000

enum { HELP = 'h', VERSION_WORD = ROW_BASE - 1 };

/* clang-format off */
static const struct option_row rows[] = {
	{ 'i', "interface", "[index:]name", option_interface, OWN, 0, 0,
	    "meter what passes an interface" },
	{ 'r', "read", "file", option_file, OWN, 0, 0,
	    "meter a capture file; - is standard input" },
	{ 'R', "receive", "port", option_receive, OWN, 1, 65535,
	    "meter packets that another meter sends (PSAMP)" },
	{ 0, "filter", "expression", option_filter, OWN, 0, 0,
	    "only packets that match, as in pcap-filter(7)" },
	{ 'N', "no-promiscuous", NULL, option_promiscuous, OWN, 0, 0,
	    "leave the interface as it is" },
	{ 'C', "snaplen", "bytes", option_number, AT(source.snaplen), 1,
	    262144, "how much of each packet is captured" },
	{ 'B', "buffer", "bytes", option_number, AT(source.buffer), 0,
	    INT32_MAX, "room for packets that wait" },
	{ 'j', "meters", "n", option_number, AT(meters), 1, METERS_MAX,
	    "share the packets among so many processes" },
	{ 's', "sampling", "n", option_number, AT(sampling), 0, MAX32,
	    "one packet in n" },

	{ 'n', "collector", "host:port[,...]", option_collector, OWN, 0, 0,
	    "where flows are sent to" },
	{ 'v', "export", "version", option_version, OWN, 0, 0,
	    "1, 5, 9, 10 (IPFIX) or psamp [5]" },
	{ 'b', "biflow", NULL, option_flag, AT(export.biflow), 0, 0,
	    "both directions in one record of IPFIX" },
	{ 'l', "balance", NULL, option_flag, AT(export.balance), 0, 0,
	    "each message to one collector, in turn" },
	{ 'P', "transport", "name", option_transport, OWN, 0, 0,
	    "udp, tcp or sctp [udp]" },
	{ 'L', "ttl", "n", option_ttl, OWN, 0, 255,
	    "hops that multicast may go" },
	{ 'S', "send-interface", "name", option_text, AT(common.interface),
	    0, 0, "leave by this interface" },
	{ 'e', "source", "address", option_source, OWN, 0, 0,
	    "send from this address" },
	{ 'A', "timestamps", "unit", option_times, OWN, 0, 0,
	    "sec, milli, micro or nano" },
	{ 'x', "mpls", "n", option_number, AT(export.labels), 0, 10,
	    "labels that are exported" },
	{ 'I', "reset-uptime", "time", option_seconds, AT(uptime_max), 0,
	    INT32_MAX, "let the uptime begin anew after that" },
	{ 0, "rate", "n", option_number, AT(common.rate), 0, MAX32,
	    "messages a second, 0: as they come [25000]" },
	{ 0, "queue", "n", option_number, AT(common.queue), 1, 1 << 20,
	    "messages that may wait for a collector" },
	{ 0, "template-messages", "n", option_number,
	    AT(export.template_messages), 0, MAX32,
	    "send templates again after so many [16]" },
	{ 0, "template-time", "time", option_seconds,
	    AT(export.template_seconds), 0, INT32_MAX,
	    "send templates again after that [60s]" },
	{ 0, "domain", "n", option_number, AT(export.domain), 0, MAX32,
	    "observation domain, source id" },
	{ 0, "if-name", NULL, option_flag, AT(export.if_name), 0, 0,
	    "the name of the interface in each record" },
	{ 0, "flow-sampling", "n", option_number, AT(export.flow_sampling),
	    0, MAX32, "export one flow in n" },

	{ 'T', "track", "level", option_track, OWN, 0, 0,
	    "ip, proto, port, full, vlan or ether [full]" },
	{ '6', "ipv6", NULL, option_flag, AT(ipv6), 0, 0,
	    "count IPv6 that version 1 or 5 cannot carry" },
	{ 'H', "mac", "address", option_mac, OWN, 0, 0,
	    "what is ours, to tell ingress from egress" },
	{ 'm', "max-flows", "n", option_number, AT(max_flows), 1, 1 << 28,
	    "flows that are kept at once [8192]" },
	{ 't', "timeout", "name=time", option_timeout, OWN, 0, 0,
	    "how long flows are kept" },
	{ 'a', "packet-time", NULL, option_flag, AT(packet_time), 0, 0,
	    "the time of the packets is the time" },
	{ 0, "tunnels", NULL, option_flag, AT(observe.inner), 0, 0,
	    "meter what is inside of tunnels" },
	{ 0, "tcp", NULL, option_flag, AT(export.tcp), 0, 0,
	    "round trip, retransmissions, disorder of TCP" },
	{ 0, "names", NULL, option_flag, AT(export.names), 0, 0,
	    "names out of DNS questions and TLS" },
	{ 0, "own-export", NULL, option_flag, AT(own_export), 0, 0,
	    "meter the export, too" },
	{ 0, "frame-octets", NULL, option_flag, AT(observe.frame_octets), 0,
	    0, "count bytes of frames, as softflowd 1.1" },
	{ 0, "address-order", NULL, option_flag, AT(first_order), 0, 0,
	    "forward is the lower address, as there" },

	{ 'd', "foreground", NULL, option_flag, AT(foreground), 0, 0,
	    "do not become a daemon, log to standard error" },
	{ 'D', "debug", NULL, option_debug, OWN, 0, 0,
	    "-d -6, and say more" },
	{ 'p', "pidfile", "file", option_text, AT(pidfile), 0, 0,
	    "[" RUNDIR "/softflowd.pid]" },
	{ 'c', "control", "path", option_control, OWN, 0, 0,
	    "socket of softflowctl(8), or none" },
	{ 0, "control-owner", "user[:group]", option_text, AT(ctl_owner), 0,
	    0, "whose the socket is" },
	{ 0, "control-mode", "mode", option_mode, AT(ctl_mode), 0, 0777,
	    "who may use it [0600]" },
	{ 0, "user", "name", option_text, AT(user), 0, 0,
	    "whom to become [" METER_USER "]" },
	{ 0, "chroot", "directory", option_text, AT(chroot), 0, 0,
	    "where to be locked in [" CHROOT_DIR "]" },
	{ 'f', "config", "file", option_config, OWN, 0, 0,
	    "options, a word and its value in a line" },
	{ 'g', "clocks", NULL, option_flag, AT(clocks), 0, 0,
	    "log at the end what it cost" },
	{ 'M', "threads", NULL, option_threads, OWN, 0, 0,
	    "nothing; see -j" },
	{ HELP, "help", NULL, NULL, OWN, 0, 0, "this" },
	{ 0, "version", NULL, NULL, OWN, 0, 0, "print the version" },
};
/* clang-format on */

#define NROWS (sizeof(rows) / sizeof(rows[0]))

/* What the arguments gave, in their order. */
struct given {
	const struct option_row *row;
	const char *value;
};

const struct option_row *
option_find(const char *word)
{
	size_t i;

	for (i = 0; i < NROWS; i++)
		if (strcmp(rows[i].word, word) == 0)
			return (&rows[i]);
	return (NULL);
}

void
option_usage(FILE *fp)
{
	char left[64];
	size_t i;

	fputs("usage: softflowd [options] [filter expression]\n\n", fp);
	for (i = 0; i < NROWS; i++) {
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    rows[i].letter == 0 ? ' ' : '-',
		    rows[i].letter == 0 ? ' ' : rows[i].letter,
		    rows[i].letter == 0 ? "  " : ", ", rows[i].word,
		    rows[i].arg == NULL ? "" : " ",
		    rows[i].arg == NULL ? "" : rows[i].arg);
		fprintf(fp,
		    strlen(left) > 31 ? "  %s\n%35s%s\n" : "  %-31s%s%s\n",
		    left, strlen(left) > 31 ? "" : "  ", rows[i].help);
	}
	fputs("\nSee softflowd(8).\n", fp);
}

static void __attribute__((__noreturn__)) hint(void)
{
	fputs("softflowd -h names all options\n", stderr);
	exit(1);
}

static void __attribute__((__noreturn__)) finish(FILE *fp)
{
	exit(fflush(fp) == 0 ? 0 : 1);
}

/* The letters for getopt_long(3), and the words. */
static void
getopt_tables(char *letters, struct option *words)
{
	size_t i;

	for (i = 0; i < NROWS; i++) {
		words[i] = (struct option){.name = rows[i].word,
		    .has_arg =
			rows[i].arg != NULL ? required_argument : no_argument,
		    .val = ROW_BASE + (int)i};
		if (rows[i].letter == 0)
			continue;
		*letters++ = (char)rows[i].letter;
		if (rows[i].arg != NULL)
			*letters++ = ':';
	}
	*letters = '\0';
}

static const struct option_row *
row_of(int ch)
{
	size_t i;

	if (ch >= ROW_BASE)
		return (&rows[ch - ROW_BASE]);
	for (i = 0; i < NROWS; i++)
		if (rows[i].letter == ch)
			return (&rows[i]);
	return (NULL);
}

static size_t
take_arguments(int argc, char **argv, struct given *given)
{
	char letters[2 * NROWS + 1];
	struct option words[NROWS + 1] = {{.name = NULL}};
	const struct option_row *row;
	size_t n = 0;
	int ch;

	getopt_tables(letters, words);
	while ((ch = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		if ((row = row_of(ch)) == NULL)
			hint();
		if (row->set == NULL) { /* help, version */
			if (row->letter == HELP)
				option_usage(stdout);
			else
				puts("softflowd " VERSION);
			finish(stdout);
		}
		given[n++] = (struct given){row, optarg};
	}
	return (n);
}

/* What is left is a filter. */
static const char *
join(int argc, char **argv)
{
	size_t len = 1;
	char *s;
	int i;

	for (i = 0; i < argc; i++)
		len += strlen(argv[i]) + 1;
	if ((s = malloc(len)) == NULL)
		return (NULL);
	*s = '\0';
	for (i = 0; i < argc; i++) {
		if (i > 0)
			(void)strlcat(s, " ", len);
		(void)strlcat(s, argv[i], len);
	}
	return (s);
}

static void
apply(struct reading *r, const struct given *g)
{
	if (g->row->set(r, g->row, g->value) == 0)
		return;
	if (g->row->letter != 0)
		fprintf(stderr, "softflowd: -%c%s%s: %s\n", g->row->letter,
		    g->value == NULL ? "" : " ",
		    g->value == NULL ? "" : g->value, r->why);
	else
		fprintf(stderr, "softflowd: --%s%s%s: %s\n", g->row->word,
		    g->value == NULL ? "" : " ",
		    g->value == NULL ? "" : g->value, r->why);
	hint();
}

static void __attribute__((__noreturn__)) refuse(const struct reading *r)
{
	fprintf(stderr, "softflowd: %s\n", r->why);
	hint();
}

void
options_read(struct settings *s, int argc, char **argv)
{
	struct reading r = {.s = s};
	struct given *given;
	size_t n = 1, i;

	/* A word can be many letters. */
	for (i = 0; i < (size_t)argc; i++)
		n += strlen(argv[i]);
	if ((given = calloc(n, sizeof(*given))) == NULL)
		exit(1);
	n = take_arguments(argc, argv, given);
	options_default(s);
	for (i = 0; i < n; i++)
		if (given[i].row->set == option_config)
			r.file = given[i].value;
	if (r.file != NULL && options_file(&r, r.file) == -1) {
		fprintf(stderr, "softflowd: %s\n", r.why);
		exit(1);
	}
	r.arguments = true;
	for (i = 0; i < n; i++)
		apply(&r, &given[i]);
	free(given);
	if (optind < argc)
		s->source.filter = join(argc - optind, argv + optind);
	if (options_settle(&r) == -1)
		refuse(&r);
}
