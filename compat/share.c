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
/*
 * Sockets that share an address, and a processor of one's own.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#ifdef __linux__
#include <linux/filter.h>
#endif

#include "allot.h"
#include "compat.h"

#define NOT_HERE (errno = ENOTSUP, -1)

#ifdef SO_ATTACH_REUSEPORT_CBPF
/* Where the source address is in the headers. */
#define SOURCE_V4 12U
#define SOURCE_V6 8U
#define HEADER ((uint32_t)SKF_NET_OFF)

int
udp_share(int fd)
{
	int on = 1;

	return (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
}

int
udp_deaf(int fd, bool deaf)
{
	struct sock_filter none[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog program = {.len = 1, .filter = none};
	int on = 1;

	if (deaf)
		return (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		    sizeof(program)));
	return (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)));
}

/* X += word of the header * factor, and so is A. */
static size_t
add_word(struct sock_filter *f, uint32_t offset, uint32_t factor)
{
	const struct sock_filter steps[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, HEADER + offset),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, factor),
	    BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
	    BPF_STMT(BPF_MISC | BPF_TAX, 0),
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		f[i] = steps[i];
	return (i);
}

int
udp_allot(int fd, uint32_t n)
{
	const struct sock_filter end[] = {
	    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, n),
	    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
	    BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const uint32_t factors[] = {ALLOT_FACTORS};
	struct sock_filter f[32] = {BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0)};
	struct sock_fprog program = {.filter = f};
	struct sockaddr_storage ss;
	socklen_t sslen = sizeof(ss);
	size_t i, len = 1;

	if (getsockname(fd, (struct sockaddr *)&ss, &sslen) == -1)
		return (-1);
	for (i = 0; i < (ss.ss_family == AF_INET ? 1 : 4); i++)
		len += add_word(f + len,
		    (ss.ss_family == AF_INET ? SOURCE_V4 : SOURCE_V6) +
			(uint32_t)i * 4,
		    factors[i]);
	for (i = 0; i < sizeof(end) / sizeof(end[0]); i++)
		f[len++] = end[i];
	program.len = (unsigned short)len;
	return (setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
	    sizeof(program)));
}
#else
int
udp_share(int fd)
{
	(void)fd;
	return (NOT_HERE);
}

int
udp_deaf(int fd, bool deaf)
{
	(void)fd;
	(void)deaf;
	return (NOT_HERE);
}

int
udp_allot(int fd, uint32_t n)
{
	(void)fd;
	(void)n;
	return (NOT_HERE);
}
#endif

#ifdef SO_BUSY_POLL
int
udp_busypoll(int fd, uint32_t us)
{
	int v = (int)us;

	return (setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &v, sizeof(v)));
}
#else
int
udp_busypoll(int fd, uint32_t us)
{
	(void)fd;
	(void)us;
	return (NOT_HERE);
}
#endif

#ifdef CPU_ALLOC
int
cpu_pin(unsigned int cpu)
{
	size_t size = CPU_ALLOC_SIZE(cpu + 1);
	cpu_set_t *set;
	int n;

	if ((set = CPU_ALLOC(cpu + 1)) == NULL)
		return (-1);
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	n = sched_setaffinity(0, size, set);
	CPU_FREE(set);
	return (n);
}
#else
int
cpu_pin(unsigned int cpu)
{
	(void)cpu;
	return (NOT_HERE);
}
#endif
