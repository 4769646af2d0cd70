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
 * The templates of softflowd(8): those of its forerunner, with counters of 64
 * bits, and what options add.
 */

#ifndef METER_FLOWTMPL_H
#define METER_FLOWTMPL_H

#include <stdbool.h>

#include "encode/encode.h"
#include "meter/export.h"

enum flowtmpl_kind {
	KIND_V4,
	KIND_V6,
	KIND_ICMP4,
	KIND_ICMP6,
	KIND_MAX,
};

#define FLOWTMPL_OPTIONS 256 /* id of the options template */
#define FLOWTMPL_RECORD_MAX 128
#define FLOWTMPL_NAME 16 /* bytes of an interface's name on the wire */

/*
 * Adds the templates of versions 9 and 10, whose handles are their kinds, and
 * the options.  `inner` is for the inner VLAN.  The handle of the options, or
 * -1 with errno.
 */
int flowtmpl_add(struct encoder *, const struct export_config *, bool inner);
/* The record of the options, as encoder_record takes it; its length. */
size_t flowtmpl_record(const struct export_config *,
    uint8_t buf[FLOWTMPL_RECORD_MAX]);

#endif /* METER_FLOWTMPL_H */
