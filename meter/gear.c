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

#include <stdio.h>
#include <string.h>

#include "meter/gear.h"

static uint32_t
share(uint32_t all, uint32_t n)
{
	return (all == 0 || n < 2 ? all : (all - 1) / n + 1);
}

static void
own_settings(struct gear *g, const struct settings *s, uint32_t i)
{
	size_t d;

	g->settings = *s;
	g->settings.max_flows = share(s->max_flows, s->meters);
	/* Sequence numbers are counted by domain. */
	g->settings.export.domain += i;
	for (d = 0; d < s->ndests; d++)
		g->settings.dest[d].rate = share(s->dest[d].rate, s->meters);
}

static int
open_dests(struct gear *g, char *err)
{
	struct settings *s = &g->settings;
	char why[256];
	size_t i, len;

	for (i = 0; i < s->ndests; i++) {
		why[0] = '\0';
		g->back[i].i = i;
		g->dest[i] = dest_open(&s->dest[i], meter_connected,
		    &g->back[i], &g->counters->dest[i], why, sizeof(why));
		len = strlen(err);
		if (why[0] != '\0')
			snprintf(err + len, GEAR_ERRLEN - len, "%s%s",
			    len > 0 ? "; " : "", why);
		if (g->dest[i] == NULL)
			return (-1);
	}
	return (0);
}

static const char *
name(const struct settings *s)
{
	if (s->source.file != NULL)
		return (strcmp(s->source.file, "-") == 0 ? "standard input"
							 : s->source.file);
	return (s->source.interface != NULL ? s->source.interface : "");
}

int
gear_open(struct gear *g, const struct settings *s, uint32_t i,
    struct counters *counters, char err[GEAR_ERRLEN])
{
	char why[SOURCE_ERRLEN] = "";
	enum packet_link link;

	memset(g, 0, sizeof(*g));
	g->counters = counters;
	err[0] = '\0';
	own_settings(g, s, i);
	if ((g->source = source_open(&g->settings.source, why)) == NULL) {
		snprintf(err, GEAR_ERRLEN, "%s%s%s", name(s),
		    name(s)[0] == '\0' ? "" : ": ", why);
		return (-1);
	}
	if (packet_dlt(source_dlt(g->source), &link) == -1)
		snprintf(err, GEAR_ERRLEN, "%s: Unsupported datalink type %d",
		    source_name(g->source), source_dlt(g->source));
	else if (source_warning(g->source) != NULL)
		snprintf(err, GEAR_ERRLEN, "%s", source_warning(g->source));
	if (packet_dlt(source_dlt(g->source), &link) == 0 &&
	    open_dests(g, err) == 0)
		return (0);
	gear_close(g);
	return (-1);
}

void
gear_tell(struct gear *g, struct meter *m)
{
	size_t i;

	for (i = 0; i < g->settings.ndests; i++)
		g->back[i].meter = m;
}

void
gear_close(struct gear *g)
{
	size_t i;

	for (i = 0; i < g->settings.ndests; i++)
		if (g->dest[i] != NULL)
			dest_free(g->dest[i]);
	if (g->source != NULL)
		source_free(g->source);
	memset(g, 0, sizeof(*g));
}

void
gear_describe(const struct settings *s, struct statistics_config *c)
{
	static char names[COUNTERS_DESTS][300];
	size_t i;

	*c = (struct statistics_config){
	    .sampling = s->sampling > 1,
	    .live = s->source.interface != NULL,
	    .balance = s->export.balance,
	    .ndests = (uint32_t)s->ndests,
	};
	for (i = 0; i < s->ndests; i++) {
		snprintf(names[i], sizeof(names[i]),
		    strchr(s->dest[i].host, ':') != NULL ? "[%s]:%s" : "%s:%s",
		    s->dest[i].host, s->dest[i].port);
		c->dest[i] = names[i];
	}
}
