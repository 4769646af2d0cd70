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
 * Makes a classic log from a description: mkstore <FLOWS >LOG.  A line is
 * "store KEYWORD...", which holds from there on, "flow FIELD VALUE...", or
 * "hex BYTES" for records that no writer makes.  Fields are those of the
 * field table; times are seconds since 1970.  # begins a comment.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "store.h"

#define BLANK " \t\n"

static unsigned int lineno;
static char *rest; /* of the line */

static int64_t
seconds(const char *text)
{
	char digits[10] = "000000000", *end;
	int64_t sec;
	size_t n;

	sec = strtoll(text, &end, 10);
	if (*end == '.') {
		n = strlen(++end);
		memcpy(digits, end, n < 9 ? n : 9);
	}
	return (sec * NSEC_PER_SEC + strtoll(digits, NULL, 10));
}

static void
set_field(struct flow *f, const char *name, const char *value)
{
	const struct field *fd = field_by_name(name);
	uint64_t v;
	void *p;

	if (fd == NULL || value == NULL)
		errx(1, "line %u: no such field, or no value: %s", lineno,
		    name);
	p = field_ptr(f, fd);
	flow_set(f, fd->bit);
	v = strtoull(value, NULL, 0);
	if (fd->type == FT_U8)
		*(uint8_t *)p = (uint8_t)v;
	else if (fd->type == FT_U16)
		*(uint16_t *)p = (uint16_t)v;
	else if (fd->type == FT_U32)
		*(uint32_t *)p = (uint32_t)v;
	else if (fd->type == FT_U64)
		*(uint64_t *)p = v;
	else if (fd->type == FT_TIME)
		*(int64_t *)p = seconds(value);
	else if (fd->type != FT_ADDR || addr_parse(value, p) == -1)
		errx(1, "line %u: %s cannot be %s", lineno, name, value);
}

static uint32_t
parse_store(void)
{
	uint32_t mask = 0, one;
	const char *word;

	while ((word = strtok_r(NULL, BLANK, &rest)) != NULL) {
		if ((one = store_keyword(word)) == 0)
			errx(1, "line %u: unknown keyword %s", lineno, word);
		mask |= one;
	}
	return (mask);
}

static void
parse_flow(uint32_t mask)
{
	uint8_t buf[STORE_WRITEMAX];
	struct wr wr = wr_init(buf, sizeof(buf));
	struct flow f;
	const char *word;

	memset(&f, 0, sizeof(f));
	while ((word = strtok_r(NULL, BLANK, &rest)) != NULL)
		set_field(&f, word, strtok_r(NULL, BLANK, &rest));
	if (store_write(&wr, &f, mask) != STORE_OK)
		errx(1, "line %u: store_write", lineno);
	fwrite(buf, 1, sizeof(buf) - wr.left, stdout);
}

static void
parse_hex(void)
{
	const char *word;

	while ((word = strtok_r(NULL, BLANK, &rest)) != NULL)
		putchar((int)strtoul(word, NULL, 16));
}

int
main(void)
{
	static char line[4096];
	uint32_t mask = STORE_ALL;
	char *word;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		lineno++;
		line[strcspn(line, "#")] = '\0';
		if ((word = strtok_r(line, BLANK, &rest)) == NULL)
			continue;
		if (strcmp(word, "store") == 0)
			mask = parse_store();
		else if (strcmp(word, "flow") == 0)
			parse_flow(mask);
		else if (strcmp(word, "hex") == 0)
			parse_hex();
		else
			errx(1, "line %u: %s?", lineno, word);
	}
	return (fflush(stdout) == 0 ? 0 : 1);
}
