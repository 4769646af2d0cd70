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
#include <unistd.h>

#include "meter/optrow.h"

#define RATE 25000	   /* messages a second: what collectors bear */
#define UPTIME_MAX 4294944 /* seconds: 32 bits of ms, less than a whole */
#define QUEUE_MAX 65536	   /* messages */
#define SNAP_V4 96	   /* as softflowd 1.1 */
#define SNAP 160
#define SNAP_NAMES 1600 /* a name can be anywhere in the packet */

void
options_default(struct settings *s)
{
	*s = (struct settings){
	    .source = {.promiscuous = true, .fanout = -1},
	    .observe = {.track = TRACK_FULL},
	    .export = {.version = 5,
		.times = TIMES_UPTIME,
		.track = TRACK_FULL,
		.flow_sampling = 1,
		.template_messages = 16,
		.template_seconds = 60},
	    .timeouts = {.tcp = 3600,
		.tcp_rst = 120,
		.tcp_fin = 300,
		.udp = 300,
		.icmp = 300,
		.general = 3600,
		.maxlife = 604800},
	    .common = {.ttl = -1, .rate = RATE},
	    .max_flows = 8192,
	    .meters = 1,
	    .sampling = 1,
	    .pidfile = RUNDIR "/softflowd.pid",
	    .ctlsock = RUNDIR "/softflowd.ctl",
	    .ctl_mode = 0600,
	};
}

/* No sense, and the original would not do it either. */
static const char *
conflict(const struct settings *s)
{
	const struct source_config *c = &s->source;

	if (c->interface == NULL && c->file == NULL && c->psamp_port == 0)
		return ("no packet source: give -i, -r or -R");
	if (s->meters > 1 && c->interface == NULL)
		return ("-j is for -i: a file has one reader");
	if (c->psamp_port != 0 && s->export.version == 0)
		return ("-R takes packets in, -v psamp sends them on: not "
			"both");
	if (c->psamp_port != 0 && c->filter != NULL)
		return ("a filter is for -i and -r");
	if (s->timeouts.general == 0)
		return ("timeout general: 0 would keep flows for ever");
	return (NULL);
}

/* What is not done although it was asked for. */
static void
tell(const struct reading *r)
{
	const struct settings *s = r->s;
	unsigned int version = s->export.version;
	const struct {
		bool is;
		const char *what;
	} notes[] = {
	    {r->threads, "-M does nothing; -j shares packets among processes"},
	    {s->export.biflow && version != 10, "-b is for -v 10 only"},
	    {s->export.tcp && version < 9, "--tcp needs -v 9 or 10"},
	    {s->export.names && version < 9, "--names needs -v 9 or 10"},
	    {s->export.labels > 0 && version < 9, "-x needs -v 9 or 10"},
	    {s->ndests > 0 && version == 9 && s->common.transport != DEST_UDP,
		"NetFlow 9 has no lengths: collectors cannot take it apart "
		"over a stream; -v 10 is made for that"},
	    {s->export.balance && s->ndests < 2,
		"-l has nothing to balance between"},
	};
	size_t i;

	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (notes[i].is)
			fprintf(stderr, "softflowd: note: %s\n", notes[i].what);
}

static void
settle_dests(struct settings *s)
{
	struct dest_config *d;
	size_t i;

	if (s->common.queue == 0)
		s->common.queue = s->max_flows / 8 + 1024 < QUEUE_MAX
		    ? s->max_flows / 8 + 1024
		    : QUEUE_MAX;
	s->common.wait = s->source.file != NULL;
	for (i = 0; i < s->ndests; i++) {
		d = &s->dest[i];
		s->common.host = d->host;
		s->common.port = d->port;
		*d = s->common;
	}
}

static void
settle_observe(struct settings *s)
{
	unsigned int version = s->export.version;

	if (version < 9 && version != 0) {
		s->export.biflow = false;
		s->export.tcp = s->export.names = false;
		s->export.labels = 0;
	} else
		s->ipv6 = true;
	if (version != 10)
		s->export.biflow = false;
	s->observe.ipv6 = s->ipv6;
	s->observe.tcp = s->export.tcp;
	s->observe.names = s->export.names;
	s->observe.link_data =
	    s->export.track >= TRACK_VLAN || s->export.labels > 0;
	s->export.first_order = s->first_order;
}

int
options_settle(struct reading *r)
{
	struct settings *s = r->s;
	const char *why = conflict(s);

	if (why != NULL)
		return (option_wrong(r, why));
	tell(r);
	if (s->sampling == 0)
		s->sampling = 1;
	if (s->export.flow_sampling == 0)
		s->export.flow_sampling = 1;
	if (s->uptime_max > UPTIME_MAX)
		s->uptime_max = UPTIME_MAX;
	s->export.sampling = s->sampling;
	s->export.exporter = s->common.source;
	if (s->source.file != NULL) {
		s->foreground = s->packet_time = true;
		s->ctlsock = NULL;
		s->source.progress = isatty(STDERR_FILENO) == 1;
	}
	settle_observe(s);
	settle_dests(s);
	if (s->source.snaplen == 0)
		s->source.snaplen = s->export.names ? SNAP_NAMES
		    : s->ipv6			    ? SNAP
						    : SNAP_V4;
	return (0);
}
