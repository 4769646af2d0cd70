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
 * Names out of packets: of the question in a DNS message, of the server in a
 * TLS ClientHello.  What is not a printable character of ASCII is escaped as
 * in zone files.
 */

#ifndef METER_NAMES_H
#define METER_NAMES_H

#include <stddef.h>

#include "bytes.h"

#define NAMES_MAX 63 /* longer ones lose their front */

/* The length, 0: there is none.  The cursor has the payload of UDP, */
size_t names_dns(struct rd, char buf[NAMES_MAX]);
/* and of a segment of TCP, as much as was captured. */
size_t names_tls(struct rd, char buf[NAMES_MAX]);

#endif /* METER_NAMES_H */
