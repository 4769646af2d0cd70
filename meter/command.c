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

#include <string.h>

#include "meter/command.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))
#define WORDS 2

/* clang-format off */
static const struct row {
	const char *word[WORDS];
	struct command command;
} rows[] = {
    {{"help", NULL}, {.kind = COMMAND_HELP}},
    {{"version", NULL}, {.kind = COMMAND_VERSION}},
    {{"statistics", NULL}, {.kind = COMMAND_STATISTICS}},
    {{"statistics", "--json"}, {.kind = COMMAND_JSON}},
    {{"statistics-json", NULL}, {.kind = COMMAND_JSON}},
    {{"timeouts", NULL}, {.kind = COMMAND_TIMEOUTS}},
    {{"dump-flows", NULL}, {COMMAND_FLOWS, REQ_DUMP_FLOWS, 0,
	"Dumping flow data:", NULL}},
    {{"top", NULL}, {COMMAND_FLOWS, REQ_TOP, COMMAND_TOP_DEFAULT,
	"Largest flows:", NULL}},
    {{"top", "#"}, {COMMAND_FLOWS, REQ_TOP, 0, "Largest flows:", NULL}},
    {{"expire-all", NULL}, {COMMAND_ACT, REQ_EXPIRE_ALL, 0,
	"Expired ", " flows."}},
    {{"delete-all", NULL}, {COMMAND_ACT, REQ_DELETE_ALL, 0,
	"Deleted ", " flows."}},
    {{"send-template", NULL}, {COMMAND_ACT, REQ_SEND_TEMPLATE, 0,
	"Template will be sent at next flow export", NULL}},
    {{"debug+", NULL}, {COMMAND_ACT, REQ_DEBUG_UP, 0,
	"Debug level increased.", NULL}},
    {{"debug-", NULL}, {COMMAND_ACT, REQ_DEBUG_DOWN, 0,
	"Debug level decreased.", NULL}},
    {{"stop-gather", NULL}, {COMMAND_ACT, REQ_STOP_GATHER, 0,
	"Data collection stopped.", NULL}},
    {{"start-gather", NULL}, {COMMAND_ACT, REQ_START_GATHER, 0,
	"Data collection resumed.", NULL}},
    {{"shutdown", NULL}, {COMMAND_ACT, REQ_SHUTDOWN, 0,
	"Shutting down gracefully...", NULL}},
    {{"exit", NULL}, {COMMAND_ACT, REQ_EXIT, 0, "Exiting now...", NULL}},
};
/* clang-format on */

struct word {
	const char *p;
	size_t len;
};

/* How many words there are, but not more than one too many. */
static size_t
split(const char *p, size_t len, struct word w[WORDS + 1])
{
	const char *end = p + len;
	size_t n = 0;

	while (n < WORDS + 1) {
		while (p < end && *p == ' ')
			p++;
		if (p == end)
			break;
		w[n].p = p;
		while (p < end && *p != ' ')
			p++;
		w[n].len = (size_t)(p - w[n].p);
		n++;
	}
	return (n);
}

/* 1 and up. */
static bool
number(const struct word *w, uint32_t *v)
{
	uint32_t n = 0;
	size_t i;

	if (w->len > 9)
		return (false);
	for (i = 0; i < w->len; i++) {
		if (w->p[i] < '0' || w->p[i] > '9')
			return (false);
		n = n * 10 + (uint32_t)(w->p[i] - '0');
	}
	*v = n;
	return (n > 0);
}

static bool
matches(const struct row *row, const struct word *w, size_t n, uint32_t *arg)
{
	const char *want;
	size_t i;

	for (i = 0; i < WORDS; i++) {
		want = row->word[i];
		if (want == NULL)
			break;
		if (i == n)
			return (false);
		if (strcmp(want, "#") == 0) {
			if (!number(&w[i], arg))
				return (false);
			continue;
		}
		if (strlen(want) != w[i].len ||
		    memcmp(want, w[i].p, w[i].len) != 0)
			return (false);
	}
	return (i == n);
}

void
command_parse(const char *line, size_t len, struct command *c)
{
	struct word w[WORDS + 1];
	size_t i, n = split(line, len, w);
	uint32_t arg;

	*c = (struct command){.kind = COMMAND_UNKNOWN};
	for (i = 0; i < NELEM(rows); i++) {
		arg = rows[i].command.arg;
		if (!matches(&rows[i], w, n, &arg))
			continue;
		*c = rows[i].command;
		c->arg = arg;
		return;
	}
}

void
command_unknown(FILE *f, const char *line, size_t len)
{
	size_t i;

	fputs("Unknown control command \"", f);
	for (i = 0; i < len; i++)
		if (line[i] >= ' ' && line[i] <= '~')
			fputc(line[i], f);
		else
			fprintf(f, "\\x%02x", (unsigned char)line[i]);
	fputs("\"\n", f);
}

void
command_help(FILE *f)
{
	fputs("Valid control words are:\n"
	      "\tdebug+ debug- delete-all dump-flows exit expire-all\n"
	      "\tshutdown start-gather statistics stop-gather timeouts\n"
	      "\tsend-template\n"
	      "\thelp statistics --json statistics-json top [N] version\n",
	    f);
}
