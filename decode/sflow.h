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
 * The records of a sFlow sample, for sflow.c.
 */

#ifndef DECODE_SFLOW_H
#define DECODE_SFLOW_H

#include "decode/state.h"

/*
 * Cut an address off: its type, and that many bytes.  It may be unknown, and
 * then it has no family.  -1 if it is cut, or of a type that has no length: the
 * cursor stays at what cannot be read then.
 */
int sflow_addr(struct rd *, struct addr *);

/*
 * Cut off what has a length in front of it, or as much of it as there is: then
 * cut is true.  -1 if there is no length.
 */
int sflow_opaque(struct rd *, struct rd *opaque, bool *cut);

/*
 * Up to n records of a sample into the flow of the context.  True if one of
 * them tells of a packet.
 */
bool sflow_records(struct ctx *, struct rd, uint32_t n);

#endif /* DECODE_SFLOW_H */
