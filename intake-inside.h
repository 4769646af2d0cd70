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
 * What the files of the intake share.
 */

#ifndef INTAKE_INSIDE_H
#define INTAKE_INSIDE_H

#include <stdint.h>

#include "decode/decode.h"
#include "intake.h"
#include "records.h"

/* intake-count.c */
void intake_count(struct intake *, enum ledger_counter, uint64_t n);
/* What a datagram was, and was found to have. */
void intake_outcome(struct intake *, enum dec_result,
    const struct dec_report *);

_Static_assert(LEDGER_FLOWS <= 32, "tallied has a bit for each");

/* So many flows of the datagram under way. */
static inline void
intake_tally(struct intake *in, uint64_t n, enum ledger_counter c)
{
	in->tally[c - L_RECORDS] += n;
	in->tallied |= UINT32_C(1) << (c - L_RECORDS);
}

/*
 * The flows so far go into the ledger: at the end of a datagram, and before
 * any are written.  Totals come last, for a crash in between makes sums of them
 * (ledger_close_crash).
 */
void intake_settle(struct intake *);

/* intake-records.c: they go to the archive alone.  It takes all or none. */
uint32_t intake_records(void *arg, const struct records *);

/* intake-write.c */
void intake_init_sinks(struct intake *);
void intake_flush_log(struct intake *);
void intake_flush_archive(struct intake *);

#endif /* INTAKE_INSIDE_H */
