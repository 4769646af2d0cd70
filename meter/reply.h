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
 * What a client is told without asking a meter.
 */

#ifndef METER_REPLY_H
#define METER_REPLY_H

#include <stdio.h>

#include "meter/client.h"
#include "meter/control.h"

/* "softflowd[PID]: " */
void reply_prefix(const struct control_config *, FILE *);
/*
 * The reply to the client's line, or its beginning: COMMAND_FLOWS.  Not for
 * COMMAND_ACT.
 */
void reply_put(const struct control_config *, const struct client *, FILE *);

#endif /* METER_REPLY_H */
