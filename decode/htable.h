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
 * A hash table of nodes that stand first in what they find.  The hashes come
 * from a seed that a sender does not know.
 */

#ifndef DECODE_HTABLE_H
#define DECODE_HTABLE_H

#include <stddef.h>
#include <stdint.h>

struct hnode {
	struct hnode *next;
	uint64_t hash;
};

struct htable {
	struct hnode **slot;
	uint32_t nslots; /* a power of two */
	uint32_t count;
};

/* 0, or -1 for want of memory.  What the table grew by is added to bytes. */
int htable_add(struct htable *, struct hnode *, size_t *bytes);
void htable_remove(struct htable *, struct hnode *);
/* What the table grows by if one more goes in. */
size_t htable_growth(const struct htable *);

/* As few slots as there are nodes; what that frees is taken off bytes. */
void htable_shrink(struct htable *, size_t *bytes);

/* The nodes of that hash, one after the other; NULL ends them. */
struct hnode *htable_first(const struct htable *, uint64_t hash);
struct hnode *hnode_next(const struct hnode *);

/* A hash of a hash and a number. */
uint64_t hash_add(uint64_t hash, uint32_t n);

#endif /* DECODE_HTABLE_H */
