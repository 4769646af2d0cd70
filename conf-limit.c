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
 * Limits of what is remembered, and for how long.
 */

#include <sys/types.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "conf.h"

#define EXPIRE_MAX (365 * 86400)

/* clang-format off */
static const struct limit {
	const char *name;
	const char *expected;
	uint64_t least, most;
} limits[] = {
	[LIMIT_EXPORTERS] = { "exporters", "a number from 1 to 1000000",
	    1, 1000000 },
	[LIMIT_TEMPLATES] = { "templates", "a number from 16 to 16000000",
	    16, 16000000 },
	[LIMIT_MEMORY] = { "memory",
	    "a number of bytes from 1M to 64G, such as 64Mi",
	    1000000, UINT64_C(64) << 30 },
};
/* clang-format on */

static uint64_t *
limit_of(struct conf_limits *l, enum build_limit which)
{
	uint64_t *const of[] = {&l->exporters, &l->templates, &l->memory};

	return (of[which]);
}

void
build_limit(enum build_limit which, const struct word *w)
{
	const struct limit *l = &limits[which];
	uint64_t *of, v;

	if (build_misplaced(w->line))
		return;
	of = limit_of(&build_conf()->limits, which);
	if (build_number(w, l->most, &v) == -1 || v < l->least)
		build_expected(w, l->expected);
	else if (*of != 0)
		lex_error(lex_file(), w->line, "limit %s: given twice",
		    l->name);
	else
		*of = v;
}

/* "never", or a number and its unit, seconds if there is none. */
static int
expire_time(const char *s, uint32_t *seconds)
{
	static const struct {
		char name;
		uint32_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	unsigned long n;
	uint32_t unit = 1;
	size_t i;
	char *end;

	*seconds = 0;
	if (strcmp(s, "never") == 0)
		return (0);
	if (!isdigit((unsigned char)*s))
		return (-1);
	n = strtoul(s, &end, 10);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (*end == units[i].name) {
			unit = units[i].seconds;
			end++;
			break;
		}
	if (*end != '\0' || n == 0 || n > EXPIRE_MAX / unit)
		return (-1);
	*seconds = (uint32_t)n * unit;
	return (0);
}

void
build_expire(const struct word *time, const struct word *which)
{
	struct conf_limits *l;
	bool v9 = which->s == NULL || strcmp(which->s, "v9") == 0;
	bool ipfix = which->s == NULL || strcmp(which->s, "ipfix") == 0;
	uint32_t seconds;

	if (build_misplaced(time->line))
		return;
	l = &build_conf()->limits;
	if (expire_time(time->s, &seconds) == -1)
		build_expected(time,
		    "a time up to 365d, such as 30m, or "
		    "\"never\"");
	else if (!v9 && !ipfix)
		build_expected(which,
		    "\"v9\", \"ipfix\" or the end of the "
		    "line");
	else if ((v9 && l->expire_v9_said) || (ipfix && l->expire_ipfix_said))
		lex_error(lex_file(), time->line,
		    "expire templates: given twice for %s",
		    v9 && l->expire_v9_said ? "v9" : "ipfix");
	else {
		l->expire_v9_said = l->expire_v9_said || v9;
		l->expire_ipfix_said = l->expire_ipfix_said || ipfix;
		l->expire_v9 = v9 ? seconds : l->expire_v9;
		l->expire_ipfix = ipfix ? seconds : l->expire_ipfix;
	}
}

static void
print_expire(uint32_t seconds, const char *which, FILE *fp)
{
	if (seconds != 0)
		fprintf(fp, "expire templates %" PRIu32 "s%s\n", seconds,
		    which);
}

void
limits_print(const struct conf_limits *l, FILE *fp)
{
	struct conf_limits copy = *l;
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (*limit_of(&copy, (enum build_limit)i) != 0)
			fprintf(fp, "limit %s %" PRIu64 "\n", limits[i].name,
			    *limit_of(&copy, (enum build_limit)i));
	if (l->expire_v9 == l->expire_ipfix)
		print_expire(l->expire_v9, "", fp);
	else {
		print_expire(l->expire_v9, " v9", fp);
		print_expire(l->expire_ipfix, " ipfix", fp);
	}
}

static uint64_t
share(uint64_t of_all, uint32_t workers)
{
	return (workers < 2 ? of_all : (of_all + workers - 1) / workers);
}

struct conf_limits
conf_limits(const struct conf *c)
{
	struct conf_limits l = c->limits;

	if (l.exporters == 0)
		l.exporters = CONF_EXPORTERS;
	if (l.templates == 0)
		l.templates = CONF_TEMPLATES;
	if (l.memory == 0)
		l.memory = CONF_MEMORY;
	l.exporters = share(l.exporters, c->workers);
	l.templates = share(l.templates, c->workers);
	l.memory = share(l.memory, c->workers);
	if (l.memory > SIZE_MAX / 2)
		l.memory = SIZE_MAX / 2;
	return (l);
}
