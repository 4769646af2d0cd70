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

/* What Log.query() asks. */

#ifndef ASK_H
#define ASK_H

#include "bindings/python/core/core.h"
#include "query/question.h"

/* Borrowed arguments, NULL where there is none. */
struct ask_words {
	PyObject *group_by, *sort, *top, *every, *spread, *columns;
	PyObject *threads, *memory;
};

struct ask {
	struct question q;
	struct asked asked; /* fields of flows, where flows are the answer */
};

/* All but the flags, and which flows.  0, or -1 with an exception. */
int ask_take(const struct module_state *, struct ask *,
    const struct ask_words *);

#endif /* ASK_H */
