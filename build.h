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
 * What the grammar calls: parse.y says what may be written, conf.c,
 * conf-table.c, conf-source.c, conf-limit.c, conf-worker.c, conf-archive.c and
 * conf-rule.c what it means.  What is wrong with the meaning is said and
 * counted there, and the parser goes on.
 */

#ifndef BUILD_H
#define BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "lex.h"

#define MEMBERS_MAX 16000000 /* of the tables and sources, together */

enum member_kind {
	M_WORD,	  /* a: an address, a number, a range a:b, a name */
	M_PREFIX, /* a/b */
	M_ANY,
	M_TABLE, /* a: its name */
	M_GT,	 /* > a, and so on */
	M_GE,
	M_LT,
	M_LE,
	M_BETWEEN, /* a >< b */
	M_OUTSIDE, /* a <> b */
};

/* A value as written, one of a list or alone. */
struct member {
	enum member_kind kind;
	bool negated;
	struct word a, b;
};

struct members {
	struct member *m;
	size_t n, size;
};

enum source_option {
	SOURCE_SAMPLING = 0x01,
	SOURCE_TRUST = 0x02,
	SOURCE_PORTS = 0x04,
	SOURCE_INNER = 0x08,
};

enum archive_option {
	ARCHIVE_ROTATE,
	ARCHIVE_MERGE,
	ARCHIVE_COMPRESS,
	ARCHIVE_KEEP,
	ARCHIVE_MAXSIZE,
	ARCHIVE_MINFREE,
	ARCHIVE_STORE
};

enum build_limit { LIMIT_EXPORTERS, LIMIT_TEMPLATES, LIMIT_MEMORY };

enum build_path {
	PATH_LOGFILE,
	PATH_LOGSOCK,
	PATH_PIDFILE,
	PATH_STATEFILE,
	PATH_STATSFILE,
	PATH_ARCHIVE
};

/* The values of the clause or directive at hand. */
void build_member(enum member_kind, const struct word *a, const struct word *b);
void build_member_not(void); /* the one just added */
const struct members *build_members(void);
void build_members_clear(void);

/* Directives. */
void build_macro(const struct word *name);
void build_listen(const struct word *at, const struct word *bufsize);
void build_forward(const struct word *to);
void build_group(const struct word *group);
/* Its options come before it. */
void build_sources(void);
void build_sampling(const struct word *, const struct word *rate);
void build_option(const struct word *, enum source_option);
void build_limit(enum build_limit, const struct word *);
void build_expire(const struct word *time, const struct word *which);
void build_workers(const struct word *number, bool cpus); /* the members */
void build_busypoll(const struct word *us);
void build_buffer(const struct word *bytes);
void build_path(enum build_path, const struct word *path);
void build_bufsize(const struct word *bufsize);
void build_store(const struct word *field);
/* The directory first, then its options, then the end. */
void build_archive(const struct word *dir);
/* A word and its value; s NULL: what it has was or will be said otherwise. */
void build_archive_option(enum archive_option, const struct word *,
    const struct word *value);
void build_archive_compress(const struct word *, bool zstd,
    const struct word *level);
void build_archive_minfree(enum conf_minfree);
void build_archive_field(const struct word *);
void build_archive_end(const struct word *dir);
void build_table(const struct word *name);
void build_table_list(void);
void build_table_file(const struct word *path);
/* The end of a line: after an error what was begun is dropped. */
void build_line(bool broken);

/* Rules: begun, filled in any order, ended. */
void build_rule(enum filter_verdict, unsigned int line);
void build_quick(const struct word *);
void build_all(const struct word *);
void build_tag(const struct word *, bool negated);
void build_field(const struct word *name, bool negated);
void build_side(const struct word *, bool source);
void build_addr(bool negated);
void build_port(bool negated);
void build_family(const struct word *, enum addr_family, bool negated);
void build_flags(const struct word *, const struct word *mask, bool negated);
void build_day(const struct word *from, const struct word *to);
void build_days(const struct word *);
void build_time(const struct word *, bool after, const struct word *time);
void build_date(const struct word *, bool after, const struct word *date);
void build_rule_end(void);
/* The words and and or of flowd-reader --filter. */
void build_or(const struct word *);
void build_choices_end(void);

/* Between conf.c, conf-table.c, conf-source.c and conf-rule.c. */
struct conf *build_conf(void);
void rules_begin(struct filter *, bool clauses, bool nofiles);
int rules_end(void);   /* 0, or -1 after an error was said */
void rules_drop(void); /* the rule that was begun */
void tables_begin(struct conf *);
void tables_drop(void);	    /* the table that was begun */
void tables_complete(void); /* those used are defined */
void tables_end(void);
void sources_begin(struct conf *);
void sources_drop(void);	     /* the options that were begun */
int sources_complete(struct conf *); /* 0, or -1 without memory */
void sources_end(void);
void workers_complete(struct conf *); /* what was not said */
/* A number with its suffix.  0, or -1 after an error was said. */
int build_number(const struct word *, uint64_t max, uint64_t *);
/* A prefix.  0, or -1 after an error was said. */
int build_prefix(const struct member *, struct prefix *);
/* The table of that name, defined or used here; NULL after an error. */
struct filter_table *build_tableref(const struct word *name, bool define);
/* True after the error that a filter has no such directive was said. */
bool build_misplaced(unsigned int line);
void build_expected(const struct word *, const char *what);
void build_nomem(void);

#endif /* BUILD_H */
