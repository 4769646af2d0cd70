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
 * The hash of a key: inline, for where the key is made.
 */

#ifndef METER_FLOWHASH_H
#define METER_FLOWHASH_H

#include <stdint.h>
#include <string.h>

#include "compat/wide.h"
#include "meter/flowtab.h"

#define FLOWHASH_WORDS (sizeof(struct flow_key) / sizeof(uint64_t))
#define FLOWHASH_SECRET 8 /* words, see flowtab_secret */

_Static_assert(FLOWHASH_WORDS == 5, "flowhash has five words");

/* In the pieces that it was written in: the processor would wait otherwise. */
static inline uint64_t
flowhash_word(const struct flow_key *key, size_t i)
{
	uint64_t word;

	memcpy(&word, (const uint8_t *)key + i * sizeof(word), sizeof(word));
	return (word);
}

/*
 * The sum of products of words, to each of which a secret one was added, is
 * the same for two keys with a chance of 2^-64, whoever chose the keys, as
 * long as the secret is not known (NH, the core of UMAC: Black, Halevi,
 * Krawczyk, Krovetz, Rogaway, 1999).  Folding it to 64 bits with two more
 * secret words spreads it over the slots.  Nothing that leaves the program
 * depends on a hash, so the secret cannot be inferred from outside either.
 */
static inline uint64_t
flowhash(const uint64_t s[FLOWHASH_SECRET], const struct flow_key *key,
    uint64_t more)
{
	struct wide m;

	m = wide_mul(flowhash_word(key, 0) + s[0],
	    flowhash_word(key, 1) + s[1]);
	m = wide_add(m,
	    wide_mul(flowhash_word(key, 2) + s[2],
		flowhash_word(key, 3) + s[3]));
	m = wide_add(m, wide_mul(flowhash_word(key, 4) + s[4], more + s[5]));
	m = wide_mul(m.lo ^ s[6], m.hi ^ s[7]);
	return (m.lo ^ m.hi);
}

#endif /* METER_FLOWHASH_H */
