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

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "writer.h"

#define STACK (256 * 1024) /* bytes; sanitizers take most of them */

TAILQ_HEAD(writings, writing);

struct writer {
	pthread_t thread;
	pthread_mutex_t lock; /* of all below; never held during a write */
	pthread_cond_t more;
	struct writings todo;
	struct writings done;
	bool runs;
	atomic_bool
	    told; /* there is a byte in the pipe; read without the lock */
	bool stop;
	int pipe[2];
};

void
writing_do(struct writing *w)
{
	struct stat st;

	w->written = -1;
	w->deleted = false;
	if (fstat(w->fd, &st) == -1) {
		w->error = errno;
		return;
	}
	w->size = (uint64_t)st.st_size;
	w->regular = S_ISREG(st.st_mode);
	w->deleted = st.st_nlink == 0 && !w->unnamed;
	if (w->deleted) {
		w->written = 0;
		return;
	}
	do
		w->written = write(w->fd, w->p, w->len);
	while (w->written == -1 && errno == EINTR);
	w->error = w->written == -1 ? errno : 0;
}

/* With the lock.  One byte says that there is something, however much. */
static void
tell(struct writer *w)
{
	if (w->told)
		return;
	w->told = true;
	(void)!write(w->pipe[1], "", 1);
}

static void *
run(void *arg)
{
	struct writer *w = arg;
	struct writing *one;

	(void)pthread_mutex_lock(&w->lock);
	w->runs = true;
	(void)pthread_cond_signal(&w->more);
	for (;;) {
		while ((one = TAILQ_FIRST(&w->todo)) == NULL && !w->stop)
			(void)pthread_cond_wait(&w->more, &w->lock);
		if (one == NULL)
			break;
		TAILQ_REMOVE(&w->todo, one, next);
		(void)pthread_mutex_unlock(&w->lock);
		writing_do(one);
		(void)pthread_mutex_lock(&w->lock);
		TAILQ_INSERT_TAIL(&w->done, one, next);
		tell(w);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return (NULL);
}

/* Signals are for the thread that was there first. */
static int
start(struct writer *w)
{
	pthread_attr_t attr;
	sigset_t all, was;
	int error;

	if ((error = pthread_attr_init(&attr)) != 0)
		return (error);
	(void)pthread_attr_setstacksize(&attr, STACK);
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &was);
	error = pthread_create(&w->thread, &attr, run, w);
	(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
	(void)pthread_attr_destroy(&attr);
	return (error);
}

/*
 * What the C library asks of the system for a thread that begins, a sandbox
 * would not permit: it is past that when this returns.
 */
static void
await(struct writer *w)
{
	(void)pthread_mutex_lock(&w->lock);
	while (!w->runs)
		(void)pthread_cond_wait(&w->more, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
}

static void
discard(struct writer *w)
{
	close(w->pipe[0]);
	close(w->pipe[1]);
	(void)pthread_cond_destroy(&w->more);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

struct writer *
writer_new(void)
{
	struct writer *w;
	int error;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	TAILQ_INIT(&w->todo);
	TAILQ_INIT(&w->done);
	if (pipe2(w->pipe, O_CLOEXEC | O_NONBLOCK) == -1) {
		free(w);
		return (NULL);
	}
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->more, NULL);
	if ((error = start(w)) != 0) {
		discard(w);
		errno = error;
		return (NULL);
	}
	await(w);
	return (w);
}

int
writer_fd(const struct writer *w)
{
	return (w->pipe[0]);
}

void
writer_free(struct writer *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	discard(w);
}

void
writer_start(struct writer *w, struct writing *one)
{
	(void)pthread_mutex_lock(&w->lock);
	TAILQ_INSERT_TAIL(&w->todo, one, next);
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}

bool
writer_ready(const struct writer *w)
{
	return (atomic_load_explicit(&w->told, memory_order_relaxed));
}

struct writing *
writer_done(struct writer *w)
{
	struct writing *one;
	char c;

	(void)pthread_mutex_lock(&w->lock);
	if ((one = TAILQ_FIRST(&w->done)) != NULL)
		TAILQ_REMOVE(&w->done, one, next);
	else if (w->told) {
		(void)!read(w->pipe[0], &c, 1);
		w->told = false;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return (one);
}
