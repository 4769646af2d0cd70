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
 * The tokens of flowd.conf(5), the files and macros that they come from, and
 * the messages about them.  There is one lexer, because there is one parser.
 */

#ifndef LEX_H
#define LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"

#define LEX_WORDMAX 8191

/* Text as it stood at a line; borrowed until lex_release.  s NULL: none. */
struct word {
	char *s;
	unsigned int line;
};

enum lex_mode { LEX_CONF, LEX_CLAUSES };

/* 0, or -1 after an error was said.  The input is borrowed until lex_close. */
int lex_open(const struct conf_input *, enum lex_mode);
/* Returns how many errors there were. */
size_t lex_close(void);
/* Forget the words of the line. */
void lex_release(void);

/* Go on with that file, and then behind this line.  Says what is wrong. */
void lex_include(const struct word *path);
/* The bytes of a file, to be freed; NULL after an error was said. */
char *lex_read(const struct word *path, size_t *len);
/* Define a macro, unless -D did.  0, or -1 for want of memory. */
int lex_define(const char *name, const char *value);

/* The file of the line that is read: good until lex_close. */
const char *lex_file(void);

void lex_error(const char *file, unsigned int line, const char *fmt, ...)
    __attribute__((__format__(__printf__, 3, 4)));
void lex_warning(const char *file, unsigned int line, const char *fmt, ...)
    __attribute__((__format__(__printf__, 3, 4)));

/* What yacc calls. */
int yylex(void);
void yyerror(const char *);
int yyparse(void);

#endif /* LEX_H */
