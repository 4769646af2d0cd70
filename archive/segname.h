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
 * Names of segments: YYYY/MM/DD/20261121T113000Z-5m.flow, in UTC.  Those who
 * write an archive and those who read it go by names alone.
 */

#ifndef SEGNAME_H
#define SEGNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * .live is being written, or was when its writer died.  .flow is complete and
 * sealed.  .seal is the same, and takes the place of all others within its
 * span: they are about to be removed, and it to be named .flow.  .tmp is
 * nothing yet.
 */
enum segname_kind { SEG_LIVE, SEG_FLOW, SEG_SEAL, SEG_TMP };

struct segname {
	int64_t start; /* seconds since 1970 */
	uint32_t span; /* seconds */
	uint32_t copy; /* 1; more for another of the same span */
	enum segname_kind kind;
};

#define SEGNAME_MAX 48 /* a file's name */
#define SEGDIR_MAX 12  /* YYYY/MM/DD */

/* Of the file's name alone.  0, or -1 if it is not a segment's. */
int segname_parse(const char *, struct segname *);
/* Returns buf of SEGNAME_MAX. */
const char *segname_format(const struct segname *, char *buf);
/* "YYYY/MM/DD" of its start; returns buf of SEGDIR_MAX. */
const char *segname_dir(const struct segname *, char *buf);
/* By start, then the longer span first, then copy, then kind: <0, 0, >0. */
int segname_cmp(const struct segname *, const struct segname *);
/* Does a .seal replace it? */
bool segname_covers(const struct segname *seal, const struct segname *);

#endif /* SEGNAME_H */
