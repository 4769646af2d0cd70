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
 * flowd.conf(5), parsed.  The parent parses the file; the collector parses the
 * text that conf_print made of it, so the language is its own wire format.
 */

#ifndef CONF_H
#define CONF_H

#include <sys/queue.h>

#include <net/if.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "addr.h"
#include "filter.h"
#include "flow.h"

#define CONF_EXPORTERS 4096 /* the default limits */
#define CONF_TEMPLATES 131072
#define CONF_MEMORY (64 * 1024 * 1024)
#define CONF_STATS_INTERVAL 60 /* seconds between two of the stats file */

struct endpoint {
	struct addr addr;
	char scope[IF_NAMESIZE]; /* of IPv6, "" for none */
	uint16_t port;
};

struct conf_listen {
	TAILQ_ENTRY(conf_listen) entry;
	struct endpoint at;
	uint32_t bufsize; /* bytes, 0: as large as it goes */
};

struct conf_forward {
	TAILQ_ENTRY(conf_forward) entry;
	struct endpoint to;
};

struct conf_group {
	TAILQ_ENTRY(conf_group) entry;
	struct endpoint group; /* port 0 */
};

struct conf_source {
	TAILQ_ENTRY(conf_source) entry;
	struct prefix prefix; /* family ADDR_NONE: any */
	uint32_t options;     /* which of them, 0: none */
	bool negated;	      /* not from there: the longest match decides */
};

/* What is known of an exporter that it does not say itself. */
struct source_options {
	uint32_t sampling; /* the rate if it tells none; 0: unknown */
	bool trusted;	   /* the address it gives itself is believed */
	bool ports;	   /* each of its ports is an exporter */
	bool inner;	   /* of packets in tunnels the inner one counts */
};

/* 0 is the default, of times: never. */
struct conf_limits {
	uint64_t exporters;
	uint64_t templates;
	uint64_t memory;
	uint32_t expire_v9; /* seconds */
	uint32_t expire_ipfix;
	bool expire_v9_said;
	bool expire_ipfix_said;
};

/* What to do when a disk has less room than it should. */
enum conf_minfree { MINFREE_EXPIRE, MINFREE_STOP, MINFREE_ALARM };

struct conf_archive {
	char *dir;	  /* NULL: no archive */
	uint32_t rotate;  /* seconds of a segment: they divide a day */
	uint32_t merge;	  /* seconds of merged ones, 0: none */
	int level;	  /* of zstd, 0: no compression */
	uint32_t keep;	  /* seconds, 0: for ever */
	uint64_t maxsize; /* bytes, 0: any */
	uint64_t minfree; /* bytes, or per mille of the file system */
	bool minfree_relative;
	enum conf_minfree minfree_action;
	struct flow_set fields; /* that are kept; FLOW_RECV_TIME always */
};

#define CONF_BUFFER (64 * 1024 * 1024)
#define CONF_ROTATE 300 /* seconds */
#define CONF_LEVEL 1	/* of zstd */

TAILQ_HEAD(conf_listens, conf_listen);
TAILQ_HEAD(conf_forwards, conf_forward);
TAILQ_HEAD(conf_groups, conf_group);
TAILQ_HEAD(conf_sources, conf_source);

struct conf {
	char *logfile;	 /* NULL: none */
	char *logsock;	 /* NULL: none */
	char *pidfile;	 /* NULL: the default */
	char *statefile; /* NULL: none */
	char *statsfile; /* NULL: none */
	struct conf_archive archive;
	uint32_t logsock_bufsize; /* bytes, 0: the system's */
	uint32_t store_mask;	  /* STORE_x; never 0 after parsing */
	struct conf_listens listens;
	struct conf_forwards forwards;
	struct conf_groups groups;
	struct conf_sources sources; /* empty: anybody */
	struct table *allowed;	     /* made of the sources; NULL: anybody */
	struct table *exact;	     /* those that are one address; or NULL */
	struct source_options *options; /* numbered from 1 on */
	uint32_t noptions;
	bool separate_ports;	       /* for some of them */
	struct table *option_bits[32]; /* who has that bit in its number */
	struct conf_limits limits;
	uint32_t workers;  /* that collect, 1 or more */
	char *cpus;	   /* "2-5,8" for them, one each; NULL: any */
	uint32_t busypoll; /* us that a socket is polled for, 0: not at all */
	uint64_t buffer;   /* bytes that wait for the disks, of a worker */
	struct filter *filter;
};

#define CONF_FILTER_ONLY                                                 \
	0x01		  /* flowd-reader -f: no listener, no log needed \
			   */
#define CONF_NOFILES 0x02 /* refuse include and table files */

/* name=value of -D, in order; stands above what the file says. */
struct conf_macro {
	const char *name;
	const char *value;
};

struct conf_input {
	const char *name; /* for messages: a path, or what stands for it */
	const char *text; /* parse this; NULL: read the file `name` */
	size_t textlen;
	const struct conf_macro *macros;
	size_t nmacros;
	unsigned int flags; /* CONF_x */
	/* Called with each message, "file:line: what"; also for warnings. */
	void (*say)(void *arg, bool error, const char *msg);
	void *arg;
};

/*
 * A whole configuration, or NULL after at least one error was said.  Nothing
 * is kept of a broken one.
 */
struct conf *conf_parse(const struct conf_input *);
void conf_free(struct conf *);

/* Parses back to the same.  Macros and includes are gone, tables inline. */
void conf_print(const struct conf *, FILE *);

/*
 * Clauses of a rule, as for flowd-reader --filter: a filter that accepts what
 * they match and discards the rest.  NULL after an error was said.
 */
struct filter *conf_parse_clauses(const char *clauses,
    void (*say)(void *arg, bool error, const char *msg), void *arg);

/* True if flows of that agent are wanted at all. */
bool conf_allowed(const struct conf *, const struct addr *agent);
/* True if a source names just that address: never evicted. */
bool conf_configured(const struct conf *, const struct addr *agent);

/* True if datagrams to multicast groups are received. */
bool conf_has_groups(const struct conf *);

/* What the source says that matches best. */
struct source_options conf_options(const struct conf *,
    const struct addr *agent);

/* The limits with their defaults, for one of the workers. */
struct conf_limits conf_limits(const struct conf *);
/* A line for each that is not the default. */
void limits_print(const struct conf_limits *, FILE *);
/* The options behind the directory. */
void archive_print(const struct conf_archive *, FILE *);

/* The lines of workers, how they wait and what waits. */
void workers_print(const struct conf *, FILE *);
/* The processor of that worker, from 0 on; -1: any. */
int conf_cpu(const struct conf *, uint32_t worker);

/* "addr:port" or "[addr%scope]:port"; returns buf of ENDPOINT_STRLEN. */
#define ENDPOINT_STRLEN (ADDR_STRLEN + IF_NAMESIZE + 10)
const char *endpoint_format(const struct endpoint *, char *buf);

#endif /* CONF_H */
