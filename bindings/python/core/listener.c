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

/* Datagrams, received by a thread of its own. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bindings/python/core/listener.h"
#include "compat/compat.h"

#define IN_A_ROW 16    /* full batches, before it looks if it shall end */
#define LAST_ONES 4096 /* batches at the end: senders may never stop */
#define NAP_NS (10 * NSEC_PER_MSEC)

static void
put(struct listener *l, const struct udp_datagram *d)
{
	const struct waiting w = {
	    .time = d->time,
	    .from = d->from,
	    .port = d->port,
	    .len = (uint32_t)d->len,
	    .data = d->data,
	};

	l->ledger.received++;
	if (!ring_put(&l->ring, &w))
		l->ledger.dropped_ring++;
	if (d->has_drops)
		l->ledger.dropped_kernel = d->drops;
}

/* Readable as long as something waits. */
static void
announce(struct listener *l)
{
	if (!l->signalled && (l->ring.count > 0 || l->ended))
		l->signalled = write(l->ready[1], "", 1) == 1;
}

/* One batch of them: how many. */
static int
receive(struct listener *l)
{
	const struct timespec nap = {0, NAP_NS};
	int i, n = udp_recv(l->fd, l->batch);

	if (n == -1)
		(void)nanosleep(&nap, NULL);
	if (n <= 0)
		return (0);
	(void)pthread_mutex_lock(&l->lock);
	for (i = 0; i < n; i++)
		put(l, udp_get(l->batch, i));
	announce(l);
	(void)pthread_mutex_unlock(&l->lock);
	return (n);
}

static void *
listen_on(void *arg)
{
	struct listener *l = arg;
	struct pollfd pfd[2] = {
	    {.fd = l->fd, .events = POLLIN},
	    {.fd = l->stopping[0], .events = POLLIN},
	};
	int i;

	for (;;) {
		if (poll(pfd, 2, -1) == -1)
			continue;
		if (pfd[1].revents != 0)
			break;
		for (i = 0; i < IN_A_ROW && receive(l) == UDP_BATCH; i++)
			;
	}
	for (i = 0; i < LAST_ONES && receive(l) > 0; i++)
		;
	(void)pthread_mutex_lock(&l->lock);
	l->ended = true;
	announce(l);
	(void)pthread_mutex_unlock(&l->lock);
	return (NULL);
}

/* Signals are for the threads of Python. */
static int
start(struct listener *l)
{
	sigset_t all, before;
	int error;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&l->thread, NULL, listen_on, l);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	l->running = error == 0;
	errno = error;
	return (error == 0 ? 0 : -1);
}

static int
pipe_of(int fd[2])
{
	return (pipe2(fd, O_CLOEXEC | O_NONBLOCK));
}

static void
close_all(struct listener *l)
{
	int *const fds[] = {&l->fd, &l->ready[0], &l->ready[1], &l->stopping[0],
	    &l->stopping[1]};
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] != -1)
			(void)close(*fds[i]);
		*fds[i] = -1;
	}
}

static int
socket_ready(struct listener *l, int fd, uint32_t buffer)
{
	uint32_t drops;
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return (-1);
	l->buffer = udp_set_buffer(fd, buffer);
	l->counts = udp_drops(fd, &drops);
	udp_want_metadata(fd, !l->counts);
	udp_own_groups(fd);
	return (0);
}

struct listener *
listener_new(int fd, size_t ring, uint32_t buffer)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return (NULL);
	if (pthread_mutex_init(&l->lock, NULL) != 0) {
		free(l);
		return (NULL);
	}
	l->pid = getpid();
	l->ready[0] = l->ready[1] = l->stopping[0] = l->stopping[1] = -1;
	l->fd = fd;
	if (ring_init(&l->ring, ring) == -1 ||
	    (l->batch = udp_batch_new()) == NULL || pipe_of(l->ready) == -1 ||
	    pipe_of(l->stopping) == -1 || socket_ready(l, fd, buffer) == -1 ||
	    start(l) == -1) {
		l->fd = -1;
		listener_free(l);
		return (NULL);
	}
	return (l);
}

void
listener_stop(struct listener *l)
{
	uint32_t drops;

	if (!l->running || l->pid != getpid())
		return;
	l->running = false;
	while (write(l->stopping[1], "", 1) == -1 && errno == EINTR)
		;
	(void)pthread_join(l->thread, NULL);
	if (l->counts && udp_drops(l->fd, &drops))
		l->ledger.dropped_kernel = drops;
	(void)pthread_mutex_lock(&l->lock);
	(void)close(l->fd);
	l->fd = -1;
	(void)pthread_mutex_unlock(&l->lock);
}

void
listener_free(struct listener *l)
{
	int saved = errno;

	if (l == NULL)
		return;
	listener_stop(l);
	close_all(l);
	/* Behind a fork another thread may have it for ever. */
	if (l->pid == getpid())
		(void)pthread_mutex_destroy(&l->lock);
	ring_clear(&l->ring);
	udp_batch_free(l->batch);
	free(l);
	errno = saved;
}

bool
listener_next(struct listener *l, struct waiting *w)
{
	bool some;

	(void)pthread_mutex_lock(&l->lock);
	some = ring_peek(&l->ring, w);
	(void)pthread_mutex_unlock(&l->lock);
	return (some);
}

void
listener_done(struct listener *l, enum dec_result r)
{
	char byte;

	(void)pthread_mutex_lock(&l->lock);
	ring_drop(&l->ring);
	if (r == DEC_MAX)
		l->ledger.taken++;
	else
		l->ledger.results[r]++;
	if (l->ring.count == 0 && l->signalled && !l->ended)
		l->signalled = read(l->ready[0], &byte, 1) != 1;
	(void)pthread_mutex_unlock(&l->lock);
}

int
listener_wait(const struct listener *l, int ms)
{
	struct pollfd pfd = {.fd = l->ready[0], .events = POLLIN};

	return (poll(&pfd, 1, ms));
}

bool
listener_over(struct listener *l)
{
	bool over;

	(void)pthread_mutex_lock(&l->lock);
	over = l->ended && l->ring.count == 0;
	(void)pthread_mutex_unlock(&l->lock);
	return (over);
}

void
listener_count(struct listener *l, struct ledger_of *to)
{
	uint32_t drops;

	(void)pthread_mutex_lock(&l->lock);
	if (l->counts && l->fd != -1 && udp_drops(l->fd, &drops))
		l->ledger.dropped_kernel = drops;
	*to = l->ledger;
	to->waiting = l->ring.count;
	(void)pthread_mutex_unlock(&l->lock);
}
