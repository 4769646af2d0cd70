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

#include <stdlib.h>
#include <string.h>

#include "query/question.h"

#define BADLEN 64

/* clang-format off */
const struct quantity_row quantities[Q_MAX] = {
	[Q_FLOWS] = { "flows", NULL,
	    "flows; one that is a sum of others counts as so many" },
	[Q_PACKETS] = { "packets", "pkts",
	    "packets" },
	[Q_OCTETS] = { "octets", "bytes",
	    "bytes" },
	[Q_REVERSE_PACKETS] = { "reverse_packets", "reverse_pkts",
	    "packets of the answer" },
	[Q_REVERSE_OCTETS] = { "reverse_octets", "reverse_bytes",
	    "bytes of the answer" },
	[Q_RECORDS] = { "records", NULL,
	    "flows as they are stored" },
	[Q_START] = { "start", "tstart",
	    "time of the first packet" },
	[Q_END] = { "end", "tend",
	    "time of the last packet" },
	[Q_DURATION] = { "duration", NULL,
	    "time from the first packet to the last" },
	[Q_PPS] = { "pps", NULL,
	    "packets per second of the duration" },
	[Q_BPS] = { "bps", NULL,
	    "bits per second of the duration" },
	[Q_BPP] = { "bpp", NULL,
	    "bytes per packet" },
};

/* Either end of a flow: the source's field, the destination's is the next. */
static const struct {
	const char *name;
	enum flow_field source;
} eithers[] = {
	{ "addr", FLOW_SRC_ADDR },
	{ "as", FLOW_SRC_AS },
	{ "if", FLOW_IN_IF },
	{ "port", FLOW_SRC_PORT },
};

/* The rule language's other words for fields. */
static const struct {
	const char *name;
	enum flow_field field;
} aliases[] = {
	{ "dst", FLOW_DST_ADDR },
	{ "in_ifndx", FLOW_IN_IF },
	{ "nexthop", FLOW_NEXT_HOP },
	{ "out_ifndx", FLOW_OUT_IF },
	{ "proto", FLOW_PROTOCOL },
	{ "src", FLOW_SRC_ADDR },
	{ "tagged", FLOW_TAG },
};
/* clang-format on */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum quantity
quantity_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < Q_MAX; i++)
		if (strcmp(quantities[i].name, name) == 0 ||
		    (quantities[i].also != NULL &&
			strcmp(quantities[i].also, name) == 0))
			return ((enum quantity)i);
	return (Q_MAX);
}

static const struct field *
field_of(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(aliases); i++)
		if (strcmp(aliases[i].name, name) == 0)
			return (&fields[aliases[i].field]);
	return (field_by_name(name));
}

/*
 * A list is taken apart at its commas.  Each part is cut to BADLEN: no name is
 * as long, and an error shows it.  True while there was one.
 */
static bool
part(const char **list, char *to)
{
	const char *s = *list;
	size_t len;

	if (s == NULL)
		return (false);
	len = strcspn(s, ",");
	*list = s[len] == ',' ? s + len + 1 : NULL;
	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	if (len > BADLEN - 1)
		len = BADLEN - 1;
	memcpy(to, s, len);
	to[len] = '\0';
	return (true);
}

/* A number of at most three digits; -1 if it is none, or too large. */
static int
bits(const char *s, int most)
{
	int n = 0;

	if (s[0] == '\0' || strlen(s) > 3)
		return (-1);
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return (-1);
		n = n * 10 + (*s - '0');
	}
	return (n <= most ? n : -1);
}

/* "24", "64" or "24/64" */
static int
key_bits(struct key *k, char *s)
{
	char *second = strchr(s, '/');
	int n;

	if (k->field->type != FT_ADDR)
		return (-1);
	if (second != NULL) {
		*second++ = '\0';
		if ((n = bits(second, 128)) == -1)
			return (-1);
		k->bits6 = (uint8_t)n;
	}
	if ((n = bits(s, second != NULL ? 32 : 128)) == -1)
		return (-1);
	if (n <= 32)
		k->bits4 = (uint8_t)n;
	else
		k->bits6 = (uint8_t)n;
	return (0);
}

static int
key_parse(struct key *k, char *s)
{
	char *slash = strchr(s, '/');
	size_t i;

	memset(k, 0, sizeof(*k));
	k->bits4 = 32;
	k->bits6 = 128;
	if (slash != NULL)
		*slash++ = '\0';
	for (i = 0; i < COUNT(eithers); i++)
		if (strcmp(eithers[i].name, s) == 0) {
			k->field = &fields[eithers[i].source];
			k->either = true;
		}
	if (k->field == NULL && (k->field = field_of(s)) == NULL)
		return (-1);
	return (slash == NULL ? 0 : key_bits(k, slash));
}

static bool
key_equal(const struct key *a, const struct key *b)
{
	return (a->field == b->field && a->either == b->either &&
	    a->bits4 == b->bits4 && a->bits6 == b->bits6);
}

int
question_keys(struct question *q, const char *list, char *bad)
{
	char text[BADLEN];
	struct key k;
	size_t i;

	q->nkeys = 0;
	while (part(&list, bad)) {
		memcpy(text, bad, sizeof(text));
		if (q->nkeys == KEYS_MAX || key_parse(&k, text) == -1)
			return (-1);
		for (i = 0; i < q->nkeys; i++)
			if (key_equal(&q->keys[i], &k))
				return (-1);
		q->keys[q->nkeys++] = k;
	}
	return (0);
}

/* What counts is wanted with the largest first. */
static bool
starts_ascending(const struct order *o)
{
	return (o->by == Q_START || o->by == Q_END || o->by == Q_MAX);
}

/* A sign before the name, or a word behind it. */
static int
direction(char **name, int *ascending)
{
	char *s = *name, *colon = strchr(s, ':');

	if (s[0] == '-' || s[0] == '+') {
		*ascending = s[0] == '+';
		*name = s + 1;
	}
	if (colon == NULL)
		return (0);
	*colon++ = '\0';
	if (*ascending != -1)
		return (-1);
	if (strcmp(colon, "asc") == 0 || strcmp(colon, "a") == 0)
		*ascending = 1;
	else if (strcmp(colon, "desc") == 0 || strcmp(colon, "d") == 0)
		*ascending = 0;
	else
		return (-1);
	return (0);
}

static int
order_parse(struct order *o, char *s)
{
	int ascending = -1;

	memset(o, 0, sizeof(*o));
	if (direction(&s, &ascending) == -1)
		return (-1);
	if ((o->by = quantity_by_name(s)) == Q_MAX &&
	    (o->field = field_of(s)) == NULL)
		return (-1);
	o->ascending = ascending == -1 ? starts_ascending(o) : ascending == 1;
	return (0);
}

int
question_orders(struct question *q, const char *list, char *bad)
{
	char text[BADLEN];
	struct order o;

	q->norders = 0;
	while (part(&list, bad)) {
		memcpy(text, bad, sizeof(text));
		if (q->norders == ORDERS_MAX || order_parse(&o, text) == -1)
			return (-1);
		q->orders[q->norders++] = o;
	}
	return (0);
}
