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
 * Memory for what waits to be written: pieces of the system's own, so that what
 * a slow disk took is given back when it is quick again, and some to use at
 * once.  Each knows of whom its flows are.
 */

#ifndef PIECE_H
#define PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "writer.h"

#define PIECE_SPARES 16

struct piece_owner {
	void *who; /* NULL: nobody who is counted */
	uint64_t flows;
};

struct piece {
	struct writing w; /* first: a writing is a piece's */
	struct piece *next;
	uint8_t *p;
	size_t size; /* room at p */
	size_t len;
	size_t written; /* of len */
	uint64_t flows; /* behind that */
	struct piece_owner *owner;
	size_t nowners, maxowners;
	size_t settled; /* owners that are no more */
	size_t mapped;
};

struct pieces {
	size_t most;	/* bytes that may wait */
	size_t waiting; /* that do */
	struct piece *spare;
	size_t nspare;
	/* Flows of somebody were written, or are lost; may be NULL. */
	void (*settle)(void *arg, void *who, uint64_t flows, bool stored);
	void *arg;
};

void pieces_init(struct pieces *, size_t most);
/* Those that wait are gone already. */
void pieces_clear(struct pieces *);
/* No more is to wait; one piece may be more than `most`. */
bool pieces_full(const struct pieces *);

/* With room for so many bytes and owners.  NULL for want of memory. */
struct piece *piece_new(struct pieces *, size_t size, size_t owners);
/* It is what the caller has not settled that is dropped in silence. */
void piece_free(struct pieces *, struct piece *);

/* So many bytes at p + len are there. */
void piece_took(struct pieces *, struct piece *, size_t);
/* The next flows in it are of whom; there is room for one of each flow. */
void piece_owe(struct pieces *, struct piece *, void *who, uint64_t flows);
/* The first of its flows, or all of them, were written, or are lost. */
void piece_settle(struct pieces *, struct piece *, uint64_t flows, bool stored);

#endif /* PIECE_H */
