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
 * framecount [-b buffer] [-g group] [-s snaplen] [-w ms] INTERFACE [FILTER]
 *
 * What a source (meter/source.h) gives: a line for each of the first packets,
 * and sums at SIGTERM, after what waited was read.  SIGUSR1 stops, SIGUSR2
 * goes on.  -w: after the first packet nothing is read for so long.
 *
 *	ready LINK-TYPE NAME INDEX MAC
 *	warning TEXT
 *	packet NUMBER LENGTH LATENCY-MS
 *	stopped PACKETS
 *	started
 *	end PACKETS OCTETS RECEIVED DROPPED IF-DROPPED
 *	failed REASON
 */

#include <err.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "meter/source.h"

#define BATCH 1024
#define SHOWN 20

static volatile sig_atomic_t ended, paused;

struct count {
	uint64_t packets;
	uint64_t octets;
};

static void
on_term(int sig)
{
	(void)sig;
	ended = 1;
}

static void
on_usr(int sig)
{
	paused = sig == SIGUSR1;
}

static void
take(void *arg, const struct frame *f)
{
	struct count *c = arg;
	struct timespec ts;
	int64_t late;

	c->packets++;
	c->octets += f->len;
	if (c->packets > SHOWN)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	late = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec - f->time;
	printf("packet %" PRIu64 " %" PRIu32 " %" PRId64 "\n", c->packets,
	    f->len, late / 1000000);
}

/* What the signals want.  True if that is another thing than before. */
static bool
obey(struct source *s, bool *stopped)
{
	const bool stop = ended || paused;

	if (stop == *stopped)
		return (false);
	*stopped = stop;
	if (stop)
		source_stop(s);
	else {
		source_start(s);
		printf("started\n");
	}
	return (stop);
}

/* Until the end, or a signal with which the end begins. */
static enum source_state
run(struct source *s, struct count *c, int ms)
{
	struct pollfd pfd = {.fd = source_fd(s), .events = POLLIN};
	bool stopped = false, told = true;
	enum source_state state;
	int n;

	for (;;) {
		if (obey(s, &stopped))
			told = false;
		state = source_read(s, BATCH, take, c, &n);
		if (state == SOURCE_FAILED || (state == SOURCE_END && ended))
			return (state);
		if (state == SOURCE_END && !told) {
			printf("stopped %" PRIu64 "\n", c->packets);
			told = true;
		}
		if (c->packets > 0 && ms > 0) {
			(void)poll(NULL, 0, ms);
			ms = 0;
		}
		if (state != SOURCE_MORE)
			(void)poll(&pfd, 1, 20);
	}
}

static void
summary(struct source *s, const struct count *c, enum source_state state)
{
	struct source_losses l;

	source_losses(s, &l);
	if (state == SOURCE_FAILED)
		printf("failed %s\n", source_error(s));
	printf("end %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	       "\n",
	    c->packets, c->octets, l.received, l.dropped, l.if_dropped);
}

static void
say_ready(const struct source *s)
{
	uint8_t mac[6] = {0};

	(void)source_mac(s, mac);
	printf("ready %d %s %" PRIu32 " %02x:%02x:%02x:%02x:%02x:%02x\n",
	    source_dlt(s), source_name(s), source_ifindex(s), mac[0], mac[1],
	    mac[2], mac[3], mac[4], mac[5]);
	if (source_warning(s) != NULL)
		printf("warning %s\n", source_warning(s));
}

int
main(int argc, char **argv)
{
	struct source_config config = {.snaplen = 160, .fanout = -1};
	struct count c = {.packets = 0};
	char why[SOURCE_ERRLEN];
	struct source *s;
	int ch, ms = 0;

	while ((ch = getopt(argc, argv, "b:g:s:w:")) != -1)
		switch (ch) {
		case 'b':
			config.buffer = (int)strtol(optarg, NULL, 10);
			break;
		case 'g':
			config.fanout = (int)strtol(optarg, NULL, 10);
			break;
		case 's':
			config.snaplen = (int)strtol(optarg, NULL, 10);
			break;
		case 'w':
			ms = (int)strtol(optarg, NULL, 10);
			break;
		default:
			errx(2, "see the head of framecount.c");
		}
	if (optind == argc)
		errx(2, "see the head of framecount.c");
	config.interface = argv[optind];
	config.filter = argv[optind + 1];
	config.promiscuous = true;
	(void)signal(SIGTERM, on_term);
	(void)signal(SIGUSR1, on_usr);
	(void)signal(SIGUSR2, on_usr);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if ((s = source_open(&config, why)) == NULL)
		errx(1, "%s: %s", argv[optind], why);
	say_ready(s);
	summary(s, &c, run(s, &c, ms));
	source_free(s);
	return (0);
}
