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
 * What differs between systems, behind functions that do not.
 */

#ifndef COMPAT_H
#define COMPAT_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/* Status keys are a BSD thing; elsewhere the other signal serves alone. */
#include <signal.h>
#ifndef SIGINFO
#define SIGINFO SIGUSR2
#endif

/* First in main, where setproctitle(3) wants room for itself. */
void title_init(int argc, char **argv, char **envp);
/* What ps(1) shows; nothing happens without title_init. */
void title_set(const char *);

/* The path of the running program, for running it again.  0 or -1. */
int self_path(const char *argv0, char *buf, size_t size);

/* Others come first, but not always. */
void priority_low(void);

/* A descriptor of zeroed memory to share with a child.  -1 with errno. */
int shm_anon(const char *name, size_t size);
/*
 * The same, and *reader for whom it must not be changed by: what is mapped with
 * that can never be made writable.  Where the system has no such thing it is
 * the descriptor itself, again.
 */
int shm_shared(const char *name, size_t size, int *reader);

/*
 * Memory by the page, for tables that grow in place.  A range is only
 * addresses, aligned to 2 MiB, until parts of it are made usable: zeroed, and
 * in huge pages if those are wanted and the system has them.  NULL, and -1,
 * with errno.
 */
void *pages_reserve(size_t len);
int pages_use(void *, size_t len, bool huge);
void pages_free(void *, size_t len); /* the whole range */

/*
 * A socket's memory made as large as the system lets us, or as asked if not
 * zero.  What it has now, in bytes of payload that it can be hoped to hold.
 */
uint32_t udp_set_buffer(int fd, uint32_t bytes);
/*
 * Sockets that are bound to one address, in the order of their binding: each
 * datagram goes to the one whose number allot_of (allot.h) tells of its
 * source.  udp_share before each but the first is bound, and after that: so
 * that nobody else has the address.  udp_allot when all are, on any of them.
 * What arrives in between would go to any of them: udp_deaf keeps it out, as
 * dropped by the socket.  0, or -1 with errno: ENOTSUP where there is no such
 * thing.
 */
int udp_share(int fd);
int udp_deaf(int fd, bool deaf);
int udp_allot(int fd, uint32_t n);
/* Poll the device for so many microseconds rather than wait. */
int udp_busypoll(int fd, uint32_t us);
/*
 * We run on one processor only, and so do the program and the threads that come
 * of that.  0, or -1 with errno.
 */
int cpu_pin(unsigned int cpu);
/*
 * Ask for times of arrival; for the count of drops with each datagram, too,
 * which costs some 50 ns of it.
 */
void udp_want_metadata(int fd, bool drops);
/* Datagrams that it had no room for, ever, by now; false: unknown. */
bool udp_drops(int fd, uint32_t *);

/* No datagrams of groups that only others on this machine have joined. */
void udp_own_groups(int fd);

struct udp_datagram {
	const uint8_t *data;
	size_t len;
	struct addr from;
	uint16_t port;
	bool has_drops;
	uint32_t drops; /* by this socket since it was made, modulo 2^32 */
	int64_t time;	/* ns since 1970, as the kernel has it */
};

#define UDP_BATCH 64

struct udp_batch; /* buffers of so many datagrams, of any size */

struct udp_batch *udp_batch_new(void);
void udp_batch_free(struct udp_batch *);
/*
 * What is there, without waiting: the number of datagrams, 0 for none; -1
 * with errno.  They are good until the next call.
 */
int udp_recv(int fd, struct udp_batch *);
const struct udp_datagram *udp_get(const struct udp_batch *, int i);

struct udp_message {
	const uint8_t *data;
	size_t len;
};

/*
 * Send so many (UDP_BATCH at most) on a connected socket that keeps messages
 * apart, without waiting or signals.  How many of them the system took, from
 * the first on; -1 with errno: none.
 *
 * `runs`, true for a UDP socket that begins: those in a row that are of one
 * length may go as one that the system cuts up, where it can; it takes all of
 * such a run, or none.  Set to false when it turns out that it cannot.
 */
int udp_send(int fd, const struct udp_message *, int n, bool *runs);

#endif /* COMPAT_H */
