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
#include <sys/resource.h>

#include <sched.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "compat.h"

#define NICE 15

/* linux/ioprio.h is not everywhere, its numbers are the kernel's for ever. */
#define WHO_PROCESS 1
#define CLASS_BEST_EFFORT (2 << 13)
#define LAST 7

/*
 * Not the idle classes, of the processor or of the disk: who has a part of the
 * file system's journal open and does not come to its turn keeps all others
 * from writing, for as long as somebody else is busy.
 */
void
priority_low(void)
{
	(void)setpriority(PRIO_PROCESS, 0, NICE);
#ifdef SCHED_BATCH
	{
		const struct sched_param none = {.sched_priority = 0};

		(void)sched_setscheduler(0, SCHED_BATCH, &none);
	}
#endif
#if defined(__linux__) && defined(SYS_ioprio_set)
	(void)syscall(SYS_ioprio_set, WHO_PROCESS, 0, CLASS_BEST_EFFORT | LAST);
#endif
}
