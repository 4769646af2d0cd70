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
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/optrow.h"

/* Cut white space off both ends. */
static char *
trim(char *s)
{
	char *end = s + strlen(s);

	while (isspace((unsigned char)*s))
		s++;
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return (s);
}

/* A "quoted value", in place; only a comment may follow.  NULL: see why. */
static char *
unquote(struct reading *r, char *s)
{
	char *to = s, *from = s + 1;

	for (; *from != '"'; from++) {
		if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		if (*from == '\0') {
			snprintf(r->why, sizeof(r->why), "a quote is missing");
			return (NULL);
		}
		*to++ = *from;
	}
	*to = '\0';
	from = trim(from + 1);
	if (*from != '\0' && *from != '#') {
		snprintf(r->why, sizeof(r->why), "%.40s: behind the quote",
		    from);
		return (NULL);
	}
	return (s);
}

/* A comment begins with a # that has white space in front of it, or nothing. */
static void
cut_comment(char *s)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (s[i] == '#' &&
		    (i == 0 || isspace((unsigned char)s[i - 1]))) {
			s[i] = '\0';
			return;
		}
}

static int
set(struct reading *r, const char *word, const char *value)
{
	const struct option_row *row = option_find(word);

	if (row == NULL) {
		snprintf(r->why, sizeof(r->why), "%.60s: there is no such word",
		    word);
		return (-1);
	}
	if (row->set == NULL || row->set == option_config) {
		snprintf(r->why, sizeof(r->why), "%s: on the command line only",
		    word);
		return (-1);
	}
	if (row->arg != NULL && value == NULL) {
		snprintf(r->why, sizeof(r->why), "%s: the %s is missing", word,
		    row->arg);
		return (-1);
	}
	return (row->set(r, row, value));
}

static int
line(struct reading *r, char *s)
{
	char *word, *value = NULL, *kept = NULL;
	size_t len;

	if (*(word = trim(s)) == '\0' || *word == '#')
		return (0);
	len = strcspn(word, " \t");
	if (word[len] != '\0') {
		word[len] = '\0';
		value = trim(word + len + 1);
		if (*value != '"')
			cut_comment(value);
		else if ((value = unquote(r, value)) == NULL)
			return (-1);
		else if ((kept = strdup(value)) == NULL)
			return (-1);
		if (kept == NULL && *(value = trim(value)) == '\0')
			value = NULL;
	}
	/* Kept for ever: settings point to it. */
	if (kept == NULL && value != NULL && (kept = strdup(value)) == NULL)
		return (-1);
	return (set(r, word, kept));
}

int
options_file(struct reading *r, const char *path)
{
	char *s = NULL, why[sizeof(r->why)];
	unsigned int n = 0;
	size_t size = 0;
	int result = 0;
	FILE *fp;

	if ((fp = fopen(path, "r")) == NULL) {
		snprintf(r->why, sizeof(r->why), "%s: %s", path,
		    strerror(errno));
		return (-1);
	}
	while (result == 0 && getline(&s, &size, fp) != -1) {
		n++;
		result = line(r, s);
	}
	if (result == -1) {
		memcpy(why, r->why, sizeof(why));
		snprintf(r->why, sizeof(r->why), "%s:%u: %.150s", path, n, why);
	} else if (ferror(fp)) {
		snprintf(r->why, sizeof(r->why), "%s: %s", path,
		    strerror(errno));
		result = -1;
	}
	free(s);
	fclose(fp);
	return (result);
}
