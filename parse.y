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
 * The grammar of flowd.conf(5), for any yacc.  Words belong to the lexer,
 * which forgets them at the end of the line: there is nothing to free here.
 */

%{
#include "build.h"

static const struct word none;
%}

%union {
	struct word w;
	int i;
}

%token START_CONF START_CLAUSES BAD
%token <w> STRING TABLENAME
%token <w> ACCEPT AFTER ALL AND ANY BEFORE BUFSIZE DATE DAYS DISCARD DST EQUALS
%token <w> EXPIRE FILENAME FLOW FORWARD GROUP INCLUDE INET INET6 JOIN LIMIT
%token <w> LISTEN LOGFILE LOGSOCK MASK ON OR PIDFILE PORT QUICK SOURCE SRC
%token <w> STATEFILE STATSFILE STORE TABLE TAG TCP_FLAGS TO
%token <w> EXPORTER EXPORTERS INNER MEMORY PACKETS PORTS SAMPLING SEPARATE
%token <w> TEMPLATES TRUST
%token <w> ALARM ARCHIVE COMPRESS KEEP MAXSIZE MERGE MINFREE NONE ROTATE STOP
%token <w> ZSTD
%token <w> BUFFER BUSYPOLL CPU WORKERS
%token GE LE NE BETWEEN OUTSIDE
%type <w> word bufsize mask archive
%type <i> not

%%

start		: START_CONF lines
		| START_CLAUSES choices		{ build_choices_end(); }
		;

choices		: clauses
		| choices or clauses
		;

or		: OR				{ build_or(&$1); }
		;

lines		: /* empty */
		| lines '\n'
		| lines statement '\n'		{ build_line(false); }
		| lines INCLUDE word '\n'	{
			lex_include(&$3);
			build_line(false);
		}
		| lines error '\n'		{
			yyerrok;
			build_line(true);
		}
		;

statement	: word '=' string		{ build_macro(&$1); }
		| LISTEN ON word bufsize	{ build_listen(&$3, &$4); }
		| FLOW SOURCE values options	{ build_sources(); }
		| LIMIT EXPORTERS word		{
			build_limit(LIMIT_EXPORTERS, &$3);
		}
		| LIMIT TEMPLATES word		{
			build_limit(LIMIT_TEMPLATES, &$3);
		}
		| LIMIT MEMORY word		{
			build_limit(LIMIT_MEMORY, &$3);
		}
		| EXPIRE TEMPLATES word		{ build_expire(&$3, &none); }
		| EXPIRE TEMPLATES word word	{ build_expire(&$3, &$4); }
		| WORKERS word			{ build_workers(&$2, false); }
		| WORKERS word CPU cpus		{ build_workers(&$2, true); }
		| BUSYPOLL word			{ build_busypoll(&$2); }
		| BUFFER word			{ build_buffer(&$2); }
		| JOIN GROUP word		{ build_group(&$3); }
		| FORWARD TO word		{ build_forward(&$3); }
		| LOGFILE word			{
			build_path(PATH_LOGFILE, &$2);
		}
		| LOGSOCK word bufsize		{
			build_path(PATH_LOGSOCK, &$2);
			build_bufsize(&$3);
		}
		| PIDFILE word			{
			build_path(PATH_PIDFILE, &$2);
		}
		| STATEFILE word		{
			build_path(PATH_STATEFILE, &$2);
		}
		| STATSFILE word		{
			build_path(PATH_STATSFILE, &$2);
		}
		| STORE word			{ build_store(&$2); }
		| archive archopts		{ build_archive_end(&$1); }
		| TABLE tablename tableparts
		| action clauses		{ build_rule_end(); }
		;

/* The original did not have these words: macros may be called so. */
word		: STRING
		| ALARM
		| ARCHIVE
		| BUFFER
		| BUSYPOLL
		| COMPRESS
		| EXPIRE
		| EXPORTER
		| EXPORTERS
		| FILENAME
		| FORWARD
		| INCLUDE
		| INNER
		| KEEP
		| LIMIT
		| MAXSIZE
		| MEMORY
		| MERGE
		| MINFREE
		| NONE
		| PACKETS
		| PORTS
		| ROTATE
		| SAMPLING
		| SEPARATE
		| STATEFILE
		| STATSFILE
		| STOP
		| TABLE
		| TEMPLATES
		| TO
		| TRUST
		| WORKERS
		| ZSTD
		;

options		: /* empty */
		| options option
		;

option		: SAMPLING word			{ build_sampling(&$1, &$2); }
		| TRUST EXPORTER		{
			build_option(&$1, SOURCE_TRUST);
		}
		| SEPARATE PORTS		{
			build_option(&$1, SOURCE_PORTS);
		}
		| INNER PACKETS			{
			build_option(&$1, SOURCE_INNER);
		}
		;

archive		: ARCHIVE word			{
			build_archive(&$2);
			$$ = $2;
		}
		;

archopts	: /* empty */
		| archopts archopt
		;

archopt		: ROTATE word			{
			build_archive_option(ARCHIVE_ROTATE, &$1, &$2);
		}
		| MERGE word			{
			build_archive_option(ARCHIVE_MERGE, &$1, &$2);
		}
		| COMPRESS NONE			{
			build_archive_compress(&$1, false, &none);
		}
		| COMPRESS ZSTD			{
			build_archive_compress(&$1, true, &none);
		}
		| COMPRESS ZSTD STRING		{
			build_archive_compress(&$1, true, &$3);
		}
		| KEEP word			{
			build_archive_option(ARCHIVE_KEEP, &$1, &$2);
		}
		| MAXSIZE word			{
			build_archive_option(ARCHIVE_MAXSIZE, &$1, &$2);
		}
		| MINFREE word minfree		{
			build_archive_option(ARCHIVE_MINFREE, &$1, &$2);
		}
		| archstore field
		| archstore '{' archfields '}'
		| archstore '{' archfields ',' '}'
		;

minfree		: /* empty */
		| EXPIRE			{
			build_archive_minfree(MINFREE_EXPIRE);
		}
		| STOP				{
			build_archive_minfree(MINFREE_STOP);
		}
		| ALARM				{
			build_archive_minfree(MINFREE_ALARM);
		}
		;

archstore	: STORE				{
			build_archive_option(ARCHIVE_STORE, &$1, &$1);
		}
		;

archfields	: field
		| archfields field
		| archfields ',' field
		;

field		: word				{ build_archive_field(&$1); }
		| TAG				{ build_archive_field(&$1); }
		;

string		: word				{
			build_member(M_WORD, &$1, &none);
		}
		| string word			{
			build_member(M_WORD, &$2, &none);
		}
		;

bufsize		: /* empty */			{ $$ = none; }
		| BUFSIZE word			{ $$ = $2; }
		;

cpus		: cpurange
		| cpus ',' cpurange
		;

cpurange	: STRING			{
			build_member(M_WORD, &$1, &none);
		}
		| STRING '-' STRING		{
			build_member(M_BETWEEN, &$1, &$3);
		}
		;

tablename	: TABLENAME			{ build_table(&$1); }
		;

tableparts	: tablepart
		| tableparts tablepart
		;

tablepart	: list				{ build_table_list(); }
		| '{' '}'
		| FILENAME word			{ build_table_file(&$2); }
		;

action		: ACCEPT			{
			build_rule(FILTER_ACCEPT, $1.line);
		}
		| DISCARD			{
			build_rule(FILTER_DISCARD, $1.line);
		}
		;

clauses		: /* empty */
		| clauses clause
		| clauses AND clause
		;

clause		: ALL				{ build_all(&$1); }
		| QUICK				{ build_quick(&$1); }
		| TAG not values		{ build_tag(&$1, $2); }
		| STRING not values		{ build_field(&$1, $2); }
		| side addr
		| side addr port
		| side port
		| INET				{
			build_family(&$1, ADDR_V4, false);
		}
		| INET6				{
			build_family(&$1, ADDR_V6, false);
		}
		| '!' INET			{
			build_family(&$2, ADDR_V4, true);
		}
		| '!' INET6			{
			build_family(&$2, ADDR_V6, true);
		}
		| TCP_FLAGS mask not EQUALS values {
			build_flags(&$1, &$2, $3);
		}
		| TCP_FLAGS not EQUALS values	{
			build_flags(&$1, &none, $2);
		}
		| TCP_FLAGS not values		{
			build_flags(&$1, &none, $2);
		}
		| DAYS days			{ build_days(&$1); }
		| DAYS '{' daylist '}'		{ build_days(&$1); }
		| AFTER STRING			{ build_time(&$1, true, &$2); }
		| BEFORE STRING			{ build_time(&$1, false, &$2); }
		| AFTER DATE STRING		{ build_date(&$1, true, &$3); }
		| BEFORE DATE STRING		{ build_date(&$1, false, &$3); }
		;

side		: SRC				{ build_side(&$1, true); }
		| DST				{ build_side(&$1, false); }
		;

addr		: not values			{ build_addr($1); }
		;

port		: PORT not values		{ build_port($2); }
		;

mask		: MASK STRING			{ $$ = $2; }
		;

days		: day
		| days ',' day
		;

daylist		: day
		| daylist day
		| daylist ',' day
		;

day		: STRING			{ build_day(&$1, &none); }
		| STRING '-' STRING		{ build_day(&$1, &$3); }
		;

not		: /* empty */			{ $$ = false; }
		| '='				{ $$ = false; }
		| '!'				{ $$ = true; }
		| NE				{ $$ = true; }
		;

values		: value
		| list
		;

list		: '{' items '}'
		| '{' items ',' '}'
		;

items		: item
		| items item
		| items ',' item
		;

item		: value
		| '!' value			{ build_member_not(); }
		;

value		: STRING			{
			build_member(M_WORD, &$1, &none);
		}
		| STRING '/' STRING		{
			build_member(M_PREFIX, &$1, &$3);
		}
		| ANY				{
			build_member(M_ANY, &$1, &none);
		}
		| TABLENAME			{
			build_member(M_TABLE, &$1, &none);
		}
		| '>' STRING			{
			build_member(M_GT, &$2, &none);
		}
		| GE STRING			{
			build_member(M_GE, &$2, &none);
		}
		| '<' STRING			{
			build_member(M_LT, &$2, &none);
		}
		| LE STRING			{
			build_member(M_LE, &$2, &none);
		}
		| STRING BETWEEN STRING		{
			build_member(M_BETWEEN, &$1, &$3);
		}
		| STRING OUTSIDE STRING		{
			build_member(M_OUTSIDE, &$1, &$3);
		}
		;
