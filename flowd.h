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
 * What the command line says.
 */

#ifndef FLOWD_H
#define FLOWD_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"

#define DEFAULT_CONFIG SYSCONFDIR "/flowd.conf"
#define DEFAULT_PIDFILE RUNDIR "/flowd.pid"

#define MACROS_MAX 64

struct options {
	const char *conf_path;
	struct conf_macro macros[MACROS_MAX]; /* -D */
	size_t nmacros;
	bool foreground; /* -g, -d */
	bool verbose;	 /* -d, -v */
	bool check;	 /* -n */
	char self[1024]; /* the program, to run again */
};

/* NULL after the errors were logged. */
struct conf *options_load(const struct options *);

#endif /* FLOWD_H */
