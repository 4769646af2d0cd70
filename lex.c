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
#include "lex.h"
#include "parse.h"

#define FILE_MAX (256 * 1024 * 1024)
#define INCLUDE_DEPTH 16
#define MACRO_DEPTH 16
#define MACRO_MAX (256 * 1024) /* bytes that macros make of one line */
#define ERRORS_MAX 100
#define BLOCK 4096

/* Words of a line: freed all at once. */
struct block {
	struct block *next;
	size_t used, size;
	char data[];
};

struct name {
	SLIST_ENTRY(name) entry;
	char s[];
};

struct macro {
	SLIST_ENTRY(macro) entry;
	char *name, *value;
	bool fixed; /* by -D */
};

/* Where characters come from: a file, or the value of a macro. */
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

static struct {
	const struct conf_input *in;
	struct source *top;
	unsigned int files, macros; /* on the stack */
	SLIST_HEAD(, name) names;
	SLIST_HEAD(, macro) defs;
	struct block *words;
	size_t expanded, errors;
	int start;     /* token that says what is parsed, once */
	bool clauses;  /* newlines are blanks */
	bool skipping; /* what comes until the newline is not worth a word */
	bool dead;     /* nothing more comes */
	int depth;     /* of braces */
	unsigned int open; /* the line of the brace */
	bool unclosed;	   /* and what ended it was no brace */
	int tok, before, before2, topic;
	unsigned int ntok; /* in this line */
	const char *text, *textbefore;
	unsigned int line;
} lx;

/* clang-format off */
static const struct keyword {
	const char *name;
	int tok;
	bool begins; /* a line */
} keywords[] = {
	{ "accept", ACCEPT, true },
	{ "after", AFTER, false },
	{ "all", ALL, false },
	{ "any", ANY, false },
	{ "before", BEFORE, false },
	{ "bufsize", BUFSIZE, false },
	{ "date", DATE, false },
	{ "days", DAYS, false },
	{ "discard", DISCARD, true },
	{ "dst", DST, false },
	{ "equals", EQUALS, false },
	{ "file", FILENAME, false },
	{ "flow", FLOW, true },
	{ "forward", FORWARD, true },
	{ "group", GROUP, false },
	{ "include", INCLUDE, true },
	{ "inet", INET, false },
	{ "inet6", INET6, false },
	{ "join", JOIN, true },
	{ "listen", LISTEN, true },
	{ "logfile", LOGFILE, true },
	{ "logsock", LOGSOCK, true },
	{ "mask", MASK, false },
	{ "on", ON, false },
	{ "pidfile", PIDFILE, true },
	{ "port", PORT, false },
	{ "quick", QUICK, false },
	{ "source", SOURCE, false },
	{ "src", SRC, false },
	{ "statsfile", STATSFILE, true },
	{ "store", STORE, true },
	{ "table", TABLE, true },
	{ "tag", TAG, false },
	{ "tcp_flags", TCP_FLAGS, false },
	{ "to", TO, false },
};

static const struct operator {
	char text[3];
	int tok;
} operators[] = {
	{ "><", BETWEEN },
	{ "<>", OUTSIDE },
	{ ">=", GE },
	{ "<=", LE },
	{ "!=", NE },
};

#define ADDRESS "an address, \"any\", <table> or a list"
#define NUMBER "a number, a range, a comparison or a list"
#define CLAUSE "a clause or the end of the line"
#define PATH "a path in quotes"
#define MORE_CLAUSES -1 /* as before: what follows a clause */

/* What may follow a token: for the message when something else did. */
static const struct expectation {
	int tok;
	const char *what;
} expectations[] = {
	{ ACCEPT, CLAUSE }, { DISCARD, CLAUSE }, { QUICK, CLAUSE },
	{ ALL, CLAUSE }, { INET, CLAUSE }, { INET6, CLAUSE },
	{ LISTEN, "\"on\"" }, { ON, "address:port" },
	{ FLOW, "\"source\"" }, { SOURCE, ADDRESS },
	{ JOIN, "\"group\"" }, { GROUP, "a multicast address" },
	{ FORWARD, "\"to\"" }, { TO, "address:port" },
	{ LOGFILE, PATH }, { LOGSOCK, PATH }, { PIDFILE, PATH },
	{ STATSFILE, PATH }, { INCLUDE, PATH }, { FILENAME, PATH },
	{ STORE, "a field" }, { BUFSIZE, "a number of bytes" },
	{ TABLE, "<name>" }, { TABLENAME, "\"{\" or \"file\"" },
	{ SRC, "an address, \"any\", <table>, a list or \"port\"" },
	{ DST, "an address, \"any\", <table>, a list or \"port\"" },
	{ PORT, NUMBER }, { TAG, "a number" },
	{ TCP_FLAGS, "\"mask\", \"equals\" or a number" },
	{ MASK, "a number" }, { EQUALS, "a number or a list" },
	{ DAYS, "a day or a range of days" }, { '-', "a day" },
	{ AFTER, "HH:MM[:SS] or \"date\"" },
	{ BEFORE, "HH:MM[:SS] or \"date\"" },
	{ DATE, "YYYY[MM[DD[HH[MM[SS]]]]]" },
	{ '=', "a value" }, { '/', "a prefix length" },
	{ '>', "a number" }, { '<', "a number or a table name" },
	{ GE, "a number" }, { LE, "a number" },
	{ BETWEEN, "a number" }, { OUTSIDE, "a number" },
	{ '!', "a value" }, { NE, "a value" },
};
/* clang-format on */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
say(bool error, const char *file, unsigned int line, const char *text)
{
	char msg[1024];
	size_t i;

	snprintf(msg, sizeof(msg), "%s:%u: %s", file, line, text);
	for (i = 0; msg[i] != '\0'; i++)
		if (!isprint((unsigned char)msg[i]))
			msg[i] = '?';
	if (lx.in->say != NULL)
		lx.in->say(lx.in->arg, error, msg);
}

void
lex_error(const char *file, unsigned int line, const char *fmt, ...)
{
	char text[768];
	va_list ap;

	if (++lx.errors > ERRORS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(true, file, line, text);
	if (lx.errors == ERRORS_MAX)
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
	SLIST_INSERT_HEAD(&lx.names, n, entry);
	return (n->s);
}

static void
pop(void)
{
	struct source *s = lx.top;

	lx.top = s->below;
	if (s->name == NULL)
		lx.macros--;
	else
		lx.files--;
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
	s->below = lx.top;
	lx.top = s;
	if (name == NULL)
		lx.macros++;
	else
		lx.files++;
	return (s);
}

static const struct source *
file_source(void)
{
	const struct source *s = lx.top;

	while (s != NULL && s->name == NULL)
		s = s->below;
	return (s);
}

const char *
lex_file(void)
{
	const struct source *s = file_source();

	return (s == NULL ? lx.in->name : s->name);
}

static unsigned int
line_now(void)
{
	const struct source *s = file_source();

	return (s == NULL ? lx.line : s->line);
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
	if (lx.in->flags & CONF_NOFILES) {
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

	for (s = lx.top; s != NULL; s = s->below)
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

	if (lx.files >= INCLUDE_DEPTH) {
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

	SLIST_FOREACH(m, &lx.defs, entry)
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
		SLIST_INSERT_HEAD(&lx.defs, m, entry);
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
lex_open(const struct conf_input *in, enum lex_mode mode)
{
	struct stat st;
	char *text;
	size_t len;

	memset(&lx, 0, sizeof(lx));
	lx.in = in;
	lx.line = 1;
	lx.clauses = mode == LEX_CLAUSES;
	lx.start = lx.clauses ? START_CLAUSES : START_CONF;
	if (define_all(in) == -1)
		return (-1);
	if (in->text != NULL)
		return (push(in->text, in->textlen, in->name) == NULL ? -1 : 0);
	if ((text = read_path(in->name, &len, &st)) == NULL) {
		char msg[512];

		lx.errors++;
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

void
lex_release(void)
{
	struct block *b;

	while ((b = lx.words) != NULL) {
		lx.words = b->next;
		free(b);
	}
}

size_t
lex_close(void)
{
	struct macro *m;
	struct name *n;

	while (lx.top != NULL)
		pop();
	lex_release();
	while ((m = SLIST_FIRST(&lx.defs)) != NULL) {
		SLIST_REMOVE_HEAD(&lx.defs, entry);
		free(m->name);
		free(m->value);
		free(m);
	}
	while ((n = SLIST_FIRST(&lx.names)) != NULL) {
		SLIST_REMOVE_HEAD(&lx.names, entry);
		free(n);
	}
	return (lx.errors);
}

static char *
keep_word(const char *s, size_t len)
{
	struct block *b = lx.words;
	size_t size = len + 1 > BLOCK ? len + 1 : BLOCK;
	char *p;

	if (b == NULL || b->size - b->used < len + 1) {
		if ((b = malloc(sizeof(*b) + size)) == NULL)
			return (NULL);
		b->used = 0;
		b->size = size;
		b->next = lx.words;
		lx.words = b;
	}
	p = b->data + b->used;
	b->used += len + 1;
	memcpy(p, s, len);
	p[len] = '\0';
	return (p);
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

/*
 * The next character, which stays.  A file always ends with a newline, and a
 * macro has none; what follows a macro may go on with its last word.
 */
static int
peek(void)
{
	struct source *s;

	while ((s = lx.top) != NULL && !lx.dead) {
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

/* Take what peek saw. */
static void
take(int c)
{
	struct source *s = lx.top;

	if (c == EOF)
		return;
	s->bol = c == '\n';
	if (s->pos < s->len)
		s->pos++;
	if (c == '\n')
		s->line++;
}

static int bad(const char *, ...) __attribute__((__format__(__printf__, 1, 2)));

/* Something that is no token: the message is ours, the parser resumes. */
static int
bad(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!lx.skipping)
		lex_error(lex_file(), lx.line, "%s", text);
	lx.skipping = true;
	while (lx.top != NULL && lx.top->name == NULL)
		pop();
	return (BAD);
}

static int
expand(void)
{
	char name[128];
	struct macro *m;
	size_t n = 0;
	int c;

	take('$');
	while ((c = peek()) != EOF && (isalnum(c) || c == '_')) {
		if (n == sizeof(name) - 1)
			return (bad("macro name too long"));
		name[n++] = (char)c;
		take(c);
	}
	name[n] = '\0';
	if (n == 0)
		return (bad("expected the name of a macro behind \"$\""));
	if ((m = macro_find(name)) == NULL)
		return (bad("macro \"%s\" is not defined", name));
	lx.expanded += strlen(m->value) + 1;
	if (lx.macros >= MACRO_DEPTH || lx.expanded > MACRO_MAX)
		return (bad("macro \"%s\" makes too much of this line: is it "
			    "part of itself?",
		    name));
	return (push(m->value, strlen(m->value), NULL) == NULL ? BAD : 0);
}

static int
finish(int tok, const char *s, size_t len)
{
	if ((yylval.w.s = keep_word(s, len)) == NULL) {
		build_nomem();
		return (BAD);
	}
	yylval.w.line = lx.line;
	return (tok);
}

static int
quoted(int quote)
{
	char buf[LEX_WORDMAX + 1];
	const struct source *s = lx.top;
	size_t n = 0;
	int c;

	take(quote);
	while ((c = peek()) != quote || lx.top != s) {
		if (c == EOF || lx.top != s)
			return (bad("the string in quotes has no end"));
		take(c);
		if (c == '\0')
			return (bad("a zero byte in a string"));
		if (c == '\n')
			continue;
		if (n == LEX_WORDMAX)
			return (bad("the string is too long"));
		buf[n++] = (char)c;
	}
	take(c);
	return (finish(STRING, buf, n));
}

static bool
in_word(int c)
{
	return (c > ' ' && c < 0x7f && strchr("(){}<>!=/#,-", c) == NULL);
}

static int
bare(void)
{
	char buf[LEX_WORDMAX + 1];
	size_t i, n = 0;
	int c;

	while (in_word(c = peek())) {
		if (n == LEX_WORDMAX)
			return (bad("the word is too long"));
		buf[n++] = (char)c;
		take(c);
	}
	buf[n] = '\0';
	for (i = 0; i < COUNT(keywords); i++)
		if (strcmp(keywords[i].name, buf) == 0)
			return (finish(keywords[i].tok, buf, n));
	return (finish(STRING, buf, n));
}

/* <name>, as one token: or 0, and nothing is taken. */
static int
table_name(void)
{
	struct source *s = lx.top;
	const char *p = s->text + s->pos + 1, *end = s->text + s->len;
	const char *name = p;

	if (p >= end || !(isalpha((unsigned char)*p) || *p == '_'))
		return (0);
	while (
	    p < end && (isalnum((unsigned char)*p) || *p == '_' || *p == '-'))
		p++;
	if (p == end || *p != '>' || p - name > LEX_WORDMAX)
		return (0);
	s->pos = (size_t)(p + 1 - s->text);
	s->bol = false;
	return (finish(TABLENAME, name, (size_t)(p - name)));
}

static int
operator(int c)
{
	char text[2] = {(char)c, '\0'};
	size_t i;
	int tok;

	if (c == '<' && (tok = table_name()) != 0)
		return (tok);
	take(c);
	text[1] = (char)peek();
	for (i = 0; i < COUNT(operators); i++)
		if (memcmp(operators[i].text, text, 2) == 0) {
			take(text[1]);
			return (finish(operators[i].tok, text, 2));
		}
	if (c == '{') {
		lx.depth++;
		lx.open = lx.line;
	} else if (c == '}' && lx.depth > 0)
		lx.depth--;
	return (finish(c, text, 1));
}

/* Does a directive begin behind this newline?  Then a "}" was forgotten. */
static bool
at_directive(void)
{
	const struct source *s = lx.top;
	const char *p = s->text + s->pos, *end = s->text + s->len, *word;
	size_t i, len;

	while (p < end && isspace((unsigned char)*p))
		p++;
	word = p;
	while (p < end && (isalnum((unsigned char)*p) || *p == '_'))
		p++;
	len = (size_t)(p - word);
	for (i = 0; i < COUNT(keywords); i++)
		if (keywords[i].begins && strlen(keywords[i].name) == len &&
		    memcmp(keywords[i].name, word, len) == 0)
			return (true);
	return (false);
}

static int
newline(void)
{
	take('\n');
	if (lx.clauses)
		return (0);
	if (lx.depth > 0) {
		if (!at_directive())
			return (0);
		lx.depth = 0;
		lx.unclosed = true;
	}
	lx.skipping = false;
	lx.expanded = 0;
	return ('\n');
}

/* A token, or 0 if what was taken is none. */
static int
token(int c)
{
	if (c == ' ' || c == '\t' || c == '\r') {
		take(c);
		return (0);
	}
	if (c == '#') {
		while (c != '\n' && c != EOF) {
			take(c);
			c = peek();
		}
		return (0);
	}
	if (c == '\n')
		return (newline());
	if (c == '$')
		return (expand());
	if (c == '"' || c == '\'')
		return (quoted(c));
	if (isalnum(c) || c == '[' || c == ':' || c == '_' || c == '*')
		return (bare());
	return (operator(c));
}

static int
next(void)
{
	int c, tok;

	do {
		if ((c = peek()) == EOF) {
			if (lx.depth == 0 || lx.clauses)
				return (0);
			lx.depth = 0;
			lx.unclosed = true;
			return ('\n');
		}
		lx.line = line_now();
		tok = token(c);
	} while (tok == 0);
	return (tok);
}

int
yylex(void)
{
	if (lx.start != 0) {
		int start = lx.start;

		lx.start = 0;
		return (start);
	}
	lx.before2 = lx.before;
	lx.before = lx.tok == '\n' ? 0 : lx.tok;
	lx.textbefore = lx.text;
	lx.ntok = lx.before == 0 ? 1 : lx.ntok + 1;
	if (lx.ntok == 1) {
		lx.topic = 0;
		lx.unclosed = false;
	}
	if ((lx.tok = next()) == 0 || lx.tok == '\n' || lx.tok == BAD)
		lx.text = NULL;
	else
		lx.text = yylval.w.s;
	if (lx.ntok == 1)
		lx.topic = lx.tok;
	return (lx.tok);
}

static const char *
expected(void)
{
	size_t i;

	if (lx.before == 0)
		return (lx.clauses ? "a clause"
				   : "a directive, a rule or name = value");
	if (lx.depth > 0 &&
	    (lx.before == STRING || lx.before == ANY || lx.before == ',' ||
		lx.before == '{' || lx.before == TABLENAME))
		return ("a value or \"}\"");
	for (i = 0; i < COUNT(expectations); i++)
		if (expectations[i].tok == lx.before &&
		    (lx.before != TABLENAME || lx.topic == TABLE))
			return (expectations[i].what);
	if (lx.topic == ACCEPT || lx.topic == DISCARD)
		return (CLAUSE);
	return (lx.clauses ? "a clause or the end" : "the end of the line");
}

/* Was the last word but one in a place where a clause begins? */
static bool
begins_clause(void)
{
	switch (lx.before2) {
	case ACCEPT:
	case DISCARD:
	case QUICK:
	case ALL:
	case INET:
	case INET6:
		return (true);
	default:
		return (lx.clauses && lx.before2 == 0);
	}
}

void
yyerror(const char *what)
{
	const char *text = lx.text, *exp;

	if (lx.skipping)
		return;
	lx.skipping = lx.tok != '\n';
	if (lx.unclosed) {
		lex_error(lex_file(), lx.open,
		    "syntax error at \"{\": expected a \"}\" behind it");
		return;
	}
	if (strncmp(what, "syntax error", 12) != 0) {
		lex_error(lex_file(), lx.line, "%s", what);
		return;
	}
	exp = expected();
	/* A word that begins a line, and no "=": the word is wrong. */
	if (lx.topic == STRING && lx.ntok == 2 && !lx.clauses) {
		text = lx.textbefore;
		exp = "a directive, a rule or name = value";
	}
	if (lx.before == STRING && begins_clause()) {
		text = lx.textbefore;
		exp = "a clause and its value";
	}
	if (text == NULL)
		lex_error(lex_file(), lx.line,
		    "syntax error at the end of the %s: expected %s",
		    lx.tok == 0 ? "text" : "line", exp);
	else
		lex_error(lex_file(), lx.line,
		    "syntax error at \"%.200s\": expected %s", text, exp);
}
