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
 * Keys of groups as words of 64 bits, that compare as the keys do.  There are
 * two kinds.  Narrow is the usual one: each flow of it has all fields of the
 * key, and its addresses are IPv4.  Wide is for the others: first a byte for
 * each part that tells what it is, so no field and 0 are two, then values.
 */

#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "query/question.h"
#include "query/sheet.h"

#define KEY_PARTS (KEYS_MAX + 1)
#define KEY_NONE UINT8_MAX

enum key_kind {
	KEY_NUMBER,
	KEY_TIME, /* with the sign turned */
	KEY_ADDR,
	KEY_MAC,
	KEY_BYTES, /* always wide: zeros behind them, and the length last */
	KEY_KINDS
};

/* What a part is, in the first words of a wide key. */
enum { TAG_NONE = 0, TAG_SOME = 1, TAG_V4 = 4, TAG_V6 = 6 };

struct key_part {
	const struct field *field; /* NULL: the step of the time series */
	const struct field *other; /* the other end, of "addr" and the like */
	enum key_kind kind;
	uint8_t bits4, bits6;
	uint8_t nbits;	       /* of a narrow value */
	uint8_t twin;	       /* the part with the other end, or KEY_NONE */
	uint16_t narrow, wide; /* first word */
	uint16_t words;	       /* of a wide value */
	uint8_t narrow_shift, wide_shift;
};

struct keys {
	struct key_part part[KEY_PARTS];
	unsigned int n;
	unsigned int narrow; /* words; 0: always wide */
	unsigned int wide;
	unsigned int bits; /* of all narrow values */
	bool either;
	bool both; /* the two directions are one key: parts have twins */
};

/* A value out of a key. */
struct key_value {
	uint8_t tag;
	uint64_t hi, lo;       /* a number is hi; IPv4 in its upper half */
	const uint64_t *bytes; /* words of KEY_BYTES */
};

void keys_init(struct keys *, const struct question *);
/* Are both ends' addresses in the keys, so that directions can be told? */
bool keys_have_ends(const struct question *);
void keys_needs(const struct keys *, struct flow_set *);

void keys_value(const struct keys *, const uint64_t *k, bool wide,
    unsigned int part, struct key_value *);
/* The bytes of a MAC or a text go to buf of KEY_BYTES_MAX. */
#define KEY_BYTES_MAX 256
void keys_cell(const struct keys *, const uint64_t *k, bool wide,
    unsigned int part, char *buf, struct cell *);
void keys_column(const struct keys *, unsigned int part, struct sheet_column *);

/* Bits of a number that stay of so many. */
static inline uint64_t
key_mask(unsigned int bits, unsigned int of)
{
	uint64_t all = of == 64 ? UINT64_MAX : ((uint64_t)1 << of) - 1;

	return (bits == 0 ? 0 : all & UINT64_MAX << (of - bits));
}

#endif /* KEYS_H */
