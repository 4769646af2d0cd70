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
#include <sys/queue.h>
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build.h"
#include "lex-source.h"
#include "lex.h"

#define FILE_MAX (256 * 1024 * 1024)
#define INCLUDE_DEPTH 16
#define MACRO_DEPTH 16
#define MACRO_MAX (256 * 1024) /* bytes that macros make of one line */
#define ERRORS_MAX 100

/* Names of files, for messages after they are closed. */
struct name {
	SLIST_ENTRY(name) entry;
	char s[];
};

struct macro {
	SLIST_ENTRY(macro) entry;
	char *name, *value;
	bool fixed; /* by -D */
};

static struct {
	const struct conf_input *in;
	struct source *top;
	unsigned int files, macros; /* on the stack */
	SLIST_HEAD(, name) names;
	SLIST_HEAD(, macro) defs;
	size_t expanded, errors;
} src;

static void
say(bool error, const char *file, unsigned int line, const char *text)
{
	char msg[1024];
	size_t i;

	snprintf(msg, sizeof(msg), "%s:%u: %s", file, line, text);
	for (i = 0; msg[i] != '\0'; i++)
		if (!isprint((unsigned char)msg[i]))
			msg[i] = '?';
	if (src.in->say != NULL)
		src.in->say(src.in->arg, error, msg);
}

void
lex_error(const char *file, unsigned int line, const char *fmt, ...)
{
	char text[768];
	va_list ap;

	if (++src.errors > ERRORS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(true, file, line, text);
	if (src.errors == ERRORS_MAX)
		say(true, file, line, "too many errors: no more are shown");
}

void
lex_warning(const char *file, unsigned int line, const char *fmt, ...)
{
	char text[768];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(false, file, line, text);
}

static const char *
keep_name(const char *s)
{
	struct name *n;
	size_t len = strlen(s) + 1;

	if ((n = malloc(sizeof(*n) + len)) == NULL)
		return (NULL);
	memcpy(n->s, s, len);
	SLIST_INSERT_HEAD(&src.names, n, entry);
	return (n->s);
}

static void
pop(void)
{
	struct source *s = src.top;

	src.top = s->below;
	if (s->name == NULL)
		src.macros--;
	else
		src.files--;
	free(s->owned);
	free(s);
}

static struct source *
push(const char *text, size_t len, const char *name)
{
	struct source *s;

	if ((s = calloc(1, sizeof(*s))) == NULL) {
		build_nomem();
		return (NULL);
	}
	s->text = text;
	s->len = len;
	s->name = name;
	s->line = 1;
	s->bol = true;
	s->below = src.top;
	src.top = s;
	if (name == NULL)
		src.macros++;
	else
		src.files++;
	return (s);
}

static const struct source *
file_source(void)
{
	const struct source *s = src.top;

	while (s != NULL && s->name == NULL)
		s = s->below;
	return (s);
}

const char *
lex_file(void)
{
	const struct source *s = file_source();

	return (s == NULL ? src.in->name : s->name);
}

unsigned int
source_line(void)
{
	const struct source *s = file_source();

	return (s == NULL ? 0 : s->line);
}

/* Read all of it.  The size that fstat says is a hint: it may be a pipe. */
static char *
slurp(int fd, size_t *len)
{
	size_t n = 0, size = 0;
	char *buf = NULL, *more;
	ssize_t r;

	for (;;) {
		if (n == size) {
			size = size == 0 ? 8192 : size * 2;
			if (size > FILE_MAX * 2UL) {
				errno = EFBIG;
				break;
			}
			if ((more = realloc(buf, size)) == NULL)
				break;
			buf = more;
		}
		if ((r = read(fd, buf + n, size - n)) == -1 && errno == EINTR)
			continue;
		if (r == -1)
			break;
		if (r == 0) {
			*len = n;
			return (buf);
		}
		n += (size_t)r;
	}
	free(buf);
	return (NULL);
}

static char *
read_path(const char *path, size_t *len, struct stat *st)
{
	char *text = NULL;
	int fd, e;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (NULL);
	if (fstat(fd, st) != -1)
		text = slurp(fd, len);
	e = errno;
	close(fd);
	errno = e;
	return (text);
}

/* A path that does not begin at the root begins beside the file that says it.
 */
static char *
beside(const char *path)
{
	const char *file = lex_file(), *slash = strrchr(file, '/');
	int dir = slash == NULL ? 0 : (int)(slash + 1 - file);
	char *full;

	if (path[0] == '/')
		dir = 0;
	if (asprintf(&full, "%.*s%s", dir, file, path) == -1)
		return (NULL);
	return (full);
}

static char *
read_word(const struct word *w, char **full, size_t *len, struct stat *st)
{
	char *text;

	*full = NULL;
	if (src.in->flags & CONF_NOFILES) {
		lex_error(lex_file(), w->line,
		    "\"%s\": files are not read from here", w->s);
		return (NULL);
	}
	if ((*full = beside(w->s)) == NULL) {
		build_nomem();
		return (NULL);
	}
	if ((text = read_path(*full, len, st)) == NULL)
		lex_error(lex_file(), w->line, "%s: %s", *full,
		    strerror(errno));
	return (text);
}

char *
lex_read(const struct word *w, size_t *len)
{
	struct stat st;
	char *full, *text;

	text = read_word(w, &full, len, &st);
	free(full);
	return (text);
}

static bool
is_open(const struct stat *st)
{
	const struct source *s;

	for (s = src.top; s != NULL; s = s->below)
		if (s->ino != 0 && s->ino == st->st_ino && s->dev == st->st_dev)
			return (true);
	return (false);
}

static int
push_file(char *text, size_t len, const char *path, const struct stat *st)
{
	struct source *s;
	const char *name;

	if ((name = keep_name(path)) == NULL) {
		build_nomem();
		return (-1);
	}
	if ((s = push(text, len, name)) == NULL)
		return (-1);
	s->owned = text;
	s->dev = st->st_dev;
	s->ino = st->st_ino;
	return (0);
}

void
lex_include(const struct word *w)
{
	struct stat st;
	char *text, *full;
	size_t len;

	if (src.files >= INCLUDE_DEPTH) {
		lex_error(lex_file(), w->line,
		    "include \"%s\": more than %d files deep", w->s,
		    INCLUDE_DEPTH);
		return;
	}
	if ((text = read_word(w, &full, &len, &st)) == NULL) {
		free(full);
		return;
	}
	if (is_open(&st)) {
		lex_error(lex_file(), w->line,
		    "include \"%s\": the file includes itself", w->s);
		free(text);
	} else if (push_file(text, len, full, &st) == -1)
		free(text);
	free(full);
}

static struct macro *
macro_find(const char *name)
{
	struct macro *m;

	SLIST_FOREACH(m, &src.defs, entry)
		if (strcmp(m->name, name) == 0)
			return (m);
	return (NULL);
}

static int
macro_set(const char *name, const char *value, bool fixed)
{
	struct macro *m;
	char *v;

	if ((m = macro_find(name)) != NULL && m->fixed)
		return (0);
	if ((v = strdup(value)) == NULL)
		return (-1);
	if (m == NULL) {
		if ((m = calloc(1, sizeof(*m))) == NULL ||
		    (m->name = strdup(name)) == NULL) {
			free(m);
			free(v);
			return (-1);
		}
		SLIST_INSERT_HEAD(&src.defs, m, entry);
	}
	free(m->value);
	m->value = v;
	m->fixed = fixed;
	return (0);
}

int
lex_define(const char *name, const char *value)
{
	return (macro_set(name, value, false));
}

static int
define_all(const struct conf_input *in)
{
	size_t i;

	for (i = 0; i < in->nmacros; i++)
		if (macro_set(in->macros[i].name, in->macros[i].value, true) ==
		    -1) {
			build_nomem();
			return (-1);
		}
	return (0);
}

int
source_push(const struct conf_input *in)
{
	struct stat st;
	char *text;
	size_t len;

	memset(&src, 0, sizeof(src));
	src.in = in;
	if (define_all(in) == -1)
		return (-1);
	if (in->text != NULL)
		return (push(in->text, in->textlen, in->name) == NULL ? -1 : 0);
	if ((text = read_path(in->name, &len, &st)) == NULL) {
		char msg[512];

		src.errors++;
		snprintf(msg, sizeof(msg), "%s: %s", in->name, strerror(errno));
		if (in->say != NULL)
			in->say(in->arg, true, msg);
		return (-1);
	}
	if (push_file(text, len, in->name, &st) == -1) {
		free(text);
		return (-1);
	}
	return (0);
}

size_t
source_pop(void)
{
	struct macro *m;
	struct name *n;

	while (src.top != NULL)
		pop();
	while ((m = SLIST_FIRST(&src.defs)) != NULL) {
		SLIST_REMOVE_HEAD(&src.defs, entry);
		free(m->name);
		free(m->value);
		free(m);
	}
	while ((n = SLIST_FIRST(&src.names)) != NULL) {
		SLIST_REMOVE_HEAD(&src.names, entry);
		free(n);
	}
	return (src.errors);
}

/* A backslash before a newline is as if both were not there. */
static bool
continued(struct source *s)
{
	size_t left = s->len - s->pos;
	const char *p = s->text + s->pos;

	if (left >= 2 && p[0] == '\\' && p[1] == '\n')
		s->pos += 2;
	else if (left >= 3 && memcmp(p, "\\\r\n", 3) == 0)
		s->pos += 3;
	else
		return (false);
	s->line++;
	return (true);
}

int
source_peek(void)
{
	struct source *s;

	while ((s = src.top) != NULL) {
		if (s->pos < s->len) {
			if (continued(s))
				continue;
			if (s->name == NULL && s->text[s->pos] == '\n')
				return (' ');
			return ((unsigned char)s->text[s->pos]);
		}
		if (s->name != NULL && !s->bol)
			return ('\n');
		if (s->below == NULL)
			break;
		pop();
	}
	return (EOF);
}

void
source_take(int c)
{
	struct source *s = src.top;

	if (c == EOF)
		return;
	s->bol = c == '\n';
	if (s->pos < s->len)
		s->pos++;
	if (c == '\n')
		s->line++;
}

struct source *
source_top(void)
{
	return (src.top);
}

void
source_line_end(void)
{
	src.expanded = 0;
}

enum expansion
source_expand(const char *name)
{
	const struct macro *m;
	size_t len;

	if ((m = macro_find(name)) == NULL)
		return (EXPAND_UNKNOWN);
	len = strlen(m->value);
	src.expanded += len + 1;
	if (src.macros >= MACRO_DEPTH || src.expanded > MACRO_MAX)
		return (EXPAND_TOOMUCH);
	return (push(m->value, len, NULL) == NULL ? EXPAND_NOMEM : EXPANDED);
}

void
source_drop_macros(void)
{
	while (src.top != NULL && src.top->name == NULL)
		pop();
}
