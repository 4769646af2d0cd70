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
 * Rules and tables as text: the canonical form, which parses back to itself.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rule.h"

struct list {
	FILE *fp;
	size_t n; /* members so far */
};

static void
member(struct list *l)
{
	if (l->n++ > 0)
		fputs(", ", l->fp);
}

static int
print_member(void *arg, const struct prefix *p, bool negated)
{
	char buf[PREFIX_STRLEN];
	struct list *l = arg;

	member(l);
	fprintf(l->fp, "%s%s", negated ? "!" : "", prefix_format(p, buf));
	return (0);
}

static void
print_addrset(const struct addrset *s, FILE *fp)
{
	struct list l = {.fp = fp};
	char buf[PREFIX_STRLEN];
	size_t i;

	if (s->own == NULL && s->refs == NULL) {
		fputs(prefix_format(&s->one, buf), fp);
		return;
	}
	if (s->own == NULL && s->nrefs == 1 && !s->refs[0].negated) {
		fprintf(fp, "<%s>", s->refs[0].table->name);
		return;
	}
	fputs("{ ", fp);
	if (s->own != NULL)
		table_walk(s->own, print_member, &l);
	for (i = 0; i < s->nrefs; i++) {
		member(&l);
		fprintf(fp, "%s<%s>", s->refs[i].negated ? "!" : "",
		    s->refs[i].table->name);
	}
	fputs(" }", fp);
}

static uint64_t
max_of(const struct clause *c)
{
	if (c->kind == CL_DURATION)
		return (UINT32_MAX);
	if (c->kind == CL_FLAGS)
		return (UINT16_MAX);
	switch (c->field->type) {
	case FT_U8:
		return (UINT8_MAX);
	case FT_U16:
		return (UINT16_MAX);
	case FT_U32:
		return (UINT32_MAX);
	default:
		return (UINT64_MAX);
	}
}

static void
print_range(const struct range *r, uint64_t max, bool hex, FILE *fp)
{
	if (r->lo != r->hi && r->hi == max)
		fprintf(fp, ">= %" PRIu64, r->lo);
	else if (r->lo != r->hi)
		fprintf(fp, "%" PRIu64 ":%" PRIu64, r->lo, r->hi);
	else if (hex)
		fprintf(fp, "0x%02" PRIx64, r->lo);
	else
		fprintf(fp, "%" PRIu64, r->lo);
}

static void
print_numbers(const struct clause *c, FILE *fp)
{
	const struct numset *s = &c->u.num;
	bool hex = c->kind == CL_FLAGS ||
	    (c->kind == CL_NUMBER && c->field->bit == FLOW_TOS);
	struct list l = {.fp = fp};
	size_t i;

	if (s->n == 1) {
		print_range(&s->one, max_of(c), hex, fp);
		return;
	}
	fputs("{ ", fp);
	for (i = 0; i < s->n; i++) {
		member(&l);
		print_range(&s->all[i], max_of(c), hex, fp);
	}
	fputs(" }", fp);
}

/* What holds both kinds of quotes was written without. */
static void
print_text(const struct flow_text *t, FILE *fp)
{
	const char *quote = "\"";

	if (strchr(t->p, '"') != NULL)
		quote = strchr(t->p, '\'') != NULL ? "" : "'";
	fprintf(fp, "%s%s%s", quote, t->p, quote);
}

static void
print_texts(const struct textset *s, FILE *fp)
{
	struct list l = {.fp = fp};
	size_t i;

	if (s->n == 1) {
		print_text(&s->all[0], fp);
		return;
	}
	fputs("{ ", fp);
	for (i = 0; i < s->n; i++) {
		member(&l);
		print_text(&s->all[i], fp);
	}
	fputs(" }", fp);
}

/* The words of the original where it had one; else the name of the field. */
static const char *
word_of(const struct field *fd)
{
	switch (fd->bit) {
	case FLOW_SRC_ADDR:
	case FLOW_SRC_PORT:
		return ("src");
	case FLOW_DST_ADDR:
	case FLOW_DST_PORT:
		return ("dst");
	case FLOW_PROTOCOL:
		return ("proto");
	case FLOW_IN_IF:
		return ("in_ifndx");
	case FLOW_OUT_IF:
		return ("out_ifndx");
	case FLOW_TAG:
		return ("tagged");
	default:
		return (fd->name);
	}
}

static const char *
not_of(const struct clause *c)
{
	return (c->negated ? "! " : "");
}

/* A port that follows the address of its side does not repeat the side. */
static void
print_port(const struct clause *c, const struct clause *before, FILE *fp)
{
	if (before == NULL || before->kind != CL_ADDR ||
	    before->field->bit !=
		(c->field->bit == FLOW_SRC_PORT ? FLOW_SRC_ADDR
						: FLOW_DST_ADDR))
		fprintf(fp, " %s", word_of(c->field));
	fprintf(fp, " port %s", not_of(c));
	print_numbers(c, fp);
}

static void
print_days(uint8_t days, FILE *fp)
{
	static const char names[7][4] = {"sun", "mon", "tue", "wed", "thu",
	    "fri", "sat"};
	struct list l = {.fp = fp};
	unsigned int i;

	fputs(" days ", fp);
	for (i = 0; i < 7; i++)
		if (days & 1U << i) {
			fprintf(fp, "%s%s", l.n++ > 0 ? "," : "", names[i]);
		}
}

static void
print_of_day(const char *word, int32_t sec, FILE *fp)
{
	if (sec != -1)
		fprintf(fp, " %s %02d:%02d:%02d", word, (int)sec / 3600,
		    (int)sec / 60 % 60, (int)sec % 60);
}

static void
print_date(const char *word, const struct date *d, FILE *fp)
{
	if (d->text[0] != '\0')
		fprintf(fp, " %s date %s", word, d->text);
}

static void
print_flags(const struct clause *c, FILE *fp)
{
	fputs(" tcp_flags", fp);
	if (c->mask != UINT16_MAX)
		fprintf(fp, " mask 0x%02x", c->mask);
	fprintf(fp, " %sequals ", not_of(c));
	print_numbers(c, fp);
}

static void
print_clause(const struct clause *c, const struct clause *before, FILE *fp)
{
	switch ((enum clause_kind)c->kind) {
	case CL_ADDR:
		fprintf(fp, " %s %s", word_of(c->field), not_of(c));
		print_addrset(&c->u.addr, fp);
		break;
	case CL_NUMBER:
		fprintf(fp, " %s %s", word_of(c->field), not_of(c));
		print_numbers(c, fp);
		break;
	case CL_TEXT:
		fprintf(fp, " %s %s", word_of(c->field), not_of(c));
		print_texts(&c->u.text, fp);
		break;
	case CL_PORT:
		print_port(c, before, fp);
		break;
	case CL_FAMILY:
		fprintf(fp, " %s%s", not_of(c),
		    c->family == ADDR_V4 ? "inet" : "inet6");
		break;
	case CL_FLAGS:
		print_flags(c, fp);
		break;
	case CL_DURATION:
		fprintf(fp, " duration %s", not_of(c));
		print_numbers(c, fp);
		break;
	case CL_DAYS:
		print_days(c->days, fp);
		break;
	case CL_TIME:
		print_of_day("after", c->u.time.after, fp);
		print_of_day("before", c->u.time.before, fp);
		break;
	case CL_DATE:
		print_date("after", &c->u.date.after, fp);
		print_date("before", &c->u.date.before, fp);
		break;
	case CL_MAX:
		break;
	}
}

static void
print_rule(const struct rule *r, FILE *fp)
{
	const struct clause *before = NULL;
	size_t i;

	fputs(r->verdict == FILTER_ACCEPT ? "accept" : "discard", fp);
	if (r->tagged)
		fprintf(fp, " tag %" PRIu32, r->tag);
	if (r->quick)
		fputs(" quick", fp);
	if (r->nclauses == 0)
		fputs(" all", fp);
	for (i = 0; i < r->nclauses; i++) {
		print_clause(&r->clauses[i], before, fp);
		before = &r->clauses[i];
	}
}

/* A rule was asked about the flows that none before it in order had won. */
static void
count(const struct filter *f)
{
	uint64_t left = f->flows;
	size_t i;

	for (i = 0; f->order != NULL && i < f->n; i++) {
		f->order[i]->evaluations = left;
		left -= f->order[i]->wins;
	}
}

void
filter_print(const struct filter *f, FILE *fp, bool counts)
{
	struct filter_table *t;
	size_t i;

	TAILQ_FOREACH(t, &f->tables, entry) {
		struct list l = {.fp = fp};

		fprintf(fp, "table <%s> { ", t->name);
		table_walk(t->table, print_member, &l);
		fputs(l.n > 0 ? " }\n" : "}\n", fp);
	}
	count(f);
	for (i = 0; i < f->n; i++) {
		print_rule(f->rules[i], fp);
		if (counts)
			fprintf(fp, " # evaluations %" PRIu64 " wins %" PRIu64,
			    f->rules[i]->evaluations, f->rules[i]->wins);
		fputc('\n', fp);
	}
}
