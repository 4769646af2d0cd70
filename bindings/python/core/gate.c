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

/* A decoder for several threads. */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bindings/python/core/gate.h"

#define NUMBER(m)                                       \
	{                                               \
#m, offsetof(struct dec_report, m),     \
		    sizeof(((struct dec_report *)0)->m) \
	}

/* clang-format off */
const struct tallied gate_tallied[] = {
	NUMBER(flows),
	NUMBER(options),
	NUMBER(facts_refused),
	NUMBER(templates),
	NUMBER(templates_withdrawn),
	NUMBER(templates_refused),
	NUMBER(templates_expired),
	NUMBER(sets_no_template),
	NUMBER(sets_skipped),
	NUMBER(records_short),
	NUMBER(samples_counters),
	NUMBER(samples_skipped),
	NUMBER(records_skipped),
	NUMBER(samples_dropped),
	NUMBER(seq_received),
	NUMBER(seq_lost),
	NUMBER(seq_recovered),
	NUMBER(seq_reordered),
	NUMBER(seq_duplicates),
	NUMBER(seq_reset),
	NUMBER(seq_other_unit),
};
/* clang-format on */
const size_t gate_ntallied = sizeof(gate_tallied) / sizeof(gate_tallied[0]);

uint64_t
gate_number(const struct dec_report *r, const struct tallied *t)
{
	uint64_t wide;
	uint32_t n;

	if (t->size == sizeof(wide)) {
		memcpy(&wide, (const char *)r + t->off, sizeof(wide));
		return (wide);
	}
	memcpy(&n, (const char *)r + t->off, sizeof(n));
	return (n);
}

static void
hand_over(void *arg, struct flow *f)
{
	const struct gate *g = arg;

	g->sink->flow(g->sink->arg, f);
}

static uint32_t
hand_over_records(void *arg, const struct records *r)
{
	const struct gate *g = arg;

	return (g->sink->records(g->sink->arg, r));
}

struct gate *
gate_new(const struct dec_limits *limits, bool names)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return (NULL);
	if (pthread_mutex_init(&g->lock, NULL) != 0) {
		free(g);
		return (NULL);
	}
	g->pid = getpid();
	g->sums = calloc(gate_ntallied, sizeof(*g->sums));
	g->decoder = decode_new(limits, hand_over, g);
	if (g->sums == NULL || g->decoder == NULL) {
		gate_free(g);
		return (NULL);
	}
	decode_names(g->decoder, names);
	return (g);
}

void
gate_free(struct gate *g)
{
	if (g == NULL)
		return;
	decode_free(g->decoder);
	free(g->sums);
	/* Of a process before a fork it may be locked for ever. */
	if (!gate_foreign(g))
		(void)pthread_mutex_destroy(&g->lock);
	free(g);
}

bool
gate_try(struct gate *g)
{
	return (pthread_mutex_trylock(&g->lock) == 0);
}

void
gate_wait(struct gate *g)
{
	(void)pthread_mutex_lock(&g->lock);
}

void
gate_leave(struct gate *g)
{
	(void)pthread_mutex_unlock(&g->lock);
}

bool
gate_foreign(const struct gate *g)
{
	return (g->pid != getpid());
}

enum dec_result
gate_decode(struct gate *g, const struct sink *sink,
    const struct dec_source *src, struct rd pkt, struct dec_report *report)
{
	enum dec_result r;
	size_t i;

	g->sink = sink;
	decode_records(g->decoder,
	    sink->records == NULL ? NULL : hand_over_records);
	r = decode_packet(g->decoder, src, pkt, report);
	g->sink = NULL;
	g->results[r]++;
	for (i = 0; i < gate_ntallied; i++)
		g->sums[i] += gate_number(report, &gate_tallied[i]);
	return (r);
}
