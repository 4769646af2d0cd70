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

#include "format.h"
#include "text.h"

size_t
format_iso_time(char *buf, size_t size, int64_t sec, bool utc)
{
	struct text o;

	text_init(&o, buf, size);
	text_iso_time(&o, sec, utc);
	return (text_done(&o));
}

size_t
format_interval(char *buf, size_t size, uint32_t sec)
{
	struct text o;

	text_init(&o, buf, size);
	text_interval(&o, sec);
	return (text_done(&o));
}

void
format_columns_all(struct format_columns *cols)
{
	for (cols->n = 0; cols->n < FLOW_NFIELDS; cols->n++)
		cols->col[cols->n] = &fields[cols->n];
}

/* Each field at most once: a column given twice is not known the second time.
 */
static const struct field *
new_column(const struct format_columns *cols, const char *name)
{
	const struct field *fd = field_by_name(name);
	size_t i;

	for (i = 0; fd != NULL && i < cols->n; i++)
		if (cols->col[i] == fd)
			return (NULL);
	return (fd);
}

int
format_columns_parse(struct format_columns *cols, const char *list, char *bad)
{
	struct format_columns c;
	size_t len, n;

	c.n = 0;
	for (;;) {
		len = strcspn(list, ",");
		n = len < 63 ? len : 63;
		memcpy(bad, list, n);
		bad[n] = '\0';
		if (len != n || (c.col[c.n] = new_column(&c, bad)) == NULL)
			return (-1);
		c.n++;
		if (list[len] == '\0')
			break;
		list += len + 1;
	}
	bad[0] = '\0';
	*cols = c;
	return (0);
}

/* How a field of each type is printed. */
static void
print_uint(struct text *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	(void)utc;
	text_uint(o, field_number(f, fd));
}

static void
print_time(struct text *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	const int64_t *t = field_cptr(f, fd);

	text_time(o, *t, utc);
}

static void
print_addr(struct text *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	(void)utc;
	text_addr(o, field_cptr(f, fd));
}

static void
print_mac(struct text *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	const uint8_t *p = field_cptr(f, fd);
	unsigned int i;

	(void)utc;
	for (i = 0; i < 6; i++) {
		if (i > 0)
			text_char(o, ':');
		text_hex(o, p + i, 1);
	}
}

static void
print_appid(struct text *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	const uint8_t *p = field_cptr(f, fd);

	(void)utc;
	text_hex(o, p + 1, p[0] < FLOW_APPID_MAX ? p[0] : FLOW_APPID_MAX);
}

static void
put_labels(struct text *o, const struct flow *f, const struct field *fd,
    char sep)
{
	const uint32_t *label = field_cptr(f, fd);
	unsigned int i;

	for (i = 0; i < FLOW_MPLS_MAX && label[i] != 0; i++) {
		if (i > 0)
			text_char(o, sep);
		text_uint(o, label[i]);
	}
}

static void
print_labels(struct text *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	(void)utc;
	put_labels(o, f, fd, '/');
}

static void
json_labels(struct text *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	(void)utc;
	text_char(o, '[');
	put_labels(o, f, fd, ',');
	text_char(o, ']');
}

/* The bytes are an exporter's: anything can be in them. */
static void
print_text(struct text *o, const struct flow *f, const struct field *fd,
    bool utc)
{
	const struct flow_text *t = field_cptr(f, fd);

	(void)utc;
	text_quoted(o, t->p, t->len);
}

static void
csv_text(struct text *o, const struct flow *f, const struct field *fd, bool utc)
{
	const struct flow_text *t = field_cptr(f, fd);

	(void)utc;
	text_csv(o, t->p, t->len);
}

typedef void print_fn(struct text *, const struct flow *, const struct field *,
    bool);

/* clang-format off */
static const struct {
	print_fn *print;
	print_fn *json;
	print_fn *csv;
	const char *quote; /* around it in JSON */
} printers[FT_MAX] = {
	[FT_U8] = { print_uint, print_uint, print_uint, "" },
	[FT_U16] = { print_uint, print_uint, print_uint, "" },
	[FT_U32] = { print_uint, print_uint, print_uint, "" },
	[FT_U64] = { print_uint, print_uint, print_uint, "" },
	[FT_TIME] = { print_time, print_time, print_time, "\"" },
	[FT_ADDR] = { print_addr, print_addr, print_addr, "\"" },
	[FT_MAC] = { print_mac, print_mac, print_mac, "\"" },
	[FT_APPID] = { print_appid, print_appid, print_appid, "\"" },
	[FT_LABELS] = { print_labels, json_labels, print_labels, "" },
	[FT_TEXT] = { print_text, print_text, csv_text, "" },
};
/* clang-format on */

size_t
format_json(char *buf, size_t size, const struct flow *f,
    const struct format_columns *cols)
{
	const struct field *fd;
	struct text o;
	size_t i;

	text_init(&o, buf, size);
	for (i = 0; i < cols->n; i++) {
		fd = cols->col[i];
		if (!flow_has(f, fd->bit))
			continue;
		text_str(&o, o.p == o.buf ? "{\"" : ",\"");
		text_str(&o, fd->name);
		text_str(&o, "\":");
		text_str(&o, printers[fd->type].quote);
		printers[fd->type].json(&o, f, fd, true);
		text_str(&o, printers[fd->type].quote);
	}
	text_str(&o, o.p == o.buf ? "{}" : "}");
	return (text_done(&o));
}

size_t
format_csv(char *buf, size_t size, const struct flow *f,
    const struct format_columns *cols)
{
	const struct field *fd;
	struct text o;
	size_t i;

	text_init(&o, buf, size);
	for (i = 0; i < cols->n; i++) {
		fd = cols->col[i];
		if (i > 0)
			text_char(&o, ',');
		if (flow_has(f, fd->bit))
			printers[fd->type].csv(&o, f, fd, true);
	}
	return (text_done(&o));
}

size_t
format_csv_header(char *buf, size_t size, const struct format_columns *cols)
{
	struct text o;
	size_t i;

	text_init(&o, buf, size);
	for (i = 0; i < cols->n; i++) {
		if (i > 0)
			text_char(&o, ',');
		text_str(&o, cols->col[i]->name);
	}
	return (text_done(&o));
}

size_t
format_text(char *buf, size_t size, const struct flow *f,
    const struct format_columns *cols, bool utc)
{
	const struct field *fd;
	struct text o;
	size_t i;

	text_init(&o, buf, size);
	for (i = 0; i < cols->n; i++) {
		fd = cols->col[i];
		if (!flow_has(f, fd->bit))
			continue;
		if (o.p != o.buf)
			text_char(&o, ' ');
		text_str(&o, fd->name);
		text_char(&o, ' ');
		printers[fd->type].print(&o, f, fd, utc);
	}
	return (text_done(&o));
}
