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
 * The list of -n: whatever it has, hosts and ports are texts within it that
 * are not empty, and a list made of them is read as they are.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/dest.h"

#define MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(bool is)
{
	if (!is)
		abort();
}

static void
within(const char *s, const char *list, size_t len)
{
	must(s >= list && s < list + len && *s != '\0');
	must(memchr(s, ',', strlen(s)) == NULL);
}

static void
again(const struct dest_config *dc, int n, size_t room)
{
	struct dest_config other[MAX];
	char err[100], *list, *p;
	int i;

	room = room * 3 + 1;
	must((p = list = malloc(room)) != NULL);
	for (i = 0; i < n; i++)
		p += snprintf(p, room - (size_t)(p - list), "%s[%s]:%s",
		    i > 0 ? "," : "", dc[i].host, dc[i].port);
	must(dest_parse(list, other, MAX, err, sizeof(err)) == n);
	for (i = 0; i < n; i++) {
		must(strcmp(dc[i].host, other[i].host) == 0);
		must(strcmp(dc[i].port, other[i].port) == 0);
	}
	free(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dest_config dc[MAX];
	char err[100] = "", *list;
	int i, n;

	if ((list = malloc(size + 1)) == NULL)
		return (0);
	memcpy(list, data, size);
	list[size] = '\0';
	n = dest_parse(list, dc, MAX, err, sizeof(err));
	must(n == -1 ? err[0] == '"' : n > 0 && n <= MAX && err[0] == '\0');
	for (i = 0; i < n; i++) {
		within(dc[i].host, list, size);
		within(dc[i].port, list, size);
	}
	if (n > 0)
		again(dc, n, size + 5 * MAX);
	free(list);
	return (0);
}
