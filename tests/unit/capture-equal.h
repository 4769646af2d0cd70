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
 * Where we and libpcap may differ about a capture file, and where not.
 */

#ifndef CAPTURE_EQUAL_H
#define CAPTURE_EQUAL_H

#include <inttypes.h>

#include "capture.h"

/*
 * Its seconds and parts of them have a sign in pcap files, what is out of
 * range runs over, and simple blocks are of 1970.
 */
static inline bool
capture_same_time(int64_t ours, int64_t theirs)
{
	const int64_t wrap = INT64_C(1) << 32, second = 1000000000;
	const int64_t apart = (int64_t)((uint64_t)ours - (uint64_t)theirs);

	return (apart == 0 || apart == wrap || apart == wrap * 1000 ||
	    apart == wrap * second || apart == wrap * (second + 1) ||
	    apart == wrap * (second + 1000) || ours == 0 || theirs == 0 ||
	    ours == (wrap - 1) * second);
}

/* It cuts frames at what the head says, and believes a length. */
static inline bool
capture_same(const struct capture_frame *ours,
    const struct capture_frame *theirs)
{
	if (!capture_same_time(ours->time, theirs->time))
		return (false);
	if (ours->caplen != theirs->caplen)
		return (theirs->caplen < ours->caplen);
	return (ours->hash == theirs->hash &&
	    ours->len ==
		(theirs->len < ours->caplen ? ours->caplen : theirs->len));
}

/* Where it gives up, and we need not. */
static inline bool
capture_is_strict(const char *error)
{
	static const char *const reasons[] = {
	    "different from the type of the first interface",
	    "different from the snapshot length of the first",
	    "in pcapng dump file is too short",
	    "unsupported pcapng savefile version",
	    "Interface Description Block",
	    /* Of a section that is not the first. */
	    "in header and trailer don't match",
	    /* Of a section whose bytes are in the other order. */
	    "pcapng block size",
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strstr(error, reasons[i]) != NULL)
			return (true);
	return (false);
}

/* All that it has; no more unless it was strict. */
static inline bool
capture_as_many(const struct capture_read *ours,
    const struct capture_read *theirs)
{
	if (capture_is_strict(theirs->error))
		return (ours->n >= theirs->n);
	return (ours->n == theirs->n && ours->failed == theirs->failed &&
	    ours->opened == theirs->opened);
}

/* False: why not. */
static inline bool
capture_equal(const struct capture_read *ours,
    const struct capture_read *theirs, char *why, size_t size)
{
	size_t i;

	if (!capture_as_many(ours, theirs)) {
		(void)snprintf(why, size, "%zu frames (%.80s), %zu (%.80s)",
		    ours->n, ours->error, theirs->n, theirs->error);
		return (false);
	}
	for (i = 0; i < theirs->n && i < CAPTURE_FRAMES; i++)
		if (!capture_same(&ours->frame[i], &theirs->frame[i])) {
			(void)snprintf(why, size,
			    "frame %zu: time %" PRId64 " %" PRId64
			    ", %u %u of %u %u",
			    i, ours->frame[i].time, theirs->frame[i].time,
			    ours->frame[i].caplen, theirs->frame[i].caplen,
			    ours->frame[i].len, theirs->frame[i].len);
			return (false);
		}
	return (true);
}

#endif /* CAPTURE_EQUAL_H */
