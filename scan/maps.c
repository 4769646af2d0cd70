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
 * Files that are mapped while others may cut them: a handler of SIGBUS for the
 * whole program, which is why only a program maps.
 */

#include <sys/mman.h>

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "scan/job.h"

#define MAPS 256

/*
 * What is mapped, for the handler of SIGBUS: a file that is cut meanwhile, or
 * a disk that fails, has no page to give.  Zeros are no block and no column,
 * so the checksums tell the rest.
 */
static struct {
	uint8_t *volatile p;
	volatile size_t len;
	volatile sig_atomic_t failed;
} maps[MAPS];

static void
no_page(int sig, siginfo_t *si, void *context)
{
	uintptr_t at = (uintptr_t)si->si_addr;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	int i;

	(void)context;
	for (i = 0; i < MAPS; i++) {
		uintptr_t p = (uintptr_t)maps[i].p;

		if (p == 0 || at < p || at - p >= maps[i].len)
			continue;
		at -= at % page;
		maps[i].failed = 1;
		if (mmap(maps[i].p + (at - p), page, PROT_READ,
			MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1,
			0) != MAP_FAILED)
			return;
	}
	/* Not ours: as it would have been. */
	(void)signal(sig, SIG_DFL);
}

int
maps_add(void *p, size_t len)
{
	static bool handled;
	struct sigaction sa = {.sa_sigaction = no_page, .sa_flags = SA_SIGINFO};
	int slot;

	if (!handled) {
		(void)sigemptyset(&sa.sa_mask);
		(void)sigaction(SIGBUS, &sa, NULL);
		handled = true;
	}
	for (slot = MAPS - 1; slot >= 0; slot--)
		if (maps[slot].p == NULL)
			break;
	if (slot == -1)
		return (-1);
	maps[slot].failed = 0;
	maps[slot].len = len;
	maps[slot].p = p;
	return (slot);
}

bool
maps_drop(int slot)
{
	if (slot == -1)
		return (false);
	maps[slot].p = NULL;
	return (maps[slot].failed != 0);
}
