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
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "meter/duration.h"
#include "meter/optrow.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

/* The arguments' source takes the place of the file's. */
static int
one_source(struct reading *r)
{
	struct source_config *c = &r->s->source;

	if (r->arguments && !r->own_source) {
		c->interface = c->file = NULL;
		c->psamp_port = 0;
		r->s->has_ifindex = false;
		r->own_source = true;
	}
	if (c->interface == NULL && c->file == NULL && c->psamp_port == 0)
		return (0);
	return (option_wrong(r, "another packet source was given already"));
}

/* An index is digits only: eth0:1 is a name. */
int
option_interface(struct reading *r, const struct option_row *row,
    const char *value)
{
	size_t digits = strspn(value, "0123456789");
	uint32_t index = 0;
	size_t i;

	(void)row;
	if (one_source(r) == -1)
		return (-1);
	if (digits > 0 && value[digits] == ':') {
		for (i = 0; i < digits && index <= 65535; i++)
			index = index * 10 + (uint32_t)(value[i] - '0');
		if (index > 65535)
			return (option_wrong(r, "an index is at most 65535"));
		r->s->ifindex = index;
		r->s->has_ifindex = true;
		value += digits + 1;
	}
	if (*value == '\0')
		return (option_wrong(r, "no interface"));
	r->s->source.interface = value;
	return (0);
}

int
option_file(struct reading *r, const struct option_row *row, const char *value)
{
	(void)row;
	if (one_source(r) == -1)
		return (-1);
	if (*value == '\0')
		return (option_wrong(r, "no file"));
	r->s->source.file = value;
	return (0);
}

int
option_receive(struct reading *r, const struct option_row *row,
    const char *value)
{
	if (one_source(r) == -1)
		return (-1);
	if (option_digits(r, row, value) == -1)
		return (-1);
	r->s->source.psamp_port = (uint16_t)r->number;
	return (0);
}

int
option_filter(struct reading *r, const struct option_row *row,
    const char *value)
{
	(void)row;
	r->s->source.filter = value;
	return (0);
}

int
option_promiscuous(struct reading *r, const struct option_row *row,
    const char *value)
{
	bool no;

	(void)row;
	if (option_truth(r, value, &no) == -1)
		return (-1);
	r->s->source.promiscuous = !no;
	return (0);
}

int
option_collector(struct reading *r, const struct option_row *row,
    const char *value)
{
	struct settings *s = r->s;
	char *list;
	int n;

	(void)row;
	if (r->arguments && !r->own_dests) {
		s->ndests = 0;
		r->own_dests = true;
	}
	/* Hosts and ports point into it from now on. */
	if ((list = strdup(value)) == NULL)
		return (option_wrong(r, "out of memory"));
	n = dest_parse(list, s->dest + s->ndests, COUNTERS_DESTS - s->ndests,
	    r->why, sizeof(r->why));
	if (n == -1) {
		free(list);
		return (-1);
	}
	s->ndests += (size_t)n;
	return (0);
}

int
option_transport(struct reading *r, const struct option_row *row,
    const char *value)
{
	static const struct option_name names[] = {{"udp", DEST_UDP},
	    {"tcp", DEST_TCP}, {"sctp", DEST_SCTP}};
	int n = option_choose(r, names, NELEM(names), value);

	(void)row;
	if (n == -1)
		return (-1);
	r->s->common.transport = (enum dest_transport)n;
	return (0);
}

int
option_ttl(struct reading *r, const struct option_row *row, const char *value)
{
	if (option_digits(r, row, value) == -1)
		return (-1);
	r->s->common.ttl = (int)r->number;
	return (0);
}

int
option_source(struct reading *r, const struct option_row *row,
    const char *value)
{
	(void)row;
	if (addr_parse(value, &r->s->common.source) == -1)
		return (option_wrong(r, "not an address"));
	return (0);
}

int
option_version(struct reading *r, const struct option_row *row,
    const char *value)
{
	static const struct option_name names[] = {{"1", 1}, {"5", 5}, {"9", 9},
	    {"10", 10}, {"ipfix", 10}, {"psamp", 0}};
	int n;

	(void)row;
	if (strcasecmp(value, "ntopng") == 0)
		return (option_wrong(r,
		    "there is no export to ntopng by ZeroMQ here: use 9 or 10, "
		    "and nprobe or a collector that ntopng reads from"));
	if ((n = option_choose(r, names, NELEM(names), value)) == -1)
		return (-1);
	r->s->export.version = (uint16_t)n;
	return (0);
}

int
option_times(struct reading *r, const struct option_row *row, const char *value)
{
	static const struct option_name names[] = {{"sec", TIMES_SECONDS},
	    {"milli", TIMES_MILLISECONDS}, {"micro", TIMES_MICROSECONDS},
	    {"nano", TIMES_NANOSECONDS}};
	int n = option_choose(r, names, NELEM(names), value);

	(void)row;
	if (n == -1)
		return (-1);
	r->s->export.times = (enum export_times)n;
	return (0);
}

int
option_track(struct reading *r, const struct option_row *row, const char *value)
{
	static const struct option_name names[] = {{"ip", TRACK_IP},
	    {"proto", TRACK_PROTO}, {"port", TRACK_PORT}, {"full", TRACK_FULL},
	    {"vlan", TRACK_VLAN}, {"ether", TRACK_ETHER}};
	int n = option_choose(r, names, NELEM(names), value);

	(void)row;
	if (n == -1)
		return (-1);
	r->s->export.track = r->s->observe.track = (enum track)n;
	return (0);
}

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, c | 0x20);

	return (c == '\0' || at == NULL ? -1 : (int)(at - digits));
}

/* Six parts of one or two digits, between colons or dashes. */
int
option_mac(struct reading *r, const struct option_row *row, const char *value)
{
	uint8_t mac[6];
	const char *p = value;
	int i;

	(void)row;
	for (i = 0; i < 6; i++) {
		if (hex(*p) == -1)
			break;
		mac[i] = (uint8_t)hex(*p++);
		if (hex(*p) != -1)
			mac[i] = (uint8_t)(mac[i] * 16 + hex(*p++));
		if (i < 5 && *p != ':' && *p != '-')
			break;
		p += i < 5;
	}
	if (i < 6 || *p != '\0')
		return (
		    option_wrong(r, "not an address such as 2:0:5e:10:0:1"));
	memcpy(r->s->export.mac, mac, sizeof(mac));
	r->s->export.has_mac = true;
	return (0);
}

#define T(member) offsetof(struct timeouts, member)

static const struct {
	const char *name;
	size_t at;
} timeouts[] = {{"tcp", T(tcp)}, {"tcp.rst", T(tcp_rst)},
    {"tcp.fin", T(tcp_fin)}, {"udp", T(udp)}, {"icmp", T(icmp)},
    {"general", T(general)}, {"maxlife", T(maxlife)}, {"expint", T(expint)},
    {"active", T(active)}};

static void
set_idle(struct timeouts *t, uint32_t seconds)
{
	t->tcp = t->udp = t->icmp = t->general = seconds;
}

int
option_timeout(struct reading *r, const struct option_row *row,
    const char *value)
{
	const char *is = strchr(value, '=');
	size_t len = is == NULL ? 0 : (size_t)(is - value), i;
	uint32_t seconds;

	(void)row;
	if (is == NULL)
		return (option_wrong(r, "expected name=time"));
	if (duration_parse(is + 1, &seconds) == -1)
		return (option_wrong(r, "not a time such as 90, 5m or 1h30m"));
	if (len == 4 && strncasecmp(value, "idle", len) == 0) {
		set_idle(&r->s->timeouts, seconds);
		return (0);
	}
	for (i = 0; i < NELEM(timeouts); i++)
		if (strlen(timeouts[i].name) == len &&
		    strncasecmp(timeouts[i].name, value, len) == 0) {
			memcpy((char *)&r->s->timeouts + timeouts[i].at,
			    &seconds, sizeof(seconds));
			return (0);
		}
	return (option_wrong(r,
	    "expected tcp, tcp.rst, tcp.fin, udp, icmp, general, maxlife, "
	    "expint, active or idle"));
}

int
option_control(struct reading *r, const struct option_row *row,
    const char *value)
{
	(void)row;
	r->s->ctlsock = strcmp(value, "none") == 0 ? NULL : value;
	r->s->ctlsock_given = true;
	return (*value == '\0' ? option_wrong(r, "is empty") : 0);
}

int
option_debug(struct reading *r, const struct option_row *row, const char *value)
{
	(void)row;
	if (option_truth(r, value, &r->s->debug) == -1)
		return (-1);
	if (r->s->debug)
		r->s->foreground = r->s->ipv6 = true;
	return (0);
}

int
option_threads(struct reading *r, const struct option_row *row,
    const char *value)
{
	(void)row;
	return (option_truth(r, value, &r->threads));
}

/* It was read first. */
int
option_config(struct reading *r, const struct option_row *row,
    const char *value)
{
	(void)r;
	(void)row;
	(void)value;
	return (0);
}
