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
 * To be preloaded (LD_PRELOAD): a clock that somebody sets, and a disk that
 * fails.  FLOWD_FAULTS names a file of two lines, a number each: seconds that
 * the wall clock is ahead, and the error of writes to files, or -1 as long as
 * they do not come back; it may change at any time, but not its size.  Linux.
 */

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIZE 64

static const volatile char *faults;

/* Before anything is forbidden: from then on it is only memory. */
static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("FLOWD_FAULTS");
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	void *p;

	if (fd == -1)
		return;
	p = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		faults = p;
	close(fd);
}

/* The number of a line. */
static long
fault(int line)
{
	const volatile char *s = faults;
	long n = 0, sign = 1;

	if (s == NULL)
		return (0);
	for (; line > 0; s++)
		line -= *s == '\n';
	if (*s == '-') {
		sign = -1;
		s++;
	}
	for (; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (*s - '0');
	return (n * sign);
}

static void *
real(const char *name)
{
	return (dlsym(RTLD_NEXT, name));
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	static int (*next)(clockid_t, struct timespec *);
	void *p;

	if (next == NULL) {
		p = real("clock_gettime");
		memcpy(&next, &p, sizeof(p));
	}
	if (next(id, ts) == -1)
		return (-1);
	if (id == CLOCK_REALTIME)
		ts->tv_sec += fault(0);
	return (0);
}

/* The kernel's times of receipt go with the clock. */
static void
shift_times(struct msghdr *m)
{
	struct cmsghdr *c;
	struct timespec ts;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			ts.tv_sec += fault(0);
			memcpy(CMSG_DATA(c), &ts, sizeof(ts));
		}
}

int
recvmmsg(int fd, struct mmsghdr *v, unsigned int n, int flags,
    struct timespec *timeout)
{
	static int (
	    *next)(int, struct mmsghdr *, unsigned int, int, struct timespec *);
	void *p;
	int i, got;

	if (next == NULL) {
		p = real("recvmmsg");
		memcpy(&next, &p, sizeof(p));
	}
	got = next(fd, v, n, flags, timeout);
	for (i = 0; i < got; i++)
		shift_times(&v[i].msg_hdr);
	return (got);
}

ssize_t
write(int fd, const void *buf, size_t len)
{
	static ssize_t (*next)(int, const void *, size_t);
	struct stat st;
	void *p;

	if (next == NULL) {
		p = real("write");
		memcpy(&next, &p, sizeof(p));
	}
	if (fault(1) != 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (fault(1) == -1) {
			while (fault(1) == -1)
				nanosleep(&(struct timespec){0, 1000000}, NULL);
			return (next(fd, buf, len));
		}
		errno = (int)fault(1);
		return (-1);
	}
	return (next(fd, buf, len));
}
