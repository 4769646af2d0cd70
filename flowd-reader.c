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
 * flowd-reader: prints, selects and converts flow logs and recorded exports.
 */

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "reader.h"

#define NPORTS 65536

struct args {
	const char *rules;  /* -f */
	const char *output; /* -o */
	const char *format;
	const char *columns;
	const char *clauses;
	const char *since;
	const char *until;
	bool flowtools;
	bool pcap;
	bool quiet;
	char **paths; /* room for all of argv */
	int npaths;
};

enum {
	OPT_FORMAT = 256,
	OPT_COLUMNS,
	OPT_FILTER,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_FOLLOW,
	OPT_PCAP,
	OPT_PORT,
	OPT_VERSION,
};

/* clang-format off */
static const struct option longopts[] = {
	{ "columns",	required_argument,	NULL,	OPT_COLUMNS },
	{ "filter",	required_argument,	NULL,	OPT_FILTER },
	{ "follow",	no_argument,		NULL,	OPT_FOLLOW },
	{ "format",	required_argument,	NULL,	OPT_FORMAT },
	{ "help",	no_argument,		NULL,	'h' },
	{ "pcap",	optional_argument,	NULL,	OPT_PCAP },
	{ "port",	required_argument,	NULL,	OPT_PORT },
	{ "since",	required_argument,	NULL,	OPT_SINCE },
	{ "until",	required_argument,	NULL,	OPT_UNTIL },
	{ "version",	no_argument,		NULL,	OPT_VERSION },
	{ NULL,		0,			NULL,	0 },
};
/* clang-format on */

static const char help_text[] =
    "usage: flowd-reader [-cdhLqUv] [-f file] [-H n] [-o file] [options]\n"
    "                    flow-log ...\n"
    "       flowd-reader --pcap [--port list] [options] capture ...\n"
    "\n"
    "Print flows of flow logs, or of recorded export packets.  Files may be\n"
    "compressed with gzip; - is standard input.\n"
    "\n"
    "What to read:\n"
    "  -H n              only the first n flows of each file\n"
    "  -L                the logs are of version 2 (seen without it, too)\n"
    "      --follow      wait for more, across rotation, until interrupted\n"
    "      --pcap        the files are captures (pcap or pcapng) of exports\n"
    "      --port LIST   their UDP ports: 4739,9995 or any\n"
    "                    [2055,4739,6343,9995,9996]\n"
    "\n"
    "Which flows:\n"
    "  -f file           by the rules and store lines of a flowd.conf(5)\n"
    "      --filter STR  that match clauses: 'src 10.0.0.0/8 proto tcp'\n"
    "      --since TIME  received at that time or later\n"
    "      --until TIME  received before that time\n"
    "                    TIME: 2026-11-21T10:00, 10:00, 2026-11-21, @SECONDS,\n"
    "                    -1h30m, '2 days ago', today, yesterday\n"
    "\n"
    "How to print:\n"
    "  -v                all fields, and the name of each log\n"
    "  -U                times in UTC, not in local time\n"
    "  -c                CSV like flow-tools'\n"
    "      --format FMT  text, csv or json\n"
    "      --columns LIST\n"
    "                    those fields only: src_addr,dst_addr,octets\n"
    "  -q                nothing\n"
    "  -o file           write the flows to a log, and print nothing\n"
    "  -d                print all the same, and count what rules matched\n"
    "\n"
    "  -h, --help        this text\n"
    "      --version     the version\n"
    "\n"
    "Examples:\n"
    "  flowd-reader /var/log/flowd\n"
    "  flowd-reader --format json --filter 'dst port 443' /var/log/flowd\n"
    "  flowd-reader --since yesterday --until today -o day.log /var/log/flowd\n"
    "  flowd-reader --pcap exports.pcap\n"
    "\n"
    "Exit status: 0; 1 if something could not be read or written; 2 if a log\n"
    "was damaged and the rest of it was read.\n";

static void usage(void) __attribute__((__noreturn__));
static void tell(const char *) __attribute__((__noreturn__));

static void
usage(void)
{
	(void)fprintf(stderr,
	    "usage: flowd-reader [-cdhLqUv] [-f file] [-H n] [-o file] "
	    "[options] flow-log ...\n"
	    "       flowd-reader --pcap [--port list] [options] capture ...\n"
	    "See flowd-reader --help.\n");
	exit(READER_FAILED);
}

static void
tell(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		err(READER_FAILED, "standard output: write");
	exit(READER_OK);
}

static uint64_t
count_of(const char *s)
{
	const char *bad;
	long long n = strtonum(s, 1, LLONG_MAX, &bad);

	if (bad != NULL) {
		warnx("-H %s: %s", s, bad);
		usage();
	}
	return ((uint64_t)n);
}

/* "2055,4739" or "any".  The table is for good. */
static const uint8_t *
ports_of(const char *list)
{
	static uint8_t ports[NPORTS];
	char *copy, *rest, *one;
	const char *bad;
	long long n;

	if (strcmp(list, "any") == 0)
		return (NULL);
	if ((copy = strdup(list)) == NULL)
		err(READER_FAILED, NULL);
	memset(ports, 0, sizeof(ports));
	for (rest = copy; (one = strsep(&rest, ",")) != NULL;) {
		n = strtonum(one, 1, NPORTS - 1, &bad);
		if (bad != NULL) {
			warnx("--port %s: %s is %s", list,
			    *one == '\0' ? "nothing" : one, bad);
			usage();
		}
		ports[n] = 1;
	}
	free(copy);
	return (ports);
}

static void
set_long_option(struct reader *r, struct args *a, int opt)
{
	switch (opt) {
	case OPT_FORMAT:
		a->format = optarg;
		break;
	case OPT_COLUMNS:
		a->columns = optarg;
		break;
	case OPT_FILTER:
		a->clauses = optarg;
		break;
	case OPT_SINCE:
		a->since = optarg;
		break;
	case OPT_UNTIL:
		a->until = optarg;
		break;
	case OPT_FOLLOW:
		r->follow = true;
		break;
	case OPT_PCAP:
		a->pcap = true;
		if (optarg != NULL)
			a->paths[a->npaths++] = optarg;
		break;
	case OPT_PORT:
		r->ports = ports_of(optarg);
		break;
	case OPT_VERSION:
		tell("flowd-reader " VERSION "\n");
	default:
		usage();
	}
}

static void
set_option(struct reader *r, struct args *a, int opt)
{
	switch (opt) {
	case 'c':
		a->flowtools = true;
		break;
	case 'd':
		r->debug = true;
		break;
	case 'f':
		a->rules = optarg;
		break;
	case 'H':
		r->head = count_of(optarg);
		break;
	case 'h':
		tell(help_text);
	case 'L':
		r->legacy = true;
		break;
	case 'o':
		a->output = optarg;
		break;
	case 'q':
		a->quiet = true;
		break;
	case 'U':
		r->utc = true;
		break;
	case 'v':
		r->verbose = true;
		break;
	default:
		set_long_option(r, a, opt);
	}
}

static void
parse_args(struct reader *r, struct args *a, int argc, char **argv)
{
	int opt;

	if ((a->paths = calloc((size_t)argc, sizeof(*a->paths))) == NULL)
		err(READER_FAILED, NULL);
	while ((opt = getopt_long(argc, argv, "cdf:H:hLo:qUv", longopts,
		    NULL)) != -1)
		set_option(r, a, opt);
	while (optind < argc)
		a->paths[a->npaths++] = argv[optind++];
	if (a->npaths == 0) {
		warnx("no %s given", a->pcap ? "capture" : "flow log");
		usage();
	}
	if (a->pcap && (r->follow || r->legacy)) {
		warnx("--pcap: not together with %s",
		    r->follow ? "--follow" : "-L");
		usage();
	}
}

static void
columns_of(struct reader *r, const char *list)
{
	char bad[64];
	size_t i, at = 0;

	if (list == NULL) {
		format_columns_all(&r->columns);
		return;
	}
	if (format_columns_parse(&r->columns, list, bad) == 0)
		return;
	warnx("--columns: %s%s; there are:", *bad == '\0' ? "no name" : bad,
	    *bad == '\0' ? "" : ": no such field");
	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (at + strlen(fields[i].name) > 70) {
			(void)fputc('\n', stderr);
			at = 0;
		}
		at += (size_t)fprintf(stderr, "%s%s", at == 0 ? "    " : " ",
		    fields[i].name);
	}
	(void)fputc('\n', stderr);
	exit(READER_FAILED);
}

static enum reader_format
format_of(const char *name, bool columns)
{
	if (strcmp(name, "text") == 0)
		return (columns ? READER_TEXT : READER_CLASSIC);
	if (strcmp(name, "csv") == 0)
		return (READER_CSV);
	if (strcmp(name, "json") == 0)
		return (READER_JSON);
	warnx("--format %s: it is text, csv or json", name);
	usage();
}

/* Which text there will be, after all that was said about it. */
static void
choose_format(struct reader *r, const struct args *a)
{
	bool asked = a->format != NULL || a->columns != NULL || a->flowtools;

	if (a->flowtools && (a->format != NULL || a->columns != NULL)) {
		warnx("-c: not together with --format or --columns");
		usage();
	}
	columns_of(r, a->columns);
	if (a->flowtools)
		r->format = READER_FLOWTOOLS;
	else if (a->format != NULL)
		/* A classic line cannot hold what a capture can. */
		r->format = format_of(a->format, a->columns != NULL || a->pcap);
	else if (a->columns != NULL)
		r->format = READER_TEXT;
	else
		r->format = a->pcap ? READER_JSON : READER_CLASSIC;
	if (a->output != NULL && !r->debug && !asked)
		r->format = READER_NONE;
	if (a->quiet || (a->output != NULL && strcmp(a->output, "-") == 0))
		r->format = READER_NONE;
	r->text_mask = r->verbose ? STORE_ALL : STORE_BRIEF;
}

static int64_t
time_of(const struct reader *r, const char *option, const char *s)
{
	struct timespec now;
	int64_t ns;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (reader_time(s, (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec,
		r->utc, &ns) == -1) {
		warnx("%s %s: not a time", option, s);
		usage();
	}
	return (ns);
}

static void
say(void *arg, bool error, const char *msg)
{
	(void)arg;
	warnx("%s%s", error ? "" : "warning: ", msg);
}

/* The configuration owns its rules: it is returned to be freed. */
static struct conf *
choose_flows(struct reader *r, const struct args *a)
{
	struct conf_input in = {.name = a->rules,
	    .flags = CONF_FILTER_ONLY,
	    .say = say};
	struct conf *conf = NULL;

	if (a->rules != NULL) {
		if ((conf = conf_parse(&in)) == NULL)
			exit(READER_FAILED);
		r->rules = conf->filter;
		r->store_mask = conf->store_mask;
	}
	if (a->clauses != NULL &&
	    (r->clauses = conf_parse_clauses(a->clauses, say, NULL)) == NULL)
		exit(READER_FAILED);
	if (a->since != NULL)
		r->since = time_of(r, "--since", a->since);
	if (a->until != NULL)
		r->until = time_of(r, "--until", a->until);
	if (r->until < r->since)
		warnx("--until is before --since: there will be nothing");
	return (conf);
}

static void
stop(int sig)
{
	(void)sig;
	reader_stop = 1;
}

static void
set_signals(const struct reader *r)
{
	struct sigaction sa = {.sa_handler = SIG_IGN};

	/* write(2) shall tell, with EPIPE. */
	(void)sigaction(SIGPIPE, &sa, NULL);
	if (!r->follow)
		return;
	sa.sa_handler = stop;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
}

int
main(int argc, char **argv)
{
	static struct reader r = {.store_mask = STORE_ALL,
	    .since = INT64_MIN,
	    .until = INT64_MAX};
	struct args a = {0};
	struct conf *conf;

	r.ports = ports_of("2055,4739,6343,9995,9996");
	parse_args(&r, &a, argc, argv);
	choose_format(&r, &a);
	conf = choose_flows(&r, &a);
	set_signals(&r);
	if (a.output != NULL)
		r.binary = sink_file(a.output, a.paths, a.npaths);
	if (r.format != READER_NONE)
		r.text = sink_stdout();
	if (a.pcap)
		pcap_read_all(&r, a.paths, a.npaths);
	else
		log_read_all(&r, a.paths, a.npaths);
	out_close(&r);
	if (r.debug && r.rules != NULL)
		filter_print(r.rules, stderr, true);
	if (r.debug && r.clauses != NULL)
		filter_print(r.clauses, stderr, true);
	filter_free(r.clauses);
	conf_free(conf);
	free(a.paths);
	return ((int)r.status);
}
