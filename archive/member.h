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
 * Members of a flow that are bytes in a column: MAC addresses, texts,
 * application ids without their length, labels as 4 bytes each, little endian.
 */

#ifndef MEMBER_H
#define MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include "archive/block.h"
#include "field.h"
#include "flow.h"

#define MEMBER_MAX 256 /* bytes, at most */

/* What a column of a field has; COL_x are numbers. */
enum column_type member_type(unsigned int id);

/*
 * The bytes of a member of type MAC, APPID, LABELS or TEXT: borrowed from the
 * flow, or in buf of MEMBER_MAX.
 */
struct flow_text member_bytes(const struct flow *, const struct field *,
    char *buf);
/* The other way.  Of what is too long for the member the front is taken. */
void member_set_bytes(struct flow *, const struct field *, struct flow_text);

/* Numbers and times. */
uint64_t member_number(const struct flow *, const struct field *);
void member_set_number(struct flow *, const struct field *, uint64_t);

#endif /* MEMBER_H */
