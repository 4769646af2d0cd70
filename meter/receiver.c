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
 * Packets that another meter sends, one in each datagram (PSAMP).
 */

#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/dlt.h>

#include "compat/compat.h"
#include "meter/psamp.h"
#include "meter/sieve.h"
#include "meter/source-ops.h"

struct receiver {
	int fd;
	bool stopped;
	bool has_drops;
	uint32_t drops; /* as the kernel counts them */
	struct source_losses losses;
	struct sieve *sieve; /* NULL: all */
	struct udp_batch *batch;
	int next, n; /* of the batch */
};

static void
count_drops(struct receiver *r, const struct udp_datagram *d)
{
	if (!d->has_drops)
		return;
	r->losses.dropped += d->drops - r->drops;
	r->drops = d->drops;
}

/* The next one, or what there is instead of it. */
static enum source_state
next_datagram(struct source *s, const struct udp_datagram **d)
{
	struct receiver *r = s->self;

	if (r->next == r->n) {
		r->next = 0;
		if ((r->n = udp_recv(r->fd, r->batch)) == -1) {
			r->n = 0;
			return (SOURCE_FAIL(s, "%s", strerror(errno)));
		}
		if (r->n == 0)
			return (r->stopped ? SOURCE_END : SOURCE_IDLE);
	}
	*d = udp_get(r->batch, r->next++);
	return (SOURCE_MORE);
}

static enum source_state
read_datagrams(struct source *s, int max, source_frame_fn *fn, void *arg,
    int *n)
{
	const struct udp_datagram *d;
	struct receiver *r = s->self;
	enum source_state state;
	struct frame f;
	int seen;

	for (seen = 0; seen < max; seen++) {
		if ((state = next_datagram(s, &d)) != SOURCE_MORE)
			return (state);
		count_drops(r, d);
		r->losses.received++;
		if (psamp_frame(d->data, d->len, &f) == -1) {
			r->losses.refused++;
			continue;
		}
		if (r->sieve != NULL && !sieve_match(r->sieve, &f))
			continue;
		(*n)++;
		fn(arg, &f);
	}
	return (SOURCE_MORE);
}

static int
poll_fd(const struct source *s)
{
	const struct receiver *r = s->self;

	return (r->fd);
}

static void
losses(struct source *s, struct source_losses *l)
{
	const struct receiver *r = s->self;

	*l = r->losses;
}

static void
stop(struct source *s, bool on)
{
	struct receiver *r = s->self;

	r->stopped = on;
}

static void
close_receiver(struct source *s)
{
	struct receiver *r = s->self;

	if (r->fd != -1)
		(void)close(r->fd);
	sieve_free(r->sieve);
	udp_batch_free(r->batch);
	free(r);
}

static const struct source_ops ops = {read_datagrams, poll_fd, losses, stop,
    close_receiver};

/* Both families by one socket, where the system lets it; else IPv4. */
static int
open_socket(uint16_t port)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
	    .sin6_port = htons(port)};
	struct sockaddr_in four = {.sin_family = AF_INET,
	    .sin_port = htons(port)};
	int fd, off = 0;

	if ((fd = socket(AF_INET6, SOCK_DGRAM, 0)) != -1) {
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
			sizeof(off)) == 0 &&
		    bind(fd, (struct sockaddr *)&six, sizeof(six)) == 0)
			return (fd);
		(void)close(fd);
	}
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		return (-1);
	if (bind(fd, (struct sockaddr *)&four, sizeof(four)) == -1) {
		(void)close(fd);
		return (-1);
	}
	return (fd);
}

int
receiver_open(struct source *s, const struct source_config *config)
{
	struct receiver *r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (source_fail(s, "%s", strerror(errno)));
	s->ops = &ops;
	s->self = r;
	s->dlt = DLT_EN10MB;
	r->batch = udp_batch_new();
	r->fd = open_socket(config->psamp_port);
	if (r->batch == NULL || r->fd == -1)
		return (source_fail(s, "%s", strerror(errno)));
	(void)udp_set_buffer(r->fd, (uint32_t)config->buffer);
	udp_want_metadata(r->fd, true);
	if (config->filter != NULL && config->filter[0] != '\0' &&
	    (r->sieve = sieve_new(config->filter, s->dlt, s->error,
		 sizeof(s->error))) == NULL)
		return (-1);
	return (0);
}
