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
 * Sums of flows by a key: an exporter's address, or a number.
 */

#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

#define TALLY_MAX 1000000 /* keys */

struct sums {
	uint64_t records;
	uint64_t flows;
	uint64_t packets;
	uint64_t octets;
};

static inline void
sums_add(struct sums *s, const struct sums *more)
{
	s->records += more->records;
	s->flows += more->flows;
	s->packets += more->packets;
	s->octets += more->octets;
}

struct tally_entry {
	struct addr key;
	struct sums sums; /* records are 0: free */
};

/* All zeros is an empty one. */
struct tally {
	struct tally_entry *entry;
	size_t size; /* a power of two */
	size_t used;
};

void tally_clear(struct tally *);
/* A number as a key: keys sort as their numbers do. */
struct addr tally_number(uint64_t);
uint64_t tally_number_of(const struct addr *);
/* NULL, or why it cannot.  There is at least one record. */
const char *tally_add(struct tally *, const struct addr *, const struct sums *);
const char *tally_merge(struct tally *, const struct tally *);
/*
 * All entries to the front, the greatest octets first, of equal ones the
 * least key.  Nothing can be added any more.
 */
void tally_sort(struct tally *);

#endif /* TALLY_H */
