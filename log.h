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
 * Where the daemon's messages go: syslog, standard error in the foreground,
 * or, in the collector, the parent.
 */

#ifndef LOG_H
#define LOG_H

#include <stdarg.h>
#include <stddef.h>

/* tag is borrowed for ever.  foreground: standard error, not syslog. */
void log_init(const char *tag, int foreground, int verbose);
/* Hand each line to a function instead; it must not log. */
void log_redirect(void (*)(void *arg, int level, const char *line), void *arg);
int log_is_verbose(void);

#define LOG_PRINTF(a, b) __attribute__((__format__(__printf__, a, b)))

/* errno is kept across all of them; log_warn and fatal append its text. */
void log_warn(const char *, ...) LOG_PRINTF(1, 2);
void log_warnx(const char *, ...) LOG_PRINTF(1, 2);
void log_info(const char *, ...) LOG_PRINTF(1, 2);
void log_debug(const char *, ...) LOG_PRINTF(1, 2);
void fatal(const char *, ...) __attribute__((__noreturn__)) LOG_PRINTF(1, 2);
void fatalx(const char *, ...) __attribute__((__noreturn__)) LOG_PRINTF(1, 2);

/* One line at a syslog level, with everything unprintable escaped. */
void log_line(int level, const char *line);

#endif /* LOG_H */
