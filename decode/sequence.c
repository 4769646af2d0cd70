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
 * Sequence numbers: what never arrived.  Each domain has its own, and counts
 * in the unit of its protocol: flows (v5, v7), datagrams (v9), data records
 * (IPFIX).  They wrap at 2^32.
 */

#include "decode/state.h"

/*
 * A number that is smaller than it should be is a datagram that came late if
 * it is at most this much behind, or a duplicate, and otherwise a new
 * beginning.  That is 64 datagrams; of an IPFIX datagram with 64 records.
 */
#define LATE_DATAGRAMS 64
/* More late ones in a row than the network reorders: it has begun anew. */
#define LATE_MAX 8
/* A gap of more than this is no gap. */
#define LOST_MAX (UINT32_C(1) << 28)
/* An uptime may step back by this much (ms) with a late datagram. */
#define UPTIME_SLACK 10000

static uint32_t
late_max(uint16_t version)
{
	switch (version) {
	case NF_V5:
		return (LATE_DATAGRAMS * 30);
	case NF_V7:
		return (LATE_DATAGRAMS * 28);
	case NF_V9:
		return (LATE_DATAGRAMS);
	default:
		return (LATE_DATAGRAMS * 64);
	}
}

static bool
restarted(const struct domain *dom, const struct flow *base)
{
	uint32_t back = dom->uptime - base->sys_uptime;

	/* A wrap after 2^32 ms is a small step forward. */
	return (flow_has(base, FLOW_SYS_UPTIME) && back > UPTIME_SLACK &&
	    back < UINT32_C(1) << 31);
}

void
sequence_check(struct ctx *x, uint32_t seq, uint32_t units)
{
	struct domain *dom = x->dom;
	uint32_t ahead, behind;
	bool fresh;

	if (dom == NULL)
		return;
	ahead = seq - dom->seq_next;
	behind = dom->seq_next - seq;
	fresh = !dom->seq_known;
	if (fresh || ahead == 0)
		;
	else if (restarted(dom, &x->base))
		x->report->seq_reset = 1;
	else if (behind <= late_max(dom->version)) {
		if (++dom->seq_late <= LATE_MAX) {
			x->report->seq_reordered = 1;
			return;
		}
		x->report->seq_reset = 1;
	} else if (ahead <= LOST_MAX)
		x->report->seq_lost += ahead;
	else
		x->report->seq_reset = 1;
	dom->seq_late = 0;
	dom->seq_next = seq + units;
	dom->uptime = x->base.sys_uptime;
	/* Records of an unknown template cannot be counted: begin again. */
	dom->seq_known = !x->unknown;
}
