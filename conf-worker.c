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
 * Those who collect: how many, on which processors, how they wait, and what
 * waits with them.
 */

#include <sys/types.h>
#include <sys/queue.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "allot.h"
#include "build.h"
#include "conf.h"

#define CPUS_MAX 1024 /* those that sched_setaffinity(2) has room for */
#define BUSYPOLL_MAX 1000000
#define BUFFER_LEAST 1000000
#define BUFFER_MOST (UINT64_C(64) << 30)

/* One each, and each one for one of them. */
struct cpus {
	uint64_t taken[CPUS_MAX / 64];
	size_t n;
};

static int
cpu_number(const struct word *w, uint64_t *v)
{
	if (strspn(w->s, "0123456789") == strlen(w->s) &&
	    build_number(w, CPUS_MAX - 1, v) == 0)
		return (0);
	build_expected(w, "a processor from 0 to 1023, or a range such as 2-5");
	return (-1);
}

static int
cpus_add(struct cpus *c, const struct member *m)
{
	uint64_t i, last;

	if (cpu_number(&m->a, &i) == -1 ||
	    cpu_number(m->kind == M_BETWEEN ? &m->b : &m->a, &last) == -1)
		return (-1);
	if (i > last) {
		lex_error(lex_file(), m->a.line,
		    "\"%s-%s\": nothing can be in this range", m->a.s, m->b.s);
		return (-1);
	}
	for (; i <= last; i++) {
		if ((c->taken[i / 64] >> i % 64 & 1) != 0) {
			lex_error(lex_file(), m->a.line,
			    "cpu %" PRIu64 ": given twice", i);
			return (-1);
		}
		c->taken[i / 64] |= UINT64_C(1) << i % 64;
		c->n++;
	}
	return (0);
}

/* As it was written, in decimal and without blanks. */
static char *
cpus_text(const struct members *l)
{
	const struct member *m;
	char *text = NULL;
	size_t len;
	FILE *fp;

	if ((fp = open_memstream(&text, &len)) == NULL)
		return (NULL);
	for (m = l->m; m < l->m + l->n; m++) {
		fprintf(fp, "%s%lu", m == l->m ? "" : ",",
		    strtoul(m->a.s, NULL, 0));
		if (m->kind == M_BETWEEN)
			fprintf(fp, "-%lu", strtoul(m->b.s, NULL, 0));
	}
	if (fclose(fp) == 0)
		return (text);
	free(text);
	return (NULL);
}

static int
cpus_check(const struct word *w, uint64_t n)
{
	const struct members *l = build_members();
	struct cpus c = {.n = 0};
	size_t i;

	for (i = 0; i < l->n; i++)
		if (cpus_add(&c, &l->m[i]) == -1)
			return (-1);
	if (c.n == n)
		return (0);
	lex_error(lex_file(), w->line,
	    "cpu: %zu given for %" PRIu64 " workers, expected one for each",
	    c.n, n);
	return (-1);
}

void
build_workers(const struct word *w, bool cpus)
{
	struct conf *c = build_conf();
	uint64_t n;

	if (build_misplaced(w->line))
		return;
	if (build_number(w, WORKERS_MAX, &n) == -1 || n == 0)
		build_expected(w, "a number from 1 to 64");
	else if (c->workers != 0)
		lex_error(lex_file(), w->line, "workers: given twice");
	else if (!cpus || cpus_check(w, n) == 0) {
		c->workers = (uint32_t)n;
		if (cpus && (c->cpus = cpus_text(build_members())) == NULL)
			build_nomem();
	}
}

void
build_busypoll(const struct word *w)
{
	struct conf *c = build_conf();
	uint64_t us;

	if (build_misplaced(w->line))
		return;
	if (build_number(w, BUSYPOLL_MAX, &us) == -1 || us == 0)
		build_expected(w, "a number of microseconds from 1 to 1000000");
	else if (c->busypoll != 0)
		lex_error(lex_file(), w->line, "busypoll: given twice");
	else
		c->busypoll = (uint32_t)us;
}

void
build_buffer(const struct word *w)
{
	struct conf *c = build_conf();
	uint64_t v;

	if (build_misplaced(w->line))
		return;
	if (build_number(w, BUFFER_MOST, &v) == -1 || v < BUFFER_LEAST)
		build_expected(w,
		    "a number of bytes from 1M to 64G, such as 64Mi");
	else if (c->buffer != 0)
		lex_error(lex_file(), w->line, "buffer: given twice");
	else
		c->buffer = v;
}

void
workers_complete(struct conf *c)
{
	if (c->workers == 0)
		c->workers = 1;
	if (c->buffer == 0)
		c->buffer = CONF_BUFFER;
}

void
workers_print(const struct conf *c, FILE *fp)
{
	if (c->workers != 1 || c->cpus != NULL)
		fprintf(fp, "workers %" PRIu32 "%s%s\n", c->workers,
		    c->cpus != NULL ? " cpu " : "",
		    c->cpus != NULL ? c->cpus : "");
	if (c->busypoll != 0)
		fprintf(fp, "busypoll %" PRIu32 "\n", c->busypoll);
	if (c->buffer != CONF_BUFFER)
		fprintf(fp, "buffer %" PRIu64 "\n", c->buffer);
}

bool
conf_has_groups(const struct conf *c)
{
	const struct conf_listen *l;

	TAILQ_FOREACH(l, &c->listens, entry)
		if (addr_is_multicast(&l->at.addr))
			return (true);
	return (!TAILQ_EMPTY(&c->groups));
}

int
conf_cpu(const struct conf *c, uint32_t worker)
{
	const char *s = c->cpus;
	unsigned long first, last;
	char *end;

	while (s != NULL && *s != '\0') {
		first = last = strtoul(s, &end, 10);
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (worker <= last - first)
			return ((int)(first + worker));
		worker -= (uint32_t)(last - first + 1);
		s = *end == ',' ? end + 1 : end;
	}
	return (-1);
}
