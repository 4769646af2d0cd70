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
 * How it is printed, after all that was said about it.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader-ask.h"

static const struct {
	const char *name;
	enum reader_format format;
	enum print_format print;
	enum sheet_format sheet;
} formats[] = {
    {"text", READER_DEFAULT, PRINT_TABLE, SHEET_TABLE},
    {"table", READER_TABLE, PRINT_TABLE, SHEET_TABLE},
    {"csv", READER_CSV, PRINT_CSV, SHEET_CSV},
    {"json", READER_JSON, PRINT_JSON, SHEET_JSON},
    {"ndjson", READER_NDJSON, PRINT_NDJSON, SHEET_NDJSON},
    {"classic", READER_CLASSIC, PRINT_NONE, SHEET_TABLE},
    {"none", READER_NONE, PRINT_NONE, SHEET_TABLE},
    {"", READER_TEXT, PRINT_TEXT, SHEET_TABLE},
    {"", READER_FLOWTOOLS, PRINT_NONE, SHEET_TABLE},
};

#define NFORMATS (sizeof(formats) / sizeof(formats[0]))

static void
list_columns(void)
{
	size_t i, at = 0;

	for (i = 0; i < FLOW_NFIELDS; i++) {
		if (at + strlen(fields[i].name) > 70) {
			(void)fputc('\n', stderr);
			at = 0;
		}
		at += (size_t)fprintf(stderr, "%s%s", at == 0 ? "    " : " ",
		    fields[i].name);
	}
	(void)fputs("\nand, worked out of them:\n ", stderr);
	for (i = 0; i < Q_MAX; i++)
		if (field_by_name(quantities[i].name) == NULL)
			(void)fprintf(stderr, " %s", quantities[i].name);
	(void)fputc('\n', stderr);
}

/* Of flows; those of groups were parsed with the question. */
static void
ask_columns(struct request *q, struct reader *r, const char *list)
{
	char bad[64];
	size_t i;

	format_columns_all(&r->columns);
	if (list == NULL)
		return;
	if (print_columns(&q->print, list, bad) == -1) {
		warnx("--columns: %s%s; there are:",
		    *bad == '\0' ? "no name" : bad,
		    *bad == '\0' ? "" : ": no such field");
		list_columns();
		exit(READER_FAILED);
	}
	for (i = 0; i < q->print.ncolumns; i++)
		if (q->print.columns[i].field == NULL)
			q->quantities = true;
	if (!q->quantities)
		(void)format_columns_parse(&r->columns, list, bad);
}

static enum reader_format
named_format(const struct args *a)
{
	size_t i;

	if (args_has(a, ARG_FLOWTOOLS))
		return (READER_FLOWTOOLS);
	if (!args_has(a, ARG_FORMAT))
		return (READER_DEFAULT);
	for (i = 0; i < NFORMATS; i++)
		if (*a->value[ARG_FORMAT] != '\0' &&
		    strcmp(a->value[ARG_FORMAT], formats[i].name) == 0)
			return (formats[i].format);
	args_wrong(a, ARG_FORMAT,
	    "it is text, table, csv, json, ndjson, classic or none");
}

/* "text", and what is not said at all. */
static enum reader_format
default_format(const struct request *q, const struct reader *r,
    const struct args *a, bool archive)
{
	bool said = args_has(a, ARG_FORMAT);

	if (q->answers || q->asked || q->quantities)
		return (READER_TABLE);
	if (r->pcap)
		return (said || args_has(a, ARG_COLUMNS) ? READER_TEXT
							 : READER_NDJSON);
	if (archive)
		return (r->scan.follow && !said ? READER_NDJSON : READER_TABLE);
	return (args_has(a, ARG_COLUMNS) ? READER_TEXT : READER_CLASSIC);
}

static void
refuse(const struct request *q, const struct reader *r, const struct args *a)
{
	if (r->scan.follow && r->format == READER_JSON)
		args_wrong(a, ARG_FORMAT,
		    "an array has an end; ndjson goes with --follow");
	if (q->answers && r->format == READER_CLASSIC)
		args_wrong(a, ARG_FORMAT, "only flows have classic lines");
	if (args_has(a, ARG_COLUMNS) && r->format == READER_CLASSIC &&
	    args_has(a, ARG_FORMAT))
		args_wrong(a, ARG_FORMAT, "not together with --columns");
	if ((args_has(a, ARG_HUMAN) || args_has(a, ARG_NO_HUMAN)) &&
	    r->format != READER_TABLE)
		errx(READER_FAILED, "--human and --no-human: only of tables");
}

static void
fill_styles(struct request *q, const struct reader *r, const struct args *a)
{
	size_t i = 0;
	bool human = args_has(a, ARG_HUMAN) ||
	    (!args_has(a, ARG_NO_HUMAN) && isatty(STDOUT_FILENO) == 1);

	while (formats[i].format != r->format)
		i++;
	q->print.format = formats[i].print;
	q->print.human = human;
	q->print.utc = r->utc;
	q->print.summary = !r->scan.follow;
	if (!args_has(a, ARG_COLUMNS) && r->format == READER_TABLE)
		print_columns_table(&q->print);
	else if (!args_has(a, ARG_COLUMNS))
		print_columns_all(&q->print);
	q->style = (struct sheet_style){.format = formats[i].sheet,
	    .human = human,
	    .utc = r->utc,
	    .summary = true};
}

void
ask_format(struct request *q, struct reader *r, const struct args *a,
    bool archive)
{
	bool asked = args_has(a, ARG_FORMAT) || args_has(a, ARG_COLUMNS) ||
	    args_has(a, ARG_FLOWTOOLS);

	if (!q->answers || q->q.nshow == 0)
		ask_columns(q, r, a->value[ARG_COLUMNS]);
	r->format = named_format(a);
	if (r->format == READER_DEFAULT)
		r->format = default_format(q, r, a, archive);
	if ((q->output != NULL && !r->debug && !asked) ||
	    args_has(a, ARG_QUIET) ||
	    (q->output != NULL && strcmp(q->output, "-") == 0))
		r->format = READER_NONE;
	refuse(q, r, a);
	fill_styles(q, r, a);
}

bool
ask_is_plain(const struct request *q, const struct reader *r, bool archive)
{
	return (!archive && !q->asked && !q->quantities &&
	    (q->output == NULL || q->store_version == 3) &&
	    r->format != READER_TABLE && r->format != READER_JSON);
}
