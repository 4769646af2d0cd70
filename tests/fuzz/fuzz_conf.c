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
 * flowd.conf(5), and clauses for flowd-reader.  What parses must print to what
 * parses and prints the same, and a flow must be judged alike by both.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "filter-index.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct conf *
parse(const char *text, size_t len)
{
	const struct conf_input in = {.name = "fuzz",
	    .text = text,
	    .textlen = len,
	    .flags = CONF_NOFILES | CONF_FILTER_ONLY};

	return (conf_parse(&in));
}

static char *
print(const struct conf *c, size_t *len)
{
	char *text = NULL;
	FILE *fp;

	if ((fp = open_memstream(&text, len)) == NULL)
		abort();
	conf_print(c, fp);
	fclose(fp);
	return (text);
}

/* So often that few rules are worth an index, too. */
#define TIMES 8

/* NULL: the rules are such that there is none. */
static struct filter_index *
make_index(const struct filter *f)
{
	struct rule **order = calloc(f->n * TIMES + 1, sizeof(*order));
	struct check *checks = calloc(f->n * TIMES + 1, sizeof(*checks));
	struct filter_index *x = NULL;
	size_t i;

	if (order == NULL || checks == NULL)
		abort();
	for (i = 0; i < f->n * TIMES; i++) {
		order[i] = f->order[i % f->n];
		checks[i] = rule_check(order[i]);
	}
	if (f->n > 0 && filter_index_new(order, checks, f->n * TIMES, &x) == -1)
		abort();
	free(order);
	free(checks);
	return (x);
}

/* An index says what a walk says. */
static void
index_check(const struct filter *f, const struct filter_index *x,
    const struct flow *flow)
{
	struct calendar now = {.day = 0};
	const struct rule *r;
	size_t i, k;

	for (i = 0; i < f->n; i++) {
		r = f->order[i];
		for (k = 0; k < r->nclauses; k++)
			if (!clause_match(&r->clauses[k], flow, &now))
				break;
		if (k == r->nclauses)
			break;
	}
	if (i == f->n)
		i = f->n * TIMES;
	if (x != NULL && filter_index_find(x, flow, &now) != i)
		abort();
}

static void
judge(struct conf *a, struct conf *b)
{
	struct filter_index *x = make_index(a->filter);
	struct flow f, g;
	int i;

	memset(&f, 0, sizeof(f));
	memset(&f.has, 0xff, sizeof(f.has));
	f.src_addr.family = f.dst_addr.family = f.agent.family = ADDR_V4;
	for (i = 0; i < 32; i++) {
		f.protocol = i & 1 ? 6 : 17;
		f.src_addr.b[0] = f.dst_addr.b[3] = (uint8_t)(i * 5);
		f.dst_port = (uint16_t)(i * 20);
		f.recv_time = i * INT64_C(10000000000000);
		index_check(a->filter, x, &f);
		g = f;
		if (filter_match(a->filter, &f) != filter_match(b->filter, &g))
			abort();
	}
	filter_index_free(x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text, *first, *second;
	size_t flen, slen;
	struct conf *a, *b;

	if (len > 65536 || (text = malloc(len + 1)) == NULL)
		return (0);
	memcpy(text, data, len);
	text[len] = '\0';
	filter_free(conf_parse_clauses(text, NULL, NULL));
	a = parse(text, len);
	free(text);
	if (a == NULL)
		return (0);
	first = print(a, &flen);
	if ((b = parse(first, flen)) == NULL)
		abort();
	second = print(b, &slen);
	if (flen != slen || memcmp(first, second, flen) != 0)
		abort();
	judge(a, b);
	conf_free(a);
	conf_free(b);
	free(first);
	free(second);
	return (0);
}
