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
 * Between conf-rule.c and conf-value.c: the rule that is being read.
 */

#ifndef BUILD_RULE_H
#define BUILD_RULE_H

#include "build.h"
#include "rule.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/*
 * The places of clauses in print; each stands once in a rule, so that the
 * place is also what "given twice" looks at.
 */
enum place {
	P_AGENT,
	P_IN_IF,
	P_OUT_IF,
	P_FAMILY,
	P_SRC,
	P_SRC_PORT,
	P_DST,
	P_DST_PORT,
	P_PROTO,
	P_TOS,
	P_FLAGS,
	P_FIELD, /* and one for each field */
	P_DURATION = P_FIELD + FLOW_NFIELDS,
	P_DAYS,
	P_TIME,
	P_DATE,
	P_BEFORE_TIME,
	P_BEFORE_DATE,
	P_QUICK,
	P_TAG,
	P_ALL,
	P_MAX
};

_Static_assert(P_MAX <= UINT8_MAX, "a place is a byte");

/* One, because there is one parser. */
extern struct rulebuild {
	struct filter *filter;
	bool clauses; /* flowd-reader --filter */
	bool choices; /* some of them, with "or" between */
	bool nofiles;
	struct rule *rule; /* NULL after it could not be begun */
	unsigned int line;
	bool source; /* of src and dst, which */
	uint8_t days;
	int32_t after, before; /* of the day, -1 for none */
	struct date since, until;
	bool seen[P_MAX];
} rb;

/* True the first time; later the error is said. */
bool rb_once(const char *word, unsigned int line, enum place);
/* A new clause of the rule; NULL after an error. */
struct clause *rb_clause(enum clause_kind, enum place, bool negated);

/* Clauses of the members at hand. */
void rb_addresses(const struct field *, enum place, bool negated);
void rb_numbers(const struct field *, enum place, bool negated);
void rb_texts(const struct field *, enum place, bool negated);
void rb_duration(bool negated);

#endif /* BUILD_RULE_H */
