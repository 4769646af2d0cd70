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

#include "compat/compat.h"
#include "signals.h"

static const int caught[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGINFO, SIGTERM, SIGINT,
    SIGCHLD};

static volatile sig_atomic_t came[NSIG];

static void
on_signal(int sig)
{
	if (sig == SIGINT)
		sig = SIGTERM;
	if (sig == SIGINFO)
		sig = SIGUSR2;
	came[sig] = 1;
}

void
signals_catch(sigset_t *blocked)
{
	struct sigaction sa = {.sa_handler = on_signal};
	size_t i;

	sigemptyset(blocked);
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		sigaction(caught[i], &sa, NULL);
		sigaddset(blocked, caught[i]);
	}
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, blocked, NULL);
}

void
signals_let_in(const sigset_t *blocked)
{
	sigprocmask(SIG_UNBLOCK, blocked, NULL);
	sigprocmask(SIG_BLOCK, blocked, NULL);
}

bool
signals_take(int sig)
{
	bool was = came[sig] != 0;

	came[sig] = 0;
	return (was);
}
