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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "meter/duration.h"
#include "meter/optrow.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

int
option_wrong(struct reading *r, const char *why)
{
	snprintf(r->why, sizeof(r->why), "%s", why);
	return (-1);
}

static void *
field(struct reading *r, const struct option_row *row)
{
	return ((char *)r->s + row->at);
}

int
option_truth(struct reading *r, const char *value, bool *is)
{
	static const struct {
		const char *word;
		bool is;
	} words[] = {{"yes", true}, {"on", true}, {"no", false},
	    {"off", false}};
	size_t i;

	*is = true;
	if (value == NULL)
		return (0);
	for (i = 0; i < NELEM(words); i++)
		if (strcasecmp(value, words[i].word) == 0) {
			*is = words[i].is;
			return (0);
		}
	return (option_wrong(r, "expected yes or no"));
}

int
option_flag(struct reading *r, const struct option_row *row, const char *value)
{
	return (option_truth(r, value, field(r, row)));
}

/* Digits only, of a base. */
static int
in_base(struct reading *r, const struct option_row *row, const char *value,
    int base)
{
	unsigned long long n = 0;
	const char *p;

	for (p = value; *p >= '0' && *p < '0' + base && n <= row->max; p++)
		n = n * (unsigned)base + (unsigned)(*p - '0');
	if (p == value || (*p != '\0' && n <= row->max))
		return (option_wrong(r, "not a number"));
	if (n >= row->min && n <= row->max) {
		r->number = (uint32_t)n;
		return (0);
	}
	snprintf(r->why, sizeof(r->why),
	    base == 8 ? "expected %o to %o" : "expected %u to %u", row->min,
	    row->max);
	return (-1);
}

int
option_digits(struct reading *r, const struct option_row *row,
    const char *value)
{
	return (in_base(r, row, value, 10));
}

int
option_number(struct reading *r, const struct option_row *row,
    const char *value)
{
	void *at = field(r, row);

	if (in_base(r, row, value, 10) == -1)
		return (-1);
	if (row->size == sizeof(uint8_t))
		*(uint8_t *)at = (uint8_t)r->number;
	else
		memcpy(at, &r->number, sizeof(r->number));
	return (0);
}

int
option_mode(struct reading *r, const struct option_row *row, const char *value)
{
	if (in_base(r, row, value, 8) == -1)
		return (-1);
	r->s->ctl_mode = r->number;
	return (0);
}

int
option_text(struct reading *r, const struct option_row *row, const char *value)
{
	memcpy(field(r, row), &value, sizeof(value));
	return (*value == '\0' ? option_wrong(r, "is empty") : 0);
}

int
option_seconds(struct reading *r, const struct option_row *row,
    const char *value)
{
	uint32_t seconds;

	if (duration_parse(value, &seconds) == -1)
		return (option_wrong(r, "not a time such as 90, 5m or 1h30m"));
	if (seconds > row->max) {
		snprintf(r->why, sizeof(r->why), "more than %u seconds",
		    row->max);
		return (-1);
	}
	memcpy(field(r, row), &seconds, sizeof(seconds));
	return (0);
}

int
option_choose(struct reading *r, const struct option_name *names, size_t n,
    const char *value)
{
	char all[128] = "expected ";
	size_t i;

	for (i = 0; i < n; i++)
		if (strcasecmp(names[i].name, value) == 0)
			return (names[i].value);
	for (i = 0; i < n; i++) {
		if (i > 0)
			(void)strlcat(all, i + 1 < n ? ", " : " or ",
			    sizeof(all));
		(void)strlcat(all, names[i].name, sizeof(all));
	}
	return (option_wrong(r, all));
}
