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

#include <string.h>

#include "query/summary-state.h"

static struct cell
number(uint64_t v)
{
	return ((struct cell){CELL_NUMBER, {.number = v}});
}

static struct cell
rate(double v)
{
	return ((struct cell){CELL_RATE, {.rate = v}});
}

static struct cell
a_time(int64_t v, bool known)
{
	return ((struct cell){known ? CELL_TIME : CELL_NONE, {.time = v}});
}

/* Something of a second; nothing if there is no second. */
static struct cell
per_second(double v, int64_t ns)
{
	if (ns <= 0)
		return ((struct cell){.type = CELL_NONE});
	return (rate(v * 1e9 / (double)ns));
}

static const char *
print_all(const struct summary *s, struct sheet *sheet)
{
	static const struct sheet_column columns[] = {{"records", NULL, false,
							  0},
	    {"flows", NULL, false, 0}, {"packets", NULL, false, 0},
	    {"octets", NULL, false, 0}, {"bpp", NULL, false, 0},
	    {"pps", NULL, false, 0}, {"bps", NULL, false, 0},
	    {"first", NULL, false, 0}, {"last", NULL, false, 0}};
	const bool timed = s->first <= s->last;
	const int64_t ns = timed ? s->last - s->first : 0;
	const struct cell cells[] = {number(s->all.records),
	    number(s->all.flows), number(s->all.packets), number(s->all.octets),
	    s->all.packets == 0
		? (struct cell){.type = CELL_NONE}
		: rate((double)s->all.octets / (double)s->all.packets),
	    per_second((double)s->all.packets, ns),
	    per_second((double)s->all.octets * 8, ns), a_time(s->first, timed),
	    a_time(s->last, timed)};
	const char *error;

	if ((error = sheet_columns(sheet, columns, 9)) != NULL)
		return (error);
	return (sheet_row(sheet, cells, 9));
}

/* Key, flows, packets, octets: the columns of all that is summed by a key. */
static const char *
sums_columns(const struct summary *s, struct sheet *sheet,
    enum flow_field field)
{
	struct sheet_column columns[] = {{"", &fields[field], false, 0},
	    {"flows", NULL, true, s->all.flows},
	    {"packets", NULL, true, s->all.packets},
	    {"octets", NULL, true, s->all.octets}};

	memcpy(columns[0].name, fields[field].name,
	    strlen(fields[field].name) + 1);
	return (sheet_columns(sheet, columns, 4));
}

static const char *
sums_row(struct sheet *sheet, struct cell key, const struct sums *sums)
{
	const struct cell cells[] = {key, number(sums->flows),
	    number(sums->packets), number(sums->octets)};

	return (sheet_row(sheet, cells, 4));
}

static const char *
print_protocols(struct summary *s, struct sheet *sheet)
{
	struct tally t = {0};
	const char *error = NULL;
	struct addr key;
	size_t i;

	for (i = 0; i < PROTOCOLS && error == NULL; i++) {
		key = tally_number(i);
		if (s->protocols[i].records > 0)
			error = tally_add(&t, &key, &s->protocols[i]);
	}
	tally_sort(&t);
	if (error == NULL && t.used > 0)
		error = sums_columns(s, sheet, FLOW_PROTOCOL);
	for (i = 0; i < t.used && error == NULL; i++)
		error = sums_row(sheet,
		    number(tally_number_of(&t.entry[i].key)), &t.entry[i].sums);
	tally_clear(&t);
	return (error);
}

/* Does anybody tell it? */
static bool
some(const struct tally *t, const struct addr *none)
{
	return (t->used > 1 ||
	    (t->used == 1 && !addr_equal(&t->entry[0].key, none)));
}

static const char *
print_agents(struct summary *s, struct sheet *sheet)
{
	const struct addr none = {0};
	const char *error;
	struct cell key;
	size_t i;

	tally_sort(&s->agents);
	if (!some(&s->agents, &none))
		return (NULL);
	error = sums_columns(s, sheet, FLOW_AGENT);
	for (i = 0; i < s->agents.used && error == NULL; i++) {
		key.u.prefix.addr = s->agents.entry[i].key;
		key.u.prefix.len = (uint8_t)addr_bits(&s->agents.entry[i].key);
		key.type = key.u.prefix.len == 0 ? CELL_NONE : CELL_PREFIX;
		error = sums_row(sheet, key, &s->agents.entry[i].sums);
	}
	return (error);
}

static const char *
print_rates(struct summary *s, struct sheet *sheet)
{
	const struct addr none = tally_number(0);
	const char *error;
	struct cell key;
	uint64_t v;
	size_t i;

	tally_sort(&s->rates);
	if (!some(&s->rates, &none))
		return (NULL);
	error = sums_columns(s, sheet, FLOW_SAMPLING_RATE);
	for (i = 0; i < s->rates.used && error == NULL; i++) {
		/* Of those that tell no rate, the number is 0. */
		v = tally_number_of(&s->rates.entry[i].key);
		key = v == 0 ? (struct cell){.type = CELL_NONE} : number(v);
		error = sums_row(sheet, key, &s->rates.entry[i].sums);
	}
	return (error);
}

/* What is near is not told to the nanosecond. */
static uint64_t
rounded(enum spread_of of, uint64_t v)
{
	const uint64_t ms = NSEC_PER_MSEC;

	return (of == SP_DURATION && v >= (uint64_t)NSEC_PER_SEC
		? (v + ms / 2) / ms * ms
		: v);
}

static struct cell
spread_cell(enum spread_of of, uint64_t v)
{
	if (of == SP_DURATION)
		return ((struct cell){CELL_DURATION, {.time = (int64_t)v}});
	return (number(v));
}

static const char *
print_spread(const struct percentile *p, enum spread_of of, struct sheet *sheet)
{
	static const char *const names[SP_MAX] = {
	    [SP_OCTETS] = "octets",
	    [SP_PACKETS] = "packets",
	    [SP_BPP] = "bpp",
	    [SP_DURATION] = "duration",
	};
	static const unsigned int permilles[] = {500, 900, 950, 990, 999};
	struct cell cells[9];
	double mean = percentile_mean(p);
	size_t i, n = 0;

	cells[n++] = (struct cell){CELL_TEXT, {.text = names[of]}};
	cells[n++] = of == SP_DURATION
	    ? spread_cell(of, rounded(of, (uint64_t)mean))
	    : rate(mean);
	cells[n++] = spread_cell(of, p->min);
	for (i = 0; i < sizeof(permilles) / sizeof(permilles[0]); i++)
		cells[n++] = spread_cell(of,
		    rounded(of, percentile_at(p, permilles[i])));
	cells[n++] = spread_cell(of, p->max);
	return (sheet_row(sheet, cells, n));
}

static const char *
print_spreads(const struct summary *s, struct sheet *sheet)
{
	static const struct sheet_column columns[] = {{"of_a_flow", NULL, false,
							  0},
	    {"mean", NULL, false, 0}, {"min", NULL, false, 0},
	    {"p50", NULL, false, 0}, {"p90", NULL, false, 0},
	    {"p95", NULL, false, 0}, {"p99", NULL, false, 0},
	    {"p99.9", NULL, false, 0}, {"max", NULL, false, 0}};
	const char *error = sheet_columns(sheet, columns, 9);
	unsigned int i;

	for (i = 0; i < SP_MAX && error == NULL; i++)
		if (s->spreads[i].n > 0)
			error = print_spread(&s->spreads[i], (enum spread_of)i,
			    sheet);
	return (error);
}

const char *
summary_print(struct summary *s, struct sheet *sheet)
{
	const char *error;

	if ((error = print_all(s, sheet)) != NULL ||
	    (error = print_protocols(s, sheet)) != NULL ||
	    (error = print_agents(s, sheet)) != NULL ||
	    (error = print_rates(s, sheet)) != NULL)
		return (error);
	return (print_spreads(s, sheet));
}
