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
 * The line of a client of the control socket.  What it is made of is known or
 * not, and what is said of it is plain text.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[4096];
	struct command c;
	char *line;
	size_t i;
	FILE *f;

	if (size > 255)
		size = 255;
	/* Of its own size, so that a read behind it is seen. */
	if ((line = malloc(size == 0 ? 1 : size)) == NULL)
		abort();
	memcpy(line, data, size);
	command_parse(line, size, &c);
	if (c.kind > COMMAND_ACT || (unsigned int)c.request >= REQ_MAX ||
	    c.arg > 999999999)
		abort();
	if (c.kind >= COMMAND_FLOWS && c.before == NULL)
		abort();
	memset(text, 0, sizeof(text));
	if ((f = fmemopen(text, sizeof(text), "w")) == NULL)
		abort();
	command_unknown(f, line, size);
	if (fclose(f) != 0)
		abort();
	for (i = 0; text[i] != '\0'; i++)
		if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~'))
			abort();
	if (i == 0 || text[i - 1] != '\n')
		abort();
	free(line);
	return (0);
}
