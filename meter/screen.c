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

#include <sys/types.h>
#include <sys/ioctl.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "meter/screen.h"

static struct {
	struct termios before;
	sigset_t open; /* signals come while we wait only */
} screen;

static volatile sig_atomic_t quit;

static void
on_signal(int sig)
{
	if (sig != SIGWINCH)
		quit = 1;
}

bool
screen_here(void)
{
	return (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
}

static void
catch_signals(void)
{
	static const int sigs[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH};
	struct sigaction act = {.sa_handler = on_signal};
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		sigaddset(&set, sigs[i]);
	(void)sigprocmask(SIG_BLOCK, &set, &screen.open);
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		sigdelset(&screen.open, sigs[i]);
		(void)sigaction(sigs[i], &act, NULL);
	}
}

int
screen_begin(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &screen.before) == -1)
		return (-1);
	catch_signals();
	t = screen.before;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	/* Stopped, it would leave the terminal like this. */
	t.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &t) == -1)
		return (-1);
	fputs("\033[?1049h\033[?25l\033[H\033[2J", stdout);
	fflush(stdout);
	return (0);
}

void
screen_end(void)
{
	fputs("\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.before);
}

void
screen_size(int *rows, int *columns)
{
	struct winsize ws;

	*rows = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == -1)
		return;
	if (ws.ws_row > 0)
		*rows = ws.ws_row;
	if (ws.ws_col > 0)
		*columns = ws.ws_col;
}

bool
screen_wait(int ms)
{
	struct timespec ts = {.tv_sec = ms / 1000,
	    .tv_nsec = ms % 1000 * 1000000L};
	struct pollfd pfd = {.fd = STDIN_FILENO, .events = POLLIN};
	char key;
	int n;

	/* Another size is a reason to draw at once. */
	n = ppoll(&pfd, 1, &ts, &screen.open);
	if (n == 1 &&
	    (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q'))
		quit = 1;
	if (n == -1 && errno != EINTR)
		quit = 1;
	return (!quit);
}
