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
 * Rows of words that do not fit into memory: sorted runs of them, in a file
 * that has no name, and all runs merged.
 */

#ifndef SPILL_H
#define SPILL_H

#include <stddef.h>
#include <stdint.h>

struct spill;

/* Rows of so many words.  The file is made at the first run.  NULL: no memory.
 */
struct spill *spill_new(const char *dir, unsigned int words);
void spill_free(struct spill *);
size_t spill_runs(const struct spill *);

/* A run: rows that are sorted.  NULL, or what is wrong, until spill_free. */
const char *spill_begin(struct spill *);
const char *spill_put(struct spill *, const uint64_t *row);
const char *spill_end(struct spill *);

/*
 * Or bytes, of a file that has no runs: *off is where they went; to get them
 * back.  NULL, or what is wrong.
 */
const char *spill_write(struct spill *, const void *, size_t, uint64_t *off);
const char *spill_read(struct spill *, void *, size_t, uint64_t off);

/* <0, 0 or >0. */
typedef int spill_cmp(void *arg, const uint64_t *a, const uint64_t *b);

struct merge;

/*
 * All runs of some files in one order; memory is for buffers.  Equal rows come
 * in the order of the files and runs.  NULL: no memory.
 */
struct merge *merge_new(struct spill *const *, size_t n, size_t memory,
    spill_cmp *, void *arg);
void merge_free(struct merge *);
/* The next row, good until the next call; NULL at the end, or with *err. */
const uint64_t *merge_next(struct merge *, const char **err);

#endif /* SPILL_H */
