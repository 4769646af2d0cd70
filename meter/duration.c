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

#include <stddef.h>

#include "meter/duration.h"

static const struct {
	char letter;
	uint32_t seconds;
} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};

/* The unit at *p, which goes behind it; seconds if there is none. */
static uint32_t
unit(const char **p)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (**p == units[i].letter || **p == units[i].letter - 32) {
			++*p;
			return (units[i].seconds);
		}
	return (**p == '\0' ? 1 : 0);
}

int
duration_parse(const char *s, uint32_t *seconds)
{
	uint64_t sum = 0, n;
	uint32_t each;

	if (*s == '\0')
		return (-1);
	while (*s != '\0') {
		if (*s < '0' || *s > '9')
			return (-1);
		for (n = 0; *s >= '0' && *s <= '9'; s++)
			if ((n = n * 10 + (uint64_t)(*s - '0')) > INT32_MAX)
				return (-1);
		if ((each = unit(&s)) == 0 || (sum += n * each) > INT32_MAX)
			return (-1);
	}
	*seconds = (uint32_t)sum;
	return (0);
}
