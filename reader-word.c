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
 * Words of the command line that say how much.
 */

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "reader-ask.h"

#define NPORTS 65536

int
word_number(const char *s, uint64_t least, uint64_t most, uint64_t *v)
{
	const char *bad;
	long long n;

	if (most > LLONG_MAX)
		most = LLONG_MAX;
	n = strtonum(s, (long long)least, (long long)most, &bad);
	if (bad != NULL)
		return (-1);
	*v = (uint64_t)n;
	return (0);
}

/* Digits, and what stands behind them. */
static int
digits(const char **s, uint64_t *v)
{
	char *end;

	if (!isdigit((unsigned char)**s))
		return (-1);
	errno = 0;
	*v = strtoull(*s, &end, 10);
	*s = end;
	return (errno == 0 ? 0 : -1);
}

int
word_bytes(const char *s, uint64_t *v)
{
	static const char units[] = "kmgt";
	const char *unit;
	uint64_t n;
	int shift = 0;

	if (digits(&s, &n) == -1)
		return (-1);
	if (*s != '\0') {
		unit = strchr(units, tolower((unsigned char)*s));
		if (unit == NULL || (s[1] != '\0' && strcasecmp(s + 1, "b")))
			return (-1);
		shift = 10 * (int)(unit - units + 1);
	}
	if (n == 0 || n > UINT64_MAX >> shift >> 1)
		return (-1);
	*v = n << shift;
	return (0);
}

int
word_duration(const char *s, int64_t *ns)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400},
	    {'w', 604800}};
	uint64_t n;
	int64_t sum = 0, one;
	size_t i;

	do {
		if (digits(&s, &n) == -1 || n > 1000000000)
			return (-1);
		for (i = 0; i < 5 && *s != units[i].letter; i++)
			continue;
		if (i == 5 && *s != '\0')
			return (-1);
		one = (int64_t)n * (i == 5 ? 1 : units[i].seconds);
		if (i < 5)
			s++;
		sum += one;
	} while (*s != '\0' && sum <= INT64_C(1000000000));
	if (*s != '\0' || sum < 1 || sum > INT64_C(1000000000))
		return (-1);
	*ns = sum * NSEC_PER_SEC;
	return (0);
}

static int
hex_key(const char *s, size_t len, uint8_t *key)
{
	static const char hex[] = "0123456789abcdef";
	const char *p;
	size_t i;

	if (len != 2 * ANONYMIZE_KEYLEN)
		return (-1);
	memset(key, 0, ANONYMIZE_KEYLEN);
	for (i = 0; i < len; i++) {
		p = s[i] == '\0' ? NULL
				 : strchr(hex, tolower((unsigned char)s[i]));
		if (p == NULL)
			return (-1);
		key[i / 2] = (uint8_t)(key[i / 2] << 4 | (p - hex));
	}
	return (0);
}

/* 32 bytes as they are, or 64 digits and perhaps a newline. */
int
word_key(const char *s, uint8_t *key)
{
	char buf[2 * ANONYMIZE_KEYLEN + 2];
	ssize_t n;
	int fd;

	if (hex_key(s, strlen(s), key) == 0)
		return (0);
	if ((fd = open(s, O_RDONLY | O_CLOEXEC)) == -1)
		return (-1);
	n = read(fd, buf, sizeof(buf));
	close(fd);
	if (n == ANONYMIZE_KEYLEN) {
		memcpy(key, buf, ANONYMIZE_KEYLEN);
		return (0);
	}
	if (n == 2 * ANONYMIZE_KEYLEN + 1 && buf[n - 1] == '\n')
		n--;
	return (n < 0 ? -1 : hex_key(buf, (size_t)n, key));
}

int
word_ports(const char *list, const uint8_t **to)
{
	static uint8_t ports[NPORTS];
	char *copy, *rest, *one;
	uint64_t n;
	int result = 0;

	if (strcmp(list, "any") == 0) {
		*to = NULL;
		return (0);
	}
	if ((copy = strdup(list)) == NULL)
		err(READER_FAILED, NULL);
	memset(ports, 0, sizeof(ports));
	for (rest = copy; (one = strsep(&rest, ",")) != NULL && result == 0;)
		if ((result = word_number(one, 1, NPORTS - 1, &n)) == 0)
			ports[n] = 1;
	free(copy);
	*to = ports;
	return (result);
}
