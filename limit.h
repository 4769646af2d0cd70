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
 * The limits of what is remembered of exporters, as the configuration has
 * them, and what is said when one is reached.
 */

#ifndef LIMIT_H
#define LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "decode/decode.h"
#include "peer.h"

struct limit {
	struct decoder *dec;  /* borrowed */
	struct peers *peers;  /* likewise */
	struct conf_limits l; /* in force */
	size_t named;	      /* peers for which there must be room */

	/* When it was said what, last. */
	int64_t said; /* ns of the monotonic clock, 0: never */
	uint64_t evicted;
	struct dec_usage usage;
};

/* A configuration comes into force: what is too much for it goes at once. */
void limit_configure(struct limit *, const struct conf *);
/* Is there memory for one more peer?  Others may go for it. */
bool limit_peer(struct limit *, enum peer_rank);
/* Their number changed. */
void limit_account(struct limit *);
/* Tell, at most once a minute, what was forgotten for want of room. */
void limit_say(struct limit *, int64_t now);

#endif /* LIMIT_H */
