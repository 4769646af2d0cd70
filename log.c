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

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "log.h"

#define LINE_MAX_LEN 1024

static struct {
	const char *tag;
	bool foreground;
	bool verbose;
	void (*to)(void *, int, const char *);
	void *arg;
} out = {.tag = "flowd", .foreground = true};

void
log_init(const char *tag, int foreground, int verbose)
{
	out.tag = tag;
	out.foreground = foreground != 0;
	out.verbose = verbose != 0;
	if (!out.foreground)
		openlog(tag, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void
log_redirect(void (*to)(void *, int, const char *), void *arg)
{
	out.to = to;
	out.arg = arg;
}

int
log_is_verbose(void)
{
	return (out.verbose);
}

/* Nothing that could steer a terminal or fake a line. */
static void
escape(char *to, size_t size, const char *from)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c;
	size_t n = 0;

	for (; (c = (unsigned char)*from) != '\0' && n + 5 <= size; from++) {
		if (c >= 0x20 && c < 0x7f) {
			to[n++] = (char)c;
			continue;
		}
		to[n++] = '\\';
		to[n++] = 'x';
		to[n++] = hex[c >> 4];
		to[n++] = hex[c & 15];
	}
	to[n] = '\0';
}

void
log_line(int level, const char *line)
{
	char buf[LINE_MAX_LEN];
	int saved = errno;

	if (level == LOG_DEBUG && !out.verbose)
		return;
	escape(buf, sizeof(buf), line);
	if (out.to != NULL)
		out.to(out.arg, level, buf);
	else if (out.foreground)
		fprintf(stderr, "%s: %s\n", out.tag, buf);
	else
		syslog(level, "%s", buf);
	errno = saved;
}

static void LOG_PRINTF(3, 0)
    vlog(int level, int err, const char *fmt, va_list ap)
{
	char buf[LINE_MAX_LEN];
	int saved = errno, n;

	if (level == LOG_DEBUG && !out.verbose)
		return;
	if ((n = vsnprintf(buf, sizeof(buf), fmt, ap)) < 0)
		n = 0;
	if (err != 0 && (size_t)n < sizeof(buf))
		snprintf(buf + n, sizeof(buf) - (size_t)n, ": %s",
		    strerror(err));
	log_line(level, buf);
	errno = saved;
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(LOG_WARNING, errno, fmt, ap);
	va_end(ap);
}

void
log_warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(LOG_WARNING, 0, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(LOG_INFO, 0, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(LOG_DEBUG, 0, fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(LOG_CRIT, errno, fmt, ap);
	va_end(ap);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(LOG_CRIT, 0, fmt, ap);
	va_end(ap);
	exit(1);
}
