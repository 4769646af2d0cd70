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
 * The keys of a batch's rows: dictionaries are made into words once, and rows
 * then take theirs by code.
 */

#ifndef KEYER_H
#define KEYER_H

#include <stdbool.h>
#include <stdint.h>

#include "query/keys.h"
#include "query/strip.h"

/* Values of the parts, a row each, STRIP at most. */
struct keycols {
	uint64_t *hi[KEY_PARTS]; /* of KEY_BYTES: the place in the dictionary */
	uint64_t *lo[KEY_PARTS];
	uint8_t *tag[KEY_PARTS];
	void *memory;
};

/* 0, or -1: no memory. */
int keycols_init(struct keycols *, const struct keys *);
void keycols_free(struct keycols *);

/* Either end: 0 the source, or what there is only one of; 1 the other. */
enum { SIDE_FIRST, SIDE_OTHER, SIDES };

struct keyer;

/* Borrows the keys.  NULL: no memory. */
struct keyer *keyer_new(const struct keys *, int64_t every);
void keyer_free(struct keyer *);

enum block_err keyer_load(struct keyer *, struct batch *);
/* All rows of the batch are narrow. */
bool keyer_plain(const struct keyer *);
/*
 * The column of the only part of plain keys, and of CODES the words of its
 * dictionary: IPv4 in the upper half.
 */
const struct vec *keyer_only(const struct keyer *, int side,
    const uint64_t **hi);

void keyer_strip(const struct keyer *, int side, const struct strip *,
    struct keycols *);

/*
 * Where a batch has few different keys, each is a number below this.  0: too
 * many for that.
 */
#define KEYER_DENSE 65536
uint32_t keyer_dense(const struct keyer *, int side);
void keyer_numbers(const struct keyer *, int side, const struct strip *,
    uint32_t *);
/* The other way. */
void keyer_decode(const struct keyer *, int side, const uint32_t *, uint32_t n,
    struct keycols *);

/* 1 for rows that are wide; how many they are. */
uint32_t keyer_wide(const struct keyer *, const struct keycols *, uint32_t n,
    uint8_t *wide);
/* 1 for rows whose ends are the same, or one of them is not known. */
void keyer_once(const struct keyer *, const struct keycols *,
    const struct keycols *other, uint32_t n, uint8_t *first, uint8_t *second);

/*
 * Words of n keys: word w of key i goes to k[w][i].  which: rows, NULL for
 * all.  twins: source and destination change places.
 */
void keyer_pack(const struct keyer *, int side, const struct keycols *,
    const struct strip *which, bool wide, bool twins, uint64_t *const *k);

#endif /* KEYER_H */
