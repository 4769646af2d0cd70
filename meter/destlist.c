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
 * The list of -n: who gets our messages, as it is written.
 */

#include <stdio.h>
#include <string.h>

#include "meter/dest.h"

#define PORT_MAX 65535

/* Numbers are checked; whatever else is a name of services(5). */
static const char *
port_wrong(const char *s)
{
	uint32_t n = 0;
	size_t i;

	if (*s == '\0')
		return ("no port");
	for (i = 0; s[i] >= '0' && s[i] <= '9'; i++)
		if ((n = n * 10 + (uint32_t)(s[i] - '0')) > PORT_MAX)
			return ("port out of range");
	if (s[i] == '\0' && n == 0)
		return ("port out of range");
	for (i = 0; s[i] != '\0'; i++)
		if (s[i] <= ' ' || s[i] == '[' || s[i] == ']' || s[i] == '\177')
			return ("malformed port");
	return (NULL);
}

/* Cut "host:port" or "[address]:port" up.  NULL, or what is wrong. */
static const char *
cut(char *s, struct dest_config *dc)
{
	char *host = s, *colon, *end;

	if (*s == '\0')
		return ("nothing between commas");
	if ((colon = strrchr(s, ':')) == NULL || strchr(colon, ']') != NULL)
		return ("no port");
	*colon = '\0';
	end = colon;
	if (*host == '[') {
		host++;
		end--;
		if (end < host || *end != ']')
			return ("malformed address");
		*end = '\0';
	}
	if (*host == '\0')
		return ("no host");
	if (strpbrk(host, "[] \t\r\n") != NULL)
		return ("malformed host");
	dc->host = host;
	dc->port = colon + 1;
	return (port_wrong(dc->port));
}

int
dest_parse(char *list, struct dest_config *dc, size_t max, char *err,
    size_t errlen)
{
	const char *wrong;
	char *s, *next = list, as_given[80];
	size_t n = 0;

	while ((s = strsep(&next, ",")) != NULL) {
		(void)snprintf(as_given, sizeof(as_given), "%s", s);
		if (n == max)
			wrong = "too many destinations";
		else
			wrong = cut(s, &dc[n]);
		if (wrong != NULL) {
			(void)snprintf(err, errlen, "\"%s\": %s", as_given,
			    wrong);
			return (-1);
		}
		n++;
	}
	return ((int)n);
}
