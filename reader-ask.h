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
 * What is to be done, made of the words of the command line.
 */

#ifndef READER_ASK_H
#define READER_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "query/anonymize.h"
#include "query/print.h"
#include "query/question.h"
#include "query/sheet.h"
#include "reader-args.h"
#include "reader.h"

struct request {
	struct question q;
	bool answers; /* what comes out is no flows, but what they sum up to */
	bool asked;   /* more than a listing in the order of the files */
	struct print print;	  /* of flows */
	struct sheet_style style; /* of answers */
	bool quantities;	  /* --columns has some */
	const char *output;	  /* -o, or NULL */
	unsigned int store_version;
	int level; /* of zstd */
	bool anonymize;
	uint8_t key[ANONYMIZE_KEYLEN];
	struct conf *conf; /* owns the rules */
};

/* Before the files are known: all but how it is printed. */
void ask(struct request *, struct reader *, const struct args *);
/* And then that: archive tells that there are segments. */
void ask_format(struct request *, struct reader *, const struct args *,
    bool archive);
void request_clear(struct request *);
/* Can the flows be printed as they come, without batches? */
bool ask_is_plain(const struct request *, const struct reader *, bool archive);

/* reader-answer.c: the flows of all files through the question. */
struct files;
void answer_all(struct request *, struct reader *, struct files *,
    const struct args *);

/* reader-word.c: words that say how much.  0, or -1. */
int word_number(const char *, uint64_t least, uint64_t most, uint64_t *);
int word_bytes(const char *, uint64_t *);   /* 512M, 2G */
int word_duration(const char *, int64_t *); /* 5m, 1h30m, 300: ns */
int word_key(const char *, uint8_t *);	    /* of anonymizing */
/* "2055,4739"; the table is for good.  NULL and 0: any. */
int word_ports(const char *, const uint8_t **);

#endif /* READER_ASK_H */
