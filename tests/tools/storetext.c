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
 * Shows what the store and format modules make of a classic log, without
 * the reader around them: storetext [-cjLUqv] [-o out] file
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "store.h"

struct options {
	bool csv, json, v2, utc, quiet, verbose;
	const char *out;
};

static uint8_t *
slurp(const char *path, size_t *len)
{
	static uint8_t buf[1 << 24];
	FILE *fp = fopen(path, "rb");

	if (fp == NULL)
		err(1, "%s", path);
	*len = fread(buf, 1, sizeof(buf), fp);
	fclose(fp);
	return (buf);
}

static void
show(const struct options *opt, const struct store_record *rec)
{
	static char line[FORMAT_MAX];

	static struct format_columns all;

	if (opt->json) {
		format_columns_all(&all);
		format_json(line, sizeof(line), &rec->flow, &all);
	} else if (opt->csv)
		format_flowtools(line, sizeof(line), rec);
	else
		format_classic(line, sizeof(line), rec,
		    opt->verbose ? STORE_ALL : STORE_BRIEF, opt->utc);
	if (!opt->quiet)
		puts(line);
}

static void
head(const struct options *opt, const char *path, struct rd *rd)
{
	char iso[64];
	uint32_t start;
	enum store_err e;

	if (opt->csv)
		puts(format_flowtools_header);
	if (opt->v2 && (e = store_v2_header(rd, &start)) != STORE_OK)
		errx(1, "%s: %s", path, store_strerror(e));
	if (!opt->verbose || opt->csv || opt->json)
		return;
	printf("LOGFILE %s", path);
	if (opt->v2) {
		format_iso_time(iso, sizeof(iso), start, opt->utc);
		printf(" started at %s", iso);
	}
	putchar('\n');
}

static void
run(const struct options *opt, const char *path)
{
	struct store_record rec;
	uint8_t buf[STORE_WRITEMAX];
	size_t len;
	struct rd rd;
	struct wr wr;
	enum store_err e;
	FILE *out = NULL;

	rd = rd_init(slurp(path, &len), 0);
	rd.left = len;
	if (opt->out != NULL && (out = fopen(opt->out, "wb")) == NULL)
		err(1, "%s", opt->out);
	head(opt, path, &rd);
	for (;;) {
		e = opt->v2 ? store_v2_read(&rd, &rec) : store_read(&rd, &rec);
		if (e != STORE_OK)
			break;
		show(opt, &rec);
		if (out == NULL)
			continue;
		wr = wr_init(buf, sizeof(buf));
		if (store_write(&wr, &rec.flow, rec.fields) != STORE_OK)
			errx(1, "store_write");
		fwrite(buf, 1, sizeof(buf) - wr.left, out);
	}
	if (out != NULL)
		fclose(out);
	if (e != STORE_EOF && e != STORE_SHORT)
		errx(1, "%s", store_strerror(e));
}

int
main(int argc, char **argv)
{
	struct options opt = {0};
	int ch;

	while ((ch = getopt(argc, argv, "LUcjqvo:")) != -1) {
		opt.v2 |= ch == 'L';
		opt.utc |= ch == 'U';
		opt.csv |= ch == 'c';
		opt.json |= ch == 'j';
		opt.quiet |= ch == 'q';
		opt.verbose |= ch == 'v';
		if (ch == 'o')
			opt.out = optarg;
		if (ch == '?')
			return (2);
	}
	if (argc - optind != 1)
		errx(2, "one file, please");
	run(&opt, argv[optind]);
	return (0);
}
