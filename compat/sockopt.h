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
 * Options of sockets that have another name on each system, or none.
 */

#ifndef SOCKOPT_H
#define SOCKOPT_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

/* A socket on a descriptor that says it. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* sock_quiet does it */
#endif

/*
 * All of these return 0, or -1 with errno; ENOTSUP: this system cannot.
 */

/* Everything leaves by this interface.  May need a privilege on Linux. */
int sock_interface(int fd, int family, const char *name, unsigned int index);
/* So do multicasts, which need none. */
int sock_multicast_interface(int fd, int family, unsigned int index);
/* TTL or hop limit of multicasts, 0 to 255. */
int sock_multicast_ttl(int fd, int family, int ttl);
/* A peer that went away is an error, not a signal. */
int sock_quiet(int fd);
/* A peer that fell silent is noticed within some minutes, of TCP. */
int sock_keepalive(int fd);
/* The protocol number of SCTP, or -1: this system has none. */
int sock_sctp(void);

/* For iov_base and the like, which are not const though nobody writes. */
void *unconst(const void *);

#endif /* SOCKOPT_H */
