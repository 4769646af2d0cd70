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
 * The rule language: accept or discard, and tag; the last rule that matches
 * decides, or the first one with quick.  A flow that no rule matches is
 * accepted.
 */

#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "field.h"
#include "flow.h"
#include "table.h"

enum filter_verdict { FILTER_ACCEPT, FILTER_DISCARD };

struct filter; /* rules, in order, and the tables that they name */
struct rule;   /* one of them */

struct filter *filter_new(void);
void filter_free(struct filter *);

/*
 * What becomes of a flow.  Sets its tag when the deciding rule has one.  Not
 * const: each rule counts, and the calendar of the last second is kept.
 */
enum filter_verdict filter_match(struct filter *, struct flow *);

/*
 * Adds the fields that rules look at: no other changes what becomes of a flow.
 */
void filter_fields(const struct filter *, struct flow_set *);

size_t filter_count(const struct filter *);
/* True if every flow is accepted and none is tagged: no need to ask. */
bool filter_is_empty(const struct filter *);

/* The rules and tables in the form that parses back; true counts too. */
void filter_print(const struct filter *, FILE *, bool counts);

#endif /* FILTER_H */
