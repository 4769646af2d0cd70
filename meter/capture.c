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
 * Packets of an interface, by libpcap.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>

#include <pcap/pcap.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compat/netif.h"
#include "meter/clock.h"
#include "meter/source-ops.h"

/* A packet waits no longer than this for others, ms. */
#define PATIENCE 100
/* After a stop: when all that waited has come. */
#define DRAIN (NSEC_PER_SEC / 1000 * PATIENCE * 3 / 2)
/*
 * The least that held 600,000 packets a second of 160 bytes while a meter did
 * not run for a tenth of a second.
 */
#define BUFFER (32 * 1024 * 1024)

#define SLL_TYPE 0   /* of the packet, 16 bits: offset in DLT_LINUX_SLL */
#define SLL2_TYPE 10 /* 8 bits: in DLT_LINUX_SLL2 */
#define SLL_OUTGOING 4

struct capture {
	pcap_t *pcap;
	int fd; /* for poll(2) */
	bool filtered;
	bool counted; /* by netif_losses */
	struct bpf_program program;
	int64_t not_before; /* time of a packet, ns since 1970 */
	int64_t not_after;
	int64_t drained; /* monotonic, ns: after a stop */
	bool stopped;
	int64_t scale; /* ns of what libpcap has beside the seconds */
	struct netif_drops drops;
	uint64_t if_dropped; /* when it was opened */
	struct pcap_stat last;
	struct source_losses losses;
};

/* What the function that libpcap calls has to know. */
struct call {
	const struct capture *c;
	int dlt;
	int n;
	source_frame_fn *fn;
	void *arg;
};

static bool
is_outgoing(int dlt, const u_char *p, uint32_t len)
{
	if (dlt == DLT_LINUX_SLL2)
		return (len > SLL2_TYPE && p[SLL2_TYPE] == SLL_OUTGOING);
	return (dlt == DLT_LINUX_SLL && len > SLL_TYPE + 1 &&
	    be16(p + SLL_TYPE) == SLL_OUTGOING);
}

static void
take(u_char *user, const struct pcap_pkthdr *hdr, const u_char *bytes)
{
	struct call *call = (void *)user;
	const struct capture *c = call->c;
	const struct frame f = {.data = bytes,
	    .caplen = hdr->caplen,
	    .len = hdr->len,
	    .time = (int64_t)hdr->ts.tv_sec * NSEC_PER_SEC +
		hdr->ts.tv_usec * c->scale,
	    .outgoing = is_outgoing(call->dlt, bytes, hdr->caplen)};

	if (f.time < c->not_before || f.time > c->not_after)
		return;
	call->n++;
	call->fn(call->arg, &f);
}

/* libpcap's word, without the name in front that whoever prints it adds. */
static const char *
last_error(const struct source *s)
{
	const struct capture *c = s->self;
	const char *what = pcap_geterr(c->pcap);
	size_t len = strlen(s->name);

	if (strncmp(what, s->name, len) == 0 &&
	    strncmp(what + len, ": ", 2) == 0)
		what += len + 2;
	return (what);
}

static enum source_state
read_packets(struct source *s, int max, source_frame_fn *fn, void *arg, int *n)
{
	struct capture *c = s->self;
	struct call call = {c, s->dlt, 0, fn, arg};
	int got = pcap_dispatch(c->pcap, max, take, (u_char *)&call);

	*n = call.n;
	if (got < 0)
		return (SOURCE_FAIL(s, "%s", last_error(s)));
	if (got > 0 && got >= max)
		return (SOURCE_MORE);
	if (got == 0 && netif_gone(c->fd))
		return (SOURCE_FAIL(s, "The interface disappeared"));
	if (c->stopped && clock_ns(CLOCK_MONOTONIC) >= c->drained)
		return (SOURCE_END);
	return (SOURCE_IDLE);
}

static int
poll_fd(const struct source *s)
{
	const struct capture *c = s->self;

	return (c->fd);
}

/* Numbers of 32 bits that count on, whatever passes in between. */
static void
ask_libpcap(struct capture *c)
{
	struct pcap_stat now;

	if (pcap_stats(c->pcap, &now) == -1)
		return;
	c->losses.received += now.ps_recv - c->last.ps_recv;
	c->losses.dropped += now.ps_drop - c->last.ps_drop;
	c->losses.if_dropped += now.ps_ifdrop - c->last.ps_ifdrop;
	c->last = now;
}

/*
 * Not by libpcap where the system can be asked: that opens files, which are
 * not there in a chroot, and then counts wrong.
 */
static void
losses(struct source *s, struct source_losses *l)
{
	struct capture *c = s->self;
	uint32_t received, dropped;

	if (!c->counted)
		ask_libpcap(c);
	else if (netif_losses(c->fd, &received, &dropped) == 0) {
		c->losses.received += received;
		c->losses.dropped += dropped;
		c->losses.if_dropped = netif_drops(&c->drops) - c->if_dropped;
	}
	*l = c->losses;
}

/*
 * The times of packets tell which came before.  Not by libpcap's filters:
 * they would refuse those that wait, too.
 */
static void
stop(struct source *s, bool on)
{
	struct capture *c = s->self;

	if (on == c->stopped)
		return;
	c->stopped = on;
	if (on) {
		c->not_after = clock_ns(CLOCK_REALTIME);
		c->drained = clock_ns(CLOCK_MONOTONIC) + DRAIN;
		(void)netif_refuse(c->fd);
		return;
	}
	c->not_before = clock_ns(CLOCK_REALTIME);
	c->not_after = INT64_MAX;
	if (!c->filtered)
		(void)netif_allow(c->fd);
	else if (pcap_setfilter(c->pcap, &c->program) == -1)
		(void)source_fail(s, "filter: %s", last_error(s));
}

static void
close_capture(struct source *s)
{
	struct capture *c = s->self;

	netif_drops_close(&c->drops);
	if (c->filtered)
		pcap_freecode(&c->program);
	if (c->pcap != NULL)
		pcap_close(c->pcap);
	free(c);
}

static const struct source_ops ops = {read_packets, poll_fd, losses, stop,
    close_capture};

/* "3:eth0" is eth0, and 3 what is exported; "eth0:1" has no number. */
static const char *
split_name(const char *name, uint32_t *ifindex)
{
	size_t digits = strspn(name, "0123456789");

	if (digits == 0 || name[digits] != ':' || name[digits + 1] == '\0')
		return (name);
	*ifindex = (uint32_t)strtoul(name, NULL, 10);
	return (name + digits + 1);
}

/* What a status means, and what libpcap says beside it. */
static const char *
reason(const struct source *s, int status, char buf[PCAP_ERRBUF_SIZE])
{
	const char *what = pcap_statustostr(status), *more = last_error(s);

	if (more[0] == '\0' || strcmp(what, more) == 0)
		return (what);
	if (status == PCAP_ERROR || status == PCAP_WARNING)
		return (more);
	(void)snprintf(buf, PCAP_ERRBUF_SIZE, "%s: %s", what, more);
	return (buf);
}

static int
activate(struct source *s, const struct source_config *config)
{
	struct capture *c = s->self;
	char why[PCAP_ERRBUF_SIZE];
	int r;

	if ((c->pcap = pcap_create(s->name, why)) == NULL)
		return (source_fail(s, "%s", why));
	(void)pcap_set_snaplen(c->pcap, config->snaplen);
	(void)pcap_set_promisc(c->pcap, config->promiscuous);
	(void)pcap_set_timeout(c->pcap, PATIENCE);
	(void)pcap_set_buffer_size(c->pcap,
	    config->buffer > 0 ? config->buffer : BUFFER);
	(void)pcap_set_tstamp_precision(c->pcap, PCAP_TSTAMP_PRECISION_NANO);
	if ((r = pcap_activate(c->pcap)) == 0)
		return (0);
	if (r < 0)
		return (source_fail(s, "%s", reason(s, r, why)));
	(void)snprintf(s->warning, sizeof(s->warning), "%s", reason(s, r, why));
	return (0);
}

static int
set_filter(struct source *s, const char *expression)
{
	struct capture *c = s->self;
	bpf_u_int32 net, mask;
	char why[PCAP_ERRBUF_SIZE];

	if (expression == NULL || expression[0] == '\0')
		return (0);
	if (pcap_lookupnet(s->name, &net, &mask, why) == -1)
		mask = PCAP_NETMASK_UNKNOWN;
	if (pcap_compile(c->pcap, &c->program, expression, 1, mask) == -1)
		return (source_fail(s, "filter: %s", last_error(s)));
	c->filtered = true;
	if (pcap_setfilter(c->pcap, &c->program) == -1)
		return (source_fail(s, "filter: %s", last_error(s)));
	return (0);
}

/* What came before the others share the work is theirs. */
static int
join(struct source *s, int group)
{
	struct capture *c = s->self;

	if (group < 0)
		return (0);
	if (netif_fanout(c->fd, (uint16_t)group) == -1)
		return (source_fail(s,
		    "packets cannot be shared out among meters: %s",
		    strerror(errno)));
	c->not_before = clock_ns(CLOCK_REALTIME);
	return (0);
}

static int
begin(struct source *s, const struct source_config *config)
{
	struct capture *c = s->self;
	char why[PCAP_ERRBUF_SIZE];
	uint32_t received, dropped;

	if (activate(s, config) == -1)
		return (-1);
	if (strcmp(s->name, "any") == 0)
		(void)pcap_set_datalink(c->pcap, DLT_LINUX_SLL2);
	if (set_filter(s, config->filter) == -1)
		return (-1);
	if (pcap_setnonblock(c->pcap, 1, why) == -1)
		return (source_fail(s, "%s", why));
	if ((c->fd = pcap_get_selectable_fd(c->pcap)) == -1)
		return (source_fail(s, "nothing to poll"));
	s->dlt = pcap_datalink(c->pcap);
	if (pcap_get_tstamp_precision(c->pcap) == PCAP_TSTAMP_PRECISION_NANO)
		c->scale = 1;
	if ((c->counted = netif_losses(c->fd, &received, &dropped) == 0)) {
		c->losses.received = received;
		c->losses.dropped = dropped;
	}
	return (join(s, config->fanout));
}

int
capture_open(struct source *s, const struct source_config *config)
{
	const char *name;
	struct capture *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (source_fail(s, "%s", strerror(errno)));
	s->ops = &ops;
	s->self = c;
	s->live = true;
	c->not_after = INT64_MAX;
	c->scale = 1000;
	name = split_name(s->name, &s->ifindex);
	memmove(s->name, name, strlen(name) + 1);
	netif_drops_open(&c->drops, s->name);
	c->if_dropped = netif_drops(&c->drops);
	if (s->ifindex == 0)
		s->ifindex = if_nametoindex(s->name);
	s->has_mac = netif_mac(s->name, s->mac);
	return (begin(s, config));
}
