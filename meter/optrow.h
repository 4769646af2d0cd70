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
 * One option of softflowd(8), as a letter, a word, or a line of a file.
 */

#ifndef METER_OPTROW_H
#define METER_OPTROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "meter/option.h"

/* What was read so far, and what is wrong with it. */
struct reading {
	struct settings *s;
	bool arguments;	  /* not the file */
	bool own_source;  /* the arguments gave one: the file's is gone */
	bool own_dests;	  /* likewise collectors */
	bool threads;	  /* -M */
	const char *file; /* of -f */
	uint32_t number;  /* that was read last */
	char why[256];
};

struct option_name {
	const char *name;
	int value;
};

struct option_row;
/* Takes a value (NULL where the row has none).  -1: see why. */
typedef int option_fn(struct reading *, const struct option_row *,
    const char *value);

struct option_row {
	int letter; /* 0: none */
	const char *word;
	const char *arg; /* what the usage calls it; NULL: yes or no */
	option_fn *set;
	size_t at;   /* where in the settings, for those who set a field */
	size_t size; /* of it */
	uint32_t min, max;
	const char *help;
};

/* The row of a word, or NULL. */
const struct option_row *option_find(const char *word);
void option_usage(FILE *);

/* The value of a name, whatever its case.  -1: see why. */
int option_choose(struct reading *, const struct option_name *, size_t n,
    const char *value);
/* Returns -1. */
int option_wrong(struct reading *, const char *why);
/* A number within the bounds of the row, into r->number. */
int option_digits(struct reading *, const struct option_row *,
    const char *value);
/* yes, no, on, off; NULL is yes. */
int option_truth(struct reading *, const char *value, bool *is);

/* Values by kind.  The first takes NULL, yes, no, on and off. */
option_fn option_flag, option_number, option_text;
/* Those that are more than a field. */
option_fn option_interface, option_file, option_receive, option_filter,
    option_collector, option_transport, option_ttl, option_source,
    option_version, option_times, option_track, option_mac, option_timeout,
    option_seconds, option_control, option_mode, option_debug, option_threads,
    option_config, option_promiscuous;

/* -1: why says what, with its line. */
int options_file(struct reading *, const char *path);

void options_default(struct settings *);
/* What nobody gave, what does not go together.  -1: see why. */
int options_settle(struct reading *);

#endif /* METER_OPTROW_H */
