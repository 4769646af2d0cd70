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
 * The words of the command line, as they were given.
 */

#ifndef READER_ARGS_H
#define READER_ARGS_H

#include <stdbool.h>
#include <stdio.h>

/* In the order of the table of reader-args.c. */
enum arg {
	ARG_HEAD,
	ARG_LEGACY,
	ARG_FOLLOW,
	ARG_PCAP,
	ARG_PORT,
	ARG_RULES,
	ARG_FILTER,
	ARG_SINCE,
	ARG_UNTIL,
	ARG_SCALE,
	ARG_GROUP,
	ARG_EVERY,
	ARG_SPREAD,
	ARG_BIDIRECTIONAL,
	ARG_DISTINCT,
	ARG_STATS,
	ARG_COUNT,
	ARG_SORT,
	ARG_TOP,
	ARG_FORMAT,
	ARG_COLUMNS,
	ARG_FLOWTOOLS,
	ARG_HUMAN,
	ARG_NO_HUMAN,
	ARG_UTC,
	ARG_VERBOSE,
	ARG_QUIET,
	ARG_DEBUG,
	ARG_ANONYMIZE,
	ARG_OUTPUT,
	ARG_STORE_VERSION,
	ARG_COMPRESS,
	ARG_CHECK,
	ARG_REPAIR,
	ARG_THREADS,
	ARG_MEMORY,
	ARG_TMPDIR,
	ARG_NO_PROGRESS,
	ARG_HELP,
	ARG_VERSION,
	ARG_MAX
};

struct args {
	const char *value[ARG_MAX]; /* NULL: not given; "": has no value */
	char **paths;
	int npaths;
};

/*
 * All of argv.  Ends the program if an option is unknown, or two do not go
 * together; --help and --version do, too.
 */
void args_parse(struct args *, int argc, char **argv);
void args_clear(struct args *);

static inline bool
args_has(const struct args *a, enum arg which)
{
	return (a->value[which] != NULL);
}

/* "--sort" or, of those without a word, "-c". */
const char *args_name(enum arg);

/* "flowd-reader: --every 5x: what is wrong", the usage, and the end. */
void args_wrong(const struct args *, enum arg, const char *what)
    __attribute__((__noreturn__));
void args_usage(void) __attribute__((__noreturn__));

#endif /* READER_ARGS_H */
