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
 * What a client of the control socket may say: one line.
 */

#ifndef METER_COMMAND_H
#define METER_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "meter/request.h"

#define COMMAND_TOP_DEFAULT 20

enum command_kind {
	COMMAND_UNKNOWN,
	COMMAND_HELP,
	COMMAND_VERSION,
	COMMAND_STATISTICS,
	COMMAND_JSON,
	COMMAND_TIMEOUTS,
	COMMAND_FLOWS, /* text of every meter, in pieces */
	COMMAND_ACT,   /* every meter does it, and gives a number */
};

struct command {
	enum command_kind kind;
	enum request request; /* the last two */
	uint32_t arg;
	/* The line in front of text, or all of the reply of COMMAND_ACT. */
	const char *before, *behind; /* behind the number, or NULL: no number */
};

/* A line without its end. */
void command_parse(const char *, size_t len, struct command *);
/* What is said of one that is not known. */
void command_unknown(FILE *, const char *, size_t len);
void command_help(FILE *);

#endif /* METER_COMMAND_H */
