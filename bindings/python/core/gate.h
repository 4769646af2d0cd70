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
 * A decoder that any thread may use, one at a time, and what it counted.  Pure
 * C: needs no GIL, knows no Python.
 */

#ifndef GATE_H
#define GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "decode/decode.h"

/* Where flows go: one by one, or as records of one form first (NULL: never). */
struct sink {
	void (*flow)(void *arg, const struct flow *);
	dec_records_fn records;
	void *arg;
};

struct gate {
	struct decoder *decoder;
	pthread_mutex_t lock; /* of all */
	pid_t pid;	      /* that made it */
	const struct sink *sink;
	uint64_t results[DEC_MAX];
	uint64_t *sums; /* of the numbers of reports, in the order of tallied */
};

/* NULL: no memory. */
struct gate *gate_new(const struct dec_limits *, bool names);
void gate_free(struct gate *);

/* Its use begins: false if another thread has it. */
bool gate_try(struct gate *);
void gate_wait(struct gate *);
void gate_leave(struct gate *);
/* It was made by a process that this one was forked off. */
bool gate_foreign(const struct gate *);

/* Within: as decode_packet(). */
enum dec_result gate_decode(struct gate *, const struct sink *,
    const struct dec_source *, struct rd, struct dec_report *);

/* The numbers of a report that have a sum, by name. */
struct tallied {
	const char *name;
	size_t off;
	size_t size; /* 4 or 8 */
};
extern const struct tallied gate_tallied[];
extern const size_t gate_ntallied;
uint64_t gate_number(const struct dec_report *, const struct tallied *);

#endif /* GATE_H */
