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

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "lex-source.h"
#include "lex.h"
#include "parse.h"

#define BLOCK 4096

/* Words of a line: freed all at once. */
struct block {
	struct block *next;
	size_t used, size;
	char data[];
};

static struct {
	struct block *words;
	int start;     /* token that says what is parsed, once */
	bool clauses;  /* newlines are blanks */
	bool skipping; /* what comes until the newline is not worth a word */
	int depth;     /* of braces */
	unsigned int open; /* the line of the brace */
	bool unclosed;	   /* and what ended it was no brace */
	int tok, before, before2, topic;
	unsigned int ntok; /* in this line */
	const char *text, *textbefore;
	unsigned int line;
} lx;

/* Where a word is a keyword; elsewhere it is a name like any other. */
#define ANYWHERE 0x01
#define BEGINS 0x03 /* and a line begins with it */
#define IN_FLOW 0x04
#define IN_LIMIT 0x08
#define IN_EXPIRE 0x10
#define IN_ARCHIVE 0x20
#define IN_CLAUSES 0x40 /* of a filter, without a rule around them */
#define IN_WORKERS 0x80
#define FIRST 0x100 /* of a line, and nowhere else */

/* clang-format off */
static const struct keyword {
	const char *name;
	int tok;
	unsigned int where;
} keywords[] = {
	{ "accept", ACCEPT, BEGINS },
	{ "after", AFTER, ANYWHERE },
	{ "alarm", ALARM, IN_ARCHIVE },
	{ "all", ALL, ANYWHERE },
	{ "and", AND, IN_CLAUSES },
	{ "any", ANY, ANYWHERE },
	{ "archive", ARCHIVE, BEGINS },
	{ "before", BEFORE, ANYWHERE },
	{ "buffer", BUFFER, FIRST },
	{ "bufsize", BUFSIZE, ANYWHERE },
	{ "busypoll", BUSYPOLL, FIRST },
	{ "compress", COMPRESS, IN_ARCHIVE },
	{ "cpu", CPU, IN_WORKERS },
	{ "date", DATE, ANYWHERE },
	{ "days", DAYS, ANYWHERE },
	{ "discard", DISCARD, BEGINS },
	{ "dst", DST, ANYWHERE },
	{ "equals", EQUALS, ANYWHERE },
	{ "expire", EXPIRE, BEGINS },
	{ "exporter", EXPORTER, IN_FLOW },
	{ "exporters", EXPORTERS, IN_LIMIT },
	{ "file", FILENAME, ANYWHERE },
	{ "flow", FLOW, BEGINS },
	{ "forward", FORWARD, BEGINS },
	{ "group", GROUP, ANYWHERE },
	{ "include", INCLUDE, BEGINS },
	{ "inet", INET, ANYWHERE },
	{ "inet6", INET6, ANYWHERE },
	{ "inner", INNER, IN_FLOW },
	{ "join", JOIN, BEGINS },
	{ "keep", KEEP, IN_ARCHIVE },
	{ "limit", LIMIT, BEGINS },
	{ "listen", LISTEN, BEGINS },
	{ "logfile", LOGFILE, BEGINS },
	{ "logsock", LOGSOCK, BEGINS },
	{ "mask", MASK, ANYWHERE },
	{ "maxsize", MAXSIZE, IN_ARCHIVE },
	{ "memory", MEMORY, IN_LIMIT },
	{ "merge", MERGE, IN_ARCHIVE },
	{ "minfree", MINFREE, IN_ARCHIVE },
	{ "none", NONE, IN_ARCHIVE },
	{ "on", ON, ANYWHERE },
	{ "or", OR, IN_CLAUSES },
	{ "packets", PACKETS, IN_FLOW },
	{ "pidfile", PIDFILE, BEGINS },
	{ "port", PORT, ANYWHERE },
	{ "ports", PORTS, IN_FLOW },
	{ "quick", QUICK, ANYWHERE },
	{ "rotate", ROTATE, IN_ARCHIVE },
	{ "sampling", SAMPLING, IN_FLOW },
	{ "separate", SEPARATE, IN_FLOW },
	{ "source", SOURCE, ANYWHERE },
	{ "src", SRC, ANYWHERE },
	{ "statefile", STATEFILE, BEGINS },
	{ "statsfile", STATSFILE, BEGINS },
	{ "stop", STOP, IN_ARCHIVE },
	{ "store", STORE, BEGINS },
	{ "table", TABLE, BEGINS },
	{ "tag", TAG, ANYWHERE },
	{ "tcp_flags", TCP_FLAGS, ANYWHERE },
	{ "templates", TEMPLATES, IN_LIMIT | IN_EXPIRE },
	{ "to", TO, ANYWHERE },
	{ "trust", TRUST, IN_FLOW },
	{ "workers", WORKERS, FIRST },
	{ "zstd", ZSTD, IN_ARCHIVE },
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
#define OPTION                                                           \
	"\"sampling\", \"trust\", \"separate\", \"inner\" or the end of the " \
	"line"
#define MORE_CLAUSES -1 /* as before: what follows a clause */
#define ARCHIVE_OPTION                                                      \
	"\"rotate\", \"merge\", \"compress\", \"keep\", \"maxsize\", "          \
	"\"minfree\", \"store\" or the end of the line"

/* What may follow a token: for the message when something else did. */
static const struct expectation {
	int tok;
	const char *what;
	int topic; /* of the line; 0: any */
} expectations[] = {
	{ ACCEPT, CLAUSE, 0 }, { DISCARD, CLAUSE, 0 }, { QUICK, CLAUSE, 0 },
	{ ALL, CLAUSE, 0 }, { INET, CLAUSE, 0 }, { INET6, CLAUSE, 0 },
	{ LISTEN, "\"on\"", 0 }, { ON, "address:port", 0 },
	{ FLOW, "\"source\"", 0 }, { SOURCE, ADDRESS, 0 },
	{ JOIN, "\"group\"", 0 }, { GROUP, "a multicast address", 0 },
	{ FORWARD, "\"to\"", 0 }, { TO, "address:port", 0 },
	{ LOGFILE, PATH, 0 }, { LOGSOCK, PATH, 0 }, { PIDFILE, PATH, 0 },
	{ STATEFILE, PATH, 0 }, { STATSFILE, PATH, 0 }, { ARCHIVE, PATH, 0 },
	{ ROTATE, "a time that divides a day, such as 5m", 0 },
	{ MERGE, "a time that divides a day, such as 1h", 0 },
	{ COMPRESS, "\"none\" or \"zstd\"", 0 }, { NONE, ARCHIVE_OPTION, 0 },
	{ KEEP, "a time, such as 30d", 0 },
	{ MAXSIZE, "a number of bytes, such as 50G", 0 },
	{ MINFREE, "a number of bytes or a share of the disk, such as 2G or 5%", 0 },
	{ STOP, ARCHIVE_OPTION, 0 }, { ALARM, ARCHIVE_OPTION, 0 },
	{ EXPIRE, ARCHIVE_OPTION, ARCHIVE },
	{ ZSTD, "a level from 1 to 19, or " ARCHIVE_OPTION, 0 },
	{ STORE, "a field or \"{\"", ARCHIVE },
	{ INCLUDE, PATH, 0 }, { FILENAME, PATH, 0 },
	{ STORE, "a field", 0 }, { BUFSIZE, "a number of bytes", 0 },
	{ TABLE, "<name>", 0 }, { TABLENAME, "\"{\" or \"file\"", TABLE },
	{ SAMPLING, "a rate, such as 1000", 0 }, { TRUST, "\"exporter\"", 0 },
	{ SEPARATE, "\"ports\"", 0 }, { INNER, "\"packets\"", 0 },
	{ LIMIT, "\"exporters\", \"templates\" or \"memory\"", 0 },
	{ EXPORTERS, "a number", 0 }, { TEMPLATES, "a number", LIMIT },
	{ MEMORY, "a number of bytes", 0 }, { EXPIRE, "\"templates\"", 0 },
	{ TEMPLATES, "a time, such as 30m, or \"never\"", EXPIRE },
	{ SRC, "an address, \"any\", <table>, a list or \"port\"", 0 },
	{ DST, "an address, \"any\", <table>, a list or \"port\"", 0 },
	{ PORT, NUMBER, 0 }, { TAG, "a number", 0 },
	{ TCP_FLAGS, "\"mask\", \"equals\" or a number", 0 },
	{ MASK, "a number", 0 }, { EQUALS, "a number or a list", 0 },
	{ WORKERS, "a number", 0 }, { CPU, "a list such as 0,2-5", 0 },
	{ ',', "a processor", WORKERS }, { '-', "a processor", WORKERS },
	{ BUSYPOLL, "a number of microseconds", 0 },
	{ BUFFER, "a number of bytes", 0 },
	{ DAYS, "a day or a range of days", 0 }, { '-', "a day", 0 },
	{ AFTER, "HH:MM[:SS] or \"date\"", 0 },
	{ BEFORE, "HH:MM[:SS] or \"date\"", 0 },
	{ DATE, "YYYY[MM[DD[HH[MM[SS]]]]]", 0 },
	{ '=', "a value", 0 }, { '/', "a prefix length", 0 },
	{ '>', "a number", 0 }, { '<', "a number or a table name", 0 },
	{ GE, "a number", 0 }, { LE, "a number", 0 },
	{ BETWEEN, "a number", 0 }, { OUTSIDE, "a number", 0 },
	{ '!', "a value", 0 }, { NE, "a value", 0 },
};
/* clang-format on */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int
lex_open(const struct conf_input *in, enum lex_mode mode)
{
	memset(&lx, 0, sizeof(lx));
	lx.line = 1;
	lx.clauses = mode == LEX_CLAUSES;
	lx.start = lx.clauses ? START_CLAUSES : START_CONF;
	return (source_push(in));
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
	lex_release();
	return (source_pop());
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
	source_drop_macros();
	return (BAD);
}

static int
expand(void)
{
	char name[128];
	size_t n = 0;
	int c;

	source_take('$');
	while ((c = source_peek()) != EOF && (isalnum(c) || c == '_')) {
		if (n == sizeof(name) - 1)
			return (bad("macro name too long"));
		name[n++] = (char)c;
		source_take(c);
	}
	name[n] = '\0';
	if (n == 0)
		return (bad("expected the name of a macro behind \"$\""));
	switch (source_expand(name)) {
	case EXPANDED:
		return (0);
	case EXPAND_UNKNOWN:
		return (bad("macro \"%s\" is not defined", name));
	case EXPAND_TOOMUCH:
		return (bad("macro \"%s\" makes too much of this line: is it "
			    "part of itself?",
		    name));
	default:
		return (BAD);
	}
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
	const struct source *s = source_top();
	size_t n = 0;
	int c;

	source_take(quote);
	while ((c = source_peek()) != quote || source_top() != s) {
		if (c == EOF || source_top() != s)
			return (bad("the string in quotes has no end"));
		source_take(c);
		if (c == '\0')
			return (bad("a zero byte in a string"));
		if (c == '\n')
			continue;
		if (n == LEX_WORDMAX)
			return (bad("the string is too long"));
		buf[n++] = (char)c;
	}
	source_take(c);
	return (finish(STRING, buf, n));
}

static bool
in_word(int c)
{
	return (c > ' ' && c < 0x7f && strchr("(){}<>!=/#,-", c) == NULL);
}

/* What kind of keywords there are in this line, so far. */
static unsigned int
here(void)
{
	switch (lx.topic) {
	case FLOW:
		return (ANYWHERE | IN_FLOW);
	case LIMIT:
		return (ANYWHERE | IN_LIMIT);
	case EXPIRE:
		return (ANYWHERE | IN_EXPIRE);
	case ARCHIVE:
		return (ANYWHERE | IN_ARCHIVE);
	case WORKERS:
		return (ANYWHERE | IN_WORKERS);
	default:
		if (lx.clauses)
			return (ANYWHERE | IN_CLAUSES);
		return (lx.ntok == 1 ? ANYWHERE | FIRST : ANYWHERE);
	}
}

static int
bare(void)
{
	char buf[LEX_WORDMAX + 1];
	size_t i, n = 0;
	int c;

	while (in_word(c = source_peek())) {
		if (n == LEX_WORDMAX)
			return (bad("the word is too long"));
		buf[n++] = (char)c;
		source_take(c);
	}
	buf[n] = '\0';
	for (i = 0; i < COUNT(keywords); i++)
		if ((keywords[i].where & here()) != 0 &&
		    strcmp(keywords[i].name, buf) == 0)
			return (finish(keywords[i].tok, buf, n));
	return (finish(STRING, buf, n));
}

/* <name>, as one token: or 0, and nothing is taken. */
static int
table_name(void)
{
	struct source *s = source_top();
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
	source_take(c);
	text[1] = (char)source_peek();
	for (i = 0; i < COUNT(operators); i++)
		if (memcmp(operators[i].text, text, 2) == 0) {
			source_take(text[1]);
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
	const struct source *s = source_top();
	const char *p = s->text + s->pos, *end = s->text + s->len, *word;
	size_t i, len;

	while (p < end && isspace((unsigned char)*p))
		p++;
	word = p;
	while (p < end && (isalnum((unsigned char)*p) || *p == '_'))
		p++;
	len = (size_t)(p - word);
	for (i = 0; i < COUNT(keywords); i++)
		if (keywords[i].where == BEGINS &&
		    strlen(keywords[i].name) == len &&
		    memcmp(keywords[i].name, word, len) == 0)
			return (true);
	return (false);
}

static int
newline(void)
{
	source_take('\n');
	if (lx.clauses)
		return (0);
	if (lx.depth > 0) {
		if (!at_directive())
			return (0);
		lx.depth = 0;
		lx.unclosed = true;
	}
	lx.skipping = false;
	source_line_end();
	return ('\n');
}

/* A token, or 0 if what was taken is none. */
static int
token(int c)
{
	if (c == ' ' || c == '\t' || c == '\r') {
		source_take(c);
		return (0);
	}
	if (c == '#') {
		while (c != '\n' && c != EOF) {
			source_take(c);
			c = source_peek();
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
		if ((c = source_peek()) == EOF) {
			if (lx.depth == 0 || lx.clauses)
				return (0);
			lx.depth = 0;
			lx.unclosed = true;
			return ('\n');
		}
		lx.line = source_line();
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
	if (lx.topic == ARCHIVE && (lx.depth > 0 || lx.before == '{'))
		return (lx.before == '{' ? "a field" : "a field or \"}\"");
	if (lx.depth > 0 &&
	    (lx.before == STRING || lx.before == ANY || lx.before == ',' ||
		lx.before == '{' || lx.before == TABLENAME))
		return ("a value or \"}\"");
	for (i = 0; i < COUNT(expectations); i++)
		if (expectations[i].tok == lx.before &&
		    (expectations[i].topic == 0 ||
			expectations[i].topic == lx.topic))
			return (expectations[i].what);
	if (lx.topic == ACCEPT || lx.topic == DISCARD)
		return (CLAUSE);
	if (lx.before2 == WORKERS)
		return ("\"cpu\" or the end of the line");
	if (lx.topic == FLOW)
		return (OPTION);
	if (lx.topic == ARCHIVE)
		return (ARCHIVE_OPTION);
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
