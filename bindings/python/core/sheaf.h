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
 * Flows as they were when a decoder handed them over: copies, their texts too.
 * Pure C: needs no GIL, knows no Python.
 */

#ifndef SHEAF_H
#define SHEAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

struct sheaf {
	struct flow_set rare;  /* given: fields behind FLOW_RARE */
	struct flow_set texts; /* given */
	char *p;
	size_t len, size;
	uint32_t n;
	uint64_t lost; /* for want of memory */
};

void sheaf_clear(struct sheaf *); /* frees its memory */
void sheaf_add(struct sheaf *, const struct flow *);
/*
 * One flow after the other, from *at 0 on; false: no more.  Texts are the
 * sheaf's.
 */
bool sheaf_next(const struct sheaf *, size_t *at, struct flow *);

#endif /* SHEAF_H */
