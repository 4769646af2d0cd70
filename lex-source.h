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
 * Where the characters of the language come from: files that include others,
 * and macros.  Between lex.c and lex-source.c.
 */

#ifndef LEX_SOURCE_H
#define LEX_SOURCE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"

/* A file, or the value of a macro. */
struct source {
	struct source *below;
	const char *text;
	size_t len, pos;
	char *owned;	  /* text to free, or NULL */
	const char *name; /* NULL: a macro */
	unsigned int line;
	bool bol; /* nothing read yet, or a newline last */
	dev_t dev;
	ino_t ino;
};

/* 0, or -1 after an error was said. */
int source_push(const struct conf_input *);
/* Returns how many errors there were. */
size_t source_pop(void);

/*
 * The next character, which stays.  A file always ends with a newline, and a
 * macro has none; what follows a macro may go on with its last word.
 */
int source_peek(void);
/* Take what was peeked at. */
void source_take(int c);
/* What is read: NULL at the end. */
struct source *source_top(void);
/* The line of the innermost file; 0 at the end. */
unsigned int source_line(void);
/* What macros make of a line is limited: here it ends. */
void source_line_end(void);

enum expansion { EXPANDED, EXPAND_UNKNOWN, EXPAND_TOOMUCH, EXPAND_NOMEM };

/* Go on with the value of that macro. */
enum expansion source_expand(const char *name);
/* Read no more of the macros. */
void source_drop_macros(void);

#endif /* LEX_SOURCE_H */
