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
#include <sys/mman.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/if_packet.h>

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif

#include "sandbox.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

/*
 * What the collector's loop, malloc, stdio in memory and the C library's
 * exit need.  ftruncate, pwrite, lseek and ioctl are not here: whoever holds
 * an O_APPEND descriptor could cut or rewrite the log with them.  Nor is
 * sendmsg: its destination is out of a filter's sight.
 */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(close),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(fstat),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Refused politely: the C library asks on its own and can do without. */
static const int refused[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(readlink),
    SCMP_SYS(access),
};

/* Calls that are harmless with some arguments only. */
struct partial {
	int call;
	uint32_t action;
	unsigned int n;
	struct scmp_arg_cmp arg[2];
};

#define ALLOW SCMP_ACT_ALLOW
#define REFUSE SCMP_ACT_ERRNO(EACCES)

#ifdef SANITIZERS
/* clone and the like are for programs that name the lines of a report. */
static const int sanitizers[] = {
    SCMP_SYS(gettid),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(tgkill),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
};
static const int sanitizers_refused[] = {
    SCMP_SYS(clone),
    SCMP_SYS(fork),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(prctl),
    SCMP_SYS(stat),
    SCMP_SYS(lseek),
};
/* All but what a meter may. */
static const struct partial sanitizers_partial[] = {
    {SCMP_SYS(ioctl), REFUSE, 1, {SCMP_A1(SCMP_CMP_NE, SIOCGIFFLAGS, 0)}},
};

static bool sandboxed;

int __lsan_is_turned_off(void);

/* The search for leaks needs ptrace(2), which is not to be had here. */
int
__lsan_is_turned_off(void)
{
	return (sandboxed);
}

static void
seek_no_leaks(void)
{
	sandboxed = true;
}
#else
static const int sanitizers[] = {SCMP_SYS(getpid)};
static const int sanitizers_refused[] = {SCMP_SYS(open)};
static const struct partial sanitizers_partial[] = {
    {SCMP_SYS(newfstatat), ALLOW, 1,
	{SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)}},
};

static void
seek_no_leaks(void)
{
}
#endif

static const struct partial partial[] = {
    /* Memory may be had, but none that runs. */
    {SCMP_SYS(mmap), ALLOW, 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
    {SCMP_SYS(mmap2), ALLOW, 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
    {SCMP_SYS(mprotect), ALLOW, 1, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}},
    /* fstat(2) of newer C libraries: a descriptor, no path. */
    {SCMP_SYS(newfstatat), ALLOW, 1,
	{SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)}},
};

static const struct partial collector_partial[] = {
    /* To where the parent connected it, nowhere else. */
    {SCMP_SYS(sendto), ALLOW, 1, {SCMP_A4(SCMP_CMP_EQ, 0, 0)}},
    /* F_SETFL could take O_APPEND off. */
    {SCMP_SYS(fcntl), ALLOW, 1, {SCMP_A1(SCMP_CMP_EQ, F_GETFL, 0)}},
    {SCMP_SYS(fcntl64), ALLOW, 1, {SCMP_A1(SCMP_CMP_EQ, F_GETFL, 0)}},
    /* How many datagrams it had no room for. */
    {SCMP_SYS(getsockopt), ALLOW, 2,
	{SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET, 0),
	    SCMP_A2(SCMP_CMP_EQ, SO_MEMINFO, 0)}},
};

static const int sealer_allowed[] = {
    SCMP_SYS(fsync),   /* before it says that all is written */
    SCMP_SYS(sysinfo), /* qsort(3) */
};

/*
 * A meter has no log, but sockets: of collectors that went away, and what
 * libpcap asks of its own.  What these may do is below.
 */
static const int meter_allowed[] = {
    SCMP_SYS(lseek), /* stdio, of what is no terminal */
    SCMP_SYS(_llseek),
    SCMP_SYS(dup2), /* to the background, when all are ready */
    SCMP_SYS(dup3), SCMP_SYS(pread64), /* the interface's own count of drops */
    SCMP_SYS(recvfrom),		       /* has a collector closed its end? */
    SCMP_SYS(sendmmsg),		       /* messages, of UDP */
    SCMP_SYS(sendmsg),		       /* and TCP */
    SCMP_SYS(sendto),		       /* the rest of one, and to syslogd */
    SCMP_SYS(bind),		       /* --source, of a new connection */
    SCMP_SYS(connect), SCMP_SYS(getsockname), /* what is our own export? */
    SCMP_SYS(shutdown),			      /* the end of a stream */
    SCMP_SYS(sysinfo),			      /* qsort(3) */
};

/* Terminals and files are asked about: not to know is no harm. */
static const int meter_refused[] = {
    SCMP_SYS(stat),
    SCMP_SYS(stat64),
};
static const int control_refused[] = {
    SCMP_SYS(ioctl),
    SCMP_SYS(stat),
    SCMP_SYS(stat64),
};

#define SOCKETS(family, type)                                      \
	{                                                          \
		SCMP_SYS(socket), ALLOW, 2,                        \
		{                                                  \
			SCMP_A0(SCMP_CMP_EQ, family, 0),           \
			    SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, type) \
		}                                                  \
	}

#define CALLS(call, level, name)                          \
	{                                                 \
		SCMP_SYS(call), ALLOW, 2,                 \
		{                                         \
			SCMP_A1(SCMP_CMP_EQ, level, 0),   \
			    SCMP_A2(SCMP_CMP_EQ, name, 0) \
		}                                         \
	}
#define SETS(level, name) CALLS(setsockopt, level, name)
#define GETS(level, name) CALLS(getsockopt, level, name)
#define FCNTL(what)                                                   \
	{SCMP_SYS(fcntl), ALLOW, 1, {SCMP_A1(SCMP_CMP_EQ, what, 0)}}, \
	{                                                             \
		SCMP_SYS(fcntl64), ALLOW, 1,                          \
		{                                                     \
			SCMP_A1(SCMP_CMP_EQ, what, 0)                 \
		}                                                     \
	}

static const struct partial meter_partial[] = {
    /* A connection that is made anew (meter/outlet.c). */
    SETS(SOL_SOCKET, SO_KEEPALIVE),
    SETS(IPPROTO_TCP, TCP_KEEPIDLE),
    SETS(IPPROTO_TCP, TCP_KEEPINTVL),
    SETS(IPPROTO_TCP, TCP_KEEPCNT),
    SETS(IPPROTO_TCP, TCP_USER_TIMEOUT),
    SETS(SOL_SOCKET, SO_BINDTODEVICE),
    SETS(IPPROTO_IP, IP_MULTICAST_IF),
    SETS(IPPROTO_IP, IP_MULTICAST_TTL),
    SETS(IPPROTO_IPV6, IPV6_MULTICAST_IF),
    SETS(IPPROTO_IPV6, IPV6_MULTICAST_HOPS),
    GETS(SOL_SOCKET, SO_ERROR),
    FCNTL(F_GETFL),
    FCNTL(F_SETFL),
    FCNTL(F_SETFD),
    /* Many messages in one call. */
    {SCMP_SYS(setsockopt), ALLOW, 1, {SCMP_A1(SCMP_CMP_EQ, IPPROTO_UDP, 0)}},
    /* To stop and to start, to end, and how many packets were lost. */
    SETS(SOL_SOCKET, SO_ATTACH_FILTER),
    SETS(SOL_SOCKET, SO_DETACH_FILTER),
    SETS(SOL_PACKET, PACKET_RX_RING),
    GETS(SOL_PACKET, PACKET_STATISTICS),
    SOCKETS(AF_INET, SOCK_DGRAM),
    SOCKETS(AF_INET, SOCK_STREAM),
    SOCKETS(AF_INET6, SOCK_DGRAM),
    SOCKETS(AF_INET6, SOCK_STREAM),
    /* libpcap asks whether an interface is down, or gone. */
    {SCMP_SYS(ioctl), ALLOW, 1, {SCMP_A1(SCMP_CMP_EQ, SIOCGIFFLAGS, 0)}},
    {SCMP_SYS(ioctl), REFUSE, 1, {SCMP_A1(SCMP_CMP_NE, SIOCGIFFLAGS, 0)}},
    /* syslog(3) would connect anew. */
    {SCMP_SYS(socket), REFUSE, 1, {SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0)}},
    {SCMP_SYS(newfstatat), REFUSE, 1,
	{SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0)}},
};

static const int control_allowed[] = {
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(dup2), /* to the background, when all are ready */
    SCMP_SYS(dup3), SCMP_SYS(recvfrom), SCMP_SYS(accept), SCMP_SYS(accept4),
    SCMP_SYS(sysinfo), /* qsort(3) */
    SCMP_SYS(getppid), /* each reply names the monitor */
};

static const struct partial control_partial[] = {
    FCNTL(F_GETFL),
    FCNTL(F_SETFL),
    {SCMP_SYS(sendto), ALLOW, 1, {SCMP_A4(SCMP_CMP_EQ, 0, 0)}},
    {SCMP_SYS(socket), REFUSE, 1, {SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0)}},
    {SCMP_SYS(newfstatat), REFUSE, 1,
	{SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0)}},
};

/* What one of the processes may besides what all may. */
struct profile {
	const int *allowed;
	size_t nallowed;
	const int *refused;
	size_t nrefused;
	const struct partial *partial;
	size_t npartial;
};

static const struct profile everybody = {allowed, NELEM(allowed), refused,
    NELEM(refused), partial, NELEM(partial)};
static const struct profile sanitized = {sanitizers, NELEM(sanitizers),
    sanitizers_refused, NELEM(sanitizers_refused), sanitizers_partial,
    NELEM(sanitizers_partial)};
static const struct profile collector = {NULL, 0, NULL, 0, collector_partial,
    NELEM(collector_partial)};
static const struct profile sealer = {sealer_allowed, NELEM(sealer_allowed),
    NULL, 0, NULL, 0};
static const struct profile meter = {meter_allowed, NELEM(meter_allowed),
    meter_refused, NELEM(meter_refused), meter_partial, NELEM(meter_partial)};
static const struct profile control = {control_allowed, NELEM(control_allowed),
    control_refused, NELEM(control_refused), control_partial,
    NELEM(control_partial)};

/* Not on this architecture, or twice: no loss. */
static bool
matters(int err)
{
	return (err != 0 && err != -EDOM && err != -EEXIST);
}

static int
add_all(scmp_filter_ctx ctx, uint32_t action, const int *calls, size_t n)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		err = seccomp_rule_add(ctx, action, calls[i], 0);
		if (matters(err))
			return (err);
	}
	return (0);
}

static int
add_profile(scmp_filter_ctx ctx, const struct profile *p)
{
	size_t i;
	int err;

	if ((err = add_all(ctx, ALLOW, p->allowed, p->nallowed)) != 0 ||
	    (err = add_all(ctx, REFUSE, p->refused, p->nrefused)) != 0)
		return (err);
	for (i = 0; i < p->npartial; i++) {
		err = seccomp_rule_add_array(ctx, p->partial[i].action,
		    p->partial[i].call, p->partial[i].n, p->partial[i].arg);
		if (matters(err))
			return (err);
	}
	return (0);
}

static int
filter_calls(const struct profile *own)
{
	scmp_filter_ctx ctx;
	int err;

	if ((ctx = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL) {
		errno = ENOMEM;
		return (-1);
	}
	/* Of all threads: or what is under way in one would go on as before. */
	if ((err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1)) == 0 &&
	    (err = add_profile(ctx, &everybody)) == 0 &&
	    (err = add_profile(ctx, own)) == 0 &&
	    (err = add_profile(ctx, &sanitized)) == 0)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	if (err != 0) {
		errno = -err;
		return (-1);
	}
	return (0);
}

/* Behind the filter a second wall: no path at all.  1 if the kernel has it. */
static int
lock_paths(void)
{
#if defined(HAVE_LINUX_LANDLOCK_H) && defined(SYS_landlock_create_ruleset)
	struct landlock_ruleset_attr attr = {
	    .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE |
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
		LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |
		LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
		LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
		LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
		LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM,
	};
	long fd;
	int done;

	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd == -1)
		return (0);
	done = syscall(SYS_landlock_restrict_self, (int)fd, 0) == 0;
	close((int)fd);
	return (done);
#else
	return (0);
#endif
}

static const char *
confine_to(const struct profile *profile)
{
	int locked;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return (NULL);
	locked = lock_paths();
	if (filter_calls(profile) == -1)
		return (NULL);
	seek_no_leaks();
	return (locked ? "seccomp, landlock" : "seccomp");
}

int
sandbox_threads(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return (-1);
	/* Where there is none, there is none in confine_to() either. */
	(void)lock_paths();
	return (0);
}

const char *
sandbox_collector(void)
{
	return (confine_to(&collector));
}

const char *
sandbox_sealer(void)
{
	return (confine_to(&sealer));
}

const char *
sandbox_meter(void)
{
	return (confine_to(&meter));
}

const char *
sandbox_control(void)
{
	return (confine_to(&control));
}

const char *
sandbox_name(void)
{
	return ("seccomp");
}

const char *
sandbox_parent(void)
{
	return ("nothing");
}
