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
 * What a rule is made of: between those who make filters (conf-rule.c), match
 * them (filter.c) and print them (filter-print.c), and nobody else.
 */

#ifndef RULE_H
#define RULE_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"

#define FILTER_RULES_MAX 1000000

/* A set of numbers: ranges, sorted, apart from one another. */
struct range {
	uint64_t lo, hi; /* both belong to it */
};

struct numset {
	struct range one; /* the first range */
	struct range *all;
	size_t n;
	uint64_t *bits; /* a bit for each number below 65536, or NULL */
	size_t size;
};

void numset_clear(struct numset *);
/* 0, or -1 for want of memory. */
int numset_add(struct numset *, uint64_t lo, uint64_t hi);
/* Sort, merge, and make a bitmap if it pays. */
int numset_seal(struct numset *);
bool numset_has(const struct numset *, uint64_t);

struct filter_table {
	TAILQ_ENTRY(filter_table) entry;
	char *name;
	struct table *table;
};

TAILQ_HEAD(filter_tables, filter_table);

/* A member of a list that is a table by its name. */
struct tableref {
	const struct filter_table *table; /* borrowed from the filter */
	bool negated;
};

/* A set of addresses: one prefix, or a table without a name and named ones. */
struct addrset {
	struct prefix one; /* when own and refs are NULL */
	uint64_t net[2];   /* its bytes, as they stand in memory */
	uint64_t mask[2];
	struct table *own;
	struct table *out; /* own with each member negated; NULL: not needed */
	struct tableref *refs;
	size_t nrefs;
};

void addrset_clear(struct addrset *);
void addrset_one(struct addrset *, const struct prefix *);
bool addrset_has(const struct addrset *, const struct addr *);

/* A set of texts, sorted. */
struct textset {
	struct flow_text *all; /* each with a NUL behind it */
	size_t n;
};

void textset_clear(struct textset *);
/* 0, or -1 for want of memory. */
int textset_add(struct textset *, const char *);
void textset_seal(struct textset *);
bool textset_has(const struct textset *, const struct flow_text *);

/* In the order in which they are printed: that of the original. */
enum clause_kind {
	CL_ADDR,     /* an address is in a set */
	CL_NUMBER,   /* a number is in a set */
	CL_TEXT,     /* a text is in a set */
	CL_PORT,     /* the same, of protocols that have ports */
	CL_FAMILY,   /* source or destination is of a family */
	CL_FLAGS,    /* tcp_flags & mask is in a set */
	CL_DURATION, /* whole seconds from start to end */
	CL_DAYS,     /* the bits 1 << 0 (Sunday) ... 1 << 6 */
	CL_TIME,     /* seconds of the local day, both ends in */
	CL_DATE,     /* seconds since 1970, both ends out */
	CL_MAX
};

#define DATE_LEN 14 /* YYYYMMDDHHMMSS */

struct date {
	int64_t sec;
	char text[DATE_LEN + 1]; /* "" for none */
};

struct clause {
	uint8_t kind; /* enum clause_kind */
	bool negated;
	uint8_t place; /* among the clauses of a rule, for print */
	uint8_t family;
	uint8_t days;
	uint16_t mask;
	const struct field *field;
	union {
		struct numset num;
		struct addrset addr;
		struct textset text;
		struct {
			int32_t after, before; /* -1 for none */
		} time;
		struct {
			struct date after, before;
		} date;
	} u;
};

struct rule {
	enum filter_verdict verdict;
	bool quick;
	bool tagged;
	uint32_t tag;
	uint64_t wins;
	uint64_t evaluations; /* worked out when it is printed */
	struct clause *clauses;
	size_t nclauses;
};

struct rule *rule_new(enum filter_verdict);
void rule_free(struct rule *);
/* A clause at the end, all zero: valid until the next; NULL: no memory. */
struct clause *rule_clause(struct rule *, enum clause_kind);
/* Adds the fields that a clause looks at. */
void clause_fields(const struct clause *, struct flow_set *);
/* Whole seconds from start to end; false: one of them is not known. */
bool clause_duration(const struct flow *, uint64_t *seconds);

/* Is the protocol one with ports? */
static inline bool
rule_has_ports(uint8_t protocol)
{
	/* TCP, UDP, DCCP, SCTP, UDP-Lite */
	return (protocol == 6 || protocol == 17 || protocol == 33 ||
	    protocol == 132 || protocol == 136);
}

/* The local calendar of one second. */
struct calendar {
	int64_t sec;
	int32_t of_day; /* seconds since midnight */
	uint8_t day;	/* its bit, as in CL_DAYS; 0: nothing is known yet */
};

bool clause_match(const struct clause *, const struct flow *,
    struct calendar *);

struct filter_index;
struct check;

struct filter {
	struct filter_tables tables;
	struct rule **rules; /* as written */
	size_t n, size;
	struct rule **order;  /* as asked: the first that matches decides */
	struct check *checks; /* of the order; NULL: the index has them */
	size_t nreachable;    /* of them: no flow gets to the others */
	struct filter_index *index; /* of the order; NULL: few */
	bool empty;
	uint64_t flows;
	struct calendar now;
};

/* Takes the rule, which is freed on failure too.  0, or -1: no memory. */
int filter_add(struct filter *, struct rule *);
/* The table of that name, made if create is set; NULL: none, or no memory. */
struct filter_table *filter_table(struct filter *, const char *name,
    bool create);
/* After the last rule and the last member.  0, or -1 for want of memory. */
int filter_seal(struct filter *);

#endif /* RULE_H */
