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
 * Rules asked of columns: the first 8 bytes are a seed, of flows and all else
 * that is by chance.  Then there may be rules, and behind a line of "--"
 * clauses, to be taken in the place of others.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "selection-check.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct selection s = {.seed = 1};
	char *text, *mark;

	if (len < 8 || len > 4096)
		return (0);
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	memcpy(&s.seed, data, 8);
	s.seed |= 1;
	if ((text = malloc(len - 7)) == NULL)
		abort();
	memcpy(text, data + 8, len - 8);
	text[len - 8] = '\0';
	if (text[0] != '\0')
		s.rules = text;
	if ((mark = strstr(text, "--\n")) != NULL) {
		*mark = '\0';
		s.clauses = mark + 3;
	}
	selection_check(&s);
	free(text);
	return (0);
}
