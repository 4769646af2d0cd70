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
 * Observations are added to their flows, some at a time: the memory of all is
 * asked for before the first is touched.
 *
 * Counted here, of each observation: octets, fragments, flows, active.  The
 * caller counts frames and what became of them (seen[]).  Flows end through
 * the expire_fn, which calls counters_expired, and gives their extra back.
 */

#ifndef METER_ACCOUNT_H
#define METER_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "meter/counters.h"
#include "meter/expire.h"
#include "meter/flowtab.h"
#include "meter/observe.h"

#define ACCOUNT_BATCH 32

struct account_config {
	bool first_order; /* forward is the lower address: softflowd 1.1 */
	bool extra;	  /* keep a struct extra for each flow */
};

struct account;
struct extras; /* meter/extra.h, or NULL */

struct account *account_new(const struct account_config *, struct flowtab *,
    struct expire *, struct extras *, struct counters *);
void account_free(struct account *);

/*
 * The place of the next observation: fill it, then account_added, with no
 * account_flush between.
 */
struct observed *account_place(struct account *);
/*
 * It was filled.  What wants_data is accounted for before this returns, with
 * all in front of it; the rest within ACCOUNT_BATCH.
 */
void account_added(struct account *);
/* Whatever waits. */
void account_flush(struct account *);

#endif /* METER_ACCOUNT_H */
