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
 * softflowctl: commands for softflowd, and its largest flows.
 */

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "meter/exchange.h"
#include "meter/screen.h"
#include "meter/top.h"

#define PATH_DEFAULT "/var/run/softflowd.ctl"
#define LINE_MAX_LEN 255 /* what softflowd takes */
#define SAMPLE "top 200"

static void
usage(FILE *f)
{
	fputs("usage: softflowctl [-h] [-c socket] command\n"
	      "       softflowctl [-c socket] top [-1] [-n rows] "
	      "[-s seconds]\n"
	      "commands: debug+ debug- delete-all dump-flows exit expire-all "
	      "help\n"
	      "          send-template shutdown start-gather statistics "
	      "[--json]\n"
	      "          stop-gather timeouts version\n",
	    f);
}

static bool
starts(const char *s, const char *with)
{
	return (strncmp(s, with, strlen(with)) == 0);
}

static bool
ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return (n >= m && strcmp(s + n - m, with) == 0);
}

/* It came, but says that nothing was done. */
static bool
refused(const char *line, bool first)
{
	if (first &&
	    (starts(line, "Unknown control command") ||
		strcmp(line, "Control command is too long") == 0))
		return (true);
	return (starts(line, "softflowd[") &&
	    (ends(line, " does not answer") || ends(line, " is gone")));
}

struct outcome {
	bool any;
	bool refused;
	struct top *top; /* or NULL: print */
};

static void
on_line(void *arg, const char *line)
{
	struct outcome *o = arg;

	o->refused = o->refused || refused(line, !o->any);
	o->any = true;
	if (o->top == NULL)
		puts(line);
	else if (!o->refused)
		top_line(o->top, line);
}

static int
run(const char *path, const char *command)
{
	struct outcome o = {.any = false};
	char why[512];

	if (exchange(path, command, on_line, &o, why, sizeof(why)) == -1) {
		fflush(stdout);
		warnx("%s", why);
		return (1);
	}
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "standard output");
	if (!o.any)
		warnx("%s: no answer", path);
	return (o.any && !o.refused ? 0 : 1);
}

struct top_options {
	const char *path;
	long rows; /* 0: as many as fit */
	double seconds;
	bool once;
};

/* 0, or -1 and the reason is in why. */
static int
sample(const char *path, struct top *t, char *why, size_t size)
{
	struct outcome o = {.top = t};

	*t = (struct top){0};
	if (exchange(path, SAMPLE, on_line, &o, why, size) == -1)
		return (-1);
	if (!o.refused && t->has_totals)
		return (0);
	snprintf(why, size, "%s: this softflowd does not know top", path);
	return (-1);
}

static void
pause_for(double seconds)
{
	struct timespec ts = {.tv_sec = (time_t)seconds};

	ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * 1e9);
	(void)nanosleep(&ts, NULL);
}

static int
top_once(const struct top_options *o)
{
	struct top_view view = {.rows = o->rows > 0 ? (size_t)o->rows : 20};
	struct top a, b = {0};
	char why[512];
	int rc;

	if ((rc = sample(o->path, &a, why, sizeof(why))) == 0) {
		pause_for(o->seconds);
		rc = sample(o->path, &b, why, sizeof(why));
	}
	if (rc == 0) {
		top_rates(&b, &a);
		top_print(stdout, &b, &view);
	} else
		warnx("%s", why);
	top_clear(&a);
	top_clear(&b);
	return (rc == 0 ? 0 : 1);
}

static void
draw(const struct top_options *o, const struct top *t)
{
	struct top_view view = {.ansi = true};
	int rows;

	screen_size(&rows, &view.width);
	view.rows = rows > 3 ? (size_t)rows - 3 : 1;
	if (o->rows > 0 && (size_t)o->rows < view.rows)
		view.rows = (size_t)o->rows;
	top_print(stdout, t, &view);
}

static int
top_live(const struct top_options *o)
{
	struct top old = {0}, t;
	char why[512];
	int rc;

	if (screen_begin() == -1)
		err(1, "terminal");
	do {
		if ((rc = sample(o->path, &t, why, sizeof(why))) == -1)
			break;
		top_rates(&t, &old);
		draw(o, &t);
		top_clear(&old);
		old = t;
		t = (struct top){0};
	} while (screen_wait((int)(o->seconds * 1000)));
	screen_end();
	top_clear(&t);
	top_clear(&old);
	if (rc == -1)
		warnx("%s", why);
	return (rc == 0 ? 0 : 1);
}

static double
value(const char *option, const char *s, double min, double max)
{
	char *end;
	double v;

	if (s == NULL)
		errx(1, "top: %s needs a number", option);
	v = strtod(s, &end);
	if (end == s || *end != '\0' || !(v >= min && v <= max))
		errx(1, "top: %s %s: not within %g and %g", option, s, min,
		    max);
	return (v);
}

static int
top(const char *path, char **argv)
{
	struct top_options o = {.path = path, .seconds = 2};

	for (; *argv != NULL; argv++) {
		if (strcmp(*argv, "-1") == 0)
			o.once = true;
		else if (strcmp(*argv, "-n") == 0) {
			o.rows = (long)value("-n", argv[1], 1, 200);
			argv++;
		} else if (strcmp(*argv, "-s") == 0) {
			o.seconds = value("-s", argv[1], 0.1, 3600);
			argv++;
		} else {
			usage(stderr);
			return (1);
		}
	}
	return (o.once || !screen_here() ? top_once(&o) : top_live(&o));
}

/* All words with a space between. */
static void
join(char **argv, char line[LINE_MAX_LEN + 1])
{
	size_t len = 0, n;

	for (; *argv != NULL; argv++) {
		n = strlen(*argv);
		if (strchr(*argv, '\n') != NULL || n + 1 > LINE_MAX_LEN - len)
			errx(1, "no such command, nor one that long");
		if (len > 0)
			line[len++] = ' ';
		memcpy(line + len, *argv, n);
		len += n;
	}
	line[len] = '\0';
}

int
main(int argc, char **argv)
{
	char line[LINE_MAX_LEN + 1];
	const char *path = PATH_DEFAULT;
	int ch;

	while ((ch = getopt(argc, argv, "+c:h")) != -1)
		switch (ch) {
		case 'c':
			path = optarg;
			break;
		case 'h':
			usage(stdout);
			return (0);
		default:
			usage(stderr);
			return (1);
		}
	if (optind == argc) {
		usage(stderr);
		return (1);
	}
	if (strcmp(argv[optind], "top") == 0)
		return (top(path, argv + optind + 1));
	join(argv + optind, line);
	return (run(path, line));
}
