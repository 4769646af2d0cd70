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

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "meter/clock.h"
#include "meter/reply.h"

#define SNAPSHOTS 200  /* tries for one that adds up */
#define SNAPSHOT_ROW 8 /* of them, before the meter has the processor */
#define SNAPSHOT_NS 500000

void
reply_prefix(const struct control_config *conf, FILE *f)
{
	long pid = conf->pid != 0 ? conf->pid : (long)getppid();

	fprintf(f, "softflowd[%ld]: ", pid);
}

/*
 * The meter writes on while it is read: numbers that do not add up are read
 * again, later: it may have to wait for us, in the middle of its work.
 */
static void
snapshot(const struct counters *page, struct counters *to)
{
	const volatile uint64_t *from = (const volatile uint64_t *)page;
	const struct timespec pause = {0, SNAPSHOT_NS};
	struct statistics_sum sums[STATISTICS_SUMS];
	uint64_t words[sizeof(*page) / sizeof(uint64_t)];
	size_t i;
	int tries;
	bool ok;

	for (tries = 0, ok = false; tries < SNAPSHOTS && !ok; tries++) {
		if (tries % SNAPSHOT_ROW == SNAPSHOT_ROW - 1)
			(void)nanosleep(&pause, NULL);
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			words[i] = from[i];
		memcpy(to, words, sizeof(*to));
		statistics_sums(to, sums);
		for (i = 0, ok = true; i < STATISTICS_SUMS; i++)
			ok = ok && sums[i].ok;
	}
}

static void
add_up(const struct control_config *conf, struct counters *sum)
{
	static struct counters one;
	size_t i;

	snapshot(conf->counters[0], sum);
	for (i = 1; i < conf->nmeters; i++) {
		snapshot(conf->counters[i], &one);
		counters_add(sum, &one);
	}
}

static void
put_since(FILE *f, uint64_t ns)
{
	time_t t = (time_t)(ns / 1000000000);
	struct tm tm;
	char buf[64] = "?";

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(f, "Accumulated statistics since %s UTC:\n", buf);
}

/* What "top" computes rates from. */
static void
put_totals(FILE *f, const struct counters *c)
{
	fprintf(f,
	    "clock %lld now %llu packets %llu octets %llu active %llu "
	    "dropped %llu\n",
	    (long long)clock_ns(CLOCK_MONOTONIC), (unsigned long long)c->now,
	    (unsigned long long)c->seen[SEEN_IP], (unsigned long long)c->octets,
	    (unsigned long long)c->active,
	    (unsigned long long)c->dropped + (unsigned long long)c->if_dropped);
}

struct reply {
	FILE *f;
	const struct control_config *conf;
	const struct client *client;
	const struct counters *sum; /* of all meters */
};

static void
put_help(const struct reply *r)
{
	command_help(r->f);
}

static void
put_unknown(const struct reply *r)
{
	command_unknown(r->f, r->client->line, r->client->len);
}

static void
put_version(const struct reply *r)
{
	reply_prefix(r->conf, r->f);
	fprintf(r->f, "version %s\n", VERSION);
}

static void
put_statistics(const struct reply *r)
{
	reply_prefix(r->conf, r->f);
	put_since(r->f, r->sum->started);
	statistics_text(r->f, r->sum, &r->conf->statistics);
}

static void
put_json(const struct reply *r)
{
	statistics_json(r->f, r->sum, &r->conf->statistics);
}

static void
put_timeouts(const struct reply *r)
{
	reply_prefix(r->conf, r->f);
	fprintf(r->f, "Printing timeouts:\n");
	statistics_timeouts(r->f, &r->conf->timeouts);
}

static void
put_flows(const struct reply *r)
{
	reply_prefix(r->conf, r->f);
	fprintf(r->f, "%s\n", r->client->command.before);
	if (r->client->command.request == REQ_TOP)
		put_totals(r->f, r->sum);
}

static void (*const replies[])(const struct reply *) = {
    [COMMAND_UNKNOWN] = put_unknown,
    [COMMAND_HELP] = put_help,
    [COMMAND_VERSION] = put_version,
    [COMMAND_STATISTICS] = put_statistics,
    [COMMAND_JSON] = put_json,
    [COMMAND_TIMEOUTS] = put_timeouts,
    [COMMAND_FLOWS] = put_flows,
};

void
reply_put(const struct control_config *conf, const struct client *c, FILE *f)
{
	static struct counters sum;
	const struct reply r = {.f = f, .conf = conf, .client = c, .sum = &sum};

	add_up(conf, &sum);
	replies[c->command.kind](&r);
}
