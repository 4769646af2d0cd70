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
 * The words of the command line become a question, and how its answer is
 * printed.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat/aes.h"
#include "compat/squeeze.h"
#include "reader-ask.h"

#define MEMORY_MAX (UINT64_C(1) << 30)
#define MEMORY_MIN (UINT64_C(64) << 20)
#define MEMORY_LEAST (UINT64_C(1) << 20)
#define THREADS_MAX 256
#define LEVEL_MAX 19

static void
say(void *arg, bool error, const char *msg)
{
	(void)arg;
	warnx("%s%s", error ? "" : "warning: ", msg);
}

static int64_t
time_of(const struct reader *r, const struct args *a, enum arg which,
    int64_t none)
{
	struct timespec now;
	int64_t ns;

	if (!args_has(a, which))
		return (none);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (reader_time(a->value[which],
		(int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec, r->utc,
		&ns) == -1)
		args_wrong(a, which, "not a time");
	return (ns);
}

static uint64_t
number_of(const struct args *a, enum arg which, uint64_t least, uint64_t most,
    uint64_t none)
{
	uint64_t n;

	if (!args_has(a, which))
		return (none);
	if (word_number(a->value[which], least, most, &n) == -1)
		args_wrong(a, which, "not such a number");
	return (n);
}

static void
ask_flows(struct request *q, struct reader *r, const struct args *a)
{
	struct conf_input in = {.name = a->value[ARG_RULES],
	    .flags = CONF_FILTER_ONLY,
	    .say = say};

	if (args_has(a, ARG_RULES)) {
		if ((q->conf = conf_parse(&in)) == NULL)
			exit(READER_FAILED);
		r->rules = q->conf->filter;
		r->store_mask = q->conf->store_mask;
	}
	if (args_has(a, ARG_FILTER) &&
	    (r->clauses = conf_parse_clauses(a->value[ARG_FILTER], say,
		 NULL)) == NULL)
		exit(READER_FAILED);
	r->scan.since = time_of(r, a, ARG_SINCE, INT64_MIN);
	r->scan.until = time_of(r, a, ARG_UNTIL, INT64_MAX);
	if (r->scan.until < r->scan.since)
		warnx("--until is before --since: there will be nothing");
	q->q.rules = r->rules;
	q->q.clauses = r->clauses;
	q->q.since = r->scan.since;
	q->q.until = r->scan.until;
	q->q.scale = args_has(a, ARG_SCALE);
	q->q.counts = r->debug;
}

static void
parse_list(struct request *q, const struct args *a, enum arg which,
    int (*parse)(struct question *, const char *, char *))
{
	char bad[64], what[128];

	if (!args_has(a, which) || parse(&q->q, a->value[which], bad) == 0)
		return;
	(void)snprintf(what, sizeof(what), "%s%s",
	    *bad == '\0' ? "nothing is named" : bad,
	    *bad == '\0' ? "" : " is none of those that there are");
	args_wrong(a, which, what);
}

/* Of groups, --columns are the quantities to be shown. */
static void
ask_shown(struct request *q, const struct args *a)
{
	char *copy, *rest, *one;
	enum quantity shown;

	if (!args_has(a, ARG_COLUMNS))
		return;
	if ((copy = rest = strdup(a->value[ARG_COLUMNS])) == NULL)
		err(READER_FAILED, NULL);
	while ((one = strsep(&rest, ",")) != NULL) {
		shown = quantity_by_name(one);
		if (shown == Q_MAX || q->q.nshow == Q_MAX)
			args_wrong(a, ARG_COLUMNS,
			    "groups have quantities: flows, packets, octets, "
			    "bps, ...");
		q->q.show[q->q.nshow++] = shown;
	}
	free(copy);
}

static void
ask_sums(struct request *q, const struct args *a)
{
	struct question *to = &q->q;

	parse_list(q, a, ARG_GROUP, question_keys);
	parse_list(q, a, ARG_DISTINCT, question_keys);
	parse_list(q, a, ARG_SORT, question_orders);
	to->distinct = args_has(a, ARG_DISTINCT);
	to->stats = args_has(a, ARG_STATS);
	to->bidirectional = args_has(a, ARG_BIDIRECTIONAL);
	to->top = number_of(a, ARG_TOP, 1, UINT64_MAX, 0);
	if (args_has(a, ARG_EVERY) &&
	    word_duration(a->value[ARG_EVERY], &to->every) == -1)
		args_wrong(a, ARG_EVERY, "not a time like 5m");
	if (args_has(a, ARG_SPREAD)) {
		if (strcmp(a->value[ARG_SPREAD], "even") == 0)
			to->spread = SPREAD_EVEN;
		else if (strcmp(a->value[ARG_SPREAD], "start") != 0)
			args_wrong(a, ARG_SPREAD, "it is start or even");
	}
	if (args_has(a, ARG_GROUP) || to->every != 0)
		ask_shown(q, a);
	/* The first of something is the largest. */
	if (to->top != 0 && to->norders == 0 &&
	    (to->every == 0 || to->nkeys > 0))
		to->orders[to->norders++] = (struct order){.by = Q_OCTETS};
	q->answers = to->nkeys > 0 || to->every != 0 || to->stats ||
	    args_has(a, ARG_COUNT);
	q->asked = q->answers || to->norders > 0 || to->bidirectional ||
	    to->scale || args_has(a, ARG_ANONYMIZE);
}

static uint64_t
memory_of_system(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	uint64_t quarter;

	if (pages <= 0 || size <= 0)
		return (MEMORY_MIN);
	quarter = (uint64_t)pages * (uint64_t)size / 4;
	if (quarter < MEMORY_MIN)
		return (MEMORY_MIN);
	return (quarter < MEMORY_MAX ? quarter : MEMORY_MAX);
}

static void
ask_means(struct request *q, const struct args *a)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const char *tmpdir = getenv("TMPDIR");

	if (cpus < 1 || cpus > THREADS_MAX)
		cpus = cpus < 1 ? 1 : THREADS_MAX;
	q->q.threads = (unsigned int)number_of(a, ARG_THREADS, 1, THREADS_MAX,
	    (uint64_t)cpus);
	q->q.memory = memory_of_system();
	if (args_has(a, ARG_MEMORY) &&
	    (word_bytes(a->value[ARG_MEMORY], &q->q.memory) == -1 ||
		q->q.memory < MEMORY_LEAST))
		args_wrong(a, ARG_MEMORY, "not a size like 512M, or below 1M");
	q->q.tmpdir = tmpdir == NULL || *tmpdir == '\0' ? "/var/tmp" : tmpdir;
	if (args_has(a, ARG_TMPDIR))
		q->q.tmpdir = a->value[ARG_TMPDIR];
}

static void
ask_output(struct request *q, const struct args *a)
{
	uint64_t level = 3;

	q->output = a->value[ARG_OUTPUT];
	q->store_version =
	    (unsigned int)number_of(a, ARG_STORE_VERSION, 3, 4, 3);
	if (args_has(a, ARG_COMPRESS)) {
		if (q->store_version != 4)
			args_wrong(a, ARG_COMPRESS,
			    "only with --store-version 4");
		if (strcmp(a->value[ARG_COMPRESS], "none") == 0)
			level = 0;
		else
			level = number_of(a, ARG_COMPRESS, 1, LEVEL_MAX, 0);
	}
	q->level = squeeze_available() ? (int)level : 0;
	if (args_has(a, ARG_COMPRESS) && level > 0 && q->level == 0)
		args_wrong(a, ARG_COMPRESS, "this flowd-reader has no zstd");
	q->anonymize = args_has(a, ARG_ANONYMIZE);
	if (q->anonymize && !aes_available())
		args_wrong(a, ARG_ANONYMIZE,
		    "this flowd-reader has no libcrypto");
	if (q->anonymize && word_key(a->value[ARG_ANONYMIZE], q->key) == -1)
		args_wrong(a, ARG_ANONYMIZE,
		    "neither 64 hexadecimal digits nor a file with a key");
}

void
ask(struct request *q, struct reader *r, const struct args *a)
{
	memset(q, 0, sizeof(*q));
	r->scan.head = number_of(a, ARG_HEAD, 1, UINT64_MAX, 0);
	r->scan.legacy = args_has(a, ARG_LEGACY);
	r->scan.follow = args_has(a, ARG_FOLLOW);
	r->pcap = args_has(a, ARG_PCAP);
	r->scan.captures = r->pcap ? &captures : NULL;
	r->utc = args_has(a, ARG_UTC);
	r->verbose = args_has(a, ARG_VERBOSE);
	r->debug = args_has(a, ARG_DEBUG);
	r->text_mask = r->verbose ? STORE_ALL : STORE_BRIEF;
	if (word_ports(args_has(a, ARG_PORT) ? a->value[ARG_PORT]
					     : "2055,4739,6343,9995,9996",
		&r->ports) == -1)
		args_wrong(a, ARG_PORT, "not a list of ports");
	ask_sums(q, a);
	ask_means(q, a);
	ask_output(q, a);
	ask_flows(q, r, a);
}

void
request_clear(struct request *q)
{
	filter_free(q->q.clauses);
	conf_free(q->conf);
}
