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
 * flowd-reader's options: one table, of which the usage and --help are made,
 * too.
 */

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader-args.h"
#include "reader.h"

/* getopt_long(3) returns this and the row for a word without a letter. */
#define ROW_BASE 1000
#define HELP_AT 26 /* the column of explanations */
#define HELP_WIDTH 79

struct arg_row {
	int letter;
	const char *word;  /* "" if there is only the letter */
	const char *value; /* what to call it, NULL if there is none */
	enum arg arg;
	const char *what;
};

/* clang-format off */
static const struct arg_row rows[] = {
	{ 'H', "head", "n", ARG_HEAD,
	    "only the first n flows of each file" },
	{ 'L', "legacy", NULL, ARG_LEGACY,
	    "the logs are of version 2 (seen without it, too)" },
	{ 0, "follow", NULL, ARG_FOLLOW,
	    "wait for more, across rotation, until interrupted" },
	{ 0, "pcap", "[=file]", ARG_PCAP,
	    "the files are captures (pcap or pcapng) of exports" },
	{ 0, "port", "list", ARG_PORT,
	    "their UDP ports: 4739,9995 or any [2055,4739,6343,9995,9996]" },

	{ 'f', "rules", "file", ARG_RULES,
	    "by the rules and store lines of a flowd.conf(5)" },
	{ 0, "filter", "clauses", ARG_FILTER,
	    "that match clauses: 'src 10.0.0.0/8 proto tcp'" },
	{ 0, "since", "time", ARG_SINCE,
	    "received at that time or later: 2026-11-21T10:00, 10:00, "
	    "2026-11-21, @seconds, -1h30m, '2 days ago', today, yesterday" },
	{ 0, "until", "time", ARG_UNTIL,
	    "received before that time" },

	{ 0, "group-by", "keys", ARG_GROUP,
	    "sums by fields, addresses by prefixes: src_addr/24/64,dst_port; "
	    "addr, port, as and if count both ends" },
	{ 0, "every", "time", ARG_EVERY,
	    "and by steps of time: 5m, 1h, 1d" },
	{ 0, "spread", "how", ARG_SPREAD,
	    "a flow counts at its start, or even until its end [start]" },
	{ 0, "bidirectional", NULL, ARG_BIDIRECTIONAL,
	    "the two directions of a conversation are one" },
	{ 0, "distinct", "keys", ARG_DISTINCT,
	    "how many different values they have" },
	{ 0, "stats", NULL, ARG_STATS,
	    "a summary: protocols, sizes, durations, exporters, times" },
	{ 0, "count", NULL, ARG_COUNT,
	    "the totals alone" },
	{ 0, "scale", NULL, ARG_SCALE,
	    "counters times the sampling rate" },
	{ 0, "sort", "list", ARG_SORT,
	    "by quantities or fields, greatest first: octets, bps, start:asc" },
	{ 'n', "top", "n", ARG_TOP,
	    "only the first n of them; without --sort by octets" },

	{ 0, "format", "format", ARG_FORMAT,
	    "text, table, csv, json, ndjson, classic or none" },
	{ 0, "columns", "list", ARG_COLUMNS,
	    "those fields and quantities only: src_addr,octets,bps; of "
	    "groups quantities" },
	{ 'c', "", NULL, ARG_FLOWTOOLS,
	    "CSV like flow-tools'" },
	{ 0, "human", NULL, ARG_HUMAN,
	    "tables with 1.5 K, 3.2 M (on a terminal it is so)" },
	{ 0, "no-human", NULL, ARG_NO_HUMAN,
	    "tables with all digits" },
	{ 'U', "utc", NULL, ARG_UTC,
	    "times in UTC, not in local time" },
	{ 'v', "verbose", NULL, ARG_VERBOSE,
	    "all fields, the name of each log, and what was read" },
	{ 'q', "quiet", NULL, ARG_QUIET,
	    "print no flows" },
	{ 'd', "debug", NULL, ARG_DEBUG,
	    "print all the same, and count what rules matched" },
	{ 0, "anonymize", "key", ARG_ANONYMIZE,
	    "other addresses, with the same prefixes; a file of 32 bytes, "
	    "or 64 hexadecimal digits" },

	{ 'o', "output", "file", ARG_OUTPUT,
	    "write the flows to a file, and print nothing" },
	{ 0, "store-version", "n", ARG_STORE_VERSION,
	    "3, the classic log, or 4, a segment of an archive [3]" },
	{ 0, "compress", "level", ARG_COMPRESS,
	    "of zstd in version 4: none or 1 to 19 [3]" },

	{ 0, "check", NULL, ARG_CHECK,
	    "look at each byte, and say what is whole and what is lost" },
	{ 0, "repair", "file", ARG_REPAIR,
	    "write what is whole to a new file" },

	{ 0, "threads", "n", ARG_THREADS,
	    "so many at a time [processors]" },
	{ 0, "memory", "size", ARG_MEMORY,
	    "for groups and for sorting [a quarter, 1G at most]" },
	{ 0, "tmpdir", "dir", ARG_TMPDIR,
	    "for what does not fit [$TMPDIR, /var/tmp]" },
	{ 0, "no-progress", NULL, ARG_NO_PROGRESS,
	    "do not show how far it is" },

	{ 'h', "help", NULL, ARG_HELP,
	    "this text" },
	{ 0, "version", NULL, ARG_VERSION,
	    "the version" },
};

/* What stands before the rows from one on. */
static const struct {
	enum arg from;
	const char *title;
} titles[] = {
	{ ARG_HEAD,	"What to read:" },
	{ ARG_RULES,	"Which flows:" },
	{ ARG_GROUP,	"What of them:" },
	{ ARG_FORMAT,	"How to print:" },
	{ ARG_OUTPUT,	"Where to write:" },
	{ ARG_CHECK,	"Damage:" },
	{ ARG_THREADS,	"How to work:" },
	{ ARG_HELP,	"" },
};

/* What does not go together, or not without. */
static const struct {
	enum arg one;
	bool needs; /* the other; else it refuses it */
	enum arg other;
} pairs[] = {
	{ ARG_FLOWTOOLS, false, ARG_FORMAT },
	{ ARG_FLOWTOOLS, false, ARG_COLUMNS },
	{ ARG_FLOWTOOLS, false, ARG_GROUP },
	{ ARG_FLOWTOOLS, false, ARG_EVERY },
	{ ARG_FLOWTOOLS, false, ARG_DISTINCT },
	{ ARG_FLOWTOOLS, false, ARG_STATS },
	{ ARG_FLOWTOOLS, false, ARG_COUNT },
	{ ARG_PCAP, false, ARG_FOLLOW },
	{ ARG_PCAP, false, ARG_LEGACY },
	{ ARG_PORT, true, ARG_PCAP },
	{ ARG_FOLLOW, false, ARG_GROUP },
	{ ARG_FOLLOW, false, ARG_EVERY },
	{ ARG_FOLLOW, false, ARG_BIDIRECTIONAL },
	{ ARG_FOLLOW, false, ARG_DISTINCT },
	{ ARG_FOLLOW, false, ARG_STATS },
	{ ARG_FOLLOW, false, ARG_COUNT },
	{ ARG_FOLLOW, false, ARG_SORT },
	{ ARG_FOLLOW, false, ARG_TOP },
	{ ARG_STATS, false, ARG_GROUP },
	{ ARG_STATS, false, ARG_EVERY },
	{ ARG_STATS, false, ARG_DISTINCT },
	{ ARG_STATS, false, ARG_COUNT },
	{ ARG_STATS, false, ARG_SORT },
	{ ARG_STATS, false, ARG_TOP },
	{ ARG_STATS, false, ARG_BIDIRECTIONAL },
	{ ARG_DISTINCT, false, ARG_GROUP },
	{ ARG_DISTINCT, false, ARG_EVERY },
	{ ARG_DISTINCT, false, ARG_COUNT },
	{ ARG_DISTINCT, false, ARG_SORT },
	{ ARG_DISTINCT, false, ARG_TOP },
	{ ARG_DISTINCT, false, ARG_BIDIRECTIONAL },
	{ ARG_COUNT, false, ARG_GROUP },
	{ ARG_COUNT, false, ARG_EVERY },
	{ ARG_COUNT, false, ARG_SORT },
	{ ARG_COUNT, false, ARG_TOP },
	{ ARG_COUNT, false, ARG_BIDIRECTIONAL },
	{ ARG_COLUMNS, false, ARG_DISTINCT },
	{ ARG_COLUMNS, false, ARG_STATS },
	{ ARG_COLUMNS, false, ARG_COUNT },
	{ ARG_SPREAD, true, ARG_EVERY },
	{ ARG_HUMAN, false, ARG_NO_HUMAN },
	{ ARG_OUTPUT, false, ARG_GROUP },
	{ ARG_OUTPUT, false, ARG_EVERY },
	{ ARG_OUTPUT, false, ARG_DISTINCT },
	{ ARG_OUTPUT, false, ARG_STATS },
	{ ARG_OUTPUT, false, ARG_COUNT },
	{ ARG_STORE_VERSION, true, ARG_OUTPUT },
	{ ARG_COMPRESS, true, ARG_OUTPUT },
	{ ARG_CHECK, false, ARG_REPAIR },
};

/* --check and --repair are no questions: they go with few others. */
static const enum arg with_check[] = { ARG_CHECK, ARG_REPAIR, ARG_QUIET,
	ARG_VERBOSE, ARG_THREADS, ARG_NO_PROGRESS, ARG_UTC };
/* clang-format on */

#define NROWS (sizeof(rows) / sizeof(rows[0]))
#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

static const char usage_text[] =
    "usage: flowd-reader [-cdhLqUv] [-f file] [-H n] [-n n] [-o file]\n"
    "                    [options] file | directory ...\n"
    "       flowd-reader --pcap [--port list] [options] capture ...\n"
    "       flowd-reader --check | --repair file [options] file ...\n";

static const char before_text[] =
    "\n"
    "Print flows, or what they sum up to: of an archive (its directory, or\n"
    "segments of it), of flow logs, or of recorded export packets.  Files\n"
    "may be compressed with gzip or zstd; - is standard input.\n";

static const char after_text[] =
    "\n"
    "Examples:\n"
    "  flowd-reader --since '1 hour ago' /var/db/flowd\n"
    "  flowd-reader --group-by src_addr --top 10 /var/db/flowd\n"
    "  flowd-reader --every 5m --filter 'dst port 443' /var/db/flowd\n"
    "  flowd-reader --format ndjson --filter 'proto udp' /var/log/flowd\n"
    "  flowd-reader --store-version 4 -o day.flow /var/log/flowd.*.gz\n"
    "  flowd-reader --pcap exports.pcap\n"
    "\n"
    "Exit status: 0; 1 if something could not be read or written; 2 if a file\n"
    "was damaged and the rest of it was read; 130 if it was interrupted.\n";

void
args_usage(void)
{
	(void)fprintf(stderr, "%sSee flowd-reader --help.\n", usage_text);
	exit(READER_FAILED);
}

static const struct arg_row *
row_of(enum arg arg)
{
	size_t i = 0;

	while (rows[i].arg != arg)
		i++;
	return (&rows[i]);
}

const char *
args_name(enum arg arg)
{
	static char name[2][32];
	static unsigned int which;
	const struct arg_row *row = row_of(arg);

	/* Two of them may stand in one sentence. */
	which ^= 1;
	if (*row->word == '\0')
		(void)snprintf(name[which], sizeof(name[which]), "-%c",
		    row->letter);
	else
		(void)snprintf(name[which], sizeof(name[which]), "--%s",
		    row->word);
	return (name[which]);
}

void
args_wrong(const struct args *a, enum arg arg, const char *what)
{
	warnx("%s %s: %s", args_name(arg), a->value[arg], what);
	args_usage();
}

/* The text from column HELP_AT on, broken between words. */
static void
help_what(size_t at, const char *what)
{
	size_t len;

	for (; *what != '\0'; what += len) {
		what += strspn(what, " ");
		len = strcspn(what, " ");
		if (at < HELP_AT || at + 1 + len > HELP_WIDTH) {
			if (at >= HELP_AT - 1) {
				(void)putchar('\n');
				at = 0;
			}
			(void)printf("%*s", (int)(HELP_AT - at), "");
			at = HELP_AT;
		} else {
			(void)putchar(' ');
			at++;
		}
		(void)printf("%.*s", (int)len, what);
		at += len;
	}
	(void)putchar('\n');
}

static void
help_row(const struct arg_row *row)
{
	const char *value = row->value == NULL ? "" : row->value;
	const char *blank = *value == '\0' || *value == '[' ? "" : " ";
	int at;

	if (*row->word == '\0')
		at = printf("  -%c%s%s", row->letter, blank, value);
	else if (row->letter == 0)
		at = printf("      --%s%s%s", row->word, blank, value);
	else
		at = printf("  -%c, --%s%s%s", row->letter, row->word, blank,
		    value);
	help_what((size_t)at, row->what);
}

static void __attribute__((__noreturn__)) help(void)
{
	size_t i, t = 0;

	(void)printf("%s%s", usage_text, before_text);
	for (i = 0; i < NROWS; i++) {
		if (t < NELEM(titles) && rows[i].arg == titles[t].from)
			(void)printf("\n%s%s", titles[t].title,
			    *titles[t].title == '\0' ? "" : "\n"),
			    t++;
		help_row(&rows[i]);
	}
	(void)fputs(after_text, stdout);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(READER_FAILED, "standard output: write");
	exit(READER_OK);
}

static void __attribute__((__noreturn__)) version(void)
{
	if (printf("flowd-reader %s\n", VERSION) < 0 || fflush(stdout) == EOF)
		err(READER_FAILED, "standard output: write");
	exit(READER_OK);
}

static int
has_value(const struct arg_row *row)
{
	if (row->value == NULL)
		return (no_argument);
	return (*row->value == '[' ? optional_argument : required_argument);
}

/* What getopt_long(3) wants. */
static void
make_options(struct option *longs, char *shorts)
{
	size_t i;

	for (i = 0; i < NROWS; i++) {
		const struct arg_row *row = &rows[i];

		if (*row->word != '\0')
			*longs++ = (struct option){row->word, has_value(row),
			    NULL, ROW_BASE + (int)i};
		if (row->letter == 0)
			continue;
		*shorts++ = (char)row->letter;
		if (row->value != NULL)
			*shorts++ = ':';
	}
	*longs = (struct option){0};
	*shorts = '\0';
}

static void
take(struct args *a, int opt)
{
	size_t i;

	for (i = 0; i < NROWS; i++)
		if (opt == ROW_BASE + (int)i || opt == rows[i].letter)
			break;
	if (i == NROWS)
		args_usage();
	a->value[rows[i].arg] = optarg == NULL ? "" : optarg;
	if (rows[i].arg == ARG_PCAP && optarg != NULL)
		a->paths[a->npaths++] = optarg;
}

static void
check_pairs(const struct args *a)
{
	size_t i;

	for (i = 0; i < NELEM(pairs); i++) {
		if (!args_has(a, pairs[i].one) ||
		    args_has(a, pairs[i].other) == pairs[i].needs)
			continue;
		warnx("%s: %s %s", args_name(pairs[i].one),
		    pairs[i].needs ? "only with" : "not together with",
		    args_name(pairs[i].other));
		args_usage();
	}
}

static void
check_check(const struct args *a)
{
	enum arg mode = args_has(a, ARG_CHECK) ? ARG_CHECK : ARG_REPAIR;
	size_t i, j;

	if (!args_has(a, mode))
		return;
	for (i = 0; i < ARG_MAX; i++) {
		for (j = 0; j < NELEM(with_check); j++)
			if (with_check[j] == i)
				break;
		if (j < NELEM(with_check) || !args_has(a, (enum arg)i))
			continue;
		warnx("%s: not together with %s", args_name(mode),
		    args_name((enum arg)i));
		args_usage();
	}
}

void
args_parse(struct args *a, int argc, char **argv)
{
	struct option longs[NROWS + 1];
	char shorts[2 * NROWS + 1];
	int opt;

	memset(a, 0, sizeof(*a));
	if ((a->paths = calloc((size_t)argc, sizeof(*a->paths))) == NULL)
		err(READER_FAILED, NULL);
	make_options(longs, shorts);
	while ((opt = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		take(a, opt);
	if (args_has(a, ARG_HELP))
		help();
	if (args_has(a, ARG_VERSION))
		version();
	while (optind < argc)
		a->paths[a->npaths++] = argv[optind++];
	if (a->npaths == 0) {
		warnx("no %s given",
		    args_has(a, ARG_PCAP) ? "capture" : "file or directory");
		args_usage();
	}
	check_pairs(a);
	check_check(a);
}

void
args_clear(struct args *a)
{
	free(a->paths);
}
