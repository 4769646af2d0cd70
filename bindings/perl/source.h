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
 * Flows of a reading, one by one, and what was wrong with its files.  Nothing
 * of Perl: its headers have a struct block, too.
 */

#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"
#include "flow.h"

#define FAULTS_MAX 1000 /* that are kept; all are counted */

struct fault {
	const char *kind;
	uint64_t offset;
	char *path;
	char *what;
};

struct source_ask {
	int64_t since, until;	/* ns since 1970; INT64_MIN, INT64_MAX: any */
	struct filter *clauses; /* is taken; or NULL */
	struct flow_set columns;
	bool scale, strict;
};

struct source;

/* "-1h", "2026-11-21T10:00:00Z": 0, or -1 if it is no time. */
int source_time(const char *, int64_t *ns);
/* Clauses of a rule; NULL, and why. */
struct filter *source_clauses(const char *, char *why, size_t size);

/* NULL: no memory. */
struct source *source_new(char *const *paths, size_t n,
    const struct source_ask *);
void source_free(struct source *);

enum source_result {
	SOURCE_FLOW,
	SOURCE_END,
	SOURCE_FAULT, /* of a strict reading: source_bad() */
	SOURCE_NOMEM,
};

/* Texts are borrowed until the next call. */
enum source_result source_next(struct source *, struct flow *);

/* What SOURCE_FAULT is about; NULL for want of memory. */
const struct fault *source_bad(const struct source *);
/* NULL behind those that were kept. */
const struct fault *source_fault(const struct source *, size_t i);
uint64_t source_faults(const struct source *);

struct source_total {
	const char *name;
	uint64_t v;
};
#define SOURCE_TOTALS 8
void source_totals(struct source *, struct source_total[SOURCE_TOTALS]);

#endif /* SOURCE_H */
