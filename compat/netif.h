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
 * What a capture asks of an interface beside libpcap.
 */

#ifndef COMPAT_NETIF_H
#define COMPAT_NETIF_H

#include <stdbool.h>
#include <stdint.h>

bool netif_mac(const char *name, uint8_t mac[6]);

/*
 * Packets are shared out among the sockets of a group, both directions of a
 * conversation to the same.  0, or -1 with errno: ENOTSUP.
 */
int netif_fanout(int fd, uint16_t group);

/*
 * No packets from here on; those that wait stay.  0, or -1 with errno:
 * ENOTSUP.  Allowing removes all filters of the socket.
 */
int netif_refuse(int fd);
int netif_allow(int fd);

/*
 * Is the interface of a socket of libpcap no more?  Who has heard that it is
 * down hears nothing when it is removed behind that.
 */
bool netif_gone(int fd);
/*
 * Packets of a capture socket since it was asked the last time: all, and those
 * of them that found no room.  0, or -1 with errno: ENOTSUP, ask libpcap.
 */
int netif_losses(int fd, uint32_t *received, uint32_t *dropped);

/* The files that count what the interface itself dropped. */
#define NETIF_DROP_FILES 2
struct netif_drops {
	int fd[NETIF_DROP_FILES]; /* -1: none */
};

/* Before there is a chroot or a sandbox. */
void netif_drops_open(struct netif_drops *, const char *name);
void netif_drops_close(struct netif_drops *);
uint64_t netif_drops(const struct netif_drops *); /* 0: not known */

#endif /* COMPAT_NETIF_H */
