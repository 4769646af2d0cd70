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

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <net/if.h>
#include <ifaddrs.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat/netif.h"

#ifdef __linux__
#include <linux/filter.h>
#include <linux/if_packet.h>
#else
#include <net/if_dl.h>
#endif

#define MAC_LEN 6

static bool
link_address(const struct sockaddr *sa, uint8_t mac[MAC_LEN])
{
#ifdef __linux__
	struct sockaddr_ll ll;

	if (sa->sa_family != AF_PACKET)
		return (false);
	memcpy(&ll, sa, sizeof(ll));
	if (ll.sll_halen != MAC_LEN)
		return (false);
	memcpy(mac, ll.sll_addr, MAC_LEN);
	return (true);
#else
	const struct sockaddr_dl *dl = (const void *)sa;

	if (sa->sa_family != AF_LINK || dl->sdl_alen != MAC_LEN)
		return (false);
	memcpy(mac, LLADDR(dl), MAC_LEN);
	return (true);
#endif
}

bool
netif_mac(const char *name, uint8_t mac[MAC_LEN])
{
	struct ifaddrs *all, *ifa;
	size_t len = strcspn(name, ":"); /* an alias has that of its owner */
	bool found = false;

	if (getifaddrs(&all) == -1)
		return (false);
	for (ifa = all; ifa != NULL && !found; ifa = ifa->ifa_next)
		found = ifa->ifa_addr != NULL &&
		    strncmp(ifa->ifa_name, name, len) == 0 &&
		    ifa->ifa_name[len] == '\0' &&
		    link_address(ifa->ifa_addr, mac);
	freeifaddrs(all);
	return (found);
}

#ifdef __linux__

int
netif_fanout(int fd, uint16_t group)
{
	int arg = (int)(group | (uint32_t)PACKET_FANOUT_HASH << 16);

	return (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, sizeof(arg)));
}

int
netif_refuse(int fd)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = {.len = 1, .filter = &none};

	return (
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
}

int
netif_allow(int fd)
{
	int unused = 0;

	return (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused,
	    sizeof(unused)));
}

bool
netif_gone(int fd)
{
	struct sockaddr_ll ll = {.sll_ifindex = 0};
	socklen_t len = sizeof(ll);

	return (getsockname(fd, (struct sockaddr *)&ll, &len) == 0 &&
	    ll.sll_family == AF_PACKET && ll.sll_ifindex == -1);
}

/* The kernel begins anew with each call: its 32 bits do not run over. */
int
netif_losses(int fd, uint32_t *received, uint32_t *dropped)
{
	struct tpacket_stats_v3 st = {0, 0, 0};
	socklen_t len = sizeof(st);

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &st, &len) == -1)
		return (-1);
	*received = st.tp_packets;
	*dropped = st.tp_drops;
	return (0);
}

void
netif_drops_open(struct netif_drops *d, const char *name)
{
	static const char *const files[NETIF_DROP_FILES] = {"rx_missed_errors",
	    "rx_fifo_errors"};
	char path[128];
	int i;

	for (i = 0; i < NETIF_DROP_FILES; i++) {
		(void)snprintf(path, sizeof(path),
		    "/sys/class/net/%s/statistics/%s", name, files[i]);
		d->fd[i] = strchr(name, '/') != NULL
		    ? -1
		    : open(path, O_RDONLY | O_CLOEXEC);
	}
}

#else

int
netif_fanout(int fd, uint16_t group)
{
	(void)fd;
	(void)group;
	errno = ENOTSUP;
	return (-1);
}

int
netif_refuse(int fd)
{
	(void)fd;
	errno = ENOTSUP;
	return (-1);
}

int
netif_allow(int fd)
{
	return (netif_refuse(fd));
}

bool
netif_gone(int fd)
{
	(void)fd;
	return (false);
}

int
netif_losses(int fd, uint32_t *received, uint32_t *dropped)
{
	(void)received;
	(void)dropped;
	return (netif_refuse(fd));
}

void
netif_drops_open(struct netif_drops *d, const char *name)
{
	int i;

	(void)name;
	for (i = 0; i < NETIF_DROP_FILES; i++)
		d->fd[i] = -1;
}

#endif

void
netif_drops_close(struct netif_drops *d)
{
	int i;

	for (i = 0; i < NETIF_DROP_FILES; i++)
		if (d->fd[i] != -1)
			(void)close(d->fd[i]);
}

uint64_t
netif_drops(const struct netif_drops *d)
{
	uint64_t sum = 0;
	char text[32];
	ssize_t n;
	int i;

	for (i = 0; i < NETIF_DROP_FILES; i++) {
		if (d->fd[i] == -1 ||
		    (n = pread(d->fd[i], text, sizeof(text) - 1, 0)) <= 0)
			continue;
		text[n] = '\0';
		sum += strtoull(text, NULL, 10);
	}
	return (sum);
}
