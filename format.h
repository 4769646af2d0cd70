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
 * Flows as text.  All of it goes into a buffer that the caller gives, and
 * nothing that came from a network is printed unescaped.
 */

#ifndef FORMAT_H
#define FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field.h"
#include "flow.h"
#include "store.h"

#define FORMAT_MAX 16384 /* room enough for any flow in any format */

/* ISO 8601 of seconds since 1970, local time or UTC, without a zone. */
size_t format_iso_time(char *buf, size_t size, int64_t sec, bool utc);
/* "1w1d1h1m1s" as the original prints an uptime. */
size_t format_interval(char *buf, size_t size, uint32_t sec);

/*
 * Each writes one line without its newline, always terminated, and returns
 * its length.  Size is at least FORMAT_MAX.
 */

/* The original's "FLOW recv_time ..." of the groups present and in mask. */
size_t format_classic(char *buf, size_t size, const struct store_record *,
    uint32_t mask, bool utc);
/* flow-tools' CSV of flowd-reader -c, and its header line. */
size_t format_flowtools(char *buf, size_t size, const struct store_record *);
extern const char format_flowtools_header[];

/* Chosen columns. */
struct format_columns {
	size_t n;
	const struct field *col[FLOW_NFIELDS];
};

/* All fields, in the order of the table. */
void format_columns_all(struct format_columns *);
/*
 * "src_addr,dst_addr,octets".  0, or -1 and the first unknown name in
 * bad[64].
 */
int format_columns_parse(struct format_columns *, const char *, char *bad);

/* Absent fields are left out. */
size_t format_json(char *buf, size_t size, const struct flow *,
    const struct format_columns *);
/* Absent fields are empty. */
size_t format_csv(char *buf, size_t size, const struct flow *,
    const struct format_columns *);
size_t format_csv_header(char *buf, size_t size, const struct format_columns *);
/* "src_addr 10.0.0.1 dst_addr ..."; absent fields are left out. */
size_t format_text(char *buf, size_t size, const struct flow *,
    const struct format_columns *, bool utc);

#endif /* FORMAT_H */
