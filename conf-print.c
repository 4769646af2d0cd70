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
 * A configuration as text that parses back to itself.
 */

#include <inttypes.h>
#include <string.h>

#include "conf.h"
#include "store.h"

const char *
endpoint_format(const struct endpoint *e, char *buf)
{
	bool v6 = e->addr.family == ADDR_V6;
	char addr[ADDR_STRLEN];

	snprintf(buf, ENDPOINT_STRLEN, "%s%s%s%s%s:%u", v6 ? "[" : "",
	    addr_format(&e->addr, addr), e->scope[0] != '\0' ? "%" : "",
	    e->scope, v6 ? "]" : "", e->port);
	return (buf);
}

/*
 * A string cannot hold the quote that is around it; one that holds both kinds
 * was written as a word.
 */
static void
print_string(const char *s, FILE *fp)
{
	const char *quote = "\"";

	if (strchr(s, '"') != NULL)
		quote = strchr(s, '\'') != NULL ? "" : "'";
	fprintf(fp, "%s%s%s", quote, s, quote);
}

static void
print_path(const char *word, const char *path, uint32_t bufsize, FILE *fp)
{
	if (path == NULL)
		return;
	fprintf(fp, "%s ", word);
	print_string(path, fp);
	if (bufsize != 0)
		fprintf(fp, " bufsize %" PRIu32, bufsize);
	fputc('\n', fp);
}

static void
print_archive(const struct conf_archive *a, FILE *fp)
{
	if (a->dir == NULL)
		return;
	fputs("archive ", fp);
	print_string(a->dir, fp);
	archive_print(a, fp);
	fputc('\n', fp);
}

static void
print_listens(const struct conf *c, FILE *fp)
{
	const struct conf_listen *l;
	char buf[ENDPOINT_STRLEN];

	TAILQ_FOREACH(l, &c->listens, entry) {
		fputs("listen on ", fp);
		print_string(endpoint_format(&l->at, buf), fp);
		if (l->bufsize != 0)
			fprintf(fp, " bufsize %" PRIu32, l->bufsize);
		fputc('\n', fp);
	}
}

static void
print_groups(const struct conf *c, FILE *fp)
{
	const struct conf_group *g;
	char buf[ENDPOINT_STRLEN];

	TAILQ_FOREACH(g, &c->groups, entry) {
		endpoint_format(&g->group, buf);
		*strrchr(buf, ':') = '\0';
		fputs("join group ", fp);
		print_string(buf, fp);
		fputc('\n', fp);
	}
}

static void
print_forwards(const struct conf *c, FILE *fp)
{
	const struct conf_forward *f;
	char buf[ENDPOINT_STRLEN];

	TAILQ_FOREACH(f, &c->forwards, entry) {
		fputs("forward to ", fp);
		print_string(endpoint_format(&f->to, buf), fp);
		fputc('\n', fp);
	}
}

static void
print_options(const struct source_options *o, FILE *fp)
{
	if (o->sampling != 0)
		fprintf(fp, " sampling %" PRIu32, o->sampling);
	fprintf(fp, "%s%s%s", o->trusted ? " trust exporter" : "",
	    o->ports ? " separate ports" : "",
	    o->inner ? " inner packets" : "");
}

static void
print_sources(const struct conf *c, FILE *fp)
{
	const struct conf_source *s;
	char buf[PREFIX_STRLEN];

	TAILQ_FOREACH(s, &c->sources, entry) {
		if (s->prefix.addr.family == ADDR_NONE)
			fputs("flow source any", fp);
		else
			fprintf(fp,
			    s->negated ? "flow source { !%s }"
				       : "flow source %s",
			    prefix_format(&s->prefix, buf));
		if (s->options != 0)
			print_options(&c->options[s->options - 1], fp);
		fputc('\n', fp);
	}
}

void
conf_print(const struct conf *c, FILE *fp)
{
	uint32_t mask = c->store_mask;
	const char *name;

	print_path("logfile", c->logfile, 0, fp);
	print_archive(&c->archive, fp);
	print_path("logsock", c->logsock, c->logsock_bufsize, fp);
	print_path("pidfile", c->pidfile, 0, fp);
	print_path("statefile", c->statefile, 0, fp);
	print_path("statsfile", c->statsfile, 0, fp);
	print_listens(c, fp);
	print_groups(c, fp);
	print_forwards(c, fp);
	print_sources(c, fp);
	workers_print(c, fp);
	limits_print(&c->limits, fp);
	if (mask == STORE_ALL)
		fputs("store ALL\n", fp);
	else
		while ((name = store_keyword_next(&mask)) != NULL)
			fprintf(fp, "store %s\n", name);
	filter_print(c->filter, fp, false);
}
