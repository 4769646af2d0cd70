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
 * Parse a configuration and print it, or its errors: what "flowd -n -v -f"
 * does, without flowd.  "confcheck [-F] [-D name=value] file", or
 * "confcheck -c clauses", or "confcheck -w" for the words of the language.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"

#define MACROS 16

static void
say(void *arg, bool error, const char *msg)
{
	(void)arg;
	fprintf(stderr, "%s%s\n", error ? "" : "warning: ", msg);
}

static int
clauses(const char *text)
{
	struct filter *f;

	if ((f = conf_parse_clauses(text, say, NULL)) == NULL)
		return (1);
	filter_print(f, stdout, false);
	filter_free(f);
	return (0);
}

/* The words that ask about a field: the manual has a row for each. */
static int
words(void)
{
	size_t i;

	for (i = 0; i < FLOW_NFIELDS; i++)
		if (fields[i].type <= FT_U64 || fields[i].type == FT_ADDR ||
		    fields[i].type == FT_TEXT)
			printf("%s\n", fields[i].name);
	return (0);
}

static int
check(const char *file, const struct conf_macro *macros, size_t n,
    unsigned int flags)
{
	const struct conf_input in = {.name = file,
	    .macros = macros,
	    .nmacros = n,
	    .flags = flags,
	    .say = say};
	struct conf *c;

	if ((c = conf_parse(&in)) == NULL)
		return (1);
	conf_print(c, stdout);
	conf_free(c);
	return (0);
}

int
main(int argc, char **argv)
{
	struct conf_macro macros[MACROS];
	unsigned int flags = 0;
	size_t n = 0;
	char *eq;
	int ch;

	while ((ch = getopt(argc, argv, "c:D:Fw")) != -1) {
		switch (ch) {
		case 'c':
			return (clauses(optarg));
		case 'D':
			if (n == MACROS || (eq = strchr(optarg, '=')) == NULL)
				return (2);
			*eq = '\0';
			macros[n].name = optarg;
			macros[n++].value = eq + 1;
			break;
		case 'F':
			flags |= CONF_FILTER_ONLY;
			break;
		case 'w':
			return (words());
		default:
			return (2);
		}
	}
	if (argc != optind + 1)
		return (2);
	return (check(argv[optind], macros, n, flags));
}
